"""What a run could have told: the change of gamma or sigma that its deciding tests reject with a stated chance.

A theory whose C_l are r_l times those tested shifts level and slope by sum w_l (r_l - 1), each degree's score by
(r_l - 1) T_l / error, and the likelihood ratio, noncentral then, by

    lambda = N sum over orders of [tr(M0^-1 M1) - ln det(M0^-1 M1) - p],    M1_ll' = sqrt(r_l r_l') T_ll' + D_ll'.

Level and slope are next to uncorrelated by their weights, so that their chances to miss multiply; of these two, the degrees and
the matrix the best is taken, whose chance is below that of all together.
"""

import numpy as np
from scipy import optimize, stats

from fluxtube.analysis.validation.expected import expected_covariance
from fluxtube.analysis.validation.likelihood_ratio import matrix_law
from fluxtube.analysis.validation.moments import Moments, power
from fluxtube.analysis.validation.outcome import deciding
from fluxtube.analysis.validation.own_scatter import normal_score
from fluxtube.analysis.validation.spectrum_tests import NAMES, contrast_scores, contrasts
from fluxtube.errors import InputError

CHANCE = 0.9
STEP = 0.01  # of gamma, for dln C_l/dgamma
LARGEST = {"gamma": 1.0, "sigma": 2.0}  # a change beyond it is no longer one of detail; sigma's is that of its logarithm


def detectable_changes(validation, chance: float = CHANCE) -> dict[str, float | None]:
    """Smallest changes of gamma, and of ln sigma, to either side, that are rejected with at least this chance.

    Parameters
    ----------
    validation : Validation
    chance : float

    Returns
    -------
    dict
        gamma (where the spectrum has one) and sigma; None where not even a change by `LARGEST` would be rejected.
    """
    response = {"gamma": _response_to_gamma(validation), "sigma": np.full(len(validation.moments.l), 2.0)}
    rejection = RejectionChance(validation)
    return {name: _smallest(rejection, slope, LARGEST[name], chance) for name, slope in response.items() if slope is not None}


class RejectionChance:
    """Chance that the deciding tests reject if the true C_l are `ratio` times the tested ones.

    Parameters
    ----------
    validation : Validation
    """

    def __init__(self, validation):
        self.moments, self.theory = validation.moments, validation.theory
        names = [outcome.name for outcome in deciding(validation.outcomes)]
        self.level = validation.false_alarm / max(1, len(names))
        self.parts = contrasts(self.moments, self.theory) if NAMES[1] in names else None
        self.contrasts = contrast_scores(self.moments, self.theory, self.parts) if self.parts else None
        self.spectrum = validation.spectrum if NAMES[0] in names else None
        self.matrix = matrix_law(self.moments, self.theory) if "covariance, whole matrix" in names else None

    def __call__(self, ratio: np.ndarray) -> float:
        """Chance for ratios (n,)."""
        chances = [0.0]
        if self.contrasts is not None and self.parts is not None:
            shift = self.parts.weights @ (ratio[self.parts.rows] - 1)
            chances.append(1 - np.prod(1 - _beyond(shift / self.contrasts.error, self.contrasts, self.level)))
        if self.spectrum is not None:
            shift = (ratio - 1) * self.spectrum.theory / self.spectrum.error
            known = np.isfinite(shift)
            each = -np.expm1(np.log1p(-self.level) / max(1, known.sum()))
            chances.append(1 - np.prod(1 - _beyond(shift, self.spectrum, each)[known]))
        if self.matrix is not None:
            mean, variance = self.matrix
            edge = stats.gamma.isf(self.level, mean**2 / variance, scale=variance / mean)
            extra = _noncentrality(self.moments, self.theory, ratio)
            chances.append(float(stats.norm.sf((edge - mean - extra) / np.sqrt(variance + 4 * extra))))
        return float(max(chances))


def _beyond(z: np.ndarray, scores, level: float) -> np.ndarray:
    """Chance that scores with means z are rejected at this level, two-sided."""
    edge = stats.norm.isf(level / 2) if scores.dof is None else stats.t.isf(level / 2, scores.dof)
    return stats.norm.sf(edge - np.abs(normal_score(z, scores.skewness)))


def _noncentrality(moments: Moments, theory: np.ndarray, ratio: np.ndarray) -> float:
    total = 0.0
    for order in range(len(moments.m)):
        rows = np.flatnonzero(moments.invertible(order))
        if not len(rows):
            continue
        pair = np.ix_(rows, rows)
        root = np.sqrt(ratio[rows])
        now = theory[order][pair] + moments.noise[order][pair]
        other = np.outer(root, root) * theory[order][pair] + moments.noise[order][pair]
        values = np.linalg.eigvals(np.linalg.solve(now, other)).real
        total += np.sum(values - np.log(np.maximum(values, 1e-300)) - 1)
    return moments.count * float(total)


def _response_to_gamma(validation) -> np.ndarray | None:
    """dln C_l/dgamma, (n,), from theory a step away; None for a spectrum without gamma."""
    gamma = validation.config.turbulence.gamma
    if gamma is None:
        return None
    here = power(validation.theory, validation.moments.l)
    for step in (STEP, -STEP):
        try:
            config = validation.config.with_overrides([f"turbulence.gamma={gamma + step}"])
            moments = validation.moments
            there = power(expected_covariance(config, int(moments.l[-1]), int(moments.l[0]), moments.m), moments.l)
        except InputError:
            continue
        known = (here > 0) & (there > 0)
        return np.log(np.where(known, there, 1.0) / np.where(known, here, 1.0)) / step
    return None


def _smallest(rejection: RejectionChance, response: np.ndarray, largest: float, chance: float) -> float | None:
    """The larger of the two changes, up and down, at which the chance is reached."""
    found = []
    for sign in (1, -1):

        def lacking(change, sign=sign):
            return rejection(np.exp(sign * change * response)) - chance

        if lacking(largest) < 0:
            return None
        found.append(optimize.brentq(lacking, 1e-12, largest, rtol=1e-4))
    return float(max(found))
