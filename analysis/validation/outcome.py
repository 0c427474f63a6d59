"""The result of one statistical test, and how several share one false-alarm rate."""

from dataclasses import asdict, dataclass
from math import expm1, isfinite, log1p

import numpy as np


@dataclass(frozen=True)
class Outcome:
    """One test of theory.

    Attributes
    ----------
    name : str
        What was tested.
    statistic : float or None
        Brought to the mean of its chi-squared or normal limit, so that it compares with `dof`.
    dof : int or None
        Degrees of freedom; None for a statistic that is not a chi-squared.
    p_value : float or None
        Probability of something at least as far from theory, if theory holds; None where the test is not defined.
    decides : bool
        Whether the test takes part in the verdict.
    note : str
        Why the test is not defined, or what went into it.
    leaves_open : bool
        The test is not defined although the run has what it needs: theory must not be accepted without it.
    """

    name: str
    statistic: float | None
    dof: int | None
    p_value: float | None
    decides: bool = False
    note: str = ""
    leaves_open: bool = False

    def __post_init__(self):
        """A p-value that is not a number says nothing for theory nor against it."""
        if self.p_value is not None and not 0 <= self.p_value <= 1:
            note = f"not defined: the p-value is {self.p_value}" + (f" ({self.note})" if self.note else "")
            for name, value in (("p_value", None), ("note", note), ("leaves_open", self.decides)):
                object.__setattr__(self, name, value)

    def to_dict(self) -> dict:
        """Plain dictionary, for JSON; None for what is no number."""
        return as_json(asdict(self))


def undefined(name: str, note: str, leaves_open: bool = False) -> Outcome:
    """Outcome of a test that cannot be made, with the reason."""
    return Outcome(name, None, None, None, note=note, leaves_open=leaves_open)


def as_json(value):
    """Arrays, numbers and containers as JSON knows them: lists, and None for NaN and infinity."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [as_json(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not isfinite(value) else value


def deciding(outcomes) -> list[Outcome]:
    """Those outcomes that take part in the verdict and are defined."""
    return [outcome for outcome in outcomes if outcome.decides and outcome.p_value is not None]


def combined_p_value(outcomes) -> float | None:
    """Bonferroni: the smallest p-value times the number of deciding tests, at most 1; None where no test can be made.

    Theory is rejected at the false-alarm rate alpha where it is below alpha, that is where one of n tests falls below
    alpha / n. Holds for dependent tests as well; never rejects a right theory more often than alpha.
    """
    values = [outcome.p_value for outcome in deciding(outcomes) if outcome.p_value is not None]
    return min(1.0, len(values) * min(values)) if values else None


def look_elsewhere(p_value: float, trials: int) -> float:
    """Probability that the most extreme of several independent scores is at least as extreme: 1 - (1 - p)^trials.

    Where the scores are correlated (as C_l of neighbouring degrees, a little) it errs on the side of acceptance.
    """
    return -expm1(trials * log1p(-p_value)) if p_value < 1 else 1.0
