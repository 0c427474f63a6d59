"""Where a function of the wave number is not smooth, found from its values: jumps, kinks and peaks that nobody named.

Quadratures of a spectrum end their panels at its `breaks`. Of a function of one's own these are known only as far as they
are named: a jump in the middle of a panel is worth some per cent of C_l, and a narrow peak is lost. Panels of the same width
are halved here until the Legendre series of k w(k) in each of them ends.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory.line_spectra import PANEL_RATIO
from fluxtube.theory.panels import ORDER, legendre_rule, place
from fluxtube.theory.spectra import Function

SERIES_ENDS = 1e-6  # last coefficients of k w over the largest k w within some panels of the same width
NEAR = 3  # of those panels, to either side
NARROWEST = 1e-13  # relative width of a panel that holds a jump or a kink
MOST = 2000  # breaks of one function
OFFSET = 0.618033988749895  # of the panels between two marks
SCAN = 2**14  # wave numbers at which peaks are looked for
UNSEEN = 1.05  # highest value of a panel over that at its nodes
WIDEST = (1e-30, 1e30)  # wave numbers in any unit of length; beyond, powers of a function of one's own overflow


def found_breaks(function: Callable, support: tuple[float, float], named: tuple[float, ...] = ()) -> tuple[float, ...]:
    """Wave numbers at which panels must end for `function`, beside those that are named.

    None where the function is smooth on panels whose ends have the ratio of `PANEL_RATIO`, as power laws, bends and cutoffs
    are; and none where it cannot be asked, which those who use it say better.

    Parameters
    ----------
    function : callable
        w at arrays of k > 0.
    support : (k_low, k_high)
        Where to look [1/length].
    named : tuple of float
        Breaks that are known.

    Raises
    ------
    InputError
        More than two thousand of them: noise, or waves that are too many.

    Examples
    --------
    >>> found_breaks(lambda k: k**-2.0 * np.exp(-k), (0.01, 100.0))
    ()
    >>> [round(k, 9) for k in found_breaks(lambda k: np.where(k < 3, k, 0.0), (0.01, 100.0))]
    [3.0]
    >>> len(found_breaks(lambda k: np.exp(-0.5 * ((k - 3) / 0.003) ** 2), (0.01, 100.0))) > 0          # a peak
    True
    """
    low, high = max(float(support[0]), WIDEST[0]), min(float(support[1]), WIDEST[1])
    if not low < high:
        return ()
    marks = sorted({low, high, *(float(k) for k in named if low < k < high)})
    try:
        with np.errstate(all="ignore"):
            peaks = _peaks(function, marks)
            sharp, extra = _halved(function, sorted({*marks, *peaks}))
            if sharp:
                _, extra = _halved(function, sorted({*marks, *peaks, *sharp}))
    except _Unknown:
        return ()
    return tuple(sorted({*peaks, *sharp, *extra}))


class _Unknown(Exception):
    """The function has no numbers to be judged by."""


def _halved(function: Callable, marks: list[float]) -> tuple[list[float], list[float]]:
    """Middles of the panels that stay rough however narrow they are, and ends of panels that had to be halved."""
    start = _panels(marks)
    first, last, home = start[:-1], start[1:], np.arange(len(start) - 1)
    largest = np.zeros(len(home))
    sharp: list[float] = []
    ends: list[float] = []
    while len(first):
        size, tail = _series(function, np.column_stack([first, last]))
        np.maximum.at(largest, home, size)
        around = np.lib.stride_tricks.sliding_window_view(np.pad(largest, NEAR), 2 * NEAR + 1).max(axis=1)
        rough = tail > SERIES_ENDS * around[home]
        narrow = last - first <= NARROWEST * last
        sharp += (0.5 * (first + last))[rough & narrow].tolist()
        first, last, home = (part[rough & ~narrow] for part in (first, last, home))
        middle = 0.5 * (first + last)
        ends += middle.tolist()
        first, last, home = np.concatenate([first, middle]), np.concatenate([middle, last]), np.concatenate([home, home])
        if len(first) > MOST:
            raise InputError(
                f"the spectrum has no smooth form near k = {np.min(first):.6g} [1/length]: it is noise, or rises and falls "
                "too often; give it as a table of fewer rows, or on a narrower band"
            )
    return _apart(sharp), ends


def _panels(marks: list[float]) -> np.ndarray:
    """Edges of panels between marks; those inside stand at no round numbers, where a jump would hide between two panels."""
    edges = [np.array([marks[-1]])]
    for a, b in pairwise(marks):
        count = 1 + int(np.log(b / a) / np.log(PANEL_RATIO))
        edges.append(a * (b / a) ** np.append(0.0, (np.arange(count) + OFFSET) / count))
    return np.unique(np.concatenate(edges))


def _peaks(function: Callable, marks: list[float]) -> list[float]:
    """Where k w has a peak so narrow that the nodes of its panel do not see it."""
    edges = _panels(marks)
    size, _ = _series(function, np.column_stack([edges[:-1], edges[1:]]))
    k = np.geomspace(marks[0], marks[-1], SCAN)[1:-1]
    power = k * _asked(function, k)
    peaks = []
    for (start, end), seen in zip(pairwise(np.searchsorted(k, edges)), size, strict=True):
        top = start + int(np.argmax(power[start:end])) if end > start else start
        if start < top < end - 1 and power[top] > UNSEEN * seen:
            peaks.append(float(k[top]))
    return peaks


def _asked(function: Callable, k: np.ndarray) -> np.ndarray:
    try:
        w = np.asarray(function(k))
    except Exception:
        raise _Unknown from None
    if w.dtype.kind not in "biuf" or w.shape != k.shape or not np.isfinite(w).all() or (w < 0).any():
        raise _Unknown
    return w


def _series(function: Callable, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Largest |k w| and the last Legendre coefficients of k w in panels (n, 2)."""
    nodes, half = place(np.array([-1.0, 1.0]), ORDER)[0][0], 0.5 * np.diff(edges, axis=1)
    k = edges.mean(axis=1, keepdims=True) + half * nodes
    power = k * _asked(function, k.ravel()).reshape(k.shape)
    _, weights, _ = legendre_rule(ORDER)
    n = np.arange(ORDER - 2, ORDER)
    last = (n[:, None] + 0.5) * np.polynomial.legendre.legvander(nodes, ORDER - 1).T[-2:] * weights
    return power.max(axis=1), np.abs(power @ last.T).max(axis=1)


def _apart(points: list[float]) -> list[float]:
    """One point for those that lie within the narrowest panels of one another."""
    kept: list[float] = []
    for k in sorted(points):
        if not kept or k - kept[-1] > 4 * NARROWEST * k:
            kept.append(k)
    return kept


def with_found_breaks(spectrum, band, transverse_fraction=None):
    """A function of the wave number with all its breaks: itself where it has no others than those it names.

    Parameters
    ----------
    spectrum : callable
        w or E at arrays of k; may have `support`, `breaks` and `pivot`.
    band : (k_low, k_high) or None
        Where it is kept [1/length].
    transverse_fraction : callable, optional
        beta(k), whose breaks are those of the flow along the field too.

    Examples
    --------
    >>> [round(k, 9) for k in with_found_breaks(lambda k: np.where(k < 2, 1.0, 0.0), (0.1, 10.0)).breaks]
    [2.0]
    """
    low, high = getattr(spectrum, "support", (0.0, np.inf))
    if band is not None:
        low, high = max(low, band[0]), min(high, band[1])
    named = tuple(getattr(spectrum, "breaks", ()))
    found = found_breaks(spectrum, (low, high), named)
    if transverse_fraction is not None:
        found += found_breaks(lambda k: spectrum(k) * transverse_fraction(k), (low, high), (*named, *found))
    if not found:
        return spectrum
    support = getattr(spectrum, "support", (0.0, np.inf))
    return Function(spectrum, support, tuple(sorted({*named, *found})), getattr(spectrum, "pivot", None))
