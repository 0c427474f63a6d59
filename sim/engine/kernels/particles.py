"""Particles of one flow realisation: isotropic pitch angles and gyro-phases, gathered into multipoles and a sky."""

import math

import numpy as np
from numba import prange, uint64

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.elementary import azimuth_turns, cos_sin_turns
from fluxtube.sim.engine.kernels.free_path import draw_free_path
from fluxtube.sim.engine.kernels.healpix import ring_pixel
from fluxtube.sim.engine.kernels.interpolation import interpolate
from fluxtube.sim.engine.kernels.legendre import add_legendre_sums, legendre_recurrence
from fluxtube.sim.engine.kernels.strata import draw_directions

BATCH = 256  # particles that stay in the first cache from one step to the next


# Each step is a loop of its own over a batch, without branches where it can be: vector code.


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _convect(mu, index, realisation, purpose, seed, shape, reach, cumulative, cells, density, factor, dipole, value):
    """Delta f/f of particles index, index + 1, ... that arrive from mu = n.B."""
    if shape == 0:
        for i in range(mu.size):
            value[i] = mu[i] * (factor * interpolate(cells, mu[i] / reach) + dipole)
    else:
        for i in range(mu.size):
            t = draw_free_path(uint64(index + i), uint64(realisation), uint64(purpose), uint64(seed), shape, reach, cumulative)
            value[i] = mu[i] * (factor * interpolate(cells, mu[i] * t / reach) + dipole * t)
            if density.shape[0] > 0:
                value[i] += factor * interpolate(density, mu[i] * t / reach)
        return
    if density.shape[0] > 0:
        for i in range(mu.size):
            value[i] += factor * interpolate(density, mu[i] / reach)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _convect_stretched(mu, index, realisation, purpose, seed, shape, reach, cumulative, cells, stretch, factor, dipole, value):
    """`_convect` with free paths that depend on the pitch angle: the part `stretch` of those of the longest displacement."""
    for i in range(mu.size):
        t = draw_free_path(uint64(index + i), uint64(realisation), uint64(purpose), uint64(seed), shape, reach, cumulative)
        place = mu[i] * interpolate(stretch, 2.0 * math.sqrt(abs(mu[i])) - 1.0) * t
        value[i] = mu[i] * factor * interpolate(cells, min(1.0, max(-1.0, place / reach))) + dipole * place


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _rotate(cosine, turns, rotation, height, azimuth):
    """Height and azimuth in turns, in the frame of the sky, of directions in the magnetic frame."""
    for i in range(cosine.size):
        z = cosine[i]
        rho = math.sqrt((1.0 - z) * (1.0 + z))
        c, s = cos_sin_turns(turns[i])
        x, y = rho * c, rho * s
        height[i] = min(1.0, max(-1.0, rotation[2, 0] * x + rotation[2, 1] * y + rotation[2, 2] * z))
        azimuth[i] = azimuth_turns(
            rotation[0, 0] * x + rotation[0, 1] * y + rotation[0, 2] * z,
            rotation[1, 0] * x + rotation[1, 1] * y + rotation[1, 2] * z,
        )


@njit(cache=True, error_model="numpy")
def _deposit(nside, height, azimuth, value, pixel, sky, counts):
    """Add values and counts to the pixels of directions."""
    for i in range(value.size):
        pixel[i] = ring_pixel(nside, height[i], 4.0 * azimuth[i])
    for i in range(value.size):
        sky[pixel[i]] += value[i]
        counts[pixel[i]] += 1.0


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def particle_skies(
    first, purpose, path_purpose, seed, particles, rows, columns, cells, density, stretch, shape, reach, cumulative, factor,
    dipole, rotation, rotate, nside, multipoles, intensity, hits,
):  # fmt: skip
    """Sample arrivals from mu = n.B; Delta f/f = mu {factor [u(lambda mu t) - u(0)] + dipole t}, in two independent halves.

    Parameters
    ----------
    first, purpose, path_purpose, seed : int
        Names of the random streams of directions and free paths: realisation first + r.
    particles : int
        Particles a realisation, both halves together; even.
    rows, columns : int
        Strata of the directions of each half, as `kernels.strata` has them.
    cells : (realisations, n, 6)
        u(s) - u(0) for s from -lambda reach to lambda reach [velocity], as `interpolation_cells` has it.
    density : (realisations, n, 6)
        The same of the isotropic part, in the unit of velocity; n = 0 where it does not respond to the flow.
    stretch : (n, 6)
        Cells over sqrt(|mu|), 0 to 1, of h over the longest displacement's; n = 0 where all paths are the same.
    shape, reach : int, float
        Law of the free path t, as `kernels.free_path` has it, and the longest path of the table.
    cumulative : (n,)
        Distribution of t where shape is TABULATED.
    factor, dipole : float
        (dln f/dln p)/v [1/velocity], and the diffuse anisotropy of t = 1 along mu = n.B.
    rotation : (3, 3)
        Magnetic frame to the frame of the sky, used where `rotate` is true.
    nside : int
        HEALPix resolution of the sky.
    multipoles : (realisations, 2, l_max + 1)
        Filled with a_l of each half, arrival directions about the field, summed over the directions themselves.
    intensity, hits : (realisations, 2, npix)
        Filled with the sums of Delta f/f and the numbers of particles that arrive in each pixel.
    """
    half = particles // 2
    degrees = multipoles.shape[2]
    fall, scale = legendre_recurrence(degrees)
    for task in prange(2 * multipoles.shape[0]):
        r, h = task // 2, task % 2
        work = np.empty((7, BATCH))
        pixel = np.empty(BATCH, dtype=np.int64)
        total = np.zeros(degrees)
        sky, counts = intensity[r, h], hits[r, h]
        sky[:] = 0.0
        counts[:] = 0.0
        for start in range(0, half, BATCH):
            size = min(BATCH, half - start)
            value, cosine, turns = work[0, :size], work[1, :size], work[2, :size]
            height, azimuth = work[3, :size], work[4, :size]
            draw_directions(start, h * half, first + r, purpose, seed, rows, columns, cosine, turns)
            index = h * half + start
            if stretch.shape[0] > 0:
                _convect_stretched(
                    cosine, index, first + r, path_purpose, seed, shape, reach, cumulative, cells[r], stretch, factor, dipole,
                    value,
                )  # fmt: skip
            else:
                _convect(
                    cosine, index, first + r, path_purpose, seed, shape, reach, cumulative, cells[r], density[r], factor, dipole,
                    value,
                )  # fmt: skip
            if rotate:
                _rotate(cosine, turns, rotation, height, azimuth)
                _deposit(nside, height, azimuth, value, pixel, sky, counts)
            else:
                _deposit(nside, cosine, turns, value, pixel, sky, counts)
            add_legendre_sums(value, cosine, size, work[5], work[6], fall, total)
        for l in range(degrees):
            multipoles[r, h, l] = 4.0 * math.pi / half * math.sqrt((2.0 * l + 1.0) / (4.0 * math.pi)) * scale[l] * total[l]
