"""Skies that the posterior predicts: the power of replicated data beside that of the data."""

from dataclasses import dataclass

import numpy as np

from fluxtube.analysis.inference.data import SkyData
from fluxtube.analysis.inference.likelihood import SkyLikelihood
from fluxtube.analysis.inference.modes import degrees_and_orders
from fluxtube.analysis.inference.posterior import QUANTILES, Posterior


@dataclass(frozen=True)
class Predictive:
    """Mean square of the known multipoles of each degree, noise included.

    Attributes
    ----------
    l : ndarray (n,)
    observed : ndarray (n,)
    quantiles : ndarray (3, n)
        16, 50 and 84 % of replicated skies.
    p_value : float
        Share of replicated skies whose d' S^-1 d, at the parameters they were drawn with, is larger than the observed one
        (Gelman, Meng & Stern 1996): near 0 the model does not describe the sky, near 1 the noise is overestimated.
    """

    l: np.ndarray
    observed: np.ndarray
    quantiles: np.ndarray
    p_value: float


def predict(data: SkyData, posterior: Posterior, count: int = 200, seed: int = 1, **physics) -> Predictive | None:
    """Replicated skies of points of the posterior, seen as the data were; None for a map, whose data have no degree."""
    if data.response.ndim == 2:
        return None
    rng, likelihood = np.random.default_rng(seed), SkyLikelihood(data, posterior.model, **physics)
    degree = degrees_and_orders(data.l_top)[0][data.response]
    degrees = np.unique(degree)
    power = lambda values: np.array([np.mean(values[degree == l] ** 2) for l in degrees])  # noqa: E731
    replicated, larger = [], []
    for number in rng.choice(len(posterior.points), size=count):
        point = posterior.points[number]
        factor = likelihood.factor(point)
        normal = rng.standard_normal(len(data.values))
        replicated.append(power(factor @ normal))
        larger.append(np.sum(normal**2) > likelihood.chi_squared(point))
    return Predictive(degrees, power(data.values), np.quantile(replicated, QUANTILES, axis=0), float(np.mean(larger)))


def best_skies(data: SkyData, posterior: Posterior, seed: int = 1, **physics) -> dict[str, np.ndarray]:
    """Whole skies l = 2 .. l_top at the best point, (n_a,) each: mean and a draw given the data, and a draw without them."""
    likelihood, rng = SkyLikelihood(data, posterior.model, **physics), np.random.default_rng(seed)
    mean, covariance = likelihood.signal(posterior.best)
    roots = []
    for matrix in (covariance, likelihood.model.covariance(posterior.best)):
        level, basis = np.linalg.eigh(matrix)
        roots.append(basis @ (np.sqrt(np.clip(level, 0, None)) * rng.standard_normal(len(level))))
    return {"mean given the data": mean, "a sky that agrees with the data": mean + roots[0], "a sky of the best fit": roots[1]}
