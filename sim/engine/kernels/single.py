"""Free paths of a few particles, the same that the particle kernels draw."""

from numba import uint64

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.free_path import draw_free_path


@njit(cache=True, error_model="numpy")
def fill_free_paths(first, realisation, purpose, seed, shape, reach, cumulative, path):
    """Fill path (n,) with t of particles first, first + 1, ... by Erlang's law of `shape` (0: fixed), at most `reach`."""
    for i in range(path.size):
        path[i] = draw_free_path(uint64(first + i), uint64(realisation), uint64(purpose), uint64(seed), shape, reach, cumulative)
