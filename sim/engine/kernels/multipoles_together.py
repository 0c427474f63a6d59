"""Multipoles of the same plane waves at several mean free paths: what depends on directions is formed once.

Of `multipoles`' closed form, a wave's share at the mean free path t is f_l(t y) R_lm + g_l(t y) T_lm: R_lm and T_lm hold its
amplitude and the direction of its wave vector, f_l and g_l its length. For each degree and two orders R and T of a chunk of waves
are written down once, and every mean free path adds its products with them, two paths at a time: four multiply-adds a wave,
degree and order for each path, and thirteen for all of them. One task has one realisation: bits do not depend on the threads.
"""

import math

import numpy as np
from numba import prange

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.multipoles import FLUSHED, LANES, NEGLIGIBLE, _gather
from fluxtube.sim.engine.kernels.radial import table_radial
from fluxtube.sim.engine.kernels.radial_together import signed_fixed_radial

PATHS = 2  # added at a time
# Rows of `work`, LANES numbers each, in one flat array, so that the compiler sees that they do not overlap.
DOUBLE, GROUND, C1, S1 = 0 * LANES, 1 * LANES, 2 * LANES, 3 * LANES  # 2 cos(theta), sin(theta), cos(phi), sin(phi)
COSINE, SINE, OLDER, NEWER = 4 * LANES, 6 * LANES, 8 * LANES, 10 * LANES  # of m phi, and of the recurrence in l: two orders each
RC, RS, TC, TS = 12 * LANES, 14 * LANES, 16 * LANES, 18 * LANES  # R and T of one degree, with cosine and sine: two orders each
START = 20 * LANES  # of the next recurrence
ROWS = 21


@njit(error_model="numpy", forceinline=True, fastmath={"reassoc", "contract", "nsz"})
def _form(l, m, amplitudes, fall, back, work):
    """One step of the recurrences of orders m and m + 1; then R and T of degree l.

    `amplitudes` are along, across and around y: those of cosines in odd degrees, of sines in even ones.
    """
    half, next_m, fall0, fall1, back0, back1 = 0.5 * l, m + 1.0, fall[m, l], fall[m + 1, l], back[m, l], back[m + 1, l]
    for i in range(LANES):
        x, along, across, around = work[DOUBLE + i], amplitudes[i], amplitudes[LANES + i], amplitudes[2 * LANES + i]
        outwards = along * work[GROUND + i]
        before, c, s = work[NEWER + i], work[COSINE + i], work[SINE + i]
        q = x * before - fall0 * work[OLDER + i]
        slope, turned, radial = across * (half * x * q - back0 * before), m * around * q, outwards * q
        work[OLDER + i], work[NEWER + i] = before, q
        work[RC + i], work[RS + i] = radial * c, radial * s
        work[TC + i], work[TS + i] = slope * c - turned * s, slope * s + turned * c
        before, c, s = work[NEWER + LANES + i], work[COSINE + LANES + i], work[SINE + LANES + i]
        q = x * before - fall1 * work[OLDER + LANES + i]
        slope, turned, radial = across * (half * x * q - back1 * before), next_m * around * q, outwards * q
        work[OLDER + LANES + i], work[NEWER + LANES + i] = before, q
        work[RC + LANES + i], work[RS + LANES + i] = radial * c, radial * s
        work[TC + LANES + i], work[TS + LANES + i] = slope * c - turned * s, slope * s + turned * c


@njit(error_model="numpy", forceinline=True, fastmath={"reassoc", "contract", "nsz"})
def _add(f, g, work, m, l, p, total):
    """Add the products of two paths' radial functions with R and T of orders m and m + 1 to a degree's sums."""
    f0, f1, g0, g1 = f[l, p], f[l, p + 1], g[l, p], g[l, p + 1]
    a0, a1, b0, b1, c0, c1, d0, d1 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(LANES):
        u, v, w, z = f0[i], g0[i], f1[i], g1[i]
        a0 += u * work[RC + i] + v * work[TC + i]
        b0 += u * work[RS + i] + v * work[TS + i]
        c0 += u * work[RC + LANES + i] + v * work[TC + LANES + i]
        d0 += u * work[RS + LANES + i] + v * work[TS + LANES + i]
        a1 += w * work[RC + i] + z * work[TC + i]
        b1 += w * work[RS + i] + z * work[TS + i]
        c1 += w * work[RC + LANES + i] + z * work[TC + LANES + i]
        d1 += w * work[RS + LANES + i] + z * work[TS + LANES + i]
    total[2 * m - 1, l, p] += a0
    total[2 * m - 1, l, p + 1] += a1
    total[2 * m, l, p] += b0
    total[2 * m, l, p + 1] += b1
    total[2 * m + 1, l, p] += c0
    total[2 * m + 1, l, p + 1] += c1
    total[2 * m + 2, l, p] += d0
    total[2 * m + 2, l, p + 1] += d1


@njit(error_model="numpy", forceinline=True, fastmath={"reassoc", "contract", "nsz"})
def _add_zonal(last, most, amplitudes, f, g, fall, scale, work, total):
    """Add order 0: Lambda_l0 and its slope sqrt(l (l+1)) Lambda_l1, which is finite at the poles."""
    root = math.sqrt(0.25 / math.pi)
    for i in range(LANES):
        work[OLDER + i], work[NEWER + i] = root, 0.0  # fall_00 = -1
        work[OLDER + LANES + i], work[NEWER + LANES + i] = -math.sqrt(1.5) * root, 0.0
    for l in range(most + 1):
        fall0, fall1, scale0, scale1 = fall[0, l], fall[1, l], scale[0, l], scale[1, l] * math.sqrt(l * (l + 1.0))
        parts = amplitudes[l % 2]
        for i in range(LANES):
            x, before = work[DOUBLE + i], work[NEWER + i]
            q = x * before - fall0 * work[OLDER + i]
            work[OLDER + i], work[NEWER + i], work[RC + i] = before, q, parts[i] * (scale0 * q)
        if l > 0:
            for i in range(LANES):
                x, before = work[DOUBLE + i], work[NEWER + LANES + i]
                q = x * before - fall1 * work[OLDER + LANES + i]
                work[OLDER + LANES + i], work[NEWER + LANES + i] = before, q
        for i in range(LANES):
            work[TC + i] = parts[LANES + i] * (scale1 * work[NEWER + LANES + i] * work[GROUND + i])
        for p in range(last.size):
            if l <= last[p]:
                one, other, value = f[l, p], g[l, p], 0.0
                for i in range(LANES):
                    value += one[i] * work[RC + i] + other[i] * work[TC + i]
                total[0, l, p] += value


@njit(error_model="numpy", forceinline=True, fastmath={"contract", "nsz"})
def _directions(gathered, length, work, amplitudes):
    """Fill what does not depend on order and degree; the largest sin(theta)."""
    highest = 0.0
    for i in range(LANES):
        x, y, z = gathered[0, 0, i], gathered[0, 1, i], gathered[0, 2, i]
        rho = math.sqrt(x * x + y * y)
        height, ground = z / length[i] if rho > 0.0 else (1.0 if z >= 0.0 else -1.0), rho / length[i]
        c, s = (x / rho, y / rho) if rho > 0.0 else (1.0, 0.0)
        work[DOUBLE + i], work[GROUND + i], work[C1 + i], work[S1 + i] = 2.0 * height, ground, c, s
        highest = max(highest, ground)
        for part in range(2):
            up, parts = gathered[2 - part, 2, i], amplitudes[part]
            outwards = gathered[2 - part, 0, i] * c + gathered[2 - part, 1, i] * s
            parts[i] = outwards * ground + up * height
            parts[LANES + i] = outwards * height - up * ground
            parts[2 * LANES + i] = gathered[2 - part, 1, i] * c - gathered[2 - part, 0, i] * s
    return highest


@njit(error_model="numpy", forceinline=True, fastmath={"contract", "nsz"})
def _next_orders(m, work):
    """cos and sin of m phi and (m + 1) phi and the starts of their recurrences in l, from those of m - 1; the largest start."""
    largest = 0.0
    for k in range(2):
        n, here, before = m + k, k * LANES, (1 - k) * LANES
        growth = -math.sqrt((2.0 * n + 1.0) / (2.0 * n)) if n > 1 else 1.0
        for i in range(LANES):
            c, s = work[COSINE + before + i], work[SINE + before + i]
            work[COSINE + here + i] = c * work[C1 + i] - s * work[S1 + i]
            work[SINE + here + i] = s * work[C1 + i] + c * work[S1 + i]
            start = work[START + i] * growth * (work[GROUND + i] if n > 1 else 1.0)
            start = start if abs(start) > FLUSHED else 0.0
            work[START + i], work[OLDER + here + i], work[NEWER + here + i] = start, (start if k == 0 else 0.0), 0.0
            largest = max(largest, abs(start))
    return largest


@njit(error_model="numpy", forceinline=True, fastmath={"contract", "nsz"})
def _sum_chunk(highest, l_max, amplitudes, f, g, last, recurrence, work, total):
    """Add the multipoles of one chunk, all paths, to total (2 l_max + 3, l_max + 1, paths)."""
    fall, back, scale = recurrence[0], recurrence[1], recurrence[2]
    most = 0
    for p in range(last.size):
        most = max(most, last[p])
        for l in range(last[p] + 1, last[p ^ 1] + 1):  # of a pair, the one that ends first
            f[l, p], g[l, p] = 0.0, 0.0
    _add_zonal(last, most, amplitudes, f, g, fall, scale, work, total)
    for i in range(LANES):
        work[COSINE + LANES + i], work[SINE + LANES + i] = 1.0, 0.0
        work[START + i] = -math.sqrt(0.75 / math.pi)  # sqrt(2) Lambda_11/sin(theta)
    for m in range(1, (most if highest > 0.0 else 1) + 1, 2):
        if _next_orders(m, work) == 0.0:
            break
        for l in range(m, most + 1):
            if l == m + 1:
                for i in range(LANES):
                    work[OLDER + LANES + i] = work[START + i]
            _form(l, m, amplitudes[l % 2], fall, back, work)
            for p in range(0, last.size, PATHS):
                if l <= max(last[p], last[p + 1]):
                    _add(f, g, work, m, l, p, total)


@njit(error_model="numpy", forceinline=True, fastmath={"reassoc", "contract", "nsz", "nnan"})
def _last(f, g, p):
    """The last degree with a path's radial functions above NEGLIGIBLE in a chunk, at least 1."""
    last = f.shape[0] - 1
    while last > 1:
        one, other, largest = f[last, p], g[last, p], 0.0
        for i in range(LANES):
            largest = max(largest, max(abs(one[i]), last * abs(other[i])))
        if largest > 4.0 * math.pi * NEGLIGIBLE:
            break
        last -= 1
    return last


@njit(error_model="numpy")
def _finish(total, scale, multipoles):
    """Scaled sums, a path at a time."""
    for p in range(multipoles.shape[0]):
        for row in range(multipoles.shape[1]):
            for l in range(multipoles.shape[2]):
                multipoles[p, row, l] = scale[row, l] * total[row, l, p]


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def fixed_multipoles_together(wave_vectors, cosine, sine, paths, recurrence, edges, table, scale, multipoles):
    """`multipoles.fixed_multipoles` for several mean free paths.

    Parameters
    ----------
    wave_vectors, cosine, sine : (realisations, 3, n)
        k lambda and amplitudes.
    paths : (P,)
        Mean free paths in units of lambda, a whole number of PATHS; zero: left out.
    recurrence : (3, l_max + 2, l_max + 1 + UNROLLED)
        `multipoles.legendre_orders`.
    edges, table : arrays
        Not used by this law.
    scale : (2 l_max + 1, l_max + 1)
        Of the sums, orders 0, 1, -1, 2, ...
    multipoles : (realisations, P or one less, 2 l_max + 1, l_max + 1)
        Filled.
    """
    l_max = multipoles.shape[3] - 1
    for r in prange(multipoles.shape[0]):
        gathered, amplitudes, work = np.empty((3, 3, LANES)), np.empty((2, 3 * LANES)), np.empty(ROWS * LANES)
        length, last = np.empty((2, LANES)), np.zeros(paths.size, np.int64)
        f, g = np.empty((l_max + 1, paths.size, LANES)), np.empty((l_max + 1, paths.size, LANES))
        bessel = np.empty((l_max + 4, LANES))
        total = np.zeros((2 * l_max + 3, l_max + 1, paths.size))
        for start in range(0, wave_vectors.shape[2], LANES):
            _gather(wave_vectors[r], cosine[r], sine[r], start, gathered, length[0])
            for i in range(LANES):
                length[1, i] = length[0, i] ** (1.0 / 3.0)
            for p in range(paths.size):
                if paths[p] > 0.0:
                    signed_fixed_radial(length[0], length[1], paths[p], l_max, work, bessel, p, f, g)
                    last[p] = _last(f, g, p)
                else:
                    f[:, p], g[:, p] = 0.0, 0.0
            highest = _directions(gathered, length[0], work, amplitudes)
            _sum_chunk(highest, l_max, amplitudes, f, g, last, recurrence, work, total)
        _finish(total, scale, multipoles[r])


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def table_multipoles_together(wave_vectors, cosine, sine, paths, recurrence, edges, table, scale, multipoles):
    """`fixed_multipoles_together` for another law of free paths, whose radial functions are tabulated (`radial_table`)."""
    l_max = multipoles.shape[3] - 1
    for r in prange(multipoles.shape[0]):
        gathered, amplitudes, work = np.empty((3, 3, LANES)), np.empty((2, 3 * LANES)), np.empty(ROWS * LANES)
        length, last = np.empty((2, LANES)), np.zeros(paths.size, np.int64)
        f, g = np.empty((l_max + 1, paths.size, LANES)), np.empty((l_max + 1, paths.size, LANES))
        along, across = np.empty((l_max + 4, LANES)), np.empty((l_max + 4, LANES))
        total = np.zeros((2 * l_max + 3, l_max + 1, paths.size))
        for start in range(0, wave_vectors.shape[2], LANES):
            _gather(wave_vectors[r], cosine[r], sine[r], start, gathered, length[0])
            for p in range(paths.size):
                if paths[p] == 0.0:
                    f[:, p], g[:, p] = 0.0, 0.0
                    continue
                for i in range(LANES):
                    length[1, i] = paths[p] * length[0, i]
                table_radial(length[1], l_max, edges, table, along, across)
                for l in range(l_max + 1):
                    sign = 4.0 * math.pi * (1.0 if l % 4 == 1 or l % 4 == 2 else -1.0)
                    for i in range(LANES):
                        f[l, p, i], g[l, p, i] = sign * along[l, i], sign * across[l, i]
                last[p] = _last(f, g, p)
            highest = _directions(gathered, length[0], work, amplitudes)
            _sum_chunk(highest, l_max, amplitudes, f, g, last, recurrence, work, total)
        _finish(total, scale, multipoles[r])
