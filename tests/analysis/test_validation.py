"""The verdict on whole ensembles, drawn from the analytic covariance itself and from others."""

import json

import numpy as np
import pytest
import synthetic_runs as synthetic

from fluxtube.analysis.validation.expected import expected_covariance
from fluxtube.analysis.validation.table import validation_table
from fluxtube.analysis.validation.validate import validate
from fluxtube.errors import InputError

CONFIG = synthetic.config(50)
THEORY = expected_covariance(CONFIG, 50)[0]


@pytest.fixture(scope="module")
def ensemble():
    """20,000 Gaussian draws of the analytic covariance, l = 2..50."""
    return synthetic.gaussian_ensemble(20250626, THEORY, 20_000)


def test_own_theory_is_accepted(ensemble):
    """False-alarm rate 1e-3, fixed seed; every |z| below 4 (3e-3 for 49)."""
    validation = validate(ensemble)
    assert validation.accepted
    assert validation.matrix.p_value > 1e-3
    assert validation.matrix.dof == 49 * 50 // 2
    assert np.all(np.abs(validation.spectrum.z) < 4)


@pytest.mark.parametrize("gamma", [5 / 3 - 0.05, 5 / 3 + 0.05])
def test_gamma_wrong_by_a_twentieth_is_rejected(ensemble, gamma):
    """Held against another spectral index: p < 1e-6 for the matrix, and the verdict."""
    validation = validate(ensemble, [f"turbulence.gamma={gamma}"])
    assert validation.matrix.p_value < 1e-6
    assert not validation.accepted


def test_covariance_without_its_off_diagonal_part_is_rejected():
    """An isotropic sky with the right C_l is not the model: seen by the matrix, not by the spectrum."""
    validation = validate(synthetic.gaussian_ensemble(1, np.diag(np.diag(THEORY)), 2000))
    found = {outcome.name: outcome.p_value for outcome in validation.outcomes}
    assert found["covariance, whole matrix"] < 1e-6
    assert found["C_l, largest |z|"] > 1e-3
    assert not validation.accepted


def test_particles_with_shot_noise_are_accepted_and_noise_is_reported():
    """Noise a fifth of the signal at l = 50."""
    noise = np.eye(49) * THEORY[-1, -1] / 5
    validation = validate(synthetic.particle_ensemble(2, THEORY, noise, 300))
    assert validation.accepted
    reported = np.array(validation.to_dict()["shot_noise"]) * (2 * validation.moments.l + 1)
    np.testing.assert_allclose(reported, THEORY[-1, -1] / 5, rtol=0.5)  # 6 sigma of sqrt(2/300)
    assert "shot noise removed" in validation_table(validation)


def test_dictionary_is_json_and_consistent(ensemble):
    """The promised keys; z is the difference over the error; no NaN."""
    result = json.loads(json.dumps(validate(ensemble, false_alarm=0.01).to_dict(), allow_nan=False))
    for key in ("l", "C_l", "C_l_error", "C_l_theory", "z"):
        assert len(result[key]) == 49
    z = (np.array(result["C_l"]) - result["C_l_theory"]) / result["C_l_error"]
    np.testing.assert_allclose(z, result["z"], rtol=1e-9)
    assert result["l"][0] == 2
    assert result["false_alarm"] == 0.01
    assert isinstance(result["accepted"], bool)
    assert np.shape(result["covariance_z"]) == (1, 49, 49)


def test_few_realisations_are_judged_by_what_is_defined():
    """N = 10 for 49 multipoles: no matrix test, still a verdict."""
    validation = validate(synthetic.gaussian_ensemble(3, THEORY, 10))
    assert validation.to_dict()["p_value"] is None
    assert validation.accepted
    notes = {outcome.name: outcome.note for outcome in validation.outcomes}
    for name, needed in {"even l": 25, "odd l": 24, "even-odd": 49, "whole matrix": 49}.items():
        assert f"10 realisations for {needed} multipoles, more than {needed} are needed" in notes[f"covariance, {name}"]
    assert notes["covariance, whole matrix"] in validation_table(validation)
    enough = validate(synthetic.gaussian_ensemble(3, THEORY, 60))  # control: there the test is made
    assert enough.matrix.p_value is not None


def test_a_rejection_says_so(ensemble):
    """Words for people, and the smallest p-value even where a double underflows."""
    text = validation_table(validate(ensemble, ["turbulence.sigma=30 km/s"]))
    assert "REJECTED" in text
    assert "< 1e-300" in text


@pytest.mark.parametrize("rate", [0.0, 1.0, -1.0, float("nan")])
def test_impossible_false_alarm_rate(ensemble, rate):
    """Not a probability."""
    with pytest.raises(InputError, match="false-alarm"):
        validate(ensemble, false_alarm=rate)
