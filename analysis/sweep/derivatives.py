"""C_l at the points of a grid, and its derivatives by the parameters between neighbours.

    d ln C_l/dx = [ln C_l(x') - ln C_l(x)]/(x' - x)

a secant: theory's is taken between the same two points. Its error comes from realisations in pairs (`analysis.pairs`), and
beside it stands that of independent runs.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fluxtube.analysis.configured import theory_of_config
from fluxtube.analysis.pairs import Powers, can_share, correlation_of_powers, paired_covariance, powers_of
from fluxtube.errors import InputError
from fluxtube.sim.config.grid import Grid

L_MIN = 2
SAME = 1e-9  # relative difference of theories that counts as none
SURE = 5.0  # standard errors that C_l must lie above zero to have a logarithm


@dataclass(frozen=True)
class Spectrum:
    """C_l of a point, from l = 2, and what theory expects over the run's own band (NaN where none is known)."""

    C_l: np.ndarray
    error: np.ndarray
    theory: np.ndarray


@dataclass(frozen=True)
class Derivative:
    """Between two neighbours along a parameter, (n,) each for l from 2.

    Attributes
    ----------
    along : int
        Number of the parameter.
    pair : (int, int)
        Numbers of the points.
    log, log_error, log_error_unpaired, log_theory : (n,)
        d ln C_l/dx; NaN where C_l is not above zero by SURE errors.
    linear, linear_error, linear_error_unpaired, linear_theory : (n,)
        dC_l/dx; NaN where a C_l lies below the rounding of the sums.
    correlation : (n,)
        Of the power of single realisations at the two points: 1 for flows that are wholly shared; NaN as above.
    """

    along: int
    pair: tuple[int, int]
    log: np.ndarray
    log_error: np.ndarray
    log_error_unpaired: np.ndarray
    log_theory: np.ndarray
    linear: np.ndarray
    linear_error: np.ndarray
    linear_error_unpaired: np.ndarray
    linear_theory: np.ndarray
    correlation: np.ndarray


@dataclass(frozen=True)
class Sweep:
    """A grid with its results."""

    grid: Grid
    l: np.ndarray
    realisations: tuple[int, ...]
    spectra: tuple[Spectrum, ...]
    derivatives: tuple[Derivative, ...]


def theories(grid: Grid) -> list[np.ndarray]:
    """C_l of every point from l = 2, NaN where no theory is known.

    Raises
    ------
    InputError
        A parameter changes no C_l.
    """
    spectra = []
    for point in grid.points:
        l_max = point.config.sky.l_max
        try:
            spectra.append(theory_of_config(point.config).spectrum(l_max))
        except InputError:
            spectra.append(np.full(l_max - 1, np.nan))
    for along, parameter in enumerate(grid.parameters):
        if parameter.key.startswith("sampling."):  # of which theory knows nothing: its derivative is zero
            continue
        if all(np.allclose(spectra[a], spectra[b], rtol=SAME, atol=0.0) for a, b in grid.neighbours(along)):
            raise InputError(
                f"C_l of l = 2 and above does not depend on {parameter.key} here, and a derivative by it is zero; "
                f"fluxtube theory names the keys that have no effect{_hint(parameter.key)}"
            )
    return spectra


def _hint(key: str) -> str:
    """What else must be set for a key to have an effect."""
    if key == "transport.mean_free_path":
        return '; --set "turbulence.sigma_scale=10 pc" holds sigma at a length, so that the mean free path counts'
    return ""


def measure(grid: Grid, directory: Path, expected: list[np.ndarray]) -> Sweep:
    """Read the runs of a grid, one after the other.

    Parameters
    ----------
    grid : Grid
    directory : path
    expected : list of (n,) arrays
        Of `theories`.

    Raises
    ------
    InputError
        A run is missing or not finished.
    """
    runs = [powers_of(directory / point.file) for point in grid.points]
    spectra = tuple(Spectrum(run.C_l[L_MIN:], run.error[L_MIN:], theory) for run, theory in zip(runs, expected, strict=True))
    found = [
        _between(grid, runs, spectra, along, pair) for along in range(len(grid.parameters)) for pair in grid.neighbours(along)
    ]
    return Sweep(grid, runs[0].l[L_MIN:], tuple(run.realisations for run in runs), spectra, tuple(found))


def _between(grid: Grid, runs: list[Powers], spectra, along: int, pair: tuple[int, int]) -> Derivative:
    one, other = (runs[number] for number in pair)
    step = grid.value(pair[1], along) - grid.value(pair[0], along)
    theory = [spectra[number].theory for number in pair]
    unit = np.ones(one.l.size)
    known = (one.C_l > SURE * one.error) & (other.C_l > SURE * other.error)
    with np.errstate(invalid="ignore", divide="ignore"):
        inverse = [np.where(known, 1.0 / run.C_l, np.nan) for run in (one, other)]
        log = np.log(other.C_l * inverse[0])
        log_theory = np.log(theory[1] / theory[0])
        unpaired = np.hypot(one.error * inverse[0], other.error * inverse[1])

    # Below the rounding of the sums a run knows no error of its C_l; what single realisations hold there is rounding too.
    held = np.where(_resolved(one) & _resolved(other), 1.0, np.nan)

    def error(scale_one, scale_other) -> np.ndarray:
        if not can_share(one, other):
            return np.hypot(scale_one * one.error, scale_other * other.error)
        return np.sqrt(np.maximum(np.diag(paired_covariance(one, other, scale_one, scale_other)), 0.0))

    rows = {
        "log": log,
        "log_error": error(*inverse),
        "log_error_unpaired": unpaired,
        "linear": held * (other.C_l - one.C_l),
        "linear_error": held * error(unit, unit),
        "linear_error_unpaired": np.hypot(one.error, other.error),
    }
    scaled = {name: row[L_MIN:] / abs(step) if "error" in name else row[L_MIN:] / step for name, row in rows.items()}
    return Derivative(
        along=along,
        pair=pair,
        log_theory=log_theory / step,
        linear_theory=(theory[1] - theory[0]) / step,
        correlation=(held * correlation_of_powers(one, other))[L_MIN:],
        **scaled,
    )


def _resolved(run: Powers) -> np.ndarray:
    """Degrees whose C_l is more than rounding, (L,); one realisation has no errors, and tells nothing of that."""
    return np.isfinite(run.error) | (run.realisations < 2)
