"""A finished ensemble compared with theory: every test, and one verdict at a stated false-alarm rate."""

from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path

import numpy as np

from fluxtube.analysis.diffuse import about_mean
from fluxtube.analysis.validation.energies import energy_test
from fluxtube.analysis.validation.expected import expected_covariance, theory_of
from fluxtube.analysis.validation.flow_tests import kurtosis_test, mean_test
from fluxtube.analysis.validation.likelihood_ratio import covariance_tests
from fluxtube.analysis.validation.mean_square import mean_square_test
from fluxtube.analysis.validation.moments import Moments, power, select_moments
from fluxtube.analysis.validation.order_test import order_test
from fluxtube.analysis.validation.outcome import Outcome, as_json, combined_p_value, deciding
from fluxtube.analysis.validation.particle_check import ParticleCheck, particle_check
from fluxtube.analysis.validation.scores import (
    Scores,
    covariance_scores,
    largest_covariance_score,
    spectrum_scores,
)
from fluxtube.analysis.validation.spectrum_tests import spectrum_tests
from fluxtube.analysis.validation.support import Support, support
from fluxtube.errors import InputError
from fluxtube.sim.config import Config

ACCEPTED, REJECTED, UNDECIDED = "accepted", "rejected", "undecided"
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
    support : Support
        Which multipoles can be judged.
    config : Config
        Of the theory.
    """

    moments: Moments
    theory: np.ndarray
    spectrum: Scores
    covariance: Scores
    outcomes: tuple[Outcome, ...]
    check: ParticleCheck | None
    false_alarm: float
    against: tuple[str, ...]
    support: Support
    config: Config

    @cached_property
    def detectable(self) -> dict[str, float | None]:
        """Changes of gamma and of ln sigma that the deciding tests reject with a chance of 90 %: `power.detectable_changes`."""
        from fluxtube.analysis.validation.power import detectable_changes

        return detectable_changes(self)

    @property
    def matrix(self) -> Outcome:
        """The likelihood-ratio test of the whole matrix."""
        return next(outcome for outcome in self.outcomes if outcome.name == "covariance, whole matrix")

    @property
    def combined_p_value(self) -> float | None:
        """Smallest p-value of the deciding tests times their number, at most 1; None where no test decides."""
        return combined_p_value(self.outcomes)

    @property
    def open_questions(self) -> tuple[str, ...]:
        """Why theory cannot be accepted although no test rejects it."""
        reasons = []
        if self.moments.count < 2:
            reasons.append("one realisation: nothing tells how far skies scatter")
        if len(self.support.unresolved):
            reasons.append(
                f"{degree_ranges(self.support.unresolved)}: theory and run lie below the rounding of the sums, or both are zero; "
                "--l-max leaves high degrees out"
            )
        reasons += [f"{outcome.name}: {outcome.note}" for outcome in self.outcomes if outcome.leaves_open]
        if not reasons and not deciding(self.outcomes):
            reasons.append("no test can be made of this run; more realisations are needed")
        return tuple(reasons)

    @property
    def verdict(self) -> str:
        """REJECTED where a test says so, UNDECIDED where none does and a question is open, else ACCEPTED."""
        p_value = self.combined_p_value
        if p_value is not None and p_value < self.false_alarm:
            return REJECTED
        return UNDECIDED if self.open_questions else ACCEPTED

    @property
    def accepted(self) -> bool:
        """Whether theory stands at the stated false-alarm rate; False where that is undecided, too."""
        return self.verdict == ACCEPTED

    def to_dict(self) -> dict:
        """Everything, as plain lists and numbers for JSON; `p_value` is that of the whole matrix (null if undefined)."""
        result = {
            "verdict": self.verdict,
            "open_questions": list(self.open_questions),
            "accepted": self.accepted,
            "p_value": self.matrix.p_value,
            "combined_p_value": self.combined_p_value,
            "false_alarm": self.false_alarm,
            "tests_in_verdict": len(deciding(self.outcomes)),
            "against": list(self.against),
            "detectable_with_90_percent": self.detectable,
            "realisations": self.moments.count,
            "l": self.moments.l,
            "C_l": self.spectrum.value,
            "C_l_error": self.spectrum.error,
            "C_l_theory": self.spectrum.theory,
            "z": self.spectrum.z,
            "shot_noise": power(self.moments.noise, self.moments.l),
            "m": self.moments.m,
            "covariance_z": self.covariance.z,
            "tests": [outcome.to_dict() for outcome in self.outcomes],
        }
        if self.check is not None:
            result["particles_against_quadrature"] = {
                "realisations": self.check.realisations,
                "particles": self.check.particles,
                "chi2": self.check.chi2,
                "p_value": self.check.p_value,
            }
        return as_json(result)


def require_rate(false_alarm: float) -> None:
    """Raise InputError for a false-alarm rate that is no probability."""
    if not 0 < false_alarm < 1:
        raise InputError(f"false-alarm rate {false_alarm:g} is not a probability between 0 and 1; 1e-3 is usual")


def validate(ensemble, against=(), false_alarm: float = FALSE_ALARM, l_max: int | None = None) -> Validation:
    """Compare an ensemble with the analytic theory over its own band.

    Parameters
    ----------
    ensemble : path or fluxtube.sim.store.reader.Ensemble
    against : sequence of str
        ``KEY=VALUE`` replacements: compare it with another theory than its own.
    false_alarm : float
        Probability to reject a right theory; shared by the deciding tests after Bonferroni.
    l_max : int, optional
        Largest degree to judge; the run's last if not given.

    Raises
    ------
    InputError
        For an unreadable file, an unknown key, or a transport without analytic covariance.
    """
    require_rate(false_alarm)
    ensemble = open_ensemble(ensemble)
    moments = select_moments(ensemble, l_max=l_max)
    config = theory_of(ensemble.config, tuple(against))
    theory = expected_covariance(config, int(moments.l[-1]), int(moments.l[0]), moments.m)
    moments = about_mean(moments, config)
    return judge(ensemble, moments, theory, false_alarm, tuple(against), config)


def judge(
    ensemble, moments: Moments, theory: np.ndarray, false_alarm: float = FALSE_ALARM, against=(), config=None
) -> Validation:
    """Compare the moments of an ensemble with an expected covariance, (n_m, n, n), of `config` or the ensemble's own."""
    judged = support(moments, theory)
    moments = judged.moments
    spectrum = spectrum_scores(moments, theory)
    covariance = covariance_scores(moments, theory)
    check = None if ensemble.check is None else particle_check(ensemble.check, ensemble.config)
    outcomes = make_tests(moments, theory, spectrum, covariance)
    between = energy_test(ensemble, config or ensemble.config, moments)
    outcomes += [outcome for outcome in (judged.outcome, check.outcome if check else None, between) if outcome is not None]
    return Validation(
        moments, theory, spectrum, covariance, tuple(outcomes), check, false_alarm, against, judged, config or ensemble.config
    )


def make_tests(moments: Moments, theory: np.ndarray, spectrum: Scores, covariance: Scores) -> list[Outcome]:
    """The outcomes of all tests of the moments; which of them decide depends on what is known of their laws."""
    outcomes = [
        *covariance_tests(moments, theory),
        *spectrum_tests(moments, theory, spectrum),
        largest_covariance_score(moments, covariance),
        mean_square_test(moments, theory),
        mean_test(moments, theory),
        kurtosis_test(moments),
    ]
    if len(moments.m) > 1 and not (moments.wishart or moments.sampled):
        outcomes.append(order_test(moments, theory))
    return outcomes


def open_ensemble(ensemble):
    """The ensemble at a path; an ensemble is handed back as it is."""
    if isinstance(ensemble, (str, PathLike)):
        from fluxtube.sim.store.reader import read_ensemble

        return read_ensemble(Path(ensemble))
    return ensemble


def degree_ranges(degrees) -> str:
    """Degrees in words: "l = 3, 7 to 9"."""
    degrees = np.asarray(degrees)
    runs = np.split(degrees, np.flatnonzero(np.diff(degrees) > 1) + 1)
    return "l = " + ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
