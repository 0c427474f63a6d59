"""HDF5 files that are there as a whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from fluxtube.files import replace_file


@contextmanager
def whole_file(path: Path) -> Iterator[h5py.File]:
    """An HDF5 file that takes its name only once all of it is on the disk; what was there before stays until then.

    The file is made in memory and written in one go: HDF5 itself crashes where a disk fills up under it.

    Raises
    ------
    OSError
        The disk is full, or the folder is gone.
    """
    with h5py.File(f"in memory {id(path)}", "w", driver="core", backing_store=False) as file:
        yield file
        file.flush()
        image = file.id.get_file_image()
    replace_file(path, image)
