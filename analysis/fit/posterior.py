"""Posterior of sigma and gamma under stated priors: on a grid that zooms in, with its evidence."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from fluxtube.analysis.fit.templates import GAMMA_RANGE
from fluxtube.errors import InputError

DEPTH = 25.0  # ln of what the zoom leaves outside


@dataclass(frozen=True)
class Prior:
    """Uniform in ln sigma and, where gamma is not fixed, uniform in gamma.

    Attributes
    ----------
    sigma : (float, float)
        Range [km/s].
    gamma : (float, float)
        Range; equal ends fix gamma.
    """

    sigma: tuple[float, float] = (1.0, 1000.0)
    gamma: tuple[float, float] = (1.05, 2.5)

    def __post_init__(self):
        if not 0 < self.sigma[0] < self.sigma[1] < np.inf:
            raise InputError(f"sigma from {self.sigma[0]:g} to {self.sigma[1]:g} km/s is no range; 1 to 1000 would do")
        if not GAMMA_RANGE[0] <= self.gamma[0] <= self.gamma[1] <= GAMMA_RANGE[1]:
            raise InputError(
                f"gamma from {self.gamma[0]:g} to {self.gamma[1]:g}: it must lie in {GAMMA_RANGE[0]:g} to {GAMMA_RANGE[1]:g}"
            )

    @property
    def free_gamma(self) -> bool:
        """Whether gamma is fitted."""
        return self.gamma[1] > self.gamma[0]

    def inside(self, log_sigma, gamma) -> np.ndarray:
        """Whether points lie in the range."""
        low, high = np.log(self.sigma)
        return (log_sigma >= low) & (log_sigma <= high) & (gamma >= self.gamma[0]) & (gamma <= self.gamma[1])


@dataclass(frozen=True)
class GridPosterior:
    """Posterior on a grid around its bulk.

    Attributes
    ----------
    log_sigma, gamma : ndarray (i,), (j,)
    log_likelihood : ndarray (i, j)
    log_evidence : float
        ln of the likelihood's mean over the prior.
    """

    log_sigma: np.ndarray
    gamma: np.ndarray
    log_likelihood: np.ndarray
    log_evidence: float

    @property
    def best(self) -> tuple[float, float]:
        """sigma [km/s] and gamma of the largest likelihood on the grid."""
        i, j = np.unravel_index(np.argmax(self.log_likelihood), self.log_likelihood.shape)
        return float(np.exp(self.log_sigma[i])), float(self.gamma[j])

    def draw(self, rng, count: int) -> np.ndarray:
        """Points (count, 2) of the posterior, spread over their cells: ln sigma, gamma."""
        probability = np.exp(self.log_likelihood - self.log_likelihood.max()).ravel()
        cells = rng.choice(probability.size, size=count, p=probability / probability.sum())
        i, j = np.unravel_index(cells, self.log_likelihood.shape)
        steps = [np.diff(axis)[0] if len(axis) > 1 else 0.0 for axis in (self.log_sigma, self.gamma)]
        points = np.column_stack([self.log_sigma[i], self.gamma[j]])
        return points + rng.uniform(-0.5, 0.5, size=(count, 2)) * steps

    def quantiles(self, probabilities) -> tuple[np.ndarray, np.ndarray]:
        """Quantiles of sigma [km/s] and of gamma."""
        weight = np.exp(self.log_likelihood - self.log_likelihood.max())
        results = []
        for axis, values in ((1, self.log_sigma), (0, self.gamma)):
            if len(values) == 1:
                results.append(np.full(np.shape(probabilities), values[0]))
                continue
            density = weight.sum(axis)
            total = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
            results.append(np.interp(probabilities, total / total[-1], values))
        return np.exp(results[0]), results[1]


def grid_posterior(likelihood, prior: Prior, size: tuple[int, int] = (160, 120)) -> GridPosterior:
    """Posterior on a grid, zoomed into where the likelihood is within exp(-25) of its peak.

    Parameters
    ----------
    likelihood : callable
        ln L of ln sigma and gamma.
    prior : Prior
    size : (int, int)
        Nodes over ln sigma and gamma.
    """
    box = [np.log(prior.sigma), np.array(prior.gamma)]
    size = (size[0], size[1] if prior.free_gamma else 1)
    for _ in range(12):
        axes = [np.linspace(*ends, count) for ends, count in zip(box, size, strict=True)]
        values = likelihood(*np.meshgrid(*axes, indexing="ij"))
        near = values > values.max() - DEPTH
        shrunk = []
        for axis, (nodes, ends) in enumerate(zip(axes, box, strict=True)):
            inside = np.flatnonzero(near.any(1 - axis))
            first, last = max(inside[0] - 2, 0), min(inside[-1] + 2, len(nodes) - 1)
            shrunk.append(np.array([nodes[first], nodes[last]]) if len(nodes) > 1 else np.asarray(ends))
        done = all(new[1] - new[0] >= 0.8 * (old[1] - old[0]) for new, old in zip(shrunk, box, strict=True))
        if done:
            break
        box = shrunk
    weights = [_trapezoid(nodes) for nodes in axes]
    volume = np.log(prior.sigma[1] / prior.sigma[0]) * (prior.gamma[1] - prior.gamma[0] if prior.free_gamma else 1.0)
    evidence = logsumexp(values, b=np.outer(*weights)) - np.log(volume)
    return GridPosterior(axes[0], axes[1], values, float(evidence))


def _trapezoid(nodes: np.ndarray) -> np.ndarray:
    if len(nodes) == 1:
        return np.ones(1)
    weight = np.full(len(nodes), nodes[1] - nodes[0])
    weight[[0, -1]] /= 2
    return weight
