"""Calibration through the view and with noise: ranks of the truth are uniform; noise-blind and wrong-view analyses are not.

Rates: each p is that of a Kolmogorov-Smirnov test of 200 ranks; a right analysis falls below 1e-4 with probability 1e-4, in
one of the 13 tests here with 1.3e-3 (fixed seeds). The posterior of each sky rests on some 100 to 800 independent points.
"""

from dataclasses import replace

import numpy as np
import pytest
from inference_skies import FIELD, masked_map
from scipy.stats import kstest

from fluxtube.analysis.inference.calibration import calibrate
from fluxtube.analysis.inference.data import SkyData, from_table
from fluxtube.analysis.inference.modes import degrees_and_orders, to_table
from fluxtube.analysis.inference.parameters import NAMES, Prior
from fluxtube.analysis.inference.transport import Point
from fluxtube.analysis.observer.coupling import view_kernels
from fluxtube.analysis.observer.field_of_view import FieldOfView

RATE = 1e-4
SIGMA = {"parallel": (10.0, 200.0), "isotropic": (10.0, 60.0), "cross-field": (15.0, 60.0)}


def prior(model):
    free = ("sigma", "displacement_perpendicular", "convection_perpendicular")
    return Prior(free=free, sigma=SIGMA[model], fixed=Point(field=FIELD))


@pytest.mark.parametrize("model", SIGMA)
def test_ranks_are_uniform_and_noise_must_be_known(model):
    """Masked north of 60 deg, rings normalised; noise 5e-9, and taken for a hundredth of it in the control."""
    data = masked_map()
    right = calibrate(data, model, prior(model), points=1500)
    blind = calibrate(data, model, prior(model), points=600, analysed=replace(data, noise=data.noise / 100))
    assert np.median(right.independent) > 100
    assert kstest(right.level, "uniform").pvalue > RATE
    for name in prior(model).names(model):
        column = NAMES.index(name)
        assert kstest(right.ranks[:, column], "uniform").pvalue > RATE
        assert kstest(blind.ranks[:, column], "uniform").pvalue < RATE
    assert kstest(blind.level, "uniform").pvalue < RATE


def test_direction_of_the_field():
    """B free, 10 deg prior: its ranks are uniform and the 68 % region holds it in 68 % of 200 skies, within 4 errors (6e-5)."""
    setting = Prior(free=("field",), field_error=10.0, fixed=Point(30.0, 5 / 3, 0.3, 0.6, FIELD))
    result = calibrate(masked_map(), "cross-field", setting, points=1500)
    for name in ("field_ra", "field_dec"):
        assert kstest(result.ranks[:, NAMES.index(name)], "uniform").pvalue > RATE
    assert np.mean(result.level < 0.68) == pytest.approx(0.68, abs=4 * np.sqrt(0.68 * 0.32 / 200))
    assert np.median(result.independent) < 1425  # the sky does say something of B


def test_wrong_views_fail():
    """Pseudo-multipoles south of 30 deg: right with the array's kernels; as those of the whole sky, the ranks give it away.

    The same for m = 0, lost but taken for measured as zero.
    """
    l_max = 6
    l, m = degrees_and_orders(l_max)
    kernels = view_kernels(FieldOfView(((-90.0, 30.0),)), l_max)
    seen = kernels[np.abs(m)[:, None], l[:, None], l] * (m[:, None] == m)
    size, level = len(l), 5e-9
    noise = level * (seen + 1e-3 * np.eye(size))
    band = SkyData(np.zeros(size), seen, noise, np.zeros_like(noise), l_max, 2, l_max)
    no_rings = np.diag((m != 0).astype(float))
    whole = from_table(to_table(np.ones(size), l_max), np.full(size, level))
    for data in (band, SkyData(np.zeros(size), no_rings, level * np.eye(size), np.zeros_like(noise), l_max, 2, l_max)):
        right, wrong = (calibrate(data, "isotropic", prior("isotropic"), points=800, analysed=other) for other in (None, whole))
        assert kstest(right.level, "uniform").pvalue > RATE
        assert kstest(right.ranks[:, 0], "uniform").pvalue > RATE
        assert kstest(wrong.ranks[:, 0], "uniform").pvalue < RATE
