"""A spectrum fitted: likelihood, posterior and evidence in one call, and models held against each other."""

from dataclasses import dataclass

import numpy as np

from fluxtube.analysis.fit.likelihood import ChiSquared, Signless
from fluxtube.analysis.fit.posterior import GridPosterior, Prior, grid_posterior
from fluxtube.analysis.fit.sampler import Samples, sample_posterior
from fluxtube.analysis.fit.templates import Templates
from fluxtube.analysis.observations.spectrum_table import Spectrum
from fluxtube.errors import InputError

KOLMOGOROV, KRAICHNAN = 5 / 3, 3 / 2
WIDE = Prior()
ONE_SIGMA = (0.15865525, 0.5, 0.84134475)


@dataclass(frozen=True)
class Fit:
    """Outcome of a fit.

    Attributes
    ----------
    spectrum : Spectrum
        What was fitted.
    templates : Templates
    prior : Prior
    posterior : GridPosterior
    samples : Samples or None
    skies : int
        Skies that the spectrum is the mean of.
    """

    spectrum: Spectrum
    templates: Templates
    prior: Prior
    posterior: GridPosterior
    samples: Samples | None
    skies: int

    @property
    def sigma(self) -> np.ndarray:
        """Quantiles 16, 50, 84 % of sigma [km/s], (3,)."""
        return self._quantiles()[0]

    @property
    def gamma(self) -> np.ndarray:
        """Quantiles 16, 50, 84 % of gamma, (3,)."""
        return self._quantiles()[1]

    def best_spectrum(self) -> np.ndarray:
        """C_l of the largest likelihood, (n,)."""
        sigma, gamma = self.posterior.best
        return self.templates.spectrum(np.array(sigma), np.array(gamma))

    def to_dict(self) -> dict:
        """Plain numbers, for JSON."""
        sigma, gamma = self.posterior.best
        result = {
            "model": self.templates.model,
            "l": self.spectrum.l.tolist(),
            "skies": self.skies,
            "prior": {"sigma_km_s": list(self.prior.sigma), "gamma": list(self.prior.gamma)},
            "sigma_km_s": dict(zip(("lower", "median", "upper"), self.sigma.tolist(), strict=True)),
            "gamma": dict(zip(("lower", "median", "upper"), self.gamma.tolist(), strict=True)),
            "best": {"sigma_km_s": sigma, "gamma": gamma, "log_likelihood": float(self.posterior.log_likelihood.max())},
            "log_evidence": self.posterior.log_evidence,
        }
        if self.samples is not None:
            result["sampler"] = {
                "samples": len(self.samples.sigma),
                "autocorrelation_steps": self.samples.autocorrelation,
                "acceptance": self.samples.acceptance,
                "converged": self.samples.converged,
            }
        return result

    def _quantiles(self):
        if self.samples is None:
            return self.posterior.quantiles(ONE_SIGMA)
        return tuple(np.quantile(values, ONE_SIGMA) for values in (self.samples.sigma, self.samples.gamma))


def fit_spectrum(
    spectrum: Spectrum, model: str, prior: Prior = WIDE, skies: int = 1, steps: int = 2000, seed: int = 1, **physics
) -> Fit:
    """Fit sigma and gamma of one model.

    Parameters
    ----------
    spectrum : Spectrum
    model : {"parallel", "isotropic"}
    prior : Prior
        Its equal ends fix gamma.
    skies : int
        1 for an observed sky; N for the mean spectrum of N skies.
    steps : int
        Steps of each of the sampler's walkers; 0 leaves the posterior to its grid.
    seed : int
        Of the sampler.
    **physics
        transverse_fraction, spectral_slope, speed of `Templates`.
    """
    if np.any(spectrum.C_l <= 0):
        degree = int(spectrum.l[np.flatnonzero(spectrum.C_l <= 0)[0]])
        raise InputError(f"C_l at l = {degree} is not above zero; leave out degrees where noise was all")
    if spectrum.binned:
        raise InputError("bins of several degrees cannot be fitted; give C_l degree by degree")
    templates = Templates(model, spectrum.l, **physics)
    if model == "parallel" and skies == 1:
        likelihood = Signless(templates, spectrum.C_l, prior.sigma, prior.gamma)
    else:
        likelihood = ChiSquared(templates, spectrum.C_l, skies)
    posterior = grid_posterior(likelihood, prior)
    samples = sample_posterior(likelihood, prior, posterior, steps, seed) if steps else None
    return Fit(spectrum, templates, prior, posterior, samples, skies)


def compare(spectrum: Spectrum, prior: Prior = WIDE, skies: int = 1, **physics) -> list[dict]:
    """Evidence of both models with gamma free, 5/3 (Kolmogorov) and 3/2 (Kraichnan), best first.

    Returns
    -------
    list of dict
        model, gamma ("free" or its value), sigma_km_s (median), log_evidence, and log_bayes_factor against the best.
    """
    rows = []
    for model in ("parallel", "isotropic"):
        for gamma in (None, KOLMOGOROV, KRAICHNAN):
            own = prior if gamma is None else Prior(prior.sigma, (gamma, gamma))
            fit = fit_spectrum(spectrum, model, own, skies, steps=0, **physics)
            rows.append(
                {
                    "model": model,
                    "gamma": "free" if gamma is None else gamma,
                    "sigma_km_s": float(fit.sigma[1]),
                    "log_evidence": fit.posterior.log_evidence,
                }
            )
    rows.sort(key=lambda row: -row["log_evidence"])
    return [row | {"log_bayes_factor": row["log_evidence"] - rows[0]["log_evidence"]} for row in rows]
