"""Fits: likelihoods against their definitions, grid against sampler, calibration with negative controls, known answers."""

import itertools

import numpy as np
import pytest
from scipy import stats

from fluxtube.analysis.fit.calibration import calibrate, draw_spectrum
from fluxtube.analysis.fit.fit import compare, fit_spectrum
from fluxtube.analysis.fit.likelihood import ChiSquared, Signless
from fluxtube.analysis.fit.posterior import Prior, grid_posterior
from fluxtube.analysis.fit.signs import signless_log_density
from fluxtube.analysis.fit.templates import Templates
from fluxtube.analysis.observations.spectrum_table import Spectrum, read_spectrum
from fluxtube.errors import InputError
from fluxtube.theory import Turbulence, isotropic, parallel

DEGREES = np.arange(2, 31)
KOLMOGOROV = (5 / 3, 5 / 3)


@pytest.mark.parametrize(("model", "theory"), [("parallel", parallel), ("isotropic", isotropic)])
def test_templates_are_theory(model, theory):
    """At values between the nodes, to 1e-6; the mean free path drops out."""
    for gamma, sigma in ((1.0873, 12.0), (5 / 3, 23.0), (2.314, 80.0)):
        expected = theory.angular_power_spectrum(Turbulence.power_law(gamma, sigma, 10.0), 10.0, 30)
        np.testing.assert_allclose(Templates(model, DEGREES).spectrum(sigma, gamma), expected, rtol=1e-6)
    templates = Templates("parallel", DEGREES[::3])
    np.testing.assert_allclose(
        np.diag(templates.covariance(1.8)) / (2 * templates.l + 1), templates.spectrum(1.0, 1.8), rtol=1e-6
    )


def brute_force(amplitudes, covariance):
    """ln of the Gaussian density summed over all signs, one by one."""
    signs = np.array(list(itertools.product((1, -1), repeat=len(amplitudes))))
    return np.log(np.sum(stats.multivariate_normal(np.zeros(len(amplitudes)), covariance).pdf(signs * amplitudes)))


def test_sum_over_signs():
    """Exact for a window as long as the chain, within 0.03 for 8 of 12 degrees; without correlations the chain is wrong."""
    rng = np.random.default_rng(2)
    covariance = Templates("parallel", np.arange(2, 25, 2)).covariance(5 / 3) * 1e9
    for _ in range(3):
        amplitudes = np.abs(np.linalg.cholesky(covariance) @ rng.standard_normal(12))
        exact = brute_force(amplitudes, covariance)
        assert signless_log_density(amplitudes, covariance, [1.0], window=11)[0] == pytest.approx(exact, abs=1e-9)
        assert signless_log_density(amplitudes, covariance, [1.0])[0] == pytest.approx(exact, abs=0.03)
        scaled = signless_log_density(amplitudes, covariance / 4, [4.0], window=11)[0]
        assert scaled == pytest.approx(exact, abs=1e-9)
        assert abs(brute_force(amplitudes, np.diag(np.diag(covariance))) - exact) > 0.05


def test_chi_squared_likelihood_is_the_density_of_the_spectrum():
    """Against scipy's chi-squared law, both models, one sky and the mean of 7."""
    rng = np.random.default_rng(4)
    for model, skies in itertools.product(("parallel", "isotropic"), (1, 7)):
        templates = Templates(model, DEGREES)
        C_l = draw_spectrum(templates, 30.0, 5 / 3, rng)
        dof = skies * (np.ones(29) if model == "parallel" else 2 * DEGREES + 1)
        expected = templates.spectrum(25.0, 1.6)
        density = np.sum(stats.chi2.logpdf(dof * C_l / expected, dof) + np.log(dof / expected))
        assert ChiSquared(templates, C_l, skies)(np.log(25.0), 1.6) == pytest.approx(density, rel=1e-10)


def test_signless_likelihood_is_a_density_of_the_same_data():
    """Degrees far apart hardly correlate: then it is the chi-squared likelihood; its tables are exact between nodes."""
    far = Templates("parallel", np.array([2, 3, 30, 31]))
    C_l = far.spectrum(30.0, 5 / 3) * np.array([0.3, 1.2, 2.0, 0.7])
    likelihood = Signless(far, C_l, (1, 1000), (1.05, 2.5))
    for sigma, gamma in ((21.3, 1.61), (48.7, 2.03)):
        assert likelihood(np.log(sigma), gamma) == pytest.approx(ChiSquared(far, C_l)(np.log(sigma), gamma), abs=0.02)
    fixed = Signless(far, C_l, (1, 1000), (1.61, 1.61))
    assert fixed(np.log(21.3), 1.61) == pytest.approx(likelihood(np.log(21.3), 1.61), abs=1e-3)


def test_isotropic_twenty_is_parallel_forty_nine():
    """The paper's "about 50": a spectrum of isotropic diffusion at 20 km/s gives 49.4 km/s in the parallel model."""
    spectrum = isotropic.angular_power_spectrum(Turbulence.power_law(5 / 3, 20.0, 10.0), 10.0, 50)
    data = Spectrum(np.arange(2, 51), spectrum).between(10, 50)
    fit = fit_spectrum(data, "parallel", Prior(gamma=KOLMOGOROV), skies=1000, steps=400)
    assert fit.sigma[1] == pytest.approx(49.4, abs=0.1)
    assert fit.sigma[2] - fit.sigma[0] == pytest.approx(2 * 49.4 / np.sqrt(2 * 1000 * 41), rel=0.15)
    own = fit_spectrum(data, "isotropic", Prior(gamma=KOLMOGOROV), skies=1000, steps=400)
    assert own.sigma[1] == pytest.approx(20.0, abs=0.02)


@pytest.mark.parametrize("model", ["parallel", "isotropic"])
def test_sampler_and_grid_agree(model):
    """Quantiles within 4 standard errors of the sampler's independent samples; the evidence against a plain sum."""
    templates = Templates(model, DEGREES)
    data = Spectrum(DEGREES, draw_spectrum(templates, 30.0, 5 / 3, np.random.default_rng(9)))
    fit = fit_spectrum(data, model, steps=2000)
    assert fit.samples.converged
    assert 0.5 < fit.samples.acceptance < 0.9
    for sampled, exact in zip((fit.sigma, fit.gamma), fit.posterior.quantiles((0.1587, 0.5, 0.8413)), strict=True):
        scale = (exact[2] - exact[0]) / 2
        assert np.max(np.abs(sampled - exact)) < 4 * 1.5 * scale / np.sqrt(fit.samples.effective)
    likelihood = ChiSquared(templates, data.C_l, 3)
    prior = Prior((10.0, 90.0), (1.2, 2.3))
    axes = np.linspace(*np.log(prior.sigma), 801), np.linspace(*prior.gamma, 601)
    values = likelihood(*np.meshgrid(*axes, indexing="ij"))
    plain = values.max() + np.log(np.mean(np.exp(values - values.max())))
    assert grid_posterior(likelihood, prior).log_evidence == pytest.approx(plain, abs=0.03)


@pytest.mark.parametrize("model", ["parallel", "isotropic"])
def test_posterior_is_calibrated(model):
    """Ranks of the truth over 200 data sets are uniform: chi-squared with 7 degrees of freedom, p above 1e-4 twice."""
    result = calibrate(model, np.arange(2, 17), 200, seed=5)
    assert np.min(result.p_values()) > 1e-4, result.p_values()


def test_calibration_rejects_gaussian_errors():
    """Negative control: C_l with Gaussian errors sqrt(2 / nu) <C_l>, wrong at one degree of freedom, must not be uniform."""

    def gaussian(templates, C_l):
        def log_likelihood(log_sigma, gamma):
            expected = templates.spectrum(np.exp(log_sigma), gamma)
            return -np.sum((C_l / expected - 1) ** 2 / 4 + np.log(expected), axis=-1)

        return log_likelihood

    assert np.min(calibrate("parallel", np.arange(2, 17), 80, seed=5, likelihood=gaussian).p_values()) < 1e-6


@pytest.mark.parametrize(("model", "sigma"), [("parallel", 50.0), ("isotropic", 20.0)])
def test_comparison_finds_the_model(model, sigma):
    """A sky of either model is told from the other by more than exp(10), although its mean spectrum would suit both."""
    templates = Templates(model, DEGREES)
    rows = compare(Spectrum(DEGREES, draw_spectrum(templates, sigma, 5 / 3, np.random.default_rng(3))))
    assert rows[0]["model"] == model
    assert max(row["log_bayes_factor"] for row in rows if row["model"] != model) < -10
    assert {row["gamma"] for row in rows} == {"free", 5 / 3, 3 / 2}


def test_comparison_tells_kolmogorov_from_kraichnan_with_many_skies():
    """The mean of 300 isotropic skies of gamma = 5/3."""
    templates = Templates("isotropic", DEGREES)
    rng = np.random.default_rng(1)
    mean = np.mean([draw_spectrum(templates, 20.0, 5 / 3, rng) for _ in range(300)], axis=0)
    rows = [row for row in compare(Spectrum(DEGREES, mean), skies=300) if row["model"] == "isotropic"]
    assert rows[0]["gamma"] == 5 / 3
    assert next(row for row in rows if row["gamma"] == 1.5)["log_bayes_factor"] < -20


def test_impossible_input(tmp_path):
    """Each with one clear line."""
    with pytest.raises(InputError, match="not known"):
        Templates("diagonal", DEGREES)
    with pytest.raises(InputError, match="starts at l = 2"):
        Templates("parallel", [1, 2])
    with pytest.raises(InputError, match="no range"):
        Prior(sigma=(5, 5))
    with pytest.raises(InputError, match="must lie"):
        Prior(gamma=(0.5, 2))
    with pytest.raises(InputError, match="no C_l between"):
        Spectrum(DEGREES, np.ones(29)).between(40, 50)
    with pytest.raises(InputError, match="not above zero"):
        fit_spectrum(Spectrum(DEGREES, np.zeros(29)), "parallel")
    for text, message in (("l,C_l\n2,1e9\n", "far below 1"), ("l,C_l\n2,1\n2,1\n", "twice"), ("l,D_l\n2,1\n", "no column")):
        (tmp_path / "a.csv").write_text(text)
        with pytest.raises(InputError, match=message):
            read_spectrum(tmp_path / "a.csv")
