"""How the view of a ground array couples multipoles: kernels of a band of declination, order by order."""

import numpy as np

from fluxtube.analysis.observations.wigner import harmonics

NODES_PER_DEGREE = 2


def view_kernels(view, l_max: int) -> np.ndarray:
    """Kernels that take multipoles of the sky to those of the sky as it is observed, in equatorial coordinates.

        a~_lm = sum_l' K^m_ll' a_l'm,    K^m_ll' = 2 pi int_view Y_lm(theta, 0) Y_l'm(theta, 0) d cos theta,    K^0 = 0

    The view depends on declination alone, so that orders do not mix. An array's exposure is known from its own data only:
    the mean of every ring of declination is taken for the isotropic level, which removes m = 0 altogether.

    Parameters
    ----------
    view : FieldOfView
    l_max : int

    Returns
    -------
    ndarray (l_max + 1, l_max + 1, l_max + 1)
        K[m, l, l'], m >= 0; symmetric in l, l'.
    """
    kernels = np.zeros((l_max + 1,) * 3)
    for south, north in view.bands:
        node, weight = np.polynomial.legendre.leggauss(NODES_PER_DEGREE * (l_max + 4))
        low, high = np.sin(np.deg2rad([south, north]))
        cosine = low + (high - low) * (node + 1) / 2
        table = harmonics(l_max, np.arccos(cosine))
        # Exact: the integrand is a polynomial of degree 2 l_max in cos theta.
        kernels += np.pi * (high - low) * np.einsum("lmt,kmt,t->mlk", table, table, weight)
    kernels[0] = 0.0
    return kernels


def mixing_matrix(kernels: np.ndarray) -> np.ndarray:
    """Expectation of the pseudo-spectrum of a statistically isotropic sky: <C~_l> = sum_l' M_ll' C_l'.

        M_ll' = 1/(2l+1) sum_m (K^m_ll')^2

    Parameters
    ----------
    kernels : ndarray (L, L, L)
        K[m, l, l'] of `view_kernels`.

    Returns
    -------
    ndarray (L, L)
    """
    weight = np.full(len(kernels), 2.0)
    weight[0] = 1.0
    return np.einsum("m,mlk->lk", weight, kernels**2) / (2 * np.arange(len(kernels)) + 1)[:, None]
