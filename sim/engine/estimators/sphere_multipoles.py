"""Multipoles of all orders straight from the waves of a vector flow, for transport across the field."""

import math

import numpy as np

from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.estimators.measurement import Measurement
from fluxtube.sim.engine.estimators.radial_table import radial_table
from fluxtube.sim.engine.estimators.sphere_quadrature import SphereQuadrature
from fluxtube.sim.engine.kernels.multipoles import LANES, UNROLLED, fixed_multipoles, legendre_orders, table_multipoles
from fluxtube.theory.free_path import Fixed

SUMS_AT_ONCE = 2**22  # of chunks of waves, before they are added: 32 MiB


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
        if isinstance(free_path.law, Fixed):
            self.kernel, self.table = fixed_multipoles, (np.zeros(1), np.zeros((1, 1, 1)))
        else:
            self.kernel, self.table = table_multipoles, radial_table(free_path.law, l_max, waves.phase)

    def measure(self, first: int, count: int) -> Measurement:
        """Multipoles of consecutive realisations."""
        l_max = self.l_max
        multipoles = blank((count, self.orders.size, l_max + 1))
        chunks = math.ceil(self.waves.modes / LANES)
        together = max(1, SUMS_AT_ONCE // (chunks * self.orders.size * (l_max + 1 + UNROLLED)))
        for start in range(0, count, together):
            size = min(together, count - start)
            partial = blank((size, chunks, self.orders.size, l_max + 1 + UNROLLED))
            self.kernel(*self.waves.draw(first + start, size), self.recurrence, *self.table, partial)
            for r in range(size):
                multipoles[start + r] = self.scale * partial[r].sum(axis=0)[:, : l_max + 1]
        multipoles[:, 0, 1] += math.sqrt(4 * math.pi / 3) * self.dipole * self.free_path.mean
        return Measurement(multipoles)
