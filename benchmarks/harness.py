"""Contestants in turns, medians, ratios, rows."""

import statistics
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the results: what was measured beside what was asked."""

    number: str
    work: str
    measured: str
    asked: str
    reached: bool | None = None  # None: nothing was asked
    floor: str = ""  # over what cannot be avoided
    peers: str = ""  # what others take, over ours


class Effort:
    """How long to measure; `quick` only shows that everything runs."""

    quick = False

    @classmethod
    def rounds(cls, usual: int) -> int:
        """Repetitions."""
        return 1 if cls.quick else usual

    @classmethod
    def realisations(cls, usual: int) -> int:
        """Of an ensemble."""
        return max(64, usual // 50) if cls.quick else usual


def in_turns(contestants: dict, rounds: int = 7) -> dict[str, float]:
    """Median seconds of processor time of each call, after one call that compiles and warms, the contestants taking turns.

    Taking turns keeps a machine whose speed drifts from favouring one of them; processor time leaves out what others take.
    """
    for call in contestants.values():
        call()
    times = {name: [] for name in contestants}
    for _ in range(Effort.rounds(rounds)):
        for name, call in contestants.items():
            start = time.process_time()
            call()
            times[name].append(time.process_time() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def at_most(value: float, limit: float) -> bool:
    """Whether a figure keeps a limit from above."""
    return value <= limit
