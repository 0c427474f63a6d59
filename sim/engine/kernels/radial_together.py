"""Radial functions of a fixed free path at several mean free paths: `radial.fixed_radial` with what is faster for many."""

import math

import numpy as np

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.elementary import cos_sin_turns
from fluxtube.sim.engine.kernels.multipoles import LANES

SMALLEST = 1e-15  # y below is as good as zero
# Rows of `work`, LANES numbers each: 1/y, j_0, j_1, j_0 - 1, the factor of the values downwards, the degree where they begin.
INVERSE, ZERO, ONE, LESS, SCALE, FIRST = 0, LANES, 2 * LANES, 3 * LANES, 4 * LANES, 5 * LANES


@njit(error_model="numpy", forceinline=True, fastmath={"contract", "nsz"})
def signed_fixed_radial(length, cube, path, l_max, work, bessel, p, f, g):
    """`radial.fixed_radial` at `path` times `length`, with 4 pi i^(l-1), into f[:, p] and g[:, p] (l_max + 1, paths, LANES).

    No division for each degree: downwards from where j_l(y) is about 1e-28, each wave from its own degree, so that no value
    overflows; the values are then scaled to j_0 or j_1, the larger one.
    """
    up, third = l_max + 1.5, path ** (1.0 / 3.0)
    largest = 0.0
    for i in range(LANES):
        y = max(path * length[i], SMALLEST)
        cosine, sine = cos_sin_turns(y * (0.5 / math.pi))
        inverse = 1.0 / y
        j = sine * inverse
        z = y * y
        series = -z / 6 * (1 - z / 20 * (1 - z / 42 * (1 - z / 72 * (1 - z / 110 * (1 - z / 156)))))
        work[INVERSE + i], work[ZERO + i], work[ONE + i] = inverse, j, (j - cosine) * inverse
        work[LESS + i] = series if y < 1.0 else j - 1.0
        work[SCALE + i] = 0.0
        bessel[l_max + 2, i] = bessel[l_max + 3, i] = 0.0
    highest = 0.0
    for i in range(LANES):
        y = path * length[i]
        start = np.floor(y + 17.0 * third * cube[i] + 12.0) if y <= up else -1.0
        work[FIRST + i] = start
        highest = max(highest, start)
        largest = max(largest, y)
    first = int(highest)
    for l in range(min(first + 1, l_max + 2), l_max + 2):
        row = bessel[l]
        for i in range(LANES):
            row[i] = 0.0
    # Degrees above l_max + 1 take turns in two rows behind the last.
    for l in range(first, -1, -1):
        row = bessel[l if l < l_max + 2 else l_max + 2 + (l - l_max) % 2]
        above = bessel[l + 1 if l + 1 < l_max + 2 else l_max + 2 + (l + 1 - l_max) % 2]
        factor, degree = 2.0 * l + 3.0, float(l)
        for i in range(LANES):
            value = factor * work[INVERSE + i] * above[i] - work[SCALE + i]
            work[SCALE + i] = above[i]
            row[i] = 1e-30 if work[FIRST + i] == degree else value
    row, second = bessel[0], bessel[1]
    for i in range(LANES):
        by_first = abs(work[ZERO + i]) >= abs(work[ONE + i])
        below = row[i] if by_first else second[i]
        work[SCALE + i] = (work[ZERO + i] if by_first else work[ONE + i]) / (below if below != 0.0 else 1.0)
    if largest > up:
        for i in range(LANES):
            if work[FIRST + i] < 0.0:
                work[SCALE + i], bessel[0, i], bessel[1, i] = 1.0, work[ZERO + i], work[ONE + i]
        for l in range(2, l_max + 2):
            row, below, before = bessel[l], bessel[l - 1], bessel[l - 2]
            for i in range(LANES):
                value = (2.0 * l - 1.0) * work[INVERSE + i] * below[i] - before[i]
                row[i] = value if work[FIRST + i] < 0.0 else row[i]
    first_row, second_row = bessel[1], bessel[2]
    one, other = f[0, p], g[0, p]
    for i in range(LANES):
        one[i], other[i] = 4.0 * math.pi * work[SCALE + i] * first_row[i], 0.0
    one, other = f[1, p], g[1, p]
    for i in range(LANES):
        two = work[SCALE + i] * second_row[i]
        one[i], other[i] = 4.0 * math.pi / 3.0 * (work[LESS + i] - 2.0 * two), 4.0 * math.pi / 3.0 * (work[LESS + i] + two)
    for l in range(2, l_max + 1):
        one, other, below, above = f[l, p], g[l, p], bessel[l - 1], bessel[l + 1]
        inverse = 4.0 * math.pi * (1.0 if l % 4 == 1 or l % 4 == 2 else -1.0) / (2.0 * l + 1.0)
        for i in range(LANES):
            scale = inverse * work[SCALE + i]
            one[i], other[i] = scale * (l * below[i] - (l + 1.0) * above[i]), scale * (below[i] + above[i])
