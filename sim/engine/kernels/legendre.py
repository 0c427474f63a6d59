"""Legendre sums over many points."""

import numpy as np

from fluxtube.sim.engine.kernels.compiling import njit


@njit(cache=True, error_model="numpy")
def legendre_recurrence(degrees):
    """Coefficients of q_(l+1) = 2 x q_l - fall_l q_(l-1) and P_l = scale_l q_l.

    From (l + 1) P_(l+1) = (2l + 1) x P_l - l P_(l-1) with scale_(l+1) = scale_l (2l + 1)/(2l + 2); q_l grows as sqrt(l) only.

    Returns
    -------
    fall, scale : (degrees,)
    """
    fall, scale = np.zeros(degrees), np.ones(degrees)
    for l in range(1, degrees):
        fall[l] = 4.0 * l * l / (4.0 * l * l - 1.0)
        scale[l] = scale[l - 1] * (2.0 * l - 1.0) / (2.0 * l)
    return fall, scale


# The sum over a batch may be regrouped: one machine always regroups it alike, whatever the threads. Inlined by force: a copy
# of its own is optimised once more where it is linked, and a process that compiled it would run another one than those that
# find it in the cache, and get other bits.
@njit(error_model="numpy", forceinline=True, fastmath={"reassoc", "contract", "nsz"})
def add_legendre_sums(value, cosine, size, before, current, fall, total):
    """Add sum_i value_i q_l(cosine_i) to total_l (`legendre_recurrence`); `before` and `current` are work space.

    Four degrees a sweep, so that the work space is written a quarter as often.
    """
    degrees = total.size
    for i in range(size):
        before[i] = 0.0
        current[i] = value[i]
    for l in range(0, degrees - 3, 4):
        fall0, fall1, fall2, fall3 = fall[l], fall[l + 1], fall[l + 2], fall[l + 3]
        sum0, sum1, sum2, sum3 = 0.0, 0.0, 0.0, 0.0
        for i in range(size):
            x, q0 = 2.0 * cosine[i], current[i]
            q1 = x * q0 - fall0 * before[i]
            q2 = x * q1 - fall1 * q0
            q3 = x * q2 - fall2 * q1
            current[i] = x * q3 - fall3 * q2
            before[i] = q3
            sum0 += q0
            sum1 += q1
            sum2 += q2
            sum3 += q3
        total[l] += sum0
        total[l + 1] += sum1
        total[l + 2] += sum2
        total[l + 3] += sum3
    for l in range(degrees - degrees % 4, degrees):
        rest = 0.0
        for i in range(size):
            q = current[i]
            current[i] = 2.0 * cosine[i] * q - fall[l] * before[i]
            before[i] = q
            rest += q
        total[l] += rest
