"""Figure: correlation matrix of the multipoles, theory (Fig. 1 of Zhang & Liu 2025) beside simulation."""

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.describe import title
from fluxtube.analysis.figures.spectrum import shown_degrees
from fluxtube.analysis.validation.validate import Validation, open_ensemble, validate


def correlation_figure(
    ensemble,
    validation: Validation | None = None,
    order: int = 0,
    *,
    degrees: tuple[int, int] | None = None,
    heading: str | None = None,
    narrow: bool = False,
):
    """Correlation <a_l a_l'> / sqrt(<a_l^2> <a_l'^2>): theory, simulation, and covariance difference in standard errors.

    Parameters
    ----------
    ensemble : path or fluxtube.sim.store.reader.Ensemble
    validation : Validation, optional
        Made here if not given.
    order : int
        Index of the order m shown.
    degrees : (int, int), optional
        First and last degree to show; all that were tested if not given.
    heading : str, optional
        Takes the place of the title.
    narrow : bool
        For a narrow screen: one panel below the other.

    Returns
    -------
    matplotlib.figure.Figure
    """
    ensemble = open_ensemble(ensemble)
    validation = validate(ensemble) if validation is None else validation
    shown = shown_degrees(validation.moments.l, degrees)
    l, block = validation.moments.l[shown], np.ix_(shown, shown)
    scores = validation.covariance
    expected, value, z = (part[order][block] for part in (scores.theory, scores.value, scores.z))
    # One normalisation for both, so that the pictures differ where the covariances do.
    deviation = np.sqrt(np.diagonal(expected))
    deviation[deviation == 0] = np.nan  # theory leaves it empty: no correlation
    scale = np.outer(deviation, deviation)
    edges = (l[0] - 0.5, l[-1] + 0.5)

    with style.style():
        figure = style.new_figure(*((style.NARROW_WIDTH, 12.6) if narrow else (style.DOUBLE_WIDTH, 4.4)))
        axes = figure.subplots(*((3, 1) if narrow else (1, 3)), sharex=True, sharey=True)
        settings = {"origin": "lower", "extent": edges * 2, "interpolation": "nearest", "cmap": style.SIGNED}
        left = axes[0].imshow(expected / scale, vmin=-1, vmax=1, **settings)
        axes[1].imshow(value / scale, vmin=-1, vmax=1, **settings)
        largest = np.max(np.abs(z[np.isfinite(z)]), initial=0.0)
        limit = float(np.clip(largest, 3, 10))
        right = axes[2].imshow(z, vmin=-limit, vmax=limit, **{**settings, "cmap": style.DIFFERENCE})
        for panel, name in zip(axes, ("theory", "simulation", "simulation − theory"), strict=True):
            panel.set_title(name)
            panel.set_xlabel(r"$\ell'$")
            panel.tick_params(color=style.GREY)
            if narrow:
                panel.xaxis.set_tick_params(labelbottom=True)
                panel.set_ylabel(r"$\ell$")
        axes[0].set_ylabel(r"$\ell$")
        extend = "both" if largest > limit else "neither"
        if narrow:
            for image, panel in ((left, axes[0]), (left, axes[1])):
                figure.colorbar(image, ax=panel, label="correlation, theory's deviations")
            figure.colorbar(right, ax=axes[2], label=r"difference [$\sigma$]", extend=extend)
        else:
            bar = {"orientation": "horizontal", "shrink": 0.86, "pad": 0.02}
            figure.colorbar(left, ax=axes[:2], label="correlation, both in units of theory's deviations", aspect=42, **bar)
            figure.colorbar(right, ax=axes[2], label=r"difference [$\sigma$]", aspect=20, extend=extend, **bar)
        suffix = f", $m = {validation.moments.m[order]}$" if len(validation.moments.m) > 1 else ""
        above = r"$\langle a_\ell a_{\ell'} \rangle$: " + title(ensemble, narrow) + suffix
        figure.suptitle(above if heading is None else style.plain(heading), fontsize=11 if narrow else 11.5)
    return figure
