"""The logarithmic slope of the angular power spectrum, measured with its error, and that of the run's own theory."""

from dataclasses import dataclass

import numpy as np

from fluxtube.analysis.configured import model_of, theory_of_config
from fluxtube.analysis.diffuse import mean_multipoles
from fluxtube.analysis.validation.support import ROUNDING
from fluxtube.analysis.validation.validate import degree_ranges, open_ensemble
from fluxtube.errors import InputError
from fluxtube.sim.config import Config


@dataclass(frozen=True)
class Slope:
    """dln C_l/dln l of a run over its degrees, and what theory over the same band and degrees has.

    Attributes
    ----------
    name : str
        Of the file.
    config : Config
    l : (n,)
        Degrees of the fit.
    spectrum, spectrum_error, theory : (n,)
        C_l measured, its error, and expected.
    value, error, expected : float
        The slope, its standard error, and that of the expected C_l under the same weights.
    far : float or None
        Slope of theory far out in the inertial range, -gamma - 1 for the paper's fixed path; None for a spectrum without one.
    amplitude, amplitude_error : float
        Mean of measured over expected C_l under the same weights, and its error.
    """

    name: str
    config: Config
    l: np.ndarray
    spectrum: np.ndarray
    spectrum_error: np.ndarray
    theory: np.ndarray
    value: float
    error: float
    expected: float
    far: float | None
    amplitude: float
    amplitude_error: float

    @property
    def z(self) -> float:
        """Measured less expected slope in standard errors."""
        return (self.value - self.expected) / self.error


def measure_slope(ensemble, *, l_min: int = 8, l_max: int | None = None) -> Slope:
    """Slope of ln C_l over ln l by least squares, every degree with the weight of its 2 l + 1 orders.

    The error is that of the mean of the realisations' own influences on the slope, so that degrees and orders may be
    correlated and the flow need not be Gaussian.

    Parameters
    ----------
    ensemble : path or Ensemble
        A run that keeps the multipoles of all its realisations (output.multipoles), without shot noise.
    l_min, l_max : int
        Degrees of the fit; up to the run's last where not given.

    Raises
    ------
    InputError
        Not all realisations were kept, they hold shot noise, there is one of them, or fewer than three degrees are left; or run
        or theory holds nothing above the rounding of the sums at one of them.
    """
    ensemble = open_ensemble(ensemble)
    count, config = ensemble.realisations, ensemble.config
    if len(ensemble.samples_multipoles) < count or config.sampling.estimator != "quadrature":
        raise InputError(
            f"{ensemble.path}: the slope's error needs the multipoles of all {count} realisations by quadrature; "
            f"use output.multipoles = {count}"
        )
    if count < 2:
        raise InputError(f"{ensemble.path}: one realisation has no scatter, and the slope no error; simulate more of them")
    last = int(ensemble.l.max()) if l_max is None else l_max
    l = np.arange(l_min, last + 1)
    if l.size < 3 or last > ensemble.l.max() or l_min < 2:
        raise InputError(
            f"{ensemble.path}: a slope needs three degrees or more, from 2 to {ensemble.l.max()}; got {l_min} to {last}"
        )
    multipoles, mean = ensemble.samples_multipoles[:, :, l], mean_multipoles(config, int(l[-1]))
    if mean is not None and config.ensemble.field_directions == "fixed":
        multipoles = multipoles - np.where(np.arange(multipoles.shape[1])[:, None] == 0, mean[l], 0.0)
    single = (multipoles**2).sum(axis=1) / (2 * l + 1)
    spectrum = single.mean(axis=0)
    expected = theory_of_config(config)
    theory = expected.spectrum(int(l[-1]), int(l[0]))
    _require_power(ensemble, l, spectrum, theory)
    weight = 2 * l + 1.0
    x = np.log(l) - np.average(np.log(l), weights=weight)
    lever = weight * x / np.sum(weight * x**2)
    influence = (single / spectrum - 1) @ lever
    share = weight / weight.sum() / theory
    return Slope(
        name=ensemble.path.name,
        config=config,
        l=l,
        spectrum=spectrum,
        spectrum_error=single.std(axis=0, ddof=1) / np.sqrt(count),
        theory=theory,
        value=float(lever @ np.log(spectrum)),
        error=float(influence.std(ddof=1) / np.sqrt(count)),
        expected=float(lever @ np.log(theory)),
        far=None if expected.steepness is None else -expected.steepness,
        amplitude=float(share @ spectrum),
        amplitude_error=float((single @ share).std(ddof=1) / np.sqrt(count)),
    )


def _require_power(ensemble, l: np.ndarray, spectrum: np.ndarray, theory: np.ndarray) -> None:
    """InputError where a C_l of run or theory is not above the rounding of the sums: its logarithm says nothing."""
    floor = ROUNDING * np.nanmax(np.einsum("mll->ml", ensemble.second_moment))
    lost = l[((2 * l + 1) * np.minimum(spectrum, theory) <= floor)]
    if lost.size:
        raise InputError(
            f"{ensemble.path}: {degree_ranges(lost)}: C_l of run or theory is not above the rounding of the sums, and has no "
            "slope; choose degrees below by --l-max"
        )


def weights_of(config) -> tuple[float, float]:
    """eps and eta of a configuration's transport."""
    model = model_of(config.transport)
    return model.displacement, model.convection


def slope_table(slopes: list[Slope]) -> str:
    """One line a run: weights, slope, what theory has, and the amplitude over theory's."""
    lines = ["   eps   eta        slope measured   over the band       z     C_l over theory    run"]
    for slope in slopes:
        eps, eta = weights_of(slope.config)
        lines.append(
            f"{eps:6.2f}{eta:6.2f}   {slope.value:+10.4f} ± {slope.error:.4f}    {slope.expected:+10.4f}   {slope.z:+6.2f}"
            f"    {slope.amplitude:.4f} ± {slope.amplitude_error:.4f}   {slope.name}"
        )
    first = slopes[0]
    far = sorted({slope.far for slope in slopes if slope.far is not None})
    lines.append(
        f"degrees {first.l[0]} to {first.l[-1]}; far out in the inertial range: "
        + (", ".join(f"{value:.4f}" for value in far) if far else "no power law")
    )
    return "\n".join(lines)
