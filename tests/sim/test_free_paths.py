"""Laws of the free path: moments, weights against theory's averages, the wave's mean, and the paths that particles draw."""

import numpy as np
import pytest
from numba import njit, uint64
from scipy import integrate, stats

from fluxtube.sim.engine.estimators import QuadratureEstimator
from fluxtube.sim.engine.flows import LineFlow
from fluxtube.sim.engine.free_paths import ErlangPath, FixedPath, free_path
from fluxtube.sim.engine.kernels.free_path import draw_free_path, erlang_wave
from fluxtube.theory import Turbulence, parallel
from fluxtube.theory.free_path import law as law_of

L_MAX, MEAN_FREE_PATH = 16, 10.0


@njit
def waves(turns, shape):
    out = np.empty((turns.size, 2))
    for i in range(turns.size):
        out[i] = erlang_wave(turns[i], shape)
    return out


@njit
def paths(count, shape, reach, cumulative):
    out = np.empty(count)
    for i in range(count):
        out[i] = draw_free_path(uint64(i), uint64(4), uint64(5), uint64(6), shape, reach, cumulative)
    return out


@pytest.mark.parametrize("shape", [1, 3, 8])
def test_mean_wave_is_the_integral_over_the_law(shape):
    law = ErlangPath(shape)
    for turns in (0.01, 0.3, 2.0):
        for part, wave in enumerate((np.cos, np.sin)):
            exact = integrate.quad(
                lambda t, wave=wave, turns=turns: law.density(t) * wave(2 * np.pi * turns * t), 1e-12, 60, limit=500
            )[0]
            assert waves(np.array([turns]), shape)[0, part] == pytest.approx(exact, abs=1e-8)


@pytest.mark.parametrize("shape", [1, 2, 3, 16])
def test_paths_follow_the_law(shape):
    """Kolmogorov-Smirnov of 20000 paths at a false-alarm rate of 1e-4; negative control: a law of twice the shape."""
    drawn = paths(20_000, shape, ErlangPath(shape).reach, np.zeros(1))
    assert stats.kstest(drawn, stats.gamma(shape, scale=1 / shape).cdf).pvalue > 1e-4
    assert stats.kstest(drawn, stats.gamma(2 * shape, scale=0.5 / shape).cdf).pvalue < 1e-4
    assert np.mean(ErlangPath(shape).quantiles(4096)) == pytest.approx(1, abs=1e-3)
    assert np.all(paths(10, 0, 1.0, np.zeros(1)) == 1)


@pytest.mark.parametrize(("name", "shape"), [("fixed", None), ("exponential", None), ("erlang", 4)])
def test_quadrature_has_the_covariance_of_its_law(name, shape):
    """Discrete oracle: the response to the line's normals, squared, against theory's integral for the law: 1e-6 everywhere.

    Negative control: against the theory of another law it is off by more than a tenth.
    """
    turbulence = Turbulence.power_law(5 / 3, 23.0, MEAN_FREE_PATH, 2 / 3, (1e-3, 1e2))
    flow = LineFlow(turbulence, MEAN_FREE_PATH, 512, seed=0)
    estimator = QuadratureEstimator(flow, MEAN_FREE_PATH, L_MAX, 1.0, free_path(law_of(name, shape)))
    of_cosine, of_sine = estimator.response
    covariance = np.zeros((L_MAX + 1, L_MAX + 1))
    covariance[1::2, 1::2], covariance[0::2, 0::2] = of_cosine.T @ of_cosine, of_sine.T @ of_sine
    covariance = covariance[2:, 2:]

    def worst(law):
        expected = parallel.multipole_covariance(turbulence, MEAN_FREE_PATH, L_MAX, free_path=law)
        scale = np.sqrt(np.diag(expected))
        return np.max(np.abs(covariance - expected) / np.outer(scale, scale))

    assert worst(law_of(name, shape)) < 1e-6
    assert worst(law_of("erlang", 2)) > 0.1


def test_mean_table_and_weights_agree():
    """<g(mu t)> of a smooth g by the weights of a rule, by strata, and by scipy."""
    law = ErlangPath(2)
    s, weight = law.rule(5.0, 4)
    by_rule = law.spread(lambda mu: mu[None] ** 2, s, weight)[0] @ np.cos(3 * s)
    inner = lambda mu: integrate.quad(lambda t: law.density(t) * np.cos(3 * mu * t), 1e-12, 40, limit=400)[0]  # noqa: E731
    exact = integrate.quad(lambda mu: mu**2 * inner(mu), 0, 1, epsabs=1e-10)[0]
    assert by_rule == pytest.approx(exact, abs=1e-7)
    mu = np.linspace(0.01, 0.99, 5)
    strata = np.cos(3 * mu[:, None] * law.quantiles(2048)).mean(axis=1)
    assert strata == pytest.approx([inner(value) for value in mu], abs=1e-3)
    assert FixedPath().spread(lambda mu: mu, s[s < 1], weight[s < 1]) == pytest.approx((s * weight)[s < 1])
