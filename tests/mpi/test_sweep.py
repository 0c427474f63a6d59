"""A sweep on several ranks: the bits of one rank; signals end all of them, and any number goes on."""

import signal

import pytest
from launching import finish, launch, results, start
from test_resume import UNFINISHED, wait_for

GRID = ("--set", "turbulence.gamma=1.5,5/3", "--set", "sampling.flow=modes", "--set", "ensemble.realisations=3000")


@pytest.fixture(scope="module")
def one_rank(tmp_path_factory):
    from launching import SMALL

    folder = tmp_path_factory.mktemp("one_rank")
    (folder / "small.toml").write_text(SMALL)
    outcome = launch(0, "sweep", folder / "small.toml", *GRID, "-o", folder / "grid")
    assert outcome.status == 0, outcome.err
    return {path.name: results(path) for path in (folder / "grid").glob("*.h5")}


@pytest.mark.mpi
def test_a_signal_commits_and_any_number_of_ranks_goes_on(tmp_path, config, one_rank):
    grid = tmp_path / "grid"
    process = start(2, "sweep", config, *GRID, "-o", grid, "--checkpoint-every", "0")
    wait_for(grid / "gamma=1.5.h5.checkpoint")
    process.send_signal(signal.SIGTERM)
    left = finish(process, 20)
    assert left.status == UNFINISHED, left.err
    assert "stopped by SIGTERM after 0 of 2 points" in left.err
    again = launch(3, "sweep", config, *GRID, "-o", grid, "--resume", "-q")
    assert again.status == 0, again.err
    assert {path.name: results(path) for path in grid.glob("*.h5")} == one_rank
    assert sorted(path.name for path in grid.iterdir() if path.suffix != ".h5") == [
        "derivatives.csv", "spectra.csv", "sweep.json", "sweep.png",
    ]  # fmt: skip


@pytest.mark.mpi
def test_all_ranks_refuse_together(tmp_path, config):
    outcome = launch(2, "sweep", config, "--set", "turbulence.gamma=1.5", "-o", tmp_path / "grid")
    assert outcome.status == 2
    assert outcome.err.count("a grid of one point is a run") == 1
    assert not (tmp_path / "grid").exists()
