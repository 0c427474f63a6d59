"""R = <j_1>/(1 - <j_0>), the isotropic part of f over the velocity of a wave, element by element: bits depend on x alone."""

import math

from numba import prange

from fluxtube.sim.engine.kernels.compiling import njit

SMALL = 0.5  # where the closed forms give way to the power series
TERMS = 40
TINY = 1e-100  # what is no wave at all


@njit(error_model="numpy")
def compression(x, stages):
    """R(x), odd in x, of the fixed path (stages = 0) or Erlang's law; zero for |x| below 1e-100.

    <t^n> = k (k+1) ... (k+n-1)/k^n; j_0 of m stages is sin((m-1) a)/((m-1) y) (1+y^2)^(-(m-1)/2), y = x/k, a = arctan y, and
    <j_1> the difference of that of m-1 and m-2 stages over y.
    """
    size = abs(x)
    if size < TINY:
        return 0.0
    if size < SMALL:
        power, moment, above, below = 1.0, 1.0, 0.0, 0.0  # x^n/n! and <t^n>
        for n in range(1, TERMS):
            power *= size / n
            if stages > 0:
                moment *= (stages + n - 1.0) / stages
            sign = 1.0 if (n // 2) % 2 == 0 else -1.0
            if n % 2 == 1:
                above += sign * power * moment / (n + 2.0)
            else:
                below -= sign * power * moment / (n + 1.0)
            if power * moment < 1e-20 * size * size:
                break
        ratio = above / below
    elif stages == 0:
        zero = math.sin(size) / size
        ratio = (zero - math.cos(size)) / size / (1.0 - zero)
    elif stages == 1:
        ratio = 1.0 / size
    else:
        y = size / stages
        zero = _zero(y, stages - 1)
        ratio = (_zero(y, stages - 2) - zero) / y / (1.0 - zero)
    return ratio if x > 0.0 else -ratio


@njit(error_model="numpy")
def _zero(y, order):
    """<j_0> of order + 1 stages."""
    angle = math.atan(y)
    if order == 0:
        return angle / y
    return math.sin(order * angle) * math.exp(-0.5 * order * math.log1p(y * y)) / (order * y)


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def fill_compression(x, stages, ratio):
    """R of every element of x (n,), filled into ratio (n,)."""
    for i in prange(x.size):
        ratio[i] = compression(x[i], stages)
