"""Wave numbers and cosines to the field of a flow of fixed waves: rules that integrate products of two multipoles."""

from itertools import pairwise

import numpy as np

ORDER, RATIO = 12, 3.0  # nodes of a panel of long waves, and its end over its beginning
FINE, WIDTH = 20, 4 * np.pi  # nodes of a panel of short waves, and its width in k lambda
LONG = 2 * np.pi  # k lambda up to which panels are logarithmic


def _panels(edges: np.ndarray, orders: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre nodes and weights of consecutive panels."""
    nodes, weights = [], []
    for (low, high), order in zip(pairwise(edges), orders, strict=True):
        u, g = np.polynomial.legendre.leggauss(int(order))
        nodes.append((low + high) / 2 + (high - low) / 2 * u)
        weights.append((high - low) / 2 * g)
    return np.concatenate(nodes), np.concatenate(weights)


def wave_number_nodes(low: float, high: float, breaks: tuple[float, ...], reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Rule over k lambda of (low, high): int f_l f_l' w dk of two responses, which oscillate with the phase 2 k lambda.

    Parameters
    ----------
    low, high : float
        Ends of the band.
    breaks : floats
        Where the spectrum is not smooth.
    reach : float
        Longest free path over the mean one; waves are resolved up to twice the mean.
    """
    width = WIDTH / min(max(reach, 1.0), 2.0)
    cuts = sorted({low, high, *(k for k in (*breaks, LONG) if low < k < high)})
    edges, orders = [low], []
    for begin, end in pairwise(cuts):
        long = end <= LONG
        count = int(np.ceil(np.log(end / begin) / np.log(RATIO) if long else (end - begin) / width))
        inner = np.geomspace(begin, end, count + 1) if long else np.linspace(begin, end, count + 1)
        edges.extend(inner[1:])
        orders.extend([ORDER if long else FINE] * count)
    return _panels(np.array(edges), np.array(orders))


def cosine_nodes(displacement: float, l_max: int, phase: float) -> tuple[np.ndarray, np.ndarray]:
    """Rule over nu = cos(k, B) of (0, 1), weights that sum to 1: products of two multipoles of one wave seen at D_eps k.

    Exact for eps = 1, where they are polynomials of nu; else on panels as fine as |D_eps nu| and its direction change.

    Parameters
    ----------
    displacement : float
        eps in [0, 1].
    l_max : int
        Largest degree.
    phase : float
        Largest k lambda.
    """
    if displacement == 1.0:
        half = (l_max + 6) // 2
        nodes, weights = np.polynomial.legendre.leggauss(2 * half)
        return nodes[half:], weights[half:]
    marks, end = [0.0], displacement / np.sqrt(1.0 - displacement**2)
    while displacement > 0.0 and end < 1.0:
        marks.append(end)
        end *= 2.0
    edges = np.array([*marks, 1.0])
    size = np.sqrt(displacement**2 * (1 - edges**2) + edges**2)
    turn = np.arctan2(displacement * np.sqrt(1 - edges**2), edges) if displacement > 0.0 else np.zeros(edges.size)
    change = phase * np.diff(size) + l_max * np.abs(np.diff(turn))  # half the phase of a product over a panel
    return _panels(edges, np.ceil(change / 2).astype(int) + 12)
