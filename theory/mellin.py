"""Mellin transforms of products of spherical Bessel functions, by recurrences in l + l' and l - l'.

The closed form of int x^-s j_l' j_l'' dx used here comes from the spherical Bessel equation, which turns the product of
derivatives into f = j_l j_l' alone:

    j_l' j_l''  =  f''/2 + f'/x + [1 - (l(l+1) + l'(l'+1)) / (2 x^2)] f,

integration by parts, and the critical Weber-Schafheitlin integral of f (the corrected Eq. 13). Nothing cancels in it far
from the diagonal, where Eq. (10)'s sum of four terms loses digits as (l-l')^2.
"""

import numpy as np

from fluxtube.theory.special import gamma as gamma_function
from fluxtube.theory.special import gammaln, gammasgn


def derivative_products(s: float, l_max: int, l_min: int) -> np.ndarray:
    """Mellin transforms int_0^inf x^-s j_l'(x) j_l''(x) dx for l + l' even, zero else.

    = pi Gamma(s+1) / 2^(s+6) N Gamma((P-t)/2) / [Gamma((P+t)/2+1) Gamma((t+D)/2+1) Gamma((t-D)/2+1)],
    t = s + 2, P = l + l' + 1, D = l' - l, N = t (t-1) (t^2-3t+1) - (P^2-t) (D^2-t)

    Parameters
    ----------
    s : float
        Power, -1 < s < 2 l_min - 1; beyond, the analytic continuation [1].
    l_max, l_min : int
        Range of degrees, l_min >= 1.

    Returns
    -------
    (n, n) array
        n = l_max - l_min + 1 [1].

    Examples
    --------
    >>> round(float(derivative_products(5 / 3, 2, 2)[0, 0]), 12)
    0.029536316503
    """
    n = l_max - l_min + 1
    t = s + 2.0
    sums, differences = _sum_factor(t, l_max, l_min), _difference_factor(t, n)
    i = np.arange(n)
    half_sum, half_difference = (i[:, None] + i) // 2, np.abs(i[:, None] - i) // 2
    p = (2 * l_min + 1 + i[:, None] + i).astype(float)
    d = (i[:, None] - i).astype(float)
    matrix = sums[half_sum] * differences[half_difference]
    matrix *= t * (t - 1.0) * (t * t - 3.0 * t + 1.0) - (p * p - t) * (d * d - t)
    matrix *= np.pi * gamma_function(s + 1.0) / 2.0 ** (s + 6.0)
    matrix[(i[:, None] + i) % 2 == 1] = 0.0
    return matrix


def derivative_squares(s: float, l_max: int, l_min: int) -> np.ndarray:
    """Diagonal of `derivative_products`: int_0^inf x^-s j_l'(x)^2 dx.

    Examples
    --------
    >>> round(float(derivative_squares(5 / 3, 3, 2)[0]), 12)
    0.029536316503
    """
    t = s + 2.0
    p = 2.0 * np.arange(l_min, l_max + 1) + 1.0
    polynomial = t * (t - 1.0) * (t * t - 3.0 * t + 1.0) + (p * p - t) * t
    front = np.pi * gamma_function(s + 1.0) / (2.0 ** (s + 6.0) * gamma_function(0.5 * t + 1.0) ** 2)
    return front * _sum_factor(t, l_max, l_min) * polynomial


def products(s: float, l_max: int, l_min: int) -> np.ndarray:
    """Mellin transforms int_0^inf x^-s j_l(x) j_l'(x) dx for l + l' even, zero else; the integral of Eq. (13).

    = pi Gamma(s+1) / 2^(s+2) Gamma((l+l'+1-s)/2)
      / [Gamma((l-l'+s)/2+1) Gamma((l'-l+s)/2+1) Gamma((l+l'+s+3)/2)]

    Parameters
    ----------
    s : float
        Power, -1 < s < 2 l_min + 1 [1].
    l_max, l_min : int
        Range of degrees.

    Returns
    -------
    (n, n) array

    Examples
    --------
    >>> round(float(products(0.0, 0, 0)[0, 0] / np.pi), 12)
    0.5
    """
    n = l_max - l_min + 1
    i = np.arange(n)
    sums, differences = _sum_factor(s, l_max, l_min), _difference_factor(s, n)
    matrix = sums[(i[:, None] + i) // 2] * differences[np.abs(i[:, None] - i) // 2]
    matrix *= np.pi * gamma_function(s + 1.0) / 2.0 ** (s + 2.0)
    matrix[(i[:, None] + i) % 2 == 1] = 0.0
    return matrix


def squares(s: float, l_max: int, l_min: int) -> np.ndarray:
    """Diagonal of `products`: int_0^inf x^-s j_l(x)^2 dx.

    Examples
    --------
    >>> round(float(squares(0.0, 1, 1)[0] / np.pi), 12)
    0.166666666667
    """
    front = np.pi * gamma_function(s + 1.0) / (2.0 ** (s + 2.0) * gamma_function(0.5 * s + 1.0) ** 2)
    return front * _sum_factor(s, l_max, l_min)


def derivative_moments(s: float, l_max: int, l_min: int) -> np.ndarray:
    """Mellin transforms int_0^inf x^-s j_l'(x) dx = s sqrt(pi) 2^(-s-2) Gamma((l-s)/2) / Gamma((l+3+s)/2), continued in s.

    Examples
    --------
    >>> round(float(derivative_moments(1.5, 2, 2)[0]), 12)
    0.334217103284
    """
    l = np.arange(l_min, l_max + 1)
    low, high = 0.5 * (l - s), 0.5 * (l + 3.0 + s)
    return s * np.sqrt(np.pi) * 2.0 ** (-s - 2.0) * gammasgn(low) * np.exp(gammaln(low) - gammaln(high))


def response_products(s: float, l_max: int, l_min: int, first: bool = False, second: bool = False) -> np.ndarray:
    """Mellin transforms int_0^inf x^-s F_l(x) G_l'(x) dx, each of F, G = R_l = j_l' or (True) T_l = j_l/x, less 1/3 for l = 1.

    With q = int x^(-s-2) j_l j_l' dx the spherical Bessel equation gives the mixed one,
    int x^-s j_l' j_l'/x dx = q [l(l+1) - l'(l'+1) + (s+1)(s+2)] / (2 (s+2)),  the first j_l' being a derivative.

    Parameters
    ----------
    s : float
        Power, -1 < s < 2 l_min - 1; 1 < s < 3 for l_min = 1 or 0.
    l_max, l_min : int
        Range of degrees; from 1 if a T is asked for.
    first, second : bool
        Whether F and G are the transverse response T.

    Returns
    -------
    (n, n) array
        Zero for odd l + l' [1].

    Examples
    --------
    >>> both = response_products(5 / 3, 3, 2, False, True)
    >>> whole = both + both.T - (5 / 3 + 1) * products(5 / 3 + 2, 3, 2)      # integration by parts of (j_l j_l')'
    >>> bool(np.abs(whole).max() < 1e-15)
    True
    """
    n = l_max - l_min + 1
    start = max(1, l_min)
    matrix = np.zeros((n, n))
    if l_max >= start:
        matrix[start - l_min :, start - l_min :] = _simple_products(s, l_max, start, first, second)
    if l_min == 0:
        # R_0 = -j_1: Eq. (13)'s integral, l' j_1 j_(l'-1) - (l'+1) j_1 j_(l'+1) over 2 l' + 1.
        product = products(s, max(2, l_max + 1), 1)
        l = np.arange(2, l_max + 1, 2)
        matrix[0, l] = matrix[l, 0] = -(l * product[0, l - 2] - (l + 1) * product[0, l]) / (2 * l + 1)
        matrix[0, 0] = product[0, 0]
    if l_min <= 1 <= l_max:
        row, odd = 1 - l_min, np.arange(1 - l_min, n, 2)
        moments = [derivative_moments(s, l_max, 1)[odd - row] / (s if transverse else 1.0) for transverse in (first, second)]
        # int x^-s dx is zero in the continuation, so that 1/9 adds nothing.
        matrix[row, odd] -= moments[1] / 3.0
        matrix[odd, row] -= moments[0] / 3.0
    return matrix


def _simple_products(s, l_max, l_min, first, second):
    """`response_products` without the 1/3, l_min >= 1."""
    if not (first or second):
        return derivative_products(s, l_max, l_min)
    q = products(s + 2.0, l_max, l_min)
    if first and second:
        return q
    l = np.arange(l_min, l_max + 1.0)
    square = l * (l + 1.0)
    difference = (square[:, None] - square) * (1.0 if second else -1.0)
    return q * (difference + (s + 1.0) * (s + 2.0)) / (2.0 * (s + 2.0))


def _sum_factor(t: float, l_max: int, l_min: int) -> np.ndarray:
    """Gamma((P-t)/2) / Gamma((P+t)/2 + 1) at P = 2 l + 1."""
    p = 2.0 * np.arange(l_min, l_max + 1) + 1.0
    low, high = 0.5 * (p - t), 0.5 * (p + t) + 1.0
    return _gamma_ratio(low, high)


def _gamma_ratio(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Gamma(low)/Gamma(high) for arguments in steps of one: the first by gamma functions, the rest by their recurrence."""
    ratio = np.empty_like(low)
    ratio[0] = gammasgn(low[0]) * np.exp(gammaln(low[0]) - gammaln(high[0]))
    ratio[1:] = low[:-1] / high[:-1]
    return np.cumprod(ratio)


def _difference_factor(t: float, n: int) -> np.ndarray:
    """1 / [Gamma((t+D)/2 + 1) Gamma((t-D)/2 + 1)] at D = 0, 2, 4..."""
    d = np.arange(0.0, max(n, 1), 2.0)
    factor = np.empty_like(d)
    factor[0] = 1.0 / gamma_function(0.5 * t + 1.0) ** 2
    factor[1:] = (0.5 * (t - d[:-1])) / (0.5 * (t + d[:-1]) + 1.0)
    return np.cumprod(factor)
