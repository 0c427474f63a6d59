"""Likelihoods of an observed spectrum: chi-squared of the right degrees of freedom, never Gaussian errors."""

import numpy as np
from scipy.interpolate import CubicSpline, RectBivariateSpline
from scipy.special import gammaln

from fluxtube.analysis.fit.signs import signless_log_density
from fluxtube.analysis.fit.templates import Templates
from fluxtube.errors import InputError

SCALES, INDICES = 64, 40  # nodes over ln sigma (of 1 to 1000 km/s) and gamma
REACH = 100.0  # ln of the likelihood's fall that its table holds


class ChiSquared:
    """C_l of independent Gaussian multipoles: nu C_l / <C_l> ~ chi^2_nu.

        ln L = sum_l [ (nu/2 - 1) ln C_l - nu/2 (ln <C_l> + C_l / <C_l>) + constant ]

    Exact for one sky of isotropic diffusion (nu = 2 l + 1); for the mean of N skies nu = N (2 l + 1), or N for parallel
    diffusion, whose coupling of degrees is then left out.

    Parameters
    ----------
    templates : Templates
    C_l : ndarray (n,)
    skies : int
        N.
    """

    def __init__(self, templates: Templates, C_l, skies: int = 1):
        if skies < 1:
            raise InputError(f"{skies} skies; the spectrum must be the mean of one at least")
        self.templates, self.C_l = templates, np.asarray(C_l, dtype=float)
        self.dof = skies * (np.ones(len(self.C_l)) if templates.model == "parallel" else 2.0 * templates.l + 1)
        half = self.dof / 2
        self._constant = np.sum((half - 1) * np.log(self.C_l) + half * np.log(half) - gammaln(half))

    def __call__(self, log_sigma, gamma) -> np.ndarray:
        """ln L for arrays of ln sigma [km/s] and gamma."""
        expected = self.templates.spectrum(np.exp(log_sigma), gamma)
        return self._constant - 0.5 * np.sum(self.dof * (np.log(expected) + self.C_l / expected), axis=-1)


class Signless:
    """C_l of one sky of parallel diffusion, one correlated multipole a degree: `signs`, tabulated over ln sigma and gamma.

    Parameters
    ----------
    templates : Templates
        Of the parallel model.
    C_l : ndarray (n,)
    sigma_range, gamma_range : (float, float)
        Region of the table; equal ends fix gamma.
    nodes : (int, int)
        Nodes over ln sigma and gamma.
    """

    def __init__(self, templates: Templates, C_l, sigma_range, gamma_range, nodes=(SCALES, INDICES)):
        self.templates = templates
        l = templates.l
        amplitude = np.sqrt((2 * l + 1) * np.asarray(C_l, dtype=float))
        self._constant = 0.5 * np.sum(np.log(2 * l + 1) - np.log(4) - np.log(np.asarray(C_l, dtype=float)))  # d|a| / dC
        self.gammas = np.unique(np.linspace(gamma_range[0], gamma_range[1], nodes[1]))
        covariances = [templates.covariance(gamma) for gamma in self.gammas]

        def column(covariance, log_sigma):
            total = np.zeros(len(log_sigma))
            for parity in (0, 1):
                rows = np.flatnonzero(l % 2 == parity)
                total += signless_log_density(amplitude[rows], covariance[np.ix_(rows, rows)], np.exp(2 * log_sigma))
            return total

        # A spline over a whole wide prior would overshoot where ln L falls as 1/sigma^2: it is laid where L matters.
        low, high = np.log(sigma_range)
        whole = np.linspace(low, high, max(nodes[0], 1 + int((high - low) / 0.2)))
        coarse = np.array([column(covariance, whole) for covariance in covariances[:: max(len(covariances) // 4, 1)]]).max(0)
        near = np.flatnonzero(coarse > coarse.max() - REACH)
        self._ends = whole[max(near[0] - 1, 0)], whole[min(near[-1] + 1, len(whole) - 1)]
        self._floor = coarse.max() - REACH
        spacing = np.log(1000.0) / nodes[0]
        log_sigma = np.linspace(*self._ends, max(8, 1 + int(np.ptp(self._ends) / spacing)))
        table = np.array([column(covariance, log_sigma) for covariance in covariances])
        if len(self.gammas) == 1:
            one = CubicSpline(log_sigma, table[0])
            self._spline = lambda x, gamma: one(x)
        else:
            both = RectBivariateSpline(log_sigma, self.gammas, table.T)
            self._spline = both.ev

    def __call__(self, log_sigma, gamma) -> np.ndarray:
        """ln L for arrays of ln sigma [km/s] and gamma."""
        log_sigma, gamma = np.broadcast_arrays(np.asarray(log_sigma, dtype=float), np.asarray(gamma, dtype=float))
        inside = np.clip(log_sigma, *self._ends)
        outside = np.abs(log_sigma - inside)
        # Beyond the table, e^-100 of the peak and less: a slope, so that a search finds its way back.
        return self._constant + np.where(outside > 0, self._floor - 10 * outside, self._spline(inside, gamma))
