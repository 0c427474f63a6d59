"""Checkpoints: the exact state of an unfinished run, in a file beside its output."""

import time
from pathlib import Path

from fluxtube.errors import InputError
from fluxtube.sim.config import Config
from fluxtube.sim.run.log import LOG
from fluxtube.sim.run.state import State
from fluxtube.sim.store.atomic import whole_file
from fluxtube.sim.store.header import write_header
from fluxtube.sim.store.place import CHECKPOINT
from fluxtube.sim.store.state_file import write_state

LARGEST_SHARE = 0.02  # of the time, for commits: they come less often where they take long
SECONDS = 60.0


def checkpoint_path(output: Path) -> Path:
    """Where the checkpoint of a run with that output is."""
    return output.with_name(f"{output.name}{CHECKPOINT}")


def write_checkpoint(path: Path, config: Config, state: State, part: tuple[int, int] | None = None) -> None:
    """Write a state; readers see either the whole of it or what was there before.

    Raises
    ------
    InputError
        The disk is full or the folder is gone.
    """
    try:
        with whole_file(path) as file:
            write_header(file, config, state.engine.block_size, state.realisations, part)
            write_state(file, state)
    except OSError as error:
        raise InputError(f"cannot write {str(path)!r}: {error.strerror or error}") from None


class Keeper:
    """Writes a checkpoint now and then; one that fails is a warning, for the run can continue and the next may not.

    Parameters
    ----------
    output : Path
        The run's output; the checkpoint is beside it.
    config : Config
    part : (int, int) or None
        Which part of a run it is.
    seconds : float
        Time between checkpoints, or more where that keeps their cost below LARGEST_SHARE.
    """

    def __init__(self, output: Path, config: Config, part: tuple[int, int] | None = None, seconds: float = SECONDS):
        self.path, self.config, self.part, self.seconds = checkpoint_path(output), config, part, seconds
        self.cost = 0.0
        self._last = time.monotonic()

    def due(self) -> bool:
        """Whether it is time for a commit."""
        pause = max(self.seconds, self.cost / LARGEST_SHARE) if self.seconds else 0.0
        return time.monotonic() - self._last >= pause

    def keep(self, state: State, started: float) -> None:
        """Write what was committed in a commit that started then (monotonic clock)."""
        try:
            write_checkpoint(self.path, self.config, state, self.part)
        except InputError as error:
            LOG.warning(f"{error}; the run continues")
        self._last = time.monotonic()
        self.cost = self._last - started
