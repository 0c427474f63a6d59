"""All figures of a run, written into a directory."""

from collections.abc import Iterator
from pathlib import Path

from fluxtube.analysis import style
from fluxtube.analysis.correlation_figure import correlation_figure
from fluxtube.analysis.sky_figure import sky_figure
from fluxtube.analysis.spectrum_figure import spectrum_figure
from fluxtube.analysis.validation import open_ensemble, validate
from fluxtube.errors import InputError


def write_figures(ensemble, directory, file_format: str = "png") -> Iterator[Path]:
    """Draw spectrum, correlation matrix and sky of a run, and give each path once it is written.

    Parameters
    ----------
    ensemble : path or fluxtube.sim.ensemble_file.Ensemble
    directory : path
        Made where it does not exist. Pictures of the same names are replaced.
    file_format : {"png", "pdf"}

    Raises
    ------
    InputError
        Where the directory cannot be made or written to.
    """
    ensemble = open_ensemble(ensemble)
    validation = validate(ensemble)
    directory = Path(directory)
    makers = {
        "spectrum": lambda: spectrum_figure(ensemble, validation),
        "correlation": lambda: correlation_figure(ensemble, validation),
        "sky": lambda: sky_figure(ensemble),
    }
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the directory {str(directory)!r}: {error.strerror}; choose another with -o") from None
    for name, make in makers.items():
        path = directory / f"{name}.{file_format}"
        figure = make()
        try:
            with style.style():
                figure.savefig(path, format=file_format)
        except OSError as error:
            raise InputError(f"cannot write {str(path)!r}: {error.strerror}; choose another directory with -o") from None
        yield path
