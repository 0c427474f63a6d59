"""Gauss-Legendre panels, and the same panels with an oscillating factor integrated exactly (Filon)."""

from functools import lru_cache

import numpy as np

from fluxtube.theory.bessel import spherical_bessel_anywhere

ORDER = 24


@lru_cache(maxsize=8)
def legendre_rule(order: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes, weights and the matrix (2n+1) i^n P_n(node) weight of the Gauss-Legendre rule on [-1, 1].

    Examples
    --------
    >>> nodes, weights, transform = legendre_rule(4)
    >>> round(float(weights.sum()), 12), transform.shape
    (2.0, (4, 4))
    """
    nodes, weights = np.polynomial.legendre.leggauss(order)
    n = np.arange(order)
    transform = np.polynomial.legendre.legvander(nodes, order - 1).T * weights
    return nodes, weights, ((2 * n + 1) * 1j**n)[:, None] * transform


def place(edges: np.ndarray, order: int = ORDER) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the composite rule on consecutive panels.

    Parameters
    ----------
    edges : (n + 1,) array
        Ascending panel edges.
    order : int
        Nodes in each panel.

    Returns
    -------
    nodes, weights : (n, order) arrays

    Examples
    --------
    >>> nodes, weights = place(np.array([0.0, 1.0, 3.0]))
    >>> round(float((weights * nodes**3).sum()), 12)
    20.25
    """
    u, g, _ = legendre_rule(order)
    half = 0.5 * np.diff(edges)[:, None]
    centre = 0.5 * (edges[1:] + edges[:-1])[:, None]
    return centre + half * u, half * g


def oscillating_weights(edges: np.ndarray, frequency: float, order: int = ORDER) -> np.ndarray:
    """Weights W such that sum W F(nodes) = int F(x) e^(i frequency x) dx for smooth F, at any frequency.

    F is interpolated on the Gauss-Legendre nodes and each Legendre polynomial integrated exactly,
    int_-1^1 P_n(u) e^(i z u) du = 2 i^n j_n(z); at frequency 0 the weights are those of Gauss-Legendre.

    Parameters
    ----------
    edges : (n + 1,) array
        Ascending panel edges; F must be smooth within each panel, e^(i frequency x) need not be.
    frequency : float
        Angular frequency, in units of one over those of the edges.
    order : int
        Nodes in each panel.

    Returns
    -------
    (n, order) complex array

    Notes
    -----
    Filon (1928), in the Legendre form of Bakhvalov & Vasil'eva (1968).

    Examples
    --------
    >>> edges = np.array([1.0, 2.0])
    >>> nodes, _ = place(edges)
    >>> value = (oscillating_weights(edges, 1e4) * nodes).sum()
    >>> exact = (np.exp(2e4j) * (2 / 1e4j + 1e-8) - np.exp(1e4j) * (1 / 1e4j + 1e-8))
    >>> bool(abs(value - exact) < 1e-15)
    True
    """
    half = 0.5 * np.diff(edges)
    centre = 0.5 * (edges[1:] + edges[:-1])
    moments = spherical_bessel_anywhere(np.abs(frequency) * half, order - 1)
    if frequency < 0.0:
        moments[1::2] *= -1.0
    return (half * np.exp(1j * frequency * centre))[:, None] * (moments.T @ legendre_rule(order)[2])
