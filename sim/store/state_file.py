"""A run's exact state in an HDF5 file: what a run continues from and parts are merged by; checked to the last bit."""

import hashlib

import h5py
import numpy as np

from fluxtube.sim.config import Config
from fluxtube.sim.engine.engine import Engine
from fluxtube.sim.run.exact import BITS, LOWEST
from fluxtube.sim.run.spans import Spans
from fluxtube.sim.run.state import State, empty_accumulator

GROUP = "exact"


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


def read_state(file: h5py.File, config: Config, engine: Engine) -> State:
    """The state in a file, for a run with at least as many realisations.

    Raises
    ------
    Damaged
        The digest, or the shape of an array, is not right.
    """
    try:
        group = file[GROUP]
        arrays = {}
        group.visititems(lambda name, item: arrays.update({name: item[...]}) if isinstance(item, h5py.Dataset) else None)
        whole = group.attrs["digest"] == _digest(file, arrays)
        numbers = (int(group.attrs["bits"]), int(group.attrs["lowest_exponent"]))
    except (OSError, KeyError, TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise Damaged(str(error)) from None
    if not whole:
        raise Damaged("its digest is wrong")
    if numbers != (BITS, LOWEST):
        raise Damaged(f"its integers have {numbers[0]} bits above 2^{numbers[1]}; this fluxtube's {BITS} above 2^{LOWEST}")
    return _state(arrays, config, engine)


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
                exact.limbs[...] = arrays[f"{part}/{name}"]
    for name, array in state.samples.arrays().items():
        stored = arrays[f"samples/{name}"]
        array[: len(stored)] = stored
    return state


def _digest(file: h5py.File, arrays: dict[str, np.ndarray]) -> str:
    """BLAKE2 of the configuration, the block size and all arrays."""
    digest = hashlib.blake2b(digest_size=32)
    digest.update(f"{file.attrs['configuration']}\n{int(file.attrs['block_size'])}".encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes() if array.size == 0 else memoryview(array).cast("B"))
    return digest.hexdigest()
