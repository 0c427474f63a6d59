"""A sky as a likelihood takes it: linear data, their response to the multipoles, their noise; what is lost is projected out."""

from dataclasses import dataclass, replace

import numpy as np

from fluxtube.analysis.inference.modes import degrees_and_orders, to_vector
from fluxtube.errors import InputError

LOST = 1e-8  # singular value, relative to the largest, under which a combination is not in the data


@dataclass(frozen=True)
class SkyData:
    """d = A a + noise, a the multipoles l = 2 .. l_top in equatorial coordinates.

    Attributes
    ----------
    values : ndarray (n,)
        d.
    response : ndarray (n, n_a) or ndarray of int (n,)
        A; whole numbers pick elements of a (a table of multipoles).
    noise : ndarray (n, n)
        Covariance of the noise of the observation; the likelihood may scale it.
    reading : ndarray (n, n)
        Covariance of further, known errors.
    l_top : int
        Largest degree of a.
    l_min, l_max : int
        Range of degrees in the data.
    description : str
    """

    values: np.ndarray
    response: np.ndarray
    noise: np.ndarray
    reading: np.ndarray
    l_top: int
    l_min: int
    l_max: int
    description: str = "sky"

    def __post_init__(self):
        if len(self.values) == 0:
            raise InputError(f"{self.description}: nothing is left of the sky; check the mask, the degrees and the lost orders")
        if not np.all(np.isfinite(self.values)):
            raise InputError(f"{self.description}: a value is not a finite number")

    def fold(self, covariance: np.ndarray) -> np.ndarray:
        """A C A', (n, n)."""
        if self.response.ndim == 1:
            return covariance[np.ix_(self.response, self.response)]
        return self.response @ covariance @ self.response.T

    def matrix(self) -> np.ndarray:
        """A as a matrix (n, n_a)."""
        if self.response.ndim == 2:
            return self.response
        matrix = np.zeros((len(self.values), (self.l_top + 1) ** 2 - 4))
        matrix[np.arange(len(self.values)), self.response] = 1
        return matrix

    def with_values(self, values) -> "SkyData":
        """The same observation of another sky."""
        return replace(self, values=np.asarray(values, dtype=float))


def from_table(alm, noise, reading=None, *, l_min: int = 2, l_max: int | None = None, lost=(), description="table") -> SkyData:
    """Sky from a table of multipoles, NaN where unknown.

    Each of its multipoles that is unknown or of a lost order is dropped: that is the same as an infinite variance of it. So are
    l = 0 and 1, which are not of turbulence alone.

    Parameters
    ----------
    alm : complex ndarray (L, L)
        a[l, m], m >= 0, equatorial coordinates.
    noise, reading : ndarray (n_a, n_a) or (n_a,)
        Covariances, or variances, over the modes l = 2 .. l_max of `modes.degrees_and_orders`.
    l_min, l_max : int
    lost : sequence of int
        Orders |m| to leave out, in equatorial coordinates.
    description : str
    """
    top = len(alm) - 1 if l_max is None else l_max
    if top > len(alm) - 1:
        raise InputError(f"l_max = {top} is beyond the table, which ends at l = {len(alm) - 1}")
    if not 2 <= l_min <= top:
        raise InputError(f"degrees {l_min} to {top}: l_min must be 2 at least and l_max not below it")
    l, m = degrees_and_orders(top)
    vector = to_vector(alm, top)
    chosen = np.flatnonzero(np.isfinite(vector) & (l >= l_min) & ~np.isin(np.abs(m), list(lost)))
    pick = np.ix_(chosen, chosen)
    noise = _matrix(noise)[pick]
    reading = np.zeros_like(noise) if reading is None else _matrix(reading)[pick]
    return SkyData(vector[chosen], chosen, noise, reading, top, l_min, top, description)


def project_out(values, response, noise, unwanted):
    """Data that do not know of some combinations, as if these had an infinite variance: orthogonal to their columns.

    Parameters
    ----------
    values, response, noise : ndarray (n,), (n, n_a), (n, n)
    unwanted : ndarray (n, k)
        Response to the combinations; columns that vanish cost nothing.

    Returns
    -------
    values, response, noise
        Of n - rank data.
    """
    left, singular, _ = np.linalg.svd(unwanted, full_matrices=True)
    rank = int(np.sum(singular > LOST * max(float(np.max(singular, initial=0)), float(np.abs(response).max(initial=0)))))
    kept = left[:, rank:].T
    return kept @ values, kept @ response, kept @ noise @ kept.T


def _matrix(covariance) -> np.ndarray:
    covariance = np.asarray(covariance, dtype=float)
    return np.diag(covariance) if covariance.ndim == 1 else covariance
