"""Figure: angular power spectra of several runs over the power law of the inertial range, and their slopes."""

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.describe import number
from fluxtube.analysis.validation.slope import Slope, weights_of
from fluxtube.theory.models import Model

BETWEEN = ("^", "v", "D", "P", "X")  # markers of the pairs of weights between the two ends


def slope_figure(slopes: list[Slope], heading: str | None = None):
    """Left C_l over the power law of the inertial range, theory a line; right the slopes and their errors, theory's a cross.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with style.style():
        figure = style.new_figure(style.DOUBLE_WIDTH, 5.2)
        left, right = figure.subplots(1, 2, width_ratios=(1.35, 1))
        far = slopes[0].far if slopes[0].far is not None else slopes[0].expected
        unit = slopes[0].theory[0] * slopes[0].l[0] ** -far
        names, between = [], 0
        for n, slope in enumerate(slopes):
            eps, eta = weights_of(slope.config)
            look = style.model_look(Model(eps, eta).name)
            colour, marker, fill = look.colour, look.marker, "full"
            if Model(eps, eta).name == "cross-field":  # one colour, a marker of its own
                marker, fill = BETWEEN[between % len(BETWEEN)], "none" if between // len(BETWEEN) % 2 else "full"
                between += 1
            names.append(rf"$\epsilon = {eps:g}$, $\eta = {eta:g}$")
            scale = slope.l**-far / unit
            left.errorbar(
                slope.l, slope.spectrum * scale, yerr=slope.spectrum_error * scale, fmt=marker, color=colour, fillstyle=fill,
                markersize=3.5, elinewidth=1, linestyle="none", label=names[-1],
            )  # fmt: skip
            left.plot(slope.l, slope.theory * scale, color=colour, linewidth=1)
            right.errorbar(slope.value, n, xerr=slope.error, fmt=marker, color=colour, fillstyle=fill, markersize=5)
            right.plot(slope.expected, n, "x", color=style.BLACK, markersize=8, zorder=4)
        left.set_yscale("log")
        style.degree_axis(left, slopes[0].l[0], slopes[0].l[-1])
        left.set_ylabel(rf"$\ell^{{{number(-far)}}} C_\ell$, relative")
        left.set_title(r"points: simulation, $\pm 1\sigma$; lines: theory over the band")
        for limit in {slope.far for slope in slopes if slope.far is not None}:
            right.axvline(limit, color=style.GREY, linestyle="--", linewidth=1.2)
        right.set_yticks(np.arange(len(slopes)), names)
        right.invert_yaxis()
        right.set_xlabel(r"d ln $C_\ell$ / d ln $\ell$")
        if heading is not None:
            figure.suptitle(style.plain(heading))
        right.set_title(r"slope; $\times$: theory; dashed: far out")
    return figure
