"""Logarithm and cosine-sine pair as straight-line polynomials, which compilers turn into vector code."""

import math

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

LN2_HIGH = 6.93147180369123816490e-01  # ln 2 in two parts, as in fdlibm
LN2_LOW = 1.90821492927058770002e-10
SQRT2 = math.sqrt(2)
TWO_PI = 2 * math.pi


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


# Taylor series of cos and sin in x^2: with |x| <= pi/4 the first term left out is below 1e-17.
COS = tuple((-1) ** n / math.factorial(2 * n) for n in range(9))
SIN = tuple((-1) ** n / math.factorial(2 * n + 1) for n in range(9))
C0, C1, C2, C3, C4, C5, C6, C7, C8 = COS
S0, S1, S2, S3, S4, S5, S6, S7, S8 = SIN


@njit(inline="always")
def cos_sin_turns(t):
    """(cos 2 pi t, sin 2 pi t) to about 1e-16 plus the rounding of t itself, for |t| < 2^50."""
    quadrant = math.floor(4.0 * t + 0.5)
    x = (t - 0.25 * quadrant) * TWO_PI
    z = x * x
    c = C0 + z * (C1 + z * (C2 + z * (C3 + z * (C4 + z * (C5 + z * (C6 + z * (C7 + z * C8)))))))
    s = x * (S0 + z * (S1 + z * (S2 + z * (S3 + z * (S4 + z * (S5 + z * (S6 + z * (S7 + z * S8))))))))
    q = int(quadrant) & 3
    odd = (q & 1) == 1
    cosine = s if odd else c
    sine = c if odd else s
    # Quadrants: 0 (c, s), 1 (-s, c), 2 (-c, -s), 3 (s, -c).
    cosine = -cosine if (q == 1 or q == 2) else cosine
    sine = -sine if q >= 2 else sine
    return cosine, sine
