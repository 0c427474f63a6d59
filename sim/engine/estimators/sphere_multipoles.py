"""Multipoles of all orders straight from the waves of a vector flow, for transport across the field."""

import math
from functools import cached_property

import numpy as np

from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.estimators.measurement import Measurement
from fluxtube.sim.engine.estimators.radial_table import radial_table
from fluxtube.sim.engine.estimators.sphere_quadrature import SphereQuadrature
from fluxtube.sim.engine.kernels.multipoles import LANES, UNROLLED, fixed_multipoles, legendre_orders, table_multipoles
from fluxtube.theory.free_path import Fixed

SUMS_AT_ONCE = 2**22  # of chunks of waves, before they are added: 32 MiB
FACTORS_AT_ONCE = 3 * 2**16  # of a chunk's waves and all degrees: 1.5 MiB, which the second cache holds


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
        return Measurement(self._multipoles(first, count, self.paths[:1], self.dipoles[:1])[:, 0])

    def join(self, others: list["SphereMultipoles"]) -> None:
        """Be ready to measure other mean free paths of the same waves too."""
        self.paths = np.array([one.waves.mean_free_path / self.waves.mean_free_path for one in (self, *others)])
        self.dipoles = [one.dipole for one in (self, *others)]
        self.reached = self.paths.max() * self.waves.phase

    def measure_together(self, first: int, count: int) -> np.ndarray:
        """Multipoles of this and of the joined mean free paths, (count, P, n_m, L), on waves drawn once.

        What each measures alone, but for the rounding of k lambda.
        """
        return self._multipoles(first, count, self.paths, self.dipoles)

    def _multipoles(self, first: int, count: int, paths: np.ndarray, dipoles: list[float]) -> np.ndarray:
        """Multipoles at mean free paths in units of the waves' own, (count, P, n_m, L)."""
        l_max, orders = self.l_max, self.orders.size
        multipoles = blank((count, paths.size, orders, l_max + 1))
        chunks = math.ceil(self.waves.modes / LANES)
        group = max(1, FACTORS_AT_ONCE // (3 * LANES * (l_max + 1 + UNROLLED)))
        together = max(1, SUMS_AT_ONCE // (chunks * min(group, paths.size) * orders * (l_max + 1 + UNROLLED)))
        for start in range(0, count, together):
            size = min(together, count - start)
            waves = self.waves.draw(first + start, size)
            for p in range(0, paths.size, group):
                some = paths[p : p + group]
                partial = blank((size, chunks, some.size, orders, l_max + 1 + UNROLLED))
                self.kernel(*waves, some, self.recurrence, *self.table, partial)
                for r in range(size):
                    multipoles[start + r, p : p + group] = self.scale * partial[r].sum(axis=0)[..., : l_max + 1]
        multipoles[:, :, 0, 1] += math.sqrt(4 * math.pi / 3) * self.free_path.mean * np.array(dipoles)
        return multipoles
