"""Turbulence with axial symmetry about B: its isotropic limit, brute sums over waves and skies, E(kappa) by scipy."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate
from scipy.special import sph_harm_y

from fluxtube.errors import InputError
from fluxtube.theory import AxialTurbulence, Model, Turbulence
from fluxtube.theory.axial_spectra import Separable, Uniform
from fluxtube.theory.free_path import Erlang
from fluxtube.theory.spectra import PowerLaw, Table, amplitude_at

SHARES = (0.5, 0.3, 0.2)
BAND = (0.5, 3.0)
FLOWS = {
    "critical balance": AxialTurbulence.critical_balance(23.0, 1.0, 2.5, SHARES, BAND),
    "stretched": AxialTurbulence.stretched(1.8, 23.0, 1.0, 4.0, SHARES, BAND),
    "flattened": AxialTurbulence.stretched(5 / 3, 23.0, 1.0, 0.3, SHARES, BAND),
    "slab and 2D": AxialTurbulence.slab_and_plane(5 / 3, 23.0, 1.0, 0.3, 0.1, SHARES, BAND),
    "shares of nu": AxialTurbulence.stretched(
        5 / 3, 23.0, 1.0, 2.0, lambda k, nu: (0.5 * nu**2, 0.5 - 0.5 * nu**2, 0.5 + 0 * k * nu), BAND
    ),
}


def without_direction(beta, band, spectrum=None):
    """Isotropic turbulence by the code for axial symmetry, and by the one that knows it to be isotropic."""
    spectrum = spectrum or PowerLaw(5 / 3, amplitude_at(23.0, 10.0), 2 * np.pi / 10)
    if callable(beta):
        shares = lambda k, nu: (beta(k) / 2 + 0 * nu, beta(k) / 2 + 0 * nu, 1 - beta(k) + 0 * nu)  # noqa: E731
    else:
        shares = (beta / 2, beta / 2, 1 - beta)
    return AxialTurbulence.of(Separable(spectrum, Uniform()), shares, band), Turbulence.isotropic(spectrum, beta, band)


@pytest.mark.parametrize("weights", [(0, 0), (0, 0.7), (0.3, 0.6), (1, 0), (1, 1)])
@pytest.mark.parametrize("beta", [0.0, 2 / 3, lambda k: 1 / (1 + k)])
def test_isotropic_limit(weights, beta):
    """Every <a_lm a_l'm>, C_l and E(kappa) are those of isotropic turbulence; a table's knots, two paths and Erlang's law too."""
    knots = Table([1e-3, 0.05, 1.0, 4.0], [1.0, 2e-1, 1e-3, 1e-6])
    for spectrum, keys in ((None, {}), (knots, {"law": Erlang(2), "other_path": 14.0, "l_min": 1})):
        axial, plain = without_direction(beta, (2e-3, 2.0), spectrum)
        one, two = (Model(*weights).covariance(flow, 10.0, 6, orders=range(7), **keys) for flow in (axial, plain))
        assert np.abs(one - two).max() < 1e-9 * np.abs(two).max()
        one, two = (Model(*weights).spectrum(flow, 10.0, 6, **keys) for flow in (axial, plain))
        assert one == pytest.approx(two, rel=1e-9)
        kappa = np.array([1e-5, 1e-3, 0.2, 1.9])
        assert axial.line(kappa) == pytest.approx(plain.line(kappa), rel=1e-9)
        assert axial.across_line(kappa) == pytest.approx(plain.across_line(kappa), rel=1e-9)
        assert axial.mean_square_velocity == pytest.approx(plain.mean_square_velocity, rel=1e-9)


def cosines(jumps):
    """Nodes and weights over nu in (0, 1) that crowd at both ends of each piece (tanh-sinh), a rule that the package has not."""
    t = np.linspace(-3.1, 3.1, 121)
    nu = 1 / (1 + np.exp(-np.pi * np.sinh(t)))
    weight = np.pi * np.cosh(t) * nu / (1 + np.exp(np.pi * np.sinh(t))) * (t[1] - t[0])
    edges = np.array([0.0, *jumps, 1.0])
    steps = np.diff(edges)[:, None]
    return (edges[:-1, None] + steps * nu).ravel(), (steps * weight).ravel()


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize("weights", [(0.35, 0.8), (1.0, 1.0), (0.0, 0.6)])
def test_brute_sum_over_waves_and_skies(name, weights):
    """Plane waves of all k, nu and three polarisations seen on a grid of directions, by scipy's harmonics; 1e-7 of the largest.

    Control: the isotropic limit with the same shares is far away.
    """
    flow, (eps, eta), path, l_max = FLOWS[name], weights, 1.0, 4
    orders = (0, 1, 3)
    found = Model(*weights).covariance(flow, path, l_max, orders=orders)
    polar, area = np.polynomial.legendre.leggauss(16)
    theta, azimuth = (part.ravel() for part in np.meshgrid(np.arccos(polar), 2 * np.pi * np.arange(20) / 20, indexing="ij"))
    area = np.repeat(area, 20) * 2 * np.pi / 20
    p = np.array([np.sin(theta) * np.cos(azimuth), np.sin(theta) * np.sin(azimuth), np.cos(theta)])
    bases = np.array([[sph_harm_y(l, m, theta, azimuth).conj() * area for l in range(2, l_max + 1)] for m in orders])
    nodes, k_weight = np.polynomial.legendre.leggauss(14)
    k = np.sqrt(BAND[0] * BAND[1]) * (BAND[1] / BAND[0]) ** (nodes / 2)
    k_weight = k_weight * k * np.log(BAND[1] / BAND[0]) / 2
    expected = np.zeros_like(found)
    for nu, nu_weight in zip(*cosines(flow.axial.jumps), strict=True):
        rho = np.sqrt((1 - nu) * (1 + nu))
        w = flow.axial(k, nu) * k_weight * nu_weight  # the mean over azimuths is that of one, by symmetry
        shares = flow.powers.shares(k, nu) if callable(flow.powers.shares) else flow.powers.shares
        difference = np.exp(1j * k[:, None] * path * (eps * rho * p[0] + nu * p[2])) - 1
        for amplitude, share in zip(((0, 1, 0), (nu, 0, -rho), (rho, 0, nu)), shares, strict=True):
            seen = eta * (amplitude[0] * p[0] + amplitude[1] * p[1]) + amplitude[2] * p[2]
            a = np.einsum("mls,ks->mkl", bases, difference * seen)
            expected += np.einsum("k,mka,mkb->mab", w * share, a, a.conj()).real
    assert np.abs(found - expected).max() < 1e-7 * expected.max()
    isotropic = without_direction(0.8, BAND)[0]
    other = Model(*weights).covariance(isotropic, path, l_max, orders=orders)
    size = np.trace(expected[0]) / np.trace(other[0])
    assert np.abs(size * other - expected).max() > 0.02 * expected.max()


@pytest.mark.parametrize("name", FLOWS)
def test_line_spectra_by_scipy(name):
    """E(kappa) of both components by adaptive quadrature over nu; int E dkappa = <u_par^2>, all components together <|u|^2>."""
    flow = FLOWS[name]
    low, high = BAND

    def by_hand(kappa, along):
        def integrand(nu):
            a, p, c = flow.powers(np.array(kappa / nu), np.array(nu))
            part = p * (1 - nu * nu) + c * nu * nu if along else (a + p * nu * nu + c * (1 - nu * nu)) / 2
            return float(part) / nu / 2

        ends = kappa / high, min(1.0, kappa / low)
        marks = sorted({*ends, *(nu for nu in (*flow.axial.jumps, 0.9, 0.99, 0.999) if ends[0] < nu < ends[1])})
        return sum(integrate.quad(integrand, a, b, epsabs=0, epsrel=1e-10, limit=200)[0]
                   for a, b in pairwise(marks) if b > a)  # fmt: skip

    kappa = np.array([0.02, 0.3, 0.47, 0.52, 1.1, 2.4, 2.8])
    for along, line in ((True, flow.line), (False, flow.across_line)):
        expected = [by_hand(x, along) for x in kappa]
        assert line(kappa) == pytest.approx(expected, rel=1e-7, abs=1e-12 * max(expected))
    assert flow.line(np.array([3.1])) == 0
    edges = np.array(sorted({*np.linspace(0, high, 61), *flow.line.breaks, 1e-4, 1e-3, 0.01}))
    x, g = np.polynomial.legendre.leggauss(12)
    half = np.diff(edges)[:, None] / 2
    nodes = (edges[:-1, None] + half * (1 + x)).ravel()
    along, across = (2 * ((half * g).ravel() * line(nodes)).sum() for line in (flow.line, flow.across_line))
    assert along + 2 * across == pytest.approx(flow.mean_square_velocity, rel=2e-6)


def slope(flow, weights, l=24):
    """dlog C_l/dlog l from l to 2 l."""
    power = Model(*weights).spectrum(flow, 1.0, 2 * l, l_min=l)
    return np.log2(power[-1] / power[0])


@pytest.mark.parametrize("gamma", [1.5, 2.0])
def test_slope_of_stretched_turbulence_is_untouched(gamma):
    """-gamma - 1 for all weights: the stretch does not depend on scale. At finite l as if isotropic."""
    for weights, end in (((0, 0), 1e4), ((0, 1), 1e4), ((0.3, 0.3), 1e3), ((1, 1), 1e3)):
        stretched = slope(AxialTurbulence.stretched(gamma, 23.0, 1.0, 3.0, SHARES, (1e-3, end)), weights)
        assert stretched == pytest.approx(slope(Turbulence.power_law(gamma, 23.0, 1.0, 0.8, (1e-3, end)), weights), abs=0.005)
        assert stretched == pytest.approx(-gamma - 1, abs=0.04)


def test_slope_of_critical_balance_depends_on_the_weights():
    """-3 along the field, where E ~ kappa^-2; -8/3 where displacement across it sees k_perp^(-5/3): a third apart."""
    narrow, wide = (AxialTurbulence.critical_balance(23.0, 1.0, 20.0, (0.5, 0.5, 0.0), (0.05, end)) for end in (1e3, 1e7))
    assert slope(wide, (0, 0), 240) == pytest.approx(-3, abs=0.01)
    assert slope(wide, (0, 1), 240) == pytest.approx(-3, abs=0.01)
    assert slope(narrow, (1, 1)) == pytest.approx(-8 / 3, abs=0.04)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AxialTurbulence.stretched(5 / 3, 23.0, 10.0, 3.0), "needs a band"),
        (lambda: AxialTurbulence.stretched(5 / 3, 23.0, 10.0, 3.0, (0.5, 0.5, 0.5), (1, 2)), "together 1"),
        (lambda: AxialTurbulence.stretched(5 / 3, 23.0, 10.0, 3.0, (0.5, 0.7, -0.2), (1, 2)), "none negative"),
        (lambda: AxialTurbulence.stretched(5 / 3, 23.0, 10.0, -1, SHARES, (1, 2)), "stretch"),
        (lambda: AxialTurbulence.slab_and_plane(5 / 3, 23.0, 10.0, 0.2, 0.7, SHARES, (1, 2)), "width"),
        (lambda: AxialTurbulence.critical_balance(23.0, 10.0, 100.0, SHARES, (1e-3, 2)), "below 1/outer_scale"),
        (lambda: FLOWS["stretched"].beta(1.0), "needs w"),
    ],
)
def test_refusals(make, message):
    with pytest.raises(InputError, match=message):
        make()
