"""What an ensemble file holds, read without loading its data: also of a file that was not finished."""

from pathlib import Path

import h5py
import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.config import words
from fluxtube.sim.config.load import parse_stored
from fluxtube.sim.store.reader import read_ensemble


def summarise(path) -> dict:
    """Contents of an ensemble file.

    Parameters
    ----------
    path : path

    Returns
    -------
    dict
        Of plain numbers, strings and lists: file, bytes, format, format_version, complete, realisations, configuration (a
        dictionary of sections), configuration_toml, configuration_hash, provenance, timings [s], datasets (name, shape,
        type, unit, meaning).

    Raises
    ------
    InputError
        No such file, or none that fluxtube wrote.
    """
    path = Path(path)
    if not _unfinished(path):
        read_ensemble(path)  # says what is wrong with any other file
    with h5py.File(path, "r") as file:
        toml = _plain(file.attrs.get("configuration", ""))
        datasets: list[dict] = []
        file.visititems(lambda name, item: datasets.append(_dataset(name, item)) if isinstance(item, h5py.Dataset) else None)
        return {
            "file": str(path),
            "bytes": path.stat().st_size,
            "format": _plain(file.attrs["format"]),
            "format_version": ".".join(str(int(part)) for part in file.attrs["format_version"]),
            "complete": bool(file.attrs.get("complete", False)),
            "realisations": int(file.attrs.get("realisations", 0)),
            "configuration": parse_stored(toml, source=str(path)).flat() if toml else {},
            "configuration_toml": toml,
            "configuration_hash": _plain(file.attrs.get("configuration_hash", "")),
            "provenance": _attributes(file, "provenance"),
            "timings": _attributes(file, "timings"),
            "datasets": datasets,
        }


def _unfinished(path: Path) -> bool:
    """Whether it is one of our files without the commit marker."""
    try:
        with h5py.File(path, "r") as file:
            return str(file.attrs.get("format", "")).startswith("fluxtube") and not file.attrs.get("complete", False)
    except OSError:
        return False


def _dataset(name: str, item: h5py.Dataset) -> dict:
    return {
        "name": name,
        "shape": list(item.shape),
        "type": str(item.dtype),
        "unit": _plain(item.attrs.get("unit", "")),
        "meaning": _plain(item.attrs.get("meaning", "")),
    }


def _attributes(file: h5py.File, group: str) -> dict:
    return {key: _plain(value) for key, value in file[group].attrs.items()} if group in file else {}


def _plain(value):
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value


def summary_text(summary: dict) -> str:
    """The same for a terminal."""
    if not summary["configuration"]:
        raise InputError(f"{summary['file']!r} was not finished and holds no configuration; run it again")
    config, provenance = parse_stored(summary["configuration_toml"], source=summary["file"]), summary["provenance"]
    transport, sampling = config.transport, config.sampling
    size = "" if sampling.flow_choice.size is None else f", {sampling.flow_choice.size_key} = {sampling.flow_choice.size}"
    rows = [
        ("file", f"{summary['file']} ({summary['bytes'] / 1e6:.1f} MB)"),
        ("format", f"{summary['format']} {summary['format_version']}"),
        ("complete", "yes" if summary["complete"] else "NO: the run was not finished; run it again"),
        ("realisations", f"{summary['realisations']:,} of {config.ensemble.realisations:,}"),
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


def _dataset_rows(datasets: list[dict]) -> list[str]:
    rows = [("data set", "shape", "type", "meaning")]
    for item in datasets:
        unit = f" [{item['unit']}]" if item["unit"] not in ("", "1") else ""
        rows.append((item["name"], " x ".join(map(str, item["shape"])) or "one number", item["type"], item["meaning"] + unit))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip() for row in rows]


def _particles(sampling) -> str:
    return f", {sampling.particles:,} particles a realisation" if sampling.estimator == "particles" else ""


def _seconds(value) -> str:
    return f"{value:.3g} s" if isinstance(value, (int, float)) else str(value)
