"""Going on from what an earlier run has committed."""

from pathlib import Path

import h5py

from fluxtube.errors import InputError
from fluxtube.sim.config import Config
from fluxtube.sim.config.differences import LENGTH_KEYS, differences
from fluxtube.sim.config.load import parse_stored
from fluxtube.sim.engine.engine import Engine
from fluxtube.sim.run.state import State
from fluxtube.sim.store.checkpoint import checkpoint_path
from fluxtube.sim.store.file_format import require_format
from fluxtube.sim.store.mirrored import MIRRORED
from fluxtube.sim.store.state_file import Damaged, read_state


def read_header(path: Path) -> tuple[Config, bool, tuple[int, int] | None]:
    """Configuration of a file, whether it is complete, and which part of a run it is.

    Raises
    ------
    InputError
        Not a file that this fluxtube can read.
    """
    try:
        with h5py.File(path, "r", locking=False) as file:
            require_format(file, path)
            config = parse_stored(file.attrs["configuration"], source=str(path))
            part = tuple(int(number) for number in file.attrs["part"]) if "part" in file.attrs else None
            return config, bool(file.attrs["complete"]), part
    except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"cannot read {str(path)!r}: not an HDF5 file, or damaged") from None


def load_state(path: Path, config: Config, engine: Engine) -> State:
    """The checked state in a file of the same configuration, but for the length of the run.

    Raises
    ------
    InputError
        The file is damaged, or of another block size.
    """
    try:
        with h5py.File(path, "r", locking=False) as file:
            if tuple(int(number) for number in file.attrs["format_version"]) == MIRRORED:
                raise InputError(
                    f"{str(path)!r} has format 1.0, whose odd multipoles have the other sign: it can be read, but not extended "
                    "or merged; begin anew with --force, or use fluxtube 0.1.0"
                )
            if int(file.attrs["block_size"]) != engine.block_size:
                raise InputError(
                    f"{str(path)!r} has blocks of {int(file.attrs['block_size'])} realisations, this fluxtube makes "
                    f"{engine.block_size}: go on with the version that wrote it, or begin anew with --force"
                )
            state = read_state(file, config, engine)
            config_there = parse_stored(file.attrs["configuration"], source=str(path))
    except (OSError, RuntimeError, KeyError, Damaged) as error:
        raise InputError(f"{str(path)!r} is damaged ({error}): delete it, or begin anew with --force") from None
    if config_there.ensemble.realisations != config.ensemble.realisations:
        state.tail = None  # that block is full now, or of another length
    return state


def earlier_run(output: Path, config: Config, part: tuple[int, int] | None = None) -> tuple[Path | None, bool]:
    """What to go on from: the checkpoint beside an output, else the output itself, if it is there.

    Returns
    -------
    path : Path or None
        The file with the earlier state.
    finished : bool
        Whether it has everything already.

    Raises
    ------
    InputError
        Its configuration is another one, with what differs.
    """
    if output.exists():
        config_there, complete, part_there = read_header(output)
        if not differences(config_there, config) and part_there == part and (complete or part is not None):
            return output, True
    path = next((path for path in (checkpoint_path(output), output) if path.exists()), None)
    if path is not None:
        config_there, _, part_there = read_header(path)
        different = differences(config_there, config, but=LENGTH_KEYS)
        if path == output and part_there != part:
            different.append(f"part = {part_there or 'all of it'} there, {part or 'all of it'} here")
        if config_there.ensemble.realisations > config.ensemble.realisations:
            there, here = config_there.ensemble.realisations, config.ensemble.realisations
            different.append(f"ensemble.realisations = {there} there, only {here} here")
        if different:
            raise InputError(
                f"{str(path)!r} is of another configuration: {'; '.join(different)}; "
                "give another output, or --force to begin anew"
            )
    return path, False
