"""One run at a time on one output."""

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fluxtube.errors import InputError
from fluxtube.files import beside, target_of
from fluxtube.sim.run.log import LOG
from fluxtube.sim.store.place import check_writable


@contextmanager
def locked(path: Path, patience: float = 0.0) -> Iterator[bool]:
    """Hold the lock of an output, whatever link it is named by; the system lets go of it where the process dies.

    Parameters
    ----------
    path : Path
    patience : float
        How long to wait for another that holds it [s].

    Yields
    ------
    bool
        Whether there is a lock: some file systems have none, which is a warning.

    Raises
    ------
    InputError
        Another run holds it, of whatever user, what has the lock's name is none, or the folder cannot be written.
    """
    name = beside(target_of(path), "lock")
    try:
        descriptor = _acquire(name, path, time.monotonic() + patience)
    except OSError as error:
        check_writable(target_of(path))
        LOG.warning(f"no lock on {str(path)!r} ({error.strerror}): start one run at a time on it")
        yield False
        return
    try:
        yield True
    finally:
        with contextlib.suppress(OSError):  # of another user, in a folder that lets nobody else remove it
            name.unlink(missing_ok=True)
        os.close(descriptor)


def _acquire(name: Path, path: Path, until: float) -> int:
    while True:
        descriptor = _open(name)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 200).decode(errors="replace").strip()
            os.close(descriptor)
            if time.monotonic() < until:
                time.sleep(0.2)
                continue
            readable = "".join(letter for letter in holder if letter.isprintable())
            raise InputError(
                f"another run writes {str(path)!r} ({readable or 'just started'}); wait for it, or give another name"
            ) from None
        except OSError:
            os.close(descriptor)
            raise
        try:
            ours = os.path.samestat(os.fstat(descriptor), os.lstat(name))
        except FileNotFoundError:
            ours = False
        if ours:  # and not one that its holder removed between our opening and locking it
            with contextlib.suppress(OSError):  # another user's, which we may only read
                os.truncate(descriptor, 0)
                os.write(descriptor, f"process {os.getpid()} on {os.uname().nodename}".encode())
            return descriptor
        os.close(descriptor)


def _open(name: Path) -> int:
    """Open the lock's file, made where it is not there; never through a link, and to read where it is another user's."""
    guarded = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        try:
            descriptor = os.open(name, os.O_RDWR | os.O_CREAT | guarded, 0o644)
        except PermissionError:
            if not os.path.lexists(name):
                raise
            descriptor = os.open(name, os.O_RDONLY | guarded)  # a lock does not need more
    except PermissionError:
        if not os.path.lexists(name):
            raise
        raise InputError(f"{str(name)!r} cannot be opened; if no run of its owner is at work, remove it") from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
            raise InputError(f"{str(name)!r} is not a file that fluxtube made; remove it") from None
        raise
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:  # a second name: of a file that is not ours to write into
        os.close(descriptor)
        raise InputError(f"{str(name)!r} is not a file that fluxtube made; remove it")
    with contextlib.suppress(OSError):
        os.fchmod(descriptor, 0o644)  # whatever the umask is: others must be able to see that it is held
    return descriptor
