"""Functionals of increments, one realisation at a time."""

import numpy as np
from numba import prange

from fluxtube.sim.engine.kernels.compiling import njit


@njit(parallel=True, nogil=True, cache=True, error_model="numpy")
def project_rows(rows, functionals, out):
    """out[r] = functionals @ rows[r]: products of one shape, whatever the number of realisations.

    Parameters
    ----------
    rows : (realisations, m)
    functionals : (p, m)
    out : (realisations, p)
        Filled.
    """
    for r in prange(rows.shape[0]):
        out[r] = np.dot(functionals, rows[r])
