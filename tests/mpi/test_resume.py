"""Leaving in time and going on: the same bits as a run in one go."""

import signal
import time

import h5py
import numpy as np
import pytest
from launching import SMALL, finish, launch, results, start

LONG = ("--set", "sampling.flow=modes", "--set", "ensemble.realisations=8000", "--set", "output.skies=3")
UNFINISHED = 85


def wait_for(path, seconds=30):
    until = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < until, f"no {path} after {seconds} s"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def one_go(tmp_path_factory):
    """Results of the long run without interruption."""
    folder = tmp_path_factory.mktemp("one_go")
    (folder / "small.toml").write_text(SMALL)
    outcome = launch(2, "run", folder / "small.toml", "-o", folder / "run.h5", *LONG)
    assert outcome.status == 0, outcome.err
    return results(folder / "run.h5")


@pytest.mark.mpi
@pytest.mark.parametrize(("number", "ranks"), [(signal.SIGUSR1, (3, 2)), (signal.SIGTERM, (0, 2)), (signal.SIGINT, (0, 1))])
def test_a_signal_commits_and_any_number_of_ranks_goes_on(tmp_path, config, one_go, number, ranks):
    output = tmp_path / "run.h5"
    process = start(ranks[0], "run", config, "-o", output, *LONG, "--checkpoint-every", "0")
    wait_for(output.with_name("run.h5.checkpoint"))
    process.send_signal(number)
    left = finish(process, 20)
    assert left.status == UNFINISHED, left.err
    assert f"stopped by {number.name}" in left.err
    assert not output.exists()
    again = launch(ranks[1], "run", config, "-o", output, *LONG, "--resume")
    assert again.status == 0, again.err
    assert results(output) == one_go
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.h5", "small.toml"]


@pytest.mark.mpi
def test_time_is_up_again_and_again(tmp_path, config, one_go):
    """A run that never gets more than a moment leaves a block or more further on each time, and ends in the same bits."""
    output, done = tmp_path / "run.h5", [0]
    for ranks in (1, 3, 2, 1, 2):
        outcome = launch(ranks, "run", config, "-o", output, *LONG, "--resume", "--max-time", "0.01s")
        assert outcome.status == UNFINISHED, outcome.err
        with h5py.File(output.with_name("run.h5.checkpoint")) as file:
            done.append(int(file.attrs["realisations"]))
    assert np.all(np.diff(done) > 0)
    assert launch(2, "run", config, "-o", output, *LONG, "--resume").status == 0
    assert results(output) == one_go


@pytest.mark.mpi
def test_two_runs_on_one_output(tmp_path, config):
    output = tmp_path / "run.h5"
    process = start(2, "run", config, "-o", output, *LONG, "--set", "ensemble.realisations=1e7", "--checkpoint-every", "0")
    wait_for(output.with_name("run.h5.checkpoint"))
    try:
        second = launch(0, "run", config, "-o", output, "--force", timeout=20)
        assert second.status == 2
        assert "another run writes" in second.err
    finally:
        process.kill()  # the launcher: its ranks die with it
        finish(process, 20)
    until = time.monotonic() + 5
    while (third := launch(0, "run", config, "-o", output, "--force")).status and time.monotonic() < until:
        time.sleep(0.2)
    assert third.status == 0, "a dead run holds the lock"


@pytest.mark.mpi
@pytest.mark.parametrize("estimator", ["quadrature", "particles"])
def test_more_realisations_extend_a_finished_run(tmp_path, config, estimator):
    """The last block, once not full, is put right."""
    sets = ("--set", f"sampling.estimator={estimator}", "--set", "sampling.flow=modes")
    sets += ("--set", "sampling.particles=4000") if estimator == "particles" else ()
    grown, once = tmp_path / "grown.h5", tmp_path / "once.h5"
    for count in (40, 100, 300):
        assert launch(2, "run", config, "-o", grown, *sets, "--set", f"ensemble.realisations={count}", "--resume").status == 0
    assert launch(0, "run", config, "-o", once, *sets, "--set", "ensemble.realisations=300").status == 0
    assert results(grown) == results(once)


@pytest.mark.mpi
def test_another_configuration_is_refused_with_what_differs(tmp_path, config):
    output = tmp_path / "run.h5"
    assert launch(0, "run", config, "-o", output).status == 0
    before = output.read_bytes()
    other = launch(2, "run", config, "-o", output, "--resume", "--set", "sky.l_max=11", "--set", "ensemble.seed=5")
    assert other.status == 2
    assert "sky.l_max = 10 there, 11 here" in other.err
    assert "ensemble.seed" in other.err
    fewer = launch(0, "run", config, "-o", output, "--resume", "--set", "ensemble.realisations=10")
    assert fewer.status == 2
    assert "150 there" in fewer.err
    assert output.read_bytes() == before


@pytest.mark.mpi
def test_target_error_stops_at_the_same_realisation(tmp_path, config):
    asked = {"target_relative_error": 0.05, "target_degrees": [2, 3], "realisations": 100000, "minimum_realisations": 200}
    sets = ["--set", "sampling.flow=modes"]
    sets += [part for key, value in asked.items() for part in ("--set", f"ensemble.{key}={value}")]
    found = []
    for ranks in (0, 3):
        output = tmp_path / f"{ranks}.h5"
        outcome = launch(ranks, "run", config, "-o", output, *sets)
        assert outcome.status == 0, outcome.err
        found.append(results(output))
    assert found[0] == found[1]
    resumed = tmp_path / "resumed.h5"
    assert launch(2, "run", config, "-o", resumed, *sets, "--max-time", "0s").status == UNFINISHED
    assert launch(2, "run", config, "-o", resumed, *sets, "--resume").status == 0
    assert results(resumed) == found[0]
    with h5py.File(resumed) as file:
        count, C_l, error = int(file.attrs["realisations"]), file["spectrum/C_l"][()], file["spectrum/C_l_error"][()]
    assert 200 <= count < 100000
    assert count % 64 == 0
    assert np.all(error[2:4] <= 0.05 * C_l[2:4])


def test_a_second_interrupt_ends_at_once(tmp_path, config, one_go):
    """In the middle of a block of seconds: no commit is waited for, what was committed stands, and the lock is free."""
    output = tmp_path / "run.h5"
    partly = launch(0, "run", config, "-o", output, *LONG, "--max-time", "0.01s")
    assert partly.status == UNFINISHED
    before = output.with_name("run.h5.checkpoint").read_bytes()
    slow = ("--set", "sampling.estimator=particles", "--set", "sampling.particles=1e9")
    process = start(0, "run", config, "-o", tmp_path / "slow.h5", *slow)
    wait_for(tmp_path / ".slow.h5.lock")
    time.sleep(2)  # into the first block, which takes about ten
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None  # the first one waits for the block
    process.send_signal(signal.SIGINT)
    left = finish(process, 2)
    assert left.status == 130
    assert "interrupted twice" in left.err
    assert not (tmp_path / "slow.h5").exists()
    assert output.with_name("run.h5.checkpoint").read_bytes() == before
    again = launch(1, "run", config, "-o", output, *LONG, "--resume")
    assert again.status == 0, again.err
    assert results(output) == one_go
