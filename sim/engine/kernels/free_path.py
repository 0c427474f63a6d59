"""Free paths of particles, in units of the mean free path, and the mean of a wave over them."""

from numba import uint64

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.elementary import log_positive
from fluxtube.sim.engine.kernels.gaussian import uniform_pair

TWO_PI = 6.283185307179586


@njit(inline="always")
def draw_free_path(index, realisation, purpose, seed, shape, reach):
    """A path of Erlang's law of `shape`, the mean of so many exponential paths, at most `reach`; 1 for shape 0."""
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
