"""Calibration over many simulated skies at once: the covariances of points of the prior are factored once for all of them."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp
from threadpoolctl import threadpool_limits

from fluxtube.analysis.inference.data import SkyData
from fluxtube.analysis.inference.likelihood import log_density
from fluxtube.analysis.inference.parameters import Prior, coordinates
from fluxtube.analysis.inference.posterior import Problem


@dataclass(frozen=True)
class Calibration:
    """Ranks of true parameters within their posteriors.

    Attributes
    ----------
    truths : ndarray (skies, 7)
        `NAMES`.
    ranks : ndarray (skies, 7)
        Posterior probability below the truth; uniform if all is right.
    level : ndarray (skies,)
        Posterior probability of points with a larger likelihood than the truth's: the smallest credible region that holds it.
        Uniform too, and sensitive to what no single parameter shows (Modrák et al. 2023, arXiv:2211.02383).
    log_evidence : ndarray (skies,)
    independent : ndarray (skies,)
        Effective number of points of the prior in each posterior.
    """

    truths: np.ndarray
    ranks: np.ndarray
    level: np.ndarray
    log_evidence: np.ndarray
    independent: np.ndarray


def calibrate(
    data: SkyData, model: str, prior: Prior, skies: int = 200, points: int = 2000, seed: int = 1, analysed=None, **physics
) -> Calibration:
    """Ranks of truths drawn from the prior, each in the posterior of one sky that was drawn from it.

    The posterior is that of importance: points of the prior weighted by their likelihood. Its own noise is that of
    `independent` points.

    Parameters
    ----------
    data : SkyData
        The observation that is simulated: view and noise; its values are not used.
    model : str
    prior : Prior
    skies, points : int
    seed : int
    analysed : SkyData, optional
        The observation that the analysis takes it for, if another (negative controls).
    """
    rng = np.random.default_rng(seed)
    true, assumed = Problem(data, model, prior, **physics), Problem(analysed or data, model, prior, **physics)
    drawn = [true.point(rng.random(len(true.names))) for _ in range(skies)]
    with threadpool_limits(1, "blas"):
        values = np.array([true.likelihood.draw(point, rng) for point in drawn])
        grid = [assumed.point(rng.random(len(assumed.names))) for _ in range(points)]
        table = np.array([log_density(assumed.likelihood.factor(point), values) for point in grid])  # (points, skies)
    weight = np.exp(table - table.max(axis=0))
    weight /= weight.sum(axis=0)
    truths, nodes = (np.array([list(coordinates(point).values()) for point in some]) for some in (drawn, grid))
    with threadpool_limits(1, "blas"):
        at_truth = np.array([log_density(assumed.likelihood.factor(p), v) for p, v in zip(drawn, values, strict=True)])
    ranks = np.einsum("ps,psk->sk", weight, nodes[:, None, :] < truths)
    level = np.sum(weight * (table > at_truth), axis=0)
    evidence = logsumexp(table, axis=0) - np.log(points)
    return Calibration(truths, ranks, level, evidence, 1 / np.sum(weight**2, axis=0))
