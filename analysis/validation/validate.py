"""A finished ensemble held against theory: every test, and one verdict at a stated false-alarm rate."""

from dataclasses import dataclass
from os import PathLike

import numpy as np

from fluxtube.analysis.validation.expected import expected_covariance, theory_of
from fluxtube.analysis.validation.flow_tests import kurtosis_test, mean_test
from fluxtube.analysis.validation.likelihood_ratio import covariance_tests
from fluxtube.analysis.validation.mean_square import mean_square_test
from fluxtube.analysis.validation.moments import Moments, power, select_moments
from fluxtube.analysis.validation.outcome import Outcome, combined_p_value, deciding
from fluxtube.analysis.validation.particle_check import ParticleCheck, particle_check
from fluxtube.analysis.validation.scores import (
    Scores,
    covariance_scores,
    largest_covariance_score,
    largest_spectrum_score,
    spectrum_scores,
)
from fluxtube.errors import InputError

FALSE_ALARM = 1e-3


@dataclass(frozen=True)
class Validation:
    """What the tests say.

    Attributes
    ----------
    moments : Moments
        The measured moments, degrees from 2 on.
    theory : ndarray (n_m, n, n)
        Expected covariance over the run's band.
    spectrum, covariance : Scores
        Every C_l (n,) and every element of the covariance (n_m, n, n) against theory.
    outcomes : tuple of Outcome
        All tests; those with `decides` share the false-alarm rate (Bonferroni).
    check : ParticleCheck or None
        Particles against quadrature, where the run holds both.
    false_alarm : float
        Probability to reject a right theory, at most.
    against : tuple of str
        Replacements in the configuration that theory was taken from.
    """

    moments: Moments
    theory: np.ndarray
    spectrum: Scores
    covariance: Scores
    outcomes: tuple[Outcome, ...]
    check: ParticleCheck | None
    false_alarm: float
    against: tuple[str, ...]

    @property
    def matrix(self) -> Outcome:
        """The likelihood-ratio test of the whole matrix."""
        return next(outcome for outcome in self.outcomes if outcome.name == "covariance, whole matrix")

    @property
    def combined_p_value(self) -> float:
        """Smallest p-value of the deciding tests times their number, at most 1."""
        return combined_p_value(self.outcomes)

    @property
    def accepted(self) -> bool:
        """Whether theory stands at the stated false-alarm rate."""
        return bool(self.combined_p_value >= self.false_alarm)

    def to_dict(self) -> dict:
        """Everything, as plain lists and numbers for JSON; `p_value` is that of the whole matrix (null if undefined)."""
        result = {
            "accepted": self.accepted,
            "p_value": self.matrix.p_value,
            "combined_p_value": self.combined_p_value,
            "false_alarm": self.false_alarm,
            "tests_in_verdict": len(deciding(self.outcomes)),
            "against": list(self.against),
            "realisations": self.moments.count,
            "l": self.moments.l.tolist(),
            "C_l": self.spectrum.value.tolist(),
            "C_l_error": self.spectrum.error.tolist(),
            "C_l_theory": self.spectrum.theory.tolist(),
            "z": self.spectrum.z.tolist(),
            "shot_noise": power(self.moments.noise, self.moments.l).tolist(),
            "m": self.moments.m.tolist(),
            "covariance_z": _with_null(self.covariance.z),
            "tests": [outcome.to_dict() for outcome in self.outcomes],
        }
        if self.check is not None:
            result["particles_against_quadrature"] = {
                "realisations": self.check.realisations,
                "particles": self.check.particles,
                "chi2": _with_null(self.check.chi2),
                "p_value": _with_null(self.check.p_value),
            }
        return result


def validate(ensemble, against=(), false_alarm: float = FALSE_ALARM) -> Validation:
    """Hold an ensemble against the analytic theory over its own band.

    Parameters
    ----------
    ensemble : path or fluxtube.sim.store.reader.Ensemble
    against : sequence of str
        ``KEY=VALUE`` replacements: hold it against another theory than its own.
    false_alarm : float
        Probability to reject a right theory; shared by the deciding tests after Bonferroni.

    Raises
    ------
    InputError
        For an unreadable file, an unknown key, or a transport without analytic covariance.
    """
    if not 0 < false_alarm < 1:
        raise InputError(f"false-alarm rate {false_alarm:g} is not a probability between 0 and 1; 1e-3 is usual")
    ensemble = open_ensemble(ensemble)
    against = tuple(against)
    moments = select_moments(ensemble)
    config = theory_of(ensemble.config, against)
    theory = expected_covariance(config, int(moments.l[-1]), int(moments.l[0]), moments.m)
    spectrum = spectrum_scores(moments, theory)
    covariance = covariance_scores(moments, theory)
    check = None if ensemble.check is None else particle_check(ensemble.check)
    outcomes = [
        *covariance_tests(moments, theory),
        largest_spectrum_score(moments, spectrum),
        largest_covariance_score(moments, covariance),
        mean_square_test(moments, theory),
        mean_test(moments, theory),
        kurtosis_test(moments),
    ]
    if check is not None:
        outcomes.append(check.outcome)
    return Validation(moments, theory, spectrum, covariance, tuple(outcomes), check, false_alarm, against)


def open_ensemble(ensemble):
    """The ensemble at a path; an ensemble is handed back as it is."""
    if isinstance(ensemble, (str, PathLike)):
        from fluxtube.sim.store.reader import read_ensemble

        return read_ensemble(ensemble)
    return ensemble


def _with_null(values: np.ndarray) -> list:
    """Nested lists with None for NaN, which JSON does not know."""
    return np.where(np.isfinite(values), values, None).tolist()
