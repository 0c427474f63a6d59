"""Logarithm and cosine-sine pair as straight-line polynomials, which compilers turn into vector code."""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from fluxtube.sim.engine.kernels.compiling import njit

LN2_HIGH = 6.93147180369123816490e-01  # ln 2 in two parts, as in fdlibm
LN2_LOW = 1.90821492927058770002e-10


@intrinsic
def bits_of(typingctx, value):
    """The 64 bits of a double as an integer."""
    if value != types.float64:
        return None
    return types.int64(types.float64), lambda context, builder, signature, args: builder.bitcast(args[0], ir.IntType(64))


@intrinsic
def double_of(typingctx, bits):
    """The double whose 64 bits are given."""
    if bits != types.int64:
        return None
    return types.float64(types.int64), lambda context, builder, signature, args: builder.bitcast(args[0], ir.DoubleType())


@njit(inline="always")
def log_positive(x):
    """ln x for a normal positive double, to about 1 unit in the last place.

    ln x = e ln 2 + 2 atanh s, s = (m - 1)/(m + 1), x = m 2^e, sqrt(1/2) <= m < sqrt(2); the series of atanh to s^21.
    """
    bits = bits_of(x)
    # Shifting the exponent boundary to sqrt(1/2) keeps s within +-0.1716.
    shifted = bits + (0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
    e = (shifted >> 52) - 1023
    m = double_of((shifted & 0x000FFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    p = 1 / 21
    p = p * z + 1 / 19
    p = p * z + 1 / 17
    p = p * z + 1 / 15
    p = p * z + 1 / 13
    p = p * z + 1 / 11
    p = p * z + 1 / 9
    p = p * z + 1 / 7
    p = p * z + 1 / 5
    p = p * z + 1 / 3
    exponent = float(e)
    return exponent * LN2_HIGH + (2.0 * s + (2.0 * s * z * p + exponent * LN2_LOW))


# cos(2 pi s) and sin(2 pi s)/s as polynomials of degree 10 in s^2 over |s| <= 1/2: interpolation in the Chebyshev nodes, which
# leaves 1e-15. tests/sim/test_gaussian.py makes the numbers anew in 40 digits.
C0, C1, C2, C3, C4, C5, C6, C7, C8, C9, C10 = COSINE = (
    1.0, -19.739208802178684, 64.93939402266314, -85.45681720637177, 60.24464136156249, -26.426256590531025,
    7.903534122041613, -1.7143738447256551, 0.2819245703565778, -0.03613799133425832, 0.003359676254891574,
)  # fmt: skip
S0, S1, S2, S3, S4, S5, S6, S7, S8, S9, S10 = SINE = (
    6.283185307179586, -41.34170224039975, 81.60524927607364, -76.70585975297274, 42.058693942058134, -15.094642523739662,
    3.8199519658163408, -0.7181176612406465, 0.10420677657784852, -0.011964299447466884, 0.0010156363080426269,
)  # fmt: skip


@njit(inline="always")
def cos_sin_turns(t):
    """(cos 2 pi t, sin 2 pi t) to 2e-15 plus the rounding of t itself, for |t| < 2^50."""
    s = t - np.rint(t)
    z = s * s
    c = C0 + z * (C1 + z * (C2 + z * (C3 + z * (C4 + z * (C5 + z * (C6 + z * (C7 + z * (C8 + z * (C9 + z * C10)))))))))
    d = S0 + z * (S1 + z * (S2 + z * (S3 + z * (S4 + z * (S5 + z * (S6 + z * (S7 + z * (S8 + z * (S9 + z * S10)))))))))
    return c, s * d


TAN_PI_8 = 0.41421356237309503
# arctan(t)/(2 pi t) as a polynomial of degree 10 in t^2 over |t| <= tan(pi/8), made as those above: 2e-17.
A0, A1, A2, A3, A4, A5, A6, A7, A8, A9, A10 = ARCTANGENT = (
    0.15915494309189532, -0.053051647697290656, 0.03183098861655692, -0.02273642027500392, 0.017683874718384725,
    -0.014468414713824675, 0.012238941110840396, -0.01056826053314365, 0.00905328897479615, -0.00692014002952943,
    0.0033637991121386406,
)  # fmt: skip


@njit(inline="always")
def azimuth_turns(x, y):
    """Azimuth of (x, y) in turns, in [0, 1], to 2e-16; 0 for the origin."""
    along, across = abs(x), abs(y)
    large, small = max(along, across), min(along, across)
    # arctan(small/large), past pi/8 as pi/4 less the rest.
    steep = small > TAN_PI_8 * large
    numerator = large - small if steep else small
    denominator = large + small if steep else large
    t = numerator / (denominator if denominator > 0.0 else 1.0)
    z = t * t
    turn = t * (A0 + z * (A1 + z * (A2 + z * (A3 + z * (A4 + z * (A5 + z * (A6 + z * (A7 + z * (A8 + z * (A9 + z * A10))))))))))
    turn = 0.125 - turn if steep else turn
    turn = 0.25 - turn if across > along else turn
    turn = 0.5 - turn if x < 0.0 else turn
    return 1.0 - turn if y < 0.0 else turn
