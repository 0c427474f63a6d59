"""Which multipoles can be judged: not those that theory and run hold below the rounding of the sums.

A multipole comes out of sums over all the flow, to about 1e-15 of the largest one. Where its variance is below `ROUNDING` of
the largest variance, the run holds rounding, which neither speaks for theory nor against it: the verdict stays open. Where theory
expects that little and the run has clearly more, theory is wrong, whatever the size of the numbers.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from fluxtube.analysis.validation.moments import Moments
from fluxtube.analysis.validation.outcome import Outcome

ROUNDING = 1e-24  # of the largest variance: amplitudes of 1e-12, a thousand times the rounding of a double
EMPTY_ORDER = 1e-9  # of its degree's power: what theory's own quadrature leaves in orders that vanish
SINGULAR = 1e-8  # smallest eigenvalue of a correlation matrix that theory, known to ten digits, leaves two digits of
MARGIN = 100.0  # a variance this many times above what counts as nothing is something
NAME = "power where theory expects none"


@dataclass(frozen=True)
class Support:
    """What can be judged.

    Attributes
    ----------
    moments : Moments
        With `tested` cut down to the multipoles that can be judged, `regular` to those whose covariance can be inverted.
    unresolved : ndarray of int
        Degrees that cannot be.
    outcome : Outcome or None
        The test of degrees and orders that theory leaves empty, where there are any.
    """

    moments: Moments
    unresolved: np.ndarray
    outcome: Outcome | None


def support(moments: Moments, theory: np.ndarray) -> Support:
    """Split the multipoles into those that can be judged, those under rounding, and those that theory leaves empty.

    An empty multipole is compared with the largest variance v that counts as none: N <a^2> / v is then at most a chi-squared
    variable of N degrees of freedom. With shot noise the halves measure an empty multipole as well as any other.

    Parameters
    ----------
    moments : Moments
    theory : ndarray (n_m, n, n)
        Expected covariance of the signal.
    """
    expected, measured = np.einsum("mll->ml", theory), np.einsum("mll->ml", moments.signal)
    noise = np.einsum("mll->ml", moments.noise)
    by_degree, seen = expected.sum(axis=0), measured.sum(axis=0)
    floor = ROUNDING * moments.largest
    something = np.any((expected + noise > floor) & (expected + noise > 0), axis=0)
    nothing = np.maximum(floor, EMPTY_ORDER * by_degree)
    tested = moments.tested & something & (expected + noise > nothing)
    unresolved = ~something & (seen <= MARGIN * floor)
    empty = moments.tested & ~tested & ~unresolved
    outcome = _emptiness(moments, measured, MARGIN * np.broadcast_to(nothing, measured.shape), empty) if empty.any() else None
    cut = _scatter_cut(moments) & tested.any(axis=0)
    tested, unresolved = tested & ~cut, unresolved | cut
    regular = np.array([_regular(*parts) for parts in zip(tested, theory + moments.noise, strict=True)])
    return Support(replace(moments, tested=tested, regular=regular), moments.l[unresolved], outcome)


def _scatter_cut(moments: Moments) -> np.ndarray:
    """Mask (n,) of the degrees whose scatter the sums' last bit has cut, where errors come from it."""
    if moments.wishart or moments.power_covariance is None or moments.count < 2:
        return np.zeros(len(moments.l), dtype=bool)
    return ~np.isfinite(np.diagonal(moments.power_covariance))


def _regular(tested: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Mask (n,) of the degrees of one order up to the last at which the correlation matrix can be inverted.

    Where turbulence ends, all high degrees see the same few waves and their correlations are 1 to working precision.
    """
    rows = np.flatnonzero(tested)
    deviation = np.sqrt(np.diagonal(covariance)[rows])
    correlation = covariance[np.ix_(rows, rows)] / np.outer(deviation, deviation)
    # By interlacing the smallest eigenvalue only falls as degrees are added: bisection.
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high + 1) // 2
        if np.linalg.eigvalsh(correlation[:middle, :middle])[0] > SINGULAR:
            low = middle
        else:
            high = middle - 1
    mask = np.zeros(tested.size, dtype=bool)
    mask[rows[:low]] = True
    return mask


def _emptiness(moments: Moments, measured: np.ndarray, most: np.ndarray, empty: np.ndarray) -> Outcome:
    """The test of the empty multipoles: the largest of them, corrected for their number."""
    ratio = np.full(measured.shape, -np.inf)
    ratio[empty] = measured[empty] / most[empty]
    order, degree = np.unravel_index(np.argmax(ratio), ratio.shape)
    worst, number = float(ratio[order, degree]), int(empty.sum())
    p_value = 1.0 if worst <= 1 else float(min(1.0, number * stats.chi2.sf(moments.count * worst, moments.count)))
    where = f"l = {moments.l[degree]}" + (f", m = {moments.m[order]}" if len(moments.m) > 1 else "")
    note = f"largest of {number} at {where}, over the largest variance that counts as none"
    return Outcome(NAME, worst, None, p_value, decides=True, note=note)
