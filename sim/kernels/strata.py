"""Directions of particles: isotropic, drawn freely or one in each cell of equal area."""

from numba import njit, uint64

from fluxtube.sim.kernels.gaussian import uniform_pair


@njit(inline="always")
def draw_direction(i, offset, realisation, purpose, seed, rows, columns):
    """(mu, azimuth in turns) of particle i of a half whose counters start at `offset`.

    The sphere is cut into `rows` of equal height times `columns` of equal width; particle i falls in cell i modulo their
    number. One row and one column leave it free; their product must divide the particles of a half.
    """
    u, v = uniform_pair(uint64(offset + i), realisation, purpose, seed)
    cell = i % (rows * columns)
    return 2.0 * ((cell // columns) + u) / rows - 1.0, ((cell % columns) + v) / columns
