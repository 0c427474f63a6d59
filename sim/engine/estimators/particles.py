"""Multipoles and skies from particles with isotropic pitch angles and gyro-phases, in a flow along the field."""

import copy
import math
from typing import Any

import numpy as np

from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.estimators.table import DensityAlongLine, increment_table
from fluxtube.sim.engine.free_paths import FixedPath
from fluxtube.sim.engine.kernels.interpolation import interpolation_cells
from fluxtube.sim.engine.kernels.particles import particle_skies
from fluxtube.sim.engine.measurement import Measurement
from fluxtube.sim.engine.streams import Purpose, key

__all__ = ["ParticleEstimator", "increment_table", "strata"]

FEW = 512  # particles of a rehearsal


def strata(particles: int, columns_most: int) -> tuple[int, int]:
    """Rows and columns of equal cells on the sphere, one for each particle; as many columns as divide them, up to a limit."""
    columns = next(n for n in range(min(columns_most, particles), 0, -1) if particles % n == 0)
    return particles // columns, columns


class ParticleEstimator:
    """Particles of two independent halves: multipoles from the directions themselves, and a HEALPix sky.

    Parameters
    ----------
    flow : Flow
        With `increments`.
    mean_free_path : float
        lambda [1/wave number].
    l_max, nside : int
        Largest degree, resolution of the sky.
    unit : float
        Velocity in which the increments are measured.
    particles : int
        Particles a realisation, even.
    rotation : (3, 3)
        From the magnetic frame to that of the sky.
    seed : int
        Seed of the run.
    free_path : law, optional
        Of `free_paths`; fixed if not given.
    dipole : float, optional
        Diffuse anisotropy along n.B, in the unit anisotropy.
    stratified : bool, optional
        One particle of a half in each of as many cells of equal area on the sphere; else free.
    """

    def __init__(
        self, flow, mean_free_path, l_max, nside, unit, particles, rotation, seed,
        free_path=None, dipole=0.0, stratified=False,
    ):  # fmt: skip
        self.flow, self.mean_free_path, self.l_max, self.nside = flow, mean_free_path, l_max, nside
        self.unit, self.particles, self.rotation, self.seed = unit, particles, rotation, key(seed)
        self.free_path: Any = free_path or FixedPath()
        self.dipole = dipole
        self.density = DensityAlongLine(flow, mean_free_path, self.free_path) if hasattr(self.free_path, "compression") else None
        self.cells = strata(particles // 2, math.isqrt(particles // 2)) if stratified else (1, 1)

    def rehearse(self) -> None:
        """Compile what `measure` needs, with a few particles."""
        few = copy.copy(self)
        few.particles, few.cells = FEW, (1, 1)
        few.measure(0, 1)

    def measure(self, first: int, count: int) -> Measurement:
        """Multipoles and skies of consecutive realisations."""
        law = self.free_path
        table = increment_table(self.flow, self.mean_free_path, first, count, law.reach)
        density = np.empty((count, 0, 6))
        if self.density is not None:
            density = interpolation_cells(increment_table(self.density, self.mean_free_path, first, count, law.reach))
        # Of paths that depend on the pitch angle the kernel takes the longest displacement's, and the part of it that others are.
        stretch, path_reach, longest = np.empty((0, 6)), law.reach, 1.0
        if hasattr(law, "stretch"):
            stretch, path_reach, longest = law.stretch, law.path_reach, law.longest
        halves = blank((count, 2, self.l_max + 1))
        intensity, hits = blank((2, count, 2, 12 * self.nside**2))
        rotate = not np.array_equal(self.rotation, np.eye(3))
        particle_skies(
            first, int(Purpose.PARTICLES), int(Purpose.FREE_PATHS), self.seed, self.particles, *self.cells,
            interpolation_cells(table), density, stretch, law.shape, path_reach, law.cumulative, 1 / self.unit,
            self.dipole * longest, self.rotation, rotate, self.nside, halves, intensity, hits,
        )  # fmt: skip
        multipoles = (halves[:, :1] + halves[:, 1:]) / 2
        return Measurement(multipoles, (halves[:, :1] - halves[:, 1:]) / 2, intensity, hits)
