"""Multipoles and skies from particles with isotropic pitch angles and gyro-phases."""

import math

import numpy as np

from fluxtube.sim.estimators.measurement import Measurement
from fluxtube.sim.kernels.interpolation import MARGIN
from fluxtube.sim.kernels.particles import particle_skies
from fluxtube.sim.streams import Purpose

RADIANS_PER_STEP = 0.35  # of the shortest wave, between table points: interpolation error below 1e-5 of its amplitude
FEWEST_STEPS = 64


def increment_table(flow, mean_free_path: float, first: int, count: int) -> np.ndarray:
    """u(lambda mu) - u(0) of consecutive realisations at equidistant mu, for `kernels.interpolation`.

    Returns
    -------
    (count, n)
        [velocity], mu from -1 to 1 and MARGIN points beyond either end.
    """
    half = max(FEWEST_STEPS, math.ceil(flow.k_max * mean_free_path / RADIANS_PER_STEP))
    displacement = mean_free_path / half * np.arange(half + MARGIN + 1)
    even, odd = flow.increments(first, count, displacement)
    return np.concatenate([(even - odd)[:, :0:-1], even + odd], axis=1)


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
    """

    def __init__(self, flow, mean_free_path, l_max, nside, unit, particles, rotation, seed):
        self.flow, self.mean_free_path, self.l_max, self.nside = flow, mean_free_path, l_max, nside
        self.unit, self.particles, self.rotation, self.seed = unit, particles, rotation, seed

    def measure(self, first: int, count: int) -> Measurement:
        """Multipoles and skies of consecutive realisations."""
        table = increment_table(self.flow, self.mean_free_path, first, count)
        halves = np.empty((count, 2, self.l_max + 1))
        intensity, hits = np.empty((2, count, 2, 12 * self.nside**2))
        rotate = not np.array_equal(self.rotation, np.eye(3))
        particle_skies(
            first, self.seed, int(Purpose.PARTICLES), self.particles, table, 1 / self.unit, self.rotation, rotate,
            self.nside, halves, intensity, hits,
        )  # fmt: skip
        multipoles = (halves[:, :1] + halves[:, 1:]) / 2
        return Measurement(multipoles, (halves[:, :1] - halves[:, 1:]) / 2, intensity, hits)
