"""One run at a time on one output."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fluxtube.errors import InputError
from fluxtube.sim.run.log import LOG


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of an output; the system lets go of it where the process dies, however it dies.

    Raises
    ------
    InputError
        Another run holds it.
    """
    name = path.with_name(f".{path.name}.lock")
    try:
        descriptor = _acquire(name, path)
    except OSError as error:
        LOG.warning(f"no lock on {str(path)!r} ({error.strerror}): start one run at a time on it")
        yield
        return
    try:
        yield
    finally:
        name.unlink(missing_ok=True)
        os.close(descriptor)


def _acquire(name: Path, path: Path) -> int:
    while True:
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 200).decode(errors="replace").strip()
            os.close(descriptor)
            raise InputError(
                f"another run writes {str(path)!r} ({holder or 'just started'}); wait for it, or give another name"
            ) from None
        except OSError:
            os.close(descriptor)
            raise
        try:
            ours = os.path.samestat(os.fstat(descriptor), os.stat(name))
        except FileNotFoundError:
            ours = False
        if ours:  # and not one that its holder removed between our opening and locking it
            os.truncate(descriptor, 0)
            os.write(descriptor, f"process {os.getpid()} on {os.uname().nodename}".encode())
            return descriptor
        os.close(descriptor)
