"""Particles against quadrature, realisation by realisation: the same flow, so that shot noise alone may part them."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from fluxtube.analysis.validation.outcome import Outcome, look_elsewhere, undefined
from fluxtube.errors import InputError

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


def particle_check(check) -> ParticleCheck:
    """Compare mean(halves) with quadrature in units of the known shot noise.

        chi^2_lm = sum over realisations of (mean of halves - quadrature)^2 / noise

    Within one realisation the noise of neighbouring degrees is correlated, so the degrees are not added up: each is
    tested two-sided, and the smallest probability is corrected for their number (which errs toward acceptance).

    Parameters
    ----------
    check : object
        With quadrature (R, n_m, L), halves (R, 2, n_m, L), noise (R, n_m, L) and particles, as the reader gives it.

    Raises
    ------
    InputError
        One of them holds what is not a number.
    """
    for name in ("quadrature", "halves", "noise"):
        if not np.all(np.isfinite(getattr(check, name))):
            raise InputError(f"check/{name} holds a value that is not a number: the file is damaged; run it again")
    noise = np.asarray(check.noise)
    difference = np.mean(check.halves, axis=1) - np.asarray(check.quadrature)
    count = len(noise)
    known = np.all(noise > 0, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        chi2 = np.where(known, np.sum(difference**2 / noise, axis=0), np.nan)
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
