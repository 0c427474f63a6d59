"""All figures of the paper as PDF and PNG, each with the CSV of its numbers."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fluxtube.analysis.figures.columns import correlation_table
from fluxtube.analysis.figures.correlation import correlation_figure
from fluxtube.analysis.figures.tables import write_csv
from fluxtube.analysis.figures.write import make_directory, save_figure
from fluxtube.analysis.observations.pitch_angle import spectrum_of
from fluxtube.analysis.observations.reference import FIELD_DIRECTION
from fluxtube.analysis.paper import settings
from fluxtube.analysis.paper.correlation import theory_correlation_figure, theory_correlation_table
from fluxtube.analysis.paper.mean_square import mean_square_figure, mean_square_table, simulated_table
from fluxtube.analysis.paper.schematic import schematic_figure
from fluxtube.analysis.paper.spectra import spectra_figure, spectra_table
from fluxtube.analysis.validation.validate import open_ensemble, validate

FORMATS = ("pdf", "png")
HEAD = "Zhang & Liu (2025), {}; gamma = 5/3, beta = 2/3, sigma = 23 km/s, dlnf/dlnp = -4.7, v = c"


def write_paper(directory, runs=(), skies=(), spectra=(), field_direction=FIELD_DIRECTION) -> Iterator[Path]:
    """Draw Figs. 1, 2, 3 left and 3 right, and give each path once it is written.

    Parameters
    ----------
    directory : path
    runs : sequence of path or Ensemble
        One run of parallel and one of isotropic transport at most, with the paper's parameters.
    skies : sequence of (label, alm)
        Observed skies, a[l, m] in equatorial coordinates: their C_l go into Fig. 3 left, Eq. 17 into its right.
    spectra : sequence of (label, dict)
        Observed C_l, columns l, C_l and, where known, lower and upper (error sizes).
    field_direction : (float, float)
        Right ascension and declination of +B [deg].

    Raises
    ------
    InputError
        For runs with other parameters, or where nothing can be written.
    """
    runs = settings.sort_runs([open_ensemble(run) for run in runs])
    directory = make_directory(directory)
    sources = [f"{name} simulation: {run.path}, {run.realisations} realisations" for name, run in runs.items()]

    if "parallel" in runs:
        validation = validate(runs["parallel"])
        figure, table = correlation_figure(runs["parallel"], validation), correlation_table(validation)
    else:
        table = theory_correlation_table()
        figure = theory_correlation_figure(table)
    yield from _save(directory / "figure1-correlation", figure, table, ["Fig. 1", *sources])

    yield from _save(directory / "figure2-schematic", schematic_figure())

    observed = [*spectra, *((label, _spectrum(alm)) for label, alm in skies)]
    table = spectra_table(runs)
    yield from _save(directory / "figure3-left-spectra", spectra_figure(table, observed), table, ["Fig. 3 left", *sources])
    for number, (label, data) in enumerate(observed):
        yield write_csv(directory / f"figure3-left-observed-{number}.csv", data, [label])

    turned = [(label, alm, field_direction) for label, alm in skies]
    table, simulated = mean_square_table(turned), simulated_table(runs)
    labels = [label for label, _ in skies]
    names = [f"observed_{number}: {label}, Eq. 17" for number, label in enumerate(labels)]
    figure = mean_square_figure(table, simulated, labels)
    yield from _save(directory / "figure3-right-mean-square", figure, table, ["Fig. 3 right, Eq. 16", *sources, *names])
    if simulated:
        yield write_csv(directory / "figure3-right-simulated.csv", simulated, [HEAD.format("Fig. 3 right"), *sources])


def _save(stem: Path, figure, table=None, comments=()) -> Iterator[Path]:
    for ending in FORMATS:
        yield save_figure(figure, stem.with_name(f"{stem.name}.{ending}"))
    if table is not None:
        yield write_csv(stem.with_name(f"{stem.name}.csv"), table, [HEAD.format(comments[0]), *comments[1:]])


def _spectrum(alm) -> dict:
    """l and C_l of a sky from l = 1 on, without degrees that are empty."""
    spectrum = spectrum_of(alm)
    l = np.flatnonzero(spectrum > 0)
    l = l[(l >= 1) & (l <= settings.L_MAX)]
    return {"l": l, "C_l": spectrum[l]}
