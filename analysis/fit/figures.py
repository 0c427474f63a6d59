"""Figures of a fit: corner plot of the posterior, and the spectrum with its best line and the spread of single skies."""

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.bars import error_bars
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
    try:
        import corner
    except ImportError:
        raise InputError('the corner plot needs corner: pip install "fluxtube[inference]"') from None
    free = fit.prior.free_gamma
    data = [fit.samples.sigma, fit.samples.gamma][: 2 if free else 1]
    labels = [r"$\sigma$  [km/s]", r"$\gamma$"][: len(data)]
    with style.style():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(5.6, 5.6) if free else (4.6, 4.0))
        settings = {"quantiles": (0.16, 0.5, 0.84), "show_titles": True, "title_fmt": ".3g", "title_kwargs": {"fontsize": 11}}
        look = {
            "color": style.BLUE,
            "levels": (0.3935, 0.8647),
            "plot_datapoints": False,
            "fill_contours": True,
            "smooth": 1.0,
            "labelpad": -0.09,
        }
        corner.corner(np.column_stack(data), fig=figure, labels=labels, bins=40, **settings, **look)
        if free:
            panels = np.reshape(figure.axes, (2, 2))
            for value, line in ((KOLMOGOROV, "--"), (KRAICHNAN, ":")):
                panels[1, 0].axhline(value, color=style.VERMILION, linestyle=line, linewidth=1.2)
                panels[1, 1].axvline(value, color=style.VERMILION, linestyle=line, linewidth=1.2)
            text = "dashed: Kolmogorov, 5/3\ndotted: Kraichnan, 3/2\nshaded: 39 and 86 %\n(1 and 2 sigma in 2-D)"
            panels[0, 1].text(0.08, 0.9, text, transform=panels[0, 1].transAxes, va="top", fontsize=10, color=style.GREY)
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
    colours = {"parallel": (style.BLUE, "-"), "isotropic": (style.VERMILION, "--")}
    with style.style():
        figure = style.new_figure(style.SINGLE_WIDTH, 4.8)
        axes = figure.subplots()
        lowest = np.inf
        for fit in fits:
            table, (colour, line) = fit_table(fit), colours[fit.templates.model]
            axes.fill_between(table["l"], table["band_lower"], table["band_upper"], color=colour, alpha=0.15, linewidth=0)
            sigma, gamma = fit.posterior.best
            words = rf"{NAMES[fit.templates.model]}: $\sigma = {sigma:.3g}$ km/s, $\gamma = {gamma:.3g}$"
            if fit.warnings:
                words = f"{NAMES[fit.templates.model]}: not determined, see the warnings"
            axes.loglog(table["l"], table["best_C_l"], line, color=colour, label=words)
            shown = np.concatenate([table["band_lower"], table["C_l"]])
            lowest = min(lowest, shown[shown > 0].min(initial=np.inf))
        spectrum = fits[0].spectrum
        bars = error_bars(spectrum.columns())
        dots = {"fmt": "o", "color": style.BLACK, "markersize": 4, "elinewidth": 1, "zorder": 4}
        axes.errorbar(spectrum.centre, spectrum.C_l, bars, label=style.plain(label), **dots)
        if spectrum.binned:
            for first, last, value in zip(spectrum.l, spectrum.last, spectrum.C_l, strict=True):
                axes.plot([first - 0.5, last + 0.5], [value, value], color=style.BLACK, linewidth=1)
        axes.set_ylim(0.5 * lowest if np.isfinite(lowest) else None, None)
        ticks = [tick for tick in (2, 3, 5, 10, 20, 30, 50, 100) if spectrum.l[0] <= tick <= spectrum.centre[-1]]
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
        axes.set_xticks([], minor=True)
        axes.set_xlabel(r"multipole degree $\ell$")
        axes.set_ylabel(r"$C_\ell$  [dimensionless, $(\Delta f/f)^2$]")
        axes.set_title("best fits; shaded: 68 % of single skies" if fits[0].skies == 1 else "best fits; shaded: 68 %")
        axes.legend(loc="upper right")
    return figure
