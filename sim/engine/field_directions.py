"""An ensemble over directions of the field (Eq. 12): multipoles turned into a frame at rest, B anywhere with equal chance."""

from typing import Any

import ducc0
import numpy as np

from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.contracts import Particles, Quadrature
from fluxtube.sim.engine.harmonics import complex_from_real, real_from_complex, real_orders
from fluxtube.sim.engine.kernels.gaussian import fill_uniform_pairs
from fluxtube.sim.engine.measurement import Measurement
from fluxtube.sim.engine.streams import Purpose


def random_rotation(realisation: int, seed: int) -> tuple[float, float, float]:
    """Euler angles (psi, theta, phi) of a rotation uniform in SO(3), about z, y and z: theta, phi are the field's direction."""
    u, v = np.empty((2, 2))
    fill_uniform_pairs(u, v, realisation, int(Purpose.FIELD_DIRECTIONS), seed)
    return 2 * np.pi * u[0], float(np.arccos(2 * v[0] - 1)), 2 * np.pi * u[1]


class RandomFieldDirections:
    """An estimator whose multipoles are turned by a random rotation of each realisation; skies stay about the field.

    Parameters
    ----------
    estimator : estimator
        Of multipoles in the magnetic frame.
    l_max : int
        Largest degree.
    seed : int
        Seed of the run.
    """

    def __init__(self, estimator: Quadrature | Particles, l_max: int, seed: int):
        self.estimator, self.l_max, self.seed = estimator, l_max, seed
        self.orders = real_orders(l_max)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.estimator, name)

    def measure(self, first: int, count: int) -> Measurement:
        """Multipoles of consecutive realisations in the frame at rest."""
        seen = self.estimator.measure(first, count)
        difference = None if seen.difference is None else self._turn(seen.difference, first)
        return Measurement(self._turn(seen.multipoles, first), difference, seen.intensity, seen.hits)

    def _turn(self, multipoles: np.ndarray, first: int) -> np.ndarray:
        turned = blank((len(multipoles), self.orders.size, self.l_max + 1))
        for r, real in enumerate(multipoles):
            angles = random_rotation(first + r, self.seed)
            alm = ducc0.sht.rotate_alm(complex_from_real(real, self.l_max), self.l_max, *angles, nthreads=1)
            turned[r] = real_from_complex(alm, self.l_max)
        return turned
