"""How far C_l of one sky lies from the ensemble's mean."""

import numpy as np
from scipy import stats

ONE_SIGMA = 0.6826894921370859


def single_sky_band(C_l, dof, probability: float = ONE_SIGMA) -> tuple[np.ndarray, np.ndarray]:
    """Central interval of the C_l of one Gaussian sky: C_l chi^2_dof / dof.

    Parameters
    ----------
    C_l : ndarray (n,)
        Ensemble mean.
    dof : float or ndarray (n,)
        2 l + 1 for a sky that is statistically isotropic; 1 for parallel diffusion, one multipole a degree.
    probability : float
        Inside the interval.

    Returns
    -------
    lower, upper : ndarray (n,)
    """
    tail = (1 - probability) / 2
    C_l, dof = np.asarray(C_l, dtype=float), np.asarray(dof, dtype=float)
    return C_l * stats.chi2.ppf(tail, dof) / dof, C_l * stats.chi2.isf(tail, dof) / dof


def degrees_of_freedom(covariance: np.ndarray) -> np.ndarray:
    """Degrees of freedom of C_l where the orders m differ in variance: (sum v)^2 / sum v^2 (Satterthwaite 1946).

    Parameters
    ----------
    covariance : ndarray (n_m, n, n)
        <a_lm a_l'm> of real harmonics.

    Returns
    -------
    ndarray (n,)
        1 for parallel diffusion, 2 l + 1 for an isotropic sky; 1 where nothing is expected.
    """
    variance = np.einsum("mll->ml", covariance)
    total = variance.sum(0)
    return np.divide(
        1.0, np.sum((variance / np.where(total > 0, total, 1.0)) ** 2, axis=0), where=total > 0, out=np.ones(total.size)
    )
