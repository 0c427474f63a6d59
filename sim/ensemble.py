"""A run: blocks spread over ranks, summed exactly, gathered on the root."""

import time
from dataclasses import dataclass

import numba
import numpy as np
from threadpoolctl import threadpool_limits

from fluxtube.sim.accumulator import Accumulator
from fluxtube.sim.blocks import block, block_count
from fluxtube.sim.config import Config
from fluxtube.sim.engine import Engine, build_engine
from fluxtube.sim.progress import progress
from fluxtube.sim.samples import Samples


@dataclass(frozen=True)
class Result:
    """What the root holds when a run is over; anisotropies over the unit anisotropy."""

    accumulator: Accumulator
    samples: Samples
    engine: Engine
    seconds: dict[str, float]


def run_ensemble(config: Config, communicator, threads: int = 1, quiet: bool = False) -> Result:
    """Draw, measure and add up all realisations of a configuration.

    Block b is done by rank b modulo the number of ranks; each block's sums depend on the configuration and b alone and
    are added as integers, so that the result does not depend on ranks or threads.

    Parameters
    ----------
    config : Config
    communicator : SerialCommunicator or MpiCommunicator
    threads : int
        Threads of this rank.
    quiet : bool
        No progress.

    Returns
    -------
    Result
        Complete on the root; elsewhere the rank's own share.
    """
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    start = time.perf_counter()
    with threadpool_limits(1, user_api="blas"):  # a product split over threads could round another way
        engine = build_engine(config)
        ready = time.perf_counter()
        accumulator, samples = _work(config, engine, communicator, quiet)
        done = time.perf_counter()
    _gather(accumulator, samples, communicator)
    seconds = {"setup": ready - start, "ensemble": done - ready, "reduction": time.perf_counter() - done}
    return Result(accumulator, samples, engine, seconds)


def _work(config: Config, engine: Engine, communicator, quiet: bool) -> tuple[Accumulator, Samples]:
    """This rank's blocks and checks."""
    total = config.ensemble.realisations
    pixels = 12 * config.sky.nside**2 if engine.estimator is engine.particles else 0
    accumulator = Accumulator(orders=engine.orders.size, degrees=config.sky.l_max + 1, pixels=pixels)
    samples = Samples(config, engine)
    with progress(total, show=communicator.rank == 0 and not quiet) as shown:
        for index in range(communicator.rank, block_count(total, engine.block_size), communicator.size):
            here = block(index, total, engine.block_size)
            measurement = engine.estimator.measure(here.first, here.count)
            accumulator.add(measurement)
            samples.keep(here.first, measurement)
            shown.update(min(total, accumulator.count * communicator.size))
        for realisation in range(communicator.rank, len(samples.check_noise), communicator.size):
            samples.check(realisation)
    return accumulator, samples


def _gather(accumulator: Accumulator, samples: Samples, communicator) -> None:
    """Bring everything to the root by adding integers, the samples by their bits: each is not zero on one rank alone."""
    for limbs in accumulator.limbs():
        communicator.sum_to_root(limbs)
    count = np.array([accumulator.count], dtype=np.int64)
    communicator.sum_to_root(count)
    if communicator.rank == 0:
        accumulator.count = int(count[0])
    for array in samples.arrays().values():
        communicator.sum_to_root(array.view(np.int64))
