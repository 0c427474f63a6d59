"""What an ensemble file holds, read without loading its data: also of a file that was not finished."""

from pathlib import Path

from fluxtube.sim.config import words
from fluxtube.sim.config.load import parse_stored
from fluxtube.sim.store.contents import read_contents
from fluxtube.sim.store.file_format import FORMAT


def summarise(path) -> dict:
    """Contents of an ensemble file.

    Parameters
    ----------
    path : path

    Returns
    -------
    dict
        Of plain numbers, strings and lists: file, bytes, format, format_version, complete, state (complete, part, unfinished),
        next (what to do with the file), part, realisations, planned (of the run or the part), configuration (a
        dictionary of sections), configuration_toml, configuration_hash, provenance, timings [s], datasets (name, shape,
        type, unit, meaning).

    Raises
    ------
    InputError
        No such file, none that fluxtube wrote, or damaged.
    """
    path = Path(path)
    contents = read_contents(path)
    header = contents.header
    return {
        "file": str(path),
        "bytes": path.stat().st_size,
        "format": FORMAT,
        "format_version": ".".join(map(str, header.version)),
        "complete": header.complete,
        "state": contents.state,
        "next": contents.next_step(path),
        "part": None if header.part is None else list(header.part),
        "realisations": header.realisations,
        "planned": contents.planned,
        "configuration": header.config.flat(),
        "configuration_toml": header.toml,
        "configuration_hash": contents.configuration_hash,
        "provenance": contents.provenance,
        "timings": contents.timings,
        "datasets": contents.datasets,
    }


def summary_text(summary: dict) -> str:
    """The same for a terminal."""
    config, provenance = parse_stored(summary["configuration_toml"], source=summary["file"]), summary["provenance"]
    transport, sampling = config.transport, config.sampling
    size = "" if sampling.flow_choice.size is None else f", {sampling.flow_choice.size_key} = {sampling.flow_choice.size}"
    rows = [
        ("file", f"{summary['file']} ({summary['bytes'] / 1e6:.1f} MB)"),
        ("format", f"{summary['format']} {summary['format_version']}"),
        ("complete", _completeness(summary)),
        *([("next", summary["next"])] if summary["next"] else []),
        ("realisations", f"{summary['realisations']:,} of {summary['planned']:,}"),
        ("estimator", sampling.estimator + _particles(sampling)),
        ("flow", f"{sampling.flow}{size}"),
        ("seed", config.ensemble.seed),
        None,
        ("turbulence", words.spectrum(config)),
        ("strength", words.strength(config)),
        ("band", words.band(config)),
        ("transport", words.transport(config)),
        ("free path", words.free_path(config)),
        ("spectral slope", f"{transport.spectral_slope:g} (dlnf/dlnp)"),
        ("speed", f"{transport.speed:.9g} km/s"),
        ("sky", f"l_max = {config.sky.l_max}, nside = {config.sky.nside}, {config.sky.frame} frame"),
        None,
        ("configuration hash", summary["configuration_hash"]),
        *((key.replace("_", " "), value) for key, value in provenance.items() if value != ""),
        None,
        *((f"time, {key.replace('_', ' ')}", _seconds(value)) for key, value in summary["timings"].items()),
    ]
    width = max(len(row[0]) for row in rows if row)
    lines = [f"{row[0]:<{width}}  {row[1]}" if row else "" for row in rows]
    return "\n".join([*lines, "", *_dataset_rows(summary["datasets"])])


def _completeness(summary: dict) -> str:
    if summary["state"] == "complete":
        return "yes"
    part = "" if summary["part"] is None else "part {} of {} of a run".format(*summary["part"])
    return f"{part}, finished" if summary["state"] == "part" else f"NO: {part or 'a run'} that was not finished"


def _dataset_rows(datasets: list[dict]) -> list[str]:
    rows = [("data set", "shape", "type", "meaning")]
    for item in datasets:
        unit = f" [{item['unit']}]" if item["unit"] not in ("", "1") else ""
        rows.append((item["name"], " x ".join(map(str, item["shape"])) or "one number", item["type"], item["meaning"] + unit))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip() for row in rows]


def _particles(sampling) -> str:
    return f", {sampling.particles:,} particles a realisation" if sampling.by_particles else ""


def _seconds(value) -> str:
    return f"{value:.3g} s" if isinstance(value, (int, float)) else str(value)
