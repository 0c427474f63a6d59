"""One run from a configuration file to an output file: lock, earlier state, work, commit."""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from fluxtube.errors import InputError
from fluxtube.files import refuse_inputs, remove_leftovers, target_of
from fluxtube.sim.config import Config, load_config
from fluxtube.sim.engine.feasible import check_runnable
from fluxtube.sim.run.assignment import WHOLE
from fluxtube.sim.run.communicator import on_root
from fluxtube.sim.run.interrupts import Leaving
from fluxtube.sim.run.log import LOG
from fluxtube.sim.run.progress import per_second
from fluxtube.sim.run.threads import threads_per_rank
from fluxtube.sim.run.time_limit import slurm_seconds_left, time_to_work
from fluxtube.sim.store.checkpoint import SECONDS, Keeper, checkpoint_path, write_checkpoint
from fluxtube.sim.store.lock import locked
from fluxtube.sim.store.place import check_writable, output_place, require_ensemble
from fluxtube.sim.store.resume import Earlier, earlier_run


@dataclass(frozen=True)
class Request:
    """What a run was asked for.

    Attributes
    ----------
    config : Path
    overrides : list of str
        "section.key=value" each.
    output : Path
    resume, force : bool
        Continue from what is there, or start again and replace it.
    threads : int or None
        Of each rank.
    part : (int, int) or None
        (i, n) for the i-th of n parts.
    max_seconds, checkpoint_seconds : float or None
        Time to work, time between commits to disk.
    quiet : bool
        No progress.
    """

    config: Path
    overrides: list[str]
    output: Path
    resume: bool = False
    force: bool = False
    threads: int | None = None
    part: tuple[int, int] | None = None
    max_seconds: float | None = None
    checkpoint_seconds: float | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Ending:
    """How a run ended: "" or why it stopped before the end, a sentence, and realisations drawn now."""

    left: str
    summary: str
    drawn: int = 0


def run_session(request: Request, communicator, leaving: Leaving | None = None) -> Ending:
    """Carry out a request on all ranks together.

    Parameters
    ----------
    request : Request
    communicator : SerialCommunicator or MpiCommunicator
    leaving : Leaving, optional
        Says when to leave, where the request is one of several; else signals are heard here.

    Raises
    ------
    InputError
        On all ranks alike: the request cannot be carried out, or its output not written.
    """
    start = time.perf_counter()
    with ExitStack() as held:
        config, earlier = on_root(communicator, lambda: _prepare(request, held, communicator.ranks_on_node))
        if earlier.finished:
            return Ending("", f"{request.output}: complete already")
        threads = threads_per_rank(communicator.ranks_on_node, request.threads)
        # Signals are heard until the file is there, on all ranks: one that comes while it is written must not end its writing.
        leaving = leaving or held.enter_context(leaving_of(request, communicator))
        result = _run(request, config, earlier, communicator, threads, leaving)
        on_root(communicator, lambda: _store(request, config, result, communicator, threads, time.perf_counter() - start))
        return Ending(result.left, _summary(request, config, result, communicator.size, threads), result.drawn)


def _prepare(request: Request, held: ExitStack, ranks_on_node: int) -> tuple[Config, Earlier]:
    """Configuration and what to continue from; checked and locked before any work."""
    config = load_config(request.config, request.overrides)
    if request.part and config.ensemble.target_relative_error is not None:
        raise InputError("a part cannot know how precise the whole is: leave out ensemble.target_relative_error, or --part")
    for warning in check_runnable(config, ranks_on_node):
        LOG.warning(warning)
    output = output_place(request.output)
    checkpoint = target_of(checkpoint_path(output))
    for name in (output, checkpoint):
        refuse_inputs(name, [request.config])
    if held.enter_context(locked(output)):
        for name in (output, checkpoint):
            remove_leftovers(name)
    check_writable(output)
    if request.force:
        require_ensemble(output)
        checkpoint.unlink(missing_ok=True)
        return config, Earlier()
    if request.resume:
        return config, earlier_run(output, config, request.part)
    if output.exists():
        raise InputError(f"{str(output)!r} exists already; give another name, --resume to extend it, or --force to replace it")
    if checkpoint.exists():
        raise InputError(f"{str(checkpoint)!r} is of an interrupted run; --resume continues it, --force starts again")
    return config, Earlier()


def leaving_of(request, communicator) -> Leaving:
    """When to leave before the end, from `max_seconds` of a request."""
    seconds = on_root(communicator, lambda: time_to_work(request.max_seconds), broadcast=False)
    return Leaving(seconds, _more_time if request.max_seconds is None else None)


def _run(request: Request, config: Config, earlier: Earlier, communicator, threads: int, leaving: Leaving):
    from fluxtube.sim.run.ensemble import run_ensemble

    every = SECONDS if request.checkpoint_seconds is None else request.checkpoint_seconds
    return run_ensemble(
        config,
        communicator,
        threads,
        request.quiet,
        resume=(lambda engine: earlier.load(config, engine, request.part)) if earlier.paths else None,
        part=request.part or WHOLE,
        keeper=Keeper(_output(request), config, request.part, every),
        leaving=leaving,
    )


def _output(request: Request) -> Path:
    """The file that is written: what the output's name leads to."""
    return target_of(request.output)


def _more_time() -> float | None:
    """Seconds to work, where SLURM's limit has been moved since."""
    return time_to_work(None) if slurm_seconds_left() is not None else 0.0


def _store(request: Request, config: Config, result, communicator, threads: int, seconds: float) -> None:
    """Commit to disk: the finished output, or what is there so far."""
    from fluxtube.sim.store.provenance import provenance
    from fluxtube.sim.store.writer import write_ensemble

    output = _output(request)
    checkpoint = checkpoint_path(output)
    if result.left:
        write_checkpoint(checkpoint, config, result.state, request.part)
        return
    if request.part:
        write_checkpoint(output, config, result.state, request.part)
    else:
        write_ensemble(output, config, result, provenance(communicator, threads), {**result.seconds, "total": seconds})
    checkpoint.unlink(missing_ok=True)


def _summary(request: Request, config: Config, result, ranks: int, threads: int) -> str:
    done, seconds = result.state.realisations, result.seconds["ensemble"]
    if result.left:
        return (
            f"stopped by {result.left} after {done} of {config.ensemble.realisations} realisations in "
            f"{str(checkpoint_path(_output(request)))!r}; continue it with --resume"
        )
    what = f"part {request.part[0]} of {request.part[1]}, " if request.part else ""
    return (
        f"{request.output}: {what}{done} realisations by {config.sampling.estimator}, flow {config.sampling.flow}, "
        f"{result.drawn} of them now in {seconds:.2f} s ({per_second(result.drawn / seconds)}) "
        f"on {ranks} rank{'s' * (ranks > 1)} x {threads} thread{'s' * (threads > 1)}"
    )
