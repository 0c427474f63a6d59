"""Arrays for kernels to fill."""

import numpy as np


def blank(shape: int | tuple[int, ...]) -> np.ndarray:
    """An array of NaN: what a kernel left unfilled, because it was stopped under way, makes the exact sums raise."""
    return np.full(shape, np.nan)
