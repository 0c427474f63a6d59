"""Real multipoles of a sky as one vector, and the rotation from the frame of the field to the equatorial one.

Order of the vector: l = l_min .. l_max, and for each l the real orders 0, 1, -1, 2, -2, ... of `sim.engine.harmonics`:
Y_l0, sqrt(2) Re Y_lm, sqrt(2) Im Y_lm.
"""

from functools import lru_cache

import numpy as np
from ducc0.sht import rotate_alm


def degrees_and_orders(l_max: int, l_min: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """l and real order m of each element, (n,) each; n = (l_max + 1)^2 - l_min^2."""
    l = np.concatenate([np.full(2 * degree + 1, degree) for degree in range(l_min, l_max + 1)])
    return l, np.concatenate([orders(degree) for degree in range(l_min, l_max + 1)])


@lru_cache(maxsize=256)
def orders(l: int) -> np.ndarray:
    """0, 1, -1, ..., l, -l, (2l + 1,)."""
    m = np.arange(1, l + 1)
    return np.concatenate([[0], np.column_stack([m, -m]).ravel()]).astype(int)


def to_vector(alm: np.ndarray, l_max: int, l_min: int = 2) -> np.ndarray:
    """Vector of a complex table a[l, m], m >= 0; NaN stays NaN."""
    l, m = degrees_and_orders(l_max, l_min)
    a = np.asarray(alm, dtype=complex)[l, np.abs(m)]
    vector = np.where(m == 0, a.real, np.sqrt(2) * np.where(m > 0, a.real, -a.imag))
    return np.where(np.isfinite(a), vector, np.nan)  # an unknown a_lm may have NaN in one of its parts only


def to_table(vector: np.ndarray, l_max: int, l_min: int = 2) -> np.ndarray:
    """Inverse of `to_vector`: complex (l_max + 1, l_max + 1), zero where there is no mode."""
    l, m = degrees_and_orders(l_max, l_min)
    table = np.zeros((l_max + 1, l_max + 1), dtype=complex)
    vector = np.asarray(vector, dtype=float)
    table[l[m == 0], 0] = vector[m == 0]
    table[l[m > 0], m[m > 0]] += vector[m > 0] / np.sqrt(2)
    table[l[m < 0], -m[m < 0]] -= 1j * vector[m < 0] / np.sqrt(2)
    return table


def rotation(l_max: int, field_direction, l_min: int = 2) -> list[np.ndarray]:
    """Blocks R_l of a = R b: multipoles in equatorial coordinates from those about the field, (2l+1, 2l+1) each.

    R = R_z(alpha_B) R_y(pi/2 - delta_B), real orthogonal; R_y(theta) = P R_z(theta) P' with P = R_z(pi/2) R_y(pi/2) made once
    by ducc0.

    Parameters
    ----------
    l_max, l_min : int
    field_direction : (float, float)
        Right ascension and declination of +B [deg].
    """
    phi, theta = np.deg2rad(field_direction[0]), np.pi / 2 - np.deg2rad(field_direction[1])
    blocks = []
    for l in range(l_min, l_max + 1):
        axis = _y_from_z(l)
        blocks.append(_about_z(axis @ _about_z(axis.T, theta), phi))
    return blocks


def _about_z(matrix: np.ndarray, angle: float) -> np.ndarray:
    """R_z(angle) times a matrix whose rows are the real orders of one l: a_m -> e^(-i m angle) a_m."""
    m = np.arange(1, len(matrix) // 2 + 1)[:, None] * angle
    cosine, sine = np.cos(m), np.sin(m)
    turned = matrix.copy()
    turned[1::2] = cosine * matrix[1::2] - sine * matrix[2::2]
    turned[2::2] = sine * matrix[1::2] + cosine * matrix[2::2]
    return turned


@lru_cache(maxsize=128)
def _y_from_z(l: int) -> np.ndarray:
    """R_z(pi/2) R_y(pi/2) in the real multipoles of one degree, (2l + 1, 2l + 1)."""
    degree, order = np.tril_indices(l + 1)
    by_order = np.lexsort((degree, order))
    degree, order = degree[by_order], order[by_order]
    columns = []
    for unit in np.eye(2 * l + 1):
        table = to_table(unit, l, l)
        turned = np.zeros_like(table)
        turned[degree, order] = rotate_alm(table[degree, order], l, 0.0, np.pi / 2, np.pi / 2)
        columns.append(to_vector(turned, l, l))
    return np.array(columns).T


def turn_covariance(by_order: np.ndarray, blocks: list[np.ndarray]) -> np.ndarray:
    """R C R' of a covariance that is given order by order about the field.

    Parameters
    ----------
    by_order : ndarray (l_max + 1, n_l, n_l)
        C^|m|_ll'.
    blocks : list of ndarray
        Of `rotation`, n_l of them.

    Returns
    -------
    ndarray (n, n)
    """
    sizes = [len(block) for block in blocks]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    total = np.zeros((starts[-1], starts[-1]))
    for i, block in enumerate(blocks):
        for j in range(i % 2, i + 1, 2):  # odd l - l' are zero
            common = np.abs(orders((sizes[j] - 1) // 2))
            part = (block[:, : sizes[j]] * by_order[common, i, j]) @ blocks[j].T
            total[starts[i] : starts[i + 1], starts[j] : starts[j + 1]] = part
            total[starts[j] : starts[j + 1], starts[i] : starts[i + 1]] = part.T
    return total
