"""Tables of the increment along the field line, for `kernels.interpolation`."""

import math

import numpy as np

from fluxtube.sim.engine.kernels.interpolation import MARGIN

RADIANS_PER_STEP = 0.35  # of the shortest wave, between table points: interpolation error below 1e-5 of its amplitude
FEWEST_STEPS = 64


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
