"""What a law of free paths that is given by its density has beside its paths: their ages, and R of the isotropic part."""

import numpy as np

from fluxtube.sim.engine.free_paths import DensityPath
from fluxtube.sim.engine.kernels.interpolation import MARGIN, interpolate_cells, interpolation_cells
from fluxtube.theory.kinetic import InFlight
from fluxtube.theory.kinetic_response import compression

RADIANS = 0.05  # of the longest path that counts, between points of the table of x R(x)
POINTS = 4096  # steps of a part of the table: parts are made alike, whatever was asked for before


class AgesOfDensity(DensityPath):
    """The age of such a path, observed in flight: again a law given by its density, of another mean.

    Parameters
    ----------
    ends : DensityPath
        Of whole paths.
    """

    def __init__(self, ends: DensityPath):
        age, self.mean = ends.law.age
        super().__init__(age)
        self.ends, self.age, self.law = ends, age, InFlight(ends.law)
        self.reach, self.marks = self.mean * self.reach, tuple(self.mean * mark for mark in self.marks)

    def density(self, t: np.ndarray) -> np.ndarray:
        """1 - (cumulative of whole paths), t > 0."""
        return self.age.density(t / self.mean) / self.mean

    def quantiles(self, count: int) -> np.ndarray:
        """Ages that stand for equal shares of the particles, (count,)."""
        return self.mean * self.age.quantiles(count)

    def characteristic(self, y: np.ndarray) -> np.ndarray:
        """<e^(i y a)>."""
        return self.age.characteristic(self.mean * y)


class TabulatedCompression:
    """R = <j_1>/(1 - <j_0>) of whole paths from a table of x R(x), which has no pole: made in parts, as far as it is asked for.

    Parameters
    ----------
    law : PathDensity
    """

    def __init__(self, law):
        self.law = law
        self.step = RADIANS / min(law.reach, 1.0 + 6.0 * float(np.sqrt(max(law.moments[2] - 1.0, 0.0))))
        self._parts: dict[int, np.ndarray] = {}

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """R of x (n,) of either sign; zero where x is."""
        size, width = np.abs(x), self.step * POINTS
        number = np.floor(size / width).astype(np.int64)
        product = np.zeros(x.shape)
        for part in np.unique(number):
            here = number == part
            at = np.clip(2.0 * (size[here] / width - part) - 1.0, -1.0, 1.0)
            product[here] = interpolate_cells(self._part(int(part)), at)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(size > 1e-100, product / x, 0.0)

    def _part(self, number: int) -> np.ndarray:
        if number not in self._parts:
            x = np.abs(self.step * (number * POINTS + np.arange(-MARGIN, POINTS + MARGIN + 1)))
            product = np.full(x.shape, 2.0 / self.law.moments[2])
            some = x > 0
            product[some] = x[some] * compression(self.law.velocity_response(1.0), x[some])
            self._parts[number] = interpolation_cells(product)
        return self._parts[number]
