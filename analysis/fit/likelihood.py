"""Likelihoods of an observed spectrum: chi-squared of the right degrees of freedom, never Gaussian errors."""

import numpy as np
from scipy.interpolate import CubicSpline, RectBivariateSpline
from scipy.special import gammaln

from fluxtube.analysis.fit.signs import signless_log_density
from fluxtube.analysis.fit.templates import Templates
from fluxtube.errors import InputError

SCALES, INDICES = 64, 40  # nodes over ln sigma and gamma


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
        self._constant = 0.5 * np.sum(np.log((2 * l + 1) / (4 * np.asarray(C_l))))  # d|a| / dC
        log_sigma = np.linspace(*np.log(sigma_range), nodes[0])
        self.gammas = np.unique(np.linspace(*gamma_range, nodes[1]))
        table = np.zeros((len(self.gammas), len(log_sigma)))
        for row, gamma in zip(table, self.gammas, strict=True):
            covariance = templates.covariance(gamma)
            for parity in (0, 1):
                rows = np.flatnonzero(l % 2 == parity)
                row += signless_log_density(amplitude[rows], covariance[np.ix_(rows, rows)], np.exp(2 * log_sigma))
        if len(self.gammas) == 1:
            one = CubicSpline(log_sigma, table[0])
            self._spline = lambda x, gamma: one(x)
        else:
            both = RectBivariateSpline(log_sigma, self.gammas, table.T)
            self._spline = both.ev

    def __call__(self, log_sigma, gamma) -> np.ndarray:
        """ln L for arrays of ln sigma [km/s] and gamma."""
        return self._constant + self._spline(np.asarray(log_sigma, dtype=float), np.asarray(gamma, dtype=float))
