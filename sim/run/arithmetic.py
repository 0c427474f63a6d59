"""The kind of processor as libraries that compute see it: the same kind gives the same bits."""

from functools import lru_cache


@lru_cache(maxsize=1)
def arithmetic() -> str:
    """Which processor LLVM compiles for, and which kernels BLAS has chosen: "LLVM znver3, openblas Zen"."""
    import scipy.linalg  # noqa: F401 - brings the BLAS that is asked below
    from llvmlite.binding import get_host_cpu_name
    from numba.core import config
    from threadpoolctl import threadpool_info

    kernels = {
        f"{library.get('internal_api', 'BLAS')} {library.get('architecture') or ''}".strip()
        for library in threadpool_info()
        if library.get("user_api") == "blas"
    }
    return ", ".join([f"LLVM {config.CPU_NAME or get_host_cpu_name()}", *sorted(kernels)])


def mixed_words(kinds) -> str:
    """What is to be said of sums that were made by several kinds of processors."""
    return (
        f"realisations were made by processors of different kinds ({'; '.join(sorted(kinds))}): they agree to rounding, and "
        "the bits are not those of a run on one kind"
    )
