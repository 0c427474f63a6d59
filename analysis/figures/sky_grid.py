"""A sky of multipoles on a grid of equal steps in latitude and longitude, about the field or in equatorial coordinates."""

import numpy as np

from fluxtube.analysis.observations.wigner import harmonics, to_equatorial


def complex_multipoles(multipoles: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Table a[l, m], m >= 0, (L, L), of real multipoles (n_m, L) of the orders m, as ensembles hold them.

    a_lm = (a_l,+m - i a_l,-m)/sqrt(2) with Y_l,+m = sqrt(2) Re Y_lm and Y_l,-m = sqrt(2) Im Y_lm.
    """
    size = multipoles.shape[1]
    table = np.zeros((size, size), dtype=complex)
    for row, order in zip(np.asarray(multipoles, dtype=float), m, strict=True):
        if order == 0:
            table[:, 0] += row
        elif abs(order) < size:
            part = row / np.sqrt(2) if order > 0 else -1j * row / np.sqrt(2)
            table[abs(order) :, abs(order)] += part[abs(order) :]
    return table


def sky_on_grid(multipoles, m, frame: str, field_direction, l_max: int, shape: tuple[int, int] = (90, 180)) -> np.ndarray:
    """Values at the centres of equal cells, rows from latitude +90 down, columns from longitude 0 on.

    Parameters
    ----------
    multipoles : ndarray (n_m, L)
        Real multipoles about the field.
    m : ndarray (n_m,)
    frame : {"magnetic", "equatorial"}
        Of the grid.
    field_direction : (float, float)
        Right ascension and declination of +B [deg]; read for the equatorial frame.
    l_max : int
        Degrees above it are left out.
    shape : (int, int)
        Rows, columns.

    Returns
    -------
    ndarray, of the shape
    """
    table = complex_multipoles(np.asarray(multipoles)[:, : l_max + 1], m)
    if frame == "equatorial":
        table = to_equatorial(table, field_direction)
    theta = (np.arange(shape[0]) + 0.5) * np.pi / shape[0]
    phi = (np.arange(shape[1]) + 0.5) * 2 * np.pi / shape[1]
    by_order = np.einsum("lm,lmt->mt", table, harmonics(len(table) - 1, theta))
    by_order[1:] *= 2  # orders +m and -m of a real sky
    return (by_order.T @ np.exp(1j * np.outer(np.arange(len(table)), phi))).real
