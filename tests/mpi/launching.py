"""Starting `fluxtube` on several ranks, with a hard time-out, and reading all that a run found."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import h5py

BIN = Path(sys.executable).parent
MPIRUN = BIN / "mpirun"
FLUXTUBE = BIN / "fluxtube"

SMALL = """
[turbulence]
band = [1e-2, 40]
[sky]
l_max = 10
nside = 8
[sampling]
modes = 160
[ensemble]
realisations = 150
[check]
realisations = 3
particles = 1000
[output]
multipoles = 70
skies = 3
"""


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    status: int
    out: str
    err: str


def environment(**changes: str) -> dict[str, str]:
    """This environment without what a launcher or a batch system may have left in it."""
    foreign = ("PMI_", "OMPI_", "SLURM_", "OMP_NUM_THREADS", "MPI_LOCAL")
    return {k: v for k, v in os.environ.items() if not k.startswith(foreign)} | changes


def start(ranks: int, *arguments: object, **changes: str) -> subprocess.Popen:
    """Start `fluxtube` on so many ranks (0: without a launcher), in a process group of its own."""
    launcher = [MPIRUN, "-n", ranks] if ranks else []
    return _popen([str(part) for part in (*launcher, FLUXTUBE, *arguments)], environment(**changes))


def _popen(command: list[str], variables: dict[str, str]) -> subprocess.Popen:
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, env=variables
    )


def finish(process: subprocess.Popen, timeout: float = 60) -> Outcome:
    """Wait for the end; a command that hangs is killed with all it started, and is a failure."""
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError(f"{process.args} still ran after {timeout:g} s\n{out}\n{err}") from None
    return Outcome(process.returncode, out, err)


def launch(ranks: int, *arguments: object, timeout: float = 60, **changes: str) -> Outcome:
    """Run `fluxtube` on so many ranks (0: without a launcher) to its end."""
    return finish(start(ranks, *arguments, **changes), timeout)


SEVERAL = """\
import json, sys
from fluxtube.cli import main
for arguments in json.loads(sys.argv[1]):
    if main(arguments):
        sys.exit(1)
"""


def launch_several(ranks: int, commands: list[list[object]], timeout: float = 90, **changes: str) -> Outcome:
    """Run several `fluxtube` commands one after the other in the same ranks, which saves their start."""
    texts = [[str(part) for part in command] for command in commands]
    launcher = [MPIRUN, "-n", ranks] if ranks else []
    command = [str(part) for part in (*launcher, sys.executable, "-c", SEVERAL, json.dumps(texts))]
    return finish(_popen(command, environment(**changes)), timeout)


def results(path: Path) -> dict[str, tuple]:
    """Every data set of a file: shape, type and bytes."""
    found = {}

    def collect(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = item.shape, str(item.dtype), item[()].tobytes()

    with h5py.File(path, "r") as file:
        file.visititems(collect)
    return found
