"""The one style of all figures: colours that colour-blind readers tell apart, fonts, sizes."""

import itertools
from contextlib import contextmanager

# Okabe & Ito (2008), "Color Universal Design": distinct for all common kinds of colour vision.
BLACK = "#000000"
BLUE = "#0072B2"
VERMILION = "#D55E00"
GREEN = "#009E73"
GREY = "#767676"

# What is drawn on top of a figure, one after the other: colour, marker; begins anew after the last.
OVERLAYS = ((GREEN, "D"), ("#CC79A7", "^"), ("#E69F00", "v"), ("#56B4E9", "P"), (BLACK, "X"), (GREY, "*"))

SIGNED = "RdBu_r"  # signed numbers, white at zero
DIFFERENCE = "PuOr_r"  # differences in standard errors: another pair, so that the two are not taken for one
POSITIVE = "cividis"  # made for colour-blind readers: Nuñez, Anderton & Renslow (2018)

SINGLE_WIDTH = 6.4  # inches
DOUBLE_WIDTH = 10.4

SETTINGS = {
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
}


@contextmanager
def style():
    """Context in which figures are made and saved; leaves the reader's own matplotlib settings alone."""
    import matplotlib

    with matplotlib.rc_context(SETTINGS):
        yield


def new_figure(width: float, height: float):
    """Figure [inches] without pyplot: nothing global, nothing to close, no display needed."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def overlays(items):
    """Pairs of an item and its look (colour, marker), however many items there are."""
    return zip(items, itertools.cycle(OVERLAYS), strict=False)


def plain(name: str) -> str:
    """A name of somebody's file as it is shown in a figure: no formula, no line breaks, not hidden, not too long."""
    name = "".join(letter if letter.isprintable() else "?" for letter in name)
    name = name if len(name) <= 50 else name[:24] + "..." + name[-23:]
    return ("\u200b" if name.startswith("_") else "") + name.replace("\\", "/").replace("$", r"\$")
