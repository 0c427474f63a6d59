"""Plane-wave modes: drawing them, and summing them along the field line."""

import math

import numpy as np
from numba import prange, uint64

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.elementary import cos_sin_turns
from fluxtube.sim.engine.kernels.gaussian import normal_pair, uniform_pair

INVERSE_TWO_PI = 0.5 / math.pi


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def increments_along_line(wave_numbers, cosine, sine, displacement, even, odd):
    """Even and odd part in s of u(s) - u(0) for u(s) = sum_j cosine_j cos(kappa_j s) + sine_j sin(kappa_j s).

    Parameters
    ----------
    wave_numbers, cosine, sine : (realisations, n)
        kappa and the amplitudes.
    displacement : (m,)
        s >= 0.
    even, odd : (realisations, m)
        Filled: u(+-s) - u(0) = even +- odd.
    """
    for r in prange(wave_numbers.shape[0]):
        for i in range(displacement.size):
            even[r, i] = 0.0
            odd[r, i] = 0.0
        for j in range(wave_numbers.shape[1]):
            turns_per_length = wave_numbers[r, j] * INVERSE_TWO_PI
            a, b = cosine[r, j], sine[r, j]
            for i in range(displacement.size):
                c, s = cos_sin_turns(turns_per_length * displacement[i])
                even[r, i] += a * (c - 1.0)
                odd[r, i] += b * s


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def draw_wave_vectors(first, purpose, seed, k_edges, directions, wave_vectors, turbulent_k):
    """Wave vectors: |k| log-uniform within its shell, directions isotropic.

    Parameters
    ----------
    k_edges : (shells + 1,)
        Edges of the shells.
    directions : int
        Modes a shell.
    wave_vectors : (realisations, 3, shells * directions)
        Filled; the third axis is the field's.
    turbulent_k : (realisations, shells * directions)
        Filled with |k|.
    """
    count = turbulent_k.shape[1]
    for r in prange(turbulent_k.shape[0]):
        for j in range(count):
            shell = j // directions
            u, v = uniform_pair(uint64(2 * j), uint64(first + r), uint64(purpose), uint64(seed))
            azimuth, _ = uniform_pair(uint64(2 * j + 1), uint64(first + r), uint64(purpose), uint64(seed))
            k = k_edges[shell] * (k_edges[shell + 1] / k_edges[shell]) ** u
            z = 2.0 * v - 1.0
            rho = math.sqrt((1.0 - z) * (1.0 + z))
            c, s = cos_sin_turns(azimuth)
            turbulent_k[r, j] = k
            wave_vectors[r, 0, j] = k * rho * c
            wave_vectors[r, 1, j] = k * rho * s
            wave_vectors[r, 2, j] = k * z


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def draw_axial_wave_vectors(
    first, purpose, seed, k_edges, directions, nu_edges, chances, wave_vectors, turbulent_k, cosines, density
):
    """Wave vectors with |k| log-uniform within its shell and |nu| from cells of chances of their own, either sign as likely.

    Parameters
    ----------
    k_edges, directions, wave_vectors, turbulent_k
        As in `draw_wave_vectors`.
    nu_edges : (cells + 1,)
        Cells of |nu| from 0 to 1.
    chances : (shells, cells + 1)
        Chance to lie below each edge; the last one is 1.
    cosines, density : (realisations, shells * directions)
        Filled with |nu| and with its density on (0, 1).
    """
    for r in prange(turbulent_k.shape[0]):
        for j in range(turbulent_k.shape[1]):
            shell = j // directions
            u, v = uniform_pair(uint64(2 * j), uint64(first + r), uint64(purpose), uint64(seed))
            azimuth, side = uniform_pair(uint64(2 * j + 1), uint64(first + r), uint64(purpose), uint64(seed))
            k = k_edges[shell] * (k_edges[shell + 1] / k_edges[shell]) ** u
            cell = min(max(np.searchsorted(chances[shell], v, side="right") - 1, 0), nu_edges.size - 2)
            chance, width = chances[shell, cell + 1] - chances[shell, cell], nu_edges[cell + 1] - nu_edges[cell]
            nu = nu_edges[cell] + width * (v - chances[shell, cell]) / chance
            nu = min(max(nu, 0.0), 1.0)
            rho = math.sqrt((1.0 - nu) * (1.0 + nu))
            c, s = cos_sin_turns(azimuth)
            turbulent_k[r, j], cosines[r, j], density[r, j] = k, nu, chance / width
            wave_vectors[r, 0, j] = k * rho * c
            wave_vectors[r, 1, j] = k * rho * s
            wave_vectors[r, 2, j] = k * nu if side < 0.5 else -k * nu


@njit(inline="always")
def polarised(e1, e2, along, cos_polar, sin_polar, cos_azimuth, sin_azimuth):
    """Vector with components e1, e2 across and `along` the wave vector's direction: e1 in its plane with the field."""
    in_plane = e1 * cos_polar + along * sin_polar
    return (
        in_plane * cos_azimuth - e2 * sin_azimuth,
        in_plane * sin_azimuth + e2 * cos_azimuth,
        along * cos_polar - e1 * sin_polar,
    )


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def draw_amplitudes(first, purpose, seed, wave_vectors, in_plane, transverse, longitudinal, cosine, sine):
    """Gaussian vector amplitudes of u(x) = sum_j cosine_j cos(k_j.x) + sine_j sin(k_j.x).

    Two polarisations e1, e2 across k and one along it: e1 lies in the plane of k and the field, e2 = k^ x e1.

    Parameters
    ----------
    wave_vectors : (realisations, 3, n)
        k.
    in_plane, transverse, longitudinal : (realisations, n)
        Standard deviation of the amplitudes along e1, e2 and k.
    cosine, sine : (realisations, 3, n)
        Filled.
    """
    for r in prange(transverse.shape[0]):
        stream, pair = uint64(first + r), np.empty((2, 3))
        for j in range(transverse.shape[1]):
            x, y, z = wave_vectors[r, 0, j], wave_vectors[r, 1, j], wave_vectors[r, 2, j]
            k, rho = math.sqrt(x * x + y * y + z * z), math.hypot(x, y)
            cos_azimuth = x / rho if rho > 0.0 else 1.0
            sin_azimuth = y / rho if rho > 0.0 else 0.0
            pseudo, across, along = in_plane[r, j], transverse[r, j], longitudinal[r, j]
            for i in range(3):  # a loop: the generator is inlined once
                pair[0, i], pair[1, i] = normal_pair(uint64(3 * j + i), stream, uint64(purpose), uint64(seed))
            cosine[r, 0, j], cosine[r, 1, j], cosine[r, 2, j] = polarised(
                pseudo * pair[0, 0], across * pair[0, 1], along * pair[0, 2], z / k, rho / k, cos_azimuth, sin_azimuth
            )
            sine[r, 0, j], sine[r, 1, j], sine[r, 2, j] = polarised(
                pseudo * pair[1, 0], across * pair[1, 1], along * pair[1, 2], z / k, rho / k, cos_azimuth, sin_azimuth
            )
