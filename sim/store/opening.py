"""Opening an ensemble file that anybody may have made: it is read, and nothing else happens.

HDF5 lets a file name other files to read from, claim more data than it holds, and hold objects that contain themselves.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from fluxtube.errors import InputError
from fluxtube.memory_present import memory_present
from fluxtube.sim.store.place import CHECKPOINT

MOST_OBJECTS = 1000
DEEPEST = 8
NUMBERS = "fiub"  # kinds of numpy's types
COMPRESSION = 1100  # what deflate can make of zeros, at most
SURE_TO_FIT = 2**22  # bytes, for which the memory that there is need not be asked: the question takes a millisecond
# What HDF5, h5py and numpy raise over a file that is not what it should be.
DAMAGE = (
    OSError, RuntimeError, KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError,
    MemoryError,
)  # fmt: skip


@contextmanager
def opened(path: str | Path) -> Iterator[h5py.File]:
    """An HDF5 file to read, without a lock, and with nothing in it that leads out of it.

    Raises
    ------
    InputError
        No such file, no HDF5 file, or damaged, here or inside the context.
    """
    path = Path(path)
    _require_regular(path)
    try:
        with _for_reading(path) as file:
            _require_contained(file, path)
            yield file
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r}: {_reason(error)}") from None
    except DAMAGE as error:
        raise InputError(f"{str(path)!r} is damaged: {_reason(error)}") from None


def _for_reading(path: Path) -> h5py.File:
    """Without a lock, unless this process has the file open with one: HDF5 wants the same of both."""
    try:
        return h5py.File(path, "r", locking=False)
    except OSError as error:
        if "locking" not in str(error):
            raise
        return h5py.File(path, "r")


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError):
        return error.strerror or "not an HDF5 file, or damaged"
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _require_regular(path: Path) -> None:
    """A pipe would be waited for, a device read without end."""
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        checkpoint = Path(f"{path}{CHECKPOINT}")
        hint = f"; its run was interrupted: fluxtube run CONFIG -o {str(path)!r} --resume" if checkpoint.exists() else ""
        raise InputError(f"no file {str(path)!r}{hint}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {str(path)!r}: {getattr(error, 'strerror', None) or error}") from None
    if stat.S_ISDIR(mode):
        raise InputError(f"cannot read {str(path)!r}: it is a directory")
    if not stat.S_ISREG(mode):
        raise InputError(f"cannot read {str(path)!r}: it is not a regular file")


def _require_contained(file: h5py.File, path: Path) -> None:
    """Raise InputError for links and data that lead elsewhere, and for more objects than any ensemble has."""
    waiting, seen = [(file["/"], 0)], 0
    while waiting:
        group, depth = waiting.pop()
        for name in group:
            seen += 1
            where = f"{str(path)!r}: {group.name.rstrip('/')}/{name}"
            if seen > MOST_OBJECTS or depth > DEEPEST:
                raise InputError(f"{where}: more objects than an ensemble has")
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise InputError(f"{where} is a link, which fluxtube does not follow")
            item = group[name]
            if isinstance(item, h5py.Group):
                waiting.append((item, depth + 1))
            elif isinstance(item, h5py.Dataset) and (item.external or item.is_virtual):
                raise InputError(f"{where} lies in other files, which fluxtube does not read")


def read_array(file: h5py.File, name: str, shape: tuple[int, ...] | None = None):
    """The numbers of a data set; see `require_numbers`."""
    return require_numbers(file, name, shape)[()]


def require_numbers(file: h5py.File, name: str, shape: tuple[int, ...] | None = None) -> h5py.Dataset:
    """A data set of numbers that has the shape and holds what it claims, not read yet.

    Parameters
    ----------
    shape : tuple of int or None
        None where the file alone knows.

    Raises
    ------
    KeyError, ValueError
        It is not there, or not as it should be.
    """
    dataset = file[name]
    if not isinstance(dataset, h5py.Dataset) or dataset.shape is None:
        raise ValueError(f"{name} is not a data set")
    if dataset.dtype.kind not in NUMBERS or dataset.dtype.itemsize > 8:
        raise ValueError(f"{name} holds {dataset.dtype}, not numbers")
    if shape is not None and dataset.shape != shape:
        raise ValueError(f"{name} has the shape {dataset.shape}, not {shape} as its configuration says")
    require_room(dataset, name)
    return dataset


def require_room(dataset: h5py.Dataset, name: str) -> None:
    """Raise ValueError for a data set that holds less than it claims, or more than half of the memory."""
    held = dataset.id.get_storage_size() * (COMPRESSION if dataset.compression else 1)
    if dataset.nbytes > max(held, 64):
        raise ValueError(f"{name} claims {dataset.nbytes} bytes and holds {dataset.id.get_storage_size()}")
    if dataset.nbytes > SURE_TO_FIT and dataset.nbytes > memory_present() / 2:
        raise ValueError(f"{name} takes {dataset.nbytes / 2**30:.1f} GiB, more than half of this machine's memory")
