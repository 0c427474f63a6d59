"""Matrix products on one thread each: split over threads they round another way, and those of a block are too small to gain."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import ThreadpoolController


@functools.cache
def _controller() -> ThreadpoolController:
    """Of all BLAS libraries that are used here.

    Compiled kernels call scipy's, which is loaded with the first kernel that has a product. A limit holds for what is loaded when
    it is set: so it is loaded first.
    """
    import scipy.linalg.cython_blas  # noqa: F401

    return ThreadpoolController()


@contextmanager
def single_blas() -> Iterator[None]:
    """One thread for each product of NumPy's and of the kernels; also a decorator."""
    with _controller().limit(limits=1, user_api="blas"):
        yield
