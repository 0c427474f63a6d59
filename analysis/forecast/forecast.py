"""A whole forecast: errors of the parameters for numbers of events, and events that tell rival values apart."""

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from fluxtube.analysis.energies import names as energy_names
from fluxtube.analysis.forecast.fisher import SETTLED, Derivative, Information, derivative, information
from fluxtube.analysis.forecast.parameters import ENDS, expand, value
from fluxtube.analysis.forecast.rivals import Rival, rival
from fluxtube.analysis.forecast.sky import ForecastSky, Observation
from fluxtube.analysis.inference.transport import Point
from fluxtube.errors import InputError

LEVEL = 5.0  # ln of 150 : 1, "very strong" of Kass & Raftery (1995, JASA, 90, 773)
EVENTS = tuple(float(number) for number in 10.0 ** np.arange(8.0, 14.5, 0.5))
SOURCES = {"gamma": 1.5, "displacement_perpendicular": 1.0}  # rival values where none are named


@dataclass(frozen=True)
class Forecast:
    """What comes out.

    Attributes
    ----------
    point : Point
        The truth.
    skies : list of str
        Names of the energies or mean free paths.
    events : (k,)
        Of the first energy.
    noise_level : (k,)
        N_l of the first energy [relative intensity squared].
    names : tuple of str
        Parameters that are not known.
    information : list of Information
        At each number of events; over the parameters whose derivative is known.
    rivals : list of Rival
    level : float
    notes : list of str
    description : str
        View and degrees.
    """

    point: Point
    skies: list[str]
    events: np.ndarray
    noise_level: np.ndarray
    names: tuple[str, ...]
    information: list[Information]
    rivals: list[Rival]
    level: float
    notes: list[str]
    description: str

    def error(self, name: str, alone: bool = False) -> np.ndarray:
        """Errors of a parameter, (k,); NaN where its derivative is not known."""
        known = self.information[0].names
        if name not in known:
            return np.full(self.events.size, np.nan)
        n = known.index(name)
        return np.array([(one.error_alone if alone else one.error)[n] for one in self.information])


def forecast(config, observation: Observation, free, events=EVENTS, shares=None, against=None, level: float = LEVEL) -> Forecast:
    """Forecast for a configuration.

    Parameters
    ----------
    config : Config
    observation : Observation
        The view, of `sky.whole_sky` or `sky.part_of_sky`.
    free : sequence of str
        Of `parameters.FREEABLE`: what is not known.
    events : sequence of float
        Of the first energy.
    shares : sequence of float, optional
        Events of each energy over those of the first.
    against : list of dict, optional
        Rival values, {"gamma": 1.5}; those of `SOURCES` that differ from the truth if not given.
    level : float
        Expected ln of the likelihood ratio that counts as telling them apart.

    Raises
    ------
    InputError
        The inference knows nothing of the configuration; a rival is the truth itself.
    """
    with threadpool_limits(1, "blas"):  # the matrices are small
        return _forecast(config, ForecastSky(config, observation, shares), free, events, against, level)


def _forecast(config, sky: ForecastSky, free, events, against, level: float) -> Forecast:
    observation, truth, names = sky.observation, sky.point, expand(free)
    if not np.any(sky.signal(truth)):
        raise InputError(
            "this configuration has no anisotropy (exponential free paths with density response along the field): nothing "
            "is left to measure; choose other free paths or another transport"
        )
    events = np.sort(np.asarray(events, dtype=float))
    found = {name: derivative(sky, truth, name) for name in names}
    kept = {name: one for name, one in found.items() if one.change <= SETTLED}
    if not kept:
        raise InputError("no parameter has a derivative that is known here; free another one")

    def informed(number: float) -> Information:
        return information(sky, truth, number, kept)

    if against is None:
        against = [{name: new} for name, new in SOURCES.items() if abs(value(truth, name) - new) > 1e-9]
    rivals = [rival(sky, truth, changes, tuple(kept), events, informed, level) for changes in against]
    told = [informed(number) for number in events]
    data = observation.data
    return Forecast(
        point=truth,
        skies=energy_names(config) if sky.paths.size > 1 else [],
        events=events,
        noise_level=4.0 * np.pi * observation.sky_fraction / events,
        names=names,
        information=told,
        rivals=rivals,
        level=level,
        notes=_notes(config, truth, found, told),
        description=f"{observation.description}, l = {data.l_min} to {data.l_max}, {sky.size} data",
    )


def _notes(config, truth: Point, found: dict[str, Derivative], told: list[Information]) -> list[str]:
    """What a reader must know of the numbers."""
    notes = []
    if config.turbulence.band is not None:
        notes.append("turbulence.band is left out: the likelihood of fluxtube infer is that of a power law without end")
    for name, one in found.items():
        if one.side:
            end = ENDS[name][0 if one.side == "above" else 1]
            notes.append(
                f"{name} = {value(truth, name):g} is at or near the end {end:g} of its range: its derivative is one-sided, "
                "and its error is that of a normal law which the end cuts in two"
            )
        if one.change > SETTLED:
            notes.append(
                f"{name}: its derivative changes by {one.change:.0%} where the step is halved, so that there is no Fisher "
                "information; it is taken as known"
            )
    kept = told[-1].names
    notes += [f"{name}: the sky says nothing of it here" for n, name in enumerate(kept) if told[-1].error_alone[n] == np.inf]
    for n, name in enumerate(kept):
        if name in ENDS and np.isfinite(told[-1].error[n]) and told[-1].error[n] > 0.5 * (ENDS[name][1] - ENDS[name][0]):
            notes.append(f"{name}: the error is larger than half of its range even with the most events: the range decides")
    return notes
