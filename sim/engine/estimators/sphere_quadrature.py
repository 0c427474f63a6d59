"""Multipoles of all orders by quadrature on a spherical grid, for transport across the field."""

from functools import cached_property

import numpy as np

from fluxtube.sim.engine.ages import density_of_waves
from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.harmonics import SphericalGrid, real_orders
from fluxtube.sim.engine.kernels.sphere import steady_increments
from fluxtube.sim.engine.measurement import Measurement

VALUES_AT_ONCE = 2**21  # directions times realisations: 32 MiB
PATHS_IN_NOISE = 64  # that stand for a law of free paths in the shot noise


class SphereQuadrature:
    """a_lm = int Y_lm(n) n.<u(t n) - u(0)>_t dOmega, real harmonics, for every realisation of a vector flow.

    Parameters
    ----------
    waves : transport.Waves
        The flow as the particles see it.
    l_max : int
        Largest degree.
    free_path : law
        Of `free_paths`.
    dipole : float
        Diffuse anisotropy along the field, in the unit anisotropy.
    """

    def __init__(self, waves, l_max: int, free_path, dipole: float = 0.0):
        self.waves, self.l_max, self.free_path, self.dipole = waves, l_max, free_path, dipole
        self.orders = real_orders(l_max)

    @cached_property
    def grid(self) -> SphericalGrid:
        """The grid that resolves the shortest waves."""
        phase = self.waves.phase * self.free_path.reach
        return SphericalGrid(int(phase + 2.5 * phase ** (1 / 3) + 12) + self.l_max, self.l_max)

    def values(self, first: int, count: int, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Odd and even part of the anisotropy at arrival directions (3, m), (count, m) each: even +- odd at +-n."""
        odd, even = blank((2, count, directions.shape[1]))
        drawn, law = self.waves.draw(first, count), self.free_path
        if hasattr(law, "compression") or law.increments is steady_increments:
            drawn = (*drawn, density_of_waves(law, *drawn))
        law.increments(law.shape, *drawn, directions, odd, even)
        return odd + self.dipole * law.mean * directions[2], even

    def measure(self, first: int, count: int) -> Measurement:
        """Multipoles of consecutive realisations."""
        multipoles = blank((count, self.orders.size, self.l_max + 1))
        together = max(1, VALUES_AT_ONCE // self.grid.half.shape[1])
        for start in range(0, count, together):
            odd, even = self.values(first + start, min(together, count - start), self.grid.half)
            for r in range(len(odd)):
                multipoles[start + r] = self.grid.transform(even[r] + odd[r], even[r] - odd[r])
        return Measurement(multipoles)

    def sky(self, realisation: int, arrival: np.ndarray) -> np.ndarray:
        """Anisotropy towards arrival directions (n, 3) in the magnetic frame, (n,)."""
        odd, even = self.values(realisation, 1, np.ascontiguousarray(arrival.T))
        return (even + odd)[0]

    def rehearse(self) -> None:
        """Compile what skies and shot noise need."""
        self.sky(0, np.array([[0.0, 0.0, 1.0]]))
        drawn = self.waves.draw(0, 1)
        density = density_of_waves(self.free_path, *drawn)
        steady_increments(0, *drawn, density, np.array([[0.0], [0.0], [1.0]]), *np.empty((2, 1, 1)))

    def shot_noise(self, realisation: int, particles: int) -> np.ndarray:
        """Variance of each multipole from so many particles with isotropic directions, given the flow, (n_m, L).

        var a_lm = [4 pi int <v^2> Y_lm^2 dOmega - a_lm^2] / n with v the anisotropy, on a grid that resolves v^2.
        """
        phase = self.waves.phase * self.free_path.reach
        grid = SphericalGrid(int(2 * phase + 5 * phase ** (1 / 3) + 24) + 2 * self.l_max, 2 * self.l_max)
        k, cosine, sine = self.waves.draw(realisation, 1)
        density = density_of_waves(self.free_path, k, cosine, sine)
        paths = self.free_path.quantiles(PATHS_IN_NOISE)
        ahead, behind = np.zeros((2, grid.half.shape[1]))
        for t in paths:
            odd, even = blank((2, 1, grid.half.shape[1]))
            steady_increments(0, t * k, cosine, sine, density, grid.half, odd, even)
            odd += self.dipole * t * grid.half[2]
            ahead += (even + odd)[0] ** 2 / paths.size
            behind += (even - odd)[0] ** 2 / paths.size
        square = grid.squared_harmonics(ahead, behind, self.l_max)
        mean = self.measure(realisation, 1).multipoles[0]
        return (4 * np.pi * square - mean**2) / particles
