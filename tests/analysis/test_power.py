"""The power that `validate` states, against rejections counted on ensembles drawn with that very change."""

import numpy as np
import pytest
import synthetic_runs as synthetic

from fluxtube.analysis.validation.expected import expected_covariance
from fluxtube.analysis.validation.moments import select_moments
from fluxtube.analysis.validation.table import power_line
from fluxtube.analysis.validation.validate import judge, validate

L_MAX, TRIALS = 12, 100


def rejected(flow, count, change, name):
    """Share of ensembles rejected whose gamma or sigma is off by `change`, held against the configuration's own theory."""
    config = synthetic.config(L_MAX, flow=flow)
    theory = expected_covariance(config, L_MAX)
    if name == "gamma":
        true = expected_covariance(config.with_overrides([f"turbulence.gamma={5 / 3 + change}"]), L_MAX)[0]
    else:
        true = theory[0] * np.exp(2 * change)
    found = 0
    for seed in range(TRIALS):
        ensemble = synthetic.gaussian_ensemble(seed, true, count, flow=flow)
        found += judge(ensemble, select_moments(ensemble), theory).verdict == "rejected"
    return found / TRIALS


@pytest.mark.parametrize(("flow", "count", "name"), [("line", 200, "gamma"), ("line", 200, "sigma"), ("modes", 400, "gamma")])
def test_stated_power_is_that_counted(flow, count, name):
    """100 ensembles with the stated change, of the sign that takes more: 90 % rejected, as stated, or more where several tests
    reject; fewer than 79 have a chance of 2e-4. Half of the change is found in well below 90 % (control)."""
    theory = expected_covariance(synthetic.config(L_MAX), L_MAX)[0]
    change = validate(synthetic.gaussian_ensemble(1, theory, count, flow=flow)).detectable[name]
    shares = [rejected(flow, count, sign * change, name) for sign in (1, -1)]
    half = [rejected(flow, count, sign * change / 2, name) for sign in (1, -1)]
    assert min(shares) >= 0.79
    assert min(half) < 0.65


def test_power_grows_with_the_run_and_is_printed():
    """Changes fall as one over the root of N; a run too small for any says so."""
    theory = expected_covariance(synthetic.config(L_MAX), L_MAX)[0]
    few, many = (validate(synthetic.gaussian_ensemble(2, theory, count)) for count in (100, 10_000))
    assert few.detectable["gamma"] / many.detectable["gamma"] == pytest.approx(10, rel=0.25)
    assert many.detectable["sigma"] < 0.02
    assert "gamma wrong by" in power_line(many)
    assert "sigma wrong by" in power_line(many)
    three = validate(synthetic.gaussian_ensemble(3, theory, 3))
    assert three.detectable["gamma"] is None
    assert "no gamma" in power_line(three)
    assert three.to_dict()["detectable_with_90_percent"]["gamma"] is None
