"""The directory of a sweep: `sweep.json` says what it holds, so that nothing else is mistaken for one."""

import json
import os
from pathlib import Path

from fluxtube.errors import InputError
from fluxtube.files import beside, write_whole
from fluxtube.sim.config.differences import LENGTH_KEYS, differences
from fluxtube.sim.config.grid import Grid
from fluxtube.sim.config.load import parse_stored

FORMAT, VERSION = "fluxtube-sweep", 1
NAME = "sweep.json"
HEAD = b'{\n "format": "fluxtube-sweep"'


def prepare(directory: Path, grid: Grid, resume: bool) -> None:
    """Make the directory and write down what it will hold, or see that it holds this very sweep.

    Raises
    ------
    InputError
        It holds something else, or a sweep that is not to be continued.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        unfinished = beside(directory / NAME, "partial-").name  # of a sweep that was killed as it began
        empty = all(entry.name.startswith(unfinished) for entry in os.scandir(directory))
    except OSError as error:
        raise InputError(f"cannot make the directory {str(directory)!r}: {error.strerror}; choose another with -o") from None
    manifest = directory / NAME
    if not empty:
        if not manifest.exists():
            raise InputError(f"{str(directory)!r} holds something else than a sweep; give an empty directory or a new one")
        if not resume:
            raise InputError(f"{str(directory)!r} holds a sweep already; --resume continues it, or give another directory")
        _require_the_same(manifest, grid)
    write_whole(manifest, _text(grid), like=HEAD)


def _text(grid: Grid) -> str:
    return json.dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            "parameters": [{"key": one.key, "unit": one.unit, "values": list(one.values)} for one in grid.parameters],
            "points": [{"file": point.file, "configuration_hash": point.config.hash} for point in grid.points],
            "first_configuration": grid.points[0].config.to_toml(),
        },
        indent=1,
    )


def _require_the_same(manifest: Path, grid: Grid) -> None:
    """InputError where the manifest is of another sweep; more values of the same parameters are the same sweep."""
    try:
        there = json.loads(manifest.read_text(encoding="utf-8"))
        keys = [one["key"] for one in there["parameters"]]
        first = there["first_configuration"]
        known = there["format"] == FORMAT and there["version"] == VERSION
    except (OSError, ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise InputError(f"{str(manifest)!r} is not of a sweep that this fluxtube can read; give another directory")
    swept = [parameter.key for parameter in grid.parameters]
    if keys != swept:
        raise InputError(
            f"{str(manifest)!r} is of a sweep over {', '.join(keys)}, not {', '.join(swept)}; give another directory"
        )
    reasons = differences(parse_stored(first, str(manifest)), grid.points[0].config, but=LENGTH_KEYS | set(swept))
    if reasons:
        raise InputError(f"{str(manifest)!r} is of another sweep: {'; '.join(reasons)}; give another directory")
