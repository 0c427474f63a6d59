"""The loop of a run: blocks in rounds, an agreement of all ranks after each, commits when they are due."""

import time
from collections.abc import Callable

import numpy as np

from fluxtube.sim.run.assignment import Assignment
from fluxtube.sim.run.interrupts import REASONS, Leaving
from fluxtube.sim.run.log import LOG
from fluxtube.sim.run.spans import Spans
from fluxtube.sim.run.state import State
from fluxtube.sim.run.stopping import precise_enough

SECONDS_A_ROUND = 0.5  # how long a signal waits; long against the time to agree
LONG_BLOCK = 10.0  # s
LEAVE, COMMIT, PACE = range(3)


class Work:
    """Carries out an assignment on all ranks together.

    A round gives each rank a few blocks. After it all ranks agree, by one small reduction, whether to leave (any rank may
    want to), whether to commit, and how many blocks the next round has (the root says); so every rank knows which blocks
    are done without being told.

    Parameters
    ----------
    state : State
        What is done already; grows.
    assignment : Assignment
    communicator : SerialCommunicator or MpiCommunicator
    keeper : Keeper or NoKeeper
    leaving : Leaving
    shown : progress
    """

    def __init__(self, state: State, assignment: Assignment, communicator, keeper, leaving: Leaving, shown):
        self.state, self.assignment, self.communicator = state, assignment, communicator
        self.keeper, self.leaving, self.shown = keeper, leaving, shown
        self.pace, self.left, self.commit_seconds, self.setup_seconds = 1, "", 0.0, 0.0
        self.before_checks: Callable[[], None] = lambda: None
        self._warned = False

    def run(self) -> str:
        """Do it all; why it stopped before the end, "" where it did not."""
        stopped = self._blocks()
        if not self.left and self.assignment.checks - self.state.checks:
            start = time.perf_counter()
            self.before_checks()
            self.setup_seconds = time.perf_counter() - start
            self._rounds(self.state.checks, self.assignment.checks, self.state.samples.check)
        if not (self.left or stopped) and self.assignment.tail and self.communicator.rank == 0 and self.state.tail is None:
            self.state.do_tail()
        self._commit()
        return self.left

    def _blocks(self) -> bool:
        """All blocks; True where the run is precise enough before."""
        for point in self.assignment.stopping_points:
            self._rounds(self.state.blocks, self.assignment.blocks & Spans([(0, point)]), self.state.do_block)
            if self.left:
                return False
            if point != self.assignment.stopping_points[-1]:
                self._commit()
                if self.communicator.broadcast(self.communicator.rank == 0 and precise_enough(self.state.config, self.state)):
                    return True
        return False

    def _rounds(self, done: Spans, wanted: Spans, do: Callable[[int], None]) -> None:
        """Do what is missing of `wanted`, until all is done or one of the ranks wants to leave."""
        communicator = self.communicator
        missing = wanted - done
        self.pace = 1
        while missing and not self.left:
            start = time.monotonic()
            here = missing.head(self.pace * communicator.size)
            for number in here.dealt(communicator.rank, communicator.size):
                do(number)
            missing = missing - here
            done.update(here)
            self._warn_of_long_blocks(time.monotonic() - start)
            self._agree(time.monotonic() - start)
            self.shown.update(min(self.state.realisations, self.assignment.realisations))

    def _warn_of_long_blocks(self, seconds: float) -> None:
        """Say once that a signal waits longer than batch systems do."""
        if self.pace == 1 and seconds > LONG_BLOCK and self.communicator.rank == 0 and not self._warned:
            self._warned = True
            LOG.warning(
                f"a block takes {seconds:.0f} s, and a signal takes effect only at its end: stop with --max-time, or have the "
                "batch system send its signal early"
            )

    def _agree(self, seconds: float) -> None:
        """After a round that took so long: stop, save, or continue."""
        vote = np.zeros(3, dtype=np.int64)
        vote[LEAVE] = self.leaving.wanted(soon=2 * seconds + 2 * self.keeper.cost)
        if self.communicator.rank == 0:
            vote[COMMIT] = self.keeper.due()
            vote[PACE] = max(1, min(2 * self.pace, int(self.pace * SECONDS_A_ROUND / max(seconds, 1e-6))))
        self.communicator.largest(vote)
        self.left, self.pace = REASONS[vote[LEAVE]], int(vote[PACE])
        if vote[COMMIT] and not self.left:
            started = time.monotonic()
            self._commit()
            if self.communicator.rank == 0:
                self.keeper.keep(self.state, started)

    def _commit(self) -> None:
        start = time.perf_counter()
        self.state.commit(self.communicator)
        self.commit_seconds += time.perf_counter() - start
