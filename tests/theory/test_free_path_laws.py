"""Fixed, Erlang and exponential free paths."""

import numpy as np
import pytest
from scipy.special import gammaln, spherical_jn

from fluxtube.theory import Turbulence, free_path, isotropic, parallel

# Quadrature, gamma = 5/3, beta = 2/3, units of w(1/lambda)/lambda: C_l with slope/v = 1.
EXPONENTIAL = {2: 2.837e-02, 8: 1.298e-05, 16: 2.921e-07}
FIXED = {2: 7.423e-02, 8: 1.034e-03}


def spectrum(turbulence, l_max, law):
    return parallel.angular_power_spectrum(turbulence, 1.0, l_max, 1.0, 1.0, free_path=law)


@pytest.mark.parametrize(("law", "values"), [("exponential", EXPONENTIAL), ("fixed", FIXED)])
def test_reference_numbers(unit, law, values):
    c = spectrum(unit(), 16, law)
    assert [f"{c[l - 2]:.3e}" for l in values] == [f"{value:.3e}" for value in values.values()]


@pytest.mark.parametrize("shape", [1, 2, 5, 31, 120])
@pytest.mark.parametrize("x", [0.3, 4.0, 25.0])
def test_response_is_the_average_over_the_law(shape, x):
    """Adaptive quadrature over the density of free paths, for both responses."""
    l_max = 12
    law = free_path.Erlang(shape)
    radial = law.response(1.0).direct(np.array([x]), l_max)[:, 0]
    transverse = law.transverse_response(1.0).direct(np.array([x]), l_max)[:, 0]

    def density(t):
        return np.exp(shape * np.log(shape) + (shape - 1) * np.log(t) - shape * t - gammaln(shape))

    u, g = np.polynomial.legendre.leggauss(60)
    edges = np.linspace(0.0, 1.0 + 12.0 / np.sqrt(shape) + 30.0 / shape, 60)
    half = 0.5 * np.diff(edges)[:, None]
    t = (0.5 * (edges[1:] + edges[:-1])[:, None] + half * u).ravel()
    weights = (half * g).ravel() * density(t)
    for l in (1, 2, 5, 12):
        assert radial[l] == pytest.approx(weights @ spherical_jn(l, x * t, derivative=True), abs=1e-13)
        assert transverse[l] == pytest.approx(weights @ (spherical_jn(l, x * t) / (x * t)), abs=1e-13)


@pytest.mark.parametrize("spectrum_of", [parallel.angular_power_spectrum, isotropic.angular_power_spectrum])
def test_many_stages_tend_to_the_fixed_law(unit, spectrum_of):
    """The difference falls as 1/shape."""
    fixed = spectrum_of(unit(), 1.0, 4)
    errors = [np.abs(spectrum_of(unit(), 1.0, 4, free_path=free_path.Erlang(k)) / fixed - 1).max() for k in (4000, 16000, 64000)]
    assert errors[0] < 0.02
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.15)
    assert errors[1] / errors[2] == pytest.approx(4.0, rel=0.15)


@pytest.mark.parametrize("gamma", [1.5, 5 / 3, 2.0])
def test_exponential_slope_is_minus_gamma_minus_four(unit, gamma):
    """And that of the fixed law is -gamma - 1: the test tells them apart."""

    def slope(law):
        c = spectrum(unit(gamma), 400, law)
        return np.log(c[-1] / c[198]) / np.log(400 / 200)

    assert slope("exponential") == pytest.approx(-gamma - 4, abs=0.03)
    assert slope("fixed") == pytest.approx(-gamma - 1, abs=0.03)


def test_local_slope_on_the_way(unit):
    c = spectrum(unit(), 80, "exponential")
    slopes = np.diff(np.log(c)) / np.diff(np.log(np.arange(2, 81)))
    assert slopes[11 - 2] == pytest.approx(-5.47, abs=0.02)
    assert slopes[39 - 2] == pytest.approx(-5.60, abs=0.02)


def test_dipole_at_small_argument_does_not_cancel(unit):
    """A steep spectrum weighs R_1 - 1/3 where it is tiny; over the exponential law it starts as -<t^2> x^2/10 = -x^2/5."""
    for law, start in (("fixed", 0.1), ("exponential", 0.2)):
        band = Turbulence.power_law(1.5, 1.0, 1.0, 0.0, band=(1e-7, 2e-7))
        dipole = parallel.multipole_covariance(band, 1.0, 1, l_min=1, free_path=law)[0, 0]
        moment = 2 * sum(fourth_moment(band.field_aligned_spectrum))
        assert dipole == pytest.approx(12 * np.pi * start**2 * moment, rel=1e-9)


def fourth_moment(line):
    """int E kappa^4 over [0, 1e-7] and [1e-7, 2e-7]."""
    u, g = np.polynomial.legendre.leggauss(40)
    for low in (0.0, 1e-7):
        kappa = low + 0.5e-7 * (1 + u)
        yield (0.5e-7 * g * line(kappa) * kappa**4).sum()


def test_erlang_one_is_exponential_and_smooths(unit):
    laws = (free_path.Erlang(1), "exponential")
    one, exponential = (isotropic.angular_power_spectrum(unit(), 1.0, 8, free_path=law) for law in laws)
    assert one.tolist() == exponential.tolist()
    assert (one < isotropic.angular_power_spectrum(unit(), 1.0, 8)).all()


@pytest.mark.parametrize(("name", "shape"), [("gaussian", None), ("erlang", None), ("fixed", 3), ("erlang", 0), ("erlang", 1.5)])
def test_unknown_laws_are_refused(name, shape):
    with pytest.raises(ValueError, match=r"shape|free_path"):
        free_path.law(name, shape)


@pytest.mark.parametrize("x", [230.0, 500.0, 900.0])
def test_narrow_laws_keep_what_matters_at_large_arguments(x):
    """Where the response of a narrow law is cut it must have vanished; l = 200 lives long."""
    shape = 150
    u, g = np.polynomial.legendre.leggauss(60)
    edges = np.linspace(0.0, 3.0, 120)
    half = 0.5 * np.diff(edges)[:, None]
    t = (0.5 * (edges[1:] + edges[:-1])[:, None] + half * u).ravel()
    density = np.exp(shape * np.log(shape) + (shape - 1) * np.log(t) - shape * t - gammaln(shape))
    found = free_path.Erlang(shape).response(1.0).direct(np.array([x]), 200)[:, 0]
    for l in (2, 60, 150, 200):
        assert found[l] == pytest.approx((half * g).ravel() * density @ spherical_jn(l, x * t, derivative=True), abs=1e-14)


def test_arguments_at_which_a_degree_vanishes_exactly():
    """<j_l> is zero at some rational x/k, where the ratio of two degrees is infinite: x = k = 5 among them. Against mpmath's
    adaptive quadrature at 30 digits; and no NaN at any whole x to 120, k to 40."""
    import mpmath

    from fluxtube.theory.erlang import erlang_moments

    with mpmath.workdps(30):
        for x, k, degrees in ((75, 15, (10, 11, 12, 13, 40)), (5, 5, (1, 2, 3, 4, 9)), (6, 6, (3, 4, 5))):
            average = erlang_moments(np.array([float(x)]), 40, k)[0][:, 0]
            scale = np.abs(average).max()
            for l in degrees:
                half = mpmath.mpf(2 * l + 1) / 2

                def integrand(t, x=x, k=k, half=half):
                    density = mpmath.mpf(k) ** k / mpmath.factorial(k - 1) * t ** (k - 1) * mpmath.exp(-k * t)
                    return density * mpmath.sqrt(mpmath.pi / (2 * x * t)) * mpmath.besselj(half, x * t)

                exact = float(mpmath.quad(integrand, mpmath.linspace(0, 12, 50)))
                assert abs(average[l] - exact) < 1e-13 * scale, (x, k, l)
    for k in range(1, 41):
        for moments in erlang_moments(np.arange(1.0, 121.0), 40, k)[: 1 + (k > 1)]:
            assert np.isfinite(moments).all()
        for x in (1.0, float(k), 2.0 * k, 5.0 * k):  # alone: what the recurrence starts from depends on the largest
            assert np.isfinite(erlang_moments(np.array([x]), 40, k)[0]).all()
