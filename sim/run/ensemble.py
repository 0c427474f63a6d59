"""A run: blocks spread over ranks, summed exactly, brought to the root now and then and at the end."""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fluxtube.sim.config import Config
from fluxtube.sim.engine.engine import Engine
from fluxtube.sim.run.accumulator import Accumulator
from fluxtube.sim.run.arithmetic import arithmetic, mixed_words
from fluxtube.sim.run.assignment import WHOLE, Assignment
from fluxtube.sim.run.communicator import on_root
from fluxtube.sim.run.interrupts import Leaving
from fluxtube.sim.run.keeper import Keeper, NoKeeper
from fluxtube.sim.run.log import LOG
from fluxtube.sim.run.loop import Work
from fluxtube.sim.run.progress import progress, say_compiling
from fluxtube.sim.run.samples import Samples
from fluxtube.sim.run.state import State
from fluxtube.sim.run.threads import kernel_threads
from fluxtube.sim.run.warming import warm_checks, warm_engine


@dataclass(frozen=True)
class Result:
    """What the root holds when a run is over; anisotropies over the unit anisotropy.

    Attributes
    ----------
    accumulator : Accumulator
        Sums over all realisations.
    samples : Samples
    engine : Engine
    seconds : dict
        Time of each step.
    state : State
        What a longer run can continue from.
    drawn : int
        Realisations drawn now, not before.
    left : str
        Why the run stopped before its end, "" where it did not.
    """

    accumulator: Accumulator
    samples: Samples
    engine: Engine
    seconds: dict[str, float]
    state: State
    drawn: int = 0
    left: str = ""


def run_ensemble(
    config: Config,
    communicator,
    threads: int = 1,
    quiet: bool = False,
    *,
    resume: Callable[[Engine], State | None] | None = None,
    part: tuple[int, int] = WHOLE,
    keeper: Keeper | None = None,
    leaving: Leaving | None = None,
) -> Result:
    """Draw, measure and add up all realisations of a configuration.

    Each block's sums depend on the configuration and the block's number alone and are added as integers, so that the
    result depends neither on ranks and threads nor on interruptions.

    Parameters
    ----------
    config : Config
    communicator : SerialCommunicator or MpiCommunicator
    threads : int
        Threads of this rank.
    quiet : bool
        No progress.
    resume : callable or None
        Gives the root the State to continue from, or None, from the engine.
    part : (int, int)
        (i, n): do the i-th of n shares of the blocks, i = 1 .. n.
    keeper : Keeper or None
        Writes checkpoints on the root.
    leaving : Leaving or None
        Says when to leave before the end.

    Returns
    -------
    Result
        Complete on the root; elsewhere the rank's own share.
    """
    start = time.perf_counter()
    said = functools.cache(say_compiling) if communicator.rank == 0 and not quiet else lambda: None
    with kernel_threads(threads):
        engine = communicator.first_on_node(lambda: warm_engine(config, said))
        state = State(config, engine)
        if resume is not None:
            state = on_root(communicator, lambda: resume(engine), broadcast=False) or state
            state.blocks, state.checks = communicator.broadcast((state.blocks, state.checks))
        ready = time.perf_counter()
        assignment = Assignment(config, engine.block_size, part)
        _say_mixed(state, communicator)
        with progress(assignment.realisations, communicator.rank == 0 and not quiet, done=state.realisations) as shown:
            work = Work(state, assignment, communicator, keeper or NoKeeper(), leaving or Leaving(), shown)
            work.before_checks = lambda: communicator.first_on_node(lambda: warm_checks(config, engine, said))
            before = state.realisations
            left = work.run()
    seconds = {
        "setup": ready - start + work.setup_seconds,
        "ensemble": time.perf_counter() - ready - work.commit_seconds - work.setup_seconds,
        "reduction": work.commit_seconds,
    }
    return Result(state.sums(), state.kept_samples(), engine, seconds, state, state.realisations - before, left)


def _say_mixed(state: State, communicator) -> None:
    """Warn where this run adds realisations of another kind of processor to what is there, or has several kinds at work."""
    own = arithmetic()
    other = np.array([communicator.broadcast(own) != own], dtype=np.int64)
    communicator.largest(other)
    if communicator.rank == 0:
        if other[0]:
            state.processors.add("other ranks of another kind")
        if state.processors - {own}:
            LOG.warning(mixed_words(state.processors | {own}))
