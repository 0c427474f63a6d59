"""The `modes` flow: polarisations mode by mode, isotropy, and the covariance of its multipoles over the band."""

import math

import numpy as np
import pytest
from scipy import stats

from fluxtube.sim.engine.estimators import QuadratureEstimator
from fluxtube.sim.engine.flows import ModesFlow
from fluxtube.theory import Turbulence, parallel

MEAN_FREE_PATH, SIGMA, BAND = 10.0, 23.0, (1e-2, 1e2)


def turbulence(beta=2 / 3, gamma=5 / 3):
    return Turbulence.power_law(gamma, SIGMA, MEAN_FREE_PATH, beta, tuple(k / MEAN_FREE_PATH for k in BAND))


@pytest.mark.parametrize("beta", [0.0, 1.0])
def test_polarisation_mode_by_mode(beta):
    """div u = 0 for beta = 1, curl u = 0 for beta = 0, to rounding; each is violated by the other flow."""
    wave_vectors, cosine, sine = ModesFlow(turbulence(beta), MEAN_FREE_PATH, 256, seed=1).draw(0, 4)
    for amplitude in (cosine, sine):
        size = np.linalg.norm(wave_vectors, axis=1) * np.linalg.norm(amplitude, axis=1)
        divergence = np.abs(np.sum(wave_vectors * amplitude, axis=1)) / size
        curl = np.linalg.norm(np.cross(wave_vectors, amplitude, axis=1), axis=1) / size
        vanishing, other = (divergence, curl) if beta == 1 else (curl, divergence)
        assert vanishing.max() < 1e-14
        assert other.min() > 0.99


def test_component_variances_are_a_third_each():
    """z of the three component variances and three cross terms at a false-alarm rate of 1e-4; fixed seed.

    Per realisation the power is a weighted sum over modes; its scatter is measured over the realisations themselves.
    """
    flow = ModesFlow(turbulence(), MEAN_FREE_PATH, 256, seed=2)
    _, cosine, sine = flow.draw(0, 4000)
    power = (np.einsum("rin,rjn->rij", cosine, cosine) + np.einsum("rin,rjn->rij", sine, sine)) / 2
    k = np.geomspace(*turbulence().band, 20001)
    w = turbulence().energy_spectrum(k) * k
    total = np.sum((w[1:] + w[:-1]) / 2) * math.log(k[1] / k[0])
    expected = np.eye(3) * total / 3
    limit = stats.norm.isf(0.5e-4 / 6)
    z = (power.mean(axis=0) - expected) / (power.std(axis=0) / math.sqrt(len(power)))
    assert np.max(np.abs(z)) < limit
    skewed = (power.mean(axis=0) - np.diag([8, 1, 1]) / 15 * total * 1.5) / (power.std(axis=0) / math.sqrt(len(power)))
    assert np.max(np.abs(skewed)) > limit  # negative control: components as 8 : 1 : 1


def test_covariance_over_the_band():
    """z of every C_l, 2 <= l <= 20, with the measured fourth moments; false-alarm rate 1e-4 for the largest; fixed seed."""
    flow = ModesFlow(turbulence(), MEAN_FREE_PATH, 256, seed=3)
    a = QuadratureEstimator(flow, MEAN_FREE_PATH, 20, unit=1.0).measure(0, 6000).multipoles[:, 0, 2:]
    limit = stats.norm.isf(0.5e-4 / 19)

    def worst(gamma):
        expected = np.diag(parallel.multipole_covariance(turbulence(gamma=gamma), MEAN_FREE_PATH, 20))
        return np.max(np.abs((a**2).mean(axis=0) - expected) / ((a**2).std(axis=0) / math.sqrt(len(a))))

    assert worst(5 / 3) < limit
    assert worst(1.8) > limit  # negative control


def test_realisations_do_not_depend_on_how_many_are_asked_for():
    flow = ModesFlow(turbulence(), MEAN_FREE_PATH, 128, seed=3)
    estimator = QuadratureEstimator(flow, MEAN_FREE_PATH, 20, unit=1.0)
    assert np.array_equal(estimator.measure(0, 50).multipoles[17:30], estimator.measure(17, 13).multipoles)
