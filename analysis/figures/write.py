"""All figures of a run, each with the CSV of its numbers, written into a directory."""

import io
from collections.abc import Iterator
from pathlib import Path

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.columns import correlation_table, sky_table, spectrum_table
from fluxtube.analysis.figures.correlation import correlation_figure
from fluxtube.analysis.figures.describe import headline
from fluxtube.analysis.figures.energies import energies_figure, energies_table
from fluxtube.analysis.figures.sky import sky_figure
from fluxtube.analysis.figures.spectrum import spectrum_figure
from fluxtube.analysis.figures.tables import write_csv
from fluxtube.analysis.validation.validate import open_ensemble, validate
from fluxtube.errors import InputError
from fluxtube.files import write_whole


def write_figures(ensemble, directory, file_format: str = "png", validation=None) -> Iterator[Path]:
    """Draw spectrum, correlation matrix, sky and energies of a run, and give each path once it is written: picture, then table.

    Parameters
    ----------
    ensemble : path or fluxtube.sim.store.reader.Ensemble
    directory : path
        Made where it does not exist. Pictures of the same names are replaced.
    file_format : {"png", "pdf"}
    validation : Validation, optional
        Made here if not given.

    Raises
    ------
    InputError
        Where the directory cannot be made or written to.
    """
    ensemble = open_ensemble(ensemble)
    validation = validate(ensemble) if validation is None else validation
    makers = {
        "spectrum": (lambda: spectrum_figure(ensemble, validation), lambda: spectrum_table(validation)),
        "correlation": (lambda: correlation_figure(ensemble, validation), lambda: correlation_table(validation)),
        "sky": (lambda: sky_figure(ensemble), lambda: sky_table(ensemble)),
    }
    if ensemble.momenta is not None:
        makers["energies"] = (lambda: energies_figure(ensemble), lambda: energies_table(ensemble))
    directory = make_directory(directory)
    for name, (figure, table) in makers.items():
        yield save_figure(figure(), directory / f"{name}.{file_format}")
        yield write_csv(directory / f"{name}.csv", table(), [headline(ensemble)])


def make_directory(directory) -> Path:
    """The directory, made where it does not exist; InputError where that cannot be."""
    directory = Path(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the directory {str(directory)!r}: {error.strerror}; choose another with -o") from None
    return directory


def save_figure(figure, path) -> Path:
    """Write a figure as its path's ending says; InputError where that cannot be."""
    buffer = io.BytesIO()
    with style.style():
        figure.savefig(buffer, format=Path(path).suffix[1:])
    return write_whole(path, buffer.getvalue())
