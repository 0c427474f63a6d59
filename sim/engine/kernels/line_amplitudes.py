"""Amplitudes of a `line` flow, the same normals that `line_multipoles` draws."""

from numba import prange

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.gaussian import fill_normal_pairs


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def draw_line_amplitudes(first, purpose, seed, scales, cosine, sine):
    """Fill (realisations, n) arrays with normals of standard deviation `scales` (n,)."""
    for r in prange(cosine.shape[0]):
        fill_normal_pairs(cosine[r], sine[r], first + r, purpose, seed)
        for j in range(scales.size):
            cosine[r, j] *= scales[j]
            sine[r, j] *= scales[j]
