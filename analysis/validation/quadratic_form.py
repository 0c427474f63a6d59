"""The law of a quadratic form of Gaussian numbers, by the saddlepoint: good to a few hundredths of the probability.

Reference: Kuonen, D. 1999, Biometrika, 86, 929; Lugannani, R. & Rice, S. 1980, Adv. Appl. Probab., 12, 475.
"""

import numpy as np
from scipy import optimize, stats


def two_sided_probability(values: np.ndarray, count: int, mean: float) -> float:
    """Probability of something at least as far out as the mean of N forms q = sum_i v_i (x_i^2 - 1), x_i standard normal.

        k(s) = sum_i [-ln(1 - 2 v_i s)/2 - v_i s],    k'(s) = mean,
        P(> mean) = 1 - Phi(w + ln(u/w)/w),    w = sgn(s) sqrt(2 N [s mean - k]),    u = s sqrt(N k'')

    Parameters
    ----------
    values : ndarray (k,)
        v_i, of either sign.
    count : int
        N.
    mean : float
        Measured mean of the N forms; 0 is expected.
    """
    v = np.asarray(values, dtype=float)
    v = v[v != 0] / np.sqrt(2 * np.sum(v**2))
    scaled = mean / np.sqrt(2 * np.sum(np.asarray(values, dtype=float) ** 2))
    if (np.all(v > 0) and scaled <= -v.sum()) or (np.all(v < 0) and scaled >= -v.sum()):
        return 0.0  # beyond the end of the law

    def slope(s):
        return np.sum(v / (1 - 2 * v * s) - v) - scaled

    high = 1 / (2 * v.max()) if v.max() > 0 else np.inf
    low = 1 / (2 * v.min()) if v.min() < 0 else -np.inf
    s = optimize.brentq(slope, *_bracket(slope, low, high), xtol=1e-14)
    curve = np.sum(2 * v**2 / (1 - 2 * v * s) ** 2)
    depth = s * scaled - np.sum(-np.log1p(-2 * v * s) / 2 - v * s)
    w, u = np.sign(s) * np.sqrt(2 * count * max(depth, 0.0)), s * np.sqrt(count * curve)
    if abs(w) < 1e-4:
        return 1.0
    z = w + np.log(u / w) / w
    return float(min(1.0, 2 * stats.norm.sf(abs(z))))


def _bracket(function, low: float, high: float) -> tuple[float, float]:
    """An interval between the poles at low < 0 < high in which the increasing function changes sign."""
    right = 1.0 if np.isinf(high) else high / 2
    while function(right) < 0:
        right = 2 * right if np.isinf(high) else (right + high) / 2
    left = -1.0 if np.isinf(low) else low / 2
    while function(left) > 0:
        left = 2 * left if np.isinf(low) else (left + low) / 2
    return left, right
