"""A forecast as text, JSON, table and figure."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.tables import write_csv
from fluxtube.analysis.figures.write import save_figures
from fluxtube.analysis.forecast.forecast import Forecast
from fluxtube.analysis.forecast.parameters import UNITS, value
from fluxtube.analysis.forecast.rivals import Rival
from fluxtube.files import make_directory

SHORT = {
    "displacement_perpendicular": "displacement", "convection_perpendicular": "convection", "field_east": "B east [deg]",
    "field_north": "B north [deg]", "sigma": "sigma [km/s]",
}  # fmt: skip
MOST_ROWS = 8  # of events in the text of a rival; the table has all
MARKERS = ("o", "s", "^", "D", "v", "x")


def _looks(items):
    """Pairs of an item and its look (colour, marker)."""
    markers = (MARKERS[n % len(MARKERS)] for n in range(len(items)))
    return zip(items, zip(style.sequence(len(items)), markers, strict=True), strict=True)


def _named(changes: dict[str, float]) -> str:
    return ", ".join(f"{name} = {new:.6g}" for name, new in changes.items())


def forecast_text(found: Forecast) -> str:
    """For a terminal."""
    truth = found.point
    shown = ", ".join(f"{name} = {value(truth, name):.6g}" for name in ("sigma", "gamma", *_WEIGHTS))
    lines = [f"truth: {shown}, B towards ({truth.field[0]:g}, {truth.field[1]:g}) deg", f"sky: {found.description}"]
    if found.skies:
        lines.append(f"together: {', '.join(found.skies)}; events are those of the first")
    heads = [SHORT.get(name, name) for name in found.names]
    lines += ["", "errors with the other parameters free", _row("events", "N_l", heads)]
    for k, number in enumerate(found.events):
        lines.append(
            _row(f"{number:.3g}", f"{found.noise_level[k]:.2e}", [f"{found.error(name)[k]:.3g}" for name in found.names])
        )
    for one in found.rivals:
        lines += ["", *_rival_lines(one, found)]
    return "\n".join([*lines, *(f"note: {note}" for note in found.notes)])


_WEIGHTS = ("displacement_perpendicular", "convection_perpendicular")


def _row(first: str, second: str, others: list[str]) -> str:
    return f"{first:>9}  {second:>9}" + "".join(f"  {other:>14}" for other in others)


def _rival_lines(one: Rival, found: Forecast) -> list[str]:
    lines = [f"against {_named(one.changes)}: expected ln of the likelihood ratio"]
    lines.append(_row("events", "", ["others free", "by Fisher", "others known"]))
    for k in range(0, one.events.size, 1 if one.events.size <= MOST_ROWS else 2):
        numbers = (one.expected[k], one.fisher[k], one.expected_known[k])
        lines.append(_row(f"{one.events[k]:.3g}", "", [f"{number:.4g}" for number in numbers]))
    odds = f"ln of the ratio = {found.level:g}"
    if np.isfinite(one.needed):
        lines.append(f"{odds} takes {one.needed:.2g} events ({_events(one.needed_fisher)} by Fisher)")
    else:
        lines.append(
            f"{odds} is not reached with any number of events: cosmic variance of one sky leaves {one.limit:.3g}; "
            "more degrees or more energies tell more"
        )
    return lines


def _events(number: float) -> str:
    return f"{number:.2g}" if np.isfinite(number) else "not known" if np.isnan(number) else "not reached"


def forecast_dict(found: Forecast) -> dict:
    """Plain numbers for JSON; what is not finite as None."""

    def plain(values) -> list:
        return [float(number) if np.isfinite(number) else None for number in np.asarray(values, dtype=float)]

    return {
        "truth": {name: value(found.point, name) for name in ("sigma", "gamma", *_WEIGHTS)} | {"field": list(found.point.field)},
        "sky": found.description,
        "skies": found.skies,
        "events": found.events.tolist(),
        "noise_level": found.noise_level.tolist(),
        "units": {name: UNITS.get(name, "1") for name in found.names},
        "errors": {name: plain(found.error(name)) for name in found.names},
        "errors_others_known": {name: plain(found.error(name, alone=True)) for name in found.names},
        "fisher": {"parameters": list(found.information[0].names), "matrix": [one.matrix.tolist() for one in found.information]},
        "against": [
            {
                "changes": one.changes,
                "expected_log_ratio": plain(one.expected),
                "expected_log_ratio_others_known": plain(one.expected_known),
                "expected_log_ratio_fisher": plain(one.fisher),
                "level": found.level,
                "events_needed": plain([one.needed])[0],
                "events_needed_fisher": plain([one.needed_fisher])[0],
                "limit": one.limit,
            }
            for one in found.rivals
        ],
        "notes": found.notes,
    }


def forecast_columns(found: Forecast) -> dict:
    """Columns of the table: events, N_l, errors of the parameters, expected ln ratios."""
    columns = {"events": found.events, "N_l": found.noise_level}
    for name in found.names:
        unit = f"_{UNITS[name].replace('/', '_per_')}" if name in UNITS else ""
        columns[f"error_{name}{unit}"] = np.where(np.isfinite(found.error(name)), found.error(name), np.nan)
        columns[f"error_{name}{unit}_others_known"] = np.where(
            np.isfinite(found.error(name, alone=True)), found.error(name, alone=True), np.nan
        )
    for one in found.rivals:
        label = "_".join(f"{name}={new:.6g}" for name, new in one.changes.items())
        columns[f"log_ratio_{label}"], columns[f"log_ratio_fisher_{label}"] = one.expected, one.fisher
        columns[f"log_ratio_others_known_{label}"] = one.expected_known
    return columns


def forecast_figure(found: Forecast):
    """Left the errors against events, solid with the others free and dashed with them known; right the ln ratios of rivals.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with style.style():
        figure = style.new_figure(style.DOUBLE_WIDTH, 4.8)
        left, right = figure.subplots(1, 2)
        for name, (colour, marker) in _looks(found.names):
            scale = 1.0 / found.point.sigma if name == "sigma" else np.pi / 180.0 if name.startswith("field_") else 1.0
            label = {"sigma": "sigma (relative)", "field_east": "B east [rad]", "field_north": "B north [rad]"}.get(name, name)
            look = {"color": colour, "marker": marker, "markersize": 3.5, "linewidth": 1.2}
            if np.isfinite(found.error(name)).any():
                left.loglog(found.events, scale * found.error(name), label=label, **look)
                left.loglog(found.events, scale * found.error(name, alone=True), "--", color=colour, linewidth=0.8)
        left.set_xlabel("events of the first energy" if found.skies else "events")
        left.set_ylabel("standard error")
        left.set_title("solid: other parameters free; dashed: known", fontsize=9)
        left.legend(fontsize=8)
        for one, (colour, marker) in _looks(found.rivals):
            right.loglog(
                found.events, one.expected, color=colour, marker=marker, markersize=3.5, linewidth=1.2,
                label=f"against {_named(one.changes)}",
            )  # fmt: skip
            right.loglog(found.events, one.fisher, ":", color=colour, linewidth=1)
        right.axhline(found.level, color=style.GREY, linewidth=0.8)
        right.set_xlabel(left.get_xlabel())
        right.set_ylabel("expected ln of the likelihood ratio")
        right.set_title(f"solid: Kullback-Leibler; dotted: Fisher; grey: {found.level:g}", fontsize=9)
        if found.rivals:
            right.legend(fontsize=8)
    return figure


def write_forecast(found: Forecast, directory, formats=("png",)) -> Iterator[Path]:
    """Write forecast.csv and the figure in each format into a directory, and give each path; earlier ones are replaced."""
    directory = make_directory(directory)
    head = [found.description, "errors of Fisher matrices; expected ln of likelihood ratios", *found.notes]
    yield write_csv(directory / "forecast.csv", forecast_columns(found), head)
    yield from save_figures(forecast_figure(found), directory / "forecast", formats)
