"""Fig. 3, left: angular power spectra of both models, simulated points, the spread of single skies, observed points."""

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.bars import error_bars
from fluxtube.analysis.paper.settings import PAPER, Settings
from fluxtube.analysis.validation.moments import select_moments
from fluxtube.analysis.validation.scores import spectrum_scores
from fluxtube.analysis.validation.spread import single_sky_band

SHORT = {"parallel": "PD", "isotropic": "ID"}
FURTHER = 1e3  # times theory's axis, to which it follows what is observed


def spectra_table(runs: dict, settings: Settings = PAPER) -> dict:
    """Columns: l; for each model C_l, interval of single skies (68 %), and C_l and error of its run.

    Errors are standard errors of the ensemble's mean if theory holds. Runs that end before l_max leave NaN.
    """
    columns = {"l": settings.degrees}
    for name, spectrum in settings.spectra().items():
        dof = np.ones(len(spectrum)) if name == "parallel" else 2 * settings.degrees + 1
        lower, upper = single_sky_band(spectrum, dof)
        columns |= {f"{name}_C_l": spectrum, f"{name}_single_sky_lower": lower, f"{name}_single_sky_upper": upper}
        if name in runs:
            value, error = simulated_spectrum(runs[name], len(spectrum))
            columns |= {f"{name}_simulated_C_l": value, f"{name}_simulated_error": error}
    return columns


def simulated_spectrum(ensemble, size: int = 49) -> tuple[np.ndarray, np.ndarray]:
    """C_l and standard error of a run, `size` degrees from l = 2 on, NaN where it has none."""
    from fluxtube.analysis.validation.expected import expected_covariance

    moments = select_moments(ensemble)
    theory = expected_covariance(ensemble.config, int(moments.l[-1]), int(moments.l[0]), moments.m)
    scores = spectrum_scores(moments, theory)
    value, error = np.full((2, size), np.nan)
    length = min(size, len(moments.l))
    value[:length], error[:length] = scores.value[:length], scores.error[:length]
    return value, error


def spectra_figure(table: dict, observed=(), settings: Settings = PAPER):
    """Figure of `spectra_table`.

    Parameters
    ----------
    table : dict
    observed : sequence of (label, dict)
        Observed spectra with the columns l, C_l and, if they have them, lower and upper error sizes, and noise.
    settings : Settings

    Returns
    -------
    matplotlib.figure.Figure
    """
    l = table["l"]
    with style.style():
        figure = style.new_figure(style.SINGLE_WIDTH, 5.2)
        axes = figure.subplots()
        for name, short in SHORT.items():
            look = style.model_look(name)
            band = table[f"{name}_single_sky_lower"], table[f"{name}_single_sky_upper"]
            axes.fill_between(l, *band, color=look.colour, alpha=0.15, linewidth=0, label=f"{short}, single skies (68 %)")
            axes.loglog(l, table[f"{name}_C_l"], linestyle=look.line, color=look.colour, label=f"{short}, theory", zorder=3)
            if f"{name}_simulated_C_l" in table:
                value, error = table[f"{name}_simulated_C_l"], table[f"{name}_simulated_error"]
                dots = style.simulated_points(look, hollow=name == "isotropic")
                axes.errorbar(l, value, np.minimum(error, [0.999 * value, error]), label=f"{short}, simulation", **dots)
        limits = _limits(table, observed)
        for (label, data), look in style.observations(observed):
            dots = {"fmt": look.marker, "color": look.colour, "markersize": 4.5, "elinewidth": 1, "zorder": 5}
            axes.errorbar(data["l"], data["C_l"], error_bars(data), label=_said(style.plain(label), data, limits), **dots)
            if data.get("noise") is not None:
                axes.plot(
                    data["l"], data["noise"], ":", color=look.colour, linewidth=1.2, label="its noise (in the points)", zorder=2
                )
        axes.set_xlim(*limits[0])
        axes.set_ylim(*limits[1])
        style.degree_axis(axes, 2, limits[0][1] / 1.1)
        axes.set_ylabel(r"$\overline{C}_\ell$  [dimensionless, $(\Delta f/f)^2$]")
        axes.legend(loc="lower left", fontsize=8.5)
        axes.set_title(settings.title(), fontsize=9.5)
    return figure


def _limits(table, observed) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ends of both axes: those of theory, and what is observed within FURTHER of them."""
    l = np.concatenate([table["l"], *(data["l"] for _, data in observed)])
    bottom, top = 0.04 * table["parallel_C_l"].min(), 6 * table["isotropic_C_l"].max()
    C_l = np.concatenate([[2 * bottom], *(np.asarray(data["C_l"])[np.asarray(data["l"]) >= 2] for _, data in observed)])
    C_l = C_l[(C_l > bottom / FURTHER) & (C_l < top * FURTHER)]
    return (1.8, 1.1 * float(l.max())), (min(bottom, 0.5 * float(C_l.min())), max(top, 2 * float(C_l.max())))


def _said(label: str, data, limits) -> str:
    """A name for the legend, with how many of its values from l = 2 on the figure does not show."""
    l, C_l = np.asarray(data["l"]), np.asarray(data["C_l"])
    hidden = int(np.sum((l >= 2) & ~((C_l > limits[1][0]) & (C_l < limits[1][1]))))
    return f"{label} ({hidden} not on this scale)" if hidden else label
