"""Posterior of sigma and gamma under stated priors: on a grid about its peak, with its evidence."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from fluxtube.analysis.fit.templates import GAMMA_RANGE
from fluxtube.errors import InputError

SIGMA_LIMITS = (1e-12, 1e12)  # km/s; C_l ~ sigma^2 and its products stay far inside of double precision
DEPTH = 25.0  # ln of what the grid leaves outside


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
        if not SIGMA_LIMITS[0] <= self.sigma[0] < self.sigma[1] <= SIGMA_LIMITS[1]:
            raise InputError(
                f"sigma from {self.sigma[0]:g} to {self.sigma[1]:g} km/s is not a range within {SIGMA_LIMITS[0]:g} to "
                f"{SIGMA_LIMITS[1]:g}; 1 to 1000 is usual"
            )
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
    """Posterior on a grid that follows its ridge: for every gamma, ln sigma about the best one there.

    Attributes
    ----------
    log_sigma : ndarray (i, j)
    gamma : ndarray (j,)
    log_likelihood : ndarray (i, j)
        -inf outside of the prior.
    log_evidence : float
        ln of the likelihood's mean over the prior.
    best : (float, float)
        sigma [km/s] and gamma of the largest likelihood.
    """

    log_sigma: np.ndarray
    gamma: np.ndarray
    log_likelihood: np.ndarray
    log_evidence: float
    best: tuple[float, float]

    @property
    def weight(self) -> np.ndarray:
        """Posterior probability of each node, (i, j)."""
        weight = np.exp(self.log_likelihood - self.log_likelihood.max()) * _trapezoid(self.gamma)
        return weight / weight.sum()

    def draw(self, rng, count: int) -> np.ndarray:
        """Points (count, 2) of the posterior, spread over their cells: ln sigma, gamma."""
        probability = self.weight.ravel()
        i, j = np.unravel_index(rng.choice(probability.size, size=count, p=probability), self.log_likelihood.shape)
        shift = rng.uniform(-0.5, 0.5, size=(count, 2))
        step = self.log_sigma[1, 0] - self.log_sigma[0, 0]
        if len(self.gamma) == 1:
            return np.column_stack([self.log_sigma[i, j] + shift[:, 0] * step, self.gamma[j]])
        # A step in gamma goes along the ridge.
        slope = np.gradient(self.log_sigma[0], self.gamma)[j]
        along = shift[:, 1] * (self.gamma[1] - self.gamma[0])
        return np.column_stack([self.log_sigma[i, j] + shift[:, 0] * step + slope * along, self.gamma[j] + along])

    def quantiles(self, probabilities) -> tuple[np.ndarray, np.ndarray]:
        """Quantiles of sigma [km/s] and of gamma."""
        weight = self.weight
        order = np.argsort(self.log_sigma, axis=None)
        total = np.cumsum(weight.ravel()[order])
        total -= weight.ravel()[order] / 2
        log_sigma = np.interp(probabilities, total, self.log_sigma.ravel()[order])
        if len(self.gamma) == 1:
            return np.exp(log_sigma), np.full(np.shape(probabilities), self.gamma[0])
        density = np.exp(self.log_likelihood - self.log_likelihood.max()).sum(0)
        total = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
        return np.exp(log_sigma), np.interp(probabilities, total / total[-1], self.gamma)


def grid_posterior(likelihood, prior: Prior, size: tuple[int, int] = (160, 120)) -> GridPosterior:
    """Posterior on a grid about its peak, which is found first: the largest likelihood over sigma for every gamma (the ridge),
    then the largest along the ridge, however narrow both are; the grid holds all within exp(-25) of the peak.

    Parameters
    ----------
    likelihood : callable
        ln L of ln sigma and gamma.
    prior : Prior
    size : (int, int)
        Nodes over ln sigma and gamma.

    Raises
    ------
    InputError
        Where the likelihood is nowhere finite within the prior.
    """
    ends = np.log(prior.sigma)
    low, high = prior.gamma
    nodes = np.linspace(low, high, size[1] if prior.free_gamma else 1)
    if prior.free_gamma:
        for _ in range(40):
            _, along = _ridge(likelihood, nodes, ends)
            if not np.any(np.isfinite(along)):
                raise InputError("the likelihood vanishes everywhere within the prior: check the unit of C_l, noise and ranges")
            best = int(np.argmax(along))
            near = np.flatnonzero(along > along[best] - DEPTH)
            low, high = nodes[max(near[0] - 1, 0)], nodes[min(near[-1] + 1, len(nodes) - 1)]
            if len(near) > 0.6 * len(nodes) or high - low < 1e-10:
                break
            nodes = np.linspace(low, high, len(nodes))
    ridge, along = _ridge(likelihood, nodes, ends)
    if not np.any(np.isfinite(along)):
        raise InputError("the likelihood vanishes everywhere within the prior: check the unit of C_l, noise and ranges")
    j = int(np.argmax(along))
    below, above = (_reach(likelihood, ridge, along, nodes, j, side, ends) for side in (-1.0, 1.0))
    offsets = np.linspace(-below, above, size[0])
    log_sigma = ridge + offsets[:, None]
    inside = (log_sigma >= ends[0] - 1e-12) & (log_sigma <= ends[1] + 1e-12)
    values = np.where(inside, likelihood(np.clip(log_sigma, *ends), np.broadcast_to(nodes, log_sigma.shape)), -np.inf)
    values = np.where(np.isnan(values), -np.inf, values)
    weights = np.outer(_trapezoid(offsets), _trapezoid(nodes))
    volume = (ends[1] - ends[0]) * (prior.gamma[1] - prior.gamma[0] if prior.free_gamma else 1.0)
    evidence = float(logsumexp(values, b=weights) - np.log(volume))
    return GridPosterior(log_sigma, nodes, values, evidence, (float(np.exp(ridge[j])), float(nodes[j])))


def _ridge(likelihood, gammas, ends, count: int = 48) -> tuple[np.ndarray, np.ndarray]:
    """For every gamma the ln sigma of the largest likelihood and its value, (j,) each."""
    low, high = (np.full(len(gammas), end) for end in ends)
    columns = np.arange(len(gammas))
    for _ in range(12):
        points = low + (high - low) * np.linspace(0, 1, count)[:, None]
        values = likelihood(points, np.broadcast_to(gammas, points.shape))
        values = np.where(np.isnan(values), -np.inf, values)
        best = np.argmax(values, axis=0)
        low, high = points[np.maximum(best - 1, 0), columns], points[np.minimum(best + 1, count - 1), columns]
        if np.max(high - low) < 1e-9:
            break
    return points[best, columns], values[best, columns]


def _reach(likelihood, ridge, along, gammas, j, side, ends) -> float:
    """Distance in ln sigma from the ridge within which the likelihood is near its peak, at any gamma near it."""
    peak, farthest = along[j], 0.0
    near = np.flatnonzero(along > peak - DEPTH)
    for k in near[:: max(len(near) // 6, 1)]:
        room = ends[1] - ridge[k] if side > 0 else ridge[k] - ends[0]
        inner, outer = 0.0, room
        if room > 0 and not _at(likelihood, ridge[k] + side * room, gammas[k]) > peak - DEPTH:
            for _ in range(40):
                middle = (inner + outer) / 2
                if _at(likelihood, ridge[k] + side * middle, gammas[k]) > peak - DEPTH:
                    inner = middle
                else:
                    outer = middle
        farthest = max(farthest, outer)
    return 1.05 * farthest + 1e-12


def _at(likelihood, log_sigma, gamma) -> float:
    return float(likelihood(np.array([log_sigma]), np.array([gamma]))[0])


def _trapezoid(nodes: np.ndarray) -> np.ndarray:
    if len(nodes) == 1:
        return np.ones(1)
    weight = np.full(len(nodes), nodes[1] - nodes[0])
    weight[[0, -1]] /= 2
    return weight
