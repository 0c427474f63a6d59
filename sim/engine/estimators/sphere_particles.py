"""Multipoles of all orders and skies from particles with isotropic directions, for transport across the field."""

import copy
import math

import ducc0
import numpy as np

from fluxtube.sim.engine.ages import density_of_waves
from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.estimators.particles import strata
from fluxtube.sim.engine.harmonics import real_from_complex, real_orders
from fluxtube.sim.engine.kernels.sphere import particle_values
from fluxtube.sim.engine.measurement import Measurement
from fluxtube.sim.engine.streams import Purpose, key

FEW = 512  # particles of a rehearsal
ACCURACY = 1e-10  # of the transform from scattered directions, relative


class SphereParticles:
    """Particles of two independent halves: multipoles from the directions themselves, and a HEALPix sky.

    Parameters
    ----------
    waves : transport.Waves
        The flow as the particles see it.
    l_max, nside : int
        Largest degree, resolution of the sky.
    free_path : law
        Of `free_paths`.
    dipole : float
        Diffuse anisotropy along the field, in the unit anisotropy.
    particles : int
        Particles a realisation, even.
    rotation : (3, 3)
        From the magnetic frame to that of the sky.
    seed : int
        Seed of the run.
    stratified : bool
        One particle of a half in each of as many cells of equal area on the sphere; else free.
    """

    def __init__(self, waves, l_max, nside, free_path, dipole, particles, rotation, seed, stratified=False):
        self.waves, self.l_max, self.nside, self.free_path, self.dipole = waves, l_max, nside, free_path, dipole
        self.particles, self.rotation, self.seed = particles, rotation, key(seed)
        self.cells = strata(particles // 2, math.isqrt(particles // 2)) if stratified else (1, 1)
        self.orders = real_orders(l_max)
        self.pixels = ducc0.healpix.Healpix_Base(nside, "RING")

    def rehearse(self) -> None:
        """Compile what `measure` needs, with a few particles."""
        few = copy.copy(self)
        few.particles, few.cells = FEW, (1, 1)
        few.measure(0, 1)

    def measure(self, first: int, count: int) -> Measurement:
        """Multipoles and skies of consecutive realisations."""
        wave_vectors, cosine, sine = self.waves.draw(first, count)
        halves = blank((count, 2, self.orders.size, self.l_max + 1))
        intensity, hits = blank((2, count, 2, 12 * self.nside**2))
        density = density_of_waves(self.free_path, wave_vectors, cosine, sine)
        value, height, azimuth = blank((3, 2, self.particles // 2))
        for r in range(count):
            particle_values(
                first + r, int(Purpose.PARTICLES), int(Purpose.FREE_PATHS), self.seed, *self.cells,
                wave_vectors[r], cosine[r], sine[r], density[r], self.free_path.shape, self.free_path.reach,
                self.free_path.cumulative, self.dipole,
                value, height, azimuth,
            )  # fmt: skip
            for h in range(2):
                self._gather(value[h], height[h], azimuth[h], halves[r, h], intensity[r, h], hits[r, h])
        return Measurement(halves.mean(axis=1), (halves[:, 0] - halves[:, 1]) / 2, intensity, hits)

    def _gather(self, value, height, azimuth, multipoles, intensity, hits) -> None:
        """Multipoles, pixel sums and counts of one half, by arrival direction."""
        directions = np.column_stack([np.arccos(height), 2 * np.pi * azimuth])
        alm = ducc0.sht.adjoint_synthesis_general(
            map=value[None], spin=0, lmax=self.l_max, loc=directions, epsilon=ACCURACY, nthreads=1
        )
        multipoles[...] = 4 * np.pi / value.size * real_from_complex(alm[0], self.l_max)
        rho = np.sin(directions[:, 0])
        arrival = np.column_stack([rho * np.cos(directions[:, 1]), rho * np.sin(directions[:, 1]), height])
        pixel = self.pixels.vec2pix(arrival @ self.rotation.T, nthreads=1)
        intensity[...] = np.bincount(pixel, value, minlength=intensity.size)
        hits[...] = np.bincount(pixel, minlength=hits.size)
