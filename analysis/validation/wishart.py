"""Likelihood-ratio statistics of a sample covariance whose mean is known, and the first two moments of their laws.

The chi-squared limits of these statistics need far more realisations than degrees. Their means and variances are
known exactly for every number of realisations, and a gamma law with these two moments keeps the stated false-alarm
rate down to N = p + 1, where Bartlett's one-term factor 1 - (2 p^2 + 3 p - 1) / (6 N (p + 1)) (Anderson 2003, section
10.8) fails. The factor dof / mean brings a statistic to the mean of its chi-squared limit: Bartlett's correction with
the mean exact.

References
----------
Anderson, T. W. 2003, An Introduction to Multivariate Statistical Analysis, 3rd ed., chapters 7, 9 and 10.
Muirhead, R. J. 1982, Aspects of Multivariate Statistical Theory, sections 3.2, 8.4 and 11.2.
"""

import numpy as np
from scipy import stats
from scipy.special import polygamma, psi


def covariance_ratio(sample: np.ndarray, theory: np.ndarray, count: int) -> float:
    """Likelihood ratio of a sample covariance S against a given covariance T.

        N [tr(T^-1 S) - ln det(T^-1 S) - p],    chi-squared with p (p + 1) / 2 degrees of freedom for N -> infinity

    Parameters
    ----------
    sample, theory : ndarray (p, p)
        S, about the known mean, and T, positive definite.
    count : int
        N > p.

    Raises
    ------
    numpy.linalg.LinAlgError
        If T or S is not positive definite.
    """
    values = np.linalg.eigvalsh(whiten(sample, theory))
    if values[0] <= 0:
        raise np.linalg.LinAlgError("the sample covariance is singular")
    return float(count * np.sum(values - np.log(values) - 1))


def covariance_ratio_moments(count: int, p: int) -> tuple[float, float]:
    """Mean and variance of `covariance_ratio` for Gaussian samples, exact for every count > p.

    det of a Wishart matrix is a product of independent chi-squared variables (Muirhead 1982, theorem 3.2.15), and
    cov(tr W, ln det W) = 2 p by differentiation with respect to a common scale.
    """
    half = (count - np.arange(p)) / 2
    mean = count * (p * np.log(count / 2) - np.sum(psi(half)))
    variance = count**2 * np.sum(polygamma(1, half)) - 2 * count * p
    return float(mean), float(variance)


def independence_ratio(sample: np.ndarray, first: np.ndarray) -> float:
    """-ln of Wilks' Lambda = det S / (det S_aa det S_bb): the two blocks of S against vanishing cross covariance.

    Parameters
    ----------
    sample : ndarray (p, p)
        Sample covariance.
    first : ndarray of bool (p,)
        Which rows make the first block.

    Returns
    -------
    float
        N times it is the likelihood ratio; chi-squared with p_a p_b degrees of freedom for N -> infinity. Independent
        of S_aa and S_bb when the hypothesis holds, so that it adds to their own statistics.
    """
    sign, whole = np.linalg.slogdet(sample)
    if sign <= 0:
        raise np.linalg.LinAlgError("the sample covariance is singular")
    blocks = sum(np.linalg.slogdet(sample[np.ix_(rows, rows)])[1] for rows in (first, ~first))
    return float(blocks - whole)


def independence_ratio_moments(count: int, p: int, q: int) -> tuple[float, float]:
    """Mean and variance of -ln Lambda for blocks of sizes p and q, exact for every count >= p + q.

    Lambda is a product of q independent beta variables (Anderson 2003, theorem 8.4.1).
    """
    with_first = (count - np.arange(q)) / 2
    without = with_first - p / 2
    mean = np.sum(psi(with_first) - psi(without))
    variance = np.sum(polygamma(1, without) - polygamma(1, with_first))
    return float(mean), float(variance)


def whiten(matrix: np.ndarray, metric: np.ndarray) -> np.ndarray:
    """L^-1 M L^-T with metric = L L^T, (p, p); raises LinAlgError for a metric that is not positive definite."""
    inverse = np.linalg.inv(np.linalg.cholesky(metric))
    whitened = inverse @ matrix @ inverse.T
    return (whitened + whitened.T) / 2


def gamma_tail(value: float, mean: float, variance: float) -> float:
    """Probability to exceed a value under the gamma law of the given mean and variance."""
    return float(stats.gamma.sf(value, mean**2 / variance, scale=variance / mean))
