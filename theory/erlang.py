"""Averages of spherical Bessel functions over Erlang's law, by recurrence in the degree."""

import numpy as np

from fluxtube.theory.special import gammaln, gammasgn


def erlang_moments(x: np.ndarray, l_max: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """<j_l(x t)> over the Erlang densities of shape k and k - 1 with the same rate k.

    R_l = k^m/(m-1)! int_0^inf t^(m-1) e^(-k t) j_l(x t) dt,   m = k and k - 1; zeros for m = 0

    Parameters
    ----------
    x : (n,) array
        Arguments above zero [1].
    l_max : int
        Highest degree.
    k : int
        Shape, 1 or above.

    Returns
    -------
    average, lower : (l_max + 1, n) arrays

    Notes
    -----
    R_l is a Legendre function of the second kind, Q_l^M(-i k/x) with M = m - 1, up to a factor free of l, so that
    (l+1-M) R_(l+1) = (l+M) R_(l-1) - (2l+1) (k/x) R_l  (Abramowitz & Stegun 1964, 8.5.3).

    Examples
    --------
    >>> average, _ = erlang_moments(np.array([2.0]), 0, 1)
    >>> bool(np.isclose(average[0, 0], np.arctan(2.0) / 2.0))
    True
    """
    y = np.asarray(x, dtype=float) / k
    return _moments(y, l_max, k), (_moments(y, l_max, k - 1) if k > 1 else np.zeros((l_max + 1, y.size)))


def _moments(y: np.ndarray, l_max: int, m: int) -> np.ndarray:
    """1/(m-1)! int t^(m-1) e^(-t) j_l(y t) dt, l = 0..l_max."""
    table = np.zeros((l_max + 1, y.size))
    gone = y * m > _end(l_max, m)
    far = ~gone & (y > max(2.0, 0.5 * (l_max + m)))
    near = ~gone & ~far
    table[:, far] = _series(y[far], l_max, m)
    table[:, near] = _downwards(y[near], l_max, m)
    return table


def _end(l_max, m):
    """Argument x = m y beyond which a narrow law has damped everything below 1e-18; infinite for broad laws.

    The oscillation falls as (1 + y^2)^(-m/2), the rest as e^(-m (1 - l/x)^2 / 2).
    """
    if m < 110:
        return np.inf
    return 1.2 * max((l_max + 2) / (1.0 - np.sqrt(83.0 / m)), m * np.sqrt(np.expm1(83.0 / m)))


def erlang_first_two(y, m):
    """<j_0> and <j_1> of m stages at y = x/k in closed form; the second cancels for small y.

    Examples
    --------
    >>> zero, one = erlang_first_two(np.array([2.0]), 1)
    >>> bool(np.isclose(zero[0], np.arctan(2.0) / 2.0)), bool(np.isclose(one[0], (1.0 - zero[0]) / 2.0))
    (True, True)
    """
    theta = np.arctan(y)
    radius = 0.5 * np.log1p(y * y)

    def zero(order):
        if order == 0:
            return theta / y
        return np.sin(order * theta) * np.exp(-order * radius) / (order * y)

    # j_1 = -j_0', integrated by parts.
    if m == 1:
        return zero(0), (1.0 - zero(0)) / y
    return zero(m - 1), (zero(m - 2) - zero(m - 1)) / y


def _series(y, l_max, m):
    """Expansion of e^(-t) in the moments int u^(m-1+n) j_l(u) du: convergent for y > 1, quick and stable for y > l/2."""
    l, n = np.arange(l_max + 1.0)[:, None], np.arange(70.0)
    power = m - 1.0 + n
    below = 0.5 * (l - power) + 1.0
    zero = (below <= 0.0) & (below == np.round(below))
    below = np.where(zero, 0.5, below)
    logarithm = (power - 1.0) * np.log(2.0) + gammaln(0.5 * (l + power + 1.0)) - gammaln(below) - gammaln(n + 1.0) - gammaln(m)
    sign = np.where(zero, 0.0, gammasgn(below)) * np.where(n % 2 == 0, 1.0, -1.0)
    # Scaled by the smallest y so that neither factor overflows.
    least = y.min(initial=np.inf)
    if not np.isfinite(least):
        return np.empty((l_max + 1, 0))
    coefficients = sign * np.exp(logarithm - (power + 1.0) * np.log(least)) * np.sqrt(np.pi)
    with np.errstate(under="ignore"):
        return coefficients @ (least / y) ** (power + 1.0)[:, None]


def _downwards(y, l_max, m):
    """Ratios R_l/R_(l-1) downwards from a degree where R is negligible, as in Miller's algorithm."""
    table = np.empty((max(l_max, 1) + 1, y.size))
    if y.size == 0:
        return table[: l_max + 1]
    order = m - 1
    decay = np.arcsinh(1.0 / y.max())
    # R falls off above l = order y (1 + some widths of the law), and as e^(-l asinh(1/y)) further on.
    top = order * y.max() * (1.0 + 12.0 / np.sqrt(max(order, 1)))
    start = int(max(l_max, top) + 25.0 + 9.0 * top ** (1 / 3) + 40.0 / decay)
    with np.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
        inverse = 1.0 / y
        ratio = np.zeros_like(y)
        for l in range(start, 0, -1):
            below = (2 * l + 1) * inverse + (l + 1 - order) * ratio
            # Exactly zero where R_(l-1) is: a little beside it, the two ratios about it have the right product.
            ratio = (l + order) / np.where(below == 0.0, 1e-30 * l * inverse, below)
            if l < len(table):
                table[l] = ratio
        zero, one = erlang_first_two(y, m)
        table[0] = np.where((np.abs(zero) >= np.abs(one)) | (y < 0.1), zero, one / table[1])
        np.cumprod(table, axis=0, out=table)
    return table[: l_max + 1]
