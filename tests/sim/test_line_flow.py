"""The `line` flow: its discrete covariance against theory without randomness, and its draws against that covariance."""

import math

import numpy as np
import pytest
from scipy import stats

from fluxtube.sim.engine.estimators import QuadratureEstimator
from fluxtube.sim.engine.flows import LineFlow
from fluxtube.sim.engine.flows.nodes import line_nodes, nodes_needed
from fluxtube.theory import Turbulence, parallel

L_MAX, MEAN_FREE_PATH, SIGMA = 50, 10.0, 23.0


def turbulence(gamma=5 / 3, beta=2 / 3, band=(1e-3, 1e3)):
    return Turbulence.power_law(gamma, SIGMA, MEAN_FREE_PATH, beta, tuple(k / MEAN_FREE_PATH for k in band))


def discrete_covariance(estimator):
    """Covariance of the multipoles that the nodes and the Gauss-Legendre rule give, by linear algebra alone."""
    covariance = np.zeros((L_MAX + 1, L_MAX + 1))
    cosine, sine = estimator.response
    covariance[1::2, 1::2] = cosine.T @ cosine
    covariance[0::2, 0::2] = sine.T @ sine
    return covariance


def worst_element(gamma, beta, nodes, band=(1e-3, 1e3)):
    flow = LineFlow(turbulence(gamma, beta, band), MEAN_FREE_PATH, nodes, seed=0)
    simulated = discrete_covariance(QuadratureEstimator(flow, MEAN_FREE_PATH, L_MAX, unit=1.0))
    theory = parallel.multipole_covariance(turbulence(gamma, beta, band), MEAN_FREE_PATH, L_MAX, l_min=0)
    return np.max(np.abs(simulated - theory) / np.sqrt(np.outer(np.diag(theory), np.diag(theory))))


@pytest.mark.parametrize(("gamma", "bound"), [(1.2, 1e-7), (1.5, 1e-7), (5 / 3, 1e-7), (2.0, 5e-7), (2.5, 1e-5)])
@pytest.mark.parametrize("beta", [0.0, 2 / 3, 1.0])
def test_discrete_covariance_is_the_theory(gamma, bound, beta):
    """Gauss-Legendre projections of waves against integrals of spherical Bessel functions, every element, 0 <= l <= 50.

    What is left comes from the kink of E(kappa) at the band's lower end, which weighs more the steeper the spectrum is.
    """
    assert worst_element(gamma, beta, 512) < bound


@pytest.mark.parametrize(
    "band", [(1e-3, 1e3), (1e-6, 200.0), (0.3, 1e3), (3.0, 300.0), (10.0, 1e3), (100.0, 120.0), (50.0, 51.0), (500.0, 501.0)]
)
def test_nodes_needed_are_enough(band):
    """Wherever the band lies, with the fewest nodes that a run is let to have: far below the noise of 1e6 realisations, 1e-3."""
    assert worst_element(5 / 3, 2 / 3, nodes_needed(*band), band) < 1e-4


def test_too_few_nodes_are_seen():
    """Negative control: with half of the nodes needed, waves alias and the covariance is far off."""
    theory = parallel.multipole_covariance(turbulence(), MEAN_FREE_PATH, L_MAX, l_min=0)
    flow = LineFlow(turbulence(), MEAN_FREE_PATH, nodes_needed(1e-3, 1e3) // 2, seed=0)
    simulated = discrete_covariance(QuadratureEstimator(flow, MEAN_FREE_PATH, L_MAX, unit=1.0))
    assert np.max(np.abs(np.diag(simulated) / np.diag(theory) - 1)) > 0.1


def test_nodes_integrate():
    x, weight = line_nodes(512, 1e-3, 1e3)
    assert np.all(np.diff(x) > 0)
    assert np.sum(weight / (1 + x) ** 3) == pytest.approx(0.5 - 0.5 / 1001**2, rel=1e-3)
    assert np.max(np.diff(x)) < math.pi


def test_draws_follow_the_discrete_covariance():
    """z-scores of 51 variances and 650 like-parity covariances at a false-alarm rate of 1e-4 for the largest; fixed seed."""
    flow = LineFlow(turbulence(), MEAN_FREE_PATH, 512, seed=11)
    estimator = QuadratureEstimator(flow, MEAN_FREE_PATH, L_MAX, unit=1.0)
    count = 8000
    a = estimator.measure(0, count).multipoles[:, 0]
    expected, sample = discrete_covariance(estimator), a.T @ a / count
    sigma = np.sqrt((np.outer(np.diag(expected), np.diag(expected)) + expected**2) / count)
    upper = np.triu_indices(L_MAX + 1)
    z = ((sample - expected) / sigma)[upper]
    limit = stats.norm.isf(0.5e-4 / z.size)
    assert np.max(np.abs(z)) < limit
    wrong = ((sample - 1.1 * expected) / sigma)[upper]  # negative control: 10 % in the variance
    assert np.max(np.abs(wrong)) > limit
    mean = a.mean(axis=0) / np.sqrt(np.diag(expected) / count)
    assert np.max(np.abs(mean)) < stats.norm.isf(0.5e-4 / mean.size)
    kurtosis = (a**4).mean(axis=0) / (a**2).mean(axis=0) ** 2 - 3
    assert np.max(np.abs(kurtosis)) / math.sqrt(24 / count) < stats.norm.isf(0.5e-4 / kurtosis.size)


def test_increments_and_projections_are_the_same_flow():
    """Two paths through the code, waves summed on the nodes and the response matrix, give one realisation."""
    flow = LineFlow(turbulence(), MEAN_FREE_PATH, 512, seed=3)
    estimator = QuadratureEstimator(flow, MEAN_FREE_PATH, L_MAX, unit=1.0)
    even, odd = flow.increments(5, 3, estimator.displacement)
    a = estimator.measure(5, 3).multipoles[:, 0]
    scale = np.abs(a).max()
    assert np.allclose(even @ estimator.of_even.T, a[:, 1::2], rtol=0, atol=1e-11 * scale)
    assert np.allclose(odd @ estimator.of_odd.T, a[:, 0::2], rtol=0, atol=1e-11 * scale)


def test_realisations_do_not_depend_on_how_many_are_asked_for():
    flow = LineFlow(turbulence(), MEAN_FREE_PATH, 512, seed=3)
    estimator = QuadratureEstimator(flow, MEAN_FREE_PATH, L_MAX, unit=1.0)
    many = estimator.measure(0, 1000).multipoles
    assert np.array_equal(many[:37], estimator.measure(0, 37).multipoles)
    assert np.array_equal(many[128:165], estimator.measure(128, 37).multipoles)


def test_structure_function_of_the_draws():
    """<[u(s) - u(0)]^2> of the draws against D(s), at 7 separations; false-alarm rate 1e-4 for the largest z; fixed seed."""
    flow = LineFlow(turbulence(), MEAN_FREE_PATH, 1024, seed=4)
    separations = MEAN_FREE_PATH * np.array([0.01, 0.03, 0.1, 0.3, 0.6, 0.8, 1.0])
    even, odd = flow.increments(0, 6000, separations)
    ratio = ((even + odd) ** 2).mean(axis=0) / turbulence().structure_function(separations)
    limit = stats.norm.isf(0.5e-4 / len(separations)) * math.sqrt(2 / 6000)
    assert np.max(np.abs(ratio - 1)) < limit
    steeper = ((even + odd) ** 2).mean(axis=0) / turbulence(gamma=1.8).structure_function(separations)
    assert np.max(np.abs(steeper - 1)) > limit  # negative control
