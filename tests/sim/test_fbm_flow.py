"""The line without end: its discrete covariance against theory without randomness, then its statistics.

False-alarm rates: every statistical test below is at 1e-4 a number, corrected for the numbers looked at; seeds are fixed.
"""

import numpy as np
import pytest
from scipy import stats

from fluxtube.sim.engine.estimators import QuadratureEstimator
from fluxtube.sim.engine.flows import FbmFlow
from fluxtube.sim.engine.flows.fbm import steps_needed
from fluxtube.theory import Turbulence, parallel

MEAN_FREE_PATH = 10.0


def power_law(gamma):
    return Turbulence.power_law(gamma, 23.0, MEAN_FREE_PATH)


def discrete_covariance(estimator, structure):
    """Covariance of the estimator's even and odd degrees for a line of stationary increments, in closed form.

    <B(s) B(s')> = [D(s) + D(s') - D(s - s')]/2 for B = u(s) - u(0), so that
    <odd odd'> = [D(s + s') - D(s - s')]/4 and <even even'> = [D(s) + D(s') - (D(s + s') + D(s - s'))/2]/2.
    """
    s = estimator.displacement
    apart, together, alone = structure(np.abs(s[:, None] - s)), structure(s[:, None] + s), structure(s)
    odd = (together - apart) / 4
    even = (alone[:, None] + alone - (together + apart) / 2) / 2
    return estimator.of_odd @ odd @ estimator.of_odd.T, estimator.of_even @ even @ estimator.of_even.T


@pytest.mark.parametrize("gamma", [1.3, 5 / 3, 2.5])
def test_grid_is_fine_enough(gamma):
    """Oracle: C_l of the grid within 2e-3 of theory up to l_max with the steps that the check asks for, not with a quarter."""
    l_max, turbulence = 12, power_law(gamma)
    expected = np.diag(parallel.multipole_covariance(turbulence, MEAN_FREE_PATH, l_max))
    errors = []
    for steps in (steps_needed(l_max, gamma), steps_needed(l_max, gamma) // 4):
        estimator = QuadratureEstimator(FbmFlow(turbulence, MEAN_FREE_PATH, steps, seed=0), MEAN_FREE_PATH, l_max, 1.0)
        even, odd = discrete_covariance(estimator, turbulence.structure_function)
        variance = np.empty(l_max + 1)
        variance[0::2], variance[1::2] = np.diag(even), np.diag(odd)
        errors.append(np.max(np.abs(variance[2:] / expected - 1)))
    assert errors[0] < 2e-3 < errors[1]


def test_circulant_embedding_is_exact():
    """Not an eigenvalue had to be cut: the covariance that the scales give back is that of the increments, to rounding."""
    for gamma in (1.05, 1.5, 5 / 3, 2.0, 2.9):
        flow = FbmFlow(power_law(gamma), MEAN_FREE_PATH, 200, seed=0)
        power = flow.scales**2 * 2 / flow.points
        power[[0, -1]] /= 2
        covariance = np.fft.irfft(power)
        lag = flow.step * np.arange(1, 300)
        d = power_law(gamma).structure_function
        expected = (d(lag + flow.step) - 2 * d(lag) + d(np.abs(lag - flow.step))) / 2
        assert np.allclose(covariance[1:300], expected, rtol=0, atol=1e-9 * d(flow.step))
        assert covariance[0] == pytest.approx(float(d(flow.step)), rel=1e-12)


@pytest.fixture(scope="module")
def line():
    """u(s) - u(0) ahead and behind at dyadic distances, 4000 realisations."""
    distance = MEAN_FREE_PATH * 0.5 ** np.arange(7)
    flow = FbmFlow(power_law(5 / 3), MEAN_FREE_PATH, 1024, seed=5)
    even, odd = flow.increments(0, 4000, distance)
    return distance, even + odd, even - odd


def test_structure_function(line):
    """chi^2 of every distance and side against D(s), 14 numbers; negative control: gamma = 1.6 is rejected."""
    distance, ahead, behind = line
    limit = stats.chi2.isf([1 - 0.5e-4 / 14, 0.5e-4 / 14], len(ahead))

    def chi2(gamma):
        return np.array([(side**2).sum(axis=0) / power_law(gamma).structure_function(distance) for side in (ahead, behind)])

    assert limit[0] < chi2(5 / 3).min() <= chi2(5 / 3).max() < limit[1]
    assert not limit[0] < chi2(1.6).min() <= chi2(1.6).max() < limit[1]


def test_recovered_index(line):
    """gamma - 1 from the slope of ln D over 6 octaves within 4 bootstrap errors (rate 6e-5); 3/2 is 4 errors off at least."""
    distance, ahead, _ = line
    random = np.random.default_rng(0)

    def index(sample):
        return np.polyfit(np.log(distance), np.log((sample**2).mean(axis=0)), 1)[0] + 1

    error = np.std([index(ahead[random.integers(0, len(ahead), len(ahead))]) for _ in range(200)])
    assert abs(index(ahead) - 5 / 3) < 4 * error
    assert abs(index(ahead) - 3 / 2) > 4 * error


def test_gaussian_and_stationary(line):
    """Kurtosis 3 within 4 standard errors sqrt(24/N) at each distance (rate 4e-4); both sides uncorrelated as they must be.

    <[u(s)-u(0)] [u(-s)-u(0)]> = D(s) - D(2 s)/2. Negative control: a product of two normals has kurtosis 9.
    """
    distance, ahead, behind = line
    error = np.sqrt(24 / len(ahead))
    kurtosis = (ahead**4).mean(axis=0) / (ahead**2).mean(axis=0) ** 2
    assert np.all(np.abs(kurtosis - 3) < 4 * error)
    mixed = ahead * np.random.default_rng(1).standard_normal(ahead.shape)
    assert np.all(np.abs((mixed**4).mean(axis=0) / (mixed**2).mean(axis=0) ** 2 - 3) > 4 * error)
    d = power_law(5 / 3).structure_function
    expected, product = d(distance) - d(2 * distance) / 2, ahead * behind
    z = (product.mean(axis=0) - expected) / (product.std(axis=0) / np.sqrt(len(ahead)))
    assert np.all(np.abs(z) < 4)


def test_one_flow_for_all_who_ask():
    """A realisation does not depend on the block it is asked in, and its grid values not on what else is asked for."""
    flow = FbmFlow(power_law(5 / 3), MEAN_FREE_PATH, 256, seed=9)
    s = np.array([1.0, 2.5, 10.0])
    whole, alone = flow.increments(3, 5, s), flow.increments(6, 1, s[1:])
    assert np.array_equal(whole[0][3, 1:], alone[0][0])
    assert np.array_equal(whole[1][3, 1:], alone[1][0])
    assert not np.array_equal(whole[0][3], whole[0][2])
