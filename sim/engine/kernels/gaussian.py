"""Normal and uniform numbers keyed by (seed, purpose, realisation, index)."""

import math

from numba import uint64

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.elementary import cos_sin_turns, log_positive
from fluxtube.sim.engine.kernels.philox import HALF, LOW, philox

TWO_TO_MINUS_52 = 2.0**-52
TOP_20 = uint64(12)  # 32 - 20: the high word gives 20 bits, the low word 32


@njit(inline="always")
def open_uniform(high, low):
    """Uniform double strictly between 0 and 1 from 52 random bits: the middles of 2^52 equal cells."""
    bits = ((high >> TOP_20) << HALF) | low
    return (float(bits) + 0.5) * TWO_TO_MINUS_52


@njit(inline="always")
def uniform_pair(index, realisation, purpose, seed):
    """Two independent uniforms in (0, 1) of one counter."""
    a, b, c, d = philox(
        index & LOW,
        (index >> HALF) | (purpose << uint64(16)),
        realisation & LOW,
        realisation >> HALF,
        seed & LOW,
        seed >> HALF,
    )
    return open_uniform(a, b), open_uniform(c, d)


@njit(inline="always")
def normal_pair(index, realisation, purpose, seed):
    """Two independent standard normals of one counter (Box & Muller 1958)."""
    u, v = uniform_pair(index, realisation, purpose, seed)
    radius = math.sqrt(-2.0 * log_positive(u))
    cosine, sine = cos_sin_turns(v)
    return radius * cosine, radius * sine


@njit(cache=True, error_model="numpy")
def fill_normal_pairs(one, other, realisation, purpose, seed):
    """Fill two arrays of one length with independent standard normals."""
    for i in range(one.size):
        one[i], other[i] = normal_pair(uint64(i), uint64(realisation), uint64(purpose), uint64(seed))


@njit(cache=True, error_model="numpy")
def fill_uniform_pairs(one, other, realisation, purpose, seed):
    """Fill two arrays of one length with independent uniforms in (0, 1)."""
    for i in range(one.size):
        one[i], other[i] = uniform_pair(uint64(i), uint64(realisation), uint64(purpose), uint64(seed))
