"""Jumps, kinks and peaks of functions of one's own, which nobody named, end panels: against closed forms and plain sums."""

import numpy as np
import pytest
from scipy.special import eval_legendre

from fluxtube.errors import InputError
from fluxtube.theory import Turbulence, turbulence
from fluxtube.theory.anisotropic import AxialTurbulence
from fluxtube.theory.axial_spectra import Separable, Uniform
from fluxtube.theory.models import Model
from fluxtube.theory.parallel import angular_power_spectrum


def plain_C_l(low, high, l, slope=-4.7, speed=299792.458):
    """C_l of E = 1 on (low, high), lambda = 1: waves and directions summed by Gauss and Legendre."""
    mu, weight = np.polynomial.legendre.leggauss(120)
    u, g = np.polynomial.legendre.leggauss(60)
    kappa, g = 0.5 * (low + high) + 0.5 * (high - low) * u, 0.5 * (high - low) * g
    seen = (np.exp(1j * np.outer(kappa, mu)) - 1) @ (weight * mu * eval_legendre(l, mu))
    power = 2 * g @ np.abs(seen) ** 2  # E counts both signs of kappa
    return (slope / speed) ** 2 * (2 * np.pi) ** 2 * (2 * l + 1) / (4 * np.pi) * power / (2 * l + 1)


def steps(kappa):
    return np.where((kappa > 2) & (kappa < 3), 1.0, 0.0)


def test_a_jump_that_is_not_named_is_an_end_of_panels(monkeypatch):
    expected = [plain_C_l(2, 3, l) for l in (2, 3, 6)]
    flow = Turbulence.field_aligned(steps, band=(0.1, 10))
    np.testing.assert_allclose(flow.breaks, [0.1, 2, 3, 10], rtol=1e-12)
    np.testing.assert_allclose(angular_power_spectrum(flow, 1.0, l_max=6)[[0, 1, 4]], expected, rtol=1e-10)
    monkeypatch.setattr(turbulence, "with_found_breaks", lambda spectrum, *_: spectrum)  # the control: before, 2 to 19 % off
    blind = angular_power_spectrum(Turbulence.field_aligned(steps, band=(0.1, 10)), 1.0, l_max=6)[[0, 1, 4]]
    assert np.all(np.abs(blind / expected - 1) > 0.01)


@pytest.mark.parametrize(
    ("w", "integral"),
    [
        (lambda k: np.where(k < 3, 1.0, 0.0), 2.9),
        (lambda k: np.where(k < 1, 1.0, 0.5), 0.9 + 4.5),  # in the middle of the band, where an end of a panel could stand
        (lambda k: np.where(k < 3, k, 81 / k**3), 4.495 + 40.5 * (1 / 9 - 0.01)),
        (lambda k: np.exp(-0.5 * ((k - 3) / 0.01) ** 2), 0.01 * np.sqrt(2 * np.pi)),
        (lambda k: np.interp(k, [0.1, 2.0, 5.0, 10.0], [0.0, 3.0, 1.0, 1.0]), 2.85 + 6 + 5),
        (lambda k: k**-2.0 * (1 + np.cos(40 * k)), None),
    ],
)
def test_integrals_of_rough_functions(w, integral):
    if integral is None:  # waves: the trapezoidal rule
        k = np.linspace(0.1, 10, 400_001)
        integral = np.trapezoid(w(k), k)
    assert Turbulence.isotropic(w, band=(0.1, 10)).mean_square_velocity == pytest.approx(integral, rel=1e-7)


def test_a_jump_of_the_transverse_fraction():
    """beta = 0 below k = 1, then 1: the sum of two flows, each in closed form."""
    def beta(k):
        return np.where(k < 1, 0.0, 1.0)

    both = Turbulence.power_law(5 / 3, 23.0, 10.0, beta, band=(0.01, 50))
    parts = [Turbulence.power_law(5 / 3, 23.0, 10.0, share, band) for share, band in ((0.0, (0.01, 1.0)), (1.0, (1.0, 50.0)))]
    kappa = np.array([0.003, 0.3, 0.97, 1.02, 7.0])
    expected = sum(part.field_aligned_spectrum(kappa) for part in parts)
    np.testing.assert_allclose(both.field_aligned_spectrum(kappa), expected, rtol=1e-10)
    C_l = sum(angular_power_spectrum(part, 10.0, l_max=8) for part in parts)
    np.testing.assert_allclose(angular_power_spectrum(both, 10.0, l_max=8), C_l, rtol=1e-9)


@pytest.mark.parametrize(
    "w",
    [
        lambda k: k ** (-5 / 3), lambda k: k**2 * np.exp(-k), lambda k: k**-1.5 * np.exp(-((k / 2) ** 2)),
        lambda k: k**4 / (1 + k**2) ** (17 / 6), lambda k: k**-1.0 * (1 + (k / 5) ** 8) ** (-1 / 8),
        lambda k: k ** (-5 / 3) * (1 + 3 * np.exp(-(np.log(k / 10) ** 2))), lambda k: (k**-1.5).astype(np.float32),
    ],
)  # fmt: skip
@pytest.mark.parametrize("band", [None, (1e-3, 1e3)])
def test_smooth_functions_are_left_as_they_are(w, band):
    """Their numbers keep their bits."""
    flow = Turbulence.isotropic(w, band=band)
    assert flow.spectrum.function is w
    assert flow.spectrum.breaks == ()


def test_noise_is_no_spectrum():
    draw = np.random.default_rng(1).random
    with pytest.raises(InputError, match="no smooth form"):
        Turbulence.isotropic(lambda k: k**-1.5 * (1 + draw(k.shape)), band=(0.1, 10))


@pytest.mark.parametrize("model", ["parallel", "isotropic"])
def test_a_jump_of_a_form_with_axial_symmetry(model):
    """The same turbulence by both routes; before, C_2 of isotropic transport was 3 % off."""
    axial = AxialTurbulence.of(Separable(steps, Uniform()), band=(0.1, 10))
    assert axial.mean_square_velocity == pytest.approx(1.0, rel=1e-12)
    expected = Model.named(model).spectrum(Turbulence.isotropic(steps, 2 / 3, band=(0.1, 10)), 1.0, 6)
    np.testing.assert_allclose(Model.named(model).spectrum(axial, 1.0, 6), expected, rtol=1e-9)


def test_a_bare_function_is_no_axial_form():
    with pytest.raises(InputError, match=r"is no w\(k, nu\).*breaks"):
        AxialTurbulence.of(lambda k, nu: k**-2.0 + 0 * nu, band=(0.1, 10))
