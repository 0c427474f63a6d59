"""Telling rival values apart: the divergence against its sampling, its minimum against another search, numbers of events.

False-alarm rate 1e-4 a test; seeds are fixed.
"""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize
from test_fisher import config

from fluxtube.analysis.forecast.forecast import forecast
from fluxtube.analysis.forecast.parameters import moved
from fluxtube.analysis.forecast.rivals import divergence, nearest_rival
from fluxtube.analysis.forecast.sky import ForecastSky, part_of_sky, whole_sky
from fluxtube.analysis.inference.likelihood import log_density
from fluxtube.errors import InputError

RATE = 1e-4
NAMES = ("sigma", "gamma", "displacement_perpendicular", "convection_perpendicular")
ISOTROPIC = {"displacement_perpendicular": 1.0, "convection_perpendicular": 1.0}


@pytest.fixture(scope="module")
def sky():
    return ForecastSky(config(), whole_sky(8, rings_lost=True))


def test_divergence_is_the_mean_of_the_log_likelihood_ratio(sky):
    S_0, S_1 = (sky.covariance(moved(sky.point, changes), 3e10) for changes in ({}, ISOTROPIC))
    lower, other = np.linalg.cholesky(S_0), np.linalg.cholesky(S_1)
    skies = np.random.default_rng(2).standard_normal((4000, len(S_0))) @ lower.T
    ratio = log_density(lower, skies) - log_density(other, skies)
    z = (ratio.mean() - divergence(S_0, S_1)) / (ratio.std() / np.sqrt(4000))
    assert abs(z) < stats.norm.isf(RATE / 2)
    assert abs(ratio.mean() - divergence(S_1, S_0)) / (ratio.std() / np.sqrt(4000)) > 8  # the other way round is another
    assert abs(divergence(S_0, S_0)) < 1e-10


@pytest.mark.parametrize("changes", [{"gamma": 1.4}, {"displacement_perpendicular": 1.0}, {"convection_perpendicular": 0.0}])
def test_nearest_rival_is_the_minimum(sky, changes):
    """Against a search without derivatives and without the Fisher matrix, that starts elsewhere."""
    others = [name for name in NAMES if name not in changes]
    S_0 = sky.covariance(sky.point, 1e11)
    distance, point = nearest_rival(sky, sky.point, changes, NAMES, 1e11)
    bounds = {"sigma": (1, 200), "gamma": (1.02, 2.9)}

    def other(x):
        return divergence(S_0, sky.covariance(moved(sky.point, changes | dict(zip(others, x, strict=True))), 1e11))

    start = [{"sigma": 30.0, "gamma": 1.9}.get(name, 0.7) for name in others]
    found = minimize(
        other, start, method="Nelder-Mead", bounds=[bounds.get(name, (0, 1)) for name in others],
        options={"maxiter": 3000, "maxfev": 3000, "xatol": 1e-4, "fatol": 1e-6},
    )  # fmt: skip
    assert distance == pytest.approx(found.fun, rel=2e-3, abs=2e-5)
    known, _ = nearest_rival(sky, sky.point, changes, (), 1e11)
    assert known > 1.01 * distance
    assert divergence(S_0, sky.covariance(point, 1e11)) == pytest.approx(distance, rel=1e-12)


def test_fisher_is_the_limit_of_near_rivals():
    found = forecast(config(), whole_sky(6), NAMES, [1e9, 1e11], against=[{"gamma": 5 / 3 + 0.01}, {"gamma": 2.4}])
    near, far = found.rivals
    assert np.allclose(near.expected, near.fisher, rtol=0.02, atol=0)
    assert not np.allclose(far.expected, far.fisher, rtol=0.1, atol=0)
    assert near.fisher[1] == pytest.approx(0.5 * (0.01 / found.error("gamma")[1]) ** 2, rel=1e-6)


def test_events_that_decide():
    """More events never tell less; what is needed reaches the level; a level beyond one sky's limit is never reached."""
    found = forecast(config(), whole_sky(8), NAMES, 10.0 ** np.arange(8, 15), against=[ISOTROPIC], level=3.0)
    (one,) = found.rivals
    assert (np.diff(one.expected) > 0).all()
    assert (one.expected <= one.expected_known * (1 + 1e-9)).all()
    sky = ForecastSky(config(), whole_sky(8))
    assert nearest_rival(sky, sky.point, ISOTROPIC, NAMES, one.needed)[0] == pytest.approx(3.0, rel=0.05)
    assert one.expected[-1] < one.limit < 1.01 * one.expected[-1]
    assert np.isfinite(one.needed)
    never = forecast(config(), whole_sky(8), NAMES, [1e10], against=[ISOTROPIC], level=2 * one.limit).rivals[0]
    assert np.isinf(never.needed)
    # A part of the sky tells less; two energies tell more.
    half = part_of_sky(np.arange(3072) < 1536, 8)
    assert forecast(config(), half, NAMES, [1e12], against=[ISOTROPIC]).rivals[0].expected[0] < one.expected[4]
    two = config(**{"transport.energies": ["10 TeV", "100 TeV"], "turbulence.sigma_scale": "10 pc"})
    assert forecast(two, whole_sky(8), NAMES, [1e12], against=[ISOTROPIC]).rivals[0].expected[0] > 1.2 * one.expected[4]


def test_a_rival_that_is_the_truth_is_refused():
    with pytest.raises(InputError, match="same as that of the configuration"):
        forecast(config(), whole_sky(4), NAMES, [1e10], against=[{"gamma": 5 / 3}])
