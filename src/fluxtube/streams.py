"""Standard output and error that can be written to whatever has become of them."""

import contextlib
import os
import sys
import unicodedata
from collections.abc import Iterator

# What ASCII has for the signs that tables use, for terminals and files of other encodings.
PLAIN = str.maketrans(
    {"≤": "<=", "≥": ">=", "±": "+-", "×": "x", "·": ".", "−": "-", "–": "-", "—": "-", "…": "...", "²": "^2", "→": "->",
     "°": "deg", "σ": "sigma", "γ": "gamma", "β": "beta", "λ": "lambda", "Δ": "Delta", "μ": "mu", "µ": "mu", "χ": "chi",
     "∞": "inf"}
)  # fmt: skip


def printable(text: str) -> str:
    """The text without what moves a terminal's cursor, changes its colours or turns the direction of writing.

    Text from files may hold anything; line ends and tabs stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        letter if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cf", "Zl", "Zp") else ascii(letter)[1:-1]
        for letter in text
    )


class Stream:
    """A text stream that never raises: what cannot be written is dropped, and why is kept.

    Parameters
    ----------
    stream : text stream or None
        None is what Python has where the descriptor was closed.
    clean : bool
        Whether to pass everything through `printable`.

    Attributes
    ----------
    failure : OSError or None
        Why nothing can be written any more.
    """

    def __init__(self, stream, clean: bool):
        self._stream = stream if stream is not None else open(os.devnull, "w")
        self._clean = clean
        self.failure: OSError | None = None

    def __getattr__(self, name: str):
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, in the signs that the stream's encoding has."""
        if self.failure is None:
            encoding = getattr(self._stream, "encoding", None) or "utf-8"
            shown = printable(text) if self._clean else text
            try:
                shown.encode(encoding)
            except UnicodeEncodeError:
                shown = shown.translate(PLAIN).encode(encoding, "backslashreplace").decode(encoding)
            self._try(self._stream.write, shown)
        return len(text)

    def flush(self) -> None:
        """Write what is held back."""
        if self.failure is None:
            self._try(self._stream.flush)

    def _try(self, action, *arguments) -> None:
        try:
            action(*arguments)
        except OSError as error:
            self.failure = error
            # What is held back goes nowhere, or Python would try to write it once more on its way out.
            with contextlib.suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._stream.fileno())
                os.close(nowhere)
        except ValueError as error:  # closed by somebody else
            self.failure = OSError(str(error))


@contextlib.contextmanager
def patient_streams() -> Iterator[Stream]:
    """Standard output and error in such streams; gives the output."""
    _open_closed_descriptors()
    before = sys.stdout, sys.stderr
    output, errors = Stream(before[0], clean=True), Stream(before[1], clean=False)
    sys.stdout, sys.stderr = output, errors
    try:
        yield output
    finally:
        output.flush()
        errors.flush()
        sys.stdout, sys.stderr = before


def _open_closed_descriptors() -> None:
    """Let nothing else take the place of a closed standard stream: what C libraries print would go into that file."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                opened = os.open(os.devnull, os.O_RDWR)
                if opened != number:
                    os.dup2(opened, number)
                    os.close(opened)
