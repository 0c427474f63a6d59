"""The one dispatch: values that older copies had wrong, from integrals done otherwise; two momenta; ends of the family."""

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import spherical_jn

from fluxtube.errors import InputError
from fluxtube.theory import Turbulence, isotropic, parallel
from fluxtube.theory.free_path import Erlang, Fixed
from fluxtube.theory.models import Model

PARALLEL, ISOTROPIC = Model.named("parallel"), Model.named("isotropic")


def plain(model, turbulence, l_max, law=Fixed(), l_min=2):  # noqa: B008
    return model.spectrum(turbulence, 1.0, l_max, l_min=l_min, law=law, spectral_slope=1.0, speed=1.0)


def test_exponential_paths_without_a_band():
    """C_2 against mpmath in 50 digits; l = 8 and 16 against a quadrature of four digits. Units of w(1/lambda)/lambda."""
    unit = Turbulence.power_law(5 / 3, np.sqrt((2 * np.pi) ** (-2 / 3)), 1.0)
    power = plain(PARALLEL, unit, 16, Erlang(1))

    def response(x):
        """<j_2'(x t)> of the exponential law, by parts <j_2(x t)>/x, <j_2(x t)> = Q_2(-i/x)/x."""
        if x < 1e-8:
            return 2 * x / 15
        return ((1 + 3 / x**2) * mpmath.atan(x) / x - 3 / x**2) / 2 / x

    with mpmath.workdps(50):
        index = mpmath.mpf(5) / 3
        e = (1 - mpmath.mpf(2) / 3 + mpmath.mpf(2) / 3 / index) / (2 * (index + 2))
        points = [0, 1e-6, 0.01, 0.1, 1, 10, 100, mpmath.inf]
        value = 8 * mpmath.pi * e * mpmath.quad(lambda x: x**-index * response(x) ** 2, points)
    assert power[0] == pytest.approx(float(value), rel=1e-9)
    assert power[[0, 6, 14]] == pytest.approx([2.837e-2, 1.298e-5, 2.921e-7], rel=4e-4)


@pytest.mark.parametrize("model", [Model(0.0, 0.5), Model(0.4, 0.7), ISOTROPIC])
def test_outer_scale_without_a_band(model):
    """A spectrum that has a gamma and is no power law: C_2 and C_3 by scipy's adaptive quadrature over k and nu."""
    flow = Turbulence.von_karman(5 / 3, 1.0, 1.0, outer_scale=2.0, dissipation_scale=0.7)
    eps, eta, beta = model.displacement, model.convection, 2 / 3
    top, power = 45.0, plain(model, flow, 3)
    nodes, weights = np.polynomial.legendre.leggauss(400)
    nu, weight = 0.5 * (nodes + 1), 0.5 * weights
    s = np.sqrt(nu**2 + eps**2 * (1 - nu**2))
    k_hat = np.array([np.sqrt(1 - nu**2), 0 * nu, nu])
    y_hat = np.array([eps * k_hat[0], 0 * nu, nu]) / s
    m = (1 - 1.5 * beta) * np.einsum("in,jn->ijn", k_hat, k_hat) + 0.5 * beta * np.eye(3)[:, :, None]
    m = np.einsum("i,ijn,j->ijn", [eta, eta, 1], m, [eta, eta, 1])
    radial = np.einsum("in,ijn,jn->n", y_hat, m, y_hat)
    across = np.einsum("iin->n", m) - radial
    for l in (2, 3):
        def integrand(k, l=l):
            x = np.maximum(k * s, 1e-12)
            one, two = spherical_jn(l, x, derivative=True) ** 2, (spherical_jn(l, x) / x) ** 2
            return flow.energy_spectrum(k) * (weight * (radial * one + 0.5 * l * (l + 1) * across * two)).sum()

        value = sum(quad(integrand, a, b, epsabs=0, epsrel=1e-9, limit=300)[0] for a, b in ((1e-3, 3), (3, 10), (10, top)))
        assert power[l - 2] == pytest.approx(4 * np.pi * value, rel=1e-6)


def test_line_spectra_have_parallel_theory_alone():
    for flow in (Turbulence.slab(5 / 3, 23.0, 10.0), Turbulence.goldreich_sridhar(23.0, 10.0)):
        assert plain(PARALLEL, flow, 5).shape == (4,)
        for model in (ISOTROPIC, Model(0.5, 0.5), Model(0.0, 1.0)):
            with pytest.raises(InputError, match="field-aligned spectrum alone"):
                model.covariance(flow, 10.0, 5, orders=[0, 1])


@pytest.mark.parametrize("band", [None, (1e-2, 20.0)])
@pytest.mark.parametrize("law", [Fixed(), Erlang(1), Erlang(4)])
@pytest.mark.parametrize("l_min", [1, 2])
def test_family_is_continuous_at_both_ends(band, law, l_min):
    """eps = 1e-6 by quadrature over directions against eps = 0 along the line; (1, 1) against the isotropic integral.

    Relative to each order's own variance: what eps moves is of order (eps k lambda)^2 and, from waves across the field, eps.
    """
    flow = Turbulence.power_law(5 / 3, 1.0, 1.0, band=band)
    if band is None and l_min == 1:
        band = (0.0, np.inf)
    for eta in (0.0, 0.6):
        near, end = (
            Model(eps, eta).covariance(flow, 1.0, 6, l_min=l_min, law=law, orders=[0, 1, -1, 2]) for eps in (1e-9, 0.0)
        )
        for m in range(4 if eta else 1):
            size = np.sqrt(np.diag(end[m]))
            scale = np.outer(size, size) if m < 3 else np.outer(*2 * [np.sqrt(np.diag(end[0]))])
            assert np.max(np.abs(near[m] - end[m]) / np.where(scale > 0, scale, 1)) < 2e-6
        assert not end[3].any()
    near, end = (Model(w, w).covariance(flow, 1.0, 6, l_min=l_min, law=law, orders=[0, 2]) for w in (1 - 1e-10, 1.0))
    assert np.max(np.abs(near - end)) < 1e-8 * end.max()


@pytest.mark.parametrize("model", [PARALLEL, Model(0.0, 0.7), Model(0.5, 0.3), ISOTROPIC])
@pytest.mark.parametrize("band", [None, (1e-2, 20.0)])
def test_two_momenta(model, band):
    """Cauchy-Schwarz, transposition, equal paths, and the dispatch's own spectrum; the pair by plane waves on a grid."""
    flow, orders = Turbulence.power_law(5 / 3, 1.0, 1.0, band=band), np.arange(-5, 6)
    one, two = (model.covariance(flow, path, 5, orders=orders) for path in (1.0, 0.6))
    cross = model.covariance(flow, 1.0, 5, other_path=0.6, orders=orders)
    back = model.covariance(flow, 0.6, 5, other_path=1.0, orders=orders)
    assert np.allclose(cross, back.transpose(0, 2, 1), rtol=1e-9, atol=1e-12 * one.max())
    variance = [np.einsum("mll->ml", part) for part in (one, two, cross)]
    assert (np.abs(variance[2]) <= np.sqrt(variance[0] * variance[1]) * (1 + 1e-9)).all()
    assert (np.abs(variance[2]) < 0.95 * np.sqrt(variance[0] * variance[1]))[:, -1].any()
    near = model.covariance(flow, 1.0, 5, other_path=1.0 + 1e-7, orders=orders)
    assert np.allclose(near, one, rtol=2e-5, atol=1e-6 * one.max())
    power = model.spectrum(flow, 1.0, 5, other_path=0.6, spectral_slope=1.0, speed=1.0)
    assert np.allclose(power, variance[2].sum(axis=0) / (2 * np.arange(2, 6) + 1), rtol=1e-9)


@pytest.mark.parametrize("law", [Fixed(), Erlang(1), Erlang(3)])
@pytest.mark.parametrize(("weights", "beta"), [((0, 0), 0.5), ((0, 1), 0.5), ((0.5, 0.5), 0.5), ((1, 1), 0.5), ((1, 1), 0.0)])
def test_guide_line_is_the_slope_far_out(law, weights, beta):
    """Between l = 300 and 600 the slope is that of the guide line to a few per cent, and not a power of l beside it."""
    flow, model = Turbulence.power_law(5 / 3, 1.0, 1.0, transverse_fraction=beta), Model(*weights)
    ends = [plain(model, flow, l, law, l_min=l)[0] for l in (300, 600)]
    assert np.log2(ends[0] / ends[1]) == pytest.approx(model.steepness(flow, law), abs=0.15)


def test_no_guide_line_where_none_is_known():
    assert PARALLEL.steepness(Turbulence.tabulated([1.0, 2.0], [1.0, 1.0])) is None
    assert PARALLEL.steepness(Turbulence.slab(1.5, 1.0, 1.0, band=(1.0, 100.0), transverse_fraction=0.0)) == 2.5


def test_ends_are_their_own_modules():
    flow = Turbulence.power_law(1.5, 23.0, 10.0, band=(1e-4, 3.0))
    assert np.array_equal(PARALLEL.covariance(flow, 10.0, 9)[0], parallel.multipole_covariance(flow, 10.0, 9))
    assert np.allclose(ISOTROPIC.spectrum(flow, 10.0, 9), isotropic.angular_power_spectrum(flow, 10.0, 9), rtol=1e-15, atol=0)
    with pytest.raises(InputError, match="ballistic"):
        Model.named("ballistic")
    with pytest.raises(InputError, match="weights"):
        Model.named("cross-field", 0.5)
    with pytest.raises(InputError, match=r"displacement_perpendicular = 1\.5"):
        Model(1.5, 0.0)
