"""Figure: one simulated sky and the mean-square sky of the ensemble, Mollweide."""

import textwrap

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.describe import title
from fluxtube.analysis.figures.mollweide import draw_sky, mollweide_xy
from fluxtube.analysis.validation.validate import open_ensemble
from fluxtube.errors import InputError

COORDINATES = {
    "magnetic": "magnetic frame: latitude 90° is an arrival direction along +B, longitude about B",
    "equatorial": "equatorial frame: right ascension and declination of the arrival direction",
}


def sky_figure(ensemble, *, realisation: int = 0, heading: str | None = None, narrow: bool = False):
    """A kept sky and the mean-square sky, Delta f / f in units that keep the numbers short.

    Parameters
    ----------
    ensemble : path or fluxtube.sim.store.reader.Ensemble
    realisation : int
        Which sky, counted from 0.
    heading : str, optional
        Takes the place of the title.
    narrow : bool
        For a narrow screen: one panel below the other.

    Returns
    -------
    matplotlib.figure.Figure
        One panel only where no single sky was kept.

    Raises
    ------
    InputError
        Where the run holds no sky at all, or not that of the realisation.
    """
    ensemble = open_ensemble(ensemble)
    panels = []
    sky = kept_sky(ensemble, realisation)
    if sky is not None:
        name = f"realisation {realisation}" if realisation else "first realisation"
        panels.append((name, sky, r"\Delta f / f", True))
    if ensemble.sky_mean_square is not None and np.any(np.isfinite(ensemble.sky_mean_square)):
        panels.append(("mean square", np.asarray(ensemble.sky_mean_square), r"\langle (\Delta f / f)^2 \rangle", False))
    if not panels:
        raise InputError(f"{ensemble.path}: the run keeps no sky; nothing to draw")

    with style.style():
        if narrow:
            figure = style.new_figure(style.NARROW_WIDTH, 0.9 + 3.1 * len(panels))
        else:
            figure = style.new_figure(style.SINGLE_WIDTH if len(panels) == 1 else style.DOUBLE_WIDTH, 3.9)
        places = figure.subplots(*((len(panels), 1) if narrow else (1, len(panels))))
        for axes, panel in zip(np.ravel(places), panels, strict=True):
            _panel(figure, axes, ensemble.config, *panel)
        above = title(ensemble, narrow) if heading is None else style.plain(heading)
        figure.suptitle(above, fontsize=11 if narrow else 11.5)
        below = textwrap.wrap(COORDINATES[ensemble.config.sky.frame], 44 if narrow else 120)
        figure.supxlabel("\n".join(below), fontsize=10 if narrow else 9, color=style.INK)
    return figure


def kept_sky(ensemble, realisation: int = 0) -> np.ndarray | None:
    """The sky of a realisation, (npix,); None for the first of a run without skies, InputError for another that it lacks."""
    kept = 0 if ensemble.samples_sky is None else len(ensemble.samples_sky)
    if 0 <= realisation < kept:
        return np.asarray(ensemble.samples_sky[realisation])
    if realisation == 0:
        return None
    raise InputError(
        f"{ensemble.path}: realisation {realisation} is not kept, the run keeps the skies of {kept} (counted from 0); "
        "run with output.skies above it, or draw it with fluxtube gallery --first"
    )


def _panel(figure, axes, config, name, values, symbol, signed) -> None:
    # A mean square from few particles has outliers that would leave the rest dark.
    outliers = not signed and config.sampling.by_particles
    largest = float(np.nanpercentile(values, 99.5) if outliers else np.nanmax(np.abs(values)))
    exponent = int(np.floor(np.log10(largest))) if largest > 0 else 0
    scaled = values / 10.0**exponent
    if signed:
        limit = largest / 10.0**exponent
        image = draw_sky(axes, scaled, cmap=style.SIGNED, vmin=-limit, vmax=limit)
    else:
        image = draw_sky(axes, scaled, cmap=style.POSITIVE, vmin=0, vmax=largest / 10.0**exponent or None)
    empty = np.mean(~np.isfinite(values))
    axes.set_title(name + (f" ({empty:.1%} of the pixels empty: grey)" if empty else ""))
    if config.sky.frame == "equatorial":
        _field_direction(axes, config.sky.field_direction)
    label = rf"${symbol}$  [$10^{{{exponent}}}$]"
    extend = "max" if outliers else "neither"
    figure.colorbar(image, ax=axes, orientation="horizontal", shrink=0.62, aspect=32, pad=0.02, label=label, extend=extend)


def _field_direction(axes, direction) -> None:
    """Mark +B (filled) and -B (open)."""
    from matplotlib.patheffects import withStroke

    longitude, latitude = np.deg2rad(direction)
    for sign, fill in ((1, "full"), (-1, "none")):
        x, y = mollweide_xy(longitude + (0 if sign > 0 else np.pi), sign * latitude)
        axes.plot(float(x), float(y), "o", color=style.BLACK, fillstyle=fill, markersize=6, zorder=6)
        text = "+B" if sign > 0 else "−B"
        halo = [withStroke(linewidth=2.2, foreground="white")]
        offset = {"xytext": (6, 5), "textcoords": "offset points", "path_effects": halo}
        axes.annotate(text, (float(x), float(y)), fontsize=10, zorder=6, **offset)
