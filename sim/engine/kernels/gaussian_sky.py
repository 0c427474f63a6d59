"""Multipoles of a sky that is Gaussian with a known covariance: independent normals times a factor of it, block by block."""

import numpy as np
from numba import prange, uint64

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.gaussian import normal_pair

TILE = 64  # realisations of a task


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def gaussian_multipoles(first, purpose, seed, starts, factors, multipoles):
    """a_lm = sum_i xi_i T_il for each order and parity of l, the same T for cosine and sine.

    Parameters
    ----------
    first, purpose, seed : int
        Number of the first realisation, and the name of the stream.
    starts : (l_max + 1, 2)
        Where the factor of |m| and of even and odd degrees begins.
    factors : (n,)
        Square matrices of the degrees |m| or |m| + 1, and every second from there on.
    multipoles : (tiles * TILE, 2 l_max + 1, l_max + 1)
        Filled: orders 0, 1, -1, 2, ...; zero below |m|. Always whole tiles: a matrix product of another shape could round
        another way, and a realisation must not depend on how many others are asked for.
    """
    l_max = multipoles.shape[2] - 1
    for tile in prange(multipoles.shape[0] // TILE):
        begin, index = tile * TILE, 0
        multipoles[begin : begin + TILE] = 0.0
        space, products = np.empty(TILE * (l_max + 3)), np.empty(TILE * (l_max + 3))
        for row in range(2 * l_max + 1):
            m = (row + 1) // 2
            for parity in range(2):
                lowest = m + (m + parity) % 2
                if lowest > l_max:
                    continue
                degrees = (l_max - lowest) // 2 + 1
                pairs, start = (degrees + 1) // 2, starts[m, parity]
                normals = space[: TILE * degrees].reshape(TILE, degrees)
                product = products[: TILE * degrees].reshape(TILE, degrees)
                for r in range(TILE):
                    stream = uint64(first + begin + r)
                    for i in range(pairs):
                        one, other = normal_pair(uint64(index + i), stream, uint64(purpose), uint64(seed))
                        normals[r, i] = one
                        if pairs + i < degrees:
                            normals[r, pairs + i] = other
                index += pairs
                np.dot(normals, factors[start : start + degrees * degrees].reshape(degrees, degrees), product)
                for r in range(TILE):
                    for i in range(degrees):
                        multipoles[begin + r, row, lowest + 2 * i] = product[r, i]


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "nsz"})
def add_ring(value, slope, turned, along, mixed, across, around, total):
    """Add C^m_ll' of one node in nu: products of harmonics with those of the radial functions, even l + l', l' <= l.

    Parameters
    ----------
    value, slope, turned : (l_max + 1, l_max + 1)
        Lambda_lm, its derivative, m Lambda_lm/sin(theta): orders, degrees.
    along, mixed, across, around : (l_max + 1, l_max + 1)
        Sums over wave numbers of f_l f_l', f_l g_l', g_l g_l' of waves in the plane with B, and g_l g_l' of those across it.
    total : (l_max + 1, l_max + 1, l_max + 1)
        Added to: |m|, l, l'.
    """
    size = total.shape[0]
    for m in range(size):
        for l in range(m, size):
            u, v, w = value[m, l], slope[m, l], turned[m, l]
            for k in range(m + (m + l) % 2, l + 1, 2):
                total[m, l, k] += (
                    u * value[m, k] * along[l, k] + v * slope[m, k] * across[l, k] + w * turned[m, k] * around[l, k]
                    + u * slope[m, k] * mixed[l, k] + v * value[m, k] * mixed[k, l]
                )  # fmt: skip
