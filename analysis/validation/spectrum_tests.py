"""C_l against theory: each degree, the level of all, and their slope.

Level and slope are two sums over degrees, so that they find a wrong sigma and a wrong gamma long before any single degree does:

    level = sum_l w_l C_l / T_l - 1,    slope = sum_l b_l C_l / T_l,    b_l = w_l (ln l - <ln l>) / sum w_l (ln l - <ln l>)^2,

with w_l, of sum one, in proportion to the inverse variance of C_l / T_l. Of Gaussian samples their second and third cumulants
are known exactly, 2 tr (W M)^2 and 8 tr (W M)^3 of an order with covariance M and weights W, and their law is that of a quadratic
form (`quadratic_form`); otherwise it is that of `own_scatter`.
"""

from dataclasses import dataclass

import numpy as np

from fluxtube.analysis.validation.moments import Moments, power
from fluxtube.analysis.validation.outcome import Outcome, undefined
from fluxtube.analysis.validation.own_scatter import freedom, kurtosis_of
from fluxtube.analysis.validation.quadratic_form import two_sided_probability
from fluxtube.analysis.validation.scores import Scores, largest_score, spectrum_shape
from fluxtube.analysis.validation.spread import degrees_of_freedom

NAMES = ("C_l, largest |z|", "C_l, level", "C_l, slope")


@dataclass(frozen=True)
class Contrasts:
    """Weights of level and slope.

    Attributes
    ----------
    rows : ndarray of int (k,)
        Degrees with something to test, as indices.
    weights : ndarray (1 or 2, k)
        Of C_l / T_l; the slope takes three degrees or more.
    """

    rows: np.ndarray
    weights: np.ndarray


def contrasts(moments: Moments, theory: np.ndarray) -> Contrasts:
    """Weights of level and slope from theory; shot noise enters by its mean over all multipoles.

    Each degree's own noise would be correlated with its C_l, and would pull the level.
    """
    expected = power(theory, moments.l)
    rows = np.flatnonzero(moments.tested.any(axis=0) & (expected > 0))
    orders = moments.tested.sum(axis=0)
    white = np.sum(np.einsum("mll->ml", moments.noise) * moments.tested) / max(1, np.sum(moments.tested))
    share = white * orders[rows] / (2 * moments.l[rows] + 1) / expected[rows]
    # Turned about by the field's direction, the orders of a degree are one random number (Eq. 12).
    freedom_of_degree = np.ones(len(rows)) if moments.turned else degrees_of_freedom(theory)[rows]
    weight = freedom_of_degree / ((1 + share) ** 2 + share**2)
    weight = weight / max(weight.sum(), np.finfo(float).tiny)
    if len(rows) < 3:
        return Contrasts(rows, weight[None])
    lever = np.log(moments.l[rows]) - weight @ np.log(moments.l[rows])
    return Contrasts(rows, np.array([weight, weight * lever / (weight @ lever**2)]))


def spectrum_tests(moments: Moments, theory: np.ndarray, scores: Scores) -> list[Outcome]:
    """The largest score of C_l, the level and the slope; all take part in the verdict.

    Parameters
    ----------
    moments : Moments
    theory : ndarray (n_m, n, n)
    scores : Scores
        Of every C_l.
    """
    reason = moments.scatter_unknown
    if reason and moments.tested.any():
        return [undefined(name, f"not defined: {reason}", leaves_open=True) for name in NAMES]
    parts = contrasts(moments, theory)
    outcomes = [largest_score(NAMES[0], scores, [f"l = {l}" for l in moments.l], decides=True)]
    if not len(parts.rows):
        return outcomes
    both = contrast_scores(moments, theory, parts)
    probabilities = _exact_probabilities(moments, theory, parts, both.value) if moments.wishart else both.p_value
    for i, name in enumerate(NAMES[1 : 1 + len(parts.weights)]):
        what = "C_l over theory, less 1" if i == 0 else "dln C_l/dln l less theory's"
        note = f"{what}: {both.value[i]:+.2g} ± {both.error[i]:.1g}"
        p_value, z = float(probabilities[i]), float(both.z[i])
        if not (np.isfinite(z) and np.isfinite(p_value)):
            outcomes.append(undefined(name, f"not defined: the score is {z} ({note})", leaves_open=True))
            continue
        outcomes.append(Outcome(name, z, None, p_value, decides=True, note=note))
    return outcomes


def contrast_scores(moments: Moments, theory: np.ndarray, parts: Contrasts) -> Scores:
    """Level and slope as measured, 0 as expected, with their errors and laws."""
    rows, weights = parts.rows, parts.weights
    expected = power(theory, moments.l)[rows]
    ratio = moments.spectrum[rows] / expected
    value = weights @ (ratio - 1)
    if moments.wishart:
        second, third = _exact_cumulants(moments, theory, rows, weights / expected / (2 * moments.l[rows] + 1))
        error = np.sqrt(second / moments.count)
        return Scores(value, np.zeros_like(value), error, third / moments.count**2 / error**3)
    scale, shape = spectrum_shape(moments, theory)
    scale = scale[rows] / expected
    covariance = moments.own_power_covariance[np.ix_(rows, rows)] * np.outer(scale, scale)
    error = np.sqrt(np.einsum("wl,lk,wk->w", weights, covariance, weights))
    samples = (moments.sample_powers[:, rows] * scale) @ weights.T
    skewness = np.array([2 * error[0] * (weights[0] @ shape[rows]), *_skewness(samples[:, 1:]) / np.sqrt(moments.count)])
    kurtosis = kurtosis_of(samples, skewness * np.sqrt(moments.count))
    return Scores(value, np.zeros_like(value), error, skewness, freedom(moments.count, kurtosis))


def _exact_probabilities(moments: Moments, theory: np.ndarray, parts: Contrasts, value: np.ndarray) -> list[float]:
    """Two-sided probabilities of level and slope as quadratic forms of Gaussian multipoles: s^T W s - d^T W d."""
    rows, weights = parts.rows, parts.weights / (power(theory, moments.l) * (2 * moments.l + 1))[parts.rows]
    probabilities = []
    for weight, mean in zip(weights, value, strict=True):
        eigenvalues = []
        for signal, noise in zip(theory, moments.noise, strict=True):
            noise = noise[np.ix_(rows, rows)]
            for matrix, sign in ((signal[np.ix_(rows, rows)] + noise, 1), (noise, -1)):
                if np.any(matrix):
                    eigenvalues.append(sign * np.linalg.eigvals(weight[:, None] * matrix).real)
        probabilities.append(two_sided_probability(np.concatenate(eigenvalues), moments.count, mean))
    return probabilities


def _exact_cumulants(moments: Moments, theory: np.ndarray, rows: np.ndarray, weights: np.ndarray):
    """Second and third cumulant of sum_l W_l P_l of one Gaussian realisation, (w,) each; P the cross power of the halves."""
    second, third = np.zeros((2, len(weights)))
    for signal, noise in zip(theory, moments.noise, strict=True):
        noise = noise[np.ix_(rows, rows)]
        whole = signal[np.ix_(rows, rows)] + noise
        for i, weight in enumerate(weights):
            for matrix, sign in ((whole, 1), (noise, -1)):
                weighed = weight[:, None] * matrix
                square = weighed @ weighed
                second[i] += 2 * np.trace(square)
                third[i] += sign * 8 * np.trace(square @ weighed)
    return second, third


def _skewness(samples: np.ndarray) -> np.ndarray:
    x = samples - samples.mean(axis=0)
    return np.mean(x**3, axis=0) / np.mean(x**2, axis=0) ** 1.5
