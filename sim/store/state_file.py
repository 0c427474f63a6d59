"""A run's exact state in an HDF5 file: what a run continues from and parts are merged by; checked to the last bit."""

import hashlib

import h5py
import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.config import Config
from fluxtube.sim.engine.engine import Engine
from fluxtube.sim.run.exact import BITS, LOWEST
from fluxtube.sim.run.spans import Spans
from fluxtube.sim.run.state import State, empty_accumulator
from fluxtube.sim.store.header import text
from fluxtube.sim.store.opening import DAMAGE, read_array

GROUP = "exact"


PROCESSORS, MOST_KINDS = "processors", 1000


class Damaged(Exception):
    """What was read is not what was written."""


def write_state(file: h5py.File, state: State) -> None:
    """Put the state into the group `exact`, with a digest over every bit of it."""
    group = file.create_group(GROUP)
    arrays = _arrays(state)
    for name, array in arrays.items():
        packed = {"compression": 1, "shuffle": True} if array.nbytes > 4096 else {}  # most limbs are all 0 or all -1
        group.create_dataset(name, data=array, **packed)
    group.attrs["bits"], group.attrs["lowest_exponent"] = BITS, LOWEST
    group.attrs["digest"] = _digest(file, arrays)
    group.attrs[PROCESSORS] = sorted(state.processors)


def read_state(file: h5py.File, config: Config, engine: Engine) -> State:
    """The state in a file, for a run with at least as many realisations.

    Raises
    ------
    Damaged
        The digest, or the shape of an array, is not right.
    """
    try:
        state = _state(_verified(file), config, engine)
        state.processors = _processors(file[GROUP].attrs)
        return state
    except DAMAGE as error:
        if isinstance(error, InputError):
            raise
        raise Damaged(str(error)) from None


def _processors(attributes) -> set[str]:
    """Kinds of processors that made a state; none in files that were written before this was kept."""
    stated = np.asarray(attributes.get(PROCESSORS, []), dtype=object).ravel()
    if stated.size > MOST_KINDS:
        raise ValueError(f"{stated.size} kinds of processors are said to have made it")
    return {text(kind)[:200] for kind in stated}


def verify_state(file: h5py.File, realisations: int) -> None:
    """Check that the state holds so many realisations, and every bit of it.

    Raises
    ------
    KeyError, ValueError
        It does not.
    """
    group = file[GROUP]
    counts = [int(read_array(group, f"{part}/count", ())) for part in ("whole", "tail") if part in group]
    if sum(counts) != realisations or min(counts) < 0:
        raise ValueError(f"it says {realisations} realisations and holds {sum(counts)}")
    _verified(file, keep=False)


def _verified(file: h5py.File, keep: bool = True) -> dict[str, np.ndarray]:
    """All arrays of the group, the digest checked; none where they are not kept, one in memory at a time."""
    group, names = file[GROUP], []
    group.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    arrays, digest = {}, _digest_of_header(file)
    for name in sorted(names):
        array = np.asarray(read_array(group, name))
        _add_to(digest, name, array)
        if keep:
            arrays[name] = array
    if text(group.attrs["digest"]) != digest.hexdigest():
        raise ValueError("its digest is wrong")
    numbers = (int(group.attrs["bits"]), int(group.attrs["lowest_exponent"]))
    if numbers != (BITS, LOWEST):
        raise ValueError(f"its integers have {numbers[0]} bits above 2^{numbers[1]}; this fluxtube's {BITS} above 2^{LOWEST}")
    return arrays


def _arrays(state: State) -> dict[str, np.ndarray]:
    """Everything a state holds, by name."""
    arrays = {"blocks": state.blocks.array(), "checks": state.checks.array()}
    for part, sums in (("whole", state.whole), ("tail", state.tail)):
        if sums is not None:
            arrays[f"{part}/count"] = np.array(sums.count, dtype=np.int64)
            sums.limbs()  # carries
            arrays |= {f"{part}/{name}": exact.limbs for name, exact in sums.sums.items()}
    return arrays | {f"samples/{name}": array for name, array in state.samples.arrays().items()}


def _state(arrays: dict[str, np.ndarray], config: Config, engine: Engine) -> State:
    state = State(config, engine)
    state.blocks, state.checks = Spans(arrays["blocks"]), Spans(arrays["checks"])
    if "tail/count" in arrays:
        state.tail = empty_accumulator(config, engine)
    for part, sums in (("whole", state.whole), ("tail", state.tail)):
        if sums is not None:
            sums.count = int(arrays[f"{part}/count"])
            for name, exact in sums.sums.items():
                exact.limbs[...] = _shaped(arrays, f"{part}/{name}", exact.limbs.shape)
    for name, array in state.samples.arrays().items():
        stored = arrays[f"samples/{name}"]
        array[: len(stored)] = _shaped(arrays, f"samples/{name}", (min(len(stored), len(array)), *array.shape[1:]))
    return state


def _shaped(arrays: dict[str, np.ndarray], name: str, shape: tuple[int, ...]) -> np.ndarray:
    """An array, which must have the shape and not merely one that fits."""
    if arrays[name].shape != shape:
        raise ValueError(f"{name} has the shape {arrays[name].shape}, not {shape}")
    return arrays[name]


def _digest(file: h5py.File, arrays: dict[str, np.ndarray]) -> str:
    """BLAKE2 of the configuration, the block size and all arrays."""
    digest = _digest_of_header(file)
    for name in sorted(arrays):
        _add_to(digest, name, arrays[name])
    return digest.hexdigest()


def _digest_of_header(file: h5py.File) -> hashlib.blake2b:
    digest = hashlib.blake2b(digest_size=32)
    digest.update(f"{text(file.attrs['configuration'])}\n{int(file.attrs['block_size'])}".encode())
    return digest


def _add_to(digest: hashlib.blake2b, name: str, array: np.ndarray) -> None:
    array = np.ascontiguousarray(array)
    digest.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
    digest.update(array.tobytes() if array.size == 0 else array.data.cast("B"))
