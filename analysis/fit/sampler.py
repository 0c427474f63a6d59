"""Posterior samples by emcee's affine-invariant walkers; needs the extra `inference`."""

from dataclasses import dataclass

import numpy as np

from fluxtube.analysis.fit.posterior import GridPosterior, Prior
from fluxtube.errors import InputError

WALKERS = 32


@dataclass(frozen=True)
class PosteriorSamples:
    """Samples of the posterior.

    Attributes
    ----------
    sigma, gamma : ndarray (n,)
        [km/s], [1]; walkers in turn, so that number i is step i // WALKERS of walker i % WALKERS.
    autocorrelation : float
        Longest integrated autocorrelation time [steps]; NaN where it cannot be known.
    acceptance : float
        Mean accepted fraction.
    steps : int
        Steps of each walker, burn-in not counted.
    log_likelihood : ndarray (n,)
    """

    sigma: np.ndarray
    gamma: np.ndarray
    autocorrelation: float
    acceptance: float
    steps: int
    log_likelihood: np.ndarray

    @property
    def effective(self) -> float:
        """Number of independent samples; NaN where the autocorrelation time is not known."""
        return len(self.sigma) / (max(self.autocorrelation, 1.0) if np.isfinite(self.autocorrelation) else np.nan)

    @property
    def converged(self) -> bool:
        """Whether the walk is longer than 50 autocorrelation times (Foreman-Mackey et al. 2013; emcee's own rule).

        A time that is not known, of a chain that never moved, is none.
        """
        return bool(np.isfinite(self.autocorrelation) and self.steps > 50 * self.autocorrelation)


def sample_posterior(
    likelihood, prior: Prior, start: GridPosterior, steps: int = 2000, seed: int = 1, burn: int = 100
) -> PosteriorSamples:
    """Walk the posterior with 32 walkers that start from draws of its grid.

    Raises
    ------
    InputError
        Without emcee.
    """
    try:
        import emcee
    except ImportError:
        raise InputError('sampling needs emcee: pip install "fluxtube[inference]"') from None

    free = prior.free_gamma

    def log_probability(points):
        log_sigma = points[:, 0]
        gamma = points[:, 1] if free else np.full(len(points), prior.gamma[0])
        inside = prior.inside(log_sigma, gamma)
        values = np.full(len(points), -np.inf)
        if np.any(inside):
            values[inside] = likelihood(log_sigma[inside], gamma[inside])
        return values

    if seed < 0:
        raise InputError(f"seed {seed}: a whole number from 0 on is needed")
    rng = np.random.default_rng(seed)
    points = start.draw(rng, WALKERS)
    low, high = np.log(prior.sigma)
    points[:, 0] = np.clip(points[:, 0], low + 1e-9, high - 1e-9)
    if free:
        points[:, 1] = np.clip(points[:, 1], prior.gamma[0] + 1e-9, prior.gamma[1] - 1e-9)
    sampler = emcee.EnsembleSampler(WALKERS, 2 if free else 1, log_probability, vectorize=True)
    sampler.random_state = np.random.RandomState(rng.integers(2**32)).get_state()  # emcee takes no other kind
    sampler.run_mcmc(points[:, : 2 if free else 1], burn + steps, progress=False, skip_initial_state_check=True)
    chain, chance = sampler.get_chain(discard=burn, flat=True), sampler.get_log_prob(discard=burn, flat=True)
    with np.errstate(all="ignore"):
        tau = float(np.max(sampler.get_autocorr_time(discard=burn, tol=0)))
    moved = np.all(np.ptp(chain, axis=0) > 0) and steps > 1
    tau = tau if moved and tau > 0 else np.nan
    gamma = chain[:, 1] if free else np.full(len(chain), prior.gamma[0])
    return PosteriorSamples(np.exp(chain[:, 0]), gamma, tau, float(np.mean(sampler.acceptance_fraction)), steps, chance)
