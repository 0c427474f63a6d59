"""Multipoles of a sky that is Gaussian with a known covariance: independent normals times a factor of it, block by block."""

import numpy as np
from numba import prange, uint64

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.gaussian import normal_pair

TILE = 16  # realisations of a task


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def gaussian_multipoles(first, seed, purpose, starts, factors, multipoles):
    """a_lm = sum_i F_li xi_i for each order and parity of l, the same F for cosine and sine.

    Parameters
    ----------
    first, seed, purpose : int
        Number of the first realisation, and the name of the stream.
    starts : (l_max + 1, 2)
        Where the factor of |m| and of even and odd degrees begins.
    factors : (n,)
        Square matrices of the degrees |m| or |m| + 1, and every second from there on.
    multipoles : (count, 2 l_max + 1, l_max + 1)
        Filled: orders 0, 1, -1, 2, ...; zero below |m|.
    """
    count, l_max = multipoles.shape[0], multipoles.shape[2] - 1
    for tile in prange((count + TILE - 1) // TILE):
        begin, normals, sums = tile * TILE, np.empty((l_max + 2, TILE)), np.empty(TILE)
        size, index = min(TILE, count - begin), 0
        for r in range(TILE):
            for i in range(l_max + 2):
                normals[i, r] = 0.0
        for r in range(size):
            multipoles[begin + r] = 0.0
        for row in range(2 * l_max + 1):
            m = (row + 1) // 2
            for parity in range(2):
                lowest = m + (m + parity) % 2
                degrees = (l_max - lowest) // 2 + 1 if lowest <= l_max else 0
                pairs, factor = (degrees + 1) // 2, starts[m, parity]
                for r in range(size):
                    stream = uint64(first + begin + r)
                    for i in range(pairs):
                        one, other = normal_pair(uint64(index + i), stream, uint64(purpose), uint64(seed))
                        normals[2 * i, r], normals[2 * i + 1, r] = one, other
                index += pairs
                for i in range(degrees):
                    for r in range(TILE):
                        sums[r] = 0.0
                    for j in range(degrees):
                        value, line = factors[factor + i * degrees + j], normals[j]
                        for r in range(TILE):
                            sums[r] += value * line[r]
                    for r in range(size):
                        multipoles[begin + r, row, lowest + 2 * i] = sums[r]
