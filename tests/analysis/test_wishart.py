"""The laws of the likelihood-ratio statistics: exact moments, false-alarm rates, limits."""

import numpy as np
import pytest
from scipy import stats

from fluxtube.analysis.validation import wishart


def wishart_draws(rng, count, p, draws):
    """Sample covariances (draws, p, p) of `count` Gaussian vectors with unit covariance."""
    return stats.wishart(df=count, scale=np.eye(p)).rvs(draws, random_state=rng) / count


@pytest.mark.parametrize(("count", "p"), [(11, 10), (40, 10), (40, 25)])
def test_covariance_ratio_moments_are_exact(count, p):
    """Mean and variance within 4 standard errors of 4,000 draws: false-alarm rate 6e-5 each (variance: nearly)."""
    draws = 4000
    sample = wishart_draws(np.random.default_rng(11), count, p, draws)
    values = np.array([wishart.covariance_ratio(s, np.eye(p), count) for s in sample])
    mean, variance = wishart.covariance_ratio_moments(count, p)
    assert abs(values.mean() - mean) < 4 * np.sqrt(variance / draws)
    assert abs(values.var() / variance - 1) < 4 * np.sqrt((stats.kurtosis(values) + 2) / draws)


def test_independence_ratio_moments_are_exact():
    """As above, for Wilks' statistic of blocks of 7 and 4 at N = 15."""
    draws, p, q, count = 4000, 7, 4, 15
    sample = wishart_draws(np.random.default_rng(12), count, p + q, draws)
    values = np.array([wishart.independence_ratio(s, np.arange(p + q) < p) for s in sample])
    mean, variance = wishart.independence_ratio_moments(count, p, q)
    assert abs(values.mean() - mean) < 4 * np.sqrt(variance / draws)
    assert abs(values.var() / variance - 1) < 4 * np.sqrt((stats.kurtosis(values) + 2) / draws)


def test_moments_reach_the_chi_squared_limit_with_bartlett_factor():
    """For large N the mean is dof / rho with rho = 1 - (2 p^2 + 3 p - 1) / (6 N (p + 1)), the variance 2 dof."""
    count, p = 20_000, 25
    dof = p * (p + 1) / 2
    mean, variance = wishart.covariance_ratio_moments(count, p)
    rho = 1 - (2 * p**2 + 3 * p - 1) / (6 * count * (p + 1))
    assert mean == pytest.approx(dof / rho, rel=1e-6)
    assert variance == pytest.approx(2 * dof, rel=5e-3)
    mean, variance = wishart.independence_ratio_moments(count, 25, 24)
    assert count * mean == pytest.approx(25 * 24 / (1 - 50 / (2 * count)), rel=1e-5)


@pytest.mark.parametrize(("count", "p"), [(26, 25), (60, 25), (300, 10)])
def test_gamma_law_keeps_the_false_alarm_rate(count, p):
    """5 % of 3,000 right draws rejected at 5 %: between 3.3 and 7.0 % (at least 4.2 sigma wide on either side, and the law
    is known to lie 0.5 % high at N = p + 1)."""
    draws = 3000
    moments = wishart.covariance_ratio_moments(count, p)
    sample = wishart_draws(np.random.default_rng(13), count, p, draws)
    p_values = np.array([wishart.gamma_tail(wishart.covariance_ratio(s, np.eye(p), count), *moments) for s in sample])
    assert 0.033 < np.mean(p_values < 0.05) < 0.070


def test_negative_control_plain_chi_squared_loses_the_false_alarm_rate():
    """Without the exact moments, N = 40 for p = 25 rejects most right draws, and Bartlett's one-term factor too many."""
    count, p = 40, 25
    dof = p * (p + 1) / 2
    sample = wishart_draws(np.random.default_rng(14), count, p, 2000)
    values = np.array([wishart.covariance_ratio(s, np.eye(p), count) for s in sample])
    rho = 1 - (2 * p**2 + 3 * p - 1) / (6 * count * (p + 1))
    assert np.mean(stats.chi2.sf(values, dof) < 0.05) > 0.5
    assert np.mean(stats.chi2.sf(rho * values, dof) < 0.05) > 0.1


def test_likelihood_ratio_of_the_whole_is_the_sum_of_its_parts():
    """Even block + odd block + N times Wilks' statistic: an identity for any block-diagonal theory."""
    rng = np.random.default_rng(15)
    count, p = 30, 9
    even = np.arange(p) % 2 == 0
    root = np.where(even[:, None] == even[None, :], rng.standard_normal((p, p)), 0.0)
    theory = root @ root.T + np.eye(p)
    sample = wishart_draws(rng, count, p, 1)
    parts = sum(wishart.covariance_ratio(sample[np.ix_(rows, rows)], theory[np.ix_(rows, rows)], count) for rows in (even, ~even))
    parts += count * wishart.independence_ratio(sample, even)
    assert parts == pytest.approx(wishart.covariance_ratio(sample, theory, count), rel=1e-10)


def test_known_answer_of_the_statistic():
    """S = 2 T in p dimensions: N p (2 - ln 2 - 1)."""
    theory = np.array([[2.0, 0.3], [0.3, 1.0]])
    assert wishart.covariance_ratio(2 * theory, theory, 10) == pytest.approx(20 * (1 - np.log(2)), rel=1e-12)


def test_singular_matrices_are_refused():
    """A sample of too low rank has no likelihood ratio."""
    vector = np.arange(1.0, 4.0)
    with pytest.raises(np.linalg.LinAlgError):
        wishart.covariance_ratio(-np.eye(3), np.eye(3), 5)
    with pytest.raises(np.linalg.LinAlgError):
        wishart.covariance_ratio(np.eye(3), np.outer(vector, vector) - np.eye(3), 5)
