"""A spectrum fitted: likelihood, posterior and evidence in one call, and models compared with each other."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fluxtube.analysis.fit.likelihood import ChiSquared, Signless
from fluxtube.analysis.fit.noisy import Noisy
from fluxtube.analysis.fit.observation import Observation, make_observation
from fluxtube.analysis.fit.posterior import GridPosterior, Prior, grid_posterior
from fluxtube.analysis.fit.sampler import PosteriorSamples, sample_posterior
from fluxtube.analysis.fit.templates import Templates
from fluxtube.analysis.fit.warnings import fit_warnings
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
    samples : PosteriorSamples or None
    skies : int
        Skies that the spectrum is the mean of.
    observation : Observation
        Noise, sky fraction and the like.
    noise_level : ndarray (3,) or None
        Quantiles 16, 50, 84 % of N_l where its level was left free.
    warnings : list of str
        Why the numbers must not be quoted; empty if they may.
    """

    spectrum: Spectrum
    templates: Templates
    prior: Prior
    posterior: GridPosterior
    samples: PosteriorSamples | None
    skies: int
    observation: Observation
    noise_level: np.ndarray | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def sigma(self) -> np.ndarray:
        """Quantiles 16, 50, 84 % of sigma [km/s], (3,)."""
        return self._quantiles()[0]

    @property
    def gamma(self) -> np.ndarray:
        """Quantiles 16, 50, 84 % of gamma, (3,)."""
        return self._quantiles()[1]

    def best_spectrum(self) -> np.ndarray:
        """C_l of the largest likelihood, without noise, one for each value of the spectrum, (n,)."""
        sigma, gamma = self.posterior.best
        return self.observation.windows @ self.templates.spectrum(np.array(sigma), np.array(gamma))

    def to_dict(self) -> dict:
        """Plain numbers, for JSON; None for what is no finite number."""
        sigma, gamma = self.posterior.best
        result = {
            "model": self.templates.model,
            "l": self.spectrum.l.tolist(),
            "skies": self.skies,
            "prior": {"sigma_km_s": list(self.prior.sigma), "gamma": list(self.prior.gamma)},
            "sigma_km_s": _quantile_dict(self.sigma),
            "gamma": _quantile_dict(self.gamma),
            "best": {
                "sigma_km_s": _finite(sigma),
                "gamma": _finite(gamma),
                "log_likelihood": _finite(self.posterior.log_likelihood.max()),
            },
            "log_evidence": _finite(self.posterior.log_evidence),
            "noise": {
                "level": [_finite(value) for value in (self.observation.noise.min(), self.observation.noise.max())],
                "subtracted": self.observation.subtracted,
                "fitted": None if self.noise_level is None else _quantile_dict(self.noise_level),
            },
            "sky_fraction": self.observation.sky_fraction,
            "m0_lost": self.observation.lost_m0,
            "warnings": list(self.warnings),
        }
        if self.spectrum.last is not None:
            result["l_max"] = self.spectrum.last.tolist()
        if self.samples is not None:
            result["sampler"] = {
                "samples": len(self.samples.sigma),
                "autocorrelation_steps": _finite(self.samples.autocorrelation),
                "acceptance": _finite(self.samples.acceptance),
                "converged": self.samples.converged,
            }
        return result

    def _quantiles(self):
        if self.samples is None:
            return self.posterior.quantiles(ONE_SIGMA)
        return tuple(np.quantile(values, ONE_SIGMA) for values in (self.samples.sigma, self.samples.gamma))


def fit_spectrum(
    spectrum: Spectrum,
    model: str,
    prior: Prior = WIDE,
    skies: int = 1,
    steps: int = 2000,
    seed: int = 1,
    *,
    noise=None,
    noise_subtracted=None,
    sky_fraction: float = 1.0,
    lost_m0: bool = False,
    mixing=None,
    covariance=None,
    **physics,
) -> Fit:
    """Fit sigma and gamma of one model.

    Parameters
    ----------
    spectrum : Spectrum
        Its errors are added to the scatter; its noise column counts as contained in C_l.
    model : {"parallel", "isotropic"}
    prior : Prior
        Its equal ends fix gamma.
    skies : int
        1 for an observed sky; N for the mean spectrum of N skies.
    steps : int
        Steps of each of the sampler's walkers; 0 leaves the posterior to its grid.
    seed : int
        Of the sampler.
    noise, noise_subtracted, sky_fraction, lost_m0, mixing, covariance
        See `observation.make_observation`.
    **physics
        transverse_fraction, spectral_slope, speed, law of `Templates`.
    """
    if skies < 1:
        raise InputError(f"{skies} skies; the spectrum must be the mean of one at least")
    observation = make_observation(spectrum, noise, noise_subtracted, sky_fraction, lost_m0, mixing, covariance)
    templates = Templates(model, observation.degrees, **physics)
    plain = (
        not np.any(observation.noise)
        and spectrum.error is None
        and not spectrum.binned
        and sky_fraction == 1.0
        and not lost_m0
        and mixing is None
        and covariance is None
    )
    likelihood: Noisy | Signless | ChiSquared
    noisy = Noisy(templates, observation, skies)
    if not plain:
        likelihood = noisy
    elif model == "parallel" and skies == 1:
        likelihood = Signless(templates, spectrum.C_l, prior.sigma, prior.gamma)
    else:
        likelihood = ChiSquared(templates, spectrum.C_l, skies)
    posterior = grid_posterior(likelihood, prior)
    samples = sample_posterior(likelihood, prior, posterior, steps, seed) if steps else None
    best = np.log(posterior.best[0]), posterior.best[1]
    scores = noisy.scores(*best)
    level = _noise_level(noisy, posterior, observation) if len(observation.noise) > 1 else None
    warnings = fit_warnings(prior, posterior, samples, scores if model == "isotropic" else None)
    return Fit(spectrum, templates, prior, posterior, samples, skies, observation, level, warnings)


def compare(spectrum: Spectrum, prior: Prior = WIDE, skies: int = 1, **settings) -> list[dict]:
    """Evidence of both models with gamma free, 5/3 (Kolmogorov) and 3/2 (Kraichnan), best first.

    Returns
    -------
    list of dict
        model, gamma ("free" or its value), sigma_km_s (median), log_evidence, log_bayes_factor against the best, warnings.
        A row whose evidence is not finite comes last, and its numbers are None.
    """
    rows: list[dict[str, Any]] = []
    for model in ("parallel", "isotropic"):
        for gamma in (None, KOLMOGOROV, KRAICHNAN):
            own = prior if gamma is None else Prior(prior.sigma, (gamma, gamma))
            fit = fit_spectrum(spectrum, model, own, skies, steps=0, **settings)
            rows.append(
                {
                    "model": model,
                    "gamma": "free" if gamma is None else gamma,
                    "sigma_km_s": _finite(fit.sigma[1]),
                    "log_evidence": _finite(fit.posterior.log_evidence),
                    "warnings": fit.warnings,
                }
            )
    rows.sort(key=lambda row: -row["log_evidence"] if row["log_evidence"] is not None else np.inf)
    best = rows[0]["log_evidence"]
    for row in rows:
        known = best is not None and row["log_evidence"] is not None
        row["log_bayes_factor"] = row["log_evidence"] - best if known else None
    return rows


def _noise_level(likelihood: Noisy, posterior: GridPosterior, observation: Observation) -> np.ndarray:
    """Quantiles of the noise level, at the first value of the spectrum, from the posterior's grid."""
    thinned = (slice(None, None, 4), slice(None, None, 4))
    gamma = np.broadcast_to(posterior.gamma, posterior.log_sigma.shape)[thinned]
    values = likelihood.by_noise(posterior.log_sigma[thinned], gamma)
    values = np.where(np.isfinite(posterior.log_likelihood[thinned]), values, -np.inf)
    weight = np.exp(values - values.max()).sum(axis=(1, 2))
    total = np.cumsum(weight) - weight / 2
    return np.exp(np.interp(ONE_SIGMA, total / weight.sum(), np.log(observation.noise[:, 0])))


def _quantile_dict(values) -> dict:
    return {name: _finite(value) for name, value in zip(("lower", "median", "upper"), values, strict=True)}


def _finite(value) -> float | None:
    return float(value) if np.isfinite(value) else None
