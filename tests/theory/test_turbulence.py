"""The turbulence object: normalisation, bands, E(kappa), D(s), tables, anisotropic spectra."""

import pickle

import numpy as np
import pytest

from fluxtube.theory import Turbulence, isotropic, parallel


def line_by_plain_quadrature(w, beta, kappa, high):
    """E(kappa) by its definition, log-spaced Gauss-Legendre."""
    u, g = np.polynomial.legendre.leggauss(60)
    edges = np.geomspace(kappa, high, 40)
    half = 0.5 * np.diff(edges)[:, None]
    k = 0.5 * (edges[1:] + edges[:-1])[:, None] + half * u
    b = beta(k)
    return 0.5 * (half * g * w(k) / k * (b / 2 * (1 - kappa**2 / k**2) + (1 - b) * kappa**2 / k**2)).sum()


def test_sigma_is_the_dispersion_on_its_scale():
    for flow in (Turbulence.power_law(1.7, 23.0, 10.0), Turbulence.von_karman(1.7, 23.0, 10.0, 80.0, 0.1)):
        assert np.sqrt(2 * np.pi * flow.energy_spectrum(2 * np.pi / 10) / 10) == pytest.approx(23.0, rel=1e-14)


def test_band_is_zero_outside_and_sigma_is_of_the_whole_law():
    flow = Turbulence.power_law(5 / 3, 23.0, 10.0, band=(2.0, 5.0))
    whole = Turbulence.power_law(5 / 3, 23.0, 10.0)
    k = np.array([1.9, 2.0, 3.0, 5.0, 5.1])
    assert flow.energy_spectrum(k).tolist() == pytest.approx([0, *whole.energy_spectrum(k[1:4]), 0], rel=1e-15)


@pytest.mark.parametrize("beta", [0.0, 1 / 3, 2 / 3, 1.0])
@pytest.mark.parametrize("gamma", [1.2, 5 / 3, 2.5])
def test_line_spectrum_of_a_band(gamma, beta):
    """Closed form, the general quadrature and the definition; both signs of kappa; integral <u_par^2>."""
    band = (0.3, 40.0)
    closed = Turbulence.power_law(gamma, 1.0, 2.0, beta, band)
    general = Turbulence.power_law(gamma, 1.0, 2.0, lambda k: np.full_like(k, beta), band)
    assert type(closed.line) is not type(general.line)
    kappa = np.array([1e-3, 0.2, 0.3, 0.31, 2.0, 39.0, 40.0, 41.0])
    values = closed.field_aligned_spectrum(kappa)
    assert general.field_aligned_spectrum(-kappa) == pytest.approx(values, rel=1e-11, abs=1e-15)
    for i in (3, 4, 5):
        plain = line_by_plain_quadrature(closed.energy_spectrum, closed.beta, kappa[i], 40.0)
        assert values[i] == pytest.approx(plain, rel=1e-10)
    u, g = np.polynomial.legendre.leggauss(80)
    edges = np.array([0, 0.3, 1, 4, 12, 40])
    half = 0.5 * np.diff(edges)[:, None]
    nodes = 0.5 * (edges[1:] + edges[:-1])[:, None] + half * u
    total = 2 * (half * g * closed.field_aligned_spectrum(nodes)).sum()
    assert total == pytest.approx(closed.mean_square_velocity / 3, rel=1e-9)


def test_beta_of_k_enters():
    beta = lambda k: 1.0 / (1.0 + k**2)  # noqa: E731
    flow = Turbulence.power_law(5 / 3, 1.0, 2.0, beta, (0.1, 50.0))
    for kappa in (0.2, 3.0):
        plain = line_by_plain_quadrature(flow.energy_spectrum, beta, kappa, 50.0)
        assert float(flow.field_aligned_spectrum(kappa)) == pytest.approx(plain, rel=1e-10)
    constant = Turbulence.power_law(5 / 3, 1.0, 2.0, 2 / 3, (0.1, 50.0))
    assert parallel.multipole_covariance(flow, 2.0, 2) != pytest.approx(parallel.multipole_covariance(constant, 2.0, 2), rel=0.05)


@pytest.mark.parametrize("flow", [
    Turbulence.power_law(5 / 3, 1.0, 1.0, 2 / 3, (0.2, 60.0)),
    Turbulence.von_karman(1.5, 1.0, 1.0, 20.0, 0.2),
    Turbulence.goldreich_sridhar(1.0, 1.0, (0.5, 30.0)),
])  # fmt: skip
def test_structure_function_by_plain_quadrature(flow):
    u, g = np.polynomial.legendre.leggauss(100)
    top = min(flow.line.support[1], 250.0)
    edges = np.unique([0.0, *flow.line.breaks, *np.geomspace(1e-3, top, 80)])
    edges = edges[edges <= top]
    half = 0.5 * np.diff(edges)[:, None]
    kappa = 0.5 * (edges[1:] + edges[:-1])[:, None] + half * u
    s = np.array([0.0, 1e-4, 0.03, 1.0, -7.0])
    plain = [4 * (half * g * flow.field_aligned_spectrum(kappa) * 2 * np.sin(0.5 * kappa * x) ** 2).sum() for x in s]
    assert flow.structure_function(s) == pytest.approx(plain, rel=1e-8, abs=1e-18)


def test_structure_function_at_far_separation_is_twice_the_variance():
    flow = Turbulence.von_karman(5 / 3, 1.0, 1.0, 5.0, 0.05)
    assert flow.structure_function(1e5) == pytest.approx(2 * flow.mean_square_velocity / 3, rel=1e-8)


def test_table_of_a_power_law_is_the_banded_power_law(tmp_path):
    k = np.geomspace(0.01, 100.0, 41)
    law = Turbulence.power_law(5 / 3, 23.0, 10.0, band=(0.01, 100.0))
    path = tmp_path / "spectrum.csv"
    rows = "\n".join(f"{a!r},{b!r},ignored" for a, b in zip(k.tolist(), law.energy_spectrum(k).tolist(), strict=True))
    path.write_text("# made by hand\nk,w,comment\n" + rows + "\n")
    for table in (Turbulence.from_csv(path), Turbulence.tabulated(k, 3 * law.energy_spectrum(k), sigma=23.0, scale=10.0)):
        found, expected = (parallel.multipole_covariance(flow, 10.0, 60) for flow in (table, law))
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)
        found, expected = (isotropic.angular_power_spectrum(flow, 10.0, 60) for flow in (table, law))
        assert found == pytest.approx(expected, rel=1e-9)


def test_far_outer_and_inner_scales_leave_the_power_law():
    near = Turbulence.von_karman(5 / 3, 23.0, 10.0, 1e8, 1e-7)
    law = Turbulence.power_law(5 / 3, 23.0, 10.0)
    found, expected = (parallel.angular_power_spectrum(flow, 10.0, 50) for flow in (near, law))
    assert found == pytest.approx(expected, rel=1e-6)


def test_outer_scale_within_the_free_path_takes_power_from_low_degrees():
    cut = Turbulence.von_karman(5 / 3, 23.0, 10.0, 5.0)
    ratio = parallel.angular_power_spectrum(cut, 10.0, 60) / parallel.angular_power_spectrum(
        Turbulence.power_law(5 / 3, 23.0, 10.0), 10.0, 60
    )
    assert ratio[0] < 0.6 * ratio[-1]


def test_named_transverse_fractions():
    for name, value in {"acoustic": 0.0, "equipartition": 2 / 3, "incompressible": 1.0}.items():
        assert Turbulence.power_law(5 / 3, 1.0, 1.0, name).transverse_fraction == value


def test_slab_is_its_longitudinal_part_and_alfvenic_slab_is_silent():
    slab = Turbulence.slab(5 / 3, 23.0, 10.0, 0.25)
    assert slab.field_aligned_spectrum(1.0) == pytest.approx(
        0.5 * 0.75 * Turbulence.power_law(5 / 3, 23.0, 10.0).energy_spectrum(1.0), rel=1e-14
    )
    assert (parallel.multipole_covariance(Turbulence.slab(5 / 3, 23.0, 10.0, 1.0), 10.0, 5) == 0).all()


def test_two_dimensional_turbulence_vanishes_and_is_the_limit_of_flattening():
    """As all parallel wave numbers shrink, E(kappa) -> delta(kappa) and a_l of l >= 2 goes to zero."""
    assert (parallel.multipole_covariance(Turbulence.two_dimensional(), 10.0, 5, l_min=0) == 0).all()
    assert (Turbulence.two_dimensional().structure_function([0.0, 3.0]) == 0).all()
    variances = []
    for width in (1e-1, 1e-2, 1e-3):
        flow = Turbulence.field_aligned(lambda kappa, width=width: np.exp(-((kappa / width) ** 2)) / width)
        variances.append(parallel.multipole_covariance(flow, 1.0, 2)[0, 0])
    assert variances[1] / variances[0] == pytest.approx(1e-2, rel=0.05)
    assert variances[2] / variances[1] == pytest.approx(1e-2, rel=1e-3)


def test_anisotropic_power_law_is_the_isotropic_one_with_the_same_line_spectrum():
    flow = Turbulence.goldreich_sridhar(23.0, 10.0)
    isotropic_flow = Turbulence.power_law(2.0, 23.0, 10.0, 0.0)
    factor = float(flow.field_aligned_spectrum(1.0) / isotropic_flow.field_aligned_spectrum(1.0))
    assert parallel.multipole_covariance(flow, 10.0, 9) == pytest.approx(
        factor * parallel.multipole_covariance(isotropic_flow, 10.0, 9), rel=1e-13
    )
    banded = Turbulence.goldreich_sridhar(23.0, 10.0, band=(1e-13, 1e9))
    assert parallel.multipole_covariance(banded, 10.0, 9) == pytest.approx(
        parallel.multipole_covariance(flow, 10.0, 9), rel=1e-8, abs=1e-9
    )


def test_pickles_to_the_same_numbers():
    for flow in (Turbulence.power_law(5 / 3, 1.0, 1.0, band=(0.1, 9.0)), Turbulence.von_karman(1.5, 1.0, 1.0, 9.0)):
        copy = pickle.loads(pickle.dumps(flow))
        assert (parallel.multipole_covariance(copy, 1.0, 5) == parallel.multipole_covariance(flow, 1.0, 5)).all()


@pytest.mark.parametrize("gamma", [1.3, 5 / 3, 2.8])
def test_structure_function_without_end_by_quadrature(gamma):
    """The general quadrature, taken by way of beta(k), against fractional Brownian motion."""
    law = Turbulence.power_law(gamma, 1.0, 1.0, 0.5)
    general = Turbulence.power_law(gamma, 1.0, 1.0, lambda k: np.full_like(k, 0.5))
    s = np.array([1e-6, 0.02, 1.0, 300.0])
    assert general.structure_function(s) == pytest.approx(law.structure_function(s), rel=1e-10)
