"""When to leave before the end: a signal, or the time is up."""

import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)
INTERRUPTED = 130  # exit status
REASONS = ("", "the time limit", *(number.name for number in SIGNALS))  # ranks agree on one by its place


def leave_undisturbed() -> None:
    """Ignore further signals on the way out: srun -K terminates the others once one rank is gone with a status."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


class Impatience:
    """Ends the process at the second SIGINT, in the middle of whatever it does.

    Python's own handlers wait until a compiled kernel is through. What a signal writes into a pipe reaches a thread at once,
    for kernels let go of the interpreter's lock.
    """

    def __enter__(self) -> "Impatience":
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        threading.Thread(target=self._listen, args=(self._reader,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._before)
        os.close(self._writer)  # which ends the thread

    @staticmethod
    def _listen(reader: int) -> None:
        interrupts = 0
        while numbers := os.read(reader, 64):
            interrupts += numbers.count(signal.SIGINT)
            if interrupts > 1:
                os.write(2, b"fluxtube: interrupted twice; what was committed stands\n")
                os._exit(INTERRUPTED)
        os.close(reader)


class Leaving:
    """Why this rank wants to leave, "" where it does not; a context that listens to signals.

    A second SIGINT ends the process at once.

    Parameters
    ----------
    seconds : float or None
        Time until it has to leave.
    seconds_left_now : callable or None
        Asked once the time seems up: a batch system may have extended the limit.
    """

    def __init__(self, seconds: float | None = None, seconds_left_now: Callable[[], float | None] | None = None):
        self.reason = ""
        self._ask = seconds_left_now
        self._set_deadline(seconds)
        self._previous: dict = {}
        self._impatience = Impatience()

    def _set_deadline(self, seconds: float | None) -> None:
        self._deadline = float("inf") if seconds is None else time.monotonic() + seconds

    def __enter__(self) -> "Leaving":
        self._previous = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        self._impatience.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._impatience.__exit__()
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.reason = signal.Signals(number).name

    def wanted(self, soon: float = 0.0) -> int:
        """Why to leave now, as a place in REASONS; `soon` is how long the next step and the leaving will take [s]."""
        if not self.reason and time.monotonic() + soon > self._deadline:
            if self._ask is not None:
                self._set_deadline(self._ask())
            if time.monotonic() + soon > self._deadline:
                self.reason = "the time limit"
        return REASONS.index(self.reason)
