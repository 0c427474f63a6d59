"""A validation as text."""

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
        line = f"{l:4d}  {spectrum.value[i]:14.6e} ± {spectrum.error[i]:10.2e}  {spectrum.theory[i]:13.6e}  {spectrum.z[i]:+6.2f}"
        lines.append(line + (f"  {noise[i]:18.2e}" if moments.sampled else ""))
    return lines


def outcome_rows(validation: Validation) -> list[str]:
    """One line a test; an asterisk marks those that decide."""
    lines = [f"  {'test':<35}  {'statistic':>10}  {'dof':>5}  {'p-value':>9}"]
    for outcome in validation.outcomes:
        mark = "*" if outcome.decides and outcome.p_value is not None else " "
        if outcome.p_value is None:
            lines.append(f"{mark} {outcome.name:<35}  {outcome.note}")
            continue
        dof = "" if outcome.dof is None else f"{outcome.dof:d}"
        note = f"  {outcome.note}" if outcome.note else ""
        lines.append(f"{mark} {outcome.name:<35}  {outcome.statistic:10.2f}  {dof:>5}  {_probability(outcome.p_value):>9}{note}")
    return lines


def verdict(validation: Validation) -> str:
    """The last lines: accepted or not, at which false-alarm rate, and how it is shared."""
    tests = len(deciding(validation.outcomes))
    word = "ACCEPTED" if validation.accepted else "REJECTED"
    return (
        f"* decides: {tests} tests share the false-alarm rate {validation.false_alarm:g} (Bonferroni: each "
        f"{validation.false_alarm / tests:.1e}). A maximum's p-value is corrected for the numbers looked at.\n"
        f"theory {word}: smallest p-value times {tests} is {_probability(validation.combined_p_value)}"
    )


def _probability(value: float) -> str:
    return f"{value:.2e}" if value > 1e-300 else "< 1e-300"
