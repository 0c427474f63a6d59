"""Figure of a sweep: above C_l against each parameter, below its derivatives, with theory."""

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.sweep.derivatives import Sweep

MARKERS = ("o", "s", "^", "D", "v")
USUAL = (2, 5, 10, 20, 50)


def usual_degrees(l_max: int) -> tuple[int, ...]:
    """Degrees that are shown where none are named."""
    return tuple(degree for degree in USUAL if degree <= l_max)


def sweep_figure(sweep: Sweep, degrees: tuple[int, ...]):
    """A column for each parameter, the others at their first values: C_l above, d ln C_l/dx below.

    Points are simulated, lines theory. Below, thick bars are errors of paired realisations, thin ones of independent runs.

    Returns
    -------
    matplotlib.figure.Figure
    """
    grid = sweep.grid
    with style.style():
        figure = style.new_figure(max(style.SINGLE_WIDTH, 4.6 * len(grid.parameters)), 7.0)
        axes = figure.subplots(2, len(grid.parameters), squeeze=False, sharex="col")
        for along, parameter in enumerate(grid.parameters):
            places = [
                tuple(index if n == along else 0 for n in range(len(grid.parameters))) for index in range(len(parameter.values))
            ]
            numbers = [grid.number(place) for place in places]
            lines = [one for one in sweep.derivatives if one.along == along and one.pair[0] in numbers]
            for n, (degree, colour) in enumerate(zip(degrees, style.sequence(len(degrees)), strict=True)):
                look = {"color": colour}
                marker = MARKERS[n % len(MARKERS)]
                _spectrum(axes[0, along], sweep, parameter.values, numbers, degree, marker, look)
                _derivatives(axes[1, along], sweep, along, lines, degree, marker, look, (n + 0.5) / len(degrees) - 0.5)
            others = [
                f"{other.name} = {other.values[0]:.4g}{f' {other.unit}' if other.unit else ''}"
                for n, other in enumerate(grid.parameters)
                if n != along
            ]
            axes[0, along].set_yscale("log")
            axes[0, along].set_title(f"at {', '.join(others)}" if others else "points: simulation; lines: theory", fontsize=9)
            axes[1, along].locator_params(axis="x", nbins=6)
            axes[1, along].set_xlabel(f"{style.plain(parameter.name)}{f' [{parameter.unit}]' if parameter.unit else ''}")
        axes[0, 0].set_ylabel(r"$C_\ell$  [dimensionless, $(\Delta f/f)^2$]")
        axes[1, 0].set_ylabel(r"d ln $C_\ell$ / d parameter")
        low, high = axes[0, 0].get_ylim()
        axes[0, 0].set_ylim(low * (low / high) ** 0.3, high)  # room for the legend
        axes[0, 0].legend(ncols=min(3, len(degrees)), loc="lower left")
        axes[1, 0].set_title("thick: errors of paired realisations; thin: of independent runs", fontsize=9)
    return figure


def _spectrum(axis, sweep: Sweep, x, numbers, degree: int, marker: str, look: dict) -> None:
    n = degree - int(sweep.l[0])
    spectra = [sweep.spectra[number] for number in numbers]
    values, errors, theory = (np.array([getattr(one, name)[n] for one in spectra]) for name in ("C_l", "error", "theory"))
    axis.plot(x, theory, linewidth=1, **look)
    axis.errorbar(x, values, errors, fmt=marker, markersize=4, linestyle="none", label=rf"$\ell = {degree}$", **look)


def _derivatives(axis, sweep: Sweep, along: int, lines, degree: int, marker: str, look: dict, aside: float) -> None:
    """Of one degree; degrees stand beside one another between the two points."""
    n = degree - int(sweep.l[0])
    for one in lines:
        low, high = (sweep.grid.value(number, along) for number in one.pair)
        x = 0.5 * (low + high) + 0.6 * aside * (high - low)
        axis.plot([low, high], 2 * [one.log_theory[n]], linewidth=1, **look)
        axis.errorbar(x, one.log[n], one.log_error_unpaired[n], fmt="none", elinewidth=0.8, **look)
        axis.errorbar(x, one.log[n], one.log_error[n], fmt=marker, markersize=4, elinewidth=2.6, capsize=3, **look)
