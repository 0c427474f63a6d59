"""Particles followed backward through many scatterings in a vector flow: `kernels.walks` in three dimensions, wave by wave."""

import math

import numpy as np
from numba import prange, uint64

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.elementary import cos_sin_turns
from fluxtube.sim.engine.kernels.free_path import draw_free_path
from fluxtube.sim.engine.kernels.gaussian import uniform_pair

INVERSE_TWO_PI = 0.5 / math.pi
WALKS_OF_A_TASK = 8


@njit(inline="always")
def _gain(wave_vectors, cosine, sine, x, y, z, dx, dy, dz):
    """[U(r) - U(0)].d of the sum of waves."""
    total = 0.0
    for q in range(wave_vectors.shape[1]):
        c, s = cos_sin_turns((wave_vectors[0, q] * x + wave_vectors[1, q] * y + wave_vectors[2, q] * z) * INVERSE_TWO_PI)
        total += (cosine[0, q] * dx + cosine[1, q] * dy + cosine[2, q] * dz) * (c - 1.0)
        total += (sine[0, q] * dx + sine[1, q] * dy + sine[2, q] * dz) * s
    return total


@njit(inline="always")
def _direction(u, v):
    c, s = cos_sin_turns(v)
    z = 2.0 * u - 1.0
    rho = math.sqrt((1.0 - z) * (1.0 + z))
    return rho * c, rho * s, z


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def sphere_walk_tails(
    realisation, purpose, path_purpose, seed, first, wave_vectors, cosine, sine, start, mirrored, scatterings, shape,
    path_reach, cumulative, tail,
):  # fmt: skip
    """Tails of walks in the waves that particles see (`transport.Waves`).

    Parameters
    ----------
    realisation, purpose, path_purpose, seed, first, mirrored, scatterings, shape, path_reach, cumulative
        As in `kernels.walks.walk_tails`.
    wave_vectors, cosine, sine : (3, n)
        y = k lambda and amplitudes.
    start : (walks, group, 3)
        Places of the first scattering [mean free path].
    tail : (walks, group)
        Filled, in the unit of the amplitudes.
    """
    walks, group = tail.shape
    key, stream = uint64(seed), uint64(realisation)
    for task in prange((walks + WALKS_OF_A_TASK - 1) // WALKS_OF_A_TASK):
        away, now = np.empty(3), np.empty(3)
        for w in range(task * WALKS_OF_A_TASK, min(walks, (task + 1) * WALKS_OF_A_TASK)):
            step = uint64(first + w) * uint64(scatterings + 1)
            u, v = uniform_pair(step, stream, uint64(purpose), key)
            now[0], now[1], now[2] = _direction(u, v)
            away[:] = 0.0
            for j in range(group):
                place = start[w, j]
                tail[w, j] = 0.0
                if not mirrored:
                    tail[w, j] = -_gain(wave_vectors, cosine, sine, place[0], place[1], place[2], now[0], now[1], now[2])
            for i in range(scatterings):
                t = draw_free_path(step + uint64(i), stream, uint64(path_purpose), key, shape, path_reach, cumulative)
                u, v = uniform_pair(step + uint64(i + 1), stream, uint64(purpose), key)
                x, y, z = _direction(u, v)
                dx, dy, dz = now[0] - x, now[1] - y, now[2] - z
                for axis in range(3):
                    away[axis] += t * now[axis]
                now[0], now[1], now[2] = x, y, z
                for j in range(group):
                    place = start[w, j]
                    ahead = _gain(
                        wave_vectors, cosine, sine, place[0] + away[0], place[1] + away[1], place[2] + away[2], dx, dy, dz
                    )
                    if mirrored:
                        behind = _gain(
                            wave_vectors, cosine, sine, place[0] - away[0], place[1] - away[1], place[2] - away[2], dx, dy, dz
                        )
                        tail[w, j] += 0.5 * (ahead - behind)
                    else:
                        tail[w, j] += ahead
