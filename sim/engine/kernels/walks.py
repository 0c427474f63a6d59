"""Particles followed backward through many scatterings in a flow along the field.

A walk starts at its first scattering, s = start, just after it: before it the particle had any other direction, isotropic in the
frame of the fluid, and so on. With arrival cosines mu_i (minus those of the momentum) and s_i = s_(i-1) + t mu the momentum that
it has gained since is, to first order in u/v,

    ln(p_past/p) = (1/v) sum_i u(s_i) (mu_(i-1) - mu_i),

of which the first term, u(s_1) mu_0, belongs to the path that is seen and the rest, the tail, to the walk.
"""

import math

import numpy as np
from numba import prange, uint64

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.free_path import draw_free_path
from fluxtube.sim.engine.kernels.gaussian import uniform_pair
from fluxtube.sim.engine.kernels.interpolation import interpolate

WALKS_OF_A_TASK = 32


@njit(inline="always")
def velocity_at(cells, s, reach):
    """u(s) - u(0) from the table; its end beyond it, where no walk worth the name comes."""
    return interpolate(cells, min(1.0, max(-1.0, s / reach)))


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def walk_tails(
    realisation, purpose, path_purpose, seed, first, cells, reach, start, mirrored, scatterings, shape, path_reach,
    cumulative, tail,
):  # fmt: skip
    """Tails of walks, each common to a group of starts, and where asked for the mean with the walk mirrored.

    Parameters
    ----------
    realisation, purpose, path_purpose, seed, first : int
        Names of the random streams of directions and paths, number of the first walk.
    cells, reach : (n, 6), float
        u(s) - u(0) for s from -reach to reach mean free paths, as `interpolation_cells` has it.
    start : (walks, group)
        s_1 of each particle, in mean free paths.
    mirrored : bool
        Average with the walk that has every mu of the other sign.
    scatterings : int
        Followed after the first.
    shape, path_reach, cumulative : int, float, array
        Law of whole free paths, as `kernels.free_path` has it.
    tail : (walks, group)
        Filled [velocity].
    """
    walks, group = start.shape
    key = uint64(seed)
    stream = uint64(realisation)
    for task in prange((walks + WALKS_OF_A_TASK - 1) // WALKS_OF_A_TASK):
        for w in range(task * WALKS_OF_A_TASK, min(walks, (task + 1) * WALKS_OF_A_TASK)):
            step = uint64(first + w) * uint64(scatterings + 1)
            u, v = uniform_pair(step, stream, uint64(purpose), key)
            mu, away = 2.0 * u - 1.0, 0.0
            for j in range(group):
                tail[w, j] = 0.0 if mirrored else -mu * velocity_at(cells, start[w, j], reach)
            for i in range(scatterings):
                if shape == 0:
                    away += mu
                elif shape == 1:  # the second number of the pair is free
                    away -= mu * math.log(v)
                else:
                    t = draw_free_path(step + uint64(i), stream, uint64(path_purpose), key, shape, path_reach, cumulative)
                    away += mu * t
                u, v = uniform_pair(step + uint64(i + 1), stream, uint64(purpose), key)
                after = 2.0 * u - 1.0
                change = mu - after
                mu = after
                if mirrored:
                    for j in range(group):
                        ahead = velocity_at(cells, start[w, j] + away, reach)
                        tail[w, j] += 0.5 * change * (ahead - velocity_at(cells, start[w, j] - away, reach))
                else:
                    for j in range(group):
                        tail[w, j] += change * velocity_at(cells, start[w, j] + away, reach)


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def exact_walks(
    realisation, purpose, path_purpose, seed, first, cells, reach, cosines, paths, scatterings, shape, path_reach,
    cumulative, velocity_unit, speed, slope, value,
):  # fmt: skip
    """Delta f/f of particles with the exact transformation of momentum and direction at every scattering, f ~ p^slope.

    The same random numbers as `walk_tails` for groups of one, not mirrored. Everything in the frame of the fluid at the observer.

    Parameters
    ----------
    realisation ... reach
        As in `walk_tails`.
    cosines, paths : (particles,)
        mu_0 and the length of the path that is seen, in mean free paths.
    scatterings, shape, path_reach, cumulative
        As in `walk_tails`.
    velocity_unit, speed, slope : float
        Unit of the table and speed of the particles over that of light, dlnf/dlnp.
    value : (particles,)
        Filled.
    """
    key, stream = uint64(seed), uint64(realisation)
    mass_squared = 1.0 / (speed * speed) - 1.0  # at p = 1
    for task in prange((cosines.size + WALKS_OF_A_TASK - 1) // WALKS_OF_A_TASK):
        for w in range(task * WALKS_OF_A_TASK, min(cosines.size, (task + 1) * WALKS_OF_A_TASK)):
            step = uint64(first + w) * uint64(scatterings + 1)
            mu, logarithm, s = cosines[w], 0.0, cosines[w] * paths[w]
            for i in range(scatterings + 1):
                u, v = uniform_pair(step + uint64(i), stream, uint64(purpose), key)
                beta = velocity_unit * velocity_at(cells, s, reach)
                # Momenta over that before the step, so that ln p keeps its digits.
                mass = mass_squared * math.exp(-2.0 * logarithm)
                energy, gamma = math.sqrt(1.0 + mass), 1.0 / math.sqrt(1.0 - beta * beta)
                along = gamma * (-mu - beta * energy)
                inside = math.sqrt((1.0 - mu) * (1.0 + mu) + along * along)
                fresh = 2.0 * u - 1.0
                back = gamma * (-inside * fresh + beta * math.sqrt(inside * inside + mass))
                squared = inside * inside * (1.0 - fresh) * (1.0 + fresh) + back * back
                logarithm += 0.5 * math.log(squared)
                mu = max(-1.0, min(1.0, -back / math.sqrt(squared)))
                if shape == 0:
                    s += mu
                elif shape == 1:
                    s -= mu * math.log(v)
                else:
                    s += mu * draw_free_path(step + uint64(i), stream, uint64(path_purpose), key, shape, path_reach, cumulative)
            value[w] = math.expm1(slope * logarithm)


def cells_needed(scatterings: int, square: float, longest: float) -> float:
    """Reach of the table [mean free path]: eight standard deviations of a walk and its rare long paths; never more than can be.

    Examples
    --------
    >>> cells_needed(12, 1.0, 1.0)
    13.0
    """
    spread = longest + 8.0 * math.sqrt(scatterings * square / 3.0) + (25.0 if longest > 1.0 else 0.0)
    return float(np.minimum(spread, (scatterings + 1.0) * longest))
