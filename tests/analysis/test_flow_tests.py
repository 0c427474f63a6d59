"""Kurtosis and the particle check: known answers, false-alarm rates, negative controls."""

from types import SimpleNamespace

import numpy as np
import pytest
import synthetic_runs as synthetic
from scipy import stats

from fluxtube.analysis.validation.flow_tests import kurtosis_moments, kurtosis_score, kurtosis_test
from fluxtube.analysis.validation.moments import select_moments
from fluxtube.analysis.validation.outcome import Outcome, combined_p_value, look_elsewhere
from fluxtube.analysis.validation.particle_check import particle_check

CONFIG = synthetic.config(11)


def kurtosis_draws(count, draws):
    """b of `draws` Gaussian samples."""
    x = np.random.default_rng(21).standard_normal((draws, count))
    return count * np.sum(x**4, 1) / np.sum(x**2, 1) ** 2


def test_kurtosis_moments_are_exact():
    """Mean and variance of b within 4 standard errors of 40,000 draws at N = 30; skewness within 10 %."""
    values = kurtosis_draws(30, 40_000)
    mean, variance, skewness = kurtosis_moments(30)
    assert abs(values.mean() - mean) < 4 * np.sqrt(variance / 40_000)
    assert abs(values.var() / variance - 1) < 4 * np.sqrt((stats.kurtosis(values) + 2) / 40_000)
    assert stats.skew(values) == pytest.approx(skewness, rel=0.1)


def test_kurtosis_score_is_normal():
    """Tails of 20,000 scores at N = 60: 5 and 0.1 % two-sided, within 6 sigma of the counts."""
    scores = np.abs(kurtosis_score(kurtosis_draws(60, 20_000), 60))
    assert abs(np.mean(scores > stats.norm.isf(0.025)) - 0.05) < 6 * np.sqrt(0.05 / 20_000)
    assert abs(np.mean(scores > stats.norm.isf(0.0005)) - 0.001) < 6 * np.sqrt(0.001 / 20_000)


@pytest.mark.parametrize("flow", ["line", "modes"])
def test_few_modes_are_noticed_where_a_gaussian_was_promised(flow):
    """A sum of 16 modes of fixed amplitude and random phase: excess -1.5/16, N = 5,000: found for `line`, told for `modes`."""
    rng = np.random.default_rng(22)
    phase = rng.uniform(0, 2 * np.pi, size=(5000, 6, 16))
    samples = np.cos(phase).sum(-1) * np.sqrt(2 / 16)
    result = kurtosis_test(select_moments(synthetic.ensemble([samples, samples], synthetic.config(7, flow=flow))))
    assert "-0.0" in result.note or "-0.1" in result.note
    if flow == "line":
        assert result.p_value < 1e-4
    else:
        assert result.p_value is None


def check(seed, bias=0.0, noise_factor=1.0):
    """50 realisations of which quadrature is exact, particles off by known noise."""
    rng = np.random.default_rng(seed)
    quadrature = rng.standard_normal((50, 1, 12))
    noise = rng.uniform(0.5, 2.0, size=(50, 1, 12))
    noise[:, :, 0] = 0.0
    halves = quadrature[:, None] + bias + rng.standard_normal((50, 2, 1, 12)) * np.sqrt(2 * noise_factor * noise)[:, None]
    return SimpleNamespace(quadrature=quadrature, halves=halves, noise=noise, particles=1000)


def test_particle_check_keeps_its_false_alarm_rate():
    """400 checks at 5 %: Binomial(400, 0.05) lies outside [4, 41] with probability 2e-5."""
    rejected = sum(particle_check(check(seed), CONFIG).outcome.p_value < 0.05 for seed in range(400))
    assert 4 <= rejected <= 41


@pytest.mark.parametrize("wrong", [{"bias": 1.0}, {"noise_factor": 3.0}, {"noise_factor": 0.3}])
def test_particle_check_rejects(wrong):
    """A bias, and noise of another size than stated, above or below."""
    assert particle_check(check(1, **wrong), CONFIG).outcome.p_value < 1e-6
    assert np.isnan(particle_check(check(1), CONFIG).chi2[0, 0])  # no noise expected there: not tested


def turned(config_of_it, seed, **wrong):
    """The check of a field anywhere: a_l0 times a unit vector of the orders, whose noise the file holds as that of a_l0."""
    one, rng = check(seed, **wrong), np.random.default_rng(seed + 1000)
    unit = rng.standard_normal((50, 23, 12)) * (np.arange(12) >= np.abs(np.arange(-11, 12))[:, None])
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    one.quadrature, one.halves = one.quadrature * unit, one.halves * unit[:, None]
    one.noise = np.broadcast_to(one.noise, unit.shape)
    return particle_check(one, config_of_it)


def test_the_check_of_turned_skies():
    """The rotation cancels in the sum over orders: the numbers of the field at rest. Order by order all were rejected."""
    anywhere = CONFIG.with_overrides(["ensemble.field_directions=random"])
    for seed in range(5):
        same = particle_check(check(seed), CONFIG)
        assert turned(anywhere, seed).outcome.p_value == pytest.approx(same.outcome.p_value, rel=1e-9)
    assert turned(anywhere, 1, noise_factor=3.0).outcome.p_value < 1e-6
    assert turned(CONFIG, 1).outcome.p_value < 1e-6  # control: as if nothing were turned


@pytest.mark.parametrize(
    "keys",
    [
        ["sampling.estimator=particles", "sampling.directions=stratified"],
        ["ensemble.field_directions=random", "transport.model=isotropic", "sampling.flow=modes"],
    ],
)
def test_noise_that_is_not_known_is_not_tested(keys):
    """Stratified directions have less noise than drawn ones: the right theory was rejected in each run that checked them."""
    found = particle_check(check(1, noise_factor=0.1), CONFIG.with_overrides(keys))
    assert found.outcome.p_value is None
    assert not found.outcome.leaves_open
    assert "not defined: the shot noise is known" in found.outcome.note
    assert np.isnan(found.chi2).all()


def test_sharing_the_false_alarm_rate():
    """Bonferroni over the deciding tests; those not defined and those for information take no share."""
    outcomes = [
        Outcome("a", 1.0, 1, 0.01, decides=True),
        Outcome("b", 1.0, 1, 0.5, decides=True),
        Outcome("c", 1.0, 1, 1e-9),
        Outcome("d", None, None, None, decides=True),
    ]
    assert combined_p_value(outcomes) == pytest.approx(0.02)
    assert look_elsewhere(1e-12, 49) == pytest.approx(49e-12)
    assert look_elsewhere(1.0, 49) == 1.0
