"""Particles of one flow realisation: isotropic pitch angles and gyro-phases, gathered into multipoles and a sky."""

import math

import numpy as np
from numba import njit, prange, uint64

from fluxtube.sim.kernels.free_path import draw_free_path
from fluxtube.sim.kernels.healpix import ring_pixel
from fluxtube.sim.kernels.interpolation import interpolate
from fluxtube.sim.kernels.strata import draw_direction

BATCH = 256
TURNS_PER_RADIAN = 0.5 / math.pi


# The sum over a batch may be regrouped: one machine always regroups it alike, whatever the threads.
@njit(cache=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})
def add_legendre_sums(value, cosine, size, before, legendre, total):
    """Add sum_i value_i P_l(cosine_i) to total_l; `before` and `legendre` are work space."""
    for i in range(size):
        before[i] = 0.0
        legendre[i] = value[i]
    for l in range(total.size):
        rise, fall = (2.0 * l + 1.0) / (l + 1.0), l / (l + 1.0)
        partial = 0.0
        for i in range(size):
            current = legendre[i]
            partial += current
            legendre[i] = rise * cosine[i] * current - fall * before[i]
            before[i] = current
        total[l] += partial


@njit(parallel=True, cache=True, error_model="numpy")
def particle_skies(
    first, seed, purpose, path_purpose, particles, rows, columns, table, shape, reach, factor, dipole,
    rotation, rotate, nside, multipoles, intensity, hits,
):  # fmt: skip
    """Sample particles and gather Delta f/f = mu {factor [u(lambda mu t) - u(0)] + dipole t}, in two independent halves.

    Parameters
    ----------
    first, seed, purpose, path_purpose : int
        Names of the random streams of directions and free paths: realisation first + r.
    particles : int
        Particles a realisation, both halves together; even.
    rows, columns : int
        Strata of the directions of each half, as `kernels.strata` has them.
    table : (realisations, n)
        u(s) - u(0) at n equidistant s from -lambda reach to lambda reach [velocity].
    shape, reach : int, float
        Erlang's law of the free path t (0: fixed), and the longest path of the table.
    factor, dipole : float
        (dln f/dln p)/v [1/velocity], and the diffuse anisotropy of t = 1 along mu.
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
    for task in prange(2 * multipoles.shape[0]):
        r, h = task // 2, task % 2
        value = np.empty(BATCH)
        cosine = np.empty(BATCH)
        before = np.empty(BATCH)
        legendre = np.empty(BATCH)
        total = np.zeros(degrees)
        sky, counts = intensity[r, h], hits[r, h]
        sky[:] = 0.0
        counts[:] = 0.0
        for start in range(0, half, BATCH):
            size = min(BATCH, half - start)
            for i in range(size):
                stream, key = uint64(first + r), uint64(seed)
                mu, turns = draw_direction(start + i, h * half, stream, uint64(purpose), key, rows, columns)
                t = draw_free_path(uint64(h * half + start + i), stream, uint64(path_purpose), key, shape, reach)
                value[i] = mu * (factor * interpolate(table[r], mu * t / reach) + dipole * t)
                cosine[i] = -mu  # the particle arrives from where it does not go
                before[i] = turns  # gyro-phase of the arrival direction
            for i in range(size):
                z, turns = cosine[i], before[i]
                if rotate:
                    rho = math.sqrt((1.0 - z) * (1.0 + z))
                    x = rho * math.cos(turns / TURNS_PER_RADIAN)
                    y = rho * math.sin(turns / TURNS_PER_RADIAN)
                    east = rotation[0, 0] * x + rotation[0, 1] * y + rotation[0, 2] * z
                    north = rotation[1, 0] * x + rotation[1, 1] * y + rotation[1, 2] * z
                    z = rotation[2, 0] * x + rotation[2, 1] * y + rotation[2, 2] * z
                    z = min(1.0, max(-1.0, z))
                    turns = math.atan2(north, east) * TURNS_PER_RADIAN
                    turns = turns + 1.0 if turns < 0.0 else turns
                pixel = ring_pixel(nside, z, 4.0 * turns)
                sky[pixel] += value[i]
                counts[pixel] += 1.0
            add_legendre_sums(value, cosine, size, before, legendre, total)
        for l in range(degrees):
            multipoles[r, h, l] = 4.0 * math.pi / half * math.sqrt((2.0 * l + 1.0) / (4.0 * math.pi)) * total[l]
