"""The one style of all figures: colours that colour-blind readers tell apart, fonts, sizes."""

import itertools
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

# Okabe & Ito (2008), "Color Universal Design": distinct for all common kinds of colour vision.
BLACK = "#000000"
BLUE = "#0072B2"
VERMILION = "#D55E00"
GREEN = "#009E73"
GREY = "#767676"
INK = "#404040"  # of captions inside a figure


@dataclass(frozen=True)
class Look:
    """How something is drawn in every figure of every command: colour, line of theory, marker of points."""

    colour: str
    line: str | tuple[int, tuple[float, ...]] = "-"
    marker: str = "o"


# Dashes and markers tell the models apart where colours cannot: in print, for colour-blind readers.
MODELS = {
    "parallel": Look(BLUE, "-", "o"),
    "isotropic": Look(VERMILION, "--", "s"),
    "cross-field": Look(GREEN, (0, (6, 1.5, 1.5, 1.5)), "^"),
}
SIMULATION = Look(BLACK)
OBSERVATION = Look("#AA3377", "-", "D")  # purple of Tol's "bright" scheme (SRON/EPS/TN/09-002, 2021)

# Observed data in one figure, one after the other; begins anew after the last. No colour is that of a model.
OBSERVATIONS = (
    OBSERVATION,
    Look("#CC79A7", "-", "^"),
    Look("#E69F00", "-", "v"),
    Look("#56B4E9", "-", "P"),
    Look("#882255", "-", "X"),
    Look(GREY, "-", "*"),
)

SIGNED = "RdBu_r"  # signed numbers, white at zero
DIFFERENCE = "PuOr_r"  # differences in standard errors: another pair, so that the two are not taken for one
ORDERED = "plasma"
POSITIVE = "cividis"  # made for colour-blind readers: Nuñez, Anderton & Renslow (2018)

SINGLE_WIDTH = 6.4  # inches
DOUBLE_WIDTH = 10.4
NARROW_WIDTH = 4.2  # for a screen of 400 pixels: there 11 points are 13 pixels high

DEGREES = (2, 3, 5, 10, 20, 30, 50, 100, 200, 500, 1000)  # labelled on logarithmic axes

SETTINGS: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.labelsize": 12,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "axes.linewidth": 0.9,
    "lines.linewidth": 1.6,
    "mathtext.fontset": "dejavusans",
    "figure.facecolor": "white",
    "savefig.dpi": 200,
    "pdf.fonttype": 42,  # text stays text
    "svg.fonttype": "none",
    "svg.hashsalt": "fluxtube",  # the same figure is the same file
}


@contextmanager
def style():
    """Context in which figures are made and saved, the same whatever matplotlibrc a reader has; leaves those settings alone."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # text.usetex, for one, needs LaTeX and reads names of files as formulas
        matplotlib.rcParams.update(SETTINGS)
        yield


def new_figure(width: float, height: float):
    """Figure [inches] without pyplot: nothing global, nothing to close, no display needed."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def simulated_points(look, hollow: bool = False) -> dict:
    """Keywords of `errorbar` for a simulation of the model of this look; `hollow` tells it from another on one figure."""
    points = {"fmt": look.marker, "color": SIMULATION.colour, "markersize": 3.4, "elinewidth": 1, "capsize": 1.8, "zorder": 4}
    return points | ({"markerfacecolor": "white"} if hollow else {})


def model_look(name: str) -> Look:
    """Look of a model of transport; one that is not among the three has that of cross-field transport, of which they are ends."""
    return MODELS.get(name, MODELS["cross-field"])


def observations(items):
    """Pairs of observed data and their look, however many there are."""
    return zip(items, itertools.cycle(OBSERVATIONS), strict=False)


def sequence(count: int) -> list:
    """Colours of an ordered set, dark to light: degrees, energies. None is that of a model."""
    from matplotlib import colormaps

    return [colormaps[ORDERED](0.05 + 0.75 * n / max(count - 1, 1)) for n in range(count)]


def degree_axis(axes, first: float, last: float) -> None:
    """Logarithmic axis of multipole degrees with plain numbers on it."""
    axes.set_xscale("log")
    ticks = [tick for tick in DEGREES if first <= tick <= last]
    ticks = ticks if len(ticks) > 1 else sorted({int(first), int(last)})
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlabel(r"multipole degree $\ell$")


def plain(name: str) -> str:
    """A name of somebody's file as it is shown in a figure: no formula, no line breaks, not hidden, not too long."""
    name = "".join(letter if letter.isprintable() else "?" for letter in name)
    name = name if len(name) <= 50 else name[:24] + "..." + name[-23:]
    return ("\u200b" if name.startswith("_") else "") + name.replace("\\", "/").replace("$", r"\$")
