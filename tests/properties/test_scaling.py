"""sigma scaled by c scales C_l by c^2, in runs (to the bit for powers of two), theory, `fit` and `infer`; units do not matter."""

import numpy as np
import pytest
from configurations import small
from hypothesis import given
from hypothesis import strategies as st
from trying import TRIED, tries

import fluxtube
from fluxtube.analysis.configured import theory_of_config
from fluxtube.analysis.fit.fit import fit_spectrum
from fluxtube.analysis.fit.posterior import Prior
from fluxtube.analysis.inference.data import from_table
from fluxtube.analysis.inference.likelihood import SkyLikelihood
from fluxtube.analysis.inference.noise import white
from fluxtube.analysis.inference.transport import Point
from fluxtube.analysis.observations.spectrum_table import Spectrum
from fluxtube.sim.config.units import LENGTHS

POWERS = {"mean": 1, "second_moment": 2, "C_l": 2, "C_l_error": 2, "sky_mean": 1, "sky_mean_square": 2, "samples_multipoles": 1,
          "samples_sky": 1, "noise": 2}  # fmt: skip


def simulated(keys):
    return fluxtube.simulate({}, keys, threads=1)


@tries(16)
@given(small(), st.sampled_from([-3, -1, 1, 4]))
def test_a_run_scales_to_the_bit(keys, power):
    """By powers of two, in which floating-point numbers scale exactly."""
    one, other = (simulated(keys | {"turbulence.sigma": f"{23.0 * 2.0**p!r} km/s"}) for p in (0, power))
    TRIED["runs scaled"] += 1
    for name, order in POWERS.items():
        expected = getattr(one, name) * 2.0 ** (order * power)
        if "table" in keys["turbulence.spectrum"]:  # interpolated in ln w, where a factor is a sum
            floor = 1e-12 * np.nanmax(np.abs(expected))
            assert np.allclose(getattr(other, name), expected, rtol=1e-10, atol=floor, equal_nan=True), name
        else:
            assert np.array_equal(getattr(other, name), expected, equal_nan=True), name
    assert np.any(one.C_l[2:] > 0)


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
