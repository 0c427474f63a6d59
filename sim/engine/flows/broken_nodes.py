"""Nodes of the field-aligned wave number for a spectrum that breaks: tables, bands of E(kappa), outer scales.

The rule of `nodes` knows the band alone. Here Gauss-Legendre panels end at every break of E(kappa). A panel of width W in
x = kappa lambda needs W/2 nodes for waves of 2 radians a unit, exp(2 i x) being a polynomial of degree W + O(W^(1/3)) to
rounding, some more for the ratio of its ends, over which E is a power of x, and for what E changes by beyond that.
"""

import math
from itertools import pairwise

import ducc0
import numpy as np

WIDEST_RATIO = 4.0  # of a panel's ends: the interpolated power then gains a factor of nine a node
DIGITS = 10.0  # ln of one over the error left by the ratio of the ends


def needs_breaks(line, band: tuple[float, float]) -> bool:
    """Whether E(kappa) is rough anywhere but at the ends of a band below which it is a constant and a square."""
    return not line.smooth_at_zero or tuple(line.breaks) != tuple(band)


def broken_nodes(count: int, line, mean_free_path: float, end: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for int_0^end dx, x = kappa lambda; more than `count` of them if the breaks need more.

    Parameters
    ----------
    count : int
        Number of nodes asked for.
    line : line spectrum
        E(kappa) with `support` and `breaks`.
    mean_free_path : float
        lambda [1/wave number].
    end : float
        Upper end of the band in x.

    Returns
    -------
    x, weight : (n,)
    """
    panels = list(_panels(line, mean_free_path, end))
    sizes = np.array([_size(line, mean_free_path, low, high) for low, high in panels], dtype=int)
    spare = max(count - int(sizes.sum()), 0)
    share = np.diff(np.floor(spare * np.concatenate([[0.0], np.cumsum(sizes) / sizes.sum()]) + 1e-9).astype(int))
    rules = [
        (0.5 * (low + high) + 0.5 * (high - low) * y, 0.5 * (high - low) * weight)
        for (low, high), (y, weight) in zip(panels, map(_legendre_rule, sizes + share), strict=True)
    ]
    nodes, weights = (np.concatenate(part) for part in zip(*rules, strict=True))
    return nodes, weights


def _legendre_rule(order: int) -> tuple[np.ndarray, np.ndarray]:
    return np.cos(ducc0.misc.GL_thetas(int(order)))[::-1], ducc0.misc.GL_weights(int(order), 1) / (2 * np.pi)


def _panels(line, mean_free_path: float, end: float):
    start, stop = (min(kappa * mean_free_path, end) for kappa in line.support)
    inside = (kappa * mean_free_path for kappa in line.breaks)
    for low, high in pairwise(sorted({start, *(x for x in inside if start < x < stop), stop})):
        pieces = 1 if low == 0.0 else max(1, math.ceil(math.log(high / low) / math.log(WIDEST_RATIO)))
        edges = np.geomspace(low, high, pieces + 1) if pieces > 1 else np.array([low, high])
        edges[0], edges[-1] = low, high
        yield from pairwise(edges.tolist())


def _size(line, mean_free_path: float, low: float, high: float) -> int:
    width = high - low
    x = low + width * np.linspace(0.02, 0.98, 9)
    values = line(x / mean_free_path)
    values = values[values > 0.0]
    change = float(np.log(values.max() / values.min())) if values.size else 0.0
    if low == 0.0:
        ratio = 0.0
    else:
        root = math.sqrt(high / low)
        ratio = DIGITS / math.log((root + 1) / (root - 1))
    return math.ceil(width / 2 + 2.5 * width ** (1 / 3) + 3 + ratio + 0.5 * min(change, 60.0))
