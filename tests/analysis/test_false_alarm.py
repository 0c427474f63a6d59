"""Every test of the verdict against ensembles whose law is known: false-alarm rates, power, negative controls."""

import numpy as np
import pytest
import synthetic_runs as synthetic

from fluxtube.analysis.validation.moments import select_moments
from fluxtube.analysis.validation.outcome import combined_p_value
from fluxtube.analysis.validation.scores import covariance_scores, spectrum_scores
from fluxtube.analysis.validation.validate import make_tests

L_MAX, COUNT, TRIALS, RATE = 13, 80, 600, 0.05
THEORY = synthetic.covariance(L_MAX)
# Binomial(600, 0.05): mean 30, standard deviation 5.3. Outside [8, 56] with probability 2e-6 + 7e-6.
FEWEST, MOST = 8, 56
ALSO = [f"covariance, {name}" for name in ("even l", "odd l", "even-odd")]  # parts of the whole matrix, with laws of their own


def outcomes(ensemble, theory=THEORY):
    """All tests, in the program's own order."""
    moments, theory = select_moments(ensemble), theory[None]
    return make_tests(moments, theory, spectrum_scores(moments, theory), covariance_scores(moments, theory))


def rejections(make, theory=THEORY, trials=TRIALS):
    """Number of rejections at RATE of every test, and of the combined one, by name."""
    counts: dict[str, int] = {}
    for seed in range(trials):
        results = outcomes(make(seed), theory)
        for result in results:
            if result.p_value is not None and (result.decides or result.name in ALSO):
                counts[result.name] = counts.get(result.name, 0) + (result.p_value < RATE)
        counts["combined"] = counts.get("combined", 0) + (combined_p_value(results) < RATE)
    return counts


def test_right_theory_is_rejected_as_often_as_stated():
    """Ten tests and their combination, N = 80 for 12 multipoles: false-alarm rate of this test 9e-5."""
    counts = rejections(lambda seed: synthetic.gaussian_ensemble(seed, THEORY, COUNT))
    assert len(counts) == 11
    assert all(FEWEST <= count <= MOST for count in counts.values()), counts


def test_right_theory_stands_under_shot_noise():
    """Half the variance at large l from noise, measured from the halves. False-alarm rate as above; the noise here has the
    parity of the sky's mean square, which is symmetric."""
    noise = 0.02 * synthetic.covariance(L_MAX, index=0.0, coupling=0.5)
    counts = rejections(lambda seed: synthetic.particle_ensemble(seed, THEORY, noise, COUNT))
    assert len(counts) == 8  # kurtosis is not tested: noise is a mixture
    assert all(FEWEST <= count <= MOST for count in counts.values()), counts


def elliptical_ensemble(seed, flow):
    """Gaussian multipoles times a common random factor of unit mean square: kappa = 1/8."""
    rng = np.random.default_rng(seed)
    factor = np.sqrt(rng.gamma(8, 1 / 8, size=(4 * COUNT, 1)))
    samples = factor * synthetic.gaussian_samples(rng, THEORY, 4 * COUNT)
    return synthetic.ensemble([samples, samples], synthetic.config(L_MAX, flow=flow))


def test_right_theory_stands_for_flows_that_are_not_gaussian():
    """Errors and laws take the measured kurtosis. The rate is kept to first order: at most twice the stated one, which
    Binomial(300, 0.1) exceeds at 52 with probability 3e-5 a test."""
    counts = rejections(lambda seed: elliptical_ensemble(seed, "modes"), trials=300)
    assert len(counts) == 9
    assert all(count <= 52 for count in counts.values()), counts


def test_negative_control_gaussian_law_for_a_flow_that_is_not():
    """The same samples taken for Gaussian: kurtosis must notice, and the whole matrix leave its rate (10 or more of 50 have
    probability 2e-4 at 5 %)."""
    counts = rejections(lambda seed: elliptical_ensemble(seed, "line"), trials=50)
    assert counts["kurtosis of the multipoles"] > 45
    assert counts["covariance, whole matrix"] >= 10


def test_negative_control_noise_taken_for_signal():
    """Without removing shot noise the spectrum must fail: here the halves are given as one sample."""
    noise = 0.02 * synthetic.covariance(L_MAX, index=0.0, coupling=0.5)

    def make(seed):
        samples = synthetic.gaussian_samples(np.random.default_rng(seed), THEORY + noise, COUNT)
        return synthetic.ensemble([samples, samples], synthetic.config(L_MAX))

    assert rejections(make, trials=50)["combined"] == 50


WRONG = {
    "covariance, even l": synthetic.covariance(L_MAX, coupling=-0.25),
    "covariance, odd l": synthetic.covariance(L_MAX, coupling=-0.25),
    "covariance, whole matrix": synthetic.covariance(L_MAX, index=1.75),
    "C_l, largest |z|": synthetic.covariance(L_MAX) * 1.15,
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_theory_is_rejected(name):
    """Each test rejects at 1e-6 what it is there for, N = 2,000."""
    ensemble = synthetic.gaussian_ensemble(1, THEORY, 2000)
    found = {result.name: result.p_value for result in outcomes(ensemble, WRONG[name])}
    assert found[name] < 1e-6
    found = {result.name: result.p_value for result in outcomes(ensemble)}
    assert found[name] > 1e-3  # and the same test accepts the truth


def test_correlation_between_parities_is_rejected():
    """Theory has none; a tenth is found with N = 2,000, by this test and by the whole matrix alone."""
    mixed = THEORY.copy()
    mixed[0, 1] = mixed[1, 0] = 0.25 * np.sqrt(THEORY[0, 0] * THEORY[1, 1])
    found = {o.name: o.p_value for o in outcomes(synthetic.gaussian_ensemble(2, mixed, 2000))}
    assert found["covariance, even-odd"] < 1e-6
    assert found["covariance, even l"] > 1e-3
    assert found["covariance, odd l"] > 1e-3


def test_a_mean_is_rejected():
    """A tenth of a standard deviation in one multipole, N = 5,000: 7 sigma."""
    samples = synthetic.gaussian_samples(np.random.default_rng(3), THEORY, 5000)
    samples[:, 4] += 0.1 * np.sqrt(THEORY[4, 4])
    ensemble = synthetic.ensemble([samples, samples], synthetic.config(L_MAX))
    found = {o.name: o.p_value for o in outcomes(ensemble)}
    assert found["mean of the multipoles"] < 1e-6


@pytest.mark.parametrize("count", [1, 5, 12])
def test_too_few_realisations_is_an_outcome_and_no_crash(count):
    """N <= p: no likelihood ratio, but scores, and words that say so."""
    results = {o.name: o for o in outcomes(synthetic.gaussian_ensemble(4, THEORY, count))}
    whole = results["covariance, whole matrix"]
    assert whole.p_value is None
    assert f"{count} realisations" in whole.note
    assert 0 <= results["C_l, largest |z|"].p_value <= 1
