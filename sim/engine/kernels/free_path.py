"""Free paths of particles, in units of the mean free path, and the mean of a wave over them.

A law is a whole number `shape`: 0 for the fixed path, k for Erlang's law of k stages, both to the END of the path; -1 - shape
for particles observed in flight, which have the age of such a path behind them.
"""

from numba import uint64

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.elementary import cos_sin_turns, log_positive
from fluxtube.sim.engine.kernels.gaussian import uniform_pair

TWO_PI = 6.283185307179586
TABULATED = -(2**30)  # in the place of a shape


@njit(inline="always")
def draw_age(index, realisation, purpose, seed, stages, reach):
    """The age of a path that is observed in flight: any part of a path drawn with the weight of its length, one stage more."""
    pairs = uint64((stages + 3) // 2)
    u, part = uniform_pair(index * pairs, realisation, purpose, seed)
    if stages == 0:
        return u
    total = -log_positive(u)
    for i in range(1, (stages + 3) // 2):
        u, v = uniform_pair(index * pairs + uint64(i), realisation, purpose, seed)
        total -= log_positive(u if 2 * i == stages + 1 else u * v)
    return min(reach, part * total / stages)


@njit(inline="always")
def draw_free_path(index, realisation, purpose, seed, shape, reach, cumulative):
    """A path of Erlang's law of `shape`, the mean of so many exponential paths, at most `reach`; 1 for shape 0; ages below.

    For shape TABULATED it is drawn from `cumulative`, its distribution at equidistant paths from 0 to `reach`.
    """
    if shape == TABULATED:
        u, v = uniform_pair(index, realisation, purpose, seed)
        low, high = 0, cumulative.size - 1
        while high - low > 1:
            middle = (low + high) // 2
            if cumulative[middle] > u:
                high = middle
            else:
                low = middle
        width = cumulative[high] - cumulative[low]
        share = (u - cumulative[low]) / width if width > 0.0 else 0.5
        return reach * (low + share) / (cumulative.size - 1)
    if shape < 0:
        return draw_age(index, realisation, purpose, seed, -1 - shape, reach)
    total = 0.0
    for i in range((shape + 1) // 2):
        counter = index * uint64((shape + 1) // 2) + uint64(i)
        u, v = uniform_pair(counter, realisation, purpose, seed)
        total -= log_positive(u if 2 * i + 1 == shape else u * v)
    return min(reach, total / shape) if shape > 0 else 1.0


@njit(inline="always")
def erlang_wave(turns, shape):
    """<cos 2 pi turns t>, <sin 2 pi turns t> over Erlang's law: real and imaginary part of (1 - 2 pi i turns/shape)^-shape."""
    y = TWO_PI * turns / shape
    scale = 1.0 / (1.0 + y * y)
    cosine, sine = 1.0, 0.0
    for _ in range(shape):
        cosine, sine = scale * (cosine - y * sine), scale * (sine + y * cosine)
    return cosine, sine


@njit(error_model="numpy")
def mean_wave(turns, shape):
    """<cos 2 pi turns t>, <sin 2 pi turns t> over any law; in flight <e^(i y a)> = [<e^(i y t)> - 1]/(i y)."""
    stages = shape if shape >= 0 else -1 - shape
    c, s = cos_sin_turns(turns) if stages == 0 else erlang_wave(turns, stages)
    if shape >= 0:
        return c, s
    y = TWO_PI * turns
    if abs(y) < 1e-4:
        second = 1.0 if stages == 0 else (stages + 1.0) / stages
        third = 1.0 if stages == 0 else second * (stages + 2.0) / stages
        return 1.0 - y * y * third / 6.0, 0.5 * y * second
    return s / y, (1.0 - c) / y
