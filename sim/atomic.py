"""Files that are there as a whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py


@contextmanager
def whole_file(path: Path) -> Iterator[h5py.File]:
    """An HDF5 file that takes its name only once all of it is on the disk; what was there before stays until then.

    The library's own file locking is off: the file is this process's alone, and some network file systems have no locks.

    Raises
    ------
    OSError
        The disk is full, or the folder is gone.
    """
    temporary = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        with h5py.File(temporary, "w", locking=False) as file:
            yield file
        with open(temporary, "rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except RuntimeError as error:  # so h5py calls what it could not flush
        raise OSError(str(error)) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def remove_leftovers(path: Path) -> None:
    """Remove what killed runs on the same output left half-written; only under the output's lock."""
    for leftover in path.parent.glob(f".{path.name}*.partial-*"):
        leftover.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a new name last over a power cut, where the file system knows how."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
