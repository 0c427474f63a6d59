"""Stages of a computation of some minutes: a bar on a terminal, one line in a log."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress


def silent(name: str) -> None:
    """A stage that begins, unsaid."""


@contextmanager
def stages(names: Sequence[str], show: bool = True, stream=None) -> Iterator[Callable[[str], None]]:
    """Give a function that says which stage begins, on standard error unless another stream is given.

    Nothing is written before the first stage begins, so that what is refused before it stays one line. Progress ends no
    computation: where it fails (a closed pipe, a full disk) it says nothing more.
    """
    stream = stream or sys.stderr
    if not show or stream is None:
        yield silent
        return
    shown = _Bar(names, stream) if stream.isatty() else _Line(names, stream)

    def begin(name: str) -> None:
        with suppress(Exception):
            shown.begin(name)

    try:
        yield begin
    finally:
        with suppress(Exception):
            shown.end()


class _Line:
    """All stages in one line, when the first begins."""

    def __init__(self, names, stream):
        self._names, self._stream = names, stream
        self._said = False

    def begin(self, name: str) -> None:
        if not self._said:
            self._said = True
            print(f"fluxtube: this may take some minutes: {', '.join(self._names)}", file=self._stream, flush=True)

    def end(self) -> None:
        """Nothing is left to say."""


class _Bar:
    """The stage, a bar of those that are done, and the time since the first began; gone at the end."""

    def __init__(self, names, stream):
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        width = max(map(len, names))
        columns = TextColumn(f"{{task.description:<{width}}}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        self._names, self._bar, self._task = list(names), Progress(*columns, console=Console(file=stream), transient=True), None

    def begin(self, name: str) -> None:
        if self._task is None:
            self._bar.start()
            self._task = self._bar.add_task(name, total=len(self._names))
        self._bar.update(self._task, description=name, completed=self._names.index(name))

    def end(self) -> None:
        if self._task is not None:
            self._bar.stop()
