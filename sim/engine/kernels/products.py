"""Sums of products of multipoles over the realisations of a block."""

import numpy as np
from numba import prange

from fluxtube.sim.engine.kernels.compiling import njit

TILE = 128


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def products_in_tiles(x, products, squares):
    """Sums over tiles of 128 realisations, each by one thread.

    Parameters
    ----------
    x : (n_m, realisations, L)
    products, squares : (n_m, tiles, L, L)
        Filled with sum_r x_l x_l' and sum_r x_l^2 x_l'^2 of each tile.
    """
    tiles = products.shape[1]
    for task in prange(x.shape[0] * tiles):
        m, tile = task // tiles, task % tiles
        part = x[m, tile * TILE : (tile + 1) * TILE]
        np.dot(part.T, part, products[m, tile])
        square = np.empty(part.shape)
        for r in range(part.shape[0]):
            for l in range(part.shape[1]):
                square[r, l] = part[r, l] * part[r, l]
        np.dot(square.T, square, squares[m, tile])
