"""Figure: angular power spectrum of a run with its errors, theory, and the difference in standard errors."""

import textwrap

import numpy as np

from fluxtube.analysis.configured import Configured, theory_of_config
from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.describe import number, title
from fluxtube.analysis.validation.expected import theory_of
from fluxtube.analysis.validation.farthest import farthest_point
from fluxtube.analysis.validation.moments import power
from fluxtube.analysis.validation.spread import degrees_of_freedom, single_sky_band
from fluxtube.analysis.validation.validate import Validation, open_ensemble, validate
from fluxtube.errors import InputError
from fluxtube.theory.models import Model


def spectrum_figure(
    ensemble,
    validation: Validation | None = None,
    *,
    degrees: tuple[int, int] | None = None,
    heading: str | None = None,
    narrow: bool = False,
    caption: bool = True,
):
    """Angular power spectrum C_l: simulation, theory over the run's band, another model, slope of the inertial range.

    Parameters
    ----------
    ensemble : path or fluxtube.sim.store.reader.Ensemble
    validation : Validation, optional
        Made here if not given.
    degrees : (int, int), optional
        First and last degree to show; all that were tested if not given.
    heading : str, optional
        Takes the place of the title.
    narrow : bool
        For a narrow screen.
    caption : bool
        Say below which point lies farthest from theory, and how often chance puts one there.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        For degrees that the run has not.
    """
    ensemble = open_ensemble(ensemble)
    validation = validate(ensemble) if validation is None else validation
    shown = shown_degrees(validation.moments.l, degrees)
    spectrum, l = validation.spectrum.at(shown), validation.moments.l[shown]
    config = theory_of(ensemble.config, validation.against)
    theory = theory_of_config(config)
    name, comparison = _comparison(theory, l)
    # Off the field line theory has the same path in all directions; along it no slope of the inertial range is known for others.
    by_angle = config.transport.pitch_angle_dependence != "none"
    one_path = "one path for all directions, " if by_angle else ""

    with style.style():
        figure = style.new_figure(style.NARROW_WIDTH if narrow else style.SINGLE_WIDTH, 6.3)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3.2, 1))
        if comparison is not None:
            look = style.model_look(name)
            upper.loglog(l, comparison, linestyle=look.line, color=look.colour, label=f"{name} diffusion, {one_path}theory")
        own = style.model_look(theory.model.name)
        label = f"{theory.model.name} diffusion, theory over the band"
        upper.loglog(l, spectrum.theory, linestyle=own.line, color=own.colour, label=label)
        known = spectrum.theory > 0
        lower_edge, upper_edge = single_sky_band(spectrum.theory, degrees_of_freedom(validation.theory)[shown])
        edges = (l[known], lower_edge[known], upper_edge[known])
        upper.fill_between(*edges, color=own.colour, alpha=0.14, linewidth=0, label=r"single skies, 68 %")
        _points(upper, l, spectrum)
        if validation.moments.sampled:
            noise = power(validation.moments.noise, validation.moments.l)[shown]
            upper.loglog(l, noise, ":", color=style.GREY, label="shot noise, removed")
        lowest = min(np.min(part, initial=np.inf) for part in (0.09 * spectrum.theory[known], spectrum.value[spectrum.value > 0]))
        _slope(upper, l, spectrum.theory, None if by_angle else theory.steepness)
        if validation.moments.sampled:
            lowest = min(lowest, max(noise.min(), 1e-3 * lowest))
        curves = [curve for curve in (spectrum.theory, comparison, spectrum.value) if curve is not None]
        highest = max(np.max(curve) for curve in (curves if not known.any() else curves[:-1]))
        if not 0 < lowest <= highest:  # neither theory nor run holds anything
            lowest, highest = 0.1, 1.0
        upper.set_yscale("log")
        upper.set_ylim(0.35 * lowest, 3 * highest * (60 if narrow else 1))
        upper.set_ylabel(r"$C_\ell$  [dimensionless, $(\Delta f/f)^2$]")
        upper.set_title(title(ensemble, narrow) if heading is None else style.plain(heading))
        handles, labels = upper.get_legend_handles_labels()
        first = [label.startswith("simulation") for label in labels].index(True) if np.any(spectrum.value > 0) else 0
        order = [first, *(i for i in range(len(labels)) if i != first)]
        upper.legend([handles[i] for i in order], [labels[i] for i in order], loc="upper right")
        _residuals(lower, l, spectrum.z, own.colour)
        farthest = farthest_point(spectrum, l) if caption else None
        if farthest is not None:
            words = "\n".join(textwrap.wrap(str(farthest), 46 if narrow else 92))
            figure.supxlabel(words, fontsize=10 if narrow else 9, color=style.INK)
    return figure


def shown_degrees(l: np.ndarray, degrees: tuple[int, int] | None) -> np.ndarray:
    """Indices of the degrees from first to last; InputError where the run has none of them."""
    if degrees is None:
        return np.arange(len(l))
    first, last = degrees
    shown = np.flatnonzero((l >= first) & (l <= last))
    if first > last or not len(shown):
        raise InputError(f"degrees {first} to {last}: the run has {l[0]} to {l[-1]}; choose --l-min and --l-max among them")
    return shown


def _comparison(theory: Configured, l) -> tuple[str, np.ndarray | None]:
    """Name and C_l of the other of the paper's two models; none for turbulence that is known along the field alone."""
    other = Model.named("parallel" if theory.model.is_isotropic else "isotropic")
    if not (theory.turbulence.is_isotropic or other.is_parallel):
        return other.name, None
    return other.name, theory.other(other).spectrum(int(l[-1]), int(l[0]))


def _points(axes, l, spectrum) -> None:
    """Simulated C_l; a point that shot noise has carried below zero is an arrow at the top of its error bar."""
    above = spectrum.value > 0
    error = np.nan_to_num(spectrum.error)  # none where the degree cannot be judged
    axes.errorbar(
        l[above],
        spectrum.value[above],
        yerr=np.minimum(error[above], [[0.999], [np.inf]] * spectrum.value[above]),
        fmt="o",
        color=style.SIMULATION.colour,
        markersize=3.2,
        elinewidth=1,
        capsize=1.8,
        label=r"simulation, $\pm 1\sigma$",
        zorder=3,
    )
    top = (spectrum.value + 2 * error)[~above]
    axes.plot(l[~above], np.abs(top), "v", color=style.BLACK, markersize=4, fillstyle="none")


def _slope(axes, l, theory, steepness: float | None) -> None:
    """Guide line C_l ~ l^-n of the inertial range (Eq. 15: n = gamma + 1), beside the theory so that both are visible."""
    span = l[l >= max(4, l[-1] // 6)]
    if len(span) < 2 or steepness is None or not theory[-1] > 0:
        return
    guide = 0.45 * theory[-1] * (span / l[-1]) ** -steepness
    label = rf"$\propto \ell^{{{number(-steepness)}}}$, inertial range"
    axes.loglog(span, guide, "-.", color=style.GREY, linewidth=1.2, label=label)


def _residuals(axes, l, z, colour) -> None:
    axes.axhspan(-1, 1, color=colour, alpha=0.12, linewidth=0)
    axes.axhline(0, color=colour, linewidth=1.2)
    limit = max(3.6, 1.15 * np.max(np.abs(z[np.isfinite(z)]), initial=0.0))
    if limit < 20:
        for level in (-3, 3):
            axes.axhline(level, color=style.GREY, linewidth=0.8, linestyle=":")
    axes.plot(l, z, "o", color=style.SIMULATION.colour, markersize=3.2)
    axes.set_ylim(-limit, limit)
    axes.set_ylabel("residual [$\\sigma$]")
    axes.set_xlim(l[0] * 0.9, l[-1] * 1.1)
    style.degree_axis(axes, l[0], l[-1])
