"""The observer's view: kernels against a brute-force cut, expectations against simulated skies, what is lost and what is not."""

import numpy as np
import pytest
from scipy.special import sph_harm_y

from fluxtube.analysis.observations.pitch_angle import magnetic_sky, spectrum_of
from fluxtube.analysis.observations.wigner import to_equatorial
from fluxtube.analysis.observer.coupling import mixing_matrix, view_kernels
from fluxtube.analysis.observer.field_of_view import FieldOfView, named_view, site_view
from fluxtube.analysis.observer.pseudo_spectrum import (
    expected_isotropic,
    expected_parallel,
    observe,
    observe_multipoles,
    observed_spectra,
)
from fluxtube.analysis.observer.sky_map import observe_map
from fluxtube.errors import InputError
from fluxtube.theory import Turbulence, isotropic, parallel

L_MAX = 12
FIELD = (229.2, 11.4)
VIEW = FieldOfView(((-38.0, 60.0),))


def isotropic_sky(rng, spectrum):
    """a[l, m] of a statistically isotropic sky."""
    l = np.arange(len(spectrum))
    alm = np.tril(rng.standard_normal((len(l),) * 2) + 1j * rng.standard_normal((len(l),) * 2)) / np.sqrt(2)
    alm[:, 0] = np.sqrt(2) * alm[:, 0].real
    return alm * np.sqrt(spectrum)[:, None]


def brute_force(alm, view):
    """Values on rings inside the view, each ring's mean taken off, and summed against every harmonic."""
    phi = 2 * np.pi * np.arange(64) / 64
    seen = np.zeros_like(alm)
    for south, north in view.bands:
        node, weight = np.polynomial.legendre.leggauss(60)
        low, high = np.sin(np.deg2rad([south, north]))
        for cosine, share in zip(low + (high - low) * (node + 1) / 2, weight * (high - low) / 2, strict=True):
            theta = np.arccos(cosine)
            ring = sum(
                (1 if m == 0 else 2) * np.real(alm[l, m] * sph_harm_y(l, m, theta, phi))
                for l in range(len(alm))
                for m in range(l + 1)
            )
            ring = ring - ring.mean()
            for l in range(len(alm)):
                for m in range(l + 1):
                    seen[l, m] += share * 2 * np.pi * np.mean(ring * np.conj(sph_harm_y(l, m, theta, phi)))
    return seen


@pytest.mark.parametrize("view", [VIEW, FieldOfView(((-90.0, -20.0), (10.0, 50.0)))])
def test_kernels_are_the_cut_and_the_normalisation(view):
    """To 1e-12 of the largest multipole."""
    alm = isotropic_sky(np.random.default_rng(1), np.ones(7))
    np.testing.assert_allclose(observe(alm, view_kernels(view, 6)), brute_force(alm, view), atol=1e-12)


def test_whole_sky_loses_one_order_in_each_degree():
    """K is the unit matrix but for m = 0: C~_l = 2 l / (2 l + 1) C_l; a magnetic sky with B at the pole is lost altogether."""
    kernels = view_kernels(named_view("full"), L_MAX)
    l = np.arange(L_MAX + 1)
    np.testing.assert_allclose(mixing_matrix(kernels), np.diag(2 * l / (2 * l + 1)), atol=1e-12)
    spectrum = observe_multipoles(np.ones((1, L_MAX + 1)), kernels, (0.0, 90.0))
    np.testing.assert_allclose(spectrum, 0, atol=1e-25)


def test_mixing_matrix_is_the_expectation_for_isotropic_skies():
    """1,500 skies, every C~_l within 4.5 standard errors (false alarm 1e-4); the true C_l times sky fraction is not."""
    rng = np.random.default_rng(2)
    true = np.zeros(L_MAX + 1)
    true[2:] = isotropic.angular_power_spectrum(Turbulence.power_law(5 / 3, 23.0, 1.0), 1.0, L_MAX) * 1e8
    kernels = view_kernels(VIEW, L_MAX)
    spectra = np.array([spectrum_of(observe(isotropic_sky(rng, true), kernels)) for _ in range(1500)])
    error = spectra.std(0, ddof=1) / np.sqrt(1500)
    z = (spectra.mean(0) - expected_isotropic(true, kernels))[1:] / error[1:]
    assert np.max(np.abs(z)) < 4.5
    assert np.max(np.abs((spectra.mean(0) - VIEW.sky_fraction * true)[2:] / error[2:])) > 8


def parallel_covariance(l_max):
    covariance = np.zeros((l_max + 1,) * 2)
    sign = (-1.0) ** np.arange(2, l_max + 1)
    flow = Turbulence.power_law(5 / 3, 23.0, 1.0)
    covariance[2:, 2:] = np.outer(sign, sign) * parallel.multipole_covariance(flow, 1.0, l_max)
    return covariance


def test_expectation_for_parallel_skies():
    """2,000 skies within 4.5 standard errors; the expectation for another field direction, or for isotropic skies, is not."""
    covariance = parallel_covariance(L_MAX)
    rng = np.random.default_rng(3)
    multipoles = np.zeros((2000, L_MAX + 1))
    multipoles[:, 2:] = rng.standard_normal((2000, L_MAX - 1)) @ np.linalg.cholesky(covariance[2:, 2:]).T
    kernels = view_kernels(VIEW, L_MAX)
    spectra = observe_multipoles(multipoles, kernels, FIELD)
    one = spectrum_of(observe(to_equatorial(magnetic_sky(multipoles[0]), FIELD), kernels))
    np.testing.assert_allclose(spectra[0], one, rtol=1e-10)
    error = spectra.std(0, ddof=1) / np.sqrt(2000)

    def worst(expected):
        return np.max(np.abs((spectra.mean(0) - expected)[1:] / error[1:]))

    assert worst(expected_parallel(covariance, kernels, FIELD)) < 4.5
    assert worst(expected_parallel(covariance, kernels, (229.2, 60.0))) > 8
    isotropised = np.diag(covariance) / (2 * np.arange(L_MAX + 1) + 1)
    assert worst(expected_isotropic(isotropised, kernels)) > 8


def test_average_over_field_directions_is_isotropic():
    """Eq. 12: the parallel expectation averaged over the field's declination is the mixing matrix at work."""
    covariance = parallel_covariance(L_MAX)
    kernels = view_kernels(VIEW, L_MAX)
    node, weight = np.polynomial.legendre.leggauss(2 * L_MAX)
    declinations = np.rad2deg(np.arcsin(node))
    mean = sum(w / 2 * expected_parallel(covariance, kernels, (0.0, d)) for w, d in zip(weight, declinations, strict=True))
    expected = expected_isotropic(np.diag(covariance) / (2 * np.arange(L_MAX + 1) + 1), kernels)
    np.testing.assert_allclose(mean, expected, rtol=1e-10)


def test_pad_is_wide_enough():
    """Twice as many degrees beyond the end change nothing by more than 0.3 %."""
    ratios = []
    for pad in (20, 40):
        size = 31 + pad
        spectrum = np.zeros(size)
        spectrum[2:] = isotropic.angular_power_spectrum(Turbulence.power_law(5 / 3, 23.0, 1.0), 1.0, size - 1)
        seen = observed_spectra(VIEW, parallel_covariance(size - 1), spectrum, FIELD, pad)
        ratios.append([seen.ratio("parallel"), seen.ratio("isotropic")])
    assert seen.l[-1] == 30
    np.testing.assert_allclose(*ratios, rtol=3e-3)


def test_views():
    """Declinations from latitude and zenith cut; unions; fractions of the sky; text that is no view."""
    assert site_view(19.0, 57.0).bands == ((-38.0, 76.0),)
    assert named_view("icecube").bands == ((-90.0, -20.0),)
    assert named_view("both").bands == ((-90.0, 76.0),)
    assert named_view("-30:64").sky_fraction == pytest.approx((np.sin(np.deg2rad(64)) + 0.5) / 2)
    assert named_view("full").sky_fraction == 1
    np.testing.assert_array_equal(FieldOfView(((-90, -20), (10, 50))).sees([-30, 0, 20]), [True, False, True])
    for text in ("north", "64:-30", "-100:0", "1:2:3"):
        with pytest.raises(InputError):
            named_view(text)


def test_maps_as_they_are_seen():
    """Outside is NaN, rings have mean zero, and a sky of one ring's pattern alone is lost."""
    healpy = pytest.importorskip("healpy")
    nside = 8
    theta, phi = healpy.pix2ang(nside, np.arange(12 * nside**2))
    seen = observe_map(np.cos(phi) * np.sin(theta) + np.cos(theta), VIEW)
    declination = 90 - np.rad2deg(theta)
    np.testing.assert_array_equal(np.isnan(seen), ~VIEW.sees(declination))
    inside = ~np.isnan(seen)
    np.testing.assert_allclose(seen[inside], (np.cos(phi) * np.sin(theta))[inside], atol=1e-12)
    assert np.nanmax(np.abs(observe_map(np.cos(theta), VIEW))) < 1e-12
    with pytest.raises(InputError, match="not a HEALPix map"):
        observe_map(np.ones(13), VIEW)
