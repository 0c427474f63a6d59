"""What a run costs, estimated before it is started: from its configuration, and from blocks that are timed here and now."""

import time
from dataclasses import dataclass

from fluxtube.memory_present import memory_present
from fluxtube.sim.config import Config
from fluxtube.sim.engine.memory import file_bytes, memory_needed
from fluxtube.sim.run.assignment import WHOLE, Assignment
from fluxtube.sim.run.progress import clock
from fluxtube.sim.run.state import State
from fluxtube.sim.run.threads import kernel_threads
from fluxtube.sim.run.warming import warm_checks, warm_engine

SECONDS = 1.0  # of blocks to time
BLOCKS_A_RANK = 8  # ranks that have fewer wait for one another for more than a tenth of the time or so


@dataclass(frozen=True)
class Cost:
    """Of a run, or of a part of one.

    Attributes
    ----------
    realisations, blocks, block_size, checks : int
    setup, block, check : float
        Seconds, of a start, of a block and of a check of the estimators.
    threads : int
        With which they were timed.
    memory, file, present : int
        Bytes of a rank, of the output, and of what this machine offers.
    may_stop : bool
        Whether the run ends once it is precise enough.
    """

    realisations: int
    blocks: int
    block_size: int
    checks: int
    setup: float
    block: float
    check: float
    threads: int
    memory: int
    file: int
    present: int
    may_stop: bool

    @property
    def ranks_worth_using(self) -> int:
        """Ranks that still have several blocks each."""
        return max(1, self.blocks // BLOCKS_A_RANK)

    def seconds(self, ranks: int) -> float:
        """Time of all, on so many ranks with the threads that were timed: whole blocks a rank."""
        return self.setup + -(-self.blocks // ranks) * self.block + -(-self.checks // ranks) * self.check

    def text(self, ranks: int) -> str:
        """A few lines."""
        size = f"{self.realisations:,} realisations, {self.blocks:,} blocks of {self.block_size:,}"
        most = " at the most: it stops once it is precise enough" if self.may_stop else ""
        lines = [
            f"work     {size}{f', {self.checks:,} checks of the estimators' if self.checks else ''}{most}",
            f"time     {self.block / self.block_size:.3g} s a realisation, timed here with {self.threads} "
            f"thread{'s' * (self.threads > 1)}; about {clock(self.seconds(ranks))} on {ranks} rank{'s' * (ranks > 1)}",
            f"memory   about {_size(self.memory)} on the first rank, less on the others; {_size(self.present)} here",
            f"file     about {_size(self.file)}, twice that while it is written",
            f"ranks    up to {self.ranks_worth_using:,} are worth using",
            f"stopping a signal takes effect at the end of a block, {self.block:.2g} s",
        ]
        return "\n".join(lines)


def rehearse(config: Config, threads: int, part: tuple[int, int] = WHOLE) -> Cost:
    """Time some blocks of a run.

    Parameters
    ----------
    config : Config
        Checked already.
    threads : int
    part : (int, int)
        (i, n): the i-th of n parts.
    """
    start = time.perf_counter()
    with kernel_threads(threads):
        engine = warm_engine(config, lambda: None)
        warm_checks(config, engine, lambda: None)
        compiled = time.perf_counter()
        engine = warm_engine(config, lambda: None)  # once more: compilation is not of every start
        state, assignment = State(config, engine), Assignment(config, engine.block_size, part)
        setup = time.perf_counter() - compiled
        full = len(assignment.blocks)
        if full:
            block = _seconds_of(lambda number: state.do_block(number % full))
        else:
            block = _seconds_of(lambda number: state.do_tail())
        check = _seconds_of(lambda number: state.samples.check(0)) if assignment.checks else 0.0
    return Cost(
        realisations=assignment.realisations,
        blocks=full + assignment.tail,
        block_size=engine.block_size if full else assignment.realisations,
        checks=len(assignment.checks),
        setup=min(setup, compiled - start),
        block=block,
        check=check,
        threads=threads,
        memory=sum(memory_needed(config).values()),
        file=file_bytes(config),
        present=memory_present(),
        may_stop=config.ensemble.target_relative_error is not None,
    )


def _seconds_of(do) -> float:
    """Mean time of a call, of as many as fit in SECONDS."""
    start, count = time.perf_counter(), 0
    while not count or time.perf_counter() - start < SECONDS:
        do(count)
        count += 1
    return (time.perf_counter() - start) / count


def _size(count: int) -> str:
    for unit, scale in (("GB", 1e9), ("MB", 1e6)):
        if count >= scale:
            return f"{count / scale:.3g} {unit}"
    return f"{count / 1e3:.3g} kB"
