"""How many events tell one value of a parameter from another.

    <ln L_0 - ln L_1> = KL(S_0 || S_1) = 1/2 [ Tr S_1^-1 S_0 - n - ln det S_1^-1 S_0 ]

with S_0 the truth's law and S_1 that of the rival value, all other parameters where they come nearest to the truth (smallest KL).
It never falls with the number of events, and has a limit: one sky has a finite number of multipoles up to l_max.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from fluxtube.analysis.forecast.fisher import Information, whitened
from fluxtube.analysis.forecast.parameters import ENDS, STEPS, moved, value
from fluxtube.analysis.forecast.sky import ForecastSky
from fluxtube.analysis.inference.transport import Point
from fluxtube.errors import InputError

FEWEST, MOST = 1e4, 1e20  # events that are looked through
PRECISION = 0.03  # of ln events
MOST_STEPS, MOST_HALVINGS = 40, 20
SETTLED = 1e-4  # of the distance: a step that gains less ends the search


@dataclass(frozen=True)
class Rival:
    """A rival value and what tells it from the truth.

    Attributes
    ----------
    changes : dict
        Parameters and their rival values.
    events : (k,)
    expected : (k,)
        Expected ln of the likelihood ratio, other free parameters at their nearest.
    expected_known : (k,)
        With the others known.
    fisher : (k,)
        (Delta theta)' F_marginal (Delta theta)/2: the same if the law changed linearly.
    nearest : list of Point
        The rival's best parameters at each number of events.
    needed, needed_fisher : float
        Events for the level; inf where one sky cannot tell them apart, NaN where there is no Fisher information.
    limit : float
        Expected ln of the ratio for MOST events.
    """

    changes: dict[str, float]
    events: np.ndarray
    expected: np.ndarray
    expected_known: np.ndarray
    fisher: np.ndarray
    nearest: list[Point]
    needed: float
    needed_fisher: float
    limit: float


def divergence(S_0: np.ndarray, S_1: np.ndarray) -> float:
    """KL(S_0 || S_1) of two Gaussian laws with mean zero, >= 0 but for rounding."""
    lower_0, lower_1 = np.linalg.cholesky(S_0), np.linalg.cholesky(S_1)
    between = solve_triangular(lower_1, lower_0, lower=True, check_finite=False)
    # L_1^-1 L_0 is triangular: its diagonal has the determinant, and all of its squares the trace.
    return 0.5 * float(np.sum(between**2) - len(between) - 2.0 * np.sum(np.log(np.diag(between))))


def nearest_rival(sky: ForecastSky, truth: Point, changes: dict[str, float], free, events: float, start: Point | None = None):
    """Smallest KL over the free parameters that are not changed, and the rival's point.

    Steps of Gauss and Newton, the Fisher matrix in the place of the second derivatives, within the parameters' ranges.

    Parameters
    ----------
    sky : ForecastSky
    truth : Point
    changes : dict
    free : sequence of str
        Names of numbers that are not known.
    events : float
    start : Point, optional
        Where the search begins: the rival's point of another number of events.
    """
    S_0, noise = sky.covariance(truth, events), sky.noise(events)
    others = [name for name in free if name not in changes]
    here = moved(start or truth, changes)
    distance = divergence(S_0, sky.signal(here) + noise)
    for _ in range(MOST_STEPS if others else 0):
        lower = np.linalg.cholesky(sky.signal(here) + noise)
        white = [whitened(lower, _slope(sky, here, name)) for name in others]
        excess = np.eye(len(lower)) - whitened(lower, S_0)
        gradient = np.array([0.5 * np.sum(one * excess) for one in white])
        matrix = np.array([[0.5 * np.sum(one * other) for other in white] for one in white])
        step = _inside(here, others, -_solve(matrix, gradient, _movable(here, others, gradient)))
        for _ in range(MOST_HALVINGS):
            there = moved(here, {name: value(here, name) + by for name, by in zip(others, step, strict=True)})
            new = divergence(S_0, sky.signal(there) + noise)
            if new <= distance:
                break
            step = step / 2.0
        else:
            break
        gain, here, distance = distance - new, there, new
        if gain <= SETTLED * distance + 1e-12:
            break
    return distance, here


def _slope(sky: ForecastSky, point: Point, name: str) -> np.ndarray:
    """dS/dtheta by one small step that stays within the range."""
    at, step = value(point, name), 1e-2 * STEPS[name] * (point.sigma if name == "sigma" else 1.0)
    if at + step > ENDS.get(name, (0.0, np.inf))[1]:
        step = -step
    return (sky.signal(moved(point, {name: at + step})) - sky.signal(point)) / step


def _movable(point: Point, names: list[str], gradient: np.ndarray) -> np.ndarray:
    """Which parameters may go where the distance falls: not those at an end of their range that it lies beyond."""
    ends = [ENDS.get(name, (-np.inf, np.inf)) for name in names]
    at = np.array([value(point, name) for name in names])
    low, high = np.array(ends).T
    return ~(((at <= low) & (gradient > 0)) | ((at >= high) & (gradient < 0)))


def _solve(matrix: np.ndarray, gradient: np.ndarray, movable: np.ndarray) -> np.ndarray:
    """F^-1 gradient of the parameters that may move; of combinations without information nothing."""
    step, scale = np.zeros(len(gradient)), np.sqrt(np.diag(matrix))
    n = np.flatnonzero(movable & (scale > 1e-12 * max(scale.max(initial=0.0), 1e-300)))
    if n.size:
        part = matrix[np.ix_(n, n)] / np.outer(scale[n], scale[n])
        step[n] = np.linalg.lstsq(part, gradient[n] / scale[n], rcond=1e-9)[0] / scale[n]
    return step


def _inside(point: Point, names: list[str], step: np.ndarray) -> np.ndarray:
    """A step cut at the ends of the ranges; sigma at most halved or doubled, a direction at most 20 deg."""
    cut = np.empty(len(step))
    for n, name in enumerate(names):
        at, low, high = value(point, name), *ENDS.get(name, (-20.0, 20.0))
        if name == "sigma":
            low, high = 0.5 * at, 2.0 * at
        cut[n] = np.clip(at + step[n], low, high) - at
    return cut


def rival(sky: ForecastSky, truth: Point, changes: dict[str, float], free, events, informed, level: float) -> Rival:
    """All of a rival.

    Parameters
    ----------
    sky : ForecastSky
    truth : Point
    changes : dict
        Parameters and their rival values.
    free : sequence of str
    events : (k,)
        Ascending.
    informed : callable
        events -> Information.
    level : float
        Expected ln of the ratio that counts as telling them apart.

    Raises
    ------
    InputError
        The rival has the truth's own law.
    """
    expected, points, start = [], [], None
    for number in events:
        distance, start = nearest_rival(sky, truth, changes, free, number, start)
        expected.append(distance)
        points.append(start)
    known = [nearest_rival(sky, truth, changes, (), number)[0] for number in events]
    if max(known) < 1e-12:
        shown = ", ".join(f"{name}={new:g}" for name, new in changes.items())
        raise InputError(f"{shown}: the sky is the same as that of the configuration; give another value")
    by_fisher = [_quadratic(informed(number), truth, changes) for number in events]

    def exact(number: float) -> float:
        return nearest_rival(sky, truth, changes, free, number, start)[0]

    def linear(number: float) -> float:
        return _quadratic(informed(number), truth, changes)

    return Rival(
        changes, np.asarray(events), np.array(expected), np.array(known), np.array(by_fisher), points,
        _needed(exact, level, events, expected), _needed(linear, level, events, by_fisher), exact(MOST),
    )  # fmt: skip


def _quadratic(known: Information, truth: Point, changes: dict[str, float]) -> float:
    """1/2 Delta' F_m Delta with F_m the information on what changes, the other parameters free."""
    names = list(known.names)
    if not set(changes) <= set(names):  # of a parameter without a derivative
        return np.nan
    here = [names.index(name) for name in changes]
    rest = [n for n in range(len(names)) if n not in here and known.error_alone[n] < np.inf]
    marginal = known.matrix[np.ix_(here, here)]
    if rest:
        cross, own = known.matrix[np.ix_(here, rest)], known.matrix[np.ix_(rest, rest)]
        marginal = marginal - cross @ np.linalg.lstsq(own, cross.T, rcond=1e-12)[0]
    change = np.array([new - value(truth, name) for name, new in changes.items()])
    return max(0.0, 0.5 * float(change @ marginal @ change))


def _needed(expected, level: float, events, values) -> float:
    """Events at which a function that never falls reaches a level, inf where it does not: bisection in their logarithm.

    It begins between those of `events` whose `values` lie on either side.
    """
    if np.isnan(values).any():
        return np.nan
    below = [number for number, one in zip(events, values, strict=True) if one < level]
    above = [number for number, one in zip(events, values, strict=True) if one >= level]
    low, high = np.log(max(below, default=FEWEST)), np.log(min(above, default=MOST))
    if not above and expected(MOST) < level:
        return np.inf
    while high - low > PRECISION:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if expected(float(np.exp(middle))) >= level else (middle, high)
    return float(np.exp(high))
