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


def load_plugins(paths: Iterable[str | Path]) -> None:
    """Execute files once each.

    Raises
    ------
    InputError
        A file cannot be read, or fails.
    """
    for path in map(Path, paths):
        try:
            source = path.read_bytes()
        except OSError as error:
            raise InputError(f"cannot read the plug-in {str(path)!r}: {error.strerror}") from None
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
            raise InputError(f"the plug-in {str(path)!r} fails{_line(error, str(path))}: {_words(error)}") from error
        LOADED[str(path)] = digest


def loaded() -> str:
    """Paths and SHA-256 of what was executed, for the provenance of a file; empty for nothing."""
    return "; ".join(f"{path} sha256:{digest}" for path, digest in LOADED.items())


def _line(error: BaseException, path: str) -> str:
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
