"""Tables of the increment along the field line, for `kernels.interpolation`."""

import math

import numpy as np

from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.kernels.interpolation import MARGIN
from fluxtube.sim.engine.kernels.modes import increments_along_line

RADIANS_PER_STEP = 0.35  # of the shortest wave, between table points: interpolation error below 1e-5 of its amplitude
FEWEST_STEPS = 64


class DensityAlongLine:
    """The isotropic part of f along the field line as a flow of its own, over (dln f/dln p)/v: waves R (b cos - a sin).

    Parameters
    ----------
    flow : Flow
        With `waves`.
    mean_free_path : float
        lambda [1/wave number].
    free_path : SteadyPath
        With `compression`.
    """

    def __init__(self, flow, mean_free_path: float, free_path):
        self.flow, self.mean_free_path, self.free_path, self.k_max = flow, mean_free_path, free_path, flow.k_max

    def ratio(self, wave_numbers: np.ndarray) -> np.ndarray:
        """R of wave numbers of either sign."""
        return self.free_path.compression(self.mean_free_path * wave_numbers)

    def increments(self, first: int, count: int, displacement: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Even and odd part in s of dF(s) - dF(0), each (count, m), at `displacement` (m,) >= 0."""
        wave_numbers, cosine, sine = self.flow.waves(first, count)
        ratio = self.ratio(wave_numbers)
        even, odd = blank((2, count, displacement.size))
        increments_along_line(wave_numbers, ratio * sine, -ratio * cosine, displacement, even, odd)
        return even, odd


def increment_table(flow, mean_free_path: float, first: int, count: int, reach: float = 1.0) -> np.ndarray:
    """u(s) - u(0) of consecutive realisations at equidistant s.

    Returns
    -------
    (count, n)
        [velocity], s from -lambda reach to lambda reach and MARGIN points beyond either end.
    """
    steps = getattr(flow, "steps", None)
    half = steps or max(FEWEST_STEPS, math.ceil(flow.k_max * mean_free_path * reach / RADIANS_PER_STEP))
    displacement = mean_free_path * reach / half * np.arange(half + MARGIN + 1)
    even, odd = flow.increments(first, count, displacement)
    return np.concatenate([(even - odd)[:, :0:-1], even + odd], axis=1)
