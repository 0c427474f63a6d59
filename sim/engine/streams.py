"""What each random stream is for: a stream is named by (seed, purpose, realisation), never by rank, thread or order."""

from enum import IntEnum


class Purpose(IntEnum):
    """The purposes; a number, once given, is never changed or used again, or old runs could not be repeated."""

    LINE_AMPLITUDES = 1
    WAVE_VECTORS = 2
    MODE_AMPLITUDES = 3
    PARTICLES = 4
    FREE_PATHS = 5
    GRID_AMPLITUDES = 6
    FIELD_DIRECTIONS = 7
