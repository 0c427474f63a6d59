"""emcee and dynesty on one sky against plain importance sampling over the prior; the prior itself; warnings."""

import numpy as np
import pytest
from inference_skies import FIELD, masked_map
from scipy.special import logsumexp
from scipy.stats import kstest

from fluxtube.analysis.inference.parameters import NAMES, Prior, coordinates
from fluxtube.analysis.inference.posterior import Problem, infer
from fluxtube.analysis.inference.transport import Point
from fluxtube.errors import InputError

FREE = ("sigma", "displacement_perpendicular", "convection_perpendicular")


def unit(direction):
    alpha, delta = np.deg2rad(direction)
    return np.array([np.cos(delta) * np.cos(alpha), np.cos(delta) * np.sin(alpha), np.sin(delta)])


def test_prior_of_the_direction():
    """Hemisphere: cosine to the centre uniform, azimuth uniform; normal: squared distance exponential. Rate 1e-4 each."""
    rng = np.random.default_rng(1)
    cubes = rng.random((4000, 2))
    for error in (None, 4.0):
        prior = Prior(free=("field",), fixed=Point(field=FIELD), field_error=error)
        points = np.array([unit(prior.point("parallel", cube).field) for cube in cubes])
        cosine = points @ unit(FIELD)
        if error is None:
            assert kstest(cosine, "uniform").pvalue > 1e-4
        else:
            squared = np.arccos(np.clip(cosine, -1, 1)) ** 2 / 2 / np.deg2rad(error) ** 2
            assert kstest(squared, "expon").pvalue > 1e-4
            assert kstest(squared / 2, "expon").pvalue < 1e-4
        north = np.cross(np.cross(unit(FIELD), [0, 0, 1]), unit(FIELD))
        azimuth = np.arctan2(points @ np.cross(north, unit(FIELD)), points @ north) / (2 * np.pi) + 0.5
        assert kstest(azimuth, "uniform").pvalue > 1e-4


@pytest.mark.slow
def test_samplers_against_importance():
    """ln evidence within 4 of its errors (6e-5); medians within a third of the width; ln L reaches the grid's best."""
    prior = Prior(free=FREE, sigma=(5.0, 200.0), fixed=Point(field=FIELD))
    data = masked_map(level=5e-10)
    rng = np.random.default_rng(3)
    drawn = Problem(data, "cross-field", prior)
    data = data.with_values(drawn.likelihood.draw(Point(35.0, 5 / 3, 0.4, 0.6, FIELD), rng))
    result = infer(data, "cross-field", prior, steps=150, live=60, seed=2)
    problem = Problem(data, "cross-field", prior)
    points = [problem.point(cube) for cube in rng.random((4000, 3))]
    table = np.array([problem.likelihood(point) for point in points])
    weight = np.exp(table - table.max())
    evidence, error = logsumexp(table) - np.log(len(table)), np.sqrt(np.mean(weight**2) / np.mean(weight) ** 2 / len(table))
    assert abs(result.log_evidence - evidence) < 4 * np.hypot(result.log_evidence_error, error)
    assert result.max_log_likelihood > table.max() - 0.1
    nodes = np.array([list(coordinates(point).values()) for point in points])
    for name in FREE:
        values = nodes[:, NAMES.index(name)]
        order = np.argsort(values)
        low, middle, high = np.interp((0.16, 0.5, 0.84), np.cumsum(weight[order]) / weight.sum(), values[order])
        ours = result.quantiles()[name]
        assert abs(ours["q50"] - middle) < (high - low) / 3
        assert 0.6 < (ours["q84"] - ours["q16"]) / (high - low) < 1.6


def test_warnings_of_a_wrong_model_and_an_edge():
    """Parallel diffusion of a sky that is not gyrotropic: chi^2 is impossible; sigma beyond its prior crowds at the edge."""
    rng = np.random.default_rng(4)
    data = masked_map(level=5e-10)
    prior = Prior(free=("sigma",), sigma=(1.0, 20.0), fixed=Point(field=FIELD))
    isotropic = Problem(data, "isotropic", prior)
    data = data.with_values(isotropic.likelihood.draw(Point(40.0, field=FIELD), rng))
    parallel, edge = (infer(data, model, prior, steps=20, live=30) for model in ("parallel", "isotropic"))
    assert any("does not describe the sky" in warning for warning in parallel.warnings)
    assert any("sigma reaches the upper end" in warning for warning in edge.warnings)
    assert edge.log_evidence > parallel.log_evidence + 10
    wide = infer(data, "isotropic", Prior(free=("sigma",), fixed=Point(field=FIELD)), steps=500, live=30)
    assert wide.warnings == []
    assert any("too few" in warning for warning in parallel.warnings)


def test_each_model_has_its_own_weights():
    """What is reported of parallel and isotropic transport is (0, 0) and (1, 1), whatever is fixed for the model between them."""
    prior = Prior(free=FREE, fixed=Point(displacement=0.3, convection=0.2, field=FIELD))
    for model, weights in (("parallel", (0, 0)), ("isotropic", (1, 1))):
        point = prior.point(model, [0.5])
        assert (point.displacement, point.convection) == weights
    fixed = Prior(free=("sigma",), fixed=Point(displacement=0.3, convection=0.2, field=FIELD)).point("cross-field", [0.5])
    assert (fixed.displacement, fixed.convection) == (0.3, 0.2)
    assert prior.names("parallel") == ("sigma",)


def test_refusals():
    for settings, words in (
        ({"free": ("speed",)}, "cannot be free"),
        ({"sigma": (10.0, 1.0)}, "not a range"),
        ({"gamma": (0.5, 2.0)}, "must rise"),
        ({"fixed": Point(displacement=1.5)}, "must lie in 0 to 1"),
        ({"fixed": Point(field=(10.0, 95.0))}, "declination"),
        ({"fixed": Point(sigma=-1.0)}, "above zero"),
        ({"field_error": 90.0}, "error of the field"),
    ):
        with pytest.raises(InputError, match=words):
            Prior(**settings)


def test_walkers_that_do_not_move_are_told():
    """A density that accepts the start alone: 32 of 32 walkers are dead."""
    from fluxtube.analysis.inference.posterior import _walk

    class Frozen:
        model, names, calls = "isotropic", ("sigma",), 0

        def __call__(self, cube):
            self.calls += 1
            return 0.0 if self.calls <= 32 else -np.inf

    notes = []
    _walk(Frozen(), np.random.default_rng(1).random((100, 1)), 20, np.random.default_rng(2), notes)
    assert any("32 of 32 walkers hardly moved" in words for words in notes)
    assert any("too few" in words for words in notes)
