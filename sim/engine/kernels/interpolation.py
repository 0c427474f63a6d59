"""Six-point Lagrange interpolation in a table over [-1, 1], as one polynomial of degree five in each cell."""

import math

import numpy as np
from numba import uint64

from fluxtube.sim.engine.kernels.compiling import njit

MARGIN = 3  # table points beyond each end of [-1, 1]

# Coefficients of t^0 .. t^5 (columns) in the Lagrange polynomials of the nodes -2 .. 3 (rows), t in [0, 1].
NODES = np.arange(-2, 4)


def _lagrange(node: int) -> np.ndarray:
    others = NODES[node != NODES]
    return np.polynomial.polynomial.polyfromroots(others) / np.prod(node - others)


LAGRANGE = np.array([_lagrange(int(node)) for node in NODES])


def interpolation_cells(table: np.ndarray) -> np.ndarray:
    """Polynomials of the cells between points of a table.

    The error for a wave of k h radians a step is below 0.005 (k h)^6 of its amplitude.

    Parameters
    ----------
    table : (..., n)
        Values at equidistant points, MARGIN of them beyond either end of [-1, 1].

    Returns
    -------
    (..., n - 1 - 2 MARGIN, 6)
    """
    windows = np.lib.stride_tricks.sliding_window_view(table, 6, axis=-1)
    return np.ascontiguousarray(windows[..., 1:-1, :] @ LAGRANGE)


@njit(inline="always")
def interpolate(cells, mu):
    """Value at mu in [-1, 1] from the polynomials of `interpolation_cells`, (cells, 6)."""
    count = float(cells.shape[0])
    position = 0.5 * (mu + 1.0) * count
    cell = min(math.floor(position), count - 1.0)
    t = position - cell
    i = uint64(int(cell))  # unsigned: a signed index would be tested for counting from the end
    return cells[i, uint64(0)] + t * (
        cells[i, uint64(1)]
        + t * (cells[i, uint64(2)] + t * (cells[i, uint64(3)] + t * (cells[i, uint64(4)] + t * cells[i, uint64(5)])))
    )


@njit(cache=True, error_model="numpy")
def interpolate_cells(cells, mu):
    """`interpolate` at every element of an array."""
    out = mu.copy()
    for i in range(mu.size):
        out[i] = interpolate(cells, mu[i])
    return out


def interpolate_all(table: np.ndarray, mu: np.ndarray) -> np.ndarray:
    """Values at mu in [-1, 1], (n,), of a table."""
    return interpolate_cells(interpolation_cells(table), mu)


def mean_of_scaled(table: np.ndarray, scales: np.ndarray, reach: float = 1.0) -> np.ndarray:
    """Mean over scales of g(reach mu scale), from a table of g, at the table's own arguments mu; beyond [-1, 1] as at its end."""
    half = (table.size - 1) // 2
    position = np.arange(-half, half + 1) / (half - MARGIN) * reach
    cells = interpolation_cells(table)
    return sum((interpolate_cells(cells, np.clip(position * scale, -1.0, 1.0)) for scale in scales), np.zeros(())) / len(scales)
