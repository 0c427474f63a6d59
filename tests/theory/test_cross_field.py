"""The exact covariance of cross-field transport against both ends' theory, and the slope measured from a run."""

import numpy as np
import pytest

from fluxtube.analysis.validation.slope import measure_slope
from fluxtube.cli import main
from fluxtube.errors import InputError
from fluxtube.theory import Turbulence, cross_field, isotropic, parallel
from fluxtube.theory.models import Model

L_MAX, PATH = 7, 10.0


def banded(gamma=5 / 3, beta=2 / 3, low=1e-3, high=2.0):
    return Turbulence.power_law(gamma, 23.0, PATH, beta, (low, high))


def spectrum(turbulence, weights):
    return Model(*weights).spectrum(turbulence, PATH, L_MAX, spectral_slope=1.0, speed=1.0)


@pytest.mark.parametrize(("beta", "free_path"), [(0.0, "fixed"), (2 / 3, "exponential"), (2 / 3, "fixed"), (1.0, "fixed")])
def test_ends_are_parallel_and_isotropic(beta, free_path):
    """Halfway it is neither; just off either end it is the end, by another road (quadrature over directions)."""
    turbulence, orders = banded(beta=beta), np.arange(-L_MAX, L_MAX + 1)
    expected = parallel.multipole_covariance(turbulence, PATH, L_MAX, free_path=free_path)
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    along = cross_field.multipole_covariance(turbulence, PATH, 1e-7, 0, L_MAX, orders=orders, free_path=free_path)
    assert np.max(np.abs(along[L_MAX] - expected) / scale) < 1e-9
    assert np.max(np.abs(np.delete(along, L_MAX, axis=0) / scale)) < 1e-9
    power = isotropic.angular_power_spectrum(turbulence, PATH, L_MAX, 1.0, 1.0, free_path=free_path)
    whole = cross_field.multipole_covariance(turbulence, PATH, 1, 1, L_MAX, orders=orders, free_path=free_path)
    present = np.arange(2, L_MAX + 1) >= np.abs(orders)[:, None]
    assert np.allclose(whole, present[:, :, None] * np.diag(power), rtol=1e-9, atol=1e-12 * power[-1])
    half = cross_field.multipole_covariance(turbulence, PATH, 0.5, 0.5, L_MAX, orders=orders, free_path=free_path)
    assert not np.allclose(half, whole, rtol=0.1)


@pytest.mark.parametrize("weights", [(0.3, 0.6), (1.0, 0.0), (0.0, 1.0)])
def test_spectrum_is_the_trace_and_the_closed_form(weights):
    """Three ways to C_l: the covariance's trace, the addition theorem, and a power law without end in closed form."""
    trace = Model(*weights).covariance(banded(high=0.8), PATH, L_MAX, orders=np.arange(-L_MAX, L_MAX + 1))
    trace = np.einsum("mll->l", trace) / (2 * np.arange(2, L_MAX + 1) + 1)
    quick = spectrum(banded(high=0.8), weights)
    assert np.allclose(quick, trace, rtol=1e-9)
    wide = spectrum(banded(low=1e-5, high=30.0), weights)
    endless = spectrum(Turbulence.power_law(5 / 3, 23.0, PATH), weights)
    assert np.allclose(wide, endless, rtol=0.012)  # what lies beyond k lambda = 300
    assert not np.allclose(quick, endless, rtol=0.05)


def test_slope_does_not_depend_on_the_weights():
    """The conjecture that closes section 5 of Zhang & Liu (2025): at large l every C_l goes as l^(-gamma-1)."""
    for gamma in (1.5, 5 / 3, 2.0):
        turbulence = Turbulence.power_law(gamma, 23.0, PATH)
        for weights in ((0, 0), (0, 1), (0.1, 0.1), (0.5, 0.2), (1, 0), (1, 1)):
            power = Model(*weights).spectrum(turbulence, PATH, 2000, l_min=1000)
            assert np.log(power[-1] / power[0]) / np.log(2) == pytest.approx(-gamma - 1, abs=2e-3)
    amplitudes = {w: Model(*w).spectrum(turbulence, PATH, 10)[-1] for w in ((0, 0), (1, 1))}
    assert amplitudes[1, 1] > 3 * amplitudes[0, 0]  # while the amplitude does


def fitted_slope(gamma, l):
    """dln C_l/dln l of parallel diffusion over the run's band, by a fit of its own with the weight of 2 l + 1 orders."""
    turbulence = Turbulence.power_law(gamma, 23.0, PATH, 2 / 3, (1e-2 / PATH, 1e2 / PATH))
    power = parallel.angular_power_spectrum(turbulence, PATH, int(l[-1]), l_min=int(l[0]))
    return np.polyfit(np.log(l), np.log(power), 1, w=np.sqrt(2 * l + 1))[0]


def test_measured_slope(tmp_path, capsys):
    """A run of lines: slope within 4 of its errors of theory's (rate 6e-5), not of that of gamma = 2.2; the command prints it."""
    run = tmp_path / "run.h5"
    (tmp_path / "run.toml").write_text(
        "[turbulence]\nband = [1e-2, 1e2]\n[sky]\nl_max = 16\nnside = 16\n[ensemble]\nrealisations = 2000\n"
        "[output]\nmultipoles = 2000\n"
    )
    assert main(["run", str(tmp_path / "run.toml"), "-o", str(run), "-q"]) == 0
    slope = measure_slope(run, l_min=4)
    assert abs(slope.z) < 4
    by_hand = {gamma: fitted_slope(gamma, slope.l) for gamma in (5 / 3, 2.2)}
    assert slope.expected == pytest.approx(by_hand[5 / 3], abs=1e-6)
    assert abs(slope.value - by_hand[2.2]) > 4 * slope.error
    assert slope.amplitude == pytest.approx(1, abs=4 * slope.amplitude_error)
    capsys.readouterr()
    assert main(["slope", str(run), "-o", str(tmp_path / "slope.png"), "--l-min", "4"]) == 0
    assert f"{slope.value:+.4f}" in capsys.readouterr().out
    assert (tmp_path / "slope.png").stat().st_size > 10_000
    with pytest.raises(InputError, match="three degrees"):
        measure_slope(run, l_min=15)


@pytest.mark.parametrize(
    ("keys", "wrong"),
    [
        ('free_path = "exponential"\n[sampling]\nflow = "fbm"\nmodes = 1024', -8 / 3),
        ('[turbulence]\nspectrum = "slab"\nband = [1e-2, 1e2]', -17 / 3),
    ],
)
def test_measured_slope_of_other_runs(tmp_path, keys, wrong):
    """Exponential paths without a band, and slab turbulence: within 5 standard errors (rate 6e-7), not the other law's slope."""
    run = tmp_path / "run.h5"
    lines = "[sky]\nl_max = 12\nnside = 16\n[ensemble]\nrealisations = 1000\n[output]\nmultipoles = 1000\nskies = 0\n"
    (tmp_path / "run.toml").write_text(f"{lines}[transport]\n{keys}\n")
    assert main(["run", str(tmp_path / "run.toml"), "-o", str(run), "-q"]) == 0
    slope = measure_slope(run, l_min=3)
    assert abs(slope.z) < 5
    assert slope.amplitude == pytest.approx(1, abs=5 * slope.amplitude_error)
    assert abs(slope.value - wrong) > 5 * slope.error  # negative control
