"""Quadratures that end their panels where the spectrum breaks, far bands of cross-field transport, and any unit of length."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import spherical_jn

from fluxtube.errors import InputError
from fluxtube.theory import Turbulence, cross_field, isotropic, parallel
from fluxtube.theory.free_path import Erlang, Fixed
from fluxtube.theory.models import Model

KNOTS, W = [0.01, 2.9, 3.0, 6.0, 6.0001, 15.0], [1.0, 1.0, 30.0, 20.0, 0.1, 0.01]
TABLE = Turbulence.tabulated(KNOTS, W, 0.4, band=(0.02, 12.0))


def over_knots(function, low=0.02, high=12.0):
    marks = [low, *(k for k in KNOTS if low < k < high), high]
    return sum(quad(function, a, b, epsabs=0, epsrel=1e-11, limit=500)[0] for a, b in pairwise(marks))


def test_breaks_are_told():
    assert set(TABLE.breaks) == {0.02, 2.9, 3.0, 6.0, 6.0001, 12.0}
    assert Turbulence.slab(1.5, 1.0, 1.0, 0.0, (0.5, 8.0)).breaks == (0.5, 8.0)
    knees = Turbulence.von_karman(1.5, 1.0, 1.0, outer_scale=np.pi, dissipation_scale=0.1 * np.pi).breaks
    assert set(np.round(knees, 9)) >= {2.0, 20.0}
    assert Turbulence.power_law(1.5, 1.0, 1.0).breaks == ()


def test_structure_function_and_isotropic_power_of_a_table():
    """Against adaptive quadrature knot by knot over k: D(s) with the angle done by hand, C_l with scipy's Bessel functions."""
    s = 1.7

    def increments(k):
        """Mean over directions of [(1-beta) nu^2 + beta/2 (1-nu^2)] 2 (1 - cos(k s nu))."""
        x = k * s
        zero, two = np.sin(x) / x, np.sin(x) / x + 2 * np.cos(x) / x**2 - 2 * np.sin(x) / x**3
        return float(TABLE.energy_spectrum(k)) * 2 * (0.6 * (1 / 3 - two) + 0.2 * (2 / 3 - zero + two))

    assert float(TABLE.structure_function(s)) == pytest.approx(over_knots(increments), rel=1e-9)
    power = isotropic.angular_power_spectrum(TABLE, 1.0, 9, 1.0, 1.0)
    for l in (2, 9):
        def radial(k, l=l):
            along, across = spherical_jn(l, k, derivative=True) ** 2, (spherical_jn(l, k) / k) ** 2
            return float(TABLE.energy_spectrum(k)) * (0.6 * along + 0.2 * l * (l + 1) * across)

        assert power[l - 2] == pytest.approx(4 * np.pi * over_knots(radial), rel=1e-9)


@pytest.mark.parametrize("model", [Model(1 - 1e-12, 1 - 1e-12), Model(1e-9, 0.0)])
def test_cross_field_panels_end_at_the_knots(model):
    """Just off either end: the quadrature over directions against the one-dimensional integrals."""
    whole = model.covariance(TABLE, 1.0, 9)[0]
    if model.displacement > 0.5:
        expected = np.diag(isotropic.angular_power_spectrum(TABLE, 1.0, 9, 1.0, 1.0))
    else:
        expected = parallel.multipole_covariance(TABLE, 1.0, 9)
    size = np.sqrt(np.diag(expected))
    assert np.max(np.abs(whole - expected) / np.outer(size, size)) < 1e-8


@pytest.mark.parametrize("band", [(300.0, 303.0), (1000.0, 1001.0), (100.0, 101.0)])
def test_far_bands_are_resolved_over_directions(band, monkeypatch):
    """eps = 0 is the parallel theory to 1e-8 (by its own road at eps = 1e-12); in between, finer panels change nothing."""
    flow = Turbulence.power_law(5 / 3, 23.0, 1.0, band=band)
    expected = parallel.multipole_covariance(flow, 1.0, 10)
    size = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert np.max(np.abs(Model(0.0, 0.0).covariance(flow, 1.0, 10)[0] - expected) / size) < 1e-8
    near = cross_field.multipole_covariance(flow, 1.0, 1e-12, 0.0, 10, orders=[0, 1])
    assert np.max(np.abs(near[0] - expected) / size) < 1e-8
    weights, orders = (0.05, 0.5), [0, 1, 2, 5]
    coarse = Model(*weights).covariance(flow, 1.0, 6, orders=orders)
    for name, value in (("PHASE_OF_COSINES", 20.0), ("FINE_PHASE", 40.0)):
        monkeypatch.setattr(f"fluxtube.theory.cross_field_angles.{name}", value)
    monkeypatch.setattr("fluxtube.theory.cross_field_radial.WIDTH", 4.0)
    fine = Model(*weights).covariance(flow, 1.0, 6, orders=orders)
    size = np.sqrt(np.einsum("mll->ml", fine))
    outer = size[:, :, None] * size[:, None, :]
    assert np.max(np.abs(coarse - fine)[outer > 0] / outer[outer > 0]) < 1e-8


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_no_displacement_across_the_field(eta):
    """eps = 0: orders beyond 1 vanish exactly; m = +-1 against a brute sum over directions; small eps joins continuously."""
    flow = Turbulence.power_law(5 / 3, 1.0, 1.0, 0.3, band=(1e-2, 30.0))
    blocks = Model(0.0, eta).covariance(flow, 1.0, 6, orders=[0, 1, -1, 2, 3])
    assert not blocks[3:].any()
    assert np.array_equal(blocks[1], blocks[2])
    assert blocks[1].any() == (eta > 0)
    u, g = np.polynomial.legendre.leggauss(20)
    edges = np.concatenate([np.geomspace(1e-2, 1.0, 20), np.linspace(1.0, 30.0, 30)[1:]])
    half, middle = 0.5 * np.diff(edges)[:, None], 0.5 * (edges[1:] + edges[:-1])[:, None]
    k = (middle + half * u).ravel()
    power = flow.energy_spectrum(k) * (half * g).ravel()
    nu, weight = np.polynomial.legendre.leggauss(200)
    x = np.abs(np.outer(k, nu))
    seen = weight * (0.7 * (1 - nu**2) + 0.15 * (1 + nu**2))  # of both components across B
    for l in (2, 3):
        value = 0.5 * np.sum(power[:, None] * seen * (spherical_jn(l, x) / x) ** 2)
        assert blocks[1, l - 2, l - 2] == pytest.approx(np.pi * (2 * l + 1) * l * (l + 1) * eta**2 * value, rel=1e-9)
    for eps in (1e-7, 1e-4):
        near = Model(eps, eta).covariance(flow, 1.0, 6, orders=[0, 1])
        size = np.sqrt(np.einsum("mll->ml", blocks[:2]))
        outer = np.where(size[:, :, None] * size[:, None, :] > 0, size[:, :, None] * size[:, None, :], size[0].max() ** 2)
        assert np.max(np.abs(near - blocks[:2]) / outer) < 3 * eps + 1e-9


UNITS = {"pc": 1.0, "kpc in cm": 3.0857e21, "Mpc in cm": 3.0857e24, "10 Mpc in cm": 3.0857e25, "large": 1e30, "small": 1e-20}


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
@pytest.mark.parametrize("law", [Fixed(), Erlang(2)])
def test_any_unit_of_length(unit, law):
    """w(k) given as a function, with and without a band: covariances and <u^2> do not know the unit."""
    w = Turbulence.power_law(5 / 3, 23.0, 1.0).spectrum
    for band in (None, (1e-2, 10.0)):
        expected = Model().covariance(Turbulence.power_law(5 / 3, 23.0, 1.0, band=band), 1.0, 6, law=law)
        scaled = None if band is None else tuple(k / unit for k in band)
        given = Turbulence.isotropic(lambda k: w(k * unit) * unit, band=scaled)
        assert np.allclose(Model().covariance(given, unit, 6, law=law), expected, rtol=1e-10)
        assert np.isinf(given.mean_square_velocity) == (band is None)
    falling = Turbulence.isotropic(lambda k: (k * unit) ** 2 * np.exp(-k * unit) * unit)
    assert falling.mean_square_velocity == pytest.approx(2.0, rel=1e-12)


def test_huge_outer_scales_are_power_laws():
    huge = Turbulence.von_karman(5 / 3, 23.0, 10.0, outer_scale=1e300)
    plain = parallel.multipole_covariance(Turbulence.power_law(5 / 3, 23.0, 10.0), 10.0, 5)
    assert np.allclose(parallel.multipole_covariance(huge, 10.0, 5), plain, rtol=1e-9)
    assert np.isinf(huge.mean_square_velocity) or huge.mean_square_velocity > 1e100


@pytest.mark.parametrize("scale", [1e-300, 5e-324, 1e-60])
def test_outer_scales_without_power_at_the_pivot_are_refused(scale):
    """w(2 pi/lambda) ~ L^(gamma+4): below 1e-250 of the power law nothing of sigma is left to scale to."""
    with pytest.raises(InputError, match=r"outer_scale = .* leaves no power"):
        Turbulence.von_karman(5 / 3, 1.0, 1.0, outer_scale=scale)
    Turbulence.von_karman(5 / 3, 1.0, 1.0, outer_scale=1e-20)
