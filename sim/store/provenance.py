"""Where a file comes from: versions, revision, seed, place and time."""

import importlib.metadata
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import fluxtube
from fluxtube.plugins import loaded

LIBRARIES = ("numpy", "scipy", "numba", "h5py", "ducc0", "mpi4py")


@cache
def git_revision() -> str:
    """Revision of the source tree that runs, with "+changes" where it has uncommitted ones; "unknown" outside of git."""
    here = Path(fluxtube.__file__).resolve().parent
    try:
        described = subprocess.run(
            ["git", "-C", str(here), "describe", "--always", "--abbrev=40", "--dirty=+changes", "--exclude=*"],
            capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
        tracked = subprocess.run(
            ["git", "-C", str(here), "ls-files", "--error-unmatch", "__init__.py"], capture_output=True, timeout=5
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    # A package inside a virtual environment is not tracked by the repository around it.
    return described.stdout.strip() if tracked.returncode == 0 else "unknown"


def provenance(communicator, threads: int) -> dict[str, str | int]:
    """Everything worth knowing about who made a file and how, that is not in its configuration."""
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": _readable(" ".join([Path(sys.argv[0]).name, *sys.argv[1:]])),
        "version_fluxtube": fluxtube.__version__,
        "git_revision": git_revision(),
        "version_python": platform.python_version(),
        **{f"version_{name}": _version(name) for name in LIBRARIES},
        "mpi_library": communicator.library,
        "ranks": communicator.size,
        "threads_per_rank": threads,
        "host": platform.node(),
        "processor": processor(),
        "plugins": _readable(loaded()),
        "slurm_job": _readable(os.environ.get("SLURM_JOB_ID", "")),
    }


@cache
def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _readable(text: str) -> str:
    """The same with a backslash for what is not UTF-8, as names of files need not be; HDF5 takes no null character."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")


def processor() -> str:
    """What the machine calls its processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor()
