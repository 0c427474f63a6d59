"""Files of one's own, named on the command line: they enter spectra, free-path laws, transports and flows by name.

A file is executed because a person named it (`--plugin FILE.py`), and never because a configuration or a data file does.
"""

import hashlib
import re
import sys
import types
from collections.abc import Iterable
from pathlib import Path

from fluxtube.errors import InputError

LOADED: dict[str, str] = {}  # path as given -> SHA-256 of the file
LARGEST = 2**24  # bytes of a plug-in: a device has no end


def load_plugins(paths: Iterable[str | Path]) -> None:
    """Execute files once each.

    Raises
    ------
    InputError
        A file cannot be read, or fails.
    """
    for path in map(Path, paths):
        try:
            with path.open("rb") as file:
                source = file.read(LARGEST + 1)
        except OSError as error:
            raise InputError(f"cannot read the plug-in {str(path)!r}: {error.strerror}") from None
        if len(source) > LARGEST:
            raise InputError(f"the plug-in {str(path)!r} is larger than {LARGEST // 2**20} MiB; give a file of Python code")
        digest = hashlib.sha256(source).hexdigest()
        if LOADED.get(str(path)) == digest:
            continue
        module = types.ModuleType("fluxtube_plugin_" + re.sub(r"\W", "_", path.stem))
        module.__file__ = str(path)
        before = sys.modules.get(module.__name__)
        sys.modules[module.__name__] = module  # where classes are looked for that travel between ranks
        try:
            exec(compile(source, str(path), "exec"), module.__dict__)
        except (KeyboardInterrupt, MemoryError):
            raise
        except BaseException as error:  # SystemExit too: a plug-in does not end the program
            sys.modules.pop(module.__name__)
            if before is not None:
                sys.modules[module.__name__] = before
            raise InputError(f"the plug-in {str(path)!r} fails{line_of(error, str(path))}: {_words(error)}") from error
        LOADED[str(path)] = digest


def loaded() -> str:
    """Paths and SHA-256 of what was executed, for the provenance of a file; empty for nothing."""
    return "; ".join(f"{path} sha256:{digest}" for path, digest in LOADED.items())


def file_of(kind: type) -> str:
    """The plug-in that a class is from, as it was named; empty for another."""
    path = str(getattr(sys.modules.get(kind.__module__), "__file__", ""))
    return path if path in LOADED else ""


def fault_of_plugin(error: BaseException) -> str:
    """Plug-in, line and words of an error that came about in one, or in what one called; empty for another."""
    places, trace = [], error.__traceback__
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if path in LOADED:
            places.append(f"plug-in {path}, line {trace.tb_lineno}")
        trace = trace.tb_next
    return f"{places[-1]}: {words_of(error)}" if places else ""


def words_of(error: BaseException) -> str:
    """Type and message of an error, in one line."""
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}{': ' if text else ''}{text}"


def line_of(error: BaseException, path: str) -> str:
    """ " in line N" of a file, where an error passed through it; empty elsewhere."""
    if isinstance(error, SyntaxError):
        return f" in line {error.lineno}"
    lines, trace = [], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return f" in line {lines[-1]}" if lines else ""


def _words(error: BaseException) -> str:
    text = " ".join((error.msg if isinstance(error, SyntaxError) else str(error)).split())
    return text[:200] if isinstance(error, InputError) else f"{type(error).__name__} {text[:200]}".strip()
