"""A gallery as a file: a picture, a page that reads on any screen, or a movie, as the ending says; its numbers beside it."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.describe import physics
from fluxtube.analysis.figures.gallery import Gallery, gallery_figure, sky_panel, spectra_figure
from fluxtube.analysis.figures.tables import write_csv
from fluxtube.analysis.figures.write import FORMATS, save_figure
from fluxtube.analysis.report import html
from fluxtube.errors import InputError
from fluxtube.files import MARK, require_replaceable, write_whole

PAGE, MOVIE = "html", "gif"
TABLE = b"# single skies"  # how the table beside it begins: it has a name that nobody gave, and replaces no other
SECONDS = 0.7  # of each sky in a movie
HEADS = {PAGE: b"<!DOCTYPE html>", MOVIE: b"GIF8", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "svg": b"<?xml version="}


def ending_of(path) -> str:
    """The kind that a name's ending asks for; InputError for another."""
    ending = Path(path).suffix[1:].lower()
    if ending not in (*FORMATS, PAGE, MOVIE):
        known = ", ".join(f".{name}" for name in (*FORMATS, PAGE, MOVIE))
        raise InputError(f"{str(path)!r}: a gallery ends in {known}")
    return ending


def check_place(path, inputs=()) -> None:
    """InputError where the gallery or its table could not be written there; before the work."""
    ending = ending_of(path)
    require_replaceable(Path(path), HEADS[ending], b"", inputs, MARK.encode() if ending == PAGE else b"")
    require_replaceable(Path(path).with_suffix(".csv"), TABLE, TABLE, inputs)


def write_gallery(gallery: Gallery, path, heading: str | None = None, inputs=()) -> Iterator[Path]:
    """Write a gallery and the table of its C_l, and give each path.

    Raises
    ------
    InputError
        For an ending that is not known, or where it cannot be written.
    """
    path = Path(path)
    ending = ending_of(path)
    check_place(path, inputs)
    if ending == PAGE:
        yield write_whole(path, gallery_page(gallery, heading), like=HEADS[PAGE], inputs=inputs, mark=MARK.encode())
    elif ending == MOVIE:
        yield write_whole(path, movie(gallery), like=b"GIF8", inputs=inputs)
    else:
        yield save_figure(gallery_figure(gallery, heading), path)
    head = f"single skies, C_l of Delta f/f; {physics(gallery.config)}"
    yield write_csv(path.with_suffix(".csv"), gallery.table(), [head], like=TABLE)


def gallery_page(gallery: Gallery, heading: str | None = None) -> str:
    """One self-contained page: as many skies in a row as the screen has room for."""
    name = heading or f"{len(gallery.numbers)} single skies"
    skies = "".join(
        html.still(sky_panel(gallery, n), f"Sky of realisation {number}, Mollweide, longitude to the left")
        for n, number in enumerate(gallery.numbers)
    )
    spectra = html.picture(
        lambda narrow: spectra_figure(gallery, narrow),
        "Angular power spectra of the single skies, and the mean of theory with the interval of 68 % of skies",
        "Each thin line is one sky; all skies have one scale of colours.",
    )
    return html.page(
        f"{name}: fluxtube",
        f"<h1>{html.text(name)}</h1>",
        f"<p>{html.text(physics(gallery.config))}</p>",
        f'<p class="soft">{html.text(gallery.frame)} frame, l = {gallery.degrees[0]} to {gallery.degrees[1]}</p>',
        f'<div class="skies">{skies}</div>',
        spectra,
    )


def movie(gallery: Gallery, dpi: int = 110) -> bytes:
    """The skies one after the other, as GIF without end."""
    from PIL import Image

    palette, frames = Image.new("P", (1, 1)), []
    palette.putpalette(_palette())
    for n in range(len(gallery.numbers)):
        buffer = io.BytesIO()
        with style.style():
            sky_panel(gallery, n, graticule=True).savefig(buffer, format="png", dpi=dpi)
        frames.append(Image.open(buffer).convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE))
    result = io.BytesIO()
    frames[0].save(result, format="gif", save_all=True, append_images=frames[1:], duration=int(1000 * SECONDS), loop=0)
    return result.getvalue()


def _palette() -> list[int]:
    """The 256 colours of a movie: those of the skies, and greys for all else."""
    from matplotlib import colormaps

    skies = colormaps[style.SIGNED](np.linspace(0, 1, 208))[:, :3]
    greys = np.linspace(0, 1, 48)[:, None].repeat(3, axis=1)
    return np.round(255 * np.concatenate([skies, greys])).astype(int).ravel().tolist()
