"""Multipoles of a `line` flow: normal amplitudes times the response of the sky to each of them."""

import numpy as np
from numba import prange

from fluxtube.sim.engine.kernels.compiling import njit
from fluxtube.sim.engine.kernels.gaussian import fill_normal_pairs

TILE = 64


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def line_multipoles(first, purpose, seed, cosine_response, sine_response, cosine_part, sine_part):
    """a_l of consecutive realisations, in tiles of 64 that one thread each draws and multiplies.

    Parameters
    ----------
    first : int
        Number of the first realisation.
    purpose, seed : int
        Name of the random stream.
    cosine_response, sine_response : (n, p), (n, q)
        Multipoles of unit amplitude of each node's cosine and sine.
    cosine_part, sine_part : (tiles * 64, p), (tiles * 64, q)
        Filled. Always whole tiles: a matrix product of another shape could round another way, and a realisation must
        not depend on how many others are asked for.
    """
    nodes = cosine_response.shape[0]
    for tile in prange(cosine_part.shape[0] // TILE):
        cosine = np.empty((TILE, nodes))
        sine = np.empty((TILE, nodes))
        for r in range(TILE):
            fill_normal_pairs(cosine[r], sine[r], first + tile * TILE + r, purpose, seed)
        # Into place: an assignment brings code that words its error, two seconds to compile.
        np.dot(cosine, cosine_response, cosine_part[tile * TILE : (tile + 1) * TILE])
        np.dot(sine, sine_response, sine_part[tile * TILE : (tile + 1) * TILE])
