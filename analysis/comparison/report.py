"""A comparison as text, JSON and figure."""

import numpy as np

from fluxtube.analysis.comparison.compare import AGREE, DIFFER, Comparison
from fluxtube.analysis.figures import style


def comparison_text(found: Comparison) -> str:
    """For a terminal."""
    lines = [f"A  {found.names[0]}", f"B  {found.names[1]}", ""]
    lines += [f"differs: {line.replace(' there, ', ' in A, ').removesuffix(' here')} in B" for line in found.configuration]
    lines += [f"differs: {line}" for line in found.versions]
    if not found.configuration:
        lines.append("the configurations are the same")
    if found.same_bits:
        lines.append("all results are the same to the last bit")
    elif found.paired:
        lines.append(f"realisations in pairs: the power of single skies has a mean correlation of {found.correlation:.4f}")
    else:
        lines.append("the runs share no flow: errors are independent")
    lines += ["", f"{'l':>4}  {'C_l of A':>12}  {'C_l of B':>12}  {'ratio A/B':>13}  {'error':>9}  {'unpaired':>9}"]
    for row in zip(found.l, *found.C_l, found.ratio, found.error, found.error_unpaired, strict=True):
        lines.append("{:4d}  {:12.5e}  {:12.5e}  {:13.8f}  {:9.2g}  {:9.2g}".format(*row))
    lines.append("")
    if not np.isnan(found.p_value):
        lines.append(
            f"chi-squared of ln C_l (Hotelling's T^2 of {found.numbers} numbers): {found.statistic:.5g}, probability of a larger "
            f"one {f'{found.p_value:.3g}' if found.p_value else 'below 1e-300'}"
        )
    lines += [f"open: {line}" for line in found.open]
    return "\n".join([*lines, _verdict(found)])


def _verdict(found: Comparison) -> str:
    rate = f"at a false-alarm rate of {found.false_alarm:g}"
    if found.verdict == AGREE:
        return f"AGREE: nothing differs {rate}" if not found.same_bits else "AGREE: the same run"
    if found.verdict == DIFFER:
        return f"DIFFER: the spectra differ {rate}"
    return "UNDECIDED"


def comparison_dict(found: Comparison) -> dict:
    """Plain numbers for JSON; NaN as None."""

    def plain(values) -> list:
        return [None if np.isnan(value) else float(value) for value in values]

    def number(value: float) -> float | None:
        return plain([value])[0]

    return {
        "runs": list(found.names),
        "verdict": found.verdict,
        "same_bits": found.same_bits,
        "paired": found.paired,
        "correlation": number(found.correlation),
        "configuration": found.configuration,
        "versions": found.versions,
        "l": found.l.tolist(),
        "C_l": [plain(row) for row in found.C_l],
        "ratio": plain(found.ratio),
        "ratio_error": plain(found.error),
        "ratio_error_unpaired": plain(found.error_unpaired),
        "judged": found.judged.tolist(),
        "statistic": number(found.statistic),
        "p_value": number(found.p_value),
        "numbers": found.numbers,
        "false_alarm": found.false_alarm,
        "open": found.open,
    }


def comparison_figure(found: Comparison):
    """C_l(A)/C_l(B) with both kinds of error.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with style.style():
        figure = style.new_figure(style.SINGLE_WIDTH, 4.4)
        axis = figure.subplots()
        shown = found.judged
        l, ratio = found.l[shown], found.ratio[shown]
        axis.axhline(1.0, color=style.GREY, linewidth=0.8)
        if found.paired:
            axis.errorbar(
                l, ratio, found.error_unpaired[shown], fmt="none", color=style.GREY, elinewidth=0.8, label="of independent runs"
            )
        label = "of paired realisations" if found.paired else "of independent runs"
        axis.errorbar(l, ratio, found.error[shown], fmt="o", color=style.BLACK, markersize=3.5, elinewidth=2, label=label)
        axis.set_xlabel(r"multipole degree $\ell$")
        axis.set_ylabel(r"$C_\ell(A)/C_\ell(B)$")
        names = [style.plain(name) for name in found.names]
        axis.set_title(f"A: {names[0]}\nB: {names[1]}", fontsize=9)
        axis.legend(title="errors")
    return figure
