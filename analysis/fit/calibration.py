"""Simulation-based calibration: the truth's rank among posterior samples must be uniform (Talts et al. 2018)."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from fluxtube.analysis.fit.likelihood import ChiSquared, Signless
from fluxtube.analysis.fit.posterior import Prior, grid_posterior
from fluxtube.analysis.fit.sampler import WALKERS, sample_posterior
from fluxtube.analysis.fit.templates import Templates

SIZE = WALKERS - 1  # samples that a truth is ranked among
NARROW = Prior((15.0, 60.0), (1.3, 2.1))


@dataclass(frozen=True)
class Calibration:
    """Ranks of the truth.

    Attributes
    ----------
    ranks : ndarray of int (count, 2)
        Of ln sigma and gamma among `size` samples: 0 .. size.
    size : int
    """

    ranks: np.ndarray
    size: int

    def p_values(self, bins: int = 8) -> np.ndarray:
        """Chi-squared test of uniform ranks, for sigma and gamma, (2,)."""
        edges = np.linspace(0, self.size + 1, bins + 1)
        counts = [np.histogram(column, edges)[0] for column in self.ranks.T]
        expected = len(self.ranks) * np.diff(np.ceil(edges)) / (self.size + 1)
        return np.array([stats.chi2.sf(np.sum((count - expected) ** 2 / expected), bins - 1) for count in counts])


def draw_spectrum(templates: Templates, sigma: float, gamma: float, rng) -> np.ndarray:
    """C_l of one sky of a model, (n,)."""
    l = templates.l
    if templates.model == "parallel":
        multipoles = sigma * np.linalg.cholesky(templates.covariance(gamma)) @ rng.standard_normal(len(l))
        return multipoles**2 / (2 * l + 1)
    return templates.spectrum(np.array(sigma), np.array(gamma)) * rng.chisquare(2 * l + 1) / (2 * l + 1)


def calibrate(model: str, l, count: int, seed: int = 1, prior: Prior = NARROW, likelihood=None) -> Calibration:
    """Draw truths from the prior, a sky each, fit it, and rank the truth.

    Parameters
    ----------
    model : {"parallel", "isotropic"}
    l : ndarray of int (n,)
    count : int
        Data sets.
    seed : int
    prior : Prior
    likelihood : callable, optional
        Makes a likelihood of (templates, C_l); the right one if not given. A wrong one is the negative control.
    """
    rng = np.random.default_rng(seed)
    templates = Templates(model, l)
    if likelihood is None:
        likelihood = (
            (lambda t, c: Signless(t, c, prior.sigma, prior.gamma, nodes=(32, 24))) if model == "parallel" else ChiSquared
        )
    ranks = []
    for _ in range(count):
        log_sigma, gamma = rng.uniform(*np.log(prior.sigma)), rng.uniform(*prior.gamma)
        own = likelihood(templates, draw_spectrum(templates, np.exp(log_sigma), gamma, rng))
        start = grid_posterior(own, prior, size=(48, 36))
        samples = sample_posterior(own, prior, start, steps=50, seed=int(rng.integers(2**31)), burn=10)
        # Only the last positions of the walkers are as good as independent of each other.
        last = slice(-SIZE, None)
        ranks.append([np.sum(np.log(samples.sigma[last]) < log_sigma), np.sum(samples.gamma[last] < gamma)])
    return Calibration(np.array(ranks), SIZE)
