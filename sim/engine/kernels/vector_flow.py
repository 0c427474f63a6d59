"""The vector flow of plane waves at many positions."""

import numpy as np
from numba import prange

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.elementary import cos_sin_turns

CHUNK = 256  # positions that stay in the first cache with their sums


# Products may be fused with sums; nothing is regrouped, so that every position's sum runs over the modes in order.
@njit(cache=True, error_model="numpy", fastmath={"contract", "nsz"})
def _add_modes(turns, cosine, sine, x, y, z, u, v, w):
    """Set u, v, w at CHUNK positions to the sum over modes, four of them a sweep: the sums are stored a quarter as often."""
    modes = turns.shape[1]
    for i in range(CHUNK):
        u[i] = 0.0
        v[i] = 0.0
        w[i] = 0.0
    for j in range(0, modes - 3, 4):
        k0, a0, b0 = turns[:, j], cosine[:, j], sine[:, j]
        k1, a1, b1 = turns[:, j + 1], cosine[:, j + 1], sine[:, j + 1]
        k2, a2, b2 = turns[:, j + 2], cosine[:, j + 2], sine[:, j + 2]
        k3, a3, b3 = turns[:, j + 3], cosine[:, j + 3], sine[:, j + 3]
        k0x, k0y, k0z, a0x, a0y, a0z, b0x, b0y, b0z = k0[0], k0[1], k0[2], a0[0], a0[1], a0[2], b0[0], b0[1], b0[2]
        k1x, k1y, k1z, a1x, a1y, a1z, b1x, b1y, b1z = k1[0], k1[1], k1[2], a1[0], a1[1], a1[2], b1[0], b1[1], b1[2]
        k2x, k2y, k2z, a2x, a2y, a2z, b2x, b2y, b2z = k2[0], k2[1], k2[2], a2[0], a2[1], a2[2], b2[0], b2[1], b2[2]
        k3x, k3y, k3z, a3x, a3y, a3z, b3x, b3y, b3z = k3[0], k3[1], k3[2], a3[0], a3[1], a3[2], b3[0], b3[1], b3[2]
        for i in range(CHUNK):
            c0, s0 = cos_sin_turns(k0x * x[i] + k0y * y[i] + k0z * z[i])
            c1, s1 = cos_sin_turns(k1x * x[i] + k1y * y[i] + k1z * z[i])
            c2, s2 = cos_sin_turns(k2x * x[i] + k2y * y[i] + k2z * z[i])
            c3, s3 = cos_sin_turns(k3x * x[i] + k3y * y[i] + k3z * z[i])
            u[i] += a0x * c0 + b0x * s0 + a1x * c1 + b1x * s1 + a2x * c2 + b2x * s2 + a3x * c3 + b3x * s3
            v[i] += a0y * c0 + b0y * s0 + a1y * c1 + b1y * s1 + a2y * c2 + b2y * s2 + a3y * c3 + b3y * s3
            w[i] += a0z * c0 + b0z * s0 + a1z * c1 + b1z * s1 + a2z * c2 + b2z * s2 + a3z * c3 + b3z * s3
    for j in range(modes - modes % 4, modes):
        for i in range(CHUNK):
            c, s = cos_sin_turns(turns[0, j] * x[i] + turns[1, j] * y[i] + turns[2, j] * z[i])
            u[i] += cosine[0, j] * c + sine[0, j] * s
            v[i] += cosine[1, j] * c + sine[1, j] * s
            w[i] += cosine[2, j] * c + sine[2, j] * s


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def vector_flow(turns, cosine, sine, positions, velocity):
    """u(x) = sum_j cosine_j cos(2 pi k_j.x) + sine_j sin(2 pi k_j.x).

    Parameters
    ----------
    turns : (3, modes)
        Wave vectors over 2 pi.
    cosine, sine : (3, modes)
        Amplitudes.
    positions : (3, n)
    velocity : (3, n)
        Filled.
    """
    n = positions.shape[1]
    for chunk in prange((n + CHUNK - 1) // CHUNK):
        start = chunk * CHUNK
        size = min(CHUNK, n - start)
        work = np.zeros((6, CHUNK))
        work[:3, :size] = positions[:, start : start + size]
        _add_modes(turns, cosine, sine, work[0], work[1], work[2], work[3], work[4], work[5])
        velocity[:, start : start + size] = work[3:, :size]
