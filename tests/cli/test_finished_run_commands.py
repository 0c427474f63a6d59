"""`validate`, `plot` and `info` on a real, small run: output, exit status, messages."""

import json

import h5py
import numpy as np
import pytest

from fluxtube.cli import main

CONFIG = """
[turbulence]
band = [1e-3, 1e3]
[sky]
l_max = 12
nside = 8
[ensemble]
realisations = 2_000
seed = 7
[check]
realisations = 5
particles = 20_000
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run."""
    directory = tmp_path_factory.mktemp("run")
    (directory / "config.toml").write_text(CONFIG)
    assert main(["run", str(directory / "config.toml"), "-o", str(directory / "run.h5"), "-q", "--threads", "1"]) == 0
    return directory / "run.h5"


def test_validate_accepts_its_own_theory(run, capsys):
    """Table, tests and verdict; seed fixed, false-alarm rate 1e-3."""
    assert main(["validate", str(run)]) == 0
    text = capsys.readouterr().out
    for words in ("2,000 realisations", "C_l simulated", "covariance, whole matrix", "particles against quadrature", "ACCEPTED"):
        assert words in text


def test_validate_rejects_another_theory(run, capsys):
    """Exit status 1, and JSON that says why."""
    assert main(["validate", str(run), "--against", "turbulence.gamma=1.4", "--json"]) == 1
    result = json.loads(capsys.readouterr().out)
    assert result["accepted"] is False
    assert result["p_value"] < 1e-6
    assert result["l"] == list(range(2, 13))
    assert result["against"] == ["turbulence.gamma=1.4"]


def test_validate_draws_what_it_judged(run, tmp_path, capsys):
    """Figures and tables of the theory held against, beside the JSON object alone on standard output."""
    arguments = ["--against", "turbulence.sigma=46 km/s", "--figures", str(tmp_path / "figures"), "--json"]
    assert main(["validate", str(run), *arguments]) == 1
    result = json.loads(capsys.readouterr().out)
    assert len(list((tmp_path / "figures").iterdir())) == 6
    table = np.genfromtxt(tmp_path / "figures" / "spectrum.csv", delimiter=",", names=True, skip_header=2)
    np.testing.assert_allclose(table["C_l_theory"], result["C_l_theory"], rtol=1e-9)


def test_plot_writes_beside_the_run_and_prints_paths(run, capsys):
    """Default directory, and again over the same files."""
    for _ in range(2):
        assert main(["plot", str(run)]) == 0
        paths = capsys.readouterr().out.split()
        names = [f"{name}.{ending}" for name in ("spectrum", "correlation", "sky") for ending in ("png", "csv")]
        assert paths == [str(run.parent / "run-plots" / name) for name in names]


def test_info_says_what_the_file_holds(run, capsys):
    """Physics with units, provenance and data sets."""
    assert main(["info", str(run)]) == 0
    text = capsys.readouterr().out
    for words in (
        "complete",
        "2,000 of 2,000",
        "23 km/s",
        "10 pc",
        "quadrature",
        "l_max = 12",
        "multipoles/second_moment",
        "hash",
    ):
        assert words in text


def test_info_as_json_and_as_configuration(run, capsys, tmp_path):
    """The printed configuration runs again and has the same hash."""
    assert main(["info", str(run), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["complete"] is True
    assert summary["configuration"]["sky"]["l_max"] == 12
    assert {"name", "shape", "meaning"} <= set(summary["datasets"][0])
    assert main(["info", str(run), "--config"]) == 0
    from fluxtube.sim.config import load_config

    (tmp_path / "again.toml").write_text(capsys.readouterr().out)
    assert load_config(tmp_path / "again.toml").hash == summary["configuration_hash"]


def test_unfinished_run(run, tmp_path, capsys):
    """`info` says that it is not whole; `validate` and `plot` refuse it."""
    unfinished = tmp_path / "cut.h5"
    unfinished.write_bytes(run.read_bytes())
    with h5py.File(unfinished, "r+") as file:
        file.attrs["complete"] = False
    assert main(["info", str(unfinished)]) == 0
    assert "not finished" in capsys.readouterr().out
    for command in ("validate", "plot"):
        assert main([command, str(unfinished)]) == 2
        assert "not finished" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["validate", "plot", "info"])
def test_missing_foreign_and_broken_files(command, tmp_path, capsys):
    """Exit status 2 and one line."""
    with h5py.File(tmp_path / "foreign.h5", "w") as file:
        file["x"] = 1
    (tmp_path / "text.h5").write_text("not HDF5")
    for name in ("missing.h5", "foreign.h5", "text.h5", ""):
        assert main([command, str(tmp_path / name)]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("fluxtube: error: ")
        assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "--against", "turbulence.gama=1.6"],
        ["validate", "--against", "sky.nside=4"],
        ["validate", "--false-alarm", "2"],
        ["plot", "-o", "/dev/null/plots"],
    ],
)
def test_impossible_arguments(run, arguments, capsys):
    """Exit status 2 and one line."""
    assert main([arguments[0], str(run), *arguments[1:]]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("fluxtube: error: ")
    assert captured.err.count("\n") == 1
