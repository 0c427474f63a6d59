"""A signal that comes while the finished output is written waits until it is there, on all ranks."""

import os
import signal
import subprocess
import sys
import time

import pytest
from launching import MPIRUN, environment

SLOW_DISK = """\
import os, sys, time
fsync = os.fsync
def slow(descriptor):
    open("writing", "w").close()
    time.sleep(1.5)
    fsync(descriptor)
os.fsync = slow
from fluxtube.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGINT, signal.SIGHUP])
def test_of_one_process(tmp_path, config, number):
    arguments = [sys.executable, "-c", SLOW_DISK, "run", config, "-o", tmp_path / "run.h5", "-q", "--checkpoint-every", "1h"]
    process = subprocess.Popen(arguments, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True)
    _wait_for(tmp_path / "writing", process)
    os.kill(process.pid, number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.h5", "small.toml", "writing"]


@pytest.mark.mpi
def test_of_two_ranks(tmp_path, config):
    """SIGUSR1: the one that every mpirun forwards; sent twice, for a batch system may insist."""
    arguments = [MPIRUN, "-n", "2", sys.executable, "-c", SLOW_DISK, "run", config, "-o", tmp_path / "run.h5", "-q"]
    arguments += ["--checkpoint-every", "1h"]
    process = subprocess.Popen(arguments, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True)
    _wait_for(tmp_path / "writing", process)
    for _ in range(2):
        process.send_signal(signal.SIGUSR1)
        time.sleep(0.3)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert (tmp_path / "run.h5").exists()


def _wait_for(path, process, seconds=60):
    until = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.02)
