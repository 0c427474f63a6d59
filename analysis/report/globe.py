"""The sky that a reader turns: a few realisations as small grids inside the page, drawn by a script that loads nothing."""

import base64
import hashlib
import json
from importlib import resources

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.sky_grid import sky_on_grid
from fluxtube.analysis.report import html

SKIES = 6
SHAPE = (90, 180)  # cells of two degrees
HIGHEST = 60  # beyond, cells of two degrees are too coarse
LOW = (3, 10)  # degrees up to which a sky is shown too


def script() -> str:
    """The script."""
    return resources.files("fluxtube.analysis.report").joinpath("globe.js").read_text()


def script_hash() -> str:
    """Its digest as a content security policy names it: this script runs in the page, and no other."""
    digest = hashlib.sha256(script().encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()


def globe(ensemble) -> str:
    """The figure, hidden until the script finds itself running; "" for a run that keeps no multipoles one by one."""
    kept = np.asarray(ensemble.samples_multipoles)[:SKIES]
    if not len(kept) or kept.shape[2] < 3 or not np.all(np.isfinite(kept)):
        return ""
    settings = json.dumps(globe_data(kept, ensemble.m, ensemble.config), separators=(",", ":"))
    caption = (
        f"Drag the globe, or use the arrow keys, to turn it; its value under the pointer is shown. {len(kept)} realisations of "
        "this run, from their multipoles, monopole and dipole included; longitude grows to the left, as on the sky."
    )
    return (
        f'<figure id="globe" hidden data-sky="{html.text(settings)}"><div class="globe">'
        '<canvas tabindex="0" role="img" aria-label="One simulated sky as a globe that can be turned"></canvas><div>'
        '<p><label>sky <select name="sky"></select></label> <label>degrees <select name="degrees"></select></label></p>'
        '<p class="bar"><span></span><canvas width="256" height="1"></canvas><span></span></p>'
        '<p class="value">&nbsp;</p></div></div>'
        f"<figcaption>{html.text(caption)}</figcaption></figure><script>{script()}</script>"
    )


def globe_data(kept: np.ndarray, m: np.ndarray, config) -> dict:
    """What the script draws: for every realisation and cut in degrees a grid of bytes, 128 + 127 value/largest.

    Parameters
    ----------
    kept : ndarray (k, n_m, L)
    m : ndarray (n_m,)
    config : fluxtube.sim.config.Config
    """
    last = min(kept.shape[2] - 1, HIGHEST)
    cuts = [*(degree for degree in LOW if degree < last), last]
    turned = config.ensemble.field_directions == "random"  # its multipoles are those of a frame at rest
    frame = "magnetic" if turned else config.sky.frame
    grids = np.array([[sky_on_grid(sky, m, frame, config.sky.field_direction, cut, SHAPE) for cut in cuts] for sky in kept])
    largest = np.abs(grids).max(axis=(2, 3))
    exponent = int(np.floor(np.log10(largest.max()))) if largest.max() > 0 else 0
    scale = np.where(largest > 0, largest, 1.0)
    levels = np.round(128 + 127 * grids / scale[:, :, None, None]).astype(np.uint8)
    return {
        "rows": SHAPE[0],
        "columns": SHAPE[1],
        "cuts": cuts,
        "largest": [[float(f"{value / 10.0**exponent:.4g}") for value in row] for row in scale],
        "unit": f"1e{exponent}" if exponent else "",
        "grids": [[base64.b64encode(level.tobytes()).decode() for level in row] for row in levels],
        "names": ["longitude", "latitude"] if frame == "magnetic" else ["right ascension", "declination"],
        "field": None if turned else ([0, 90] if frame == "magnetic" else list(config.sky.field_direction)),
        "colours": colours(),
    }


def colours(count: int = 33) -> list[str]:
    """The colour map of signed numbers, from the least to the largest."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [to_hex(colour) for colour in colormaps[style.SIGNED](np.linspace(0, 1, count))]
