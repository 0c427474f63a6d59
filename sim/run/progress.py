"""Progress of a run: a bar on a terminal, a line now and then in a log, nothing for the other ranks."""

import sys
import time
from contextlib import ExitStack, contextmanager, suppress

SECONDS_BETWEEN_LINES = 30.0


def clock(seconds: float) -> str:
    """A duration as 1:02:03 or 2:03."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def per_second(rate: float) -> str:
    """A rate as 21,600/s or 5.43/s: three digits."""
    return f"{float(f'{rate:.3g}'):,g}/s" if rate < 100 else f"{int(float(f'{rate:.3g}')):,}/s"


def say_compiling() -> None:
    """A line on standard error: the first run on a machine compiles its kernels, which the bar and its rates leave out."""
    with suppress(Exception):
        print("fluxtube: compiling kernels, once for this machine", file=sys.stderr, flush=True)


class Silent:
    """A progress that says nothing."""

    def update(self, done: int) -> None:
        """So many realisations are done."""


class Lines:
    """A line with rate and time to go, at most every half minute."""

    def __init__(self, total: int, stream, seconds_between: float = SECONDS_BETWEEN_LINES, before: int = 0):
        self.total, self.stream, self.seconds_between, self.before = total, stream, seconds_between, before
        self.start = self.last = time.monotonic()

    def update(self, done: int) -> None:
        """So many realisations are done."""
        now = time.monotonic()
        if done > self.before and now - self.last >= self.seconds_between:
            self.last = now
            rate = (done - self.before) / (now - self.start)
            left = clock((self.total - done) / rate)
            share = 100 * done / self.total
            print(
                f"fluxtube: {done} of {self.total} realisations ({share:.0f} %), {per_second(rate)}, {left} to go",
                file=self.stream,
                flush=True,
            )


class Bar:
    """A bar on a terminal."""

    def __init__(self, bar, task, before: int):
        self._bar, self._task, self._before = bar, task, before

    def update(self, done: int) -> None:
        """So many realisations are done."""
        rate = (done - self._before) / max(self._bar.tasks[0].elapsed or 0, 1e-9)
        self._bar.update(self._task, completed=done, rate=per_second(rate))


class Harmless:
    """A progress that ends no run: where it fails (a closed pipe, a full disk) it says nothing more."""

    def __init__(self, shown):
        self._shown = shown

    def update(self, done: int) -> None:
        """So many realisations are done."""
        try:
            self._shown.update(done)
        except Exception:
            self._shown = Silent()


@contextmanager
def progress(total: int, show: bool, stream=None, done: int = 0):
    """Progress over so many realisations, some of them done before, on standard error unless another stream is given."""
    stream = stream or sys.stderr
    if not show or stream is None:
        yield Silent()
        return
    with ExitStack() as held:
        try:
            shown = held.enter_context(_bar(total, stream, done)) if stream.isatty() else Lines(total, stream, before=done)
        except Exception:
            shown = Silent()
        yield Harmless(shown)


@contextmanager
def _bar(total: int, stream, done: int):
    """A bar on a terminal, taken away as harmlessly as it is drawn."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("realisations"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TextColumn("to go"), TimeRemainingColumn(),
    )  # fmt: skip
    bar = Progress(*columns, console=Console(file=stream))
    bar.start()
    try:
        yield Bar(bar, bar.add_task("run", total=total, completed=done, rate=""), done)
    finally:
        with suppress(Exception):
            bar.stop()
