"""Arguments from Python that cannot be meant: an InputError that names them, not a number and not another exception."""

import numpy as np
import pytest

import fluxtube

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
