"""All figures of a run, each with the CSV of its numbers, written into a directory."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.columns import correlation_table, sky_table, spectrum_table
from fluxtube.analysis.figures.correlation import correlation_figure
from fluxtube.analysis.figures.describe import headline
from fluxtube.analysis.figures.energies import energies_figure, energies_table
from fluxtube.analysis.figures.sky import kept_sky, sky_figure
from fluxtube.analysis.figures.spectrum import shown_degrees, spectrum_figure
from fluxtube.analysis.figures.tables import write_csv
from fluxtube.analysis.validation.validate import open_ensemble, validate
from fluxtube.errors import InputError
from fluxtube.files import make_directory, write_whole

FORMATS = ("png", "pdf", "svg")


def write_figures(
    ensemble,
    directory,
    file_format="png",
    validation=None,
    *,
    realisation: int = 0,
    degrees: tuple[int, int] | None = None,
    heading: str | None = None,
    narrow: bool = False,
) -> Iterator[Path]:
    """Draw spectrum, correlation matrix, sky and energies of a run, and give each path once it is written: pictures, then table.

    Parameters
    ----------
    ensemble : path or fluxtube.sim.store.reader.Ensemble
    directory : path
        Made where it does not exist. Pictures of the same names are replaced.
    file_format : str or sequence of str
        Of FORMATS.
    validation : Validation, optional
        Made here if not given.
    realisation : int
        Whose sky is drawn, counted from 0.
    degrees : (int, int), optional
        First and last degree of spectrum and correlation matrix.
    heading : str, optional
        Title of all figures.
    narrow : bool
        For a narrow screen.

    Raises
    ------
    InputError
        For a format, a realisation or degrees that are not there; where the directory cannot be made or written to.
    """
    ensemble = open_ensemble(ensemble)
    formats = (file_format,) if isinstance(file_format, str) else tuple(file_format)
    validation = validate(ensemble) if validation is None else validation
    kept_sky(ensemble, realisation)
    shown_degrees(validation.moments.l, degrees)  # refused before anything is written
    look: dict[str, Any] = {"heading": heading, "narrow": narrow}
    cut: dict[str, Any] = {"degrees": degrees, **look}
    makers = {
        "spectrum": (lambda: spectrum_figure(ensemble, validation, **cut), lambda: spectrum_table(validation, degrees)),
        "correlation": (
            lambda: correlation_figure(ensemble, validation, **cut),
            lambda: correlation_table(validation, degrees=degrees),
        ),
        "sky": (
            lambda: sky_figure(ensemble, realisation=realisation, **look),
            lambda: sky_table(ensemble, realisation),
        ),
    }
    if ensemble.momenta is not None:
        makers["energies"] = (lambda: energies_figure(ensemble, **look), lambda: energies_table(ensemble))
    directory = make_directory(directory)
    for name, (figure, table) in makers.items():
        yield from save_figures(figure(), directory / name, formats)
        yield write_csv(directory / f"{name}.csv", table(), [headline(ensemble)])


def save_figures(figure, stem, formats=("png",)) -> Iterator[Path]:
    """Write a figure in several formats, under a name without ending, and give each path once it is written."""
    stem = Path(stem)
    for ending in formats:
        yield save_figure(figure, stem.with_name(f"{stem.name}.{ending}"))


def save_figure(figure, path) -> Path:
    """Write a figure as its path's ending says, without the time, so that the same figure is the same file.

    Raises
    ------
    InputError
        For an ending that is none of FORMATS, or where the file cannot be written.
    """
    ending = format_of(path)
    buffer = io.BytesIO()
    undated = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(ending)
    with style.style():
        figure.savefig(buffer, format=ending, metadata=undated)
    return write_whole(path, buffer.getvalue())


def format_of(path) -> str:
    """The format that a path's ending names; InputError for one that is not known."""
    ending = Path(path).suffix[1:].lower()
    if ending not in FORMATS:
        raise InputError(f"{str(path)!r}: a picture ends in {', '.join('.' + name for name in FORMATS)}")
    return ending
