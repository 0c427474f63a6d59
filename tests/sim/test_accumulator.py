"""The ensemble's sums: moments against plain NumPy, shot noise removed, empty pixels left empty."""

import numpy as np
import pytest

from fluxtube.sim.engine.estimators import Measurement
from fluxtube.sim.run.accumulator import Accumulator

RANDOM = np.random.default_rng(4)


def test_moments_of_noiseless_multipoles():
    a = RANDOM.standard_normal((500, 2, 6))
    accumulator = Accumulator(orders=2, degrees=6)
    for start in range(0, 500, 64):
        accumulator.add(Measurement(a[start : start + 64]))
    moments = accumulator.moments()
    assert accumulator.count == 500
    assert np.allclose(moments.mean, a.mean(axis=0), rtol=1e-13, atol=1e-14)
    assert np.allclose(
        moments.second, np.einsum("rml,rmk->mlk", a, a) / 500, rtol=1e-13, atol=1e-14
    )  # rounding of sums of 500 terms of order one
    assert np.allclose(moments.square, np.einsum("rml,rmk->mlk", a**2, a**2) / 500, rtol=1e-13)
    assert not moments.noise.any()
    power = (a**2).sum(axis=1)
    assert np.allclose(moments.power, power.mean(axis=0), rtol=1e-13)
    assert np.allclose(moments.power_error, power.std(axis=0, ddof=1) / np.sqrt(500), rtol=1e-10)


def test_error_of_the_power_counts_orders_that_vary_together():
    """Orders that share an amplitude: the scatter of their sum, not of as many independent ones."""
    common = RANDOM.standard_normal((4000, 1, 1))
    a = np.broadcast_to(common, (4000, 5, 3)).copy()
    accumulator = Accumulator(orders=5, degrees=3)
    accumulator.add(Measurement(a))
    moments = accumulator.moments()
    expected = 5 * (common**2).std(ddof=1) / np.sqrt(4000)
    assert np.allclose(moments.power_error, expected, rtol=1e-10)
    independent = np.sqrt(5) * (common**2).std(ddof=1) / np.sqrt(4000)
    assert np.all(moments.power_error > 2 * independent)


def test_second_moment_is_the_cross_spectrum_of_the_halves():
    halves = RANDOM.standard_normal((300, 2, 1, 4))
    accumulator = Accumulator(orders=1, degrees=4)
    accumulator.add(Measurement(halves.mean(axis=1), (halves[:, 0] - halves[:, 1]) / 2))
    cross = np.einsum("rml,rmk->mlk", halves[:, 0], halves[:, 1]) / 300
    power = (halves[:, 0] * halves[:, 1]).sum(axis=1)
    assert np.allclose(accumulator.moments().power_error, power.std(axis=0, ddof=1) / np.sqrt(300), rtol=1e-10)
    assert np.allclose(accumulator.moments().second, (cross + cross.transpose(0, 2, 1)) / 2, atol=1e-14)


def test_sky_moments_leave_empty_pixels_out():
    intensity, hits = np.zeros((2, 3, 2, 4))
    hits[:, :, 0] = [[1, 2], [3, 4], [5, 6]]  # always hit, by both halves
    intensity[:, :, 0] = hits[:, :, 0] * [[1, 2], [3, 4], [5, 6]]
    hits[1, 0, 1], intensity[1, 0, 1] = 2, 5  # once, by one half
    hits[2, :, 2], intensity[2, :, 2] = 1, [2, -3]  # once, by both
    accumulator = Accumulator(orders=1, degrees=2, pixels=4)
    accumulator.add(Measurement(np.zeros((3, 1, 2)), np.zeros((3, 1, 2)), intensity, hits))
    sky = accumulator.sky_moments()
    assert sky.hits.tolist() == [21, 2, 2, 0]
    assert sky.realisations.tolist() == [3, 0, 1, 0]
    assert sky.mean_square[[0, 2]] == pytest.approx([(1 * 2 + 3 * 4 + 5 * 6) / 3, -6])
    assert sky.mean[[1, 2]] == pytest.approx([2.5, -0.5])
    assert np.isnan(sky.mean[3])
    assert np.isnan(sky.mean_square[[1, 3]]).all()


def test_merging_is_adding():
    a = RANDOM.standard_normal((96, 1, 5))
    one, parts = Accumulator(1, 5), [Accumulator(1, 5), Accumulator(1, 5)]
    for i in range(12):
        piece = Measurement(a[8 * i : 8 * i + 8])
        one.add(piece)
        parts[i % 2].add(piece)
    for mine, other in zip(parts[0].limbs(), parts[1].limbs(), strict=True):
        mine += other
    parts[0].count += parts[1].count
    for name in ("mean", "second", "square"):
        assert np.array_equal(getattr(parts[0].moments(), name), getattr(one.moments(), name))
