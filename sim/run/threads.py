"""How many threads a rank may use."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numba

from fluxtube.environment import openmp_threads, whole_number
from fluxtube.errors import InputError
from fluxtube.sim.engine.single_blas import single_blas

_started_in: int | None = None  # the process in which kernels were first run


def usable_cores() -> int:
    """Cores that this process may run on; not every system can say."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_per_rank(ranks_on_node: int, asked: int | None = None) -> int:
    """Threads of this rank: what was asked for, else SLURM's cores per task, else this node's cores shared by its ranks.

    Raises
    ------
    InputError
        Less than one thread is asked for.
    """
    if asked is not None and (asked != int(asked) or asked < 1):
        raise InputError(f"threads = {asked!r} is not possible: give 1 or more, or leave it out for all cores")
    cores = usable_cores()
    given = asked or whole_number(os.environ.get("SLURM_CPUS_PER_TASK")) or openmp_threads()
    return min(given, cores) if given else max(1, cores // ranks_on_node)


def _start_here() -> None:
    """Note that kernels run in this process; InputError where they ran in the one that it was forked from."""
    global _started_in
    if _started_in not in (None, os.getpid()):
        raise InputError(
            "this process was forked from one in which fluxtube had run already, and compiled threads do not survive that; "
            "start it by 'spawn' (multiprocessing.set_start_method), or fork before the first run"
        )
    _started_in = os.getpid()


@contextmanager
def kernels_here() -> Iterator[None]:
    """Run kernels outside of a run, on the threads that numba has, their matrix products on one each; also a decorator.

    Raises
    ------
    InputError
        This process was forked after the kernels' threads had started: they are not there any more.
    """
    _start_here()
    with single_blas():
        yield


@contextmanager
def kernel_threads(count: int) -> Iterator[None]:
    """Run kernels on so many threads, their matrix products on one each; afterwards numba has the number that it had.

    Raises
    ------
    InputError
        This process was forked after the kernels' threads had started: they are not there any more; or numba cannot start any.
    """
    _start_here()
    try:
        before = numba.get_num_threads()
    except ValueError as error:  # the first call loads the layer
        layer = os.environ.get("NUMBA_THREADING_LAYER", "")
        raise InputError(f"numba cannot use NUMBA_THREADING_LAYER = {layer!r} ({error}); unset it") from None
    numba.set_num_threads(min(count, numba.config.NUMBA_NUM_THREADS))
    try:
        with single_blas():
            yield
    finally:
        numba.set_num_threads(before)
