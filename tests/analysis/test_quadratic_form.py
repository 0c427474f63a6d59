"""The law of quadratic forms: exact cases, draws, and the law it replaces."""

import numpy as np
import pytest
from scipy import stats

from fluxtube.analysis.validation.quadratic_form import two_sided_probability


@pytest.mark.parametrize("count", [2, 5, 50, 1000])
@pytest.mark.parametrize("tail", [1e-1, 1e-3, 1e-6, 1e-12])
def test_one_form_is_chi_squared(count, tail):
    """Both tails of N x^2 to 8 % (the saddlepoint itself), for one value and for three equal ones."""
    for values in ([0.3], [2.0, 2.0, 2.0]):
        dof = count * len(values)
        for chi2 in (stats.chi2.isf(tail / 2, dof), stats.chi2.ppf(tail / 2, dof)):
            mean = values[0] * (chi2 - dof) / count
            assert two_sided_probability(values, count, mean) == pytest.approx(tail, rel=0.08)
            assert two_sided_probability(np.negative(values), count, -mean) == pytest.approx(tail, rel=0.08)


def test_forms_of_either_sign_against_draws():
    """1e6 means of two forms with values of both signs: 5 and 0.1 % in the tails within 4 standard errors and 3 % of the law
    itself. The normal law of the same variance, the control, leaves far more in the tail."""
    values, count, draws = np.array([1.0, 0.5, -0.7, -0.2]), 2, 1_000_000
    rng = np.random.default_rng(3)
    mean = ((rng.standard_normal((draws, count, 4)) ** 2 - 1) @ values).mean(axis=1)
    for tail in (0.05, 1e-3):
        grid = np.linspace(-12, 12, 4801)
        p_value = np.array([two_sided_probability(values, count, x) for x in grid])
        below = grid[(grid < 0) & (p_value < tail)].max()
        above = grid[(grid > 0) & (p_value < tail)].min()
        share = np.mean((mean <= below) | (mean >= above))
        assert abs(share - tail) < 4 * np.sqrt(tail / draws) + 0.03 * tail
    normal = stats.norm.isf(0.5e-3) * np.sqrt(2 * np.sum(values**2) / count)
    assert np.mean(np.abs(mean) > normal) > 3e-3


def test_ends_and_middle():
    """Nothing lies below the end of a positive form; its mean is nothing special."""
    assert two_sided_probability([1.0, 2.0], 5, -3.0) == 0.0
    assert two_sided_probability([1.0, 2.0], 5, -2.9) < 1e-5
    assert two_sided_probability([1.0, -2.0], 5, 0.0) == 1.0
