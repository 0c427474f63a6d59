"""Tests of what the flow promises beyond its covariance: a vanishing mean, and Gaussian multipoles."""

import numpy as np
from scipy import stats
from scipy.linalg import cho_factor, cho_solve

from fluxtube.analysis.validation.moments import Moments
from fluxtube.analysis.validation.outcome import Outcome, look_elsewhere, undefined

SMALLEST_COUNT = 20  # Anscombe & Glynn (1983) state their transformation good from here on


def mean_test(moments: Moments, theory: np.ndarray) -> Outcome:
    """Whether the mean multipoles vanish.

        N <a>^T (T + D)^-1 <a> ~ chi-squared with one degree of freedom a multipole

    T is known, so the law needs no more realisations than multipoles. Where D is measured with N degrees of freedom the
    mean of the law grows by [(sum r)^2 + sum r^2] / N, with r the eigenvalues of (T + D)^-1 D.

    Other skies are as likely as their negative. The mean over its own root mean square, sqrt(N) <a> / sqrt(<a^2>), has then
    lighter tails than a normal number whatever the law (Efron 1969, J. Am. Stat. Assoc., 64, 1278): the largest of all multipoles
    is taken.
    """
    name = "mean of the multipoles"
    if not moments.wishart:
        return _self_normalised_mean(moments, name)
    statistic, dof, growth = 0.0, 0, 0.0
    for order in range(len(moments.m)):
        rows = np.flatnonzero(moments.invertible(order))
        if not len(rows):
            continue
        pair = np.ix_(rows, rows)
        noise = moments.noise[order][pair]
        try:
            factor = cho_factor(theory[order][pair] + noise)
        except np.linalg.LinAlgError:
            return undefined(name, "not defined: the expected covariance is singular to working precision", leaves_open=True)
        mean = moments.mean[order][rows]
        share = cho_solve(factor, noise)
        statistic += moments.count * float(mean @ cho_solve(factor, mean))
        dof += len(rows)
        growth += (np.trace(share) ** 2 + np.trace(share @ share)) / moments.count
    if dof == 0:
        return undefined(name, "not defined: no multipole can be judged")
    statistic *= dof / (dof + growth)
    return Outcome(name, statistic, dof, float(stats.chi2.sf(statistic, dof)), decides=True)


def _self_normalised_mean(moments: Moments, name: str) -> Outcome:
    tested, square = moments.tested, np.einsum("mll->ml", moments.full)
    if moments.count < SMALLEST_COUNT or not tested.any():
        return undefined(name, f"not defined: {moments.count} realisations, at least {SMALLEST_COUNT} are needed")
    tested = tested & (square > 0)
    z = np.zeros(tested.shape)
    z[tested] = np.sqrt(moments.count / square[tested]) * moments.mean[tested]
    order, degree = np.unravel_index(np.argmax(np.abs(z)), z.shape)
    number, worst = int(tested.sum()), float(z[order, degree])
    note = f"largest |z|, at l = {moments.l[degree]}, m = {moments.m[order]}, one of {number}"
    return Outcome(name, worst, None, look_elsewhere(float(2 * stats.norm.sf(abs(worst))), number), decides=True, note=note)


def kurtosis_test(moments: Moments) -> Outcome:
    """Whether the multipoles have the kurtosis of a Gaussian: b = <a^4> / <a^2>^2 of every degree, taken together.

    b of each degree becomes a normal score by the transformation of Anscombe & Glynn (1983, Biometrika, 70, 227) with
    the exact moments for a known mean; the scores, correlated by rho^4, are added up. Decides for Gaussian flows
    without shot noise; otherwise the excess is reported.
    """
    name = "kurtosis of the multipoles"
    if moments.count < SMALLEST_COUNT:
        return undefined(name, f"not defined: {moments.count} realisations, at least {SMALLEST_COUNT} are needed")
    total, variance, excess = 0.0, 0.0, []
    for order in range(len(moments.m)):
        rows = np.flatnonzero(moments.present(order) & moments.fourth_known[order])
        if not len(rows):
            continue
        pair = np.ix_(rows, rows)
        full = moments.full[order][pair]
        deviation = np.sqrt(np.diagonal(full))
        sample = np.diagonal(moments.square[order][pair]) / deviation**4
        excess.append(sample * (moments.count + 2) / moments.count - 3)
        total += np.sum(kurtosis_score(sample, moments.count))
        variance += np.sum((full / np.outer(deviation, deviation)) ** 4)
    if not excess:
        if np.isinf(moments.least_square):
            return undefined(name, "not tested: of a sky with a mean the fourth moments are not about that mean")
        return undefined(name, "not defined: no fourth moment is above the rounding of the sums")
    score = float(total / np.sqrt(variance))
    note = f"mean excess {np.mean(np.concatenate(excess)):+.4f}"
    p_value = float(2 * stats.norm.sf(abs(score)))
    if moments.gaussian:
        return Outcome(name, score, None, p_value, decides=True, note=note)
    reason = "shot noise follows the sky" if moments.sampled else "the flow is not Gaussian by construction"
    return undefined(name, f"not tested, {reason}: {note}")


def kurtosis_score(sample: np.ndarray, count: int) -> np.ndarray:
    """Normal score of b = N sum x^4 / (sum x^2)^2 of N Gaussian numbers of known zero mean (Anscombe & Glynn 1983)."""
    mean, variance, skewness = kurtosis_moments(count)
    shape = 6 + 8 / skewness * (2 / skewness + np.sqrt(1 + 4 / skewness**2))
    standard = (np.asarray(sample) - mean) / np.sqrt(variance)
    root = np.cbrt((1 - 2 / shape) / (1 + standard * np.sqrt(2 / (shape - 4))))
    return np.sqrt(9 * shape / 2) * (1 - 2 / (9 * shape) - root)


def kurtosis_moments(count: int) -> tuple[float, float, float]:
    """Mean, variance and skewness of b, exact: the x^2 / sum x^2 follow a Dirichlet law with all parameters 1/2."""
    n = float(count)
    first = 3 * n / (n + 2)
    second = n**2 * (105 + 9 * (n - 1)) / ((n + 2) * (n + 4) * (n + 6))
    third = n**3 * (10395 + 945 * (n - 1) + 27 * (n - 1) * (n - 2))
    third /= (n + 2) * (n + 4) * (n + 6) * (n + 8) * (n + 10)
    variance = second - first**2
    return first, variance, (third - 3 * first * variance - first**3) / variance**1.5
