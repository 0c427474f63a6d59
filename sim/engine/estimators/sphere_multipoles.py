"""Multipoles of all orders straight from the waves of a vector flow, for transport across the field."""

import math
from functools import cached_property

import numpy as np

from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.estimators.radial_table import radial_table
from fluxtube.sim.engine.estimators.sphere_quadrature import SphereQuadrature
from fluxtube.sim.engine.kernels.multipoles import LANES, UNROLLED, fixed_multipoles, legendre_orders, table_multipoles
from fluxtube.sim.engine.kernels.multipoles_together import PATHS, fixed_multipoles_together, table_multipoles_together
from fluxtube.sim.engine.measurement import Measurement
from fluxtube.theory.free_path import Fixed

SUMS_AT_ONCE = 2**22  # of chunks of waves, before they are added: 32 MiB
FACTORS_AT_ONCE = 2**18  # radial functions of a chunk's waves, all degrees and mean free paths: 2 MiB


class SphereMultipoles(SphereQuadrature):
    """a_lm = int Y_lm(n) n.<u(t n) - u(0)>_t dOmega, real harmonics, each wave's share in closed form.

    4 pi i^(l-1) A.grad_y [<j_l(t y)> Y_lm(y^)], with the radial functions of the law's responses. Skies and shot noise are sums
    of waves on directions, as for `SphereQuadrature`, whose multipoles these are without the error of its grid.
    """

    def __init__(self, waves, l_max: int, free_path, dipole: float = 0.0):
        super().__init__(waves, l_max, free_path, dipole)
        self.recurrence = legendre_orders(l_max)
        order = np.abs(self.orders)
        self.scale = np.where(order[:, None] > 0, self.recurrence[2, order, : l_max + 1], 1.0)
        self.join([])

    @cached_property
    def kernel(self):
        """The kernel of the law: recurrences for the fixed path, a table for others."""
        return fixed_multipoles if isinstance(self.free_path.law, Fixed) else table_multipoles

    @cached_property
    def table(self) -> tuple[np.ndarray, np.ndarray]:
        """Radial functions of a law that needs a table, as far as the longest mean free path needs them."""
        if self.kernel is fixed_multipoles:
            return np.zeros(1), np.zeros((1, 1, 1))
        return radial_table(self.free_path.law, self.l_max, self.reached)

    def measure(self, first: int, count: int) -> Measurement:
        """Multipoles of consecutive realisations."""
        multipoles = blank((count, self.orders.size, self.l_max + 1))
        together = max(1, SUMS_AT_ONCE // self._sums(self.waves.modes))
        for start in range(0, count, together):
            size = min(together, count - start)
            multipoles[start : start + size] = self.of_waves(*self.waves.draw(first + start, size))
        multipoles[:, 0, 1] += self._diffuse(self.dipoles[0])
        return Measurement(multipoles)

    def _sums(self, waves: int) -> int:
        """Numbers that a realisation's sums take."""
        return math.ceil(waves / LANES) * self.orders.size * (self.l_max + 1 + UNROLLED)

    def of_waves(self, wave_vectors: np.ndarray, cosine: np.ndarray, sine: np.ndarray) -> np.ndarray:
        """Multipoles of given waves, k lambda and amplitudes (count, 3, n) each: (count, n_m, L)."""
        count, l_max, orders = len(wave_vectors), self.l_max, self.orders.size
        chunks = math.ceil(wave_vectors.shape[2] / LANES)
        partial = blank((count, chunks, 1, orders, l_max + 1 + UNROLLED))
        self.kernel(wave_vectors, cosine, sine, self.paths[:1], self.recurrence, *self.table, partial)
        return np.array([self.scale * one[:, 0].sum(axis=0)[..., : l_max + 1] for one in partial])

    def join(self, others: list["SphereMultipoles"]) -> None:
        """Be ready to measure other mean free paths of the same waves too."""
        self.paths = np.array([one.waves.mean_free_path / self.waves.mean_free_path for one in (self, *others)])
        self.dipoles = [one.dipole for one in (self, *others)]
        self.reached = self.paths.max() * self.waves.phase

    def measure_together(self, first: int, count: int) -> np.ndarray:
        """Multipoles of this and of the joined mean free paths, (count, P, n_m, L), on waves drawn once.

        What each measures alone but for rounding: sums are in another order (`kernels.multipoles_together`).
        """
        if self.paths.size == 1:
            return self.measure(first, count).multipoles[:, None]
        l_max, orders = self.l_max, self.orders.size
        multipoles = blank((count, self.paths.size, orders, l_max + 1))
        kernel = fixed_multipoles_together if self.kernel is fixed_multipoles else table_multipoles_together
        group = max(PATHS, FACTORS_AT_ONCE // (2 * LANES * (l_max + 1)) // PATHS * PATHS)
        together = max(1, SUMS_AT_ONCE // (9 * self.waves.modes))
        for start in range(0, count, together):
            size = min(together, count - start)
            waves = self.waves.draw(first + start, size)
            for p in range(0, self.paths.size, group):
                some = self.paths[p : p + group]
                even = np.append(some, np.zeros(-some.size % PATHS))
                found = blank((size, some.size, orders, l_max + 1))
                kernel(*waves, even, self.recurrence, *self.table, self.scale, found)
                multipoles[start : start + size, p : p + group] = found
        multipoles[:, :, 0, 1] += self._diffuse(np.array(self.dipoles))
        return multipoles

    def _diffuse(self, dipole):
        """What the dipole along the field adds to a_10."""
        return math.sqrt(4 * math.pi / 3) * self.free_path.mean * dipole
