"""All runs of a grid, one after the other, each of them on all ranks."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from fluxtube.errors import InputError
from fluxtube.sim.config.grid import Grid, read_grid
from fluxtube.sim.engine.feasible import check_runnable
from fluxtube.sim.run.communicator import on_root
from fluxtube.sim.run.interrupts import REASONS, Leaving
from fluxtube.sim.run.log import LOG
from fluxtube.sim.session import Request, leaving_of, run_session
from fluxtube.sim.sweep.place import prepare
from fluxtube.sim.sweep.shared import lost_pairings


@dataclass(frozen=True)
class SweepRequest:
    """What a sweep was asked for; as `session.Request`, for a directory.

    Attributes
    ----------
    config : Path
    sets : list of str
        "section.key=value,value" each.
    directory : Path
    resume : bool
    threads : int or None
    max_seconds, checkpoint_seconds : float or None
    quiet : bool
    """

    config: Path
    sets: list[str]
    directory: Path
    resume: bool = False
    threads: int | None = None
    max_seconds: float | None = None
    checkpoint_seconds: float | None = None
    quiet: bool = False

    def run(self, overrides: tuple[str, ...], output: Path) -> Request:
        """Of one point: what is finished is kept, what is not is continued."""
        return Request(
            self.config, list(overrides), output, resume=True, threads=self.threads, max_seconds=self.max_seconds,
            checkpoint_seconds=self.checkpoint_seconds, quiet=self.quiet,
        )  # fmt: skip


@dataclass(frozen=True)
class SweepOutcome:
    """Why a sweep stopped before its end, "" where it did not, and a sentence."""

    left: str
    summary: str


def prepare_sweep(request: SweepRequest, communicator, judge=lambda grid: None) -> Grid:
    """The grid, checked before any work, and its directory.

    Parameters
    ----------
    request : SweepRequest
    communicator : SerialCommunicator or MpiCommunicator
    judge : callable
        Looks at the grid before the directory is made, and raises InputError where it makes no sense.

    Raises
    ------
    InputError
        On all ranks alike.
    """
    return on_root(communicator, lambda: _prepared(request, communicator.ranks_on_node, judge))


def _prepared(request: SweepRequest, ranks_on_node: int, judge) -> Grid:
    grid = read_grid(request.config, request.sets)
    warnings: dict[str, None] = {}
    for point in grid.points:
        try:
            warnings |= dict.fromkeys(check_runnable(point.config, ranks_on_node))
        except InputError as error:
            raise InputError(f"{point.name}: {error}") from None
    for warning in (*warnings, *lost_pairings(grid)):
        LOG.warning(warning)
    judge(grid)
    prepare(request.directory, grid, request.resume)
    return grid


def run_sweep(request: SweepRequest, grid: Grid, communicator, say=lambda line: None) -> SweepOutcome:
    """Make all runs of a grid that are not finished.

    Every point takes all ranks, so its bits are those of `fluxtube run` on any number of them.

    Parameters
    ----------
    request : SweepRequest
    grid : Grid
    communicator : SerialCommunicator or MpiCommunicator
    say : callable
        Is told of each point that is there.

    Raises
    ------
    InputError
        On all ranks alike.
    """
    total, drawn = len(grid.points), 0
    with ExitStack() as held:
        # One for all runs: a signal between two of them is heard, and the time is that of the sweep.
        leaving = held.enter_context(leaving_of(request, communicator))
        for number, point in enumerate(grid.points):
            # However short the time, something is done in it: the first run that is not finished gets a block further.
            left = _wanted(leaving, communicator) if drawn else ""
            if not left:
                outcome = run_session(request.run(point.overrides, request.directory / point.file), communicator, leaving)
                left, drawn = outcome.left, drawn + outcome.drawn
                say(f"{number + 1} of {total}: {outcome.summary}")
            if left:
                return SweepOutcome(left, f"stopped by {left} after {number} of {total} points; continue with --resume")
    return SweepOutcome("", f"{request.directory}: {total} points")


def _wanted(leaving: Leaving, communicator) -> str:
    """Why any of the ranks wants to leave now."""
    import numpy as np

    vote = np.array([leaving.wanted()], dtype=np.int64)
    communicator.largest(vote)
    return REASONS[vote[0]]
