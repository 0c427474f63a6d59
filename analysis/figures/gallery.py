"""A page of single skies: what ONE realisation looks like, each with its number and its C_l, on one scale of colours."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fluxtube.analysis.configured import theory_of_config
from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.describe import subject
from fluxtube.analysis.figures.mollweide import draw_picture, mollweide_picture
from fluxtube.analysis.figures.sky_grid import sky_on_grid
from fluxtube.analysis.validation.expected import expected_covariance
from fluxtube.analysis.validation.spread import degrees_of_freedom, single_sky_band
from fluxtube.errors import InputError
from fluxtube.sim.config import Config

UNIT = 1e-4  # of the colours: what observed anisotropies have
SHOWN = (2, 3, 4)  # degrees whose C_l stands below each sky


@dataclass(frozen=True)
class Gallery:
    """Single skies of one configuration.

    Attributes
    ----------
    config : fluxtube.sim.config.Config
    numbers : (k,)
        Of the realisations.
    multipoles : (k, n_m, L)
        Real multipoles of Delta f/f, as an ensemble holds them.
    m : (n_m,)
        Orders.
    degrees : (int, int)
        First and last degree that skies and spectra show.
    """

    config: Config
    numbers: np.ndarray
    multipoles: np.ndarray
    m: np.ndarray
    degrees: tuple[int, int]

    @property
    def spectrum_degrees(self) -> np.ndarray:
        """Degrees of the spectra, from 2 on, (n,)."""
        return np.arange(max(2, self.degrees[0]), self.degrees[1] + 1)

    @cached_property
    def C_l(self) -> np.ndarray:
        """C_l of every sky, (k, n)."""
        l = self.spectrum_degrees
        return np.sum(self.multipoles[:, :, l] ** 2, axis=1) / (2 * l + 1)

    @cached_property
    def frame(self) -> str:
        """Frame of the skies; that of the multipoles where the field points anywhere."""
        return "magnetic" if self.config.ensemble.field_directions == "random" else self.config.sky.frame

    @cached_property
    def grids(self) -> np.ndarray:
        """Skies on cells fine enough for the last degree, (k, rows, columns)."""
        first, last = self.degrees
        cut = np.where(np.arange(self.multipoles.shape[2]) >= first, self.multipoles, 0.0)
        rows = int(np.clip(4 * last, 90, 240))
        direction = self.config.sky.field_direction
        return np.array(
            [sky_on_grid(sky, self.m, self.frame, direction, last, (rows, 2 * rows)) for sky in cut], dtype=np.float32
        )

    @cached_property
    def limit(self) -> float:
        """End of the scale of colours: all but half a percent of all skies lie within; the largest would leave the rest pale."""
        return float(np.quantile(np.abs(self.grids), 0.995)) or float(np.max(np.abs(self.grids))) or UNIT

    @cached_property
    def theory(self) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """C_l of the ensemble's mean and the interval of 68 % of single skies, (n,) each; None where no theory is known."""
        l = self.spectrum_degrees
        try:
            covariance = expected_covariance(self.config, int(l[-1]), int(l[0]), self.m)
        except InputError:
            return None
        C_l = np.einsum("mll->l", covariance) / (2 * l + 1)
        return C_l, *single_sky_band(C_l, degrees_of_freedom(covariance))

    def table(self) -> dict:
        """Columns: realisation, C_2, C_3, ..."""
        return {"realisation": np.asarray(self.numbers)} | {f"C_{l}": self.C_l[:, i] for i, l in enumerate(self.spectrum_degrees)}


def gallery_figure(gallery: Gallery, heading: str | None = None):
    """All skies, and below them their spectra as thin lines with theory's mean.

    Returns
    -------
    matplotlib.figure.Figure
    """
    count = len(gallery.numbers)
    columns = min(count, 4)
    rows = -(-count // columns)
    width = max(2.6 * columns, style.SINGLE_WIDTH)
    with style.style():
        sizes = (1.75 * rows + 0.9, 3.6)
        figure = style.new_figure(width, sum(sizes) + 0.7)
        above, below = figure.subfigures(2, 1, height_ratios=sizes)
        panels = np.ravel(above.subplots(rows, columns, squeeze=False))
        for n, axes in enumerate(panels):
            if n >= count:
                axes.set_visible(False)
                continue
            image = draw_one(axes, gallery, n)
        above.colorbar(image, ax=list(panels), orientation="horizontal", shrink=0.5, aspect=40, pad=0.02, **bar(gallery))
        spectra(below.subplots(), gallery)
        figure.suptitle(title(gallery) if heading is None else style.plain(heading), fontsize=11)
    return figure


def sky_panel(gallery: Gallery, n: int, graticule: bool = False):
    """One sky alone, with a scale of colours: a frame of a movie, or a picture of a page."""
    with style.style():
        figure = style.new_figure(style.NARROW_WIDTH, 3.1)
        axes = figure.subplots()
        image = draw_one(axes, gallery, n, graticule)
        figure.suptitle(axes.get_title(), fontsize=10)
        axes.set_title("")
        figure.colorbar(image, ax=axes, orientation="horizontal", shrink=0.62, aspect=32, pad=0.03, **bar(gallery))
    return figure


def spectra_figure(gallery: Gallery, narrow: bool = False):
    """The spectra alone."""
    with style.style():
        figure = style.new_figure(style.NARROW_WIDTH if narrow else style.SINGLE_WIDTH, 4.2)
        spectra(figure.subplots(), gallery)
    return figure


def draw_one(axes, gallery: Gallery, n: int, graticule: bool = False):
    """Sky n of the gallery with its number and C_l."""
    end = gallery.limit / UNIT
    picture = mollweide_picture(gallery.grids[n] / UNIT, 500)
    image = draw_picture(axes, picture, graticule, cmap=style.SIGNED, vmin=-end, vmax=end)
    axes.set_title(f"realisation {gallery.numbers[n]}\n{power_in_words(gallery, n)}", fontsize=9, linespacing=1.15)
    return image


def power_in_words(gallery: Gallery, n: int) -> str:
    """C_2, C_3, C_4 of a sky in a power of ten that they share, in mathtext."""
    shown = [(l, C_l) for l, C_l in zip(gallery.spectrum_degrees, gallery.C_l[n], strict=True) if l in SHOWN]
    largest = max((C_l for _, C_l in shown), default=0.0)
    if not largest > 0:
        return ""
    exponent = int(np.floor(np.log10(largest)))
    numbers = ", ".join(f"{scaled:.2f}" if (scaled := C_l / 10.0**exponent) >= 0.01 else "<0.01" for _, C_l in shown)
    names = ", ".join(rf"C_{l}" for l, _ in shown)
    return rf"${names}$: {numbers} $\times 10^{{{exponent}}}$"


def bar(gallery: Gallery) -> dict:
    """Label of the scale of colours, and its ends."""
    extend = "both" if np.max(np.abs(gallery.grids)) > gallery.limit else "neither"
    return {"label": rf"$\Delta f/f$  [$10^{{{round(np.log10(UNIT))}}}$]", "extend": extend}


def title(gallery: Gallery) -> str:
    """What the skies are of."""
    first, last = gallery.degrees
    frame = "frame at rest" if gallery.config.ensemble.field_directions == "random" else f"{gallery.frame} frame"
    return f"{subject(gallery.config)}\n{frame}, $\\ell = {first} \\ldots {last}$"


def spectra(axes, gallery: Gallery) -> None:
    """Every C_l as a thin line, theory's mean and the interval of single skies in the model's look."""
    model = theory_of_config(gallery.config).model.name if gallery.theory is not None else gallery.config.transport.model
    look, l = style.model_look(model), gallery.spectrum_degrees
    lowest = []
    if gallery.theory is not None:
        C_l, lower, upper = gallery.theory
        known = C_l > 0
        axes.fill_between(
            l[known], lower[known], upper[known], color=look.colour, alpha=0.14, linewidth=0, label="single skies, 68 %"
        )
        axes.plot(
            l[known], C_l[known], linestyle=look.line, color=look.colour, zorder=4, label=f"{model} diffusion, mean of theory"
        )
        lowest = [0.01 * C_l[known].min()] if known.any() else []
    for n, row in enumerate(gallery.C_l):
        label = {"label": f"simulation, {len(gallery.C_l)} single skies"} if n == 0 else {}
        axes.plot(l, np.where(row > 0, row, np.nan), color=style.SIMULATION.colour, linewidth=0.5, alpha=0.6, **label)
    axes.set_yscale("log")
    positive = gallery.C_l[gallery.C_l > 0]
    if len(positive):
        axes.set_ylim(max([*lowest, 0.5 * positive.min()]), 3 * axes.get_ylim()[1])
    axes.set_xlim(l[0] * 0.95, l[-1] * 1.05)
    style.degree_axis(axes, l[0], l[-1])
    axes.set_ylabel(r"$C_\ell$  [dimensionless, $(\Delta f/f)^2$]")
    axes.legend(loc="upper right")
