"""Radial functions of a law of free paths as Chebyshev series on panels in y, exact to rounding."""

import numpy as np

TERMS = 20  # of a series
TAIL = 2e-14  # largest of the last two coefficients, of the largest value at the panel
NARROWEST = 0.05  # where rounding of the law itself keeps a series from ending
REACHED = 1.0 + 1e-9  # the longest wave vector of a flow, with its rounding


def radial_table(law, l_max: int, largest: float) -> tuple[np.ndarray, np.ndarray]:
    """f_l and g_l, degrees 0..l_max, of 0 <= y <= largest, with 1/3 taken from both at l = 1 (what u(0) takes).

    Parameters
    ----------
    law : law of `theory.free_path`
        Its response is f, its transverse response g.
    l_max : int
        Largest degree.
    largest : float
        Largest y.

    Returns
    -------
    edges : (panels + 1,)
    table : (panels, TERMS, 2 (l_max + 1))
        Chebyshev coefficients.
    """
    along, across = law.response(1.0), law.transverse_response(1.0)
    nodes = np.cos(np.pi * (np.arange(TERMS) + 0.5) / TERMS)
    to_series = 2 / TERMS * np.cos(np.pi * np.outer(np.arange(TERMS), np.arange(TERMS) + 0.5) / TERMS)
    to_series[0] /= 2

    def series(low, high):
        y = (low + high) / 2 + (high - low) / 2 * nodes
        values = np.concatenate([along.direct(y, l_max), across.direct(y, l_max)])
        values[l_max + 1] = 0.0  # g_0 has no share in the multipoles
        values[1] -= 1 / 3
        values[l_max + 2] -= 1 / 3
        return to_series @ values.T

    edges, table, end = [0.0], [], largest * REACHED
    while edges[-1] < end:
        low = edges[-1]
        width = 2 * max(along.widest_panel(low, l_max), across.widest_panel(low, l_max))
        while True:
            high = min(end, low + width)
            coefficients = series(low, high)
            ends = np.abs(coefficients[-2:]).max() <= TAIL * np.abs(coefficients).max()
            if ends or high - low <= NARROWEST:
                break
            width = (high - low) / 2
        edges.append(high)
        table.append(coefficients)
    return np.array(edges), np.array(table)
