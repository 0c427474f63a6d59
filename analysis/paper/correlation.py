"""Fig. 1 without a run: the angular correlation matrix of theory alone."""

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.paper.settings import PAPER, Settings


def theory_correlation_table(settings: Settings = PAPER) -> dict:
    """Columns l, l', correlation <a_l a_l'> / sqrt(<a_l^2> <a_l'^2>) of parallel diffusion."""
    covariance = settings.covariance()
    deviation = np.sqrt(np.diagonal(covariance))
    first, second = np.meshgrid(settings.degrees, settings.degrees, indexing="ij")
    correlation = covariance / np.outer(deviation, deviation)
    return {"l": first.ravel(), "l_prime": second.ravel(), "correlation_theory": correlation.ravel()}


def theory_correlation_figure(table: dict, settings: Settings = PAPER):
    """Figure of `theory_correlation_table`."""
    size = len(settings.degrees)
    with style.style():
        figure = style.new_figure(style.SINGLE_WIDTH, 5.4)
        axes = figure.subplots()
        extent = (settings.degrees[0] - 0.5, settings.degrees[-1] + 0.5) * 2
        image = axes.imshow(
            table["correlation_theory"].reshape(size, size),
            vmin=-1,
            vmax=1,
            origin="lower",
            extent=extent,
            interpolation="nearest",
            cmap=style.SIGNED,
        )
        axes.set_xlabel(r"$\ell'$")
        axes.set_ylabel(r"$\ell$")
        axes.tick_params(color=style.GREY)
        label = r"$\langle a_\ell a_{\ell'}\rangle / \sqrt{\langle a_\ell^2\rangle\langle a_{\ell'}^2\rangle}$"
        figure.colorbar(image, ax=axes, label=label)
        axes.set_title("theory, " + settings.title())
    return figure
