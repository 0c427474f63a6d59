"""All figures of the paper as PDF and PNG, each with the CSV of its numbers."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fluxtube.analysis.figures.columns import correlation_table
from fluxtube.analysis.figures.correlation import correlation_figure
from fluxtube.analysis.figures.tables import write_csv
from fluxtube.analysis.figures.write import save_figures
from fluxtube.analysis.observations.pitch_angle import spectrum_of
from fluxtube.analysis.observations.reference import FIELD_DIRECTION
from fluxtube.analysis.paper import settings
from fluxtube.analysis.paper.correlation import theory_correlation_figure, theory_correlation_table
from fluxtube.analysis.paper.mean_square import mean_square_figure, mean_square_table, simulated_table
from fluxtube.analysis.paper.schematic import schematic_figure
from fluxtube.analysis.paper.spectra import spectra_figure, spectra_table
from fluxtube.analysis.validation.validate import open_ensemble, validate
from fluxtube.files import make_directory


def write_paper(
    directory,
    runs=(),
    skies=(),
    spectra=(),
    field_direction=FIELD_DIRECTION,
    chosen: settings.Settings | None = None,
    formats=("pdf", "png"),
) -> Iterator[Path]:
    """Draw Figs. 1, 2, 3 left and 3 right, and give each path once it is written.

    Parameters
    ----------
    directory : path
    runs : sequence of path or Ensemble
        One run of parallel and one of isotropic transport at most.
    skies : sequence of (label, alm) or (label, alm, dict)
        Observed skies, a[l, m] in equatorial coordinates: their C_l, or the spectrum given with them, go into Fig. 3 left,
        Eq. 17 into its right.
    spectra : sequence of (label, dict)
        Observed C_l, columns l, C_l and, where known, lower and upper (error sizes).
    field_direction : (float, float)
        Right ascension and declination of +B [deg].
    chosen : Settings, optional
        Of the theory; the paper's if not given, or those of the runs where they have others.
    formats : sequence of str
        Of the pictures.

    Raises
    ------
    InputError
        For runs that do not belong together, skies that cannot be drawn, or where nothing can be written; before any file is.
    """
    runs = settings.sort_runs([open_ensemble(run) for run in runs])
    shown = settings.settings_for(runs, chosen)
    turned = [(label, alm, field_direction) for label, alm, *_ in skies]
    table, simulated = mean_square_table(turned, shown), simulated_table(runs, shown)
    directory = make_directory(directory)
    head = f"Zhang & Liu (2025), {{}}; {shown.words()}"
    sources = [f"{name} simulation: {run.path}, {run.realisations} realisations" for name, run in runs.items()]

    if "parallel" in runs:
        validation = validate(runs["parallel"])
        figure, matrix = correlation_figure(runs["parallel"], validation), correlation_table(validation)
    else:
        matrix = theory_correlation_table(shown)
        figure = theory_correlation_figure(matrix, shown)
    yield from _save(directory / "figure1-correlation", figure, formats, matrix, [head.format("Fig. 1"), *sources])

    yield from _save(directory / "figure2-schematic", schematic_figure(), formats)

    observed = [*spectra, *((label, own[0] if own else _spectrum(alm)) for label, alm, *own in skies)]
    lines = spectra_table(runs, shown)
    comments = [head.format("Fig. 3 left"), *sources]
    figure = spectra_figure(lines, observed, shown)
    yield from _save(directory / "figure3-left-spectra", figure, formats, lines, comments)
    for number, (label, data) in enumerate(observed):
        yield write_csv(directory / f"figure3-left-observed-{number}.csv", data, [_line(label)])

    labels = [label for label, *_ in skies]
    names = [f"observed_{number}: {_line(label)}, Eq. 17" for number, label in enumerate(labels)]
    figure = mean_square_figure(table, simulated, labels, shown)
    comments = [head.format("Fig. 3 right, Eq. 16"), *sources, *names]
    yield from _save(directory / "figure3-right-mean-square", figure, formats, table, comments)
    if simulated:
        yield write_csv(directory / "figure3-right-simulated.csv", simulated, [head.format("Fig. 3 right"), *sources])


def _save(stem: Path, figure, formats, table=None, comments=()) -> Iterator[Path]:
    yield from save_figures(figure, stem, formats)
    if table is not None:
        yield write_csv(stem.with_name(f"{stem.name}.csv"), table, comments)


def _line(label: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in label)


def _spectrum(alm) -> dict:
    """l and C_l of a sky from l = 1 on, without degrees that are empty."""
    spectrum = np.nan_to_num(spectrum_of(alm))
    l = np.flatnonzero(spectrum > 0)
    l = l[l >= 1]
    return {"l": l, "C_l": spectrum[l]}
