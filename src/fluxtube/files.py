"""Files that are there as a whole or not at all, and that never take the place of something else."""

import contextlib
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from fluxtube.errors import InputError

HDF5 = b"\x89HDF\r\n\x1a\n"
SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "a PNG", b"%PDF-": "a PDF", b"<?xml version": "an SVG", b"GIF8": "a GIF", b"SIMPLE  =": "a FITS",
    b"<!DOCTYPE": "an HTML", HDF5: "an HDF5",
}  # fmt: skip
MARK = "written by fluxtube"  # in tables, pages and scripts: a later one of the same name replaces no others
NEAR_THE_START = 4096  # bytes
LONGEST_NAME = 255  # bytes, of nearly all file systems
# Files that a command reads, those that they name among them: none is replaced meanwhile. None outside of commands.
INPUTS: ContextVar[list[str] | None] = ContextVar("inputs", default=None)


@dataclass
class Batch:
    """Files that are to be written, and folders that were made for them."""

    files: list[tuple[Path, bytes]] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)


BATCH: ContextVar[Batch | None] = ContextVar("batch", default=None)
KINDS = ((stat.S_ISDIR, "a directory"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))


def target_of(path: str | Path) -> Path:
    """The regular file that a name stands for, there or not yet; links are followed, so that they stay when it is replaced.

    Raises
    ------
    InputError
        The name is that of a directory, a device, a pipe or a socket, of a link that leads in a circle, or of the file that
        standard output or standard error goes to.
    """
    path, there = Path(path), None
    try:
        there = os.stat(path)
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:  # a circle of links; a name that is too long or holds a null character
        raise InputError(f"cannot write {str(path)!r}: {getattr(error, 'strerror', None) or error}") from None
    if there is None:
        return Path(os.path.realpath(path))
    mode = there.st_mode
    if not stat.S_ISREG(mode):
        what = next((name for test, name in KINDS if test(mode)), "a device")
        hint = f"name a file in it, for example {str(path / 'run.h5')!r}" if stat.S_ISDIR(mode) else "give the name of a file"
        raise InputError(f"{str(path)!r} is {what}; {hint}")
    if _is_spoken_to(there):
        raise InputError(f"{str(path)!r} is where the words of this command go; give the name of another file")
    return Path(os.path.realpath(path))


def _is_spoken_to(file: os.stat_result) -> bool:
    """Whether standard output or standard error goes to this file, for example as /dev/stdout."""
    for stream in (1, 2):
        with contextlib.suppress(OSError):  # closed
            if os.path.samestat(file, os.fstat(stream)):
                return True
    return False


def beside(path: Path, ending: str) -> Path:
    """The hidden file ".NAME.ending" beside a file; a name that would be too long is replaced by its digest."""
    name = f".{path.name}.{ending}"
    if len(os.fsencode(name)) > LONGEST_NAME:
        name = f".{hashlib.blake2b(os.fsencode(path.name), digest_size=16).hexdigest()}.{ending}"
    return path.with_name(name)


@contextlib.contextmanager
def protected(paths: Iterable[str]) -> Iterator[None]:
    """Refuse to replace any of these files as long as this lasts: what a command reads it does not write over."""
    token = INPUTS.set([*(INPUTS.get() or ()), *paths])
    try:
        yield
    finally:
        INPUTS.reset(token)


def protect(path: str | Path) -> None:
    """Count a file among those that the command reads (`protected`); nothing outside of one."""
    inputs = INPUTS.get()
    if inputs is not None:
        inputs.append(str(path))


def replace_file(path: Path, content: bytes | memoryview) -> None:
    """Put content into the place of a file once all of it is on the disk; what was there before stays until then.

    Raises
    ------
    OSError
        The disk is full, or the folder is gone.
    InputError
        The file is one that the command reads (`protected`).
    """
    made: list[tuple[Path, Path]] = []
    with _partial_files(made):
        _write_partial(path, content, made)


@contextlib.contextmanager
def _partial_files(made: list[tuple[Path, Path]]) -> Iterator[None]:
    """Give these files, (partial, target), their names at the end, or remove them."""
    try:
        yield
        for partial, target in made:
            os.replace(partial, target)
        for folder in {target.parent for _, target in made}:
            _sync_folder(folder)
    finally:
        for partial, _ in made:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)


def _write_partial(path: Path, content: bytes | memoryview, made: list[tuple[Path, Path]]) -> None:
    """Put content on the disk beside its target, and note where."""
    refuse_inputs(path)
    target = target_of(path)
    partial = beside(target, f"partial-{secrets.token_hex(8)}")
    # Exclusively and without following links: nobody can lay out a file or a link under that name beforehand.
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    made.append((partial, target))
    with os.fdopen(descriptor, "wb") as written:
        written.write(content)
        written.flush()
        with contextlib.suppress(OSError):
            os.fchmod(written.fileno(), stat.S_IMODE(os.stat(target).st_mode))
        os.fsync(written.fileno())


@contextlib.contextmanager
def together() -> Iterator[None]:
    """Keep back what `write_whole` is given until the end, and write all of it or nothing.

    Raises
    ------
    InputError
        One of the files cannot be written: all that was there stays, and folders that `make_directory` made are gone again.
    """
    batch = Batch()
    token = BATCH.set(batch)
    made: list[tuple[Path, Path]] = []
    try:
        yield
        with _partial_files(made):
            for path, content in batch.files:
                with _said(path):
                    _write_partial(path, content, made)
    except BaseException:
        for folder in reversed(batch.folders):
            with contextlib.suppress(OSError):  # it holds something
                folder.rmdir()
        raise
    finally:
        BATCH.reset(token)


def written(paths: Iterator[Path]) -> list[Path]:
    """The paths of files that are written one after the other as this is iterated over, once all of them are there."""
    with together():
        return list(paths)


@contextlib.contextmanager
def _said(path: Path) -> Iterator[None]:
    """InputError for what a disk answers."""
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot write {str(path)!r}: {error.strerror or error}; choose another place with -o") from None


def make_directory(directory: str | Path) -> Path:
    """The directory, made where it does not exist; InputError where that cannot be."""
    directory = Path(directory)
    new = [folder for folder in (directory, *directory.parents) if not os.path.lexists(folder)]
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the directory {str(directory)!r}: {error.strerror}; choose another with -o") from None
    batch = BATCH.get()
    if batch is not None:
        batch.folders += reversed(new)
    return directory


def remove_leftovers(path: Path) -> None:
    """Remove what killed runs left half-written of this very file; only under the lock of the output that it belongs to."""
    stem = re.escape(beside(path, "partial-" + 16 * "0").name[:-16])
    leftover = re.compile(stem + r"(?:[0-9a-f]{16}|\d+)")
    with contextlib.suppress(OSError):
        for entry in os.scandir(path.parent):
            if leftover.fullmatch(entry.name) and not entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)


def write_whole(
    path: str | Path, content: str | bytes, like: bytes = b"", inputs: Iterable[str | Path] = (), mark: bytes = b""
) -> Path:
    """Write a figure, a table or a page in one go; a full disk leaves what was there.

    Parameters
    ----------
    path : path
    content : str or bytes
        Text is written as UTF-8.
    like : bytes
        How an earlier file of the same kind begins: only such a one is replaced.
    inputs : paths
        Files that the content was made from.
    mark : bytes
        What stands near the start of an earlier file where this program wrote it: no other is replaced.

    Returns
    -------
    Path
        The path.

    Raises
    ------
    InputError
        It cannot be written, or something else is there: an input, an ensemble, a configuration, a file of another kind or,
        where there is a mark, of somebody else.
    """
    path = Path(path)
    content = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    batch = BATCH.get()
    with _said(path):
        require_replaceable(path, content[:16], like, inputs, mark)
        if batch is None:
            replace_file(path, content)
        else:
            batch.files.append((path, content))
    return path


def signed(comments: Iterable[str]) -> list[str]:
    """Comment lines of a table, the first of which says who wrote it (`MARK`)."""
    lines = [f"# {line}" for comment in comments for line in comment.splitlines()]
    return [f"{lines[0]}; {MARK}", *lines[1:]] if lines else []


def write_table(
    path: str | Path, comments: Iterable[str], lines: Iterable[str], inputs: Iterable[str | Path] = (), like: bytes | None = None
) -> Path:
    """Write a text table under its comments; of earlier files only a table of this program is replaced, see `write_whole`."""
    head = signed(comments)
    like = (b"# " if head else b"") if like is None else like
    mark = MARK.encode() if head else b""
    return write_whole(path, "\n".join([*head, *lines]) + "\n", like=like, inputs=inputs, mark=mark)


def require_replaceable(
    path: Path, head: bytes, like: bytes = b"", inputs: Iterable[str | Path] = (), mark: bytes = b""
) -> None:
    """Raise InputError where a file must not be replaced by one that begins with `head`; see `write_whole`."""
    target = target_of(path)
    refuse_inputs(path, inputs)
    if not target.exists():
        return
    with open(target, "rb") as file:
        there = file.read(NEAR_THE_START)
    if not there:
        return
    ours = head.startswith(HDF5) and there.startswith(HDF5) and target.suffix == ".nc"  # samples, never an ensemble
    another = not there.startswith(like) or kind_of(there) != kind_of(head)
    if another or (is_hdf5(target) and not ours) or target.suffix == ".toml":
        what = kind_of(there) or ("a configuration" if target.suffix == ".toml" else "another kind of")
        raise InputError(f"{str(path)!r} exists already and is {what} file; give another name, or delete it first")
    if mark not in there:
        raise InputError(f"{str(path)!r} exists already and is not of fluxtube; give another name, or delete it first")


def refuse_inputs(path: str | Path, inputs: Iterable[str | Path] = ()) -> None:
    """Raise InputError where the output of a command is one of these inputs, or of those that are `protected`."""
    for source in (*inputs, *(INPUTS.get() or ())):
        same = False
        with contextlib.suppress(OSError, ValueError):  # one of them is not there, or no name of a file
            same = os.path.samefile(path, source)
        if same:
            raise InputError(f"{str(path)!r} is an input of this command and would be overwritten; give another name")


def kind_of(head: bytes) -> str:
    """What a file is by how it begins; "" for text and all that is not known."""
    return next((name for signature, name in SIGNATURES.items() if head.startswith(signature)), "")


def is_hdf5(path: Path) -> bool:
    """Whether a file is HDF5: its signature stands at 0, 512, 1024, 2048, ..."""
    with open(path, "rb") as file:
        return any(file.seek(place) == place and file.read(8) == HDF5 for place in (0, *(512 << n for n in range(8))))


def _sync_folder(folder: Path) -> None:
    """Make a new name last over a power cut, where the file system knows how."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
