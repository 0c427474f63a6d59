"""Limits, sums and scalings that the theory must have."""

import numpy as np
import pytest

from fluxtube.theory import Turbulence, flow_multipoles, isotropic, large_l, parallel, sky

LARGE_L = {10: 0.9688, 50: 0.9856, 200: 0.9960, 1000: 0.9992}


def test_large_l_form(unit):
    ratio = np.diag(parallel.multipole_covariance(unit(), 1.0, 1000)) / (
        large_l.velocity_covariance(unit(), 1.0, np.arange(2, 1001)) / (5 / 3 + 2)
    )
    assert [round(float(ratio[l - 2]), 4) for l in LARGE_L] == list(LARGE_L.values())


@pytest.mark.parametrize(("gamma", "beta"), [(1.2, 1.0), (5 / 3, 2 / 3), (2.5, 0.0)])
def test_equation_14_for_the_flow(unit, gamma, beta):
    turbulence = unit(gamma, beta)
    exact = flow_multipoles.velocity_covariance(turbulence, 1.0, 402, l_min=400)
    assert exact[0, 0] == pytest.approx(large_l.velocity_covariance(turbulence, 1.0, 400), rel=5e-3)
    assert exact[0, 2] == pytest.approx(large_l.velocity_covariance(turbulence, 1.0, 400, offset=2), rel=0.02)


def test_large_l_form_of_a_wide_band_joins_the_power_law(unit):
    band = unit(band=(1e-9, 1e9))
    for form in (large_l.parallel_power_spectrum, large_l.isotropic_power_spectrum):
        assert form(band, 1.0, 50) == pytest.approx(form(unit(), 1.0, 50), rel=1e-9)


@pytest.mark.parametrize("beta", [0.0, 2 / 3, 1.0])
def test_large_l_form_of_isotropic_diffusion_is_good_to_the_second_order(unit, beta):
    flow = unit(5 / 3, beta)
    ratio = isotropic.angular_power_spectrum(flow, 1.0, 400) / large_l.isotropic_power_spectrum(flow, 1.0, 400)
    assert abs(ratio[98] - 1) == pytest.approx(16 * abs(ratio[398] - 1), rel=0.1)


def test_delta_approximation_errs_by_its_factor(unit):
    exact = flow_multipoles.velocity_covariance(unit(), 1.0, 1000, l_min=1000)[0, 0]
    ratio = flow_multipoles.delta_approximation(unit(), 1.0, 1000) / exact
    assert ratio == pytest.approx(flow_multipoles.delta_approximation_factor(5 / 3), rel=1e-3)


def test_ratio_of_the_models_and_the_papers_fit(unit):
    ratio = isotropic.angular_power_spectrum(unit(), 1.0, 300)[-1] / parallel.angular_power_spectrum(unit(), 1.0, 300)[-1]
    assert ratio == pytest.approx(6.1, abs=0.05)
    assert 20 * np.sqrt(ratio) == pytest.approx(49.4, abs=0.2)


def test_isotropic_sum_rule():
    """sum (2l+1)/(4 pi) C_l -> 1/3 int w once the flow is uncorrelated over lambda: no low wave numbers, all l counted."""
    for beta in (0.0, 2 / 3, 1.0):
        flow = Turbulence.power_law(5 / 3, 1.0, 1.0, beta, band=(30.0, 120.0))
        c = isotropic.angular_power_spectrum(flow, 1.0, 200, 1.0, 1.0)
        l = np.arange(2, 201)
        missing = isotropic_low(flow, beta)
        total = ((2 * l + 1) * c).sum() / (4 * np.pi) + missing
        assert total == pytest.approx(flow.mean_square_velocity / 3, rel=1e-10)


def isotropic_low(flow, beta):
    """l = 0 and 1 of the sum by plain quadrature: 4 pi int w {...} (2l+1)/(4 pi) without -u(r)."""
    from scipy.special import spherical_jn

    u, g = np.polynomial.legendre.leggauss(400)
    k, weights = 75 + 45 * u, 45 * g
    total = 0.0
    for l in (0, 1):
        radial = (1 - beta) * spherical_jn(l, k, derivative=True) ** 2
        transverse = beta / 2 * l * (l + 1) * (spherical_jn(l, k) / k) ** 2
        total += (2 * l + 1) * (weights * flow.energy_spectrum(k) * (radial + transverse)).sum()
    return total


def test_equipartition_bracket():
    """For beta = 2/3 the integrand is [l j_(l-1)^2 + (l+1) j_(l+1)^2] / (3 (2l+1))."""
    from scipy.special import spherical_jn

    flow = Turbulence.power_law(5 / 3, 1.0, 1.0, band=(1.0, 20.0))
    u, g = np.polynomial.legendre.leggauss(200)
    k, weights = 10.5 + 9.5 * u, 9.5 * g
    for l in (2, 5, 9):
        bracket = (l * spherical_jn(l - 1, k) ** 2 + (l + 1) * spherical_jn(l + 1, k) ** 2) / (3 * (2 * l + 1))
        plain = 4 * np.pi * (weights * flow.energy_spectrum(k) * bracket).sum()
        assert isotropic.angular_power_spectrum(flow, 1.0, 9, 1.0, 1.0)[l - 2] == pytest.approx(plain, rel=1e-10)


def test_total_map_is_the_sum_of_all_multipoles(unit):
    """Monopole and dipole included the sum tends to mu^2 D(lambda mu) as l_max^(1-gamma); from l = 2 on it does not."""
    covariance = parallel.multipole_covariance(unit(), 1.0, 1000, l_min=0)
    mu = np.array([0.3, 0.7])
    closed = sky.total_mean_square_map(unit(), 1.0, mu, 1.0, 1.0)
    half, full = (sky.mean_square_map(covariance[:n, :n], mu, 0, 1.0, 1.0) for n in (501, 1001))
    assert full == pytest.approx(closed, rel=0.01)
    assert (full - half) / (2 ** (2 / 3) - 1) + full == pytest.approx(closed, rel=1e-4)
    assert sky.mean_square_map(covariance[2:, 2:], mu, 2, 1.0, 1.0) != pytest.approx(closed, rel=0.1)
    assert sky.mean_square_map(covariance, -mu, 0, 1.0, 1.0) == pytest.approx(sky.mean_square_map(covariance, mu, 0, 1.0, 1.0))


def test_solid_angle_average_of_the_map_is_the_trace(unit):
    covariance = parallel.multipole_covariance(unit(), 1.0, 30)
    u, g = np.polynomial.legendre.leggauss(64)
    mean = 2 * np.pi * (g * sky.mean_square_map(covariance, u, 2, 1.0, 1.0)).sum()
    assert mean == pytest.approx(np.trace(covariance), rel=1e-12)


def test_pitch_angle_covariance_holds_the_map_on_its_diagonal(unit):
    mu = np.linspace(-1, 1, 9)
    table = sky.pitch_angle_covariance(unit(), 1.0, mu[:, None], mu)
    assert np.diag(table) == pytest.approx(sky.total_mean_square_map(unit(), 1.0, mu, 1.0, 1.0), rel=1e-12, abs=1e-15)
    assert np.linalg.eigvalsh(table).min() > -1e-12


def test_average_over_field_directions(unit):
    """Eq. (12) from Eq. (3): A_lm = sqrt(4 pi/(2l+1)) a_l Y*_lm(-B/B), averaged over a grid of directions."""
    from scipy.special import sph_harm_y

    covariance = parallel.multipole_covariance(unit(), 1.0, 4)
    u, g = np.polynomial.legendre.leggauss(12)
    phi = np.arange(16) * 2 * np.pi / 16
    theta = np.arccos(u)[:, None]
    weight = np.repeat(g[:, None], 16, axis=1) / 32
    names = [(l, m) for l in (2, 3, 4) for m in range(-l, l + 1)]
    y = {lm: np.sqrt(4 * np.pi / (2 * lm[0] + 1)) * sph_harm_y(*lm, theta, phi) for lm in names}
    expected = sky.field_averaged_covariance(covariance)
    for a in names:
        for b in names:
            mean = (weight * y[a].conj() * y[b]).sum() * covariance[a[0] - 2, b[0] - 2]
            assert mean == pytest.approx(expected[a[0] - 2] if a == b else 0.0, abs=1e-12)


def test_momentum_scaling_is_that_of_the_mean_free_path():
    """Same flow, lambda ~ p^(2 - gamma_g)."""
    flow = Turbulence.power_law(5 / 3, 23.0, 10.0)
    ratio = parallel.angular_power_spectrum(flow, 10.0 * 3.0 ** (2 - 5 / 3), 20) / parallel.angular_power_spectrum(flow, 10.0, 20)
    assert ratio == pytest.approx(sky.momentum_scaling(3.0, 5 / 3, 5 / 3), rel=1e-12)


def test_two_momenta(unit):
    """<a_l(1) a_l'(2)> at unequal paths: a Cauchy-Schwarz bound, a transpose, and plain quadrature over a band."""
    from scipy.special import spherical_jn

    flow = unit(band=(0.05, 40.0))
    table = parallel.two_path_covariance(flow, 1.0, 1.7, 8)
    assert table == pytest.approx(parallel.two_path_covariance(flow, 1.7, 1.0, 8).T, rel=1e-11, abs=1e-15)
    one, other = (parallel.multipole_covariance(flow, path, 8) for path in (1.0, 1.7))
    assert (table**2 <= np.outer(np.diag(one), np.diag(other)) * (1 + 1e-12)).all()
    u, g = np.polynomial.legendre.leggauss(400)
    for l, m in [(2, 2), (2, 6), (7, 5)]:
        plain = 0.0
        for low, high in [(0, 0.05), (0.05, 2), (2, 40)]:
            k = (low + high) / 2 + (high - low) / 2 * u
            response = spherical_jn(l, k, derivative=True) * spherical_jn(m, 1.7 * k, derivative=True)
            plain += (high - low) * (g * flow.field_aligned_spectrum(k) * response).sum()
        plain *= 4 * np.pi * np.sqrt((2 * l + 1) * (2 * m + 1)) * (-1) ** ((l - m) // 2)
        assert table[l - 2, m - 2] == pytest.approx(plain, rel=1e-9)


def test_diffuse_dipole_has_the_sign_of_minus_the_gradient():
    assert sky.diffuse_dipole(10.0, 1e-3) == pytest.approx(-0.01 * np.sqrt(4 * np.pi / 3))
    assert sky.diffuse_dipole(10.0, -1e-3) > 0


def test_odd_pairs_vanish_and_the_matrix_is_positive(unit):
    covariance = parallel.multipole_covariance(unit(), 1.0, 60)
    l = np.arange(2, 61)
    assert (covariance[(l[:, None] + l) % 2 == 1] == 0.0).all()
    assert np.linalg.eigvalsh(covariance).min() > 0


def test_covariance_between_widths_is_the_error_estimate(unit):
    flow = unit(band=(1e-6, 1e6))
    error = parallel.multipole_covariance_error(flow, 1.0, 200)
    variance = np.diag(parallel.multipole_covariance(flow, 1.0, 200))
    assert (error / np.sqrt(np.outer(variance, variance))).max() < 1e-11
