"""Exact sums: against rational arithmetic, in any order and grouping."""

from fractions import Fraction

import numpy as np
import pytest

from fluxtube.sim.run.exact import ExactSum


def terms(seed=3, count=400):
    random = np.random.default_rng(seed)
    return random.standard_normal((count, 5)) * 10.0 ** random.uniform(-20, 12, (count, 5))


@pytest.mark.parametrize("size", [1e-30, 1e-10, 1e-9, 1e-3, 1.0, 10.0, 1e9, 1e10])
@pytest.mark.parametrize("count", [1, 2, 100])
def test_sums_are_exact(size, count):
    """Either sign, sizes around the limbs' boundaries: within a unit in the last place of the rational sum."""
    x = size * np.random.default_rng(count).standard_normal((count, 50))
    total = ExactSum((50,))
    for row in x:
        total.add(row)
    exact = np.array([float(sum(Fraction(v) for v in column)) for column in x.T])
    assert np.all(np.abs(total.value() - exact) <= np.spacing(np.abs(exact)))


def test_sums_of_all_sizes_are_exact():
    x = terms()
    total = ExactSum((5,))
    for row in x:
        total.add(row)
    exact = np.array([float(sum(Fraction(v) for v in column)) for column in x.T])
    assert np.all(np.abs(total.value() - exact) <= np.spacing(np.abs(exact)))


def test_order_and_grouping_leave_no_trace():
    x = terms()
    one, parts = ExactSum((5,)), [ExactSum((5,)) for _ in range(3)]
    for row in x:
        one.add(row)
    for i in np.random.default_rng(0).permutation(len(x)):
        parts[i % 3].add(x[i])
    parts[0].carry()
    merged = ExactSum((5,))
    for part in parts:
        merged.limbs += part.limbs
    assert np.array_equal(merged.value(), one.value())
    naive = [sum(x[i] for i in order) for order in (range(len(x)), range(len(x) - 1, -1, -1))]
    assert not np.array_equal(*naive)  # the property is not one of plain sums


def test_carries_keep_the_value():
    total = ExactSum((5,))
    for row in terms():
        total.add(row)
    before = total.value()
    total.carry()
    assert np.array_equal(total.value(), before)
    assert np.all((total.limbs[1:] >= 0) & (total.limbs[1:] < 2**32))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e30])
def test_what_cannot_be_summed_is_refused(bad):
    with pytest.raises(FloatingPointError):
        ExactSum((2,)).add(np.array([1.0, bad]))
