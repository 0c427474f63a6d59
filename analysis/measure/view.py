"""What mask, weights, ring means and a fitted dipole do to the multipoles of a sky: one matrix, found by doing it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from ducc0.healpix import Healpix_Base
from ducc0.sht import adjoint_synthesis, synthesis

from fluxtube.analysis.observations.healpix_map import nside_of, ring_numbers
from fluxtube.errors import InputError


@dataclass(frozen=True)
class MapView:
    """Weights of a map's pixels, and whether the weighted mean of every ring of declination is taken out.

    Attributes
    ----------
    weights : ndarray (npix,)
        RING, not below zero, 0 where nothing was seen.
    ring_means : bool
        Whether ring means are removed: m = 0 in equatorial coordinates is lost.
    dipole : bool
        Whether monopole and dipole are fitted to the weighted map and removed.
    l_max : int
        Degrees 0 .. l_max are followed.
    """

    weights: np.ndarray
    ring_means: bool
    dipole: bool
    l_max: int

    def __post_init__(self):
        nside = nside_of(self.weights)
        if not np.all(np.isfinite(self.weights)) or np.any(self.weights < 0) or not np.any(self.weights > 0):
            raise InputError("weights must be finite and not below zero, and above zero somewhere")
        if not 2 <= self.l_max <= 2 * nside:
            raise InputError(f"degrees to {self.l_max}: a map of nside {nside} is measured to 2 nside = {2 * nside}")

    @property
    def nside(self) -> int:
        """Of the map."""
        return nside_of(self.weights)

    @property
    def sky_fraction(self) -> float:
        """Share of the sky, for weights that differ the effective one: <w^2>^2 / <w^4>, which scatter goes with."""
        return float(np.mean(self.weights**2) ** 2 / np.mean(self.weights**4))

    @property
    def power_fraction(self) -> float:
        """<w^2>: what pseudo-power is of the power of a sky without leakage."""
        return float(np.mean(self.weights**2))

    @cached_property
    def _rings(self):
        ring = ring_numbers(self.nside)
        total = np.bincount(ring, self.weights)
        return ring, np.where(total > 0, total, 1.0)

    def weigh(self, values: np.ndarray) -> np.ndarray:
        """w (f - ring mean of f), the ring mean weighted with w; a symmetric operator on maps (npix,)."""
        if self.ring_means:
            ring, total = self._rings
            values = values - (np.bincount(ring, self.weights * values) / total)[ring]
        return self.weights * values

    @cached_property
    def _transform(self) -> dict:
        return {"lmax": self.l_max, "nthreads": 1, **Healpix_Base(self.nside, "RING").sht_info()}

    def multipoles(self, values: np.ndarray) -> np.ndarray:
        """Integrals of a weighted map times real harmonics, in the order of `degrees` (n,): the adjoint of `map_of`."""
        alm = adjoint_synthesis(map=np.ascontiguousarray(values)[None], spin=0, **self._transform)[0]
        alm *= 4 * np.pi / len(values)
        first = self.l_max + 1  # m = 0 comes first, then rising m
        rest = np.sqrt(2) * alm[first:]
        return np.concatenate([alm[:first].real, rest.real, -rest.imag])

    def map_of(self, multipoles: np.ndarray) -> np.ndarray:
        """Map (npix,) of real multipoles (n,)."""
        first = self.l_max + 1
        half = (len(multipoles) - first) // 2
        rest = (multipoles[first : first + half] - 1j * multipoles[first + half :]) / np.sqrt(2)
        alm = np.concatenate([multipoles[:first].astype(complex), rest])
        return synthesis(alm=alm[None], spin=0, **self._transform)[0]

    @cached_property
    def degrees(self) -> np.ndarray:
        """l of each real multipole: m = 0, then cosines, then sines, (n,), n = (l_max + 1)^2."""
        rest = np.concatenate([np.arange(m, self.l_max + 1) for m in range(1, self.l_max + 1)])
        return np.concatenate([np.arange(self.l_max + 1), rest, rest])

    @cached_property
    def coupling(self) -> np.ndarray:
        """K (n, n): pseudo-multipoles = K times those of the sky, before monopole and dipole are taken out. Symmetric."""
        size = len(self.degrees)
        columns = np.empty((size, size))
        unit = np.zeros(size)
        for index in range(size):
            unit[index] = 1.0
            columns[:, index] = self.multipoles(self.weigh(self.map_of(unit)))
            unit[index] = 0.0
        return (columns + columns.T) / 2

    @cached_property
    def deprojection(self) -> np.ndarray:
        """R (n, n): takes the fitted monopole and dipole out of pseudo-multipoles. The fit is least squares with the weights."""
        size = len(self.degrees)
        if not self.dipole:
            return np.eye(size)
        low = self.degrees <= 1
        fit = np.linalg.pinv(self.coupling[np.ix_(low, low)], rcond=1e-6, hermitian=True)
        reduced = np.eye(size)
        reduced[:, low] -= self.coupling[:, low] @ fit
        return reduced

    def noise(self, variance) -> np.ndarray:
        """Covariance (n, n) of the pseudo-multipoles of white noise of a variance per pixel (npix,) or number."""
        variance = np.broadcast_to(variance, self.weights.shape)
        size = len(self.degrees)
        columns = np.empty((size, size))
        unit = np.zeros(size)
        area = 4 * np.pi / len(self.weights)
        for index in range(size):
            unit[index] = 1.0
            columns[:, index] = area * self.multipoles(self.weigh(variance * self.weigh(self.map_of(unit))))
            unit[index] = 0.0
        return self.deprojection @ ((columns + columns.T) / 2) @ self.deprojection.T

    @cached_property
    def response(self) -> np.ndarray:
        """R K (n, n): from the sky's multipoles to the pseudo-multipoles that are kept."""
        return self.deprojection @ self.coupling

    @cached_property
    def mixing(self) -> np.ndarray:
        """M (L, L): <C~_l> = sum_l' M_ll' C_l' of a statistically isotropic sky, L = l_max + 1."""
        square = self.response**2
        by_row = np.zeros((self.l_max + 1, len(self.degrees)))
        np.add.at(by_row, self.degrees, square)
        matrix = np.zeros((self.l_max + 1,) * 2)
        np.add.at(matrix.T, self.degrees, by_row.T)
        return matrix / (2 * np.arange(self.l_max + 1) + 1)[:, None]

    def power(self, multipoles: np.ndarray) -> np.ndarray:
        """C~_l = sum_m x_lm^2 / (2l + 1), (L,)."""
        return np.bincount(self.degrees, multipoles**2) / (2 * np.arange(self.l_max + 1) + 1)

    def pseudo_mean(self, spectrum, noise) -> np.ndarray:
        """<C~_l> (L,) of an isotropic sky C_l (L,) and noise of covariance (n, n)."""
        own = np.bincount(self.degrees, np.diagonal(noise)) / (2 * np.arange(self.l_max + 1) + 1)
        return self.mixing @ spectrum + own

    def pseudo_covariance(self, spectrum, noise) -> np.ndarray:
        """Exact cov(C~_l, C~_l') = 2 tr(S_ll' S_l'l) / ((2l + 1)(2l' + 1)) of a Gaussian sky and noise, (L, L).

        S = R K diag(C_l) K' R' + N, in blocks of degrees.
        """
        total = (self.response * np.asarray(spectrum)[self.degrees]) @ self.response.T + noise
        by_row = np.zeros((self.l_max + 1, len(self.degrees)))
        np.add.at(by_row, self.degrees, total**2)
        matrix = np.zeros((self.l_max + 1,) * 2)
        np.add.at(matrix.T, self.degrees, by_row.T)
        weight = 2 * np.arange(self.l_max + 1) + 1
        return 2 * matrix / np.outer(weight, weight)
