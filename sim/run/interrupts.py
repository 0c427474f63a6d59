"""When to leave before the end: a signal, or the time is up."""

import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

# What batch systems and users send before they end a process by force.
SIGNALS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT, signal.SIGUSR2, signal.SIGXCPU, signal.SIGHUP, signal.SIGALRM)
INTERRUPTED = 130  # exit status
REASONS = ("", "the time limit", *(number.name for number in SIGNALS))  # ranks agree on one by its place


def _main_thread() -> bool:
    """Whether this thread may listen to signals: Python lets the main thread alone."""
    return threading.current_thread() is threading.main_thread()


def _heard(number: int) -> bool:
    """Whether to listen to a signal: not to SIGHUP where nohup has it ignored, nor to an alarm that somebody else set."""
    handler = signal.getsignal(number)
    if number == signal.SIGALRM:
        return handler == signal.SIG_DFL
    return number != signal.SIGHUP or handler != signal.SIG_IGN


def leave_undisturbed() -> None:
    """Ignore further signals on the way out: srun -K terminates the others once one rank is gone with a status."""
    if _main_thread():
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
                try:
                    os.write(2, b"fluxtube: interrupted twice; what was committed stands\n")
                finally:
                    os._exit(INTERRUPTED)
        os.close(reader)


class Leaving:
    """Why this rank wants to leave, "" where it does not; a context that listens to signals.

    A second SIGINT ends the process at once. In another thread than the main one there are no signals to hear.

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
        self._impatience: Impatience | None = None

    def _set_deadline(self, seconds: float | None) -> None:
        self._deadline = float("inf") if seconds is None else time.monotonic() + seconds

    def __enter__(self) -> "Leaving":
        if _main_thread():
            self._previous = {number: signal.signal(number, self._on_signal) for number in SIGNALS if _heard(number)}
            self._impatience = Impatience().__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        if self._impatience is not None:
            self._impatience.__exit__()
        for number, handler in self._previous.items():  # None: set by C code, which Python cannot give back
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

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
