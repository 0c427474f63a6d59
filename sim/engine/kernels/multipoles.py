"""Multipoles of plane waves in closed form, every order of every degree, without a grid.

    int n.A e^(i y.n) Y*_lm(n) dOmega = 4 pi i^(l-1) A.grad_y [j_l(y) Y*_lm(y^)]

A has a part along y, which goes with f_l(y), and parts along theta and phi of y^, which go with g_l(y): f_l = j_l' and
g_l = j_l/y for one free path, averages of them for a law of free paths. The waves of a realisation are cut into chunks of LANES,
summed within a chunk by one task, and the chunks are added in their order: bits do not depend on the threads.
"""

import math

import numpy as np
from numba import prange

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.radial import fixed_radial, table_radial

LANES = 128  # waves of a task: their factors of all degrees up to 50 stay in the second cache
UNROLLED = 4  # degrees a sweep
NEGLIGIBLE = 1e-22  # radial functions from here on are left out
FLUSHED = 1e-250  # starts of the recurrence below this are zero, so that nothing becomes subnormal


@njit(error_model="numpy", forceinline=True, fastmath={"reassoc", "contract", "nsz"})
def _add_order(m, last, lanes, work, along, across, around, fall, back, total):
    """Add the sums over a chunk of order m, degrees m..last, to total[0] (cosine) and total[1] (sine), over their scale.

    q_l = 2 z q_(l-1) - fall_l q_(l-2) is Lambda_lm/sin(theta) over its scale; along q_l - back_l across q_(l-1) the part of the
    gradient that goes with cos(m phi), m around q_l that of its partner. Rows of `lanes`: 2 z, start, cos(m phi), sin(m phi),
    m cos(m phi), m sin(m phi). The start enters by fall_m = -1.
    """
    double, start, cosine, sine, cosine_m, sine_m = lanes[0], lanes[1], lanes[2], lanes[3], lanes[4], lanes[5]
    for i in range(LANES):
        work[3 * LANES + i] = start[i]
        work[4 * LANES + i] = 0.0
    for l in range(m, last + 1, UNROLLED):
        fall0, fall1, fall2, fall3 = fall[l], fall[l + 1], fall[l + 2], fall[l + 3]
        for i in range(LANES):
            x, before, current = double[i], work[3 * LANES + i], work[4 * LANES + i]
            q0 = x * current - fall0 * before
            q1 = x * q0 - fall1 * current
            q2 = x * q1 - fall2 * q0
            work[i] = current
            work[LANES + i] = q0
            work[2 * LANES + i] = q1
            work[3 * LANES + i] = q2
            work[4 * LANES + i] = x * q2 - fall3 * q1
        back0, back1, back2, back3 = back[l], back[l + 1], back[l + 2], back[l + 3]
        along0, along1, along2, along3 = along[l], along[l + 1], along[l + 2], along[l + 3]
        across0, across1, across2, across3 = across[l], across[l + 1], across[l + 2], across[l + 3]
        around0, around1, around2, around3 = around[l], around[l + 1], around[l + 2], around[l + 3]
        c0, c1, c2, c3, s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(LANES):
            q, q0, q1, q2, q3 = work[i], work[LANES + i], work[2 * LANES + i], work[3 * LANES + i], work[4 * LANES + i]
            c, s, cm, sm = cosine[i], sine[i], cosine_m[i], sine_m[i]
            t = along0[i] * q0 - back0 * (across0[i] * q)
            w = around0[i] * q0
            c0 += t * c - w * sm
            s0 += t * s + w * cm
            t = along1[i] * q1 - back1 * (across1[i] * q0)
            w = around1[i] * q1
            c1 += t * c - w * sm
            s1 += t * s + w * cm
            t = along2[i] * q2 - back2 * (across2[i] * q1)
            w = around2[i] * q2
            c2 += t * c - w * sm
            s2 += t * s + w * cm
            t = along3[i] * q3 - back3 * (across3[i] * q2)
            w = around3[i] * q3
            c3 += t * c - w * sm
            s3 += t * s + w * cm
        total[0, l] += c0
        total[0, l + 1] += c1
        total[0, l + 2] += c2
        total[0, l + 3] += c3
        total[1, l] += s0
        total[1, l + 1] += s1
        total[1, l + 2] += s2
        total[1, l + 3] += s3


@njit(error_model="numpy", forceinline=True, fastmath={"reassoc", "contract", "nsz"})
def _add_zonal(last, lanes, work, height, along, across, fall, scale, total):
    """Add the sums over a chunk of order 0: Lambda_l0 and its slope sqrt(l (l+1)) Lambda_l1, which is finite at the poles."""
    double, root = lanes[0], math.sqrt(0.25 / math.pi)
    for i in range(LANES):
        work[i], work[LANES + i] = root, 0.0  # fall_00 = -1, as above
        work[2 * LANES + i], work[3 * LANES + i] = -math.sqrt(1.5) * root, 0.0
    for l in range(last + 1):
        fall0, fall1, scale0, scale1 = fall[0, l], fall[1, l], scale[0, l], scale[1, l] * math.sqrt(l * (l + 1.0))
        radial, polar, value = along[l], across[l], 0.0
        for i in range(LANES):
            x, before, current = double[i], work[i], work[LANES + i]
            work[i], work[LANES + i] = current, x * current - fall0 * before
        if l > 0:
            for i in range(LANES):
                x, before, current = double[i], work[2 * LANES + i], work[3 * LANES + i]
                work[2 * LANES + i], work[3 * LANES + i] = current, x * current - fall1 * before
        for i in range(LANES):
            value += radial[i] * (scale0 * work[LANES + i]) + polar[i] * (scale1 * work[3 * LANES + i] * height[i])
        total[l] += value


@njit(error_model="numpy", forceinline=True, fastmath={"contract", "nsz"})
def _sum_chunk(wave_vectors, cosine, sine, l_max, length, lanes, work, along, across, around, recurrence, total):
    """Add the multipoles of one chunk to total (2 l_max + 1, l_max + 1 + UNROLLED).

    On entry `along` and `across` have f_l and g_l (less what u(0) takes from l = 1); all three arrays are work space.
    """
    fall, back, scale = recurrence[0], recurrence[1], recurrence[2]
    last = l_max
    while last > 1:
        largest = 0.0
        for i in range(LANES):
            largest = max(largest, max(abs(along[last, i]), last * abs(across[last, i])))
        if largest > NEGLIGIBLE:
            break
        last -= 1
    parts, sine_theta, highest = work[: 6 * LANES], work[6 * LANES : 7 * LANES], 0.0
    for i in range(LANES):
        x, y, z = wave_vectors[0, i], wave_vectors[1, i], wave_vectors[2, i]
        rho = math.sqrt(x * x + y * y)
        height, ground = z / length[i] if rho > 0.0 else (1.0 if z >= 0.0 else -1.0), rho / length[i]
        c, s = (x / rho, y / rho) if rho > 0.0 else (1.0, 0.0)
        lanes[0, i], sine_theta[i], lanes[6, i], lanes[7, i] = 2.0 * height, ground, c, s
        highest = max(highest, ground)
        outwards = cosine[0, i] * c + cosine[1, i] * s
        parts[i] = outwards * ground + cosine[2, i] * height
        parts[LANES + i] = outwards * height - cosine[2, i] * ground
        parts[2 * LANES + i] = cosine[1, i] * c - cosine[0, i] * s
        outwards = sine[0, i] * c + sine[1, i] * s
        parts[3 * LANES + i] = outwards * ground + sine[2, i] * height
        parts[4 * LANES + i] = outwards * height - sine[2, i] * ground
        parts[5 * LANES + i] = sine[1, i] * c - sine[0, i] * s
    for l in range(last + 1):
        # 4 pi times i^(l-1) of the cosines in odd degrees, -i^l of the sines in even ones.
        sign = 4.0 * math.pi * (1.0 if l % 4 == 1 or l % 4 == 2 else -1.0)
        first = 0 if l % 2 else 3 * LANES
        one, other, third = along[l], across[l], around[l]
        for i in range(LANES):
            g = sign * other[i]
            one[i] = sign * one[i] * parts[first + i]
            third[i] = g * parts[first + 2 * LANES + i]
            other[i] = g * parts[first + LANES + i]
    for l in range(last + 1, min(last + UNROLLED, along.shape[0])):
        for i in range(LANES):
            along[l, i] = across[l, i] = around[l, i] = 0.0
    _add_zonal(last, lanes, work, sine_theta, along, across, fall, scale, total[0])
    for l in range(last + 1):
        one, other = along[l], across[l]
        for i in range(LANES):
            one[i] = one[i] * sine_theta[i] + 0.5 * l * lanes[0, i] * other[i]
    for i in range(LANES):
        lanes[1, i], lanes[2, i], lanes[3, i] = -math.sqrt(0.75 / math.pi), 1.0, 0.0  # sqrt(2) Lambda_11/sin(theta)
    for m in range(1, (last if highest > 0.0 else 1) + 1):
        growth = -math.sqrt((2.0 * m + 1.0) / (2.0 * m)) if m > 1 else 1.0
        largest = 0.0
        for i in range(LANES):
            c, s = lanes[2, i], lanes[3, i]
            lanes[2, i], lanes[3, i] = c * lanes[6, i] - s * lanes[7, i], s * lanes[6, i] + c * lanes[7, i]
            lanes[4, i], lanes[5, i] = m * lanes[2, i], m * lanes[3, i]
            start = lanes[1, i] * growth * (sine_theta[i] if m > 1 else 1.0)
            lanes[1, i] = start if abs(start) > FLUSHED else 0.0
            largest = max(largest, abs(lanes[1, i]))
        if largest == 0.0:
            break
        _add_order(m, last, lanes, work, along, across, around, fall[m], back[m], total[2 * m - 1 : 2 * m + 1])


@njit(cache=True, error_model="numpy")
def _gather(wave_vectors, cosine, sine, start, gathered, length):
    """Copy one chunk of a realisation's waves, with zeros behind the last; their |y|, above zero."""
    for i in range(LANES):
        j = start + i
        inside = j < wave_vectors.shape[1]
        for axis in range(3):
            gathered[0, axis, i] = wave_vectors[axis, j] if inside else 0.0
            gathered[1, axis, i] = cosine[axis, j] if inside else 0.0
            gathered[2, axis, i] = sine[axis, j] if inside else 0.0
        x, y, z = gathered[0, 0, i], gathered[0, 1, i], gathered[0, 2, i]
        length[i] = max(math.sqrt(x * x + y * y + z * z), 1e-150)


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def fixed_multipoles(wave_vectors, cosine, sine, recurrence, edges, table, partial):
    """Real multipoles of n.[u(n) - u(0)] for u(x) = sum_j cosine_j cos(k_j.x) + sine_j sin(k_j.x), one free path.

    Parameters
    ----------
    wave_vectors, cosine, sine : (realisations, 3, n)
        k lambda and amplitudes.
    recurrence : (3, l_max + 2, l_max + 1 + UNROLLED)
        `legendre_orders`.
    edges, table : arrays
        Not used by this law.
    partial : (realisations, chunks, 2 l_max + 1, l_max + 1 + UNROLLED)
        Filled: sums of each chunk of LANES waves over `scale`, orders 0, 1, -1, 2, ...
    """
    chunks, l_max = partial.shape[1], partial.shape[3] - UNROLLED - 1
    for task in prange(partial.shape[0] * chunks):
        r, chunk = task // chunks, task % chunks
        gathered, lanes, work = np.empty((3, 3, LANES)), np.empty((8, LANES)), np.empty(7 * LANES)
        length, space = np.empty(LANES), np.empty((3, l_max + 1 + UNROLLED, LANES))
        _gather(wave_vectors[r], cosine[r], sine[r], chunk * LANES, gathered, length)
        fixed_radial(length, l_max, lanes, space[0], space[1], space[2])
        partial[r, chunk] = 0.0
        _sum_chunk(
            gathered[0], gathered[1], gathered[2], l_max, length, lanes, work, space[0], space[1], space[2],
            recurrence, partial[r, chunk],
        )  # fmt: skip


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def table_multipoles(wave_vectors, cosine, sine, recurrence, edges, table, partial):
    """`fixed_multipoles` of another law of free paths, whose radial functions are tabulated (`radial_table`)."""
    chunks, l_max = partial.shape[1], partial.shape[3] - UNROLLED - 1
    for task in prange(partial.shape[0] * chunks):
        r, chunk = task // chunks, task % chunks
        gathered, lanes, work = np.empty((3, 3, LANES)), np.empty((8, LANES)), np.empty(7 * LANES)
        length, space = np.empty(LANES), np.empty((3, l_max + 1 + UNROLLED, LANES))
        _gather(wave_vectors[r], cosine[r], sine[r], chunk * LANES, gathered, length)
        table_radial(length, l_max, edges, table, space[0], space[1])
        partial[r, chunk] = 0.0
        _sum_chunk(
            gathered[0], gathered[1], gathered[2], l_max, length, lanes, work, space[0], space[1], space[2],
            recurrence, partial[r, chunk],
        )  # fmt: skip


def legendre_orders(l_max: int) -> np.ndarray:
    """Coefficients of the recurrence in l of every order m: fall, back and scale, (3, l_max + 2, l_max + 1 + UNROLLED).

    Lambda_lm = rise_l z Lambda_(l-1)m - (rise_l/rise_(l-1)) Lambda_(l-2)m, rise_l = sqrt((4 l^2 - 1)/(l^2 - m^2)), becomes
    q_l = 2 z q_(l-1) - fall_l q_(l-2) for Lambda_lm = scale_l q_l, scale_l = scale_(l-1) rise_l/2. The slope is
    dLambda_lm/dtheta = [l z Lambda_lm - sqrt((2l+1)/(2l-1) (l^2 - m^2)) Lambda_(l-1)m]/sin(theta); `back` is that root over the
    scales' ratio. Source: Abramowitz & Stegun (1964), 8.5.3 and 8.5.4, normalised.
    """
    degrees = l_max + 1 + UNROLLED
    fall, back, scale = table = np.zeros((3, l_max + 2, degrees))
    for m in range(l_max + 2):
        l = np.arange(m + 1, degrees, dtype=float)
        if m < degrees:
            fall[m, m], scale[m, m] = -1.0, 1.0
        rise = np.sqrt((4 * l * l - 1) / (l * l - m * m))
        scale[m, m + 1 :] = np.cumprod(rise / 2)
        fall[m, m + 2 :] = 4 / rise[:-1] ** 2
        back[m, m + 1 :] = 2 / rise * np.sqrt((2 * l + 1) / (2 * l - 1) * (l * l - m * m))
    return table
