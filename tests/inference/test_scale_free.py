"""Covariance of a power law without end: against the closed spectrum, the parallel theory, and quadrature over a wide band."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import spherical_jn

from fluxtube.errors import InputError
from fluxtube.theory import Turbulence, cross_field, isotropic, parallel, scale_free
from fluxtube.theory.free_path import Fixed
from fluxtube.theory.kinetic import Steady
from fluxtube.theory.models import Model

GAMMA, L_MAX = 5 / 3, 10


def endless(gamma=GAMMA, beta=2 / 3):
    return Turbulence.power_law(gamma, 1.0, 1.0, beta)


@pytest.mark.parametrize("weights", [(0.3, 0.6), (1.0, 0.0), (0.05, 1.0), (1.0, 1.0), (0.0, 0.7)])
@pytest.mark.parametrize(("gamma", "beta"), [(GAMMA, 2 / 3), (1.3, 0.2)])
def test_all_orders_are_those_of_the_models(weights, gamma, beta):
    """Another integration over the angles of k (theory.models), to 1e-8 of each variance; the weights swapped are not."""
    covariance = scale_free.ScaleFree(L_MAX)
    orders = np.arange(L_MAX + 1)
    expected = Model(*weights).covariance(endless(gamma, beta), 1.0, L_MAX, orders=orders)
    scale = np.sqrt(np.maximum(np.einsum("mll->ml", expected), 1e-12 * expected.max()))
    scale = scale[:, :, None] * scale[:, None, :]
    assert np.max(np.abs(covariance(gamma, *weights, beta) - expected) / scale) < 1e-8
    if weights != (1.0, 1.0):
        assert np.max(np.abs(covariance(gamma, *weights[::-1], beta) - expected) / scale) > 1e-2


def test_ends_are_parallel_and_isotropic():
    covariance = scale_free.ScaleFree(L_MAX)
    along, whole = covariance(GAMMA, 0, 0), covariance(GAMMA, 1, 1)
    np.testing.assert_allclose(along[0], parallel.multipole_covariance(endless(), 1.0, L_MAX), rtol=1e-12, atol=1e-14)
    assert not along[1:].any()
    power = isotropic.angular_power_spectrum(endless(), 1.0, L_MAX, 1.0, 1.0)
    present = np.arange(2, L_MAX + 1) >= np.arange(L_MAX + 1)[:, None]
    np.testing.assert_allclose(whole, present[:, :, None] * np.diag(power), rtol=1e-11, atol=1e-12 * power[-1])


def test_orders_against_quadrature_over_a_band():
    """k lambda from 1e-4 to 200 holds all but 5e-4; eta and eps swapped do not."""
    weights, top = (0.4, 0.7), 5
    band = Turbulence.power_law(GAMMA, 1.0, 1.0, 2 / 3, (1e-4, 200.0))
    expected = cross_field.multipole_covariance(band, 1.0, *weights, top, orders=range(top + 1))
    covariance = scale_free.ScaleFree(top)
    scale = np.sqrt(np.einsum("mll->ml", covariance(GAMMA, *weights)))
    scale = np.where(scale == 0, np.inf, scale)[:, :, None] * np.where(scale == 0, np.inf, scale)[:, None, :]
    assert np.max(np.abs(covariance(GAMMA, *weights) - expected) / scale) < 1e-3
    assert np.max(np.abs(covariance(GAMMA, *weights[::-1]) - expected) / scale) > 0.1


def test_nodes_are_enough(monkeypatch):
    """Twice the nodes change nothing, for any weight down to the smallest."""
    usual = scale_free.ScaleFree(14)
    monkeypatch.setattr(scale_free, "ORDER", 24)
    fine = scale_free.ScaleFree(14)
    for displacement in (1e-4, 1e-3, 0.01, 0.1, 0.5, 1.0):
        one, other = usual(1.7, displacement, 0.5), fine(1.7, displacement, 0.5)
        scale = np.sqrt(np.einsum("mll->ml", other)) + 1e-300
        assert np.max(np.abs(one - other) / scale[:, :, None] / scale[:, None, :]) < 1e-12


def test_mixed_integral():
    """X of two pairs of degrees by plain quadrature of Bessel functions (the tail beyond x = 400 is below 1e-5 of it)."""
    gamma = 1.6
    _, _, mixed = scale_free.radial_integrals(gamma, 4, 2)
    for i, j in ((0, 0), (0, 2), (2, 0)):
        by_hand = quad(
            lambda x, i=i, j=j: x ** (-gamma - 1) * spherical_jn(i + 2, x, True) * spherical_jn(j + 2, x), 1e-9, 400, limit=2000
        )[0]
        sign = -1 if i != j else 1
        assert mixed[i, j] / ((4 * np.pi) ** 2 * (2 * np.pi) ** (gamma - 1)) == pytest.approx(sign * by_hand, rel=2e-4)
    assert mixed[0, 2] != pytest.approx(mixed[2, 0], rel=0.1)  # it is not symmetric


def test_integrals_of_a_law():
    """The fixed path by numbers is the closed form; density response changes C_l of parallel transport by known ratios."""
    closed = scale_free.radial_integrals(GAMMA, 8, 2)
    numbers = scale_free.integrals_of_law(Fixed(), GAMMA, 8, 2)
    for one, other in zip(closed, numbers, strict=True):
        np.testing.assert_allclose(other, one, rtol=0, atol=1e-6 * np.abs(one).max())
    plain, steady = (scale_free.ScaleFree(8, path=path) for path in (None, Steady(Fixed())))
    along = np.diag(steady(GAMMA, 0, 0)[0]) / np.diag(plain(GAMMA, 0, 0)[0])
    # Independent quadrature to 1e-6 of int x^-gamma K_l^2 dx over int x^-gamma j_l'^2 dx.
    np.testing.assert_allclose(along[[0, 1, 2, 3, 6]], [0.2101851, 0.4079462, 0.7558068, 1.0899804, 0.9873821], rtol=3e-6)
    whole = np.diag(steady(GAMMA, 1, 1)[0]) / np.diag(plain(GAMMA, 1, 1)[0])
    assert np.all(whole[:2] > along[:2])  # the transverse part does not answer
    band = Turbulence.power_law(GAMMA, 1.0, 1.0, 2 / 3, (1e-4, 200.0))
    expected = Model(0.4, 0.7).covariance(band, 1.0, 5, law=Steady(Fixed()), orders=np.arange(6))
    ours = scale_free.ScaleFree(5, path=Steady(Fixed()))(GAMMA, 0.4, 0.7)
    assert np.max(np.abs(ours - expected)) < 1e-3 * expected.max()  # what lies beyond the band
    assert np.max(np.abs(plain(GAMMA, 0.4, 0.7)[:6, :4, :4] - expected)) > 0.1 * expected.max()


@pytest.mark.parametrize(
    ("path", "gamma", "outer", "weights"),
    [
        (None, GAMMA, 10.0, (0.3, 0.6)),
        (None, 2.3, 0.7, (0.0, 0.7)),
        (None, 1.3, 200.0, (1.0, 1.0)),
        pytest.param(Steady(Fixed()), 2.0, 3.0, (0.3, 0.6), marks=pytest.mark.slow),
    ],
)
def test_outer_scale_is_that_of_the_models(path, gamma, outer, weights):
    """Von Karman's spectrum, every order, by the quadrature of theory.models; without the outer scale it is not that.

    1e-5: what the rule's end at x = 3000 leaves of the fixed path, worst for gamma = 1.3.
    """
    flow, top = Turbulence.von_karman(gamma, 1.0, 1.0, outer), 4
    covariance = scale_free.ScaleFree(top, path=path, outer_scale=outer)
    endless_one = scale_free.ScaleFree(top, path=path)
    expected = Model(*weights).covariance(flow, 1.0, top, orders=np.arange(top + 1), law=path or Fixed())
    scale = np.sqrt(np.maximum(np.einsum("mll->ml", expected), 1e-12 * expected.max()))
    scale = scale[:, :, None] * scale[:, None, :]
    assert np.max(np.abs(covariance(gamma, *weights) - expected) / scale) < 1e-5
    if outer < 200:
        assert np.max(np.abs(endless_one(gamma, *weights) - expected) / scale) > 1e-2


def test_refusals():
    with pytest.raises(InputError, match="outer scale"):
        scale_free.ScaleFree(5, outer_scale=0.01)
    with pytest.raises(InputError, match="gamma"):
        scale_free.ScaleFree(5)(3.2, 0.5, 0.5)
    with pytest.raises(InputError, match="l_min"):
        scale_free.ScaleFree(5, 1)
