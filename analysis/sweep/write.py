"""Tables and figure of a sweep."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fluxtube.analysis.figures.describe import physics
from fluxtube.analysis.figures.tables import write_csv
from fluxtube.analysis.figures.write import save_figures
from fluxtube.analysis.sweep.derivatives import Sweep
from fluxtube.analysis.sweep.figure import sweep_figure


def spectra_columns(sweep: Sweep) -> dict:
    """One row for each point and degree: parameters, l, C_l, its error, theory, realisations."""
    grid, count = sweep.grid, sweep.l.size
    columns = {
        parameter.column: np.repeat([grid.value(number, along) for number in range(len(grid.points))], count)
        for along, parameter in enumerate(grid.parameters)
    }
    columns["l"] = np.tile(sweep.l, len(grid.points))
    for column, attribute in (("C_l", "C_l"), ("C_l_error", "error"), ("C_l_theory", "theory")):
        columns[column] = np.concatenate([getattr(spectrum, attribute) for spectrum in sweep.spectra])
    columns["realisations"] = np.repeat(sweep.realisations, count)
    return columns | {"file": np.repeat([point.file for point in grid.points], count)}


FIELDS = (
    ("dlnC_l", "log"), ("dlnC_l_error", "log_error"), ("dlnC_l_error_unpaired", "log_error_unpaired"),
    ("dlnC_l_theory", "log_theory"), ("dC_l", "linear"), ("dC_l_error", "linear_error"),
    ("dC_l_error_unpaired", "linear_error_unpaired"), ("dC_l_theory", "linear_theory"), ("correlation", "correlation"),
)  # fmt: skip


def derivative_columns(sweep: Sweep) -> dict:
    """One row for each pair of neighbours and degree: the parameter, its two values, the others, l, derivatives and errors."""
    grid, found, count = sweep.grid, sweep.derivatives, sweep.l.size
    columns = {"parameter": np.repeat([grid.parameters[one.along].key for one in found], count)}
    for name, end in (("from", 0), ("to", 1)):
        columns[name] = np.repeat([grid.value(one.pair[end], one.along) for one in found], count)
    for along, parameter in enumerate(grid.parameters):
        columns[f"at_{parameter.column}"] = np.repeat(
            [np.nan if one.along == along else grid.value(one.pair[0], along) for one in found], count
        )
    columns["l"] = np.tile(sweep.l, len(found))
    return columns | {name: np.concatenate([getattr(one, attribute) for one in found]) for name, attribute in FIELDS}


def write_sweep(sweep: Sweep, directory: Path, degrees: tuple[int, ...], formats=("png",)) -> Iterator[Path]:
    """Write spectra.csv, derivatives.csv and the figure, and give each path; earlier ones are replaced.

    Raises
    ------
    InputError
        They cannot be written.
    """
    units = ", ".join(f"{one.key} [{one.unit or '1'}]" for one in sweep.grid.parameters)
    head = [f"grid over {units}; the first point: {physics(sweep.grid.points[0].config)}"]
    derivative = "secants between neighbours; errors of paired realisations, and of independent runs (unpaired)"
    yield write_csv(directory / "spectra.csv", spectra_columns(sweep), [*head, "C_l of Delta f/f [1]"])
    yield write_csv(directory / "derivatives.csv", derivative_columns(sweep), [*head, derivative])
    yield from save_figures(sweep_figure(sweep, degrees), directory / "sweep", formats)


def sweep_dict(sweep: Sweep) -> dict:
    """All of it as plain numbers for JSON; NaN as None."""
    grid = sweep.grid
    return {
        "parameters": [{"key": one.key, "unit": one.unit, "values": list(one.values)} for one in grid.parameters],
        "l": sweep.l.tolist(),
        "points": [
            {
                "file": point.file,
                "values": {one.key: grid.value(number, along) for along, one in enumerate(grid.parameters)},
                "realisations": sweep.realisations[number],
                "C_l": _plain(spectrum.C_l),
                "C_l_error": _plain(spectrum.error),
                "C_l_theory": _plain(spectrum.theory),
            }
            for number, (point, spectrum) in enumerate(zip(grid.points, sweep.spectra, strict=True))
        ],
        "derivatives": [
            {
                "parameter": grid.parameters[one.along].key,
                "from": grid.value(one.pair[0], one.along),
                "to": grid.value(one.pair[1], one.along),
                "files": [grid.points[number].file for number in one.pair],
                **{name: _plain(getattr(one, attribute)) for name, attribute in FIELDS},
            }
            for one in sweep.derivatives
        ],
    }


def _plain(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def sweep_text(sweep: Sweep, degrees: tuple[int, ...]) -> str:
    """Derivatives at some degrees for a terminal."""
    grid = sweep.grid
    lines = [f"{'l':>4}  {'d ln C_l':>12}  {'error':>10}  {'unpaired':>10}  {'theory':>12}  {'correlation':>11}"]
    for one in sweep.derivatives:
        parameter = grid.parameters[one.along]
        ends = " to ".join(f"{grid.value(number, one.along):.6g}" for number in one.pair)
        others = [
            f"{other.key} = {grid.value(one.pair[0], along):.6g}{f' {other.unit}' if other.unit else ''}"
            for along, other in enumerate(grid.parameters)
            if along != one.along
        ]
        lines.append(f"by {parameter.key}, {ends} {parameter.unit}".rstrip() + (f" at {', '.join(others)}" if others else ""))
        for degree in degrees:
            n = degree - int(sweep.l[0])
            numbers = (one.log[n], one.log_error[n], one.log_error_unpaired[n], one.log_theory[n], one.correlation[n])
            lines.append("{:4d}  {:+12.5g}  {:10.2g}  {:10.2g}  {:+12.5g}  {:11.4f}".format(degree, *numbers))
    return "\n".join(lines)
