"""Scores of single numbers: known answers, exact laws, several orders m."""

import numpy as np
import pytest
import synthetic_runs as synthetic
from scipy import stats

from fluxtube.analysis.validation.moments import power, select_moments
from fluxtube.analysis.validation.scores import (
    covariance_scores,
    largest_covariance_score,
    noise_mixing,
    spectrum_scores,
    steadied_ratio,
)

THEORY = synthetic.covariance(9)


def test_error_of_c_l_is_root_two_over_n():
    """Gaussian flow, no noise: sigma / C_l = sqrt(2 / N)."""
    moments = select_moments(synthetic.gaussian_ensemble(1, THEORY, 50))
    scores = spectrum_scores(moments, THEORY[None])
    np.testing.assert_allclose(scores.error / scores.theory, np.sqrt(2 / 50), rtol=1e-12)
    np.testing.assert_allclose(scores.theory, np.diag(THEORY) / (2 * np.arange(2, 10) + 1), rtol=1e-12)


def test_probability_of_c_l_is_the_chi_squared_one():
    """N C_l / theory is chi-squared with N degrees of freedom; the two-sided probability must be that, at N = 5 as well."""
    moments = select_moments(synthetic.gaussian_ensemble(2, THEORY, 5))
    scores = spectrum_scores(moments, THEORY[None])
    chi2 = 5 * scores.value / scores.theory
    expected = 2 * np.minimum(stats.chi2.cdf(chi2, 5), stats.chi2.sf(chi2, 5))
    np.testing.assert_allclose(scores.p_value, np.minimum(1, expected), rtol=1e-6)


def test_scores_of_all_elements_have_unit_variance():
    """600 ensembles of N = 100: mean square of z within 5 standard errors of 1 for each of 64 elements (rate 4e-5), and
    doubling one element's variance, the negative control, is seen."""
    z = np.array(
        [
            covariance_scores(select_moments(synthetic.gaussian_ensemble(seed, THEORY, 100)), THEORY[None]).z[0]
            for seed in range(600)
        ]
    )
    error = np.sqrt((z**2).var(axis=0) / 600)
    assert np.all(np.abs((z**2).mean(axis=0) - 1) < 5 * error)
    assert abs(2 * (z[:, 0, 0] ** 2).mean() - 1) > 5 * error[0, 0]


def test_scores_with_noise_have_unit_variance():
    """As above with shot noise as large as the signal at the largest l."""
    noise = 0.02 * synthetic.covariance(9, index=0.0, coupling=0.5)
    z = np.array(
        [
            covariance_scores(select_moments(synthetic.particle_ensemble(seed, THEORY, noise, 100)), THEORY[None]).z[0]
            for seed in range(600)
        ]
    )
    assert np.all(np.abs((z**2).mean(axis=0) - 1) < 5 * np.sqrt((z**2).var(axis=0) / 600) + 0.03)


def mixture_ensemble(seed):
    """Shot noise whose level varies from sky to sky with relative variance 1."""
    rng = np.random.default_rng(seed)
    signal = synthetic.gaussian_samples(rng, THEORY, 400)
    level = np.sqrt(rng.exponential(size=(400, 1)))
    noise = 0.3 * np.eye(len(THEORY))
    halves = [signal + level * synthetic.gaussian_samples(rng, 2 * noise, 400) for _ in range(2)]
    return synthetic.ensemble(halves, synthetic.config(9, estimator="particles"))


def test_scores_where_the_noise_level_follows_the_sky():
    """Noise-dominated and mixed: mean square of z at most 1.3; with the mixing left out it would be 1.6 at large l."""
    z, mixing = [], []
    for seed in range(300):
        moments = select_moments(mixture_ensemble(seed))
        z.append(spectrum_scores(moments, THEORY[None]).z)
        mixing.append(noise_mixing(moments))
    assert np.mean(mixing) == pytest.approx(1.0, abs=0.2)
    assert 0.75 < (np.array(z)[:, -3:] ** 2).mean() < 1.3


def test_measured_fourth_moments_give_the_textbook_error():
    """At the measured covariance the squared error is (<s^2 s'^2> - S^2) / N, where the degrees differ beyond chance."""
    rng = np.random.default_rng(5)
    kurtosis = np.linspace(0.02, 1.0, len(THEORY))
    factors = np.sqrt(rng.gamma(1 / kurtosis, kurtosis, size=(20_000, len(THEORY))))
    samples = synthetic.gaussian_samples(rng, THEORY, 20_000) * factors
    moments = select_moments(synthetic.ensemble([samples, samples], synthetic.config(9, flow="modes")))
    scores = covariance_scores(moments, moments.signal)
    expected = np.sqrt((moments.square - moments.signal**2) / 20_000)
    np.testing.assert_allclose(scores.error, expected, rtol=5e-3)
    gaussian = np.sqrt(2 / 20_000) * np.diagonal(moments.signal[0])
    assert scores.error[0, -1, -1] > 1.4 * gaussian[-1]  # and the Gaussian error would be far too small


def test_fourth_moments_of_chance_are_drawn_to_their_common_level():
    """100 Gaussian realisations: the scatter of <s^4> / 3 <s^2>^2, 16 %, is taken for chance; the mean is kept."""
    moments = select_moments(synthetic.gaussian_ensemble(8, synthetic.covariance(40), 100, flow="modes"))
    own = np.diagonal(moments.kurtosis_ratio[0])
    steadied = np.diagonal(steadied_ratio(moments)[0])
    assert own.std() > 0.3
    assert steadied.std() < 0.1
    assert steadied.mean() == pytest.approx(3, rel=0.06)


def test_spectrum_sums_over_orders():
    """Five orders m, each of its own variance: C_l = sum_m <a_lm^2> / (2 l + 1), degrees below |m| absent."""
    rng = np.random.default_rng(6)
    m = np.arange(-2, 3)
    samples = rng.standard_normal((4000, 5, 3)) * np.array([1.0, 2.0, 3.0, 2.0, 1.0])[:, None]
    ensemble = synthetic.ensemble([samples, samples], synthetic.config(4), m=m)
    moments = select_moments(ensemble)
    theory = np.array([np.eye(3) * v**2 for v in (1.0, 2.0, 3.0, 2.0, 1.0)])
    scores = spectrum_scores(moments, theory)
    np.testing.assert_allclose(power(theory, moments.l), 19 / (2 * moments.l + 1), rtol=1e-12)
    np.testing.assert_allclose(scores.error, np.sqrt(2 * (1 + 16 + 81 + 16 + 1) / 4000) / (2 * moments.l + 1), rtol=1e-12)
    assert np.all(np.abs(scores.z) < 5)  # false-alarm rate 2e-6
    labels = largest_covariance_score(moments, covariance_scores(moments, theory)).note
    assert "m = " in labels


def test_monopole_and_dipole_are_left_out():
    """The stand-in holds absurd numbers there."""
    moments = select_moments(synthetic.gaussian_ensemble(7, THEORY, 30))
    assert moments.l.tolist() == list(range(2, 10))
    assert np.all(np.abs(moments.full) < 1e3)


def loud_and_quiet(seed, spread):
    """100 realisations, l = 2..9 with all orders, times a random loudness common to all: kappa = `spread`."""
    rng = np.random.default_rng(seed)
    m = np.array([0, *(sign * order for order in range(1, 10) for sign in (1, -1))])
    present = np.arange(2, 10)[None, :] >= np.abs(m)[:, None]
    loudness = np.sqrt(rng.gamma(1 / spread, spread, size=(100, 1, 1)))
    samples = loudness * present * rng.standard_normal((100, len(m), 8))
    ensemble = synthetic.ensemble([samples, samples], synthetic.config(9, flow="modes"), m=m)
    return ensemble, present[:, :, None] * np.eye(8)


def test_orders_that_vary_together_are_in_the_errors_of_the_spectrum():
    """A loudness common to all orders (kappa = 1/4): C_9 varies 2.6 times as much as its orders one by one. Scores have unit
    variance over 300 ensembles within 0.45 (5.5 standard errors); by the error of independent orders they are far from it."""
    z, without = [], []
    apart = np.sqrt(2 / 100 / (2 * np.arange(2, 10) + 1))
    for seed in range(300):
        ensemble, theory = loud_and_quiet(seed, 0.25)
        scores = spectrum_scores(select_moments(ensemble), theory)
        z.append(scores.z)
        without.append((scores.value - scores.theory) / apart)
    assert np.mean(np.var(z, axis=0)) == pytest.approx(1, abs=0.3)
    assert np.var(z, axis=0)[-1] == pytest.approx(1, abs=0.45)
    assert np.var(without, axis=0)[-1] > 1.8
