"""Figure: correlation matrix of the multipoles, theory (Fig. 1 of Zhang & Liu 2025) beside simulation."""

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.describe import title
from fluxtube.analysis.validation.validate import Validation, open_ensemble, validate


def correlation_figure(ensemble, validation: Validation | None = None, order: int = 0):
    """Correlation <a_l a_l'> / sqrt(<a_l^2> <a_l'^2>): theory, simulation, and covariance difference in standard errors.

    Parameters
    ----------
    ensemble : path or fluxtube.sim.store.reader.Ensemble
    validation : Validation, optional
        Made here if not given.
    order : int
        Index of the order m shown.

    Returns
    -------
    matplotlib.figure.Figure
    """
    ensemble = open_ensemble(ensemble)
    validation = validate(ensemble) if validation is None else validation
    l = validation.moments.l
    scores = validation.covariance
    # One normalisation for both, so that the pictures differ where the covariances do.
    deviation = np.sqrt(np.diagonal(scores.theory[order]))
    deviation[deviation == 0] = np.nan  # theory leaves it empty: no correlation
    scale = np.outer(deviation, deviation)
    edges = (l[0] - 0.5, l[-1] + 0.5)

    with style.style():
        figure = style.new_figure(style.DOUBLE_WIDTH, 4.4)
        axes = figure.subplots(1, 3, sharex=True, sharey=True)
        settings = {"origin": "lower", "extent": edges * 2, "interpolation": "nearest", "cmap": style.SIGNED}
        left = axes[0].imshow(scores.theory[order] / scale, vmin=-1, vmax=1, **settings)
        axes[1].imshow(scores.value[order] / scale, vmin=-1, vmax=1, **settings)
        z = scores.z[order]
        largest = np.max(np.abs(z[np.isfinite(z)]), initial=0.0)
        limit = float(np.clip(largest, 3, 10))
        right = axes[2].imshow(z, vmin=-limit, vmax=limit, **{**settings, "cmap": style.DIFFERENCE})
        for panel, name in zip(axes, ("theory", "simulation", "simulation − theory"), strict=True):
            panel.set_title(name)
            panel.set_xlabel(r"$\ell'$")
            panel.tick_params(color=style.GREY)
        axes[0].set_ylabel(r"$\ell$")
        bar = {"orientation": "horizontal", "shrink": 0.86, "pad": 0.02}
        figure.colorbar(left, ax=axes[:2], label="correlation, both in units of theory's deviations", aspect=42, **bar)
        extend = "both" if largest > limit else "neither"
        figure.colorbar(right, ax=axes[2], label=r"difference [$\sigma$]", aspect=20, extend=extend, **bar)
        suffix = f", $m = {validation.moments.m[order]}$" if len(validation.moments.m) > 1 else ""
        figure.suptitle(r"$\langle a_\ell a_{\ell'} \rangle$: " + title(ensemble) + suffix, fontsize=11.5)
    return figure
