"""Whether an output can be written where it is asked for, seen before any work."""

import os
import secrets
from pathlib import Path

from fluxtube.errors import InputError
from fluxtube.files import LONGEST_NAME, beside, is_hdf5, target_of

CHECKPOINT = ".checkpoint"


def output_place(path: Path) -> Path:
    """The file that an output's name stands for, which may be that of a link; its folder is there and its name short enough.

    Raises
    ------
    InputError
        There is no such folder, the name is too long for its checkpoint, or it is that of no regular file.
    """
    target = target_of(path)
    if not target.parent.is_dir():
        raise InputError(f"there is no directory {str(target.parent)!r} for {path.name!r}; make it first")
    surplus = len(os.fsencode(target.name + CHECKPOINT)) - LONGEST_NAME
    if surplus > 0:
        raise InputError(f"the name {path.name!r} is too long for a checkpoint beside it; make it {surplus} characters shorter")
    return target


def require_ensemble(target: Path) -> None:
    """Raise InputError where something else than an ensemble would be replaced, whatever was said about replacing."""
    if target.exists() and target.stat().st_size and (target.suffix == ".toml" or not is_hdf5(target)):
        what = "a configuration" if target.suffix == ".toml" else "no ensemble"
        raise InputError(f"{str(target)!r} exists already and is {what}; give another name, or delete it first")


def check_writable(target: Path) -> None:
    """Try to make a file in an output's folder, under a name of its own.

    Raises
    ------
    InputError
        That is not possible.
    """
    probe = beside(target, f"partial-{secrets.token_hex(8)}")
    try:
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        probe.unlink()
    except OSError as error:
        raise InputError(f"cannot write in {str(target.parent)!r}: {error.strerror}") from None
