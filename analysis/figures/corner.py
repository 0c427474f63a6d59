"""Corner plot of a posterior: contours of pairs, histograms, and in the titles median and 68 % interval."""

import numpy as np

from fluxtube.errors import InputError

LEVELS = (0.3935, 0.8647)  # 1 and 2 sigma of a normal law in two dimensions
SHADES = "shaded: 39 and 86 %\n(1 and 2 $\\sigma$ in two dimensions)\nabove: median, 68 % interval"
SHOWN = (0.002, 0.998)  # of the samples: one that lies far out would squeeze all others into a corner


def draw_corner(figure, samples: np.ndarray, labels, colour: str, bins: int = 40) -> np.ndarray:
    """Draw samples (n, k) on an empty figure; no lines are drawn, so that the figure's own lines have one meaning.

    Returns
    -------
    ndarray of matplotlib axes, (k, k)

    Raises
    ------
    InputError
        Without the library corner.
    """
    try:
        import corner
    except ImportError:
        raise InputError('the corner plot needs corner: pip install "fluxtube[inference]"') from None
    corner.corner(
        samples, fig=figure, labels=labels, bins=bins, range=[shown_range(column) for column in samples.T], color=colour,
        show_titles=True, title_quantiles=(0.16, 0.5, 0.84), title_fmt=".3g", title_kwargs={"fontsize": 11},
        levels=LEVELS, plot_datapoints=False, fill_contours=True, smooth=1.0,
    )  # fmt: skip
    return np.reshape(figure.axes, (samples.shape[1],) * 2)


def shown_range(values: np.ndarray) -> tuple[float, float]:
    """Axis on which all but the farthest samples lie; of samples that do not vary a little about them."""
    low, high = np.quantile(values, SHOWN)
    if not high > low:
        half = 0.5 * abs(low) or 1.0
        return float(low - half), float(low + half)
    margin = 0.04 * (high - low)
    return float(max(values.min(), low - margin)), float(min(values.max(), high + margin))
