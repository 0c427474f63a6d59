"""What the environment says of threads, in all forms that it may have, and what it must not say."""

import os

from fluxtube.errors import InputError


def whole_number(text: str | None) -> int | None:
    """A whole number above 0 in ASCII digits, None for all else."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0 else None


def openmp_threads() -> int | None:
    """Threads of OMP_NUM_THREADS; of a list for nested levels, "4,2", those of the outermost."""
    return whole_number(os.environ.get("OMP_NUM_THREADS", "").split(",")[0])


def settle() -> None:
    """Leave to libraries what they can read.

    OpenMP allows OMP_NUM_THREADS to be a list and ignores what it does not understand; ducc0 raises for both.

    Raises
    ------
    InputError
        numba is told something that it cannot do.
    """
    if "OMP_NUM_THREADS" in os.environ and whole_number(os.environ["OMP_NUM_THREADS"]) is None:
        threads = openmp_threads()
        if threads is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = str(threads)
    for name in ("NUMBA_NUM_THREADS", "DUCC0_NUM_THREADS"):
        given = os.environ.get(name)
        if given == "":
            del os.environ[name]
        elif given is not None and whole_number(given) is None:
            raise InputError(f"the environment variable {name} = {given!r} is not a number of threads; set it to 1 or more")
    if os.environ.get("NUMBA_DISABLE_JIT", "") not in ("", "0"):
        raise InputError("the environment variable NUMBA_DISABLE_JIT is set, and fluxtube needs compiled code; unset it")
