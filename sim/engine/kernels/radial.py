"""Radial functions of a plane wave's multipoles, a chunk of waves at a time: f_l(y) along the wave vector, g_l(y) across it.

Filled as (degree, wave); u(0), which every direction of motion loses, is taken from degree 1 of both: f_1 - 1/3, g_1 - 1/3.
"""

import math

import numpy as np

from fluxtube.sim.engine.kernels.compiling import njit

FLUSHED = 1e-250


@njit(error_model="numpy", forceinline=True, fastmath={"contract", "nsz"})
def fixed_radial(length, l_max, lanes, along, across, bessel):
    """j_l'(y) and j_l(y)/y by recurrence: upwards where y exceeds the degrees, elsewhere downwards in ratios (Miller).

    f_l = [l j_(l-1) - (l+1) j_(l+1)]/(2l+1) and g_l = [j_(l-1) + j_(l+1)]/(2l+1) cancel nothing at small y.
    Source: Abramowitz & Stegun (1964), 10.1.19-20 and 10.5.
    """
    lanes_count, up = length.size, l_max + 1.5
    largest, highest_down, any_up = 0.0, 0.0, False
    for i in range(lanes_count):
        y = length[i]
        largest = max(largest, y)
        if y > up:
            any_up = True
        else:
            highest_down = max(highest_down, y)
        sine, cosine = math.sin(y), math.cos(y)
        lanes[0, i] = 1.0 / y
        # j_0 and j_1 carry the scale; at small y j_1 comes from the ratio, j_0 - 1 from its series.
        lanes[1, i] = sine / y
        lanes[2, i] = (sine / y - cosine) / y
        z = y * y
        series = -z / 6 * (1 - z / 20 * (1 - z / 42 * (1 - z / 72 * (1 - z / 110 * (1 - z / 156)))))
        lanes[3, i] = series if y < 1.0 else sine / y - 1.0
    cube = highest_down ** (1.0 / 3.0)
    start = int(min(l_max + 17.0 + 9.0 * cube, highest_down + 14.3 * cube + 10.0))
    for l in range(start, l_max + 2):
        row = bessel[l]
        for i in range(lanes_count):
            row[i] = 0.0
    for i in range(lanes_count):
        lanes[4, i] = length[i] / (2.0 * start + 1.0)
    for l in range(start - 1, 0, -1):
        row = bessel[min(l, l_max + 2)]
        for i in range(lanes_count):
            ratio = 1.0 / ((2.0 * l + 1.0) * lanes[0, i] - lanes[4, i])
            lanes[4, i] = ratio
            row[i] = ratio
    row, second = bessel[0], bessel[1]
    for i in range(lanes_count):
        one = second[i] * lanes[1, i] if length[i] < 0.5 else lanes[2, i]
        row[i] = lanes[1, i] if abs(lanes[1, i]) >= abs(one) else one / second[i]
    for l in range(1, min(start, l_max + 2)):
        row, below = bessel[l], bessel[l - 1]
        for i in range(lanes_count):
            value = row[i] * below[i]
            row[i] = value if abs(value) > FLUSHED else 0.0
    if any_up:
        for i in range(lanes_count):
            lanes[4, i], lanes[5, i] = lanes[1, i], lanes[2, i]
            if length[i] > up:
                bessel[0, i], bessel[1, i] = lanes[1, i], lanes[2, i]
        for l in range(2, l_max + 2):
            row = bessel[l]
            for i in range(lanes_count):
                value = (2.0 * l - 1.0) * lanes[0, i] * lanes[5, i] - lanes[4, i]
                lanes[4, i], lanes[5, i] = lanes[5, i], value
                row[i] = value if length[i] > up else row[i]
    one, other, first, second = along[0], across[0], bessel[1], bessel[2]
    for i in range(lanes_count):
        one[i], other[i] = -first[i], 0.0
        along[1, i], across[1, i] = (lanes[3, i] - 2.0 * second[i]) / 3.0, (lanes[3, i] + second[i]) / 3.0
    for l in range(2, l_max + 1):
        one, other, below, above = along[l], across[l], bessel[l - 1], bessel[l + 1]
        inverse = 1.0 / (2.0 * l + 1.0)
        for i in range(lanes_count):
            one[i] = (l * below[i] - (l + 1.0) * above[i]) * inverse
            other[i] = (below[i] + above[i]) * inverse


@njit(error_model="numpy", forceinline=True, fastmath={"contract", "nsz"})
def table_radial(length, l_max, edges, table, along, across):
    """Radial functions from a table of Chebyshev series on panels.

    Parameters
    ----------
    edges : (panels + 1,)
        In y.
    table : (panels, terms, 2 (l_max + 1))
        Coefficients: f of all degrees, then g.
    """
    terms, width = table.shape[1], l_max + 1
    values = np.empty(2 * width)
    for i in range(length.size):
        y = min(max(length[i], edges[0]), edges[-1])
        low, high = 0, edges.size - 1
        while high - low > 1:
            middle = (low + high) // 2
            if edges[middle] <= y:
                low = middle
            else:
                high = middle
        t = (2.0 * y - edges[low] - edges[low + 1]) / (edges[low + 1] - edges[low])
        before, current = t, 1.0
        for q in range(2 * width):
            values[q] = 0.0
        for n in range(terms):
            row = table[low, n]
            for q in range(2 * width):
                values[q] += current * row[q]
            before, current = current, (2.0 * t * current - before if n > 0 else t)
        for l in range(width):
            along[l, i], across[l, i] = values[l], values[width + l]
