"""The mean-square sky: against theory's own map, its law, and theories that it must reject."""

import numpy as np
import pytest
import synthetic_runs as synthetic

from fluxtube.analysis.validation.expected import expected_covariance
from fluxtube.analysis.validation.mean_square import mean_square_profile, mean_square_scores, mean_square_test
from fluxtube.analysis.validation.moments import select_moments
from fluxtube.sim.config import Config
from fluxtube.theory import isotropic, parallel
from fluxtube.theory.sky import mean_square_map

THETA = np.linspace(0, np.pi, 7)


def test_profile_is_equation_16():
    """Against theory's map over mu of the momentum, whose multipoles have other signs; the mean over the sphere is sum C_l."""
    config = Config(turbulence={"band": None})
    covariance = expected_covariance(config, 20)
    profile = mean_square_profile(covariance, np.arange(2, 21), [0], THETA)
    expected = mean_square_map(parallel.multipole_covariance(config.build_turbulence(), 10.0, 20), np.cos(THETA))
    np.testing.assert_allclose(profile, expected, rtol=1e-12)
    node, weight = np.polynomial.legendre.leggauss(40)
    mean = weight @ mean_square_profile(covariance, np.arange(2, 21), [0], np.arccos(node)) / 2
    assert mean == pytest.approx(np.trace(covariance[0]) / (4 * np.pi), rel=1e-12)


def test_profile_of_an_isotropic_sky_is_flat():
    """sum (2l+1) C_l / 4 pi at every angle, from all orders together."""
    l = np.arange(2, 9)
    spectrum = isotropic.angular_power_spectrum(Config(turbulence={"band": None}).build_turbulence(), 10.0, 8)
    orders = [0, *(sign * m for m in range(1, 9) for sign in (1, -1))]
    covariance = np.array([np.diag(np.where(l >= abs(m), spectrum, 0.0)) for m in orders])
    expected = np.sum((2 * l + 1) * spectrum) / (4 * np.pi)
    np.testing.assert_allclose(mean_square_profile(covariance, l, orders, THETA), expected, rtol=1e-12)


@pytest.mark.parametrize("noisy", [False, True])
def test_scores_are_standard(noisy):
    """Mean 0 and variance 1 over 1,500 ensembles of 60 realisations, within 5 standard errors (chi-squared tails included)."""
    theory = synthetic.covariance(9)
    noise = 0.3 * np.diag(np.diag(theory))

    def make(seed):
        if noisy:
            return synthetic.particle_ensemble(seed, theory, noise, 60)
        return synthetic.gaussian_ensemble(seed, theory, 60)

    z = np.array([mean_square_scores(select_moments(make(seed)), theory[None], THETA).z for seed in range(1500)])
    assert np.max(np.abs(z.mean(0))) < 5 / np.sqrt(1500)
    # With noise the error itself is measured, from 60 realisations.
    assert np.max(np.abs(z.var(0) - 1)) < 5 * np.sqrt(2.5 / 1500) + (0.05 if noisy else 0)


def test_a_sky_without_beams_is_rejected():
    """The right C_l without the correlations between degrees: only the mean-square sky and the matrix can tell."""
    theory = synthetic.covariance(13, coupling=0.7)
    flat = np.diag(np.diag(theory))
    ensemble = select_moments(synthetic.gaussian_ensemble(5, theory, 2000))
    assert mean_square_test(ensemble, theory[None]).p_value > 1e-4
    assert mean_square_test(ensemble, flat[None]).p_value < 1e-6
