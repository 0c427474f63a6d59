"""Continuing from what an earlier run has committed."""

from dataclasses import dataclass
from pathlib import Path

from fluxtube.errors import InputError
from fluxtube.sim.config import Config
from fluxtube.sim.config.differences import LENGTH_KEYS, differences
from fluxtube.sim.engine.engine import Engine
from fluxtube.sim.run.assignment import WHOLE, Assignment
from fluxtube.sim.run.log import LOG
from fluxtube.sim.run.state import State
from fluxtube.sim.store.checkpoint import checkpoint_path
from fluxtube.sim.store.header import Header, read_header
from fluxtube.sim.store.mirrored import MIRRORED
from fluxtube.sim.store.opening import opened
from fluxtube.sim.store.state_file import Damaged, read_state


def header_of(path: Path) -> Header:
    """What a file says of itself.

    Raises
    ------
    InputError
        Not a file that this fluxtube can read.
    """
    with opened(path) as file:
        return read_header(file, path)


class Unusable(InputError):
    """A file that is damaged: an older one beside it may do."""


def load_state(path: Path, config: Config, engine: Engine) -> State:
    """The checked state in a file of the same configuration, but for the length of the run.

    Raises
    ------
    InputError
        The file is of another block size, or of a format that cannot be extended.
    Unusable
        The file is damaged.
    """
    try:
        with opened(path) as file:
            header = read_header(file, path)
            if header.version == MIRRORED:
                raise InputError(
                    f"{str(path)!r} has format 1.0, whose odd multipoles have the other sign: it can be read, but not extended "
                    "or merged; start again with --force, or use fluxtube 0.1.0"
                )
            if header.block_size != engine.block_size:
                raise InputError(
                    f"{str(path)!r} has blocks of {header.block_size} realisations, this fluxtube makes "
                    f"{engine.block_size}: continue it with the version that wrote it, or start again with --force"
                )
            state = read_state(file, config, engine)
    except Damaged as error:
        raise Unusable(f"{str(path)!r} is damaged ({error}): delete it, or start again with --force") from None
    if header.config.ensemble.realisations != config.ensemble.realisations:
        state.tail = None  # that block is full now, or of another length
    return state


@dataclass(frozen=True)
class Earlier:
    """What there is to continue from.

    Attributes
    ----------
    paths : tuple of Path
        Files with earlier states, the furthest first: checkpoint and output.
    finished : bool
        Whether the output has everything already.
    """

    paths: tuple[Path, ...] = ()
    finished: bool = False

    def load(self, config: Config, engine: Engine, part: tuple[int, int] | None) -> State:
        """The furthest state that is whole.

        Raises
        ------
        InputError
            None is, or it holds blocks of another part.
        """
        for path, following in zip(self.paths, (*self.paths[1:], None), strict=True):
            try:
                state = load_state(path, config, engine)
            except Unusable as error:
                if following is None:
                    raise
                LOG.warning(f"{error}; continuing from {str(following)!r}")
                continue
            assignment = Assignment(config, engine.block_size, part or WHOLE)
            foreign = state.blocks - assignment.blocks
            if foreign or state.checks - assignment.checks:
                raise InputError(
                    f"{str(path)!r} holds work that is not of {_named(part)}: begun as another part or by another version; "
                    "give another output, or --force to start again"
                )
            return state
        raise AssertionError("no file to continue from")


def earlier_run(output: Path, config: Config, part: tuple[int, int] | None = None) -> Earlier:
    """What to continue from: the checkpoint beside an output or the output itself, whichever is further.

    Raises
    ------
    InputError
        Its configuration is another one, with what differs; or none of the files can be read.
    """
    checkpoint = checkpoint_path(output)
    headers, unreadable = {}, []
    for path in (checkpoint, output):
        if path.exists():
            try:
                headers[path] = header_of(path)
            except InputError as error:
                unreadable.append(error)
    if unreadable:
        if not headers:
            raise unreadable[0]
        LOG.warning(f"{unreadable[0]}; continuing from {str(next(iter(headers)))!r}")
    there = headers.get(output)
    if there is not None and there.part == part and (there.complete or part) and not differences(there.config, config):
        stale = headers.get(checkpoint)
        if stale is not None and _refusal(stale, config, part) == [] and stale.realisations <= there.realisations:
            checkpoint.unlink(missing_ok=True)  # of a run that was killed between the two
        return Earlier((), finished=True)
    for path, header in headers.items():
        refusal = _refusal(header, config, part)
        if refusal:
            raise InputError(
                f"{str(path)!r} is of another run: {'; '.join(refusal)}; give another output, or --force to start again"
            )
    return Earlier(tuple(sorted(headers, key=lambda path: -headers[path].realisations)))


def _refusal(there: Header, config: Config, part: tuple[int, int] | None) -> list[str]:
    """Why a file cannot be continued as this run, nothing where it can."""
    reasons = differences(there.config, config, but=LENGTH_KEYS)
    if there.part != part:
        reasons.append(f"it is {_named(there.part)}, and this is {_named(part)}")
    before, now = there.config.ensemble, config.ensemble
    if before.realisations > now.realisations:
        reasons.append(f"ensemble.realisations = {before.realisations} there, only {now.realisations} here")
    if now.target_relative_error is not None and not _stops_later(before, now):
        reasons.append(
            "with this target a run might have stopped before the realisations that are there; a smaller "
            "ensemble.target_relative_error of the same degrees and the same minimum_realisations can be continued to"
        )
    return reasons


def _stops_later(before, now) -> bool:
    """Whether a run towards the target `now` cannot stop where one towards `before` went past."""
    return (
        before.target_relative_error is not None
        and now.target_relative_error <= before.target_relative_error
        and now.target_degrees == before.target_degrees
        and now.minimum_realisations == before.minimum_realisations
    )


def _named(part: tuple[int, int] | None) -> str:
    return f"part {part[0]} of {part[1]}" if part else "the whole run"
