"""A run leaves the process as it found it, and knows where it cannot run."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numba
import pytest
from threadpoolctl import threadpool_info

from fluxtube.cli import main
from fluxtube.sim.config import load_config
from fluxtube.sim.run.communicator import SerialCommunicator
from fluxtube.sim.run.ensemble import run_ensemble
from fluxtube.sim.run.interrupts import SIGNALS, Leaving

SMALL = """
[turbulence]
band = [1e-2, 30]
[sky]
l_max = 5
nside = 2
[ensemble]
realisations = 300
[check]
realisations = 0
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text(SMALL)
    return path


def of_the_process():
    blas = {pool["filepath"]: pool["num_threads"] for pool in threadpool_info()}
    handlers = [signal.getsignal(number) for number in SIGNALS]
    return numba.get_num_threads(), numba.config.CACHE_DIR, blas, handlers, signal.set_wakeup_fd(-1), dict(os.environ)


def test_a_run_leaves_threads_handlers_and_environment_alone(config):
    main(["run", str(config), "-o", str(config.parent / "first.h5"), "-q"])  # loads what it needs
    before = of_the_process()
    for threads in (1, 2):
        run_ensemble(load_config(config), SerialCommunicator(), threads, quiet=True)
        assert of_the_process() == before
    main(["run", str(config), "-o", str(config.parent / "second.h5"), "-q", "--threads", "1"])
    assert of_the_process() == before


def test_a_run_in_another_thread(config):
    """Signals belong to the main thread; the run continues without them."""
    status = []
    for name in ("run", "theory"):
        arguments = [name, str(config)] + (["-o", str(config.parent / "x.h5"), "-q"] if name == "run" else [])
        thread = threading.Thread(target=lambda arguments=arguments: status.append(main(arguments)))
        thread.start()
        thread.join()
    assert status == [0, 0]


@pytest.mark.parametrize("number", SIGNALS)
def test_every_signal_that_ends_processes_is_a_request(number):
    before = signal.signal(number, signal.SIG_DFL)
    try:
        with Leaving() as leaving:
            assert not leaving.wanted()
            os.kill(os.getpid(), number)
            assert leaving.wanted()
            assert leaving.reason == number.name
    finally:
        signal.signal(number, before)


def test_nohup_is_respected():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Leaving() as leaving:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not leaving.wanted()
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


FORK = """\
import os, sys
from fluxtube.cli import main
def run(name):
    return main(["run", sys.argv[1], "-o", name, "-q", "--force", "--set", "ensemble.realisations=4096"])
{before}
if os.fork() == 0:
    os._exit(run("child.h5"))
print(os.waitstatus_to_exitcode(os.wait()[1]))
"""
OWN_KERNEL = """\
import numba, numpy
@numba.njit(parallel=True)
def fill(x):
    for i in numba.prange(x.size):
        x[i] = i
fill(numpy.zeros(1000))
"""


ONE = """\
import os, sys
import fluxtube
def multipoles():
    return fluxtube.Realisation(sys.argv[1], 3, {"sampling.flow": "modes", "sampling.modes": 64}).multipoles()
multipoles()
if os.fork() == 0:
    try:
        multipoles()
    except fluxtube.InputError as error:
        os._exit("spawn" in str(error))
    os._exit(2)
print(os.waitstatus_to_exitcode(os.wait()[1]))
"""


def test_single_realisations_in_a_forked_child_are_refused(config):
    """In words; numba's own guard would end the process."""
    done = subprocess.run([sys.executable, "-c", ONE, str(config)], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["1"], done.stderr


@pytest.mark.parametrize("before", ["run('parent.h5')", OWN_KERNEL])
@pytest.mark.parametrize("layer", ["omp", "workqueue"])
def test_a_forked_child_commits_nothing_false(config, before, layer):
    """It is refused, or its results are those of the parent; numba's own guard stops kernels half-way."""
    code = FORK.format(before=before)
    done = subprocess.run(
        [sys.executable, "-c", code, str(config)], cwd=config.parent, capture_output=True, text=True, timeout=120,
        env=os.environ | {"NUMBA_THREADING_LAYER": layer, "NUMBA_NUM_THREADS": "2"},
    )  # fmt: skip
    status = int(done.stdout.split()[-1])
    if status == 0:
        sys.path.insert(0, str(Path(__file__).parents[1] / "mpi"))
        from launching import results

        assert layer == "workqueue"
        main(["run", str(config), "-o", str(config.parent / "here.h5"), "-q", "--set", "ensemble.realisations=4096"])
        assert results(config.parent / "child.h5") == results(config.parent / "here.h5")
    else:
        assert status == 2, done.stderr
        assert done.stderr.count("fluxtube: error:") == 1
        assert "spawn" in done.stderr
        assert not list(config.parent.glob("child.h5*"))
