"""A validation as text."""

from math import expm1, isfinite

from fluxtube.analysis.validation.moments import power
from fluxtube.analysis.validation.outcome import deciding
from fluxtube.analysis.validation.validate import Validation


def validation_table(validation: Validation) -> str:
    """Table of C_l and of the tests, and the verdict, ready to print."""
    return "\n".join([*spectrum_rows(validation), "", *outcome_rows(validation), "", verdict(validation)])


def spectrum_rows(validation: Validation) -> list[str]:
    """One line a degree; errors are standard errors of the ensemble mean if theory holds."""
    spectrum, moments = validation.spectrum, validation.moments
    noise = power(moments.noise, moments.l)
    lines = [f"{'l':>4}  {'C_l simulated':>14}   {'error':>10}  {'C_l theory':>13}  {'z':>6}"]
    lines[0] += f"  {'shot noise removed':>18}" if moments.sampled else ""
    for i, l in enumerate(moments.l):
        line = f"{l:4d}  {spectrum.value[i]:14.6e} ± {spectrum.error[i]:10.2e}  {spectrum.theory[i]:13.6e}  "
        line += score(spectrum.z[i])
        lines.append(line + (f"  {noise[i]:18.2e}" if moments.sampled else ""))
    return lines


def outcome_rows(validation: Validation) -> list[str]:
    """One line a test; an asterisk marks those that decide."""
    lines = [f"  {'test':<35}  {'statistic':>10}  {'dof':>5}  {'p-value':>9}"]
    for outcome in validation.outcomes:
        mark = "*" if outcome.decides and outcome.p_value is not None else " "
        if outcome.p_value is None or outcome.statistic is None:
            lines.append(f"{mark} {outcome.name:<35}  {outcome.note}")
            continue
        dof = "" if outcome.dof is None else f"{outcome.dof:d}"
        note = f"  {outcome.note}" if outcome.note else ""
        numbers = f"{statistic(outcome.statistic):>10}  {dof:>5}  {probability(outcome.p_value):>9}"
        lines.append(f"{mark} {outcome.name:<35}  {numbers}{note}")
    return lines


def verdict(validation: Validation) -> str:
    """The last lines: accepted, rejected or undecided, at which false-alarm rate, how it is shared, and what is open."""
    tests, p_value = len(deciding(validation.outcomes)), validation.combined_p_value
    lines, last = [power_line(validation)], f"theory {validation.verdict.upper()}"
    if p_value is not None:
        lines.append(
            f"* decides: {tests} tests share the false-alarm rate {validation.false_alarm:g} (Bonferroni: each "
            f"{validation.false_alarm / tests:.1e}). A maximum's p-value is corrected for the numbers looked at."
        )
        last += f": smallest p-value times {tests} is {probability(p_value)}"
    return "\n".join([*lines, *(f"open: {reason}" for reason in validation.open_questions), last])


def power_line(validation: Validation) -> str:
    """Which changes of theory the run could have rejected."""
    detectable = validation.detectable
    words = {
        "gamma": lambda change: f"gamma wrong by {change:.2g}",
        "sigma": lambda change: f"sigma wrong by {100 * expm1(change):.2g} %",
    }
    found = [words[name](change) for name, change in detectable.items() if change is not None]
    lost = [f"no {name}" for name, change in detectable.items() if change is None]
    return f"power: with a chance of 90 % these tests reject {', '.join(found + lost)}"


def score(z: float) -> str:
    """A score in six columns: `n/a` where there is none, powers of ten where it is huge."""
    if not isfinite(z):
        return f"{'n/a' if z != z else z:>6}"
    return f"{z:+6.2f}" if abs(z) < 1e4 else f"{z:+.0e}"


def statistic(value: float) -> str:
    """A statistic in at most ten columns."""
    return f"{value:.2f}" if abs(value) < 1e6 else f"{value:.3e}"


def probability(value: float) -> str:
    """A p-value; below the range of doubles its limit."""
    return f"{value:.2e}" if value > 1e-300 else "< 1e-300"
