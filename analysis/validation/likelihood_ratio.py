"""The whole measured covariance matrix against theory: likelihood-ratio tests per parity block.

Theory leaves <a_l a_l'> empty for odd l + l'. The likelihood ratio of the whole matrix is then the sum of three
independent parts: the block of even degrees, the block of odd degrees, and Wilks' test of no correlation between them.

Two things take the law of these statistics from that of Gaussian samples; both are carried to first order.

Shot noise. Of N realisations, A = <s s^T> has the expectation T + D and B = <d d^T> the expectation D (s and d: mean and
half difference of the halves of the particles). A is compared with M = T + B. In the axes where M is the unit matrix and
B diagonal, with elements r_i, the variance of (A - B)_ij is 1 + r_i r_j times that of A_ij.

Kurtosis. For an elliptical law with <(x^T T^-1 x)^2> = (1 + kappa) p (p + 2) the trace of T^-1 S varies by
(1 + kappa + p kappa / 2), every other direction by (1 + kappa), times the Gaussian variance (Browne 1984; Muirhead &
Waternaux 1980). The statistic is compared with a law of that mean and variance: the mean scaling of Satorra & Bentler
(1994) with an estimate of kappa from the measured <s_l^2 s_l'^2>, after Mardia (1970).

Range of validity, by Monte Carlo (1,000 ensembles each, 20 degrees, stated rate 5 %): without noise the rate is exact to the
Monte Carlo error from N = 60 on; with noise it is 5-6 % where the noise stays below a tenth of <s^2> at every degree, and 11 %
where it reaches four tenths (its level following the sky). That the noise does not mix the parities holds for a mean-square
sky that is symmetric about the equator. The kurtosis of skies made of few waves, or rotated as a whole, is not elliptical:
at a stated rate of 1e-3 up to 17 % were rejected. The test therefore takes part in the verdict for Gaussian skies with at most
`moments.MOST_NOISE` of shot noise, and is for information otherwise.

References
----------
Browne, M. W. 1984, Br. J. Math. Stat. Psychol., 37, 62. Mardia, K. V. 1970, Biometrika, 57, 519.
Muirhead, R. J. & Waternaux, C. M. 1980, Biometrika, 67, 31.
Satorra, A. & Bentler, P. M. 1994, in Latent Variables Analysis, eds. von Eye & Clogg, p. 399.
"""

import numpy as np

from fluxtube.analysis.validation import wishart
from fluxtube.analysis.validation.moments import Moments
from fluxtube.analysis.validation.outcome import Outcome, undefined

SINGULAR = "singular to working precision"
BLOCKS = ("even l", "odd l", "even-odd")


def covariance_tests(moments: Moments, theory: np.ndarray) -> list[Outcome]:
    """Likelihood-ratio tests of the covariance: even degrees, odd degrees, even against odd, and all together.

    Parameters
    ----------
    moments : Moments
    theory : ndarray (n_m, n, n)
        Expected covariance of the signal, over the run's own band.

    Returns
    -------
    list of Outcome
        The last one, of the whole matrix, takes part in the verdict where the laws of Gaussian samples hold. A test needs more
        realisations than multipoles; with fewer its outcome says so.
    """
    parts = [_block_test(moments, theory, 0), _block_test(moments, theory, 1), _mixed_test(moments)]
    outcomes = [_outcome(f"covariance, {name}", part) for name, part in zip(BLOCKS, parts, strict=True)]
    missing = [part for part in parts if isinstance(part, str)]
    whole = "covariance, whole matrix"
    if missing:
        return [
            *outcomes,
            undefined(whole, missing[-1], leaves_open=moments.wishart and any(SINGULAR in part for part in missing)),
        ]
    total = np.sum(parts, axis=0)
    left = np.flatnonzero(np.any(moments.tested & ~moments.regular, axis=0))
    note = f"up to l = {moments.l[left[0]] - 1}: higher degrees cannot be told apart in double precision" if len(left) else ""
    if not moments.wishart:
        note = "; ".join(part for part in (note, f"does not decide: {moments.why_not_wishart}") if part)
    return [*outcomes, _outcome(whole, tuple(total), decides=moments.wishart, note=note)]


def matrix_law(moments: Moments, theory: np.ndarray) -> tuple[float, float] | None:
    """Mean and variance of the statistic of the whole matrix if theory holds; None where it is not defined."""
    parts = [_block_test(moments, theory, 0), _block_test(moments, theory, 1), _mixed_test(moments)]
    if any(isinstance(part, str) for part in parts):
        return None
    return sum(part[1] for part in parts), sum(part[2] for part in parts)


def kurtosis_excess(moments: Moments, rows: np.ndarray, columns: np.ndarray, order: int = 0) -> float:
    """Elliptical kurtosis kappa measured on the pairs (l, l') of rows and columns; 0 for a Gaussian.

    1 + kappa = sum <s_l^2 s_l'^2> / (<s_l^2> <s_l'^2>)  /  sum (1 + 2 rho_ll'^2)
    """
    pair = np.ix_(rows, columns)
    return float(np.sum(moments.kurtosis_ratio[order][pair]) / np.sum(moments.gaussian_ratio[order][pair]) - 1)


def _block_test(moments: Moments, theory: np.ndarray, parity: int):
    """(statistic, mean, variance, dof) of one parity, summed over m; or the reason why there is none."""
    total = np.zeros(4)
    for order in range(len(moments.m)):
        rows = np.flatnonzero(moments.invertible(order) & (moments.l % 2 == parity))
        p = len(rows)
        if p == 0:
            continue
        if moments.count <= p:
            return _too_few(moments.count, p)
        pair = np.ix_(rows, rows)
        measured, noise = moments.full[order][pair], moments.noise[order][pair]
        expected = theory[order][pair] + noise
        try:
            statistic = wishart.covariance_ratio(measured, expected, moments.count)
            shares = np.linalg.eigvalsh(wishart.whiten(noise, expected)) if moments.sampled else np.zeros(p)
        except np.linalg.LinAlgError:
            return f"not defined: a covariance of theory or sample is {SINGULAR}"
        mean, variance = wishart.covariance_ratio_moments(moments.count, p)
        noise_mean, noise_variance = _noise_factors(shares)
        kappa = 0.0 if moments.gaussian else kurtosis_excess(moments, rows, rows, order)
        bulk, trace, dof = 1 + kappa, 1 + kappa + p * kappa / 2, p * (p + 1) // 2
        mean *= noise_mean * (bulk * (dof - 1) + trace) / dof
        variance *= noise_variance * (bulk**2 * (dof - 1) + trace**2) / dof
        total += (statistic, mean, variance, dof)
    return tuple(total) if total[3] else f"not defined: the run has no {('even', 'odd')[parity]} degrees"


def _mixed_test(moments: Moments):
    """(statistic, mean, variance, dof) of no correlation between even and odd degrees, summed over m; or the reason."""
    total = np.zeros(4)
    for order in range(len(moments.m)):
        rows = np.flatnonzero(moments.invertible(order))
        even = moments.l[rows] % 2 == 0
        p, q = int(np.sum(even)), int(np.sum(~even))
        if p == 0 or q == 0:
            continue
        if moments.count <= p + q:
            return _too_few(moments.count, p + q)
        try:
            statistic = wishart.independence_ratio(moments.full[order][np.ix_(rows, rows)], even)
        except np.linalg.LinAlgError:
            return f"not defined: the sample covariance is {SINGULAR}"
        mean, variance = wishart.independence_ratio_moments(moments.count, p, q)
        kappa = 0.0 if moments.gaussian else kurtosis_excess(moments, rows[even], rows[~even], order)
        total += (
            moments.count * statistic,
            moments.count * mean * (1 + kappa),
            moments.count**2 * variance * (1 + kappa) ** 2,
            p * q,
        )
    return tuple(total) if total[3] else "not defined: the run has degrees of one parity only"


def _noise_factors(shares: np.ndarray) -> tuple[float, float]:
    """Factors on mean and variance of the statistic from measuring the noise; shares are the r_i of the module's text."""
    products = np.outer(shares, shares)[np.triu_indices(len(shares))]
    return float(np.mean(1 + products)), float(np.mean((1 + products) ** 2))


def _outcome(name: str, part, decides: bool = False, note: str = "") -> Outcome:
    """Outcome with the statistic brought to the mean of its chi-squared limit."""
    if isinstance(part, str):
        return undefined(name, part)
    statistic, mean, variance, dof = part
    if mean <= 0:
        return undefined(name, "not defined: the measured kurtosis leaves no scale for the statistic")
    p_value = wishart.gamma_tail(statistic, mean, variance)
    return Outcome(name, float(statistic * dof / mean), int(dof), p_value, decides, note)


def _too_few(count: int, p: int) -> str:
    return f"not defined: {count} realisations for {p} multipoles, more than {p} are needed (z-scores only)"
