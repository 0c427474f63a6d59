"""Arguments from Python that cannot be meant: an InputError that names them, not a number and not another exception."""

import numpy as np
import pytest

import fluxtube
from fluxtube.analysis.observations.pitch_angle import pitch_angle_profile

KEYS = {"turbulence.band": [0.1, 20], "sky.l_max": 4, "sky.nside": 2, "ensemble.realisations": 5, "check.realisations": 0}


@pytest.fixture(scope="module")
def one():
    return fluxtube.Realisation({}, 0, KEYS)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), "3", None, 2**70, 1.5, -1, True])
def test_number_of_a_realisation(number):
    with pytest.raises(fluxtube.InputError, match="realisation"):
        fluxtube.Realisation({}, number, KEYS)


@pytest.mark.parametrize("positions", [[np.nan], [np.inf], "a", [1j], ["1"]])
def test_positions(one, positions):
    with pytest.raises(fluxtube.InputError, match="positions must be finite"):
        one.velocity(positions)
    assert np.isfinite(one.velocity([1, 2])).all()  # whole numbers are numbers


@pytest.mark.parametrize("where", [3, -2, float("nan"), float("inf"), 2**20, "x"])
def test_pixels(one, where):
    with pytest.raises(fluxtube.InputError, match="nside"):
        one.sky(where)


@pytest.mark.parametrize("count", [0, 1.5, 10**12, float("nan"), "5"])
def test_particles(one, count):
    with pytest.raises(fluxtube.InputError, match="particles"):
        one.particles(count)


@pytest.mark.parametrize("w", [lambda k: -(k**-1.6), lambda k: k * np.nan, lambda k: 0 * k])
def test_spectra_that_are_none(w):
    """A negative spectrum gave a sky of zeros."""
    with pytest.raises(fluxtube.InputError):
        fluxtube.simulate({}, KEYS, turbulence=fluxtube.Turbulence.isotropic(w, band=(0.01, 2.0)))


def test_units_of_quantities_are_brought_to_ours(one):
    """np.asarray drops the unit of a quantity in silence: 1 kpc was 1 pc, 60 deg were 60 rad."""
    units = pytest.importorskip("astropy.units")
    np.testing.assert_allclose(one.velocity([0.001, 0.02] * units.kpc), one.velocity([1.0, 20.0]), rtol=1e-12)
    np.testing.assert_array_equal(one.sky([[0, 3, 4]] * units.m), one.sky([[0, 0.6, 0.8]]))
    given = {
        "transport.mean_free_path": 0.01 * units.kpc, "turbulence.sigma": 2.3e4 * units.m / units.s,
        "sky.field_direction": [4.0 * units.rad, 0.2 * units.rad], "transport.density_gradient": 0.25 / units.kpc,
        "turbulence.gamma": 1.6 * units.one,
    }  # fmt: skip
    config = fluxtube.configuration({}, {**KEYS, **given})
    np.testing.assert_allclose(
        [config.transport.mean_free_path, config.turbulence.sigma, config.transport.density_gradient, config.turbulence.gamma],
        [10, 23, 2.5e-4, 1.6], rtol=1e-12,
    )  # fmt: skip
    np.testing.assert_allclose(config.sky.field_direction, np.rad2deg([4.0, 0.2]), rtol=1e-12)
    alm = np.tril(np.ones((4, 4))).astype(complex)
    theta = np.deg2rad([10.0, 60.0])
    expected = pitch_angle_profile(alm, (229.2, 11.4), theta)
    np.testing.assert_allclose(pitch_angle_profile(alm, (229.2, 11.4), [10.0, 60.0] * units.deg), expected, rtol=1e-12)
    assert abs(pitch_angle_profile(alm, (229.2, 11.4), [10.0, 60.0])[1] / expected[1] - 1) > 0.01  # the control: as radians
    flow = fluxtube.Turbulence.power_law(5 / 3, 23.0, 10.0)
    refused = (
        lambda: one.velocity([1.0] * units.s), lambda: flow.energy_spectrum([1.0] / units.kpc),
        lambda: flow.structure_function(3 * units.kpc), lambda: flow.field_aligned_spectrum(3 / units.pc),
        lambda: fluxtube.Turbulence.tabulated([1, 2] / units.kpc, [1, 2]),
        lambda: fluxtube.configuration({}, {"turbulence.band": [0.1, 20] / units.pc}),
    )  # fmt: skip
    for call in refused:
        with pytest.raises(fluxtube.InputError, match=r"unit|not a number"):
            call()


def test_masked_values_are_not_data(one):
    """np.asarray drops masks too: masked pixels of a map went into its multipoles."""
    healpix_map = pytest.importorskip("fluxtube.analysis.observations.healpix_map")
    pytest.importorskip("healpy")
    sky, mask = 1e-3 * np.random.default_rng(0).normal(size=192), np.arange(192) < 50
    expected = healpix_map.map_alm(np.where(mask, 0.0, sky), 4)
    np.testing.assert_array_equal(healpix_map.map_alm(np.ma.array(sky, mask=mask), 4), expected)
    assert np.abs(healpix_map.map_alm(sky, 4) - expected).max() > 1e-5  # the control
    with pytest.raises(fluxtube.InputError, match="masked"):
        one.velocity(np.ma.array([1.0, 2.0], mask=[False, True]))
    with pytest.raises(fluxtube.InputError, match="masked"):
        fluxtube.Turbulence.tabulated(np.ma.array([1.0, 2.0, 3.0], mask=[False, False, True]), [1.0, 1.0, 1.0])
    np.testing.assert_array_equal(one.velocity(np.ma.array([1.0, 2.0])), one.velocity([1.0, 2.0]))
