"""What forbids to quote a fit: said on screen, in figures and in JSON."""

import numpy as np

EDGE, GAMMA_EDGE = 0.05, 0.3  # of the peak's density, where a prior ends; gamma of one sky is never far from its ends


def fit_warnings(prior, posterior, samples, scores=None) -> list[str]:
    """Reasons why sigma, gamma or the evidence must not be quoted, in plain words.

    Parameters
    ----------
    prior : Prior
    posterior : GridPosterior
    samples : PosteriorSamples or None
    scores : ndarray (n,), optional
        Normal scores of the data at the best point.
    """
    found = []
    weight = posterior.weight
    log_sigma = posterior.log_sigma
    for end, name in ((0, "lower"), (1, "upper")):
        limit = np.log(prior.sigma[end])
        distance = np.abs(log_sigma - limit)
        step = log_sigma[1, 0] - log_sigma[0, 0]
        at_end = np.where(distance <= step, posterior.log_likelihood, -np.inf).max()
        if at_end > posterior.log_likelihood.max() + np.log(EDGE):
            where = f"sigma = {prior.sigma[end]:g} km/s"
            found.append(f"the posterior touches the {name} end of the prior, {where}: sigma is not determined")
    if prior.free_gamma:
        density = weight.sum(0)
        for node, end, name in ((0, 0, "lower"), (-1, 1, "upper")):
            if abs(posterior.gamma[node] - prior.gamma[end]) < 1e-9 and density[node] > GAMMA_EDGE * density.max() / 2:
                where = f"gamma = {prior.gamma[end]:g}"
                found.append(f"the posterior touches the {name} end of the prior, {where}: gamma is not determined")
    if not np.isfinite(posterior.log_evidence):
        found.append("the evidence is not finite: the data are impossible within the prior")
    if samples is not None:
        if not np.isfinite(samples.autocorrelation):
            found.append("the sampler did not move, or is too short to tell: TOO SHORT, ask for more --steps")
        elif not samples.converged:
            found.append("the sampler is TOO SHORT (50 autocorrelation times are needed), ask for more --steps")
        if samples.acceptance < 0.1:
            found.append(f"the sampler accepts {samples.acceptance:.0%} of its steps: it did not mix")
    if scores is not None and len(scores) > 2:
        from scipy import stats

        probability = stats.chi2.sf(float(np.sum(scores**2)), len(scores))
        if probability < 1e-3:
            found.append(f"the model does not suit the data: scatter about the best line has p = {probability:.1e}")
    return found
