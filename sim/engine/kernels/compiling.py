"""Compilation of kernels, with a cache of machine code that belongs to this user alone and to these kernels alone.

numba's own cache is keyed by the file of a function only, so that an edited helper in another file would leave old machine
code in use; here the folder is named by the hash of all kernel sources. A cached file is code that will be run: the folder
must be the user's own, closed to everybody else, and so must be every folder on the way to it.
"""

import contextlib
import functools
import hashlib
import logging
import os
import stat
import tempfile
from pathlib import Path

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, UserProvidedCacheLocator

from fluxtube.errors import InputError

LOG = logging.getLogger("fluxtube")


def njit(**options):
    """`numba.njit`, with `cache=True` meaning the folder of `cache_folder`.

    Nothing of numba is changed for others: what a user compiles with cache=True goes where numba puts it.

    Raises
    ------
    InputError
        numba is told not to compile.
    """
    if numba.config.DISABLE_JIT:
        raise InputError("the environment variable NUMBA_DISABLE_JIT is set, and fluxtube needs compiled code; unset it")
    cached = options.pop("cache", False)

    def decorate(function):
        dispatcher = numba.njit(**options)(function)
        if cached and cache_folder() is not None:
            dispatcher._cache = KernelCache(function)
        return dispatcher

    return decorate


class _Locator(UserProvidedCacheLocator):
    """Where the machine code of a kernel is."""

    def __init__(self, function, file: str):
        self._py_file, self._lineno = file, function.__code__.co_firstlineno
        self._cache_path = str(cache_folder())

    def get_cache_path(self) -> str:
        """The folder of all kernels; numba names files by module, function and line."""
        return self._cache_path

    @classmethod
    def from_function(cls, function, file: str) -> "_Locator":
        """For every function."""
        return cls(function, file)

    def ensure_cache_path(self) -> None:
        """It is there already."""


class _Implementation(CompileResultCacheImpl):
    _locator_classes = [_Locator]  # noqa: RUF012


class KernelCache(FunctionCache):
    """A cache without which everything works too: damaged files are compiled anew, and a full disk is no obstacle."""

    _impl_class = _Implementation

    def load_overload(self, signature, context):
        """Machine code from the cache, or None."""
        try:
            return super().load_overload(signature, context)
        except Exception:  # unpickling damaged bytes can raise anything
            with contextlib.suppress(OSError):
                os.unlink(self._cache_file._index_path)
            return None

    def save_overload(self, signature, data) -> None:
        """Put machine code into the cache, if that is possible."""
        try:
            super().save_overload(signature, data)
        except OSError as error:
            _say_once(f"compiled code is not kept in {self.cache_path!r}: {error.strerror or error}")
        except Exception:  # a damaged index: the next process finds none
            with contextlib.suppress(OSError):
                os.unlink(self._cache_file._index_path)


@functools.cache
def _say_once(message: str) -> None:
    LOG.warning(message)


@functools.cache
def cache_folder() -> Path | None:
    """The user's own folder for these kernels, made where it is not there; None where there is no safe place for one."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    name = f"kernels-{digest.hexdigest()[:16]}"
    for base in _bases():
        folder = private_folder(base, name)
        if folder is not None:
            return folder
    _say_once("no folder for compiled code is yours alone: each start compiles again; set NUMBA_CACHE_DIR to one with mode 0700")
    return None


def _bases() -> list[Path]:
    """Folders to put it in, best first."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return [Path(os.environ["NUMBA_CACHE_DIR"]).absolute() / "fluxtube"]
    node = [Path(tempfile.gettempdir()) / f"fluxtube-{os.getuid()}"]
    try:
        home = [Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "fluxtube"]
    except RuntimeError:  # no HOME, and no entry in the list of users
        home = []
    # In a batch job the home is a shared file system, and the temporary folder the node's own.
    return node + home if "SLURM_JOB_ID" in os.environ else home + node


def private_folder(base: Path, name: str) -> Path | None:
    """The folder `base`/`name`, made with mode 0700, or None where somebody else could put files into it.

    Both must be real folders of this user, and no folder above may let others exchange them. Where one of the two was open
    to others until now, it is closed, and what is in it is not trusted but removed. Links above are followed once, and the
    folder is given without them: whoever may turn one elsewhere later turns nothing that is used.
    """
    try:
        base.parent.mkdir(parents=True, exist_ok=True)
        above = base.parent.resolve()
        base = above / base.name
        folder = base / name
        if not all(_others_cannot_exchange(each) for each in (above, *above.parents)):
            return None
        open_until_now = False
        for step in (base, folder):
            with contextlib.suppress(FileExistsError):
                step.mkdir(mode=0o700)
            found = os.lstat(step)
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                return None
            if found.st_mode & 0o077:
                open_until_now |= bool(found.st_mode & 0o022)
                os.chmod(step, 0o700)
        if open_until_now:
            for file in os.scandir(folder):
                os.unlink(file.path)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


def _others_cannot_exchange(folder: Path) -> bool:
    """Whether only root and this user may rename what is in a folder, or each only what is theirs, as in /tmp."""
    found = os.stat(folder)
    if found.st_uid not in (0, os.geteuid()):
        return False
    return not found.st_mode & 0o022 or bool(found.st_mode & stat.S_ISVTX)
