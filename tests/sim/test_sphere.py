"""Transport across the field: harmonics, the grid against exact plane waves, particles against the grid."""

import math

import healpy
import numpy as np
import pytest
from scipy import stats
from scipy.special import sph_harm_y, spherical_jn

from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.estimators import SphereQuadrature
from fluxtube.sim.engine.free_paths import ErlangPath, FixedPath
from fluxtube.sim.engine.harmonics import SphericalGrid, complex_from_real, normalised_legendre, real_from_complex, real_orders

L_MAX = 6
RUN = """
[turbulence]
band = [1e-1, 12.0]
[transport]
model = "cross-field"
displacement_perpendicular = 0.4
convection_perpendicular = 0.7
[sky]
l_max = 6
nside = 4
[sampling]
flow = "modes"
modes = 64
[check]
particles = 20000
"""


def real_harmonic(l, m, theta, phi):
    """sqrt(2) Re and Im of healpy's and scipy's Y_lm."""
    value = sph_harm_y(l, abs(m), theta, phi)
    return value.real if m == 0 else math.sqrt(2) * (value.real if m > 0 else value.imag)


def test_real_harmonics_are_the_convention():
    random = np.random.default_rng(1)
    theta, phi = np.arccos(random.uniform(-1, 1, 20)), random.uniform(0, 2 * np.pi, 20)
    table = normalised_legendre(np.cos(theta), 9)
    for l, m in [(0, 0), (1, 1), (5, 0), (5, 3), (9, 9)]:
        assert np.allclose(table[m, l] * np.exp(1j * m * phi), sph_harm_y(l, m, theta, phi), rtol=1e-12, atol=1e-14)
    alm = random.standard_normal(healpy.Alm.getsize(9)) + 1j * random.standard_normal(healpy.Alm.getsize(9))
    alm[:10] = alm[:10].real
    real = real_from_complex(alm, 9)
    assert np.allclose(complex_from_real(real, 9), alm, rtol=1e-15)
    assert np.sum(real**2) == pytest.approx(np.sum(np.abs(alm[:10]) ** 2) + 2 * np.sum(np.abs(alm[10:]) ** 2))


def test_grid_transform_and_squares():
    """Coefficients of one harmonic, and int f Y^2 by brute force on a far finer grid."""
    grid = SphericalGrid(20, L_MAX)
    orders = real_orders(L_MAX)
    angles = [(np.arccos(z), np.arctan2(y, x)) for x, y, z in (grid.half, -grid.half)]
    for l, m in [(0, 0), (2, 1), (5, -3), (6, 6)]:
        values = [real_harmonic(l, m, *pair) for pair in angles]
        expected = np.zeros((13, 7))
        expected[list(orders).index(m), l] = 1
        assert np.allclose(grid.transform(*values), expected, atol=1e-13)
    theta, weight = np.arccos(np.polynomial.legendre.leggauss(60)[0]), np.polynomial.legendre.leggauss(60)[1]
    phi = np.arange(80) * np.pi / 40
    t, p = np.meshgrid(theta, phi, indexing="ij")

    def function(theta, phi):
        return 1 + real_harmonic(2, 2, theta, phi) + real_harmonic(3, -1, theta, phi)

    squares = grid.squared_harmonics(*(function(*pair) for pair in angles), 3)
    for l, m in [(1, 1), (1, -1), (3, 0), (2, -2)]:
        exact = np.sum(weight[:, None] * function(t, p) * real_harmonic(l, m, t, p) ** 2) * np.pi / 40
        assert squares[list(real_orders(3)).index(m), l] == pytest.approx(exact, rel=1e-12)


class OneWave:
    """A flow of a single plane wave, y.p in the phase and A.p in the amplitude."""

    def __init__(self, y, cosine, sine):
        self.y, self.parts, self.phase = np.array(y), (np.array(cosine), np.array(sine)), np.linalg.norm(y)

    def draw(self, first, count):
        return tuple(np.broadcast_to(part[:, None], (count, 3, 1)).copy() for part in (self.y, *self.parts))


def test_plane_wave_in_closed_form():
    """A longitudinal and a transverse wave against spherical Bessel functions: no grid, no sampling.

    p.A e^(i y.p) has sum_m |a_lm|^2 = 4 pi (2l+1) { |A_L|^2 j_l'(y)^2 + |A_T|^2 l(l+1)/2 [j_l(y)/y]^2 }, for l >= 2.
    The cosine and the sine carry even and odd degrees; each is the real wave's whole power at its parity.
    """
    y = np.array([3.0, -4.0, 5.0])
    x, unit = np.linalg.norm(y), y / np.linalg.norm(y)
    across = np.cross(unit, [0, 0, 1.0])
    across /= np.linalg.norm(across)
    l = np.arange(L_MAX + 1)
    radial, transverse = spherical_jn(l, x, derivative=True) ** 2, l * (l + 1) / 2 * (spherical_jn(l, x) / x) ** 2
    for amplitude, share in ((unit, radial), (across, transverse)):
        waves = OneWave(y, amplitude, amplitude)
        a = SphereQuadrature(waves, L_MAX, FixedPath()).measure(0, 1).multipoles[0]
        power = (a**2).sum(axis=0) / (4 * np.pi * (2 * l + 1))
        assert np.allclose(power[2:], share[2:], rtol=1e-9, atol=1e-14)
        assert not np.allclose(power[1], share[1])  # the dipole holds u(0) too


def test_mean_over_free_paths():
    """The Erlang kernel against an average of fixed ones over many paths, for every multipole."""
    waves, law = OneWave([2.0, 1.0, -1.5], [0.3, 0.1, 1.0], [-0.4, 0.8, 0.2]), ErlangPath(3)
    mean = SphereQuadrature(waves, L_MAX, law, dipole=0.2).measure(0, 1).multipoles
    total = 0
    for t in law.quantiles(1000):
        stretched = OneWave(t * waves.y, *waves.parts)
        total = total + SphereQuadrature(stretched, L_MAX, FixedPath(), dipole=0.2 * t).measure(0, 1).multipoles / 1000
    assert np.allclose(mean, total, rtol=0, atol=2e-4 * np.abs(mean).max())
    assert not np.allclose(mean, SphereQuadrature(waves, L_MAX, FixedPath(), 0.2).measure(0, 1).multipoles, atol=1e-2)


@pytest.mark.parametrize(
    "settings", [[], ["transport.free_path=exponential", "turbulence.band=[0.1, 4]"], ["transport.density_gradient=1e-5 /pc"]]
)
def test_particles_agree_with_the_grid_within_shot_noise(settings):
    """chi^2 of each multipole over 6 realisations, worst of 48 at a false-alarm rate of 1e-4; control: other realisations."""
    engine = build_engine(parse(RUN, settings, "test"))
    count, present = 6, np.arange(L_MAX + 1) >= np.abs(engine.orders)[:, None]
    exact, seen = engine.quadrature.measure(0, count).multipoles, engine.particles.measure(0, count)
    noise = np.array([engine.quadrature.shot_noise(r, engine.particles.particles) for r in range(count)])
    lower, upper = stats.chi2.isf([1 - 0.5e-4 / present.sum(), 0.5e-4 / present.sum()], count)

    def chi2(difference):
        return (difference[:, present] ** 2 / noise[:, present]).sum(axis=0)

    assert lower < chi2(seen.multipoles - exact).min() <= chi2(seen.multipoles - exact).max() < upper
    assert lower < chi2(seen.difference).min() <= chi2(seen.difference).max() < upper
    assert chi2(np.roll(seen.multipoles, 1, axis=0) - exact).max() > upper


def test_particles_see_the_sky_where_they_come_from():
    """Pixel means against the exact sky, in equatorial coordinates too; control: the sky mirrored."""
    for frame in ("magnetic", "equatorial"):
        engine = build_engine(parse(RUN, ["turbulence.band=[1e-1, 2.0]", "check.particles=200000", f"sky.frame={frame}"], "test"))
        seen = engine.particles.measure(2, 1)
        sky = seen.intensity[0].sum(axis=0) / seen.hits[0].sum(axis=0)
        arrival = np.array(healpy.pix2vec(4, np.arange(192))).T @ engine.particles.rotation
        exact = engine.quadrature.sky(2, arrival)
        assert np.corrcoef(sky, exact)[0, 1] > 0.99
        assert np.corrcoef(sky, engine.quadrature.sky(2, -arrival))[0, 1] < 0.9


@pytest.mark.parametrize("model", ["parallel", "isotropic"])
def test_stratified_directions_are_unbiased_and_quieter(model):
    """One particle a cell: the scatter about quadrature falls at least threefold, both halves stay independent."""
    keys = [f"transport.model={model}", "sampling.estimator=particles", "sampling.particles=20000"]
    run = "\n".join(line for line in RUN.splitlines() if "perpendicular" not in line)
    errors = {}
    for way in ("drawn", "stratified"):
        engine = build_engine(parse(run, [*keys, f"sampling.directions={way}"], "test"))
        exact, seen = engine.quadrature.measure(0, 4).multipoles, engine.particles.measure(0, 4)
        errors[way] = np.sqrt(np.mean((seen.multipoles - exact) ** 2)), np.sqrt(np.mean(seen.difference**2))
    assert errors["stratified"][0] < errors["drawn"][0] / 3
    assert errors["stratified"][1] < errors["drawn"][1] / 3
    assert errors["stratified"][1] > errors["stratified"][0] / 3  # halves that were alike would show no difference
