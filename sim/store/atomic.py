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

    The file is made in memory and written in one go: HDF5 itself crashes where a disk fills up under it.

    Raises
    ------
    OSError
        The disk is full, or the folder is gone.
    """
    with h5py.File(path.name, "w", driver="core", backing_store=False) as file:
        yield file
        file.flush()
        image = file.id.get_file_image()
    temporary = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        with open(temporary, "wb") as written:
            written.write(image)
            written.flush()
            os.fsync(written.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
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
