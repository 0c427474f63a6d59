"""Directions of particles: isotropic, drawn freely or one in each cell of equal area."""

from numba import uint64

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.gaussian import uniform_pair


@njit(inline="always")
def draw_direction(i, offset, realisation, purpose, seed, rows, columns):
    """(mu, azimuth in turns) of particle i of a half whose counters start at `offset`.

    The sphere is cut into `rows` of equal height times `columns` of equal width; particle i falls in cell i modulo their
    number. One row and one column leave it free; their product must divide the particles of a half.
    """
    u, v = uniform_pair(uint64(offset + i), realisation, purpose, seed)
    cell = i % (rows * columns)
    return 2.0 * ((cell // columns) + u) / rows - 1.0, ((cell % columns) + v) / columns


@njit(cache=True, error_model="numpy")
def draw_directions(start, offset, realisation, purpose, seed, rows, columns, mu, turns):
    """Fill mu and turns with `draw_direction` of particles start, start + 1, ..."""
    if rows * columns == 1:  # no division: this loop is vector code
        for i in range(mu.size):
            u, v = uniform_pair(uint64(offset + start + i), uint64(realisation), uint64(purpose), uint64(seed))
            mu[i], turns[i] = 2.0 * u - 1.0, v
    else:
        for i in range(mu.size):
            mu[i], turns[i] = draw_direction(start + i, offset, uint64(realisation), uint64(purpose), uint64(seed), rows, columns)
