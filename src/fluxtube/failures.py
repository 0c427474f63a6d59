"""How a command ends that cannot do what it was asked: one line and an exit status."""

import os
import platform
import sys
import tempfile
import traceback

from fluxtube.errors import InputError
from fluxtube.plugins import fault_of_plugin
from fluxtube.streams import printable

BAD_INPUT = 2
BUG = 70  # EX_SOFTWARE of sysexits.h: not 1, which means that a theory was rejected
INTERRUPTED = 130


def outcome_of(error: BaseException) -> tuple[int, str]:
    """Exit status and message of an error; the details of an unforeseen one are put into a file, which the message names."""
    if isinstance(error, InputError):
        return BAD_INPUT, f"error: {error}"
    if isinstance(error, MemoryError):
        return BAD_INPUT, f"error: not enough memory{f': {error}' if str(error) else ''}"
    if isinstance(error, OSError):
        return BAD_INPUT, f"error: {error.strerror or error}{f': {error.filename!r}' if error.filename else ''}"
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, "interrupted"
    fault = fault_of_plugin(error)
    if fault:
        if _traceback_is_wanted():
            traceback.print_exception(error)
        return BAD_INPUT, f"error: {fault}"
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else BUG, str(error.code)
    lines = str(error).splitlines() or [""]
    what = f"{type(error).__name__}{': ' if lines[0] else ''}{lines[0][:300]}"
    return BUG, f"error: {what}; this is a bug in fluxtube, {_details(error)}"


def _traceback_is_wanted() -> bool:
    return os.environ.get("FLUXTUBE_TRACEBACK", "") not in ("", "0")


def _details(error: BaseException) -> str:
    """Write the traceback down, and say where."""
    from fluxtube import __version__

    text = "".join(traceback.format_exception(error))
    if _traceback_is_wanted():
        print(text, file=sys.stderr, flush=True)
        return "please report it with the lines above"
    head = f"fluxtube {__version__}, Python {platform.python_version()}, {platform.platform()}\n{sys.argv!r}\n\n"
    try:
        descriptor, path = tempfile.mkstemp(prefix="fluxtube-bug-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(head + text)
    except OSError:
        return "set FLUXTUBE_TRACEBACK=1 to see where"
    return f"please report it with what is in {path}"


def say(message: str) -> None:
    """Print a message of this program, one line on standard error."""
    line = printable(message).replace("\n", " ").replace("\t", " ")
    print(f"fluxtube: {line}", file=sys.stderr, flush=True)
