"""Likelihood maximised over sigma for many shapes of the covariance and many skies: one eigenvalue problem for each shape."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import eigh, solve_triangular
from scipy.special import logsumexp
from threadpoolctl import threadpool_limits

from fluxtube.analysis.inference.data import SkyData
from fluxtube.analysis.inference.parameters import Prior
from fluxtube.analysis.inference.transport import RIVALS, Point, make

AMPLITUDES = 60  # nodes of ln sigma: a step of 12 % is within 0.01 of the best ln L where sigma is known to 7 % or worse


class Profile:
    """max over sigma of ln L, for skies (k, n) of one observation and one shape of S = sigma^2 G + N.

    With N = L L' and L^-1 G L^-1' = Q diag(g) Q' each sigma costs a sum: ln L = -1/2 sum_i [y_i^2/(1 + sigma^2 g_i)
    + ln(1 + sigma^2 g_i)] - ln det L - n/2 ln 2 pi, y = Q' L^-1 d.
    """

    def __init__(self, data: SkyData, noise: float = 1.0):
        self.data = data
        self.lower = np.linalg.cholesky(noise * data.noise + data.reading)

    def best(self, covariance: np.ndarray, sigmas: np.ndarray, skies: np.ndarray) -> np.ndarray:
        """Largest ln L over sigmas, (k,); `covariance` is that of sigma = 1 over the modes of the sky."""
        return _peak(self.curve(covariance, sigmas, skies))

    def curve(self, covariance: np.ndarray, sigmas: np.ndarray, skies: np.ndarray) -> np.ndarray:
        """ln L at each of the sigmas, (s, k)."""
        half = solve_triangular(self.lower, self.data.fold(covariance), lower=True, check_finite=False)
        level, basis = eigh(solve_triangular(self.lower, half.T, lower=True, check_finite=False), check_finite=False)
        white = solve_triangular(self.lower, skies.T, lower=True, check_finite=False)
        power = (basis.T @ white) ** 2  # (n, k)
        spread = 1 + sigmas[:, None] ** 2 * np.clip(level, 0, None)  # (s, n)
        values = -0.5 * ((1 / spread) @ power + np.sum(np.log(spread), axis=1)[:, None])
        constant = -np.sum(np.log(np.diag(self.lower))) - 0.5 * len(level) * np.log(2 * np.pi)
        return values + constant


def _peak(values: np.ndarray) -> np.ndarray:
    """Top of the parabola through the largest of equally spaced values and its neighbours, along the first axis."""
    top = np.clip(np.argmax(values, axis=0), 1, len(values) - 2)
    column = np.arange(values.shape[1])
    left, middle, right = (values[top + step, column] for step in (-1, 0, 1))
    bend = left - 2 * middle + right
    rise = np.where(bend < 0, (left - right) ** 2 / (-8 * np.where(bend < 0, bend, -1.0)), 0.0)
    return np.where((middle >= left) & (middle >= right), middle + rise, np.maximum(left, right))


@dataclass(frozen=True)
class Plane:
    """ln L over eps and eta, maximised over sigma and the gammas given.

    Attributes
    ----------
    displacement, convection : ndarray (i,), (j,)
    log_likelihood : ndarray (i, j)
    """

    displacement: np.ndarray
    convection: np.ndarray
    log_likelihood: np.ndarray


def plane(data: SkyData, point: Point, prior: Prior, size: int = 21, gammas=None, **physics) -> Plane:
    """The (eps, eta) plane; the field and the noise stay at `point`.

    Parameters
    ----------
    data : SkyData
    point : Point
    prior : Prior
        For the range of sigma.
    size : int
        Nodes along each side.
    gammas : sequence of float, optional
        Indices that are tried; that of `point` if not given.
    """
    axis = np.linspace(0, 1, size)
    values = cross_field_best(data, point, prior, axis, gammas or (point.gamma,), data.values[None], **physics)
    return Plane(axis, axis, values[:, :, 0])


def cross_field_best(data, point, prior, axis, gammas, skies, **physics) -> np.ndarray:
    """ln L maximised over sigma and gammas at each node of (eps, eta), for skies (k, n): (i, j, k)."""
    model, profile = make("cross-field", data.l_top, **physics), Profile(data, point.noise)
    sigmas = np.geomspace(prior.sigma[0], prior.sigma[1], AMPLITUDES)
    with threadpool_limits(1, "blas"):
        return np.array(
            [
                [
                    np.max([profile.best(model.covariance(_shape(point, e, h, g)), sigmas, skies) for g in gammas], axis=0)
                    for h in axis
                ]
                for e in axis
            ]
        )


def grid_posterior(data, point, prior, axis, gammas, **physics) -> np.ndarray:
    """Posterior of (eps, eta) at the nodes, flat in ln sigma, eps, eta and the gammas given: (i, j), largest 1."""
    model, profile = make("cross-field", data.l_top, **physics), Profile(data, point.noise)
    sigmas = np.geomspace(prior.sigma[0], prior.sigma[1], AMPLITUDES)
    with threadpool_limits(1, "blas"):
        table = np.array([[_total(model, profile, point, sigmas, e, h, gammas) for h in axis] for e in axis])
    return np.exp(table - table.max())


def _total(model, profile, point, sigmas, displacement, convection, gammas) -> float:
    """ln of the sum of L over sigmas and gammas at one node."""
    shapes = (model.covariance(_shape(point, displacement, convection, gamma)) for gamma in gammas)
    return float(logsumexp([profile.curve(shape, sigmas, profile.data.values[None]) for shape in shapes]))


def model_best(data, model_name, point, prior, skies, gammas=None, **physics) -> np.ndarray:
    """ln L of a model without free weights, maximised over its amplitude and gammas (indices of a power law), (k,)."""
    model, profile = make(model_name, data.l_top, **physics), Profile(data, point.noise)
    if model_name == "dipole-only":
        return profile.best(model.covariance(point), np.array([1.0, 1.1, 1.2]), skies)
    rival = model_name in RIVALS
    low, high = prior.rival_amplitude if rival else prior.sigma
    sigmas = np.geomspace(low, high, 2 * AMPLITUDES if rival else AMPLITUDES)
    flattest, steepest = prior.rival_index
    shapes = gammas or ((point.gamma,) if model_name != "power-law" else np.linspace(flattest, steepest, 25))
    unit = replace(point, sigma=1.0)
    return np.max([profile.best(model.covariance(replace(unit, gamma=g)), sigmas, skies) for g in shapes], axis=0)


def _shape(point, displacement, convection, gamma) -> Point:
    return replace(point, sigma=1.0, gamma=gamma, displacement=displacement, convection=convection)
