"""Profiles, planes, false-alarm rates, gyrotropy and parity: against the likelihood itself, and calibrated on simulated skies."""

import numpy as np
import pytest
from inference_skies import FIELD, masked_map, observed
from scipy.stats import kstest

from fluxtube.analysis.inference.likelihood import SkyLikelihood
from fluxtube.analysis.inference.modes import degrees_and_orders, rotation
from fluxtube.analysis.inference.parameters import Prior
from fluxtube.analysis.inference.profile import grid_posterior, model_best, plane
from fluxtube.analysis.inference.significance import gain
from fluxtube.analysis.inference.symmetry import parity, symmetry
from fluxtube.analysis.inference.transport import Point

PRIOR = Prior(fixed=Point(field=FIELD))
ISOTROPIC = Point(30.0, 5 / 3, 1.0, 1.0, FIELD)


def draw(data, model, point, seed):
    return data.with_values(SkyLikelihood(data, model).draw(point, np.random.default_rng(seed)))


def test_plane_is_the_likelihood_at_its_best_sigma():
    data = draw(masked_map(5e-10), "cross-field", Point(35.0, 5 / 3, 0.4, 0.6, FIELD), 1)
    table = plane(data, ISOTROPIC, PRIOR, size=3)
    likelihood = SkyLikelihood(data, "cross-field")
    sigmas = np.geomspace(15, 80, 200)
    for i, j in ((1, 1), (1, 2), (2, 0)):
        point = [Point(s, 5 / 3, table.displacement[i], table.convection[j], FIELD) for s in sigmas]
        assert table.log_likelihood[i, j] == pytest.approx(max(likelihood(p) for p in point), abs=0.02)
    isotropic = model_best(data, "isotropic", ISOTROPIC, PRIOR, data.values[None])[0]
    assert isotropic == pytest.approx(table.log_likelihood[2, 2], abs=1e-6)
    weight = grid_posterior(data, ISOTROPIC, PRIOR, np.linspace(0, 1, 3), (5 / 3,))
    shift = table.log_likelihood.max()
    logs = np.array(
        [
            [np.log(np.sum(np.exp([likelihood(Point(s, 5 / 3, e, h, FIELD)) - shift for s in sigmas]))) for h in (0.5, 1.0)]
            for e in (0.5, 1.0)
        ]
    )
    np.testing.assert_allclose(np.diff(np.log(weight[1:, 1:]).ravel()), np.diff(logs.ravel()), atol=0.05)


def test_false_alarm_rates():
    """Isotropic skies: the rate is uniform over 25 of them (KS, 1e-4); a sky of eps = 0.1 has the smallest rate there is."""
    data = observed(5, 3e-10)
    rates = [gain(draw(data, "isotropic", ISOTROPIC, seed), "isotropic", ISOTROPIC, PRIOR, skies=60).rate for seed in range(25)]
    assert kstest(rates, "uniform").pvalue > 1e-4
    found = gain(draw(data, "cross-field", Point(40.0, 5 / 3, 0.1, 0.1, FIELD), 3), "isotropic", ISOTROPIC, PRIOR, skies=60)
    assert found.rate == pytest.approx(1 / 61)


def test_gyrotropy():
    """p is uniform over 40 isotropic skies (KS, 1e-4 each), for the direction and for the scan; a parallel sky is found, at B."""
    data = observed(6, 3e-10)
    results = [symmetry(draw(data, "isotropic", ISOTROPIC, 100 + seed), ISOTROPIC, FIELD, skies=150) for seed in range(40)]
    for values in ([r.p_value for r in results], [r.best_p_value for r in results]):
        assert kstest(values, "uniform").pvalue > 1e-4
    whole = observed(6, 1e-15, lost=())
    along = draw(whole, "parallel", Point(60.0, 5 / 3, field=FIELD), 5)
    found = symmetry(along, ISOTROPIC, FIELD, skies=150)
    np.testing.assert_allclose(found.share, 1, atol=1e-3)
    assert found.p_value == found.best_p_value == pytest.approx(1 / 151)
    distance = np.hypot((found.best_direction[0] - FIELD[0]) * np.cos(np.deg2rad(FIELD[1])), found.best_direction[1] - FIELD[1])
    assert distance < 6  # the scan's steps
    # By hand: power with m = 0 about the field from the rotation itself.
    l, _ = degrees_and_orders(6)
    sky = draw(whole, "isotropic", ISOTROPIC, 6)
    shares = symmetry(sky, ISOTROPIC, FIELD, skies=10).share
    for block, degree, share in zip(rotation(6, FIELD), range(2, 7), shares, strict=True):
        about = block.T @ sky.values[l == degree]
        assert share == pytest.approx(about[0] ** 2 / np.sum(about**2), rel=2e-3)


def test_parity():
    """Uniform p on isotropic skies (40, KS, 1e-4); odd degrees alone: even ones are noise, and the ratio is at its end."""
    data = observed(6, 3e-10)
    results = [parity(draw(data, "isotropic", ISOTROPIC, 200 + seed), ISOTROPIC, skies=200) for seed in range(40)]
    assert kstest([r.p_value for r in results], "uniform").pvalue > 1e-4
    assert all(r.even_is_noise < 1e-6 for r in results)
    sky = draw(data, "isotropic", ISOTROPIC, 300)
    l = degrees_and_orders(6)[0][sky.response]
    noise = np.sqrt(3e-10) * np.random.default_rng(1).standard_normal(len(l))
    odd = parity(sky.with_values(np.where(l % 2 == 1, sky.values, noise)), ISOTROPIC, skies=200)
    assert odd.ratio < 0.1
    assert odd.p_value == pytest.approx(1 / 201)
    assert 1e-4 < odd.even_is_noise < 1 - 1e-4


def test_predicted_skies():
    """Replicated power brackets a sky of the model; chi^2 tells a sky of another from it; maps have no degrees."""
    from fluxtube.analysis.inference.posterior import Posterior
    from fluxtube.analysis.inference.predictive import predict

    data = observed(6, 3e-10)
    posterior = Posterior("isotropic", (), ISOTROPIC, 0.0, 0.0, 0.0, 0.0, [ISOTROPIC], np.zeros(1), 1)
    own = predict(draw(data, "isotropic", ISOTROPIC, 1), posterior)
    expected = np.diag(SkyLikelihood(data, "isotropic").covariance(ISOTROPIC))[[0, -1]]
    np.testing.assert_allclose(own.quantiles[1][[0, -1]], expected, rtol=0.35)  # medians of chi^2/4 and chi^2/12
    assert 0.01 < own.p_value < 0.99
    assert np.all(own.quantiles[0] < own.quantiles[2])
    loud = predict(draw(data, "isotropic", Point(90.0, field=FIELD), 2), posterior)
    assert loud.p_value < 0.01
    assert predict(masked_map(), posterior) is None
