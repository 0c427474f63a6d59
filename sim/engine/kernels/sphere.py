"""Anisotropies of plane-wave flows all over the sphere of directions.

Displacement and convection that weigh the components across the field differently from those along it turn a plane wave
into a plane wave: what the kernels get are wave vectors and amplitudes already weighed (`transport.AcrossField`).
"""

import math

import numpy as np
from numba import prange, uint64

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.elementary import cos_sin_turns
from fluxtube.sim.engine.kernels.free_path import draw_free_path, erlang_wave, mean_wave
from fluxtube.sim.engine.kernels.interpolation import interpolate
from fluxtube.sim.engine.kernels.strata import draw_direction

CHUNK = 128  # directions that stay in the first cache with their sums
INVERSE_TWO_PI = 0.5 / math.pi


# Products may be fused with sums; nothing is regrouped, so that every direction's sum runs over the modes in order.
@njit(cache=True, error_model="numpy", fastmath={"contract", "nsz"})
def _add_fixed(shape, wave_vectors, cosine, sine, x, y, z, odd, even):
    """Set odd and even at CHUNK directions to the sums over modes, t = 1."""
    for i in range(CHUNK):
        odd[i] = 0.0
        even[i] = 0.0
    for j in range(wave_vectors.shape[1]):
        kx, ky, kz = wave_vectors[0, j], wave_vectors[1, j], wave_vectors[2, j]
        ax, ay, az = cosine[0, j], cosine[1, j], cosine[2, j]
        bx, by, bz = sine[0, j], sine[1, j], sine[2, j]
        for i in range(CHUNK):
            c, s = cos_sin_turns((kx * x[i] + ky * y[i] + kz * z[i]) * INVERSE_TWO_PI)
            odd[i] += (ax * x[i] + ay * y[i] + az * z[i]) * (c - 1.0)
            even[i] += (bx * x[i] + by * y[i] + bz * z[i]) * s


@njit(cache=True, error_model="numpy", fastmath={"contract", "nsz"})
def _add_erlang(shape, wave_vectors, cosine, sine, x, y, z, odd, even):
    """Set odd and even at CHUNK directions to the sums over modes, averaged over Erlang's law of t."""
    for i in range(CHUNK):
        odd[i] = 0.0
        even[i] = 0.0
    for j in range(wave_vectors.shape[1]):
        kx, ky, kz = wave_vectors[0, j], wave_vectors[1, j], wave_vectors[2, j]
        ax, ay, az = cosine[0, j], cosine[1, j], cosine[2, j]
        bx, by, bz = sine[0, j], sine[1, j], sine[2, j]
        for i in range(CHUNK):
            c, s = erlang_wave((kx * x[i] + ky * y[i] + kz * z[i]) * INVERSE_TWO_PI, shape)
            odd[i] += (ax * x[i] + ay * y[i] + az * z[i]) * (c - 1.0)
            even[i] += (bx * x[i] + by * y[i] + bz * z[i]) * s


@njit(cache=True, error_model="numpy", fastmath={"contract", "nsz"})
def _add_flight(shape, wave_vectors, cosine, sine, x, y, z, odd, even):
    """Set odd and even at CHUNK directions to the sums over modes, averaged over any law, ages too."""
    for i in range(CHUNK):
        odd[i] = 0.0
        even[i] = 0.0
    for j in range(wave_vectors.shape[1]):
        kx, ky, kz = wave_vectors[0, j], wave_vectors[1, j], wave_vectors[2, j]
        ax, ay, az = cosine[0, j], cosine[1, j], cosine[2, j]
        bx, by, bz = sine[0, j], sine[1, j], sine[2, j]
        for i in range(CHUNK):
            c, s = mean_wave((kx * x[i] + ky * y[i] + kz * z[i]) * INVERSE_TWO_PI, shape)
            odd[i] += (ax * x[i] + ay * y[i] + az * z[i]) * (c - 1.0)
            even[i] += (bx * x[i] + by * y[i] + bz * z[i]) * s


@njit(cache=True, error_model="numpy", fastmath={"contract", "nsz"})
def _add_density(shape, wave_vectors, density, x, y, z, odd, even):
    """Add the isotropic part where particles come from, less the observer's, averaged over any law."""
    for j in range(wave_vectors.shape[1]):
        kx, ky, kz = wave_vectors[0, j], wave_vectors[1, j], wave_vectors[2, j]
        a, b = density[0, j], density[1, j]
        for i in range(CHUNK):
            c, s = mean_wave((kx * x[i] + ky * y[i] + kz * z[i]) * INVERSE_TWO_PI, shape)
            even[i] += a * (c - 1.0)
            odd[i] += b * s


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def fixed_increments(shape, wave_vectors, cosine, sine, directions, odd, even):
    """Odd and even part in p of p.[u(p) - u(0)] for u(x) = sum_j cosine_j cos(k_j.x) + sine_j sin(k_j.x).

    Parameters
    ----------
    shape : int
        Of the law of free paths: not used by this, the fixed one.
    wave_vectors, cosine, sine : (realisations, 3, n)
        k lambda and amplitudes.
    directions : (3, m)
        p.
    odd, even : (realisations, m)
        Filled: the value at +-p is even +- odd.
    """
    chunks = (directions.shape[1] + CHUNK - 1) // CHUNK
    for task in prange(wave_vectors.shape[0] * chunks):
        r, start = task // chunks, (task % chunks) * CHUNK
        size = min(CHUNK, directions.shape[1] - start)
        work = np.zeros((5, CHUNK))
        work[:3, :size] = directions[:, start : start + size]
        _add_fixed(shape, wave_vectors[r], cosine[r], sine[r], work[0], work[1], work[2], work[3], work[4])
        odd[r, start : start + size] = work[3, :size]
        even[r, start : start + size] = work[4, :size]


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def erlang_increments(shape, wave_vectors, cosine, sine, directions, odd, even):
    """`fixed_increments` with p.<u(t p) - u(0)> averaged over Erlang's law of t."""
    chunks = (directions.shape[1] + CHUNK - 1) // CHUNK
    for task in prange(wave_vectors.shape[0] * chunks):
        r, start = task // chunks, (task % chunks) * CHUNK
        size = min(CHUNK, directions.shape[1] - start)
        work = np.zeros((5, CHUNK))
        work[:3, :size] = directions[:, start : start + size]
        _add_erlang(shape, wave_vectors[r], cosine[r], sine[r], work[0], work[1], work[2], work[3], work[4])
        odd[r, start : start + size] = work[3, :size]
        even[r, start : start + size] = work[4, :size]


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def steady_increments(shape, wave_vectors, cosine, sine, density, directions, odd, even):
    """`fixed_increments` averaged over any law, observed at the end or in flight, and with the isotropic part's own waves.

    Parameters
    ----------
    density : (realisations, 2, n)
        Amplitudes of the isotropic part's cos(k_j.x) and sin(k_j.x); n = 0 where it does not respond to the flow.
    """
    chunks = (directions.shape[1] + CHUNK - 1) // CHUNK
    for task in prange(wave_vectors.shape[0] * chunks):
        r, start = task // chunks, (task % chunks) * CHUNK
        size = min(CHUNK, directions.shape[1] - start)
        work = np.zeros((5, CHUNK))
        work[:3, :size] = directions[:, start : start + size]
        _add_flight(shape, wave_vectors[r], cosine[r], sine[r], work[0], work[1], work[2], work[3], work[4])
        if density.shape[2] > 0:
            _add_density(shape, wave_vectors[r], density[r], work[0], work[1], work[2], work[3], work[4])
        odd[r, start : start + size] = work[3, :size]
        even[r, start : start + size] = work[4, :size]


@njit(cache=True, error_model="numpy", fastmath={"contract", "nsz"})
def _add_density_to_particles(wave_vectors, density, x, y, z, path, total):
    """Add the isotropic part where CHUNK particles come from, less the observer's."""
    for j in range(wave_vectors.shape[1]):
        kx, ky, kz = wave_vectors[0, j], wave_vectors[1, j], wave_vectors[2, j]
        a, b = density[0, j], density[1, j]
        for i in range(CHUNK):
            c, s = cos_sin_turns(path[i] * (kx * x[i] + ky * y[i] + kz * z[i]) * INVERSE_TWO_PI)
            total[i] += a * (c - 1.0) + b * s


@njit(cache=True, error_model="numpy", fastmath={"contract", "nsz"})
def _add_tabulated(waves, turning, largest, wave_vectors, cosine, sine, x, y, z, odd, even):
    """Set odd and even at CHUNK directions to the sums over modes, averaged over a law by its tabulated mean waves."""
    for i in range(CHUNK):
        odd[i] = 0.0
        even[i] = 0.0
    for j in range(wave_vectors.shape[1]):
        kx, ky, kz = wave_vectors[0, j], wave_vectors[1, j], wave_vectors[2, j]
        ax, ay, az = cosine[0, j], cosine[1, j], cosine[2, j]
        bx, by, bz = sine[0, j], sine[1, j], sine[2, j]
        for i in range(CHUNK):
            at = (kx * x[i] + ky * y[i] + kz * z[i]) / largest
            odd[i] += (ax * x[i] + ay * y[i] + az * z[i]) * (interpolate(waves, at) - 1.0)
            even[i] += (bx * x[i] + by * y[i] + bz * z[i]) * interpolate(turning, at)


@njit(cache=True, error_model="numpy", fastmath={"contract", "nsz"})
def _add_tabulated_density(waves, turning, largest, wave_vectors, density, x, y, z, odd, even):
    """Add the isotropic part where particles come from, less the observer's, averaged over a tabulated law."""
    for j in range(wave_vectors.shape[1]):
        kx, ky, kz = wave_vectors[0, j], wave_vectors[1, j], wave_vectors[2, j]
        a, b = density[0, j], density[1, j]
        for i in range(CHUNK):
            at = (kx * x[i] + ky * y[i] + kz * z[i]) / largest
            even[i] += a * (interpolate(waves, at) - 1.0)
            odd[i] += b * interpolate(turning, at)


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def tabulated_increments(waves, turning, largest, wave_vectors, cosine, sine, density, directions, odd, even):
    """`steady_increments` of a law with <cos y t> and <sin y t> as `interpolation_cells` for y in [-largest, largest]."""
    chunks = (directions.shape[1] + CHUNK - 1) // CHUNK
    for task in prange(wave_vectors.shape[0] * chunks):
        r, start = task // chunks, (task % chunks) * CHUNK
        size = min(CHUNK, directions.shape[1] - start)
        work = np.zeros((5, CHUNK))
        work[:3, :size] = directions[:, start : start + size]
        _add_tabulated(
            waves, turning, largest, wave_vectors[r], cosine[r], sine[r], work[0], work[1], work[2], work[3], work[4]
        )
        if density.shape[2] > 0:
            _add_tabulated_density(
                waves, turning, largest, wave_vectors[r], density[r], work[0], work[1], work[2], work[3], work[4]
            )
        odd[r, start : start + size] = work[3, :size]
        even[r, start : start + size] = work[4, :size]


@njit(cache=True, error_model="numpy", fastmath={"contract", "nsz"})
def _add_to_particles(wave_vectors, cosine, sine, x, y, z, path, total):
    """Add the sums over modes to CHUNK particles' totals."""
    for j in range(wave_vectors.shape[1]):
        kx, ky, kz = wave_vectors[0, j], wave_vectors[1, j], wave_vectors[2, j]
        ax, ay, az = cosine[0, j], cosine[1, j], cosine[2, j]
        bx, by, bz = sine[0, j], sine[1, j], sine[2, j]
        for i in range(CHUNK):
            c, s = cos_sin_turns(path[i] * (kx * x[i] + ky * y[i] + kz * z[i]) * INVERSE_TWO_PI)
            total[i] += (ax * x[i] + ay * y[i] + az * z[i]) * (c - 1.0) + (bx * x[i] + by * y[i] + bz * z[i]) * s


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def particle_values(
    realisation, purpose, path_purpose, seed, rows, columns, wave_vectors, cosine, sine, density, shape, reach,
    cumulative, dipole, value, height, azimuth,
):  # fmt: skip
    """Sample particles of one realisation, in two independent halves: n.[u(t n) - u(0)] + dipole t n_z, n the arrival direction.

    Parameters
    ----------
    realisation, purpose, path_purpose, seed : int
        Names of the random streams.
    rows, columns : int
        Strata of the directions of each half, as `kernels.strata` has them.
    wave_vectors, cosine, sine : (3, n)
        k lambda and amplitudes.
    density : (2, n)
        Amplitudes of the isotropic part's waves; n = 0 where it does not respond to the flow.
    shape, reach : int, float
        Law of the free path t, as `kernels.free_path` has it, and its end.
    cumulative : (n,)
        Distribution of t where shape is TABULATED.
    value, height, azimuth : (2, particles/2)
        Filled: anisotropy, n_z, and the azimuth of n in turns.
    """
    half = value.shape[1]
    chunks = (half + CHUNK - 1) // CHUNK
    stream, key = uint64(realisation), uint64(seed)
    for task in prange(2 * chunks):
        h, start = task // chunks, (task % chunks) * CHUNK
        size = min(CHUNK, half - start)
        work = np.zeros((5, CHUNK))
        for i in range(size):
            mu, turns = draw_direction(start + i, h * half, stream, uint64(purpose), key, rows, columns)
            t = draw_free_path(uint64(h * half + start + i), stream, uint64(path_purpose), key, shape, reach, cumulative)
            rho = math.sqrt((1.0 - mu) * (1.0 + mu))
            c, s = cos_sin_turns(turns)
            work[0, i], work[1, i], work[2, i] = rho * c, rho * s, mu
            work[3, i], work[4, i] = t, dipole * mu * t
            height[h, start + i], azimuth[h, start + i] = mu, turns
        _add_to_particles(wave_vectors, cosine, sine, work[0], work[1], work[2], work[3], work[4])
        if density.shape[1] > 0:
            _add_density_to_particles(wave_vectors, density, work[0], work[1], work[2], work[3], work[4])
        value[h, start : start + size] = work[4, :size]
