"""The mean-square sky over the pitch angle (Eq. 16), measured, expected, and its test."""

from dataclasses import replace

import numpy as np
from scipy.special import sph_legendre_p_all

from fluxtube.analysis.validation.likelihood_ratio import kurtosis_excess
from fluxtube.analysis.validation.moments import Moments
from fluxtube.analysis.validation.order_test import own_scores
from fluxtube.analysis.validation.outcome import Outcome, undefined
from fluxtube.analysis.validation.scores import Scores, largest_score, noise_mixing

ANGLES = np.deg2rad(np.arange(0.0, 180.1, 10.0))  # where the test looks [rad]


def mean_square_profile(covariance: np.ndarray, l, m, theta) -> np.ndarray:
    """Mean square of Delta f/f around the field (Eq. 16), from multipoles towards arrival directions.

        <(Delta f/f)^2>(theta) = sum_m sum_ll' (-1)^(l+l') <a_lm a_l'm> Y_l|m|(theta, 0) Y_l'|m|(theta, 0)

    Parameters
    ----------
    covariance : ndarray (n_m, n, n)
        <a_lm a_l'm> of real harmonics in the magnetic frame.
    l, m : sequences of int, (n,), (n_m,)
    theta : ndarray (k,)
        Pitch angle of the momentum [rad].

    Returns
    -------
    ndarray (k,)
        Mean over the azimuth; for parallel transport the mean square itself.
    """
    return np.sum(_orders(np.asarray(covariance), np.asarray(l), m, np.asarray(theta, dtype=float)), axis=0)


def mean_square_scores(moments: Moments, theory: np.ndarray, theta=ANGLES) -> Scores:
    """Measured mean square against theory at several pitch angles, (k,).

    With T theory, D the noise, x = Y^T (T + D) Y and d = Y^T D Y of one order, N var = (2 + 3 kappa) x^2 + 2 (1 + 2 c) d^2,
    summed over the orders: that of a Gaussian, or of an elliptical law with the measured kurtosis kappa; c as in
    `scores.noise_mixing`. By quadrature, where skies are not Gaussian and enough of them were kept, the error is that of their
    own scatter.
    """
    theta = np.asarray(theta, dtype=float)
    value = mean_square_profile(moments.signal, moments.l, moments.m, theta)
    expected = mean_square_profile(theory, moments.l, moments.m, theta)
    if not (moments.wishart or moments.sampled or moments.scatter_unknown):
        return own_scores(moments, _single_skies(moments, theta), value, expected)
    whole = _orders(theory + moments.noise, moments.l, moments.m, theta)
    noise = _orders(moments.noise, moments.l, moments.m, theta)
    kappa = 0.0 if moments.gaussian_flow else _kurtosis(moments)
    variance = np.sum((2 + 3 * kappa) * whole**2 + 2 * (1 + 2 * noise_mixing(moments)) * noise**2, axis=0)
    third = 8 * np.sum(whole**3 - noise**3, axis=0)
    error = np.sqrt(variance / moments.count)
    return Scores(value, expected, error, third / moments.count**2 / error**3)


def mean_square_test(moments: Moments, theory: np.ndarray) -> Outcome:
    """The largest deviation of the mean-square sky from theory over pitch angles ten degrees apart; takes part in the verdict.

    Angles are correlated, so that the correction for their number errs on the side of acceptance.
    """
    name = "mean-square sky, largest |z|"
    if moments.count < 2:
        return undefined(name, "not defined: one realisation")
    if not moments.tested.any():
        return undefined(name, "not defined: no multipole can be judged")
    labels = [f"{angle:.0f} deg" for angle in np.rad2deg(ANGLES)]
    decides = moments.wishart or not (moments.sampled or moments.scatter_unknown)
    result = largest_score(name, mean_square_scores(moments, theory), labels, decides)
    return result if decides else replace(result, note=f"{result.note}; does not decide: {moments.why_not_wishart}")


def _orders(covariance, l, m, theta) -> np.ndarray:
    """The sum of every order, (n_m, k)."""
    harmonics = _harmonics(l, m, theta)
    return np.array(
        [np.einsum("lk,lk->k", harmonic, matrix @ harmonic) for harmonic, matrix in zip(harmonics, covariance, strict=True)]
    )


def _harmonics(l, m, theta) -> np.ndarray:
    """(-1)^l Y_l|m|(theta, 0), (n_m, n, k)."""
    table = sph_legendre_p_all(int(l[-1]), int(np.max(np.abs(m))), theta)[0]
    return np.array([((-1.0) ** l)[:, None] * table[l, abs(int(order))] for order in m])


def _single_skies(moments: Moments, theta: np.ndarray) -> np.ndarray:
    """Square of Delta f/f of every kept realisation, mean over the azimuth, (K, k)."""
    total = np.zeros((len(moments.samples), len(theta)))
    for samples, harmonic in zip(moments.samples.transpose(1, 0, 2), _harmonics(moments.l, moments.m, theta), strict=True):
        total += (samples @ harmonic) ** 2
    return total


def _kurtosis(moments: Moments) -> float:
    """Mean elliptical kurtosis over the orders."""
    values = []
    for order in range(len(moments.m)):
        rows = np.flatnonzero(moments.present(order))
        if len(rows):
            values.append(kurtosis_excess(moments, rows, rows, order))
    return float(np.clip(np.mean(values), -0.6, 100.0))
