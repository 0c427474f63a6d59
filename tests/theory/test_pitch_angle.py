"""Free paths that depend on the pitch angle: kernels, covariances, large l and the diffuse anisotropy, each by two roads."""

import mpmath
import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.special import eval_legendre, roots_genlaguerre

from fluxtube.errors import InputError
from fluxtube.theory import Turbulence, parallel
from fluxtube.theory.free_path import Erlang, Fixed
from fluxtube.theory.kinetic import InFlight, Steady
from fluxtube.theory.models import Model
from fluxtube.theory.path_density import PathDensity
from fluxtube.theory.pitch_angle import Diffusion, Given, PitchAngle, PowerLaw, quasi_linear, tabulated
from fluxtube.theory.pitch_angle_law import PitchAngleLaw, diffuse_multipoles, with_pitch_angle
from fluxtube.theory.pitch_angle_structure import endless_covariance, large_l_ratio

SLAB = PowerLaw(2 / 3, 0.05)
FLOW = Turbulence.power_law(5 / 3, 23.0, 10.0)
BAND = Turbulence.power_law(5 / 3, 23.0, 10.0, band=(1e-3, 4.0))


def kernel(dependence, x, l):
    """R_l(x), x and l numbers."""
    return PitchAngleLaw(Fixed(), dependence).response(1.0).direct(np.array([x]), l)[l, 0]


def exact_power(a, floor):
    """s(mu) of a power law in mpmath, with its own normalisation."""
    h = lambda mu: (mu**2 + mpmath.mpf(floor) ** 2) ** (-mpmath.mpf(a) / 2)  # noqa: E731
    scale = 1 / (3 * mpmath.quad(lambda mu: mu**2 * h(mu), [0, floor, 0.3, 1]))
    return lambda mu: scale * mu * h(mu)


@pytest.mark.parametrize(("l", "x"), [(0, 0.7), (1, 3.0), (2, 1e-3), (2, 25.0), (5, 9.0), (8, 40.0)])
def test_kernel_is_the_legendre_integral(l, x):
    """R_l = i^(1-l) 1/2 int P_l mu e^(i x s) over both halves in 20 digits, real; a = 2/3 and -1."""
    with mpmath.workdps(20):
        for a, floor in ((2 / 3, 0.05), (-1.0, 0.2)):
            s = exact_power(a, floor)
            points = sorted({0, *(sign * at for sign in (-1, 1) for at in (floor / 4, floor, 0.1, 0.3, 0.5, 0.7, 0.9, 1))})
            whole = mpmath.quad(lambda mu, s=s: mpmath.legendre(l, mu) * mu * mpmath.expj(x * s(mu)), points) / 2
            value = mpmath.mpc(0, 1) ** (1 - l) * whole
            assert abs(value.imag) < 1e-15
            assert kernel(PowerLaw(a, floor), x, l) == pytest.approx(float(value.real), abs=2e-14, rel=1e-11)


def test_no_dependence_is_the_paper():
    """a = 0, and D of isotropic scattering, are j_l' of every law; the control, a = 0.1, is not."""
    x = np.array([1e-4, 0.3, 4.0, 90.0])
    density = PathDensity(lambda t: t**2 * np.exp(-t), (0.0, np.inf), (), "gamma")
    for law in (Fixed(), Erlang(1), Erlang(5), density):
        expected = law.response(1.0).direct(x, 12)
        for same in (PowerLaw(0.0), Diffusion(lambda mu: 3 * (1 - mu**2)), Given(np.ones_like), quasi_linear(1.0)):
            got = PitchAngleLaw(law, same).response(1.0).direct(x, 12)
            assert np.abs(got - expected).max() < (3e-9 if law is density else 1e-12)
        assert np.abs(PitchAngleLaw(law, PowerLaw(0.1)).response(1.0).direct(x, 12) - expected).max() > 1e-3


@pytest.mark.parametrize("shape", [1, 3])
def test_sampled_paths_average_the_fixed_kernel(shape):
    """<R_l(x t)> by Gauss-Laguerre over t of kernels of fixed paths; x small enough that 60 nodes hold e^(i x t s)."""
    t, weight = roots_genlaguerre(60, shape - 1)
    x = np.array([0.1, 0.6])
    fixed = PitchAngleLaw(Fixed(), SLAB).response(1.0)
    average = sum(w * fixed.direct(x * at / shape, 6) for at, w in zip(t, weight / weight.sum(), strict=True))
    assert PitchAngleLaw(Erlang(shape), SLAB).response(1.0).direct(x, 6) == pytest.approx(average, abs=1e-10)


def test_density_is_the_same_law_as_erlang():
    """A density t^2 e^(-t) is Erlang's law of three stages; at large x its waves hold the absolute error of `path_density`."""
    density = PathDensity(lambda t: t**2 * np.exp(-t), (0.0, np.inf), (), "gamma")
    x = np.array([1e-3, 1.0, 30.0])
    one, other = (PitchAngleLaw(law, SLAB).response(1.0).direct(x, 6) for law in (density, Erlang(3)))
    assert np.abs(one - other).max() < 3e-9
    assert one[2, 0] == pytest.approx(other[2, 0], rel=1e-6)


def test_band_by_the_structure_function():
    """<a_l a_l'> over a band, dipole and all, against Legendre projection of D(s) over both cosines, which knows no kernel."""
    u, g = np.polynomial.legendre.leggauss(160)
    mu = np.concatenate([-(0.5 + 0.5 * u[::-1]) ** 3, (0.5 + 0.5 * u) ** 3])  # mu = y^3 resolves mu0
    weight = np.concatenate([(1.5 * g * (0.5 + 0.5 * u) ** 2)[::-1], 1.5 * g * (0.5 + 0.5 * u) ** 2])
    s = 10.0 * SLAB.displacement(mu)
    flat, back = np.unique(np.abs(s[:, None] - s).ravel(), return_inverse=True)
    single = BAND.structure_function(s)
    grid = np.linspace(0, flat[-1], 8001)
    between = CubicSpline(grid, BAND.structure_function(grid))(flat)[back].reshape(s.size, s.size)
    sky = 0.5 * mu[:, None] * mu * (single[:, None] + single - between)
    l = np.arange(1, 9)
    project = np.array([2 * np.pi * np.sqrt((2 * n + 1) / (4 * np.pi)) * eval_legendre(n, mu) * weight for n in l])
    expected = project @ sky @ project.T
    covariance = parallel.multipole_covariance(BAND, 10.0, 8, 1, PitchAngleLaw(Fixed(), SLAB))
    deviation = np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    assert np.abs((covariance - expected) / deviation).max() < 1e-7
    assert np.abs(expected[(l[:, None] + l) % 2 == 1]).max() < 1e-9 * deviation.min()  # even h: parity stands
    paper = parallel.multipole_covariance(BAND, 10.0, 8, 1)
    assert np.abs((covariance - paper) / deviation).max() > 0.1


def test_endless_by_the_kernel():
    """The power law without end from D(s) against the integral over the kernel as far as it is followed, l = 2 to 4.

    E = kappa^-1.5 on [1e-7, 1000]. Beyond, R_l^2 is 1/(2 x^2 s'(1)^2) in the mean, the end at mu = 1: added. What its waves leave
    at 1000 is 2.5/(2000 s(1)) of that; 1e-10 is missing below 1e-7.
    """
    endless = Turbulence.power_law(1.5, 1.0, 1.0)
    size = float(endless.field_aligned_spectrum(1.0))
    cut = Turbulence.field_aligned(lambda k: size * k**-1.5, band=(1e-7, 1000.0))
    for dependence in (SLAB, quasi_linear(), PowerLaw(-0.5, 0.1)):
        one = endless_covariance(endless, 1.0, 4, 2, dependence)
        other = parallel.multipole_covariance(cut, 1.0, 4, 2, PitchAngleLaw(Fixed(), dependence))
        slope = float(np.diff(dependence.displacement(np.array([1 - 1e-6, 1.0])))[0]) / 1e-6
        root = np.sqrt(2 * np.arange(2, 5) + 1.0)
        beyond = 4 * np.pi * root[:, None] * root * size * 1000.0**-2.5 / 2.5 / slope**2 * (other != 0)
        waves = 2.5 / (2000 * float(dependence.displacement(1.0)))
        assert np.abs(one - other - beyond).max() < 2 * waves * beyond.max() + 1e-9
        diagonal = parallel.angular_power_spectrum(cut, 1.0, 4, 1.0, 1.0, free_path=PitchAngleLaw(Fixed(), dependence))
        assert diagonal * [5, 7, 9] == pytest.approx(np.diag(other), rel=1e-9)


def test_endless_without_dependence_is_the_closed_form():
    """Dipole and monopole too; the slab law, the control, is a third away and more."""
    for gamma in (1.2, 5 / 3, 2.8):
        flow = Turbulence.power_law(gamma, 23.0, 10.0)
        closed = parallel.multipole_covariance(flow, 10.0, 60, 0)
        scale = np.sqrt(np.outer(np.diag(closed), np.diag(closed)))
        assert np.abs((endless_covariance(flow, 10.0, 60, 0, PowerLaw(0.0)) - closed) / scale).max() < 1e-9
        assert np.abs((endless_covariance(flow, 10.0, 60, 0, SLAB) - closed) / scale).max() > 0.2


@pytest.mark.parametrize("dependence", [SLAB, quasi_linear(), PowerLaw(-1.0, 0.1)])
def test_large_l_keeps_the_slope(dependence):
    """C_l over that of h = 1 tends to `large_l_ratio`: a constant, so that the slope -gamma-1 stands. Measured at 400: 1e-4."""
    for gamma in (1.5, 5 / 3):
        flow = Turbulence.power_law(gamma, 23.0, 10.0)
        law = PitchAngleLaw(Fixed(), dependence)
        ratio = parallel.angular_power_spectrum(flow, 10.0, 400, l_min=399, free_path=law)
        ratio = ratio / parallel.angular_power_spectrum(flow, 10.0, 400, l_min=399)
        assert ratio == pytest.approx(large_l_ratio(dependence, gamma), rel=1e-4)
        assert abs(ratio[0] - 1) > 0.2


def test_sampled_paths_have_the_slope_of_mu_near_zero():
    """C_l ~ l^-(gamma + 4 - a (gamma-1)) below 1/mu0, gamma + 4 for h = 1; from l = 60 to 120 all are 0.03 to 0.04 short."""
    flow = Turbulence.power_law(5 / 3, 23.0, 10.0)
    for dependence, expected in ((PowerLaw(2 / 3, 1e-3), 47 / 9), (PowerLaw(0.0), 17 / 3)):
        law = PitchAngleLaw(Erlang(1), dependence)
        one, other = (parallel.angular_power_spectrum(flow, 10.0, l, l_min=l, free_path=law)[0] for l in (60, 120))
        assert 0.0 < expected - np.log2(one / other) < 0.06


def test_large_l_ratio_by_mpmath():
    """The integral over |ds/dmu|^(gamma-1), s differentiated in closed form."""
    a, floor, gamma = 2 / 3, 0.05, 5 / 3
    slope = lambda mu: (mu**2 * (1 - a) + floor**2) * (mu**2 + floor**2) ** (-a / 2 - 1)  # noqa: E731
    base = lambda mu: mu**2 * (1 - mu**2) ** ((gamma - 1) / 2)  # noqa: E731
    points = [0, floor, 0.3, 0.9, 1]
    scale = 3 * mpmath.quad(lambda mu: mu**2 * (mu**2 + floor**2) ** (-a / 2), points)
    expected = mpmath.quad(lambda mu: base(mu) * (slope(mu) / scale) ** (gamma - 1), points) / mpmath.quad(base, points)
    assert large_l_ratio(PowerLaw(a, floor), gamma) == pytest.approx(float(expected), rel=1e-9)


def galerkin(coefficient, degrees):
    """f1 of v mu df0/dz = d/dmu [D df1/dmu], v df0/dz = -2, in Legendre polynomials: multipoles over the sphere."""
    u, g = np.polynomial.legendre.leggauss(400)
    mu, weight = np.concatenate([-(0.5 + 0.5 * u) ** 3, (0.5 + 0.5 * u) ** 3]), np.tile(1.5 * g * (0.5 + 0.5 * u) ** 2, 2)
    l = np.arange(1, degrees)
    slopes = np.array([np.polynomial.legendre.legval(mu, np.polynomial.legendre.legder(np.eye(degrees)[n])) for n in l])
    right = np.array([2 * (weight * mu * eval_legendre(n, mu)).sum() for n in l])
    coefficients = np.linalg.solve((slopes * weight * coefficient(mu)) @ slopes.T, right)
    return coefficients * np.sqrt(4 * np.pi / (2 * l + 1))


def test_diffuse_anisotropy_solves_the_diffusion_equation():
    """s(mu) of D against a Galerkin solution: odd degrees, their ratios, and lambda = (3v/8) int (1-mu^2)^2/D; even D only."""
    coefficient = lambda mu: (1 - mu**2) * (0.2 + mu**2)  # noqa: E731
    solved = galerkin(coefficient, 90)
    dependence = Diffusion(coefficient)
    ours = diffuse_multipoles(dependence, 20)
    assert not ours[0::2].any()
    assert ours[1] == pytest.approx(np.sqrt(4 * np.pi / 3), rel=1e-12)
    # lambda v df0/dz = -2 lambda / v: 3/8 int (1-mu^2)^2/D is lambda/v
    mean = 3 / 4 * float(mpmath.quad(lambda mu: (1 - mu**2) / (0.2 + mu**2), [0, 0.4, 1]))
    assert 2 * mean * ours[1:20] == pytest.approx(solved[:19], abs=1e-8 * solved[0])
    assert abs(ours[3] / ours[1]) > 0.05
    assert np.abs(solved[1::2]).max() < 1e-12 * solved[0]


def test_diffuse_multipoles_by_mpmath():
    """d_l of the power law; l = 3, 5, 7. h = 1 has the dipole alone."""
    s, ours = exact_power(2 / 3, 0.05), diffuse_multipoles(SLAB, 7)
    for l in (1, 3, 5, 7):
        value = 4 * mpmath.pi * mpmath.sqrt((2 * l + 1) / (4 * mpmath.pi))
        value *= mpmath.quad(lambda mu, l=l: mpmath.legendre(l, mu) * s(mu), [0, 0.01, 0.05, 0.3, 1])
        assert ours[l] == pytest.approx(float(value), rel=1e-9)
    assert np.abs(diffuse_multipoles(PowerLaw(0.0), 9)[2:]).max() < 1e-13


def test_quasi_linear_theory_is_a_power():
    """q = 3/2 in closed form, s = 2 sqrt(mu) - 2 H ln(1 + sqrt(mu)/H): h ~ |mu|^(1-q) where sqrt(mu) is well above H."""
    mu, floor = np.array([1e-9, 1e-6, 0.01, 0.25, 1.0]), 1e-3
    root = np.sqrt(mu)
    exact = 2 * root - 2 * floor * np.log1p(root / floor)
    s = quasi_linear(1.5, floor).displacement(mu)
    assert s / s[-1] == pytest.approx(exact / exact[-1], rel=2e-5)
    assert s[2:] / s[-1] == pytest.approx(exact[2:] / exact[-1], rel=1e-10)
    assert s[3] / s[4] == pytest.approx(0.5, rel=0.01)


def test_diffusion_table():
    """Two straight lines of D/(1 - mu^2), integrated by hand; a fine table of the quasi-linear D is that D."""
    table = tabulated([0.0, 0.4, 0.8], [1.0, 3.0 * 0.84, 0.36])  # ratios 1, 3, 1 and 1 beyond
    exact = [np.log1p(5 * 0.2) / 5, np.log(3) / 5, np.log(3) / 5 + np.log(3 / 2) / 5, 2 * np.log(3) / 5 + 0.2]
    s = table.displacement(np.array([0.2, 0.4, 0.6, 1.0]))
    assert s / s[-1] == pytest.approx(np.array(exact) / exact[-1], rel=1e-12)
    mu = np.concatenate([[0.0], np.geomspace(1e-8, 0.999, 2000)])
    fine = tabulated(mu, (1 - mu**2) * (mu ** (2 / 3) + 0.05))
    assert fine.h(mu) == pytest.approx(quasi_linear().h(mu), rel=1e-4)
    assert np.abs(table.h(mu) / fine.h(mu) - 1).max() > 0.1


def test_kinks_are_seen():
    """A step at a break, in closed form: R_2 of a constant 1 below 0.4 and 2 above, in units; without the break it is off."""
    step = Given(lambda mu: np.where(np.abs(mu) < 0.4, 1.0, 2.0), breaks=(0.4,))
    unit = 1 / (3 * (0.4**3 / 3 + 2 * (1 - 0.4**3) / 3))
    assert step.h(0.9) == pytest.approx(2 * unit, rel=1e-13)
    x = 20.0
    exact = mpmath.quad(lambda mu: mpmath.legendre(2, mu) * mu * mpmath.sin(x * unit * mu), [0, 0.2, 0.4])
    exact += mpmath.quad(lambda mu: mpmath.legendre(2, mu) * mu * mpmath.sin(2 * x * unit * mu), mpmath.linspace(0.4, 1, 9))
    assert kernel(step, x, 2) == pytest.approx(float(exact), abs=1e-13)
    assert abs(kernel(Given(step.function), x, 2) - float(exact)) > 1e-6


class Negative(PitchAngle):
    def unscaled(self, mu):
        return mu - 0.5


REFUSED = {
    "not even": (lambda: Given(lambda mu: 1 + 0.1 * mu), "must be even"),
    "D not even": (lambda: Diffusion(lambda mu: (1 - mu**2) * (1 + 0.5 * mu)), "must be even"),
    "negative": (lambda: Negative().scale, "not negative"),
    "zero": (lambda: Given(np.zeros_like).scale, "zero for all mu"),
    "table falls": (lambda: tabulated([0.5, 0.2], [1.0, 1.0]), "rising"),
    "table to one": (lambda: tabulated([0.5, 1.0], [1.0, 1.0]), "rising"),
    "table of zero": (lambda: tabulated([0.1, 0.5], [1.0, 0.0]), "above zero"),
    "D zero": (lambda: Diffusion(lambda mu: np.maximum(mu**2 - 0.1, 0)), "above zero"),
    "one value": (lambda: Given(lambda mu: 1.0).scale, "must be even"),
    "exponent": (lambda: PowerLaw(5.0), "between -4 and 4"),
    "floor": (lambda: PowerLaw(1.0, 0.0), "between 1e-3 and 1"),
    "index": (lambda: quasi_linear(3.5), "between 1 and 3"),
    "H": (lambda: quasi_linear(1.6, 0.0), "between 1e-3 and 10"),
    "steady": (lambda: PitchAngleLaw(Steady(Fixed()), SLAB), "without density response"),
    "in flight": (lambda: PitchAngleLaw(InFlight(Fixed()), SLAB), "end of a path"),
    "across": (lambda: Model(1.0, 1.0).spectrum(FLOW, 10.0, 4, law=PitchAngleLaw(Fixed(), SLAB)), "along the field alone"),
    "convection across": (lambda: Model(0.0, 0.5).covariance(FLOW, 10.0, 4, law=PitchAngleLaw(Fixed(), SLAB)), "along the field"),
    "folded": (lambda: endless_covariance(FLOW, 10.0, 4, 2, PowerLaw(2.0)), "grows with mu"),
    "von Karman": (
        lambda: parallel.multipole_covariance(
            Turbulence.von_karman(5 / 3, 23.0, 10.0, 100.0), 10.0, 4, 2, PitchAngleLaw(Fixed(), SLAB)
        ),
        "known for a power law",
    ),
    "two paths": (
        lambda: Model().covariance(FLOW, 10.0, 4, law=PitchAngleLaw(Fixed(), SLAB), other_path=5.0), "need a spectrum with an end"
    ),
    "far": (
        lambda: Model().spectrum(
            Turbulence.power_law(5 / 3, 23.0, 10.0, band=(1e-3, 1e5)), 10.0, 4, law=PitchAngleLaw(Fixed(), SLAB)
        ),
        "are followed to",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    made, words = REFUSED[name]
    with pytest.raises(InputError, match=words):
        made()


def test_two_mean_free_paths():
    """Of equal length they are the plain covariance; of two, rows and columns change places with the paths."""
    law = PitchAngleLaw(Fixed(), SLAB)
    plain = Model().covariance(BAND, 10.0, 5, law=law)[0]
    near = parallel.two_path_covariance(BAND, 10.0, 10.0, 5, 2, law)
    assert near == pytest.approx(plain, rel=1e-10, abs=1e-12)
    one, other = (Model().covariance(BAND, a, 5, law=law, other_path=b)[0] for a, b in ((10.0, 5.0), (5.0, 10.0)))
    assert one == pytest.approx(other.T, rel=1e-9, abs=1e-12)


def test_without_dependence_the_law_is_handed_through():
    assert with_pitch_angle(Erlang(2), None) == Erlang(2)
    assert with_pitch_angle(Erlang(2), SLAB).paths == Erlang(2)
