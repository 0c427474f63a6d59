"""Particles against quadrature where free paths vary and a density gradient adds its dipole: values and stated noise."""

import numpy as np
import pytest
from scipy import stats

import fluxtube
from fluxtube.sim.engine.kernels.single import fill_free_paths

COMMON = {
    "turbulence.band": [1e-2, 20], "sky.l_max": 6, "sky.nside": 4, "transport.density_gradient": "2e-4 /pc",
    "check.realisations": 60, "check.particles": 2000, "ensemble.realisations": 60,
}  # fmt: skip
VECTOR = {
    "transport.model": "isotropic", "sampling.flow": "modes", "sampling.modes": 32, "turbulence.band": [0.1, 3],
    "sky.l_max": 3,
}  # fmt: skip


@pytest.mark.parametrize("law", ["fixed", "exponential"])
@pytest.mark.parametrize("transport", [{}, VECTOR], ids=["parallel", "isotropic"])
def test_particles_have_the_stated_mean_and_noise(law, transport):
    """chi^2 of every degree over many flows: the dipole is larger than the convective anisotropy, so that one that forgets
    its path shows. Two-sided at 1e-4, 22 tests: false alarm 2e-3.
    """
    check = fluxtube.simulate({}, COMMON | transport | {"transport.free_path": law}).check
    deviation = check.halves.mean(axis=1) - check.quadrature
    for l in range(deviation.shape[-1]):
        orders = slice(0, 2 * l + 1)  # 0, 1, -1, ...: those that the degree has
        variance = check.noise[:, orders, l]
        chi2 = np.sum(deviation[:, orders, l] ** 2 / variance)
        assert 0.5e-4 < stats.chi2.sf(chi2, variance.size) < 1 - 0.5e-4, l
    # The control: one half alone is noisier by a factor of two.
    half = np.sum((check.halves[:, 0, 0] - check.quadrature[:, 0]) ** 2 / check.noise[:, 0])
    assert stats.chi2.sf(half, check.noise[:, 0].size) < 1e-6


@pytest.mark.parametrize("law", ["fixed", "exponential"])
def test_stated_noise_is_the_integral_over_directions_and_paths(law):
    """[4 pi int <v^2> Y_l0^2 dOmega - a_l^2]/n by brute force, v = mu Delta u(lambda mu t) slope/v + lambda mu t grad ln f.

    The dipole is about as large as the convective part, and of one flow the cross term does not average out.
    """
    keys = COMMON | {"transport.free_path": law, "transport.density_gradient": "4e-5 /pc", "turbulence.band": [1e-1, 4]}
    realisation = fluxtube.Realisation({}, 2, keys)
    mu, weight = np.polynomial.legendre.leggauss(200)
    y, rule = np.polynomial.legendre.leggauss(8)
    x = (np.arange(60)[:, None] + (y + 1) / 2).ravel() / 2  # panels of half a mean free path, to 30 of them
    share = np.tile(rule / 4, 60) * np.exp(-x)
    if law == "fixed":
        x, share = np.ones(1), np.ones(1)
    s = 10.0 * np.outer(x, mu)
    flow = (realisation.velocity(s.ravel()) - realisation.velocity(0.0)).reshape(s.shape)
    v = mu * flow * -4.7 / 299792.458 + 4e-5 * s
    zonal = np.polynomial.legendre.legvander(mu, 6).T * np.sqrt((2 * np.arange(7) + 1) / (4 * np.pi))[:, None]
    square = 8 * np.pi**2 * (zonal**2 * weight) @ (share @ v**2)
    mean = 2 * np.pi * (zonal * weight) @ (share @ v)
    stated = realisation.engine.quadrature.shot_noise(2, 1000)[0] * realisation.engine.unit_anisotropy**2
    np.testing.assert_allclose(stated, (square - mean**2) / 1000, rtol=1e-4)
    cross = 8 * np.pi**2 * (zonal**2 * weight) @ (share @ (8e-5 * s * (v - 4e-5 * s)))
    assert np.abs(cross).max() > 0.05 * square.max()  # the control: half of the cross term would be seen


def test_no_path_is_longer_than_its_table():
    """A path beyond the table's end would read outside of it; cut at reach = 1, e^-1 of exponential paths are."""
    path = np.empty(20_000)
    fill_free_paths(0, 3, 5, 11, 1, 1.0, np.zeros(1), path)
    assert path.max() == 1.0
    assert abs(np.mean(path == 1.0) - np.exp(-1)) < 4.5 * np.sqrt(np.exp(-1) * (1 - np.exp(-1)) / path.size)  # 7e-6
