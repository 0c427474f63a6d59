"""The Gaussian likelihood of a whole sky."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from fluxtube.analysis.inference.data import SkyData
from fluxtube.analysis.inference.transport import Point, make
from fluxtube.errors import InputError

RESOLVED = 1e-14  # variance of a datum given the others, over its own, below which double precision sees none


class SkyLikelihood:
    """ln L = -1/2 [ d' S^-1 d + ln det 2 pi S ],  S = A C(theta) A' + noise factor times N + reading errors.

    Parameters
    ----------
    data : SkyData
    model : str
        As in `transport.make`.
    **physics
        beta, spectral_slope, speed, path, outer_scale of a transport model.
    """

    def __init__(self, data: SkyData, model: str, **physics):
        self.data, self.model = data, make(model, data.l_top, **physics)

    def covariance(self, point: Point) -> np.ndarray:
        """S, (n, n)."""
        return self.data.fold(self.model.covariance(point)) + point.noise * self.data.noise + self.data.reading

    def factor(self, point: Point) -> np.ndarray:
        """Lower Cholesky factor of S.

        Raises
        ------
        InputError
            S is not positive definite: the model leaves combinations without variance and there is no noise.
        """
        covariance = self.covariance(point)
        try:
            factor = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            factor = np.zeros_like(covariance)
        if np.any(np.diag(factor) ** 2 <= RESOLVED * np.diag(covariance)):
            raise InputError(
                f"the {self.model.name} model and this noise leave some of the data without variance; give the noise "
                "of the sky (--noise), a value above zero"
            )
        return factor

    def __call__(self, point: Point) -> float:
        """ln L of the data."""
        return float(log_density(self.factor(point), self.data.values))

    def draw(self, point: Point, rng, count: int | None = None) -> np.ndarray:
        """Data drawn from the model, (n,) or (count, n)."""
        normal = rng.standard_normal((count or 1, len(self.data.values)))
        values = normal @ self.factor(point).T
        return values if count else values[0]

    def chi_squared(self, point: Point) -> float:
        """d' S^-1 d; its expectation is the number of data."""
        return float(np.sum(solve_triangular(self.factor(point), self.data.values, lower=True) ** 2))

    def signal(self, point: Point) -> tuple[np.ndarray, np.ndarray]:
        """Mean and covariance of the multipoles l = 2 .. l_top given the data, (n_a,), (n_a, n_a)."""
        prior, response = self.model.covariance(point), self.data.matrix()
        both = response @ prior
        solved = cho_solve(cho_factor(self.covariance(point), lower=True), np.column_stack([self.data.values, both]))
        return both.T @ solved[:, 0], prior - both.T @ solved[:, 1:]


def log_density(factor: np.ndarray, values: np.ndarray) -> np.ndarray:
    """ln of the Gaussian density of data (n,) or (k, n) with a lower Cholesky factor of their covariance."""
    white = solve_triangular(factor, np.asarray(values).T, lower=True, check_finite=False)
    size = len(factor)
    return -0.5 * np.sum(white**2, axis=0) - np.sum(np.log(np.diag(factor))) - 0.5 * size * np.log(2 * np.pi)
