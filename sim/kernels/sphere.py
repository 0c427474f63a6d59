"""Anisotropies of plane-wave flows all over the sphere of directions.

Displacement and convection that weigh the components across the field differently from those along it turn a plane wave
into a plane wave: what the kernels get are wave vectors and amplitudes already weighed (`transport.AcrossField`).
"""

import math

import numpy as np
from numba import njit, prange, uint64

from fluxtube.sim.kernels.elementary import cos_sin_turns
from fluxtube.sim.kernels.free_path import draw_free_path, erlang_wave, fixed_wave
from fluxtube.sim.kernels.strata import draw_direction

BATCH = 128
INVERSE_TWO_PI = 0.5 / math.pi


@njit(parallel=True, cache=True, error_model="numpy")
def fixed_increments(shape, wave_vectors, cosine, sine, directions, odd, even):
    """Odd and even part in p of p.<u(t p) - u(0)> for u(x) = sum_j cosine_j cos(k_j.x) + sine_j sin(k_j.x), t = 1.

    Parameters
    ----------
    shape : int
        Of the law of t: not used by this, the fixed one.
    wave_vectors, cosine, sine : (realisations, 3, n)
        k lambda and amplitudes.
    directions : (3, m)
        p.
    odd, even : (realisations, m)
        Filled: the value at +-p is even +- odd.
    """
    for task in prange(wave_vectors.shape[0] * ((directions.shape[1] + BATCH - 1) // BATCH)):
        pieces = (directions.shape[1] + BATCH - 1) // BATCH
        r, start = task // pieces, (task % pieces) * BATCH
        end = min(start + BATCH, directions.shape[1])
        for i in range(start, end):
            odd[r, i] = 0.0
            even[r, i] = 0.0
        for j in range(wave_vectors.shape[2]):
            kx, ky, kz = wave_vectors[r, 0, j], wave_vectors[r, 1, j], wave_vectors[r, 2, j]
            ax, ay, az = cosine[r, 0, j], cosine[r, 1, j], cosine[r, 2, j]
            bx, by, bz = sine[r, 0, j], sine[r, 1, j], sine[r, 2, j]
            for i in range(start, end):
                x, y, z = directions[0, i], directions[1, i], directions[2, i]
                c, s = fixed_wave((kx * x + ky * y + kz * z) * INVERSE_TWO_PI, shape)
                odd[r, i] += (ax * x + ay * y + az * z) * (c - 1.0)
                even[r, i] += (bx * x + by * y + bz * z) * s


@njit(parallel=True, cache=True, error_model="numpy")
def erlang_increments(shape, wave_vectors, cosine, sine, directions, odd, even):
    """`fixed_increments` averaged over Erlang's law of t."""
    for task in prange(wave_vectors.shape[0] * ((directions.shape[1] + BATCH - 1) // BATCH)):
        pieces = (directions.shape[1] + BATCH - 1) // BATCH
        r, start = task // pieces, (task % pieces) * BATCH
        end = min(start + BATCH, directions.shape[1])
        for i in range(start, end):
            odd[r, i] = 0.0
            even[r, i] = 0.0
        for j in range(wave_vectors.shape[2]):
            kx, ky, kz = wave_vectors[r, 0, j], wave_vectors[r, 1, j], wave_vectors[r, 2, j]
            ax, ay, az = cosine[r, 0, j], cosine[r, 1, j], cosine[r, 2, j]
            bx, by, bz = sine[r, 0, j], sine[r, 1, j], sine[r, 2, j]
            for i in range(start, end):
                x, y, z = directions[0, i], directions[1, i], directions[2, i]
                c, s = erlang_wave((kx * x + ky * y + kz * z) * INVERSE_TWO_PI, shape)
                odd[r, i] += (ax * x + ay * y + az * z) * (c - 1.0)
                even[r, i] += (bx * x + by * y + bz * z) * s


@njit(parallel=True, cache=True, error_model="numpy")
def particle_values(
    realisation, seed, purpose, path_purpose, rows, columns, wave_vectors, cosine, sine, shape, reach, dipole,
    value, height, azimuth,
):  # fmt: skip
    """Sample particles of one realisation, in two independent halves: p.[u(t p) - u(0)] + dipole t p_z.

    Parameters
    ----------
    realisation, seed, purpose, path_purpose : int
        Names of the random streams.
    rows, columns : int
        Strata of the directions of each half, as `kernels.strata` has them.
    wave_vectors, cosine, sine : (3, n)
        k lambda and amplitudes.
    shape, reach : int, float
        Erlang's law of the free path t (0: fixed) and its end.
    value, height, azimuth : (2, particles/2)
        Filled: anisotropy, p_z, and the azimuth of p in turns.
    """
    half = value.shape[1]
    pieces = (half + BATCH - 1) // BATCH
    for task in prange(2 * pieces):
        h, start = task // pieces, (task % pieces) * BATCH
        size = min(BATCH, half - start)
        x = np.empty(BATCH)
        y = np.empty(BATCH)
        z = np.empty(BATCH)
        path = np.empty(BATCH)
        total = np.empty(BATCH)
        stream, key = uint64(realisation), uint64(seed)
        for i in range(size):
            mu, turns = draw_direction(start + i, h * half, stream, uint64(purpose), key, rows, columns)
            path[i] = draw_free_path(uint64(h * half + start + i), stream, uint64(path_purpose), key, shape, reach)
            rho = math.sqrt((1.0 - mu) * (1.0 + mu))
            c, s = cos_sin_turns(turns)
            x[i], y[i], z[i] = rho * c, rho * s, mu
            height[h, start + i], azimuth[h, start + i] = mu, turns
            total[i] = dipole * mu * path[i]
        for j in range(wave_vectors.shape[1]):
            kx, ky, kz = wave_vectors[0, j], wave_vectors[1, j], wave_vectors[2, j]
            ax, ay, az = cosine[0, j], cosine[1, j], cosine[2, j]
            bx, by, bz = sine[0, j], sine[1, j], sine[2, j]
            for i in range(size):
                c, s = cos_sin_turns(path[i] * (kx * x[i] + ky * y[i] + kz * z[i]) * INVERSE_TWO_PI)
                total[i] += (ax * x[i] + ay * y[i] + az * z[i]) * (c - 1.0) + (bx * x[i] + by * y[i] + bz * z[i]) * s
        for i in range(size):
            value[h, start + i] = total[i]
