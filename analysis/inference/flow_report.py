"""A flow and its skies as text, as plain numbers, and as files."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fluxtube.analysis.figures.tables import write_csv
from fluxtube.analysis.figures.write import save_figures
from fluxtube.analysis.inference import figures
from fluxtube.analysis.inference.flow import Flow
from fluxtube.analysis.inference.modes import to_table
from fluxtube.analysis.inference.parameters import UNITS
from fluxtube.analysis.observations.alm_table import write_alm
from fluxtube.files import make_directory

KEPT = 5  # skies written


def to_dict(flow: Flow, posterior, warnings) -> dict:
    """Plain numbers."""
    columns = {name: getattr(flow, name).tolist() for name in ("s", "mean", "lower", "upper", "prior")}
    return {
        "model": posterior.model, "units": UNITS, "parameters": posterior.quantiles(), "flow_km_s": columns, "warnings": warnings
    }  # fmt: skip


def to_text(flow: Flow, posterior, warnings) -> str:
    """A table of eleven places."""
    lines = [f"{posterior.model} transport: u_par(s) - u_par(0) [km/s], s in mean free paths towards +B", ""]
    lines.append(f"  {'s':>6} {'mean':>9} {'16 %':>9} {'84 %':>9} {'without the sky':>16}")
    for i in np.unique(np.linspace(0, len(flow.s) - 1, 11).round().astype(int)):
        numbers = f"{flow.mean[i]:9.2f} {flow.lower[i]:9.2f} {flow.upper[i]:9.2f}"
        lines.append(f"  {flow.s[i]:6.2f} {numbers} {'+-':>9} {flow.prior[i]:6.2f}")
    return "\n".join([*lines, *(f"WARNING: {words}" for words in warnings)])


def write(flow: Flow, data, posterior, directory, formats=("png", "pdf")) -> Iterator[Path]:
    """Table and figure of the flow; skies that agree with the data as tables of multipoles, and as a figure."""
    directory = make_directory(directory)
    columns = {"s": flow.s, "mean": flow.mean, "lower": flow.lower, "upper": flow.upper, "prior": flow.prior}
    head = [f"{posterior.model} transport: u_par(s) - u_par(0) [km/s] given the sky, s in mean free paths towards +B; 68 %"]
    yield write_csv(directory / "flow.csv", columns, head)
    yield from save_figures(figures.flow_figure(flow, posterior.model), directory / "flow", formats)
    comments = ["SIMULATED: a sky that agrees with observed multipoles; lost orders are filled in; l = 2 on",
                f"{posterior.model} transport; equatorial coordinates, arrival directions, relative intensity"]  # fmt: skip
    for number, sky in enumerate(flow.skies[:KEPT]):
        path = directory / f"sky-{number}.csv"
        table = to_table(sky, data.l_top)
        table[:2] = np.nan
        write_alm(path, table, comments)
        yield path
    field = posterior.best.field
    skies = {"mean given the data": flow.sky_mean, "a sky that agrees with the data": flow.skies[0]}
    yield from save_figures(figures.skies_figure(skies, data.l_top, field), directory / "skies", formats)
