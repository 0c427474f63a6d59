"""Quadrature rules along the field line, in units of the mean free path."""

import math

import ducc0
import numpy as np

PANEL_NODES = 32
PANEL_PHASE = 28.0  # radians of the shortest wave across a panel: error of 32 nodes below 1e-16
FIRST_PANEL = 1e-5


def half_rule(phase: float, l_max: int) -> tuple[np.ndarray, np.ndarray]:
    """The positive nodes of a Gauss-Legendre rule that resolves waves of `phase` times polynomials of degree 2 l_max.

    A rule of N nodes integrates polynomials of degree 2N - 1; exp(i x mu) is one of degree x + O(x^(1/3)) to rounding.

    Returns
    -------
    mu, weight : (m,)
        Nodes in (0, 1), weights for the integral over (0, 1).
    """
    order = 2 * math.ceil((phase + 2 * l_max) / 4 + 2.5 * phase ** (1 / 3) + 10)
    mu = np.cos(ducc0.misc.GL_thetas(order))[: order // 2]
    return mu, ducc0.misc.GL_weights(order, 1)[: order // 2] / (2 * np.pi)


def panel_rule(edges: np.ndarray, nodes: int = PANEL_NODES) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre nodes and weights of every panel between neighbouring edges, in one row each."""
    x, weight = np.polynomial.legendre.leggauss(nodes)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + x)).ravel(), (half * weight).ravel()


def graded_rule(phase: float, end: float, breaks: tuple[float, ...] = ()) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on (0, end) for waves of `phase` a unit length times functions that are rough at 0 and at breaks alone.

    Panels double in width away from 0 until the shortest wave limits them.
    """
    widest = min(PANEL_PHASE / max(phase, 1e-30), 0.5)
    edges = [0.0, min(FIRST_PANEL, widest)]
    while edges[-1] < widest:
        edges.append(min(2 * edges[-1], widest))
    beyond = np.linspace(edges[-1], end, 1 + math.ceil((end - edges[-1]) / widest))
    ends = np.concatenate([edges, beyond[1:]])
    inside = [at for at in breaks if 0 < at < end]
    return panel_rule(np.union1d(ends, inside) if inside else ends)
