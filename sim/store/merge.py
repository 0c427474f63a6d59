"""Parts of a run joined: integers added, so that the whole has the bits of a run in one go."""

import time
from itertools import combinations
from pathlib import Path

from fluxtube.errors import InputError
from fluxtube.sim.config import Config
from fluxtube.sim.config.differences import LENGTH_KEYS, differences
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.run.arithmetic import mixed_words
from fluxtube.sim.run.assignment import Assignment
from fluxtube.sim.run.ensemble import Result
from fluxtube.sim.run.log import LOG
from fluxtube.sim.run.spans import Spans
from fluxtube.sim.store.resume import header_of, load_state


def merge_parts(paths: list[Path]) -> tuple[Config, Result]:
    """The whole run that parts make up.

    Raises
    ------
    InputError
        A part is missing, overlaps with another, is not finished or damaged, or is of another configuration.
    """
    start = time.perf_counter()
    config, names = _same_run(paths)
    engine = build_engine(config)
    held = {}
    for path in paths:
        state = load_state(path, config, engine)
        held[path] = state.blocks, state.checks, state.tail is not None
        if path == paths[0]:
            whole = state
        else:
            _no_overlap(path, held)
            whole.absorb(state)
    if len(whole.processors) > 1:
        LOG.warning(mixed_words(whole.processors))
    assignment = Assignment(config, engine.block_size)
    missing = assignment.blocks - whole.blocks
    if missing or assignment.checks - whole.checks or (assignment.tail and whole.tail is None):
        raise InputError(_what_is_missing(missing, names))
    return config, Result(whole.sums(), whole.kept_samples(), engine, {"reduction": time.perf_counter() - start}, whole)


def not_joined_yet(paths: list[Path]) -> str:
    """Which part is not there, or not as long as the longest, "" where all are."""
    for path in paths:
        if not path.exists():
            return f"there is no {str(path)!r}"
    lengths = {path: header_of(path).config.ensemble.realisations for path in paths}
    shorter = [path for path, length in lengths.items() if length < max(lengths.values())]
    return f"{str(shorter[0])!r} is not extended to {max(lengths.values())} realisations of the run" if shorter else ""


def joined_already(output: Path, paths: list[Path]) -> bool:
    """Whether an output holds the run that the parts make up; False where they extend it.

    Raises
    ------
    InputError
        It is of another run.
    """
    whole, part = header_of(output), header_of(paths[0])
    different = differences(whole.config, part.config, but=LENGTH_KEYS)
    if different or whole.part is not None or whole.realisations > part.config.ensemble.realisations:
        raise InputError(
            f"{str(output)!r} exists already and is of another run{': ' if different else ''}{'; '.join(different)}; "
            "give another name, or --force to replace it"
        )
    return whole.complete and not differences(whole.config, part.config)


def _same_run(paths: list[Path]) -> tuple[Config, dict[Path, tuple[int, int] | None]]:
    """The configuration of all files, and which part each says it is."""
    if len(set(paths)) < len(paths):
        twice = next(path for path in paths if paths.count(path) > 1)
        raise InputError(f"{str(twice)!r} is named twice")
    first, parts = header_of(paths[0]).config, {}
    for path in paths:
        header = header_of(path)
        config, parts[path] = header.config, header.part
        different = differences(first, config)
        if different:
            hint = ""
            if config.ensemble.realisations != first.ensemble.realisations:
                hint = "; extend all parts to the same ensemble.realisations: fluxtube run ... --part I/N --resume"
            raise InputError(f"{str(path)!r} is not of the same run as {str(paths[0])!r}: {'; '.join(different)}{hint}")
    return first, parts


def _no_overlap(path: Path, held: dict[Path, tuple[Spans, Spans, bool]]) -> None:
    for one, other in combinations(held, 2):
        blocks = held[one][0] & held[other][0]
        if path == other and (blocks or held[one][1] & held[other][1] or (held[one][2] and held[other][2])):
            raise InputError(f"{str(one)!r} and {str(other)!r} overlap: both hold blocks {_short(blocks)}; leave one of them out")


def _what_is_missing(blocks: Spans, names: dict[Path, tuple[int, int] | None]) -> str:
    parts = [part for part in names.values() if part is not None]
    if parts:
        count = parts[0][1]
        absent = sorted(set(range(1, count + 1)) - {i for i, n in parts if n == count})
        if absent:
            which = ", ".join(map(str, absent[:-1])) + " and " * (len(absent) > 1) + str(absent[-1])
            are = f"part {which} of {count} is" if len(absent) == 1 else f"parts {which} of {count} are"
            return f"{are} missing: name all parts"
    unfinished = [str(path) for path in names if path.name.endswith(".checkpoint")]
    hint = f"; {', '.join(unfinished)} is not finished" if unfinished else ""
    return f"blocks {_short(blocks)} of the run are in none of these files{hint}"


def _short(blocks: Spans) -> str:
    text = str(blocks)
    return text if len(text) < 100 else f"{text[:90].rpartition(',')[0]}, ..."
