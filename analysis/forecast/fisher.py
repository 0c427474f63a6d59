"""Fisher information of the parameters of a Gaussian law with mean zero.

F_ab = 1/2 Tr[S^-1 dS/da S^-1 dS/db]
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from fluxtube.analysis.forecast.parameters import ENDS, STEPS, moved, value
from fluxtube.analysis.forecast.sky import ForecastSky
from fluxtube.analysis.inference.transport import Point

SETTLED = 1e-2  # largest relative change of a derivative between two steps
ROUNDING = 1e-8  # relative change of S over a step that is taken for zero
NOTHING = 1e-10  # of information in a parameter, over the number of data in units of its step, that counts as none


@dataclass(frozen=True)
class Derivative:
    """dS/dtheta at a point.

    Attributes
    ----------
    matrix : (n, n)
        Extrapolated from two steps.
    change : float
        Relative difference between them.
    side : str
        "" for a central difference, "above" or "below" at an end of the parameter's range.
    """

    matrix: np.ndarray
    change: float
    side: str


def derivative(sky: ForecastSky, point: Point, name: str) -> Derivative:
    """Central difference with two steps, h and h/2, and one-sided of second order at the end of a range.

    The errors of both fall as h^2: [4 D(h/2) - D(h)]/3 leaves h^4 (h^3 at an end).
    """
    at, step = value(point, name), STEPS[name] * (point.sigma if name == "sigma" else 1.0)
    low, high = ENDS.get(name, (-np.inf, np.inf))
    side = "above" if at - step < low else "below" if at + step > high else ""
    way = {"above": 1.0, "below": -1.0, "": 0.0}[side]

    def moved_by(offset: float) -> np.ndarray:
        return sky.signal(moved(point, {name: at + offset}))

    def difference(h: float) -> np.ndarray:
        if way:
            return way * (4.0 * moved_by(way * h) - 3.0 * moved_by(0.0) - moved_by(2.0 * way * h)) / (2.0 * h)
        return (moved_by(h) - moved_by(-h)) / (2.0 * h)

    coarse, fine = difference(step), difference(step / 2.0)
    norm = float(np.linalg.norm(fine))
    if norm * step <= ROUNDING * float(np.linalg.norm(sky.signal(point))):  # an isotropic sky knows nothing of the field
        return Derivative(np.zeros_like(fine), 0.0, side)
    change = float(np.linalg.norm(fine - coarse)) / norm
    return Derivative((4.0 * fine - coarse) / 3.0, change, side)


@dataclass(frozen=True)
class Information:
    """What a number of events says of the parameters.

    Attributes
    ----------
    names : tuple of str
    matrix : (n, n)
        F [1/unit/unit].
    error : (n,)
        Of each with all others free: sqrt of the diagonal of F^-1; infinite where the sky says nothing of it.
    error_alone : (n,)
        Of each with all others known.
    """

    names: tuple[str, ...]
    matrix: np.ndarray
    error: np.ndarray
    error_alone: np.ndarray


def information(sky: ForecastSky, point: Point, events: float, derivatives: dict[str, Derivative]) -> Information:
    """Fisher matrix at a point for so many events of the first energy."""
    lower = np.linalg.cholesky(sky.covariance(point, events))
    white = {name: whitened(lower, one.matrix) for name, one in derivatives.items()}
    names = tuple(derivatives)
    matrix = np.array([[0.5 * np.sum(white[a] * white[b]) for b in names] for a in names])
    return Information(names, matrix, *errors(matrix, names))


def errors(matrix: np.ndarray, names) -> tuple[np.ndarray, np.ndarray]:
    """Errors with the others free and with the others known, (n,) each."""
    step = np.array([STEPS[name] for name in names])
    told = np.diag(matrix) * step**2 > NOTHING
    free, alone = np.full((2, len(names)), np.inf)
    if told.any():
        part = matrix[np.ix_(told, told)]
        scale = np.sqrt(np.diag(part))
        # Scaled to ones on the diagonal, so that units do not decide what is singular.
        spread, basis = np.linalg.eigh(part / np.outer(scale, scale))
        inverse = (basis**2) @ np.where(spread > len(spread) * 1e-12, 1.0 / np.maximum(spread, 1e-300), np.inf)
        free[told], alone[told] = np.sqrt(inverse) / scale, 1.0 / scale
    return free, alone


def whitened(lower: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """L^-1 M L^-T."""
    half = solve_triangular(lower, matrix, lower=True, check_finite=False)
    return solve_triangular(lower, half.T, lower=True, check_finite=False)
