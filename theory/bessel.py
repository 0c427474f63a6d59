"""Spherical Bessel functions of all degrees at once, by recurrences in the direction in which each is stable."""

import numpy as np


def spherical_bessel(x: np.ndarray, l_max: int) -> np.ndarray:
    """Spherical Bessel functions j_l(x) of degrees 0..l_max.

    Ratios j_l/j_(l-1) are recurred downwards from a degree where j is negligible (Miller's algorithm), so nothing
    overflows and tiny arguments underflow to zero. The work grows with the largest argument: for x far above
    l_max use `outgoing_amplitude`.

    Parameters
    ----------
    x : (n,) array
        Arguments above zero [1].
    l_max : int
        Highest degree.

    Returns
    -------
    (l_max + 1, n) array
        j_l(x) [1].

    Notes
    -----
    Abramowitz & Stegun (1964), section 10.5 (downward recurrence).

    Examples
    --------
    >>> spherical_bessel(np.array([1.0]), 1).ravel().round(12).tolist()
    [0.841470984808, 0.30116867894]
    """
    x = np.asarray(x, dtype=float)
    top = x.max(initial=1.0)
    start = int(max(l_max + 2, top) + 15 + 9 * top ** (1 / 3))
    table = np.empty((max(l_max, 1) + 1, x.size))
    with np.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
        inverse = 1.0 / x
        ratio = x / (2 * start + 1)
        for l in range(start - 1, 0, -1):
            ratio = 1.0 / ((2 * l + 1) * inverse - ratio)
            if l < len(table):
                table[l] = ratio
        sine, cosine = np.sin(x), np.cos(x)
        zero = sine * inverse
        one = np.where(x < 0.5, table[1] * zero, (zero - cosine) * inverse)
        # Normalise on the larger of j_0 and j_1, which never vanish together.
        table[0] = np.where(np.abs(zero) >= np.abs(one), zero, one / table[1])
        np.cumprod(table, axis=0, out=table)
    return table[: l_max + 1]


def spherical_bessel_anywhere(z: np.ndarray, n_max: int) -> np.ndarray:
    """j_n(z) of degrees 0..n_max for arguments from zero to any size.

    Parameters
    ----------
    z : array
        Arguments, zero or above [1].
    n_max : int
        Highest degree.

    Returns
    -------
    (n_max + 1, *z.shape) array

    Examples
    --------
    >>> spherical_bessel_anywhere(np.array([0.0, 1e6]), 1)[:, 0].round(12).tolist()
    [1.0, 0.0]
    """
    z = np.asarray(z, dtype=float)
    flat = z.ravel()
    table = np.empty((n_max + 1, flat.size))
    large = flat > 1.5 * n_max + 10.0
    far, near = flat[large], np.maximum(flat[~large], 1e-300)
    table[:, ~large] = spherical_bessel(near, n_max)
    table[:, large] = (outgoing_amplitude(far, n_max) * np.exp(1j * far)).real
    return table.reshape(n_max + 1, *z.shape)


def outgoing_amplitude(x: np.ndarray, l_max: int) -> np.ndarray:
    """Slowly varying complex amplitude e^(-ix) h_l(x) of the outgoing spherical Hankel functions, x >= l.

    j_l(x) = Re[amplitude e^(ix)]; the amplitude does not oscillate where x is well above l, which is what makes the
    oscillating integrals cheap. The upward recurrence is stable for x >= l_max.

    Parameters
    ----------
    x : (n,) array
        Arguments, at least about l_max [1].
    l_max : int
        Highest degree.

    Returns
    -------
    (l_max + 1, n) complex array

    Examples
    --------
    >>> x = np.array([40.0])
    >>> bool(np.allclose((outgoing_amplitude(x, 9) * np.exp(1j * x)).real, spherical_bessel(x, 9), rtol=1e-11))
    True
    """
    x = np.asarray(x, dtype=float)
    inverse = 1.0 / x
    table = np.empty((max(l_max, 1) + 1, x.size), dtype=complex)
    table[0] = -1j * inverse
    table[1] = -inverse - 1j * inverse**2
    for l in range(1, l_max):
        table[l + 1] = (2 * l + 1) * inverse * table[l] - table[l - 1]
    return table[: l_max + 1]


def derivative(table: np.ndarray) -> np.ndarray:
    """Derivatives in the argument of degrees 0..l_max from functions of degrees 0..l_max + 1.

    j_l' = [l j_(l-1) - (l+1) j_(l+1)] / (2l+1), which cancels nothing at small arguments.

    Parameters
    ----------
    table : (l_max + 2, n) array

    Returns
    -------
    (l_max + 1, n) array

    Examples
    --------
    >>> derivative(spherical_bessel(np.array([1.0]), 2))[1].round(12).tolist()
    [0.239133626928]
    """
    l = np.arange(1, len(table) - 1)[:, None]
    result = np.empty_like(table[:-1])
    result[0] = -table[1]
    result[1:] = (l * table[:-2] - (l + 1) * table[2:]) / (2 * l + 1)
    return result
