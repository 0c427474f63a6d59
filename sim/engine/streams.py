"""What each random stream is for: a stream is named by (seed, purpose, realisation), never by rank, thread or order."""

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """The purposes; a number, once given, is never changed or used again, or old runs could not be repeated."""

    LINE_AMPLITUDES = 1
    WAVE_VECTORS = 2
    MODE_AMPLITUDES = 3
    PARTICLES = 4
    FREE_PATHS = 5
    GRID_AMPLITUDES = 6
    FIELD_DIRECTIONS = 7
    WALK_DIRECTIONS = 8
    WALK_PATHS = 9
    RING_MULTIPOLES = 10


FIRST_FREE_PURPOSE = 1000  # and above: for flows from outside of the package


def generator(seed: int, realisation: int, purpose: int) -> np.random.Generator:
    """A stream of numpy's own for one realisation: the same numbers on any rank, in any order.

    Parameters
    ----------
    seed, realisation : int
    purpose : int
        What it is for; from FIRST_FREE_PURPOSE on they are free.
    """
    return np.random.Generator(np.random.Philox(key=[int(seed), int(purpose)], counter=[0, 0, 0, realisation]))


def key(seed: int) -> np.uint64:
    """A seed as kernels take it, of one type: an int from 2^63 on does not fit what was compiled for a smaller one."""
    return np.uint64(seed)
