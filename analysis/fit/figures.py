"""Figures of a fit: corner plot of the posterior, and the spectrum with its best line and the spread of single skies."""

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.bars import error_bars
from fluxtube.analysis.figures.corner import SHADES, draw_corner
from fluxtube.analysis.fit.fit import KOLMOGOROV, KRAICHNAN, Fit
from fluxtube.analysis.fit.noisy import Noisy
from fluxtube.analysis.validation.spread import single_sky_band
from fluxtube.errors import InputError

NAMES = {"parallel": "parallel diffusion", "isotropic": "isotropic diffusion"}


def corner_figure(fit: Fit):
    """Posterior of sigma and gamma, Kolmogorov and Kraichnan marked; of sigma alone where gamma is fixed.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        Without samples, or without the library corner.
    """
    if fit.samples is None:
        raise InputError("the fit holds no samples; ask for steps above 0")
    free = fit.prior.free_gamma
    data = np.column_stack([fit.samples.sigma, fit.samples.gamma][: 2 if free else 1])
    with style.style():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(5.6, 5.6) if free else (4.6, 4.0))
        colour = style.model_look(fit.templates.model).colour
        panels = draw_corner(figure, data, [r"$\sigma$  [km/s]", r"$\gamma$"][: data.shape[1]], colour)
        if free:
            for value, line in ((KOLMOGOROV, "--"), (KRAICHNAN, ":")):
                panels[1, 0].axhline(value, color=style.BLACK, linestyle=line, linewidth=1.2)
                panels[1, 1].axvline(value, color=style.BLACK, linestyle=line, linewidth=1.2)
            text = f"dashed: Kolmogorov, 5/3\ndotted: Kraichnan, 3/2\n{SHADES}"
            panels[0, 1].text(0.06, 0.9, text, transform=panels[0, 1].transAxes, va="top", fontsize=10, color=style.GREY)
        figure.suptitle(NAMES[fit.templates.model] + f", $\\ell = {fit.spectrum.l[0]} \\ldots {fit.spectrum.l[-1]}$", fontsize=11)
        figure.subplots_adjust(left=0.16, bottom=0.15, right=0.97, top=0.88, wspace=0.08, hspace=0.08)
    return figure


def fit_table(fit: Fit) -> dict:
    """Columns of the fit's figure: l, C_l and its errors, best fit with the noise that C_l holds, 68 % of single skies."""
    best = fit.best_spectrum()
    sigma, gamma = fit.posterior.best
    likelihood = Noisy(fit.templates, fit.observation, fit.skies)
    mean, half = likelihood.moments(np.log(sigma), gamma)
    lower, upper = single_sky_band(mean, 2 * half)
    shift = mean - best if fit.observation.subtracted else 0.0
    columns = {"l": fit.spectrum.centre, "C_l": fit.spectrum.C_l, "best_C_l": mean - shift}
    columns |= {"band_lower": lower - shift, "band_upper": upper - shift}
    return columns | {name: values for name in ("lower", "upper") if (values := getattr(fit.spectrum, name)) is not None}


def fit_figure(fits, label: str = "data"):
    """Observed spectrum and the best line of one or more fits to it.

    Parameters
    ----------
    fits : sequence of Fit
        Of the same spectrum.
    label : str
        Name of the data.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with style.style():
        figure = style.new_figure(style.SINGLE_WIDTH, 4.8)
        axes = figure.subplots()
        lowest = np.inf
        for fit in fits:
            table, look = fit_table(fit), style.model_look(fit.templates.model)
            axes.fill_between(table["l"], table["band_lower"], table["band_upper"], color=look.colour, alpha=0.15, linewidth=0)
            sigma, gamma = fit.posterior.best
            words = rf"{NAMES[fit.templates.model]}: $\sigma = {sigma:.3g}$ km/s, $\gamma = {gamma:.3g}$"
            if fit.warnings:
                words = f"{NAMES[fit.templates.model]}: not determined, see the warnings"
            axes.loglog(table["l"], table["best_C_l"], linestyle=look.line, color=look.colour, label=words)
            shown = np.concatenate([table["band_lower"], table["C_l"]])
            lowest = min(lowest, shown[shown > 0].min(initial=np.inf))
        spectrum = fits[0].spectrum
        bars = error_bars(spectrum.columns())
        data = style.OBSERVATION
        dots = {"fmt": data.marker, "color": data.colour, "markersize": 4, "elinewidth": 1, "zorder": 4}
        axes.errorbar(spectrum.centre, spectrum.C_l, bars, label=style.plain(label), **dots)
        if spectrum.binned:
            for first, last, value in zip(spectrum.l, spectrum.last, spectrum.C_l, strict=True):
                axes.plot([first - 0.5, last + 0.5], [value, value], color=data.colour, linewidth=1)
        axes.set_ylim(0.5 * lowest if np.isfinite(lowest) else None, None)
        style.degree_axis(axes, spectrum.l[0], spectrum.centre[-1])
        axes.set_ylabel(r"$C_\ell$  [dimensionless, $(\Delta f/f)^2$]")
        axes.set_title("best fits; shaded: 68 % of single skies" if fits[0].skies == 1 else "best fits; shaded: 68 %")
        axes.legend(loc="upper right")
    return figure
