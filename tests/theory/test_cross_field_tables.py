"""`CrossFieldTables`: what a likelihood calls by the hundred is the same as a single covariance, and quick."""

import time

import numpy as np
import pytest
from scipy.special import sph_harm_y, spherical_jn

from fluxtube.theory import CrossFieldTables, Model, Turbulence
from fluxtube.theory.cross_field_angles import harmonics
from fluxtube.theory.free_path import Erlang
from fluxtube.theory.scale_free import ScaleFree


def band(gamma=5 / 3, high=300.0, beta=2 / 3):
    return Turbulence.power_law(gamma, 23.0, 1.0, beta, (1e-2, high))


def test_calls_do_not_depend_on_those_before():
    """Any order of spectra, bands and weights; eps = 0 too; against fresh dispatch."""
    tables, orders = CrossFieldTables(1.0, 6, l_min=1, free_path=Erlang(2), other_mean_free_path=1.7), [0, 1, -1, 4]
    for flow, weights in (
        (band(1.5, 20.0), (0.5, 0.3)),
        (band(2.2, 40.0, 0.0), (1e-3, 1.0)),
        (band(1.5, 20.0), (0.0, 0.4)),
        (Turbulence.power_law(1.4, 23.0, 1.0), (0.2, 0.9)),
        (band(1.5, 3.0, lambda k: 1 / (1 + k)), (0.9, 0.1)),
        (band(1.5, 20.0), (0.5, 0.3)),
    ):
        expected = Model(*weights).covariance(flow, 1.0, 6, l_min=1, law=Erlang(2), other_path=1.7, orders=orders)
        assert np.allclose(tables.covariance(flow, *weights, orders), expected, rtol=1e-9, atol=1e-13 * expected.max())
        power = Model(*weights).spectrum(flow, 1.0, 6, l_min=1, law=Erlang(2), other_path=1.7, spectral_slope=1, speed=1)
        assert np.allclose(tables.power(flow, *weights), power, rtol=1e-9)


@pytest.mark.parametrize("path", [1.0, 0.6])
def test_one_wave_by_brute_force(path):
    """A band of one wave number in a plain sum over directions of k, sky by scipy's harmonics on a grid of its own."""
    eps, eta, k, l_max, beta = 0.35, 0.8, 4.0, 4, 0.4
    width = 1e-5
    flow = Turbulence.isotropic(lambda x: np.ones_like(x) / (k * width), beta, (k * (1 - width / 2), k * (1 + width / 2)))
    found = Model(eps, eta).covariance(flow, 1.0, l_max, other_path=path, orders=[0, 1, 3])
    nodes, weights = np.polynomial.legendre.leggauss(24)
    phi = 2 * np.pi * np.arange(24) / 24
    theta, azimuth = (part.ravel() for part in np.meshgrid(np.arccos(nodes), phi, indexing="ij"))
    area = np.repeat(weights, 24) * 2 * np.pi / 24
    p = np.array([np.sin(theta) * np.cos(azimuth), np.sin(theta) * np.sin(azimuth), np.cos(theta)])
    stretch, seen = np.array([eps, eps, 1.0])[:, None], np.array([eta, eta, 1.0])[:, None]
    nu, nu_weight = np.polynomial.legendre.leggauss(24)
    expected = np.zeros_like(found)
    for c, w in zip(nu, nu_weight / 2, strict=True):  # azimuth of k is averaged by symmetry
        s = np.sqrt(1 - c * c)
        for amplitude, share in (((s, 0, c), 1 - beta), ((c, 0, -s), beta / 2), ((0, 1, 0), beta / 2)):
            projected = (p * seen * np.array(amplitude)[:, None]).sum(axis=0) * area
            wave = k * (p * stretch * np.array([s, 0, c])[:, None]).sum(axis=0)
            skies = [projected * (np.exp(1j * wave * length) - 1) for length in (1.0, path)]
            for i, m in enumerate((0, 1, 3)):
                bases = np.array([sph_harm_y(l, m, theta, azimuth).conj() for l in range(2, l_max + 1)])
                a, b = (bases @ sky for sky in skies)
                expected[i] += w * share * np.outer(a, b.conj()).real
    assert np.allclose(found, expected, rtol=0, atol=1e-8 * expected.max())
    assert abs(spherical_jn(2, k)) > 0.1  # the wave is seen


def test_harmonics_are_scipys():
    theta = np.array([1e-6, 0.3, 1.1, 1.57])
    value, slope, turn = harmonics(theta, 12, 12)
    for l, m in ((1, 0), (2, 1), (5, 3), (12, 12), (12, 0), (9, 1)):
        found = sph_harm_y(l, m, theta, 0.0, diff_n=1)
        assert np.allclose(value[m, :, l], found[0].real, rtol=1e-11, atol=1e-14)
        assert np.allclose(slope[m, :, l], found[1][..., 0].real, rtol=1e-9, atol=1e-13)
        assert np.allclose(turn[m, :, l] * np.sin(theta), m * found[0].real, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize(("l_max", "seconds"), [(14, 0.1), (50, 1.0)])
def test_quick_enough_for_a_likelihood(l_max, seconds):
    """All orders of a band to k lambda = 300, gamma and eps new at each call; the best of four, processor time."""
    tables, orders, taken = CrossFieldTables(1.0, l_max), np.arange(l_max + 1), []
    for n in range(4):
        start = time.process_time()
        tables.covariance(band(1.5 + 0.1 * n), 0.5 + 0.05 * n, 0.4, orders)
        taken.append(time.process_time() - start)
    assert min(taken) < seconds


@pytest.mark.parametrize(("eps", "eta", "beta"), [(0.3, 0.6, 2 / 3), (1.0, 0.0, 0.0), (1e-3, 1.0, 1.0), (0.05, 0.2, 0.4)])
def test_two_codes_for_power_laws_without_end(eps, eta, beta):
    """`CrossFieldTables` over cosines of k and `ScaleFree` over polar angles of y, written apart: every order and degree."""
    orders = np.arange(0, 13)
    flow = Turbulence.power_law(1.8, 1.0, 1.0, beta)
    one = CrossFieldTables(1.0, 12).covariance(flow, eps, eta, orders)
    other = ScaleFree(12)(1.8, eps, eta, beta)
    size = np.sqrt(np.einsum("mll->ml", other))
    outer = size[:, :, None] * size[:, None, :]
    assert np.max(np.abs(one - other)[outer > 0] / outer[outer > 0]) < 1e-7
