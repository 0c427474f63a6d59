"""Particles against quadrature, realisation by realisation: the same flow, so that shot noise alone may part them."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from fluxtube.analysis.validation.outcome import Outcome, look_elsewhere, undefined
from fluxtube.errors import InputError
from fluxtube.sim.config import Config

NAME = "particles against quadrature"
FEWEST_PARTICLES = 200  # a hundred a half: the noise of fewer is not Gaussian, and its squares scatter by more than a chi-squared


@dataclass(frozen=True)
class ParticleCheck:
    """Chi-squared of the differences, summed over realisations.

    Attributes
    ----------
    chi2, p_value : ndarray (n_m, L)
        NaN where no shot noise is expected. The law is chi-squared with `realisations` degrees of freedom each.
    realisations, particles : int
        Realisations checked, particles of one realisation.
    outcome : Outcome
        The most improbable degree, corrected for their number; takes part in the verdict.
    """

    chi2: np.ndarray
    p_value: np.ndarray
    realisations: int
    particles: int
    outcome: Outcome


def particle_check(check, config: Config) -> ParticleCheck:
    """Compare mean(halves) with quadrature in units of the known shot noise.

        chi^2_lm = sum over realisations of (mean of halves - quadrature)^2 / noise

    Within one realisation the noise of neighbouring degrees is correlated, so the degrees are not added up: each is
    tested two-sided, and the smallest probability is corrected for their number (which errs toward acceptance).

    The noise is known about a field at rest, for directions drawn independently. Along the field a turned sky has one a_l0, whose
    square is the sum over m; across it, and for stratified directions, there is no test.

    Parameters
    ----------
    check : object
        With quadrature (R, n_m, L), halves (R, 2, n_m, L), noise (R, n_m, L) and particles, as the reader gives it.
    config : fluxtube.sim.config.Config
        Of the run.

    Raises
    ------
    InputError
        One of them holds what is not a number.
    """
    for name in ("quadrature", "halves", "noise"):
        if not np.all(np.isfinite(getattr(check, name))):
            raise InputError(f"check/{name} holds a value that is not a number: the file is damaged; run it again")
    noise = np.asarray(check.noise)
    square = (np.mean(check.halves, axis=1) - np.asarray(check.quadrature)) ** 2
    count = len(noise)
    if unknown := _why_noise_is_unknown(config):
        nothing = np.full(noise.shape[1:], np.nan)
        return ParticleCheck(nothing, nothing, count, int(check.particles), undefined(NAME, f"not defined: {unknown}"))
    if config.ensemble.field_directions == "random":
        noise, square = noise[:, :1], square.sum(axis=1, keepdims=True)
    known = np.all(noise > 0, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        chi2 = np.where(known, np.sum(square / noise, axis=0), np.nan)
    p_value = np.minimum(1.0, 2 * np.minimum(stats.chi2.cdf(chi2, count), stats.chi2.sf(chi2, count)))
    tested = int(np.sum(known))
    if not tested:
        outcome = undefined(NAME, "not defined: no shot noise is expected anywhere")
        return ParticleCheck(chi2, p_value, count, int(check.particles), outcome)
    worst = np.unravel_index(np.nanargmin(p_value), p_value.shape)
    note = (
        f"worst of {tested} degrees, l = {worst[1]}; all: chi2 {np.nansum(chi2):.1f} for {tested * count} "
        f"({count} realisations of {int(check.particles)} particles)"
    )
    corrected = look_elsewhere(float(p_value[worst]), tested)
    decides = check.particles >= FEWEST_PARTICLES
    if not decides:
        note += f"; does not decide: {FEWEST_PARTICLES} particles or more have Gaussian noise"
    outcome = Outcome(NAME, float(chi2[worst]), count, corrected, decides, note=note)
    return ParticleCheck(chi2, p_value, count, int(check.particles), outcome)


def _why_noise_is_unknown(config: Config) -> str:
    """The reason, or nothing."""
    sampling = config.sampling
    if sampling.estimator == "particles" and sampling.directions == "stratified":
        return "the shot noise is known for drawn directions, and these are stratified"
    if config.ensemble.field_directions == "random" and config.transport.model != "parallel":
        return "the shot noise is known about a field at rest, and these multipoles are turned"
    return ""
