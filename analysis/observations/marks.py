"""Marks of unobserved pixels that a file does not declare: -9999, -1, 0 among numbers that are a relative intensity elsewhere."""

import numpy as np

from fluxtube.errors import InputError

FAR = 50.0  # times the deviation that 99 % of the pixels keep to: no noise, and no sky, goes there
MANY_ZEROS = 0.01  # of the pixels


def refuse_marks(values: np.ndarray, path, remedy: str, weighted: bool = False) -> None:
    """Raise InputError where observed pixels hold what no relative intensity can be, or one that is far from all others.

    Parameters
    ----------
    values : ndarray (n,)
        Relative intensity of the observed pixels.
    path : path
        For the message.
    remedy : str
        What to do where the values are in another unit.
    weighted : bool
        Whether pixels have weights or noise of their own: far ones may then be those that hardly count.
    """
    mark = "a mark of unobserved pixels? then give --mask, or BAD_DATA in the header"
    least = float(np.min(values, initial=0.0))
    if least < -1 - 1e-9:
        raise InputError(f"{str(path)!r} goes down to {least:.6g}, and a relative intensity ends at -1: {mark}; or {remedy}")
    if weighted:
        return
    for extreme in {least, float(np.max(values, initial=0.0))} - {0.0}:
        others = values[values != extreme]
        if not len(others):
            continue
        usual = np.median(others)
        spread = np.percentile(np.abs(others - usual), 99)
        if 0 < FAR * spread < abs(extreme - usual):
            count = len(values) - len(others)
            pixels = "1 observed pixel holds" if count == 1 else f"{count} observed pixels hold"
            raise InputError(
                f"{str(path)!r}: {pixels} {extreme:.6g}, and 99 % of the others are within {spread:.2g} of {usual:.2g}: {mark}"
            )


def words_on_zeros(values: np.ndarray) -> list[str]:
    """A warning where many observed pixels are exactly zero, as they are where a file has zeros for what was not seen."""
    zeros = int(np.count_nonzero(values == 0))
    if not MANY_ZEROS * len(values) < zeros < len(values):
        return []
    return [f"{zeros} of {len(values)} observed pixels are exactly 0: if they were not observed, give --mask; they are data here"]
