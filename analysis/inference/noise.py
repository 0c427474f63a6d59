"""Noise of a sky in its multipoles: white, from columns of errors, or depending on declination."""

from itertools import pairwise

import numpy as np

from fluxtube.analysis.inference.modes import degrees_and_orders
from fluxtube.analysis.observations.alm_table import whole_numbers
from fluxtube.analysis.observations.wigner import harmonics
from fluxtube.errors import InputError
from fluxtube.tables import Table, read_table


def white(l_max: int, level) -> np.ndarray:
    """Variances (n_a,) of the modes l = 2 .. l_max from N_l: one number, or N_l of l = 0 .. l_max."""
    l, _ = degrees_and_orders(l_max)
    level = np.asarray(level, dtype=float)
    level = np.full(l_max + 1, level) if level.ndim == 0 else level
    if len(level) <= l_max:
        raise InputError(f"N_l is given to l = {len(level) - 1}; the sky needs it to l = {l_max}")
    if not (np.all(np.isfinite(level[2:])) and np.all(level[2:] >= 0)):
        raise InputError("N_l must be finite and not below zero")
    return level[l]


def by_declination(l_max: int, bands) -> np.ndarray:
    """Covariance (n_a, n_a) of noise that is white within bands of declination.

        <n_lm n_l'm> = int N(delta) Lambda_lm Lambda_l'm d cos theta 2 pi  (the same for both real orders of |m|)

    Parameters
    ----------
    l_max : int
    bands : sequence of (south, north, level)
        Declinations [deg] that cover the sphere, and N_l that the whole sky would have with this noise.
    """
    bands = sorted(bands)
    edges = [band[0] for band in bands] + [bands[-1][1]]
    if edges[0] != -90 or edges[-1] != 90 or any(one[1] != other[0] for one, other in pairwise(bands)):
        raise InputError("bands of noise must cover the declinations from -90 to 90 deg without gap or overlap")
    if any(not 0 < band[2] < np.inf for band in bands):
        raise InputError("the noise of a band must be a finite number above zero")
    by_order = np.zeros((l_max + 1,) * 3)
    for south, north, level in bands:
        node, weight = np.polynomial.legendre.leggauss(2 * l_max + 8)
        low, high = np.sin(np.deg2rad([south, north]))
        table = harmonics(l_max, np.arccos(low + (high - low) * (node + 1) / 2))
        by_order += level * np.pi * (high - low) * np.einsum("lmt,kmt,t->mlk", table, table, weight)
    l, m = degrees_and_orders(l_max)
    return by_order[np.abs(m)[:, None], l[:, None], l] * (m[:, None] == m)


def errors_of_table(path, l_max: int, scale: float = 1.0) -> np.ndarray:
    """Variances (n_a,) from the columns re_error and im_error of a table, path or Table, of multipoles; NaN without a row."""
    columns = path if isinstance(path, Table) else read_table(path)
    path = columns.path
    names = {"l": ("l", "ell", "degree"), "m": ("m", "order")}
    l, m = (whole_numbers(columns.column(*names[key]), key, path) for key in names)
    degree, order = degrees_and_orders(l_max)
    variance = np.full(len(degree), np.nan)
    for name, side in (("re_error", 1), ("im_error", -1)):
        error = scale * columns.column(name)
        if np.any(~np.isfinite(error)) or np.any(error < 0):
            raise InputError(f"{path}: column {name} holds a value that is not an error; it must be finite and not below zero")
        for row in np.flatnonzero((l >= 2) & (l <= l_max)):
            if m[row] != 0 or side > 0:
                at = np.flatnonzero((degree == l[row]) & (order == side * abs(m[row])))
                value = (2.0 if m[row] else 1.0) * error[row] ** 2
                if np.any(np.abs(variance[at] - value) > 1e-6 * value):  # rows of m and of -m
                    raise InputError(f"{path}: l = {l[row]}, m = {m[row]}: {name} of m and of -m differ: it is one number")
                variance[at] = value
    return variance


def correlated_errors(path, l_max: int, diagonal: np.ndarray, scale: float = 1.0) -> np.ndarray:
    """Covariance (n_a, n_a) of errors given by order: columns m, l, l2, covariance (of re, and of im, alike).

    Parameters
    ----------
    path : path
    l_max : int
    diagonal : ndarray (n_a,)
        Variances for what the table does not hold.
    scale : float
        Unit of the relative intensity.
    """
    columns = read_table(path)
    m, l, l2 = (whole_numbers(columns.column(name), name, path) for name in ("m", "l", "l2"))
    value = scale**2 * columns.column("covariance")
    degree, order = degrees_and_orders(l_max)
    where = {(int(a), int(b)): i for i, (a, b) in enumerate(zip(degree, order, strict=True))}
    total = np.diag(diagonal)
    seen: dict[tuple[int, int, int], float] = {}
    for row, pair in enumerate(zip(m.tolist(), l.tolist(), l2.tolist(), strict=True)):
        name = f"{path}: m = {pair[0]}, l = {pair[1]}, l2 = {pair[2]}"
        if not 0 <= pair[0] <= min(pair[1:]):
            raise InputError(f"{name}: the order goes from 0 to the lower of both degrees")
        key = pair[0], min(pair[1:]), max(pair[1:])
        if abs(seen.setdefault(key, value[row]) - value[row]) > 1e-6 * abs(value[row]):
            raise InputError(f"{name}: this covariance is given twice, with other values")
        for side in (1, -1) if m[row] else (1,):
            ends = where.get((l[row], side * m[row])), where.get((l2[row], side * m[row]))
            if None not in ends:
                total[ends] = total[ends[::-1]] = (2.0 if m[row] else 1.0) * value[row]
    if len(total) and np.linalg.eigvalsh(total)[0] < -1e-9 * np.max(np.diag(total)):
        raise InputError(f"{path}: no covariance, for some combination of multipoles would have a variance below zero")
    return total
