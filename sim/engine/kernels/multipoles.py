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
def _add_order(m, most, last, lanes, work, along, across, around, fall, back, total):
    """Add the sums over a chunk of order m, degrees m..last[p], to rows 2 m - 1 (cosine) and 2 m (sine) of total[p].

    q_l = 2 z q_(l-1) - fall_l q_(l-2) is Lambda_lm/sin(theta) over its scale; along q_l - back_l across q_(l-1) the part of the
    gradient that goes with cos(m phi), m around q_l that of its partner. q_l is the same for every mean free path p. Rows of
    `lanes`: 2 z, start, cos(m phi), sin(m phi), m cos(m phi), m sin(m phi). The start enters by fall_m = -1.
    """
    double, start, cosine, sine, cosine_m, sine_m = lanes[0], lanes[1], lanes[2], lanes[3], lanes[4], lanes[5]
    for i in range(LANES):
        work[3 * LANES + i] = start[i]
        work[4 * LANES + i] = 0.0
    for l in range(m, most + 1, UNROLLED):
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
        for p in range(last.size):
            if l > last[p]:
                continue
            along0, along1, along2, along3 = along[p, l], along[p, l + 1], along[p, l + 2], along[p, l + 3]
            across0, across1, across2, across3 = across[p, l], across[p, l + 1], across[p, l + 2], across[p, l + 3]
            around0, around1, around2, around3 = around[p, l], around[p, l + 1], around[p, l + 2], around[p, l + 3]
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
            total[p, 2 * m - 1, l] += c0
            total[p, 2 * m - 1, l + 1] += c1
            total[p, 2 * m - 1, l + 2] += c2
            total[p, 2 * m - 1, l + 3] += c3
            total[p, 2 * m, l] += s0
            total[p, 2 * m, l + 1] += s1
            total[p, 2 * m, l + 2] += s2
            total[p, 2 * m, l + 3] += s3


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
def _last_degree(along, across, l_max):
    """The last degree with radial functions above NEGLIGIBLE in a chunk, at least 1."""
    last = l_max
    while last > 1:
        largest = 0.0
        for i in range(LANES):
            largest = max(largest, max(abs(along[last, i]), last * abs(across[last, i])))
        if largest > NEGLIGIBLE:
            break
        last -= 1
    return last


@njit(error_model="numpy", forceinline=True, fastmath={"contract", "nsz"})
def _sum_chunk(wave_vectors, cosine, sine, l_max, length, lanes, work, space, recurrence, total):
    """Add the multipoles of one chunk to total (paths, 2 l_max + 1, l_max + 1 + UNROLLED).

    On entry space[0] and space[1] have f_l and g_l of every mean free path (less what u(0) takes from l = 1); all is work space.
    """
    fall, back, scale = recurrence[0], recurrence[1], recurrence[2]
    along, across, around = space[0], space[1], space[2]
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
    last = np.empty(along.shape[0], np.int64)
    for p in range(last.size):
        last[p] = _last_degree(along[p], across[p], l_max)
        for l in range(last[p] + 1):
            # 4 pi times i^(l-1) of the cosines in odd degrees, -i^l of the sines in even ones.
            sign = 4.0 * math.pi * (1.0 if l % 4 == 1 or l % 4 == 2 else -1.0)
            first = 0 if l % 2 else 3 * LANES
            one, other, third = along[p, l], across[p, l], around[p, l]
            for i in range(LANES):
                g = sign * other[i]
                one[i] = sign * one[i] * parts[first + i]
                third[i] = g * parts[first + 2 * LANES + i]
                other[i] = g * parts[first + LANES + i]
        for l in range(last[p] + 1, last[p] + UNROLLED):
            for i in range(LANES):
                along[p, l, i] = across[p, l, i] = around[p, l, i] = 0.0
    for p in range(last.size):
        _add_zonal(last[p], lanes, work, sine_theta, along[p], across[p], fall, scale, total[p, 0])
        for l in range(last[p] + 1):
            one, other = along[p, l], across[p, l]
            for i in range(LANES):
                one[i] = one[i] * sine_theta[i] + 0.5 * l * lanes[0, i] * other[i]
    most = last.max()
    for i in range(LANES):
        lanes[1, i], lanes[2, i], lanes[3, i] = -math.sqrt(0.75 / math.pi), 1.0, 0.0  # sqrt(2) Lambda_11/sin(theta)
    for m in range(1, (most if highest > 0.0 else 1) + 1):
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
        _add_order(m, most, last, lanes, work, along, across, around, fall[m], back[m], total)


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
def fixed_multipoles(wave_vectors, cosine, sine, paths, recurrence, edges, table, partial):
    """Real multipoles of n.[u(t n) - u(0)] for u(x) = sum_j cosine_j cos(k_j.x) + sine_j sin(k_j.x), each t of `paths`.

    Parameters
    ----------
    wave_vectors, cosine, sine : (realisations, 3, n)
        k lambda and amplitudes.
    paths : (P,)
        Mean free paths in units of lambda.
    recurrence : (3, l_max + 2, l_max + 1 + UNROLLED)
        `legendre_orders`.
    edges, table : arrays
        Not used by this law.
    partial : (realisations, chunks, P, 2 l_max + 1, l_max + 1 + UNROLLED)
        Filled: sums of each chunk of LANES waves over `scale`, orders 0, 1, -1, 2, ...
    """
    chunks, l_max = partial.shape[1], partial.shape[4] - UNROLLED - 1
    for task in prange(partial.shape[0] * chunks):
        r, chunk = task // chunks, task % chunks
        gathered, lanes, work = np.empty((3, 3, LANES)), np.empty((8, LANES)), np.empty(7 * LANES)
        length, space = np.empty((2, LANES)), np.empty((3, paths.size, l_max + 1 + UNROLLED, LANES))
        _gather(wave_vectors[r], cosine[r], sine[r], chunk * LANES, gathered, length[0])
        for p in range(paths.size):
            for i in range(LANES):
                length[1, i] = paths[p] * length[0, i]
            fixed_radial(length[1], l_max, lanes, space[0, p], space[1, p], space[2, p])
        partial[r, chunk] = 0.0
        _sum_chunk(
            gathered[0], gathered[1], gathered[2], l_max, length[0], lanes, work, space, recurrence, partial[r, chunk]
        )


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def table_multipoles(wave_vectors, cosine, sine, paths, recurrence, edges, table, partial):
    """`fixed_multipoles` averaged over another law of free paths, whose radial functions are tabulated (`radial_table`)."""
    chunks, l_max = partial.shape[1], partial.shape[4] - UNROLLED - 1
    for task in prange(partial.shape[0] * chunks):
        r, chunk = task // chunks, task % chunks
        gathered, lanes, work = np.empty((3, 3, LANES)), np.empty((8, LANES)), np.empty(7 * LANES)
        length, space = np.empty((2, LANES)), np.empty((3, paths.size, l_max + 1 + UNROLLED, LANES))
        _gather(wave_vectors[r], cosine[r], sine[r], chunk * LANES, gathered, length[0])
        for p in range(paths.size):
            for i in range(LANES):
                length[1, i] = paths[p] * length[0, i]
            table_radial(length[1], l_max, edges, table, space[0, p], space[1, p])
        partial[r, chunk] = 0.0
        _sum_chunk(
            gathered[0], gathered[1], gathered[2], l_max, length[0], lanes, work, space, recurrence, partial[r, chunk]
        )


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
