"""sigma scaled by c scales C_l by c^2, in runs (to the bit for powers of two), theory and every command where it has a
meaning; units do not matter."""

import numpy as np
import pytest
from configurations import KINDS, SMALL, results, small
from hypothesis import given
from hypothesis import strategies as st
from trying import TRIED, tries

import fluxtube
from fluxtube.analysis.comparison.compare import compare
from fluxtube.analysis.configured import theory_of_config
from fluxtube.analysis.fit.fit import fit_spectrum
from fluxtube.analysis.fit.posterior import Prior
from fluxtube.analysis.inference.data import from_table
from fluxtube.analysis.inference.flow import conditional_flow
from fluxtube.analysis.inference.likelihood import SkyLikelihood
from fluxtube.analysis.inference.noise import white
from fluxtube.analysis.inference.transport import Point
from fluxtube.analysis.observations.spectrum_table import Spectrum
from fluxtube.analysis.validation.slope import measure_slope
from fluxtube.analysis.validation.validate import validate
from fluxtube.cli import main
from fluxtube.sim.config.units import LENGTHS
from fluxtube.tables import read_table

POWERS = {"mean": 1, "second_moment": 2, "noise": 2, "square_moment": 4, "C_l": 2, "C_l_error": 2, "C_l_covariance": 4,
          "sky_mean": 1, "sky_mean_square": 2, "samples_multipoles": 1, "samples_sky": 1, "momenta": 2}  # fmt: skip
NOT_LINEAR = ("transport.density_gradient", "sampling.momentum")  # what adds another anisotropy, or powers of u/v


def simulated(keys):
    return fluxtube.simulate({}, keys, threads=1)


@tries(16)
@given(small(), st.sampled_from([-3, -1, 1, 4]))
def test_a_run_scales_to_the_bit(keys, power):
    """By powers of two, in which floating-point numbers scale exactly."""
    keys = {key: value for key, value in keys.items() if key not in NOT_LINEAR}
    one, other = (results(simulated(keys | {"turbulence.sigma": f"{23.0 * 2.0**p!r} km/s"})) for p in (0, power))
    TRIED["runs scaled"] += 1
    for name, values in one.items():
        expected = values * 2.0 ** (POWERS.get(name, 0) * power)
        if "table" in keys.get("turbulence.spectrum", ""):  # interpolated in ln w, where a factor is a sum
            floor = 1e-12 * np.nanmax(np.abs(expected))
            assert np.allclose(other[name], expected, rtol=1e-10, atol=floor, equal_nan=True), name
        else:
            assert np.array_equal(other[name], expected, equal_nan=True), name
    assert np.any(one["C_l"][2:] > 0)


@tries(25)
@given(small(), st.floats(0.01, 100))
def test_theory_scales(keys, factor):
    keys = keys | {"ensemble.field_directions": "fixed"}
    spectra = [
        theory_of_config(fluxtube.configuration({}, keys | {"turbulence.sigma": f"{23.0 * c!r} km/s"})).spectrum(5)
        for c in (1.0, factor)
    ]
    TRIED["theories scaled"] += 1
    assert np.allclose(spectra[1], factor**2 * spectra[0], rtol=1e-11, atol=0)


@tries(6)
@given(st.sampled_from(["parallel", "isotropic"]), st.floats(0.1, 10), st.integers(0, 2**32 - 1))
def test_fit_scales(model, factor, seed):
    """The same spectrum in another unit of C_l, with the prior moved along: every quantile of sigma moves along."""
    rng = np.random.default_rng(seed)
    l = np.arange(2, 15)
    C_l = 3e-8 * (l / 2.0) ** -2.67 * rng.chisquare(2 * l + 1) / (2 * l + 1)
    fits = [
        fit_spectrum(Spectrum(l=l, C_l=c**2 * C_l), model, Prior((1.0 * c, 1000.0 * c)), steps=0) for c in (1.0, factor)
    ]
    TRIED["fits scaled"] += 1
    assert np.allclose(fits[1].sigma, factor * np.array(fits[0].sigma), rtol=1e-4)
    assert np.allclose(fits[1].gamma, fits[0].gamma, rtol=1e-4)


@tries(12)
@given(st.sampled_from(["parallel", "isotropic", "cross-field"]), st.floats(0.1, 10), st.integers(0, 2**32 - 1))
def test_likelihood_of_a_sky_scales(model, factor, seed):
    """Data and sigma by c, noise by c^2: ln L falls by n ln c, for n data."""
    rng = np.random.default_rng(seed)
    alm = np.tril(1e-4 * (rng.normal(size=(5, 5)) + 1j * rng.normal(size=(5, 5))))
    alm[:, 0] = alm[:, 0].real
    values = []
    for c in (1.0, factor):
        data = from_table(c * alm, white(4, 3e-10 * c**2), l_max=4, description="drawn")
        values.append(SkyLikelihood(data, model)(Point(sigma=30.0 * c, displacement=0.4, convection=0.5)))
    TRIED["likelihoods scaled"] += 1
    assert values[1] - values[0] == pytest.approx(-len(data.values) * np.log(factor), abs=1e-6)


@tries(20)
@given(small(), st.sampled_from(sorted(LENGTHS)))
def test_units_do_not_matter(keys, unit):
    """10 pc = 3.0857e17 m: lengths in another unit give the same theory."""
    keys = keys | {"ensemble.field_directions": "fixed", "transport.mean_free_path": "10 pc"}
    other = {}
    for key, value in keys.items():
        if isinstance(value, str) and value.endswith(" pc"):
            other[key] = f"{float(value[:-3]) / LENGTHS[unit]!r} {unit}"
        elif key == "transport.other_mean_free_paths":
            other[key] = [f"{float(one[:-3]) / LENGTHS[unit]!r} {unit}" for one in value]
    spectra = [theory_of_config(fluxtube.configuration({}, keys | changed)).spectrum(5) for changed in ({}, other)]
    TRIED["units changed"] += 1
    assert np.allclose(spectra[1], spectra[0], rtol=1e-10, atol=0)


@tries(2)
@given(st.sampled_from(["isotropic", "cross-field"]), st.floats(0.1, 10))
def test_a_forecast_scales(model, factor):
    """sigma by c and events by 1/c^2: the relative error of sigma and the errors of all else stay."""
    from fluxtube.analysis.forecast.forecast import forecast
    from fluxtube.analysis.forecast.sky import whole_sky

    keys = {"transport.model": model, "sampling.flow": "modes"}
    if model == "cross-field":
        keys |= {"transport.displacement_perpendicular": 0.5, "transport.convection_perpendicular": 0.4}
    found = []
    for c in (1.0, factor):
        config = fluxtube.configuration({}, keys | {"turbulence.sigma": f"{23.0 * c!r} km/s"})
        found.append(forecast(config, whole_sky(4, 2, False), ("sigma", "gamma"), [1e11 / c**2], None, [{"gamma": 1.4}], 5.0))
    TRIED["forecasts scaled"] += 1
    from fluxtube.analysis.forecast.report import forecast_dict

    one, other = (forecast_dict(each) for each in found)
    assert other["noise_level"][0] == pytest.approx(factor**2 * one["noise_level"][0], rel=1e-9)
    assert other["errors"]["sigma"][0] == pytest.approx(factor * one["errors"]["sigma"][0], rel=1e-5)
    assert other["errors"]["gamma"][0] == pytest.approx(one["errors"]["gamma"][0], rel=1e-5)


@tries(4)
@given(st.booleans(), st.floats(0.1, 10), st.integers(0, 2**32 - 1))
def test_a_measurement_scales(rings, factor, seed):
    """A map by c, its noise by c^2: C_l by c^2."""
    pytest.importorskip("healpy")
    from fluxtube.analysis.measure.spectrum import measure_map
    from fluxtube.analysis.measure.view import MapView

    rng = np.random.default_rng(seed)
    values = rng.normal(size=768) * 1e-4
    view = MapView((np.arange(768) > 100).astype(float), rings, True, 6)
    noise = view.noise(np.full(768, 4e-11))
    one, other = (measure_map(c * values, view, 4, c**2 * noise) for c in (1.0, factor))
    TRIED["measurements scaled"] += 1
    assert np.allclose(other.C_l, factor**2 * one.C_l, rtol=1e-9, atol=1e-12 * factor**2 * np.abs(one.C_l).max())
    assert np.allclose(other.error, factor**2 * one.error, rtol=1e-9)


@tries(8)
@given(st.sampled_from(["parallel", "isotropic", "cross-field"]), st.floats(0.1, 10), st.integers(0, 2**32 - 1))
def test_a_flow_scales(model, factor, seed):
    """Data and sigma by c, noise by c^2: the flow by c, its covariance by c^2; sigma alone does not (control)."""
    rng = np.random.default_rng(seed)
    alm = np.tril(1e-4 * (rng.normal(size=(5, 5)) + 1j * rng.normal(size=(5, 5))))
    alm[:, 0] = alm[:, 0].real
    places, found = np.linspace(-2, 2, 5), []
    for c, size in ((1.0, 1.0), (factor, factor), (1.0, 2.0)):
        data = from_table(c * alm, white(4, 3e-10 * c**2), l_max=4, description="drawn")
        point = Point(sigma=30.0 * size, displacement=0.4, convection=0.5)
        found.append(conditional_flow(SkyLikelihood(data, model), point, places))
    TRIED["flows scaled"] += 1
    (mean, covariance), (other, other_covariance), (wrong, _) = found
    assert np.allclose(other, factor * mean, rtol=1e-8, atol=1e-10 * factor * np.abs(mean).max())
    assert np.allclose(other_covariance, factor**2 * covariance, rtol=1e-8, atol=1e-10 * factor**2 * covariance.max())
    assert not np.allclose(wrong, 2 * mean, rtol=1e-3)


@pytest.mark.parametrize("kind", ["", "walks", "three energies"])
def test_verdicts_and_ratios_do_not_know_sigma(kind):
    """Runs by a power of two, each with its own theory: the same p-values and slope. Their ratio in `compare` is the square."""
    keys = SMALL | KINDS.get(kind, {}) | {"ensemble.realisations": 64, "output.multipoles": 64}
    runs = [simulated(keys | {"turbulence.sigma": f"{23.0 * 2.0**p!r} km/s"}) for p in (0, 3)]
    one, other = (validate(run) for run in runs)
    assert other.verdict == one.verdict
    for first, second in zip(one.outcomes, other.outcomes, strict=True):
        assert (first.name, first.decides) == (second.name, second.decides)
        assert (first.p_value is None) == (second.p_value is None)
        if first.p_value is not None:
            assert first.p_value == pytest.approx(second.p_value, rel=1e-6, abs=1e-12)
    assert sum(outcome.decides for outcome in one.outcomes) >= 4
    ratio = compare(*runs)
    known = np.isfinite(ratio.ratio)
    assert known.any()
    assert np.allclose(ratio.ratio[known], 4.0**-3, rtol=1e-9)
    assert ratio.verdict == "differ"
    if kind != "walks":  # the noise of so few leaves C_l below zero
        slopes = [measure_slope(run, l_min=2).value for run in runs]
        assert slopes[1] == pytest.approx(slopes[0], rel=1e-9)


def test_a_sweep_scales(tmp_path):
    """Over sigma: C_l and its error by the square, to the digits of the table."""
    (tmp_path / "run.toml").write_text(fluxtube.configuration({}, SMALL | {"ensemble.realisations": 20}).to_toml())
    arguments = ["--set", "turbulence.sigma=10 km/s,30 km/s", "-o", str(tmp_path / "grid"), "-q", "--threads", "1"]
    assert main(["sweep", str(tmp_path / "run.toml"), *arguments]) == 0
    table = read_table(tmp_path / "grid" / "spectra.csv")
    l, C_l, error = (table.column(name) for name in ("l", "c_l", "c_l_error"))
    half = len(l) // 2
    assert l[:half].tolist() == l[half:].tolist() == [2, 3, 4]
    for values in (C_l, error):
        assert np.allclose(values[half:], 9 * values[:half], rtol=1e-7)
