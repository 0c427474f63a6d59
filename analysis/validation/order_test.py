"""How the power is shared between the orders m, where the skies are not Gaussian."""

import numpy as np

from fluxtube.analysis.validation.moments import Moments
from fluxtube.analysis.validation.outcome import Outcome, undefined
from fluxtube.analysis.validation.own_scatter import freedom, kurtosis_of
from fluxtube.analysis.validation.scores import Scores, largest_score

NAME = "power of the orders m, largest |z|"


def order_test(moments: Moments, theory: np.ndarray) -> Outcome:
    """The level of each order, the mean of <a_lm^2> / T_ll over its degrees, by the realisations' own scatter.

    The whole matrix sees this for Gaussian skies; for others its law is not known and this test takes its place. The largest of
    the orders is corrected for their number, which errs on the side of acceptance: orders vary together.
    """
    reason = moments.scatter_unknown
    if reason:
        return undefined(NAME, f"not defined: {reason}")
    orders = [order for order in range(len(moments.m)) if moments.present(order).any()]
    if len(orders) < 2:
        return undefined(NAME, "not defined: one order")
    samples, value = np.empty((len(moments.samples), len(orders))), np.empty(len(orders))
    for i, order in enumerate(orders):
        rows = np.flatnonzero(moments.present(order))
        expected = np.diagonal(theory[order])[rows]
        samples[:, i] = np.mean(moments.samples[:, order, rows] ** 2 / expected, axis=1)
        value[i] = np.mean(np.diagonal(moments.signal[order])[rows] / expected)
    return largest_score(
        NAME, own_scores(moments, samples, value, np.ones(len(orders))), [f"m = {moments.m[o]}" for o in orders], True
    )


def own_scores(moments: Moments, samples: np.ndarray, value: np.ndarray, expected: np.ndarray) -> Scores:
    """Scores of means of powers by the scatter of the kept realisations, (K, n), (n,), (n,)."""
    scale = expected / np.maximum(value, 0.05 * expected)
    error = samples.std(axis=0, ddof=1) * scale / np.sqrt(moments.count)
    skewness = 2 * error / expected
    kurtosis = kurtosis_of(samples, skewness * np.sqrt(moments.count))
    # The scatter is that of the kept realisations, fewer than all.
    return Scores(value, expected, error, skewness, freedom(len(samples), kurtosis))
