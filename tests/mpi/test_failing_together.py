"""What goes wrong on one rank ends all of them, soon and with its message."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from launching import FLUXTUBE, MPIRUN, environment, finish, launch, start

ALL_ENDED_WITHIN = 5.0  # s

FAILS_ON_ONE_RANK = """\
import sys, time
from fluxtube.sim.run.communicator import connect
from fluxtube.sim.run.state import State

do_block, rank = State.do_block, connect().rank

def fail(self, index):
    if rank == {rank} and index >= 4:
        print("failing at", time.time(), file=sys.stderr, flush=True)
        {fault}
    do_block(self, index)

State.do_block = fail
from fluxtube.cli import main
sys.exit(main())
"""
FAULTS = {
    "exception": 'raise ZeroDivisionError("of this rank alone")',
    "bad input": 'from fluxtube.errors import InputError; raise InputError("of this rank alone")',
    "exit": "sys.exit(3)",
    "kill -9": "import os; os.kill(os.getpid(), 9)",
}


@pytest.mark.mpi
@pytest.mark.parametrize(("fault", "rank"), [("exception", 0), ("exception", 2), ("bad input", 1), ("exit", 1), ("kill -9", 2)])
def test_one_rank_ends_all(tmp_path, config, fault, rank):
    script = tmp_path / "fails.py"
    script.write_text(FAILS_ON_ONE_RANK.format(rank=rank, fault=FAULTS[fault]))
    done = subprocess.run(
        [MPIRUN, "-n", "3", sys.executable, script, "run", config, "-o", tmp_path / "run.h5", "--set", "sampling.flow=modes",
         "--set", "ensemble.realisations=2000"],
        capture_output=True, text=True, timeout=40, env=environment(),
    )  # fmt: skip
    ended = time.time()
    failed = float(done.stderr.split("failing at ")[1].split()[0])
    assert ended - failed < ALL_ENDED_WITHIN
    assert done.returncode not in (0, 85)
    if fault in ("exception", "bad input"):
        assert "of this rank alone" in done.stderr
        assert "Traceback" not in done.stderr
        assert done.returncode == (2 if fault == "bad input" else 70)
    assert not (tmp_path / "run.h5").exists()


@pytest.mark.mpi
def test_killed_rank_of_the_console_command_ends_all(tmp_path, config):
    """As above, from outside and with the installed command."""
    sets = ("--set", "sampling.flow=modes", "--set", "ensemble.realisations=1e6")
    process = start(3, "run", config, "-o", tmp_path / "run.h5", *sets, "--checkpoint-every", "0")
    checkpoint = tmp_path / "run.h5.checkpoint"
    until = time.monotonic() + 30
    while not checkpoint.exists() and time.monotonic() < until:
        time.sleep(0.05)
    ranks = [pid for pid in _session(process.pid) if str(FLUXTUBE) in _command(pid) and "mpirun" not in _command(pid)]
    killed = time.monotonic()
    os.kill(ranks[-1], signal.SIGKILL)
    outcome = finish(process, 20)
    assert time.monotonic() - killed < ALL_ENDED_WITHIN
    assert outcome.status not in (0, 2, 85)


def _session(leader: int) -> list[int]:
    """Processes below `leader`."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.parent.name)] = int(fields[1])
    found = [leader]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return sorted(found[1:])


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


@pytest.mark.mpi
def test_bad_input_is_said_once_and_ends_all_with_status_2(tmp_path, config):
    outcome = launch(3, "run", config, "-o", tmp_path / "run.h5", "--set", "turbulence.gama=1", timeout=20)
    assert outcome.status == 2
    assert outcome.err.count("fluxtube: error:") == 1
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    "launcher",
    [{"PMI_SIZE": "4"}, {"OMPI_COMM_WORLD_SIZE": "4"}, {"SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4"}],
    ids=["another MPICH", "Open MPI", "srun without PMI"],
)
def test_ranks_of_a_foreign_launcher_are_refused(tmp_path, config, launcher):
    """Each would take itself for the only one, and all would write the same file."""
    alone = "import sys; sys.modules['mpi4py'] = None\nfrom fluxtube.cli import main\nsys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", alone, "run", config, "-o", tmp_path / "run.h5"],
        capture_output=True, text=True, timeout=30, env=environment(**launcher),
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "4 ranks" in done.stderr
    assert not (tmp_path / "run.h5").exists()
