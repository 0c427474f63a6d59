"""Whether what a command is to write can be written, seen before its work and before anything is printed."""

import argparse
import os
from fnmatch import fnmatchcase
from pathlib import Path

from fluxtube.errors import InputError
from fluxtube.files import HDF5, LONGEST_NAME, MARK, SIGNATURES, refuse_inputs, require_replaceable, target_of

OPTIONS = ("script", "figures", "output")  # whose values name what is written; of two, the job of a script writes the other
CHECK_THEMSELVES = ("run", "sweep", "init", "merge")  # on one rank alone, or with --force and --resume
PICTURES = (".png", ".pdf", ".svg")
ENDINGS = {".png": "a PNG", ".pdf": "a PDF", ".svg": "an SVG", ".gif": "a GIF", ".html": "an HTML", ".fits": "a FITS"}
HEADS = {ending: next(head for head, kind in SIGNATURES.items() if kind == named) for ending, named in ENDINGS.items()}

MARKED = dict.fromkeys((".csv", ".html"), MARK.encode())


def add_names(parser: argparse.ArgumentParser, names: str) -> None:
    """Declare what a command writes into its directory: patterns as of a shell; an ending ".*" is any format of a picture."""
    parser.set_defaults(writes=tuple(names.split()))


def check_outputs(args: argparse.Namespace) -> None:
    """Raise InputError where the output that the arguments name cannot be written.

    That is a name of a directory, a device, a pipe, of an input, of a file of another kind, or in a folder that is not there
    or lets nothing be written; with `add_names` the same of every file in the directory.
    """
    if args.command in CHECK_THEMSELVES:
        return
    given = (value for name in OPTIONS if (value := getattr(args, name, None)) is not None)
    path = next(given, None)
    if path is None:
        return
    if hasattr(args, "writes"):
        check_directory(Path(path), args.writes)
    else:
        _check_file(Path(path))


def _check_file(path: Path) -> None:
    from fluxtube.sim.store.place import check_writable

    target = target_of(path)
    refuse_inputs(path)
    ending = path.suffix.lower()
    if ending in HEADS or ending in MARKED:
        require_replaceable(path, HEADS.get(ending, b""), mark=MARKED.get(ending, b""))
    _require_short(target.name)
    check_writable(target)


def check_directory(directory: Path, names: tuple[str, ...]) -> None:
    """Raise InputError where the directory cannot be made or written to, or something else has one of these names in it."""
    from fluxtube.sim.store.place import check_writable

    there = next(folder for folder in (directory, *directory.parents) if os.path.lexists(folder))
    if not there.is_dir():
        raise InputError(f"cannot make the directory {str(directory)!r}: {str(there)!r} is none; choose another with -o")
    for part in directory.relative_to(there).parts:
        _require_short(part)
    check_writable(there / "x")
    for entry in map(Path, os.scandir(directory) if there == directory else ()):
        if is_named(entry.name, names):
            if entry.name in names:  # of a pattern, it may be one that is not written this time
                refuse_inputs(entry)
            head = HDF5 if entry.suffix == ".nc" else HEADS.get(entry.suffix, b"")
            require_replaceable(entry, head, mark=MARKED.get(entry.suffix, b""))


def is_named(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a file is one of those that `add_names` declared."""
    picture = Path(name).suffix in PICTURES
    return any(fnmatchcase(name, pattern) and (picture or not pattern.endswith(".*")) for pattern in patterns)


def _require_short(name: str) -> None:
    surplus = len(os.fsencode(name)) - LONGEST_NAME
    if surplus > 0:
        raise InputError(f"the name {name[:60]!r}... is {surplus} bytes too long; give a shorter one")
