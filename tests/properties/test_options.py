"""Every option of the commands that print numbers either changes what is printed or written, or is refused."""

import argparse
import contextlib
import io

import numpy as np
import pytest
from trying import TRIED

import fluxtube
from fluxtube.cli import build_parser, main

# What an option is given, by command: a value that can change something; None: it takes none.
VALUES = {
    "theory": {"--l-max": ["7"], "--json": [], "--set": ["turbulence.gamma=1.9"]},
    "validate": {"--against": ["turbulence.gamma=1.4"], "--false-alarm": ["0.05"], "--l-max": ["4"], "--json": []},
    "slope": {"--l-min": ["3"], "--l-max": ["5"]},
    "info": {"--json": [], "--config": []},
    "observe": {
        "--view": ["hawc"], "--l-max": ["6"], "--field-direction": ["10", "20"], "--config": ["{toml}"], "--gamma": ["1.4"],
    },
    "fit": {
        "--column": ["other"], "--model": ["parallel"], "--gamma": ["1.6"], "--l-min": ["3"], "--l-max": ["9"], "--skies": ["5"],
        "--noise": ["1e-9"], "--noise-subtracted": ["1e-9"], "--sky-fraction": ["0.6"], "--m0-lost": [],
        "--covariance": ["{matrix}"], "--mixing-matrix": ["{matrix}"], "--transverse-fraction": ["0.2"],
        "--spectral-slope": ["-3"], "--sigma-range": ["2", "500"], "--compare": [], "--steps": ["250"], "--seed": ["7"],
        "--json": [],
    },
    "measure": {
        "--field": ["1"], "--mask": ["{mask}"], "--weights": ["{mask}"], "--noise": ["1e-11"], "--counts": [], "--keep-rings": [],
        "--keep-dipole": [], "--l-max": ["5"], "--pad": ["3"], "--ordering": ["NESTED"],
    },
}  # fmt: skip
BASE = {
    "theory": ["{toml}"], "validate": ["{run}"], "slope": ["{run}", "--l-min", "2"], "info": ["{run}"],
    "observe": ["--l-max", "5", "--view", "icecube"], "fit": ["{spectrum}", "--steps", "200", "--model", "isotropic"],
    "measure": ["{map}", "-o", "{out}", "--l-max", "6", "--pad", "2"],
}  # fmt: skip
# Options that change no number, and what holds them.
ELSEWHERE = {
    "--help", "--plugin", "--output", "--format", "--figures", "--title",  # files and figures: tests/cli/test_overwriting.py
    "--turn",  # maps that are in equatorial coordinates have nothing to turn: tests/analysis/test_maps.py
    "--sigma",  # of `observe`, which prints ratios: the figures of `paper` show it
    "--density-response", "--free-path-observed",  # of `fit`: tests/analysis/test_fit_law.py (slow to tabulate)
}  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    healpy = pytest.importorskip("healpy")
    folder = tmp_path_factory.mktemp("options")
    keys = {"turbulence.band": [1e-2, 30], "sky.l_max": 6, "sky.nside": 4, "ensemble.realisations": 60, "check.realisations": 0}
    fluxtube.simulate({}, keys).save(folder / "run.h5")
    (folder / "run.toml").write_text(fluxtube.configuration({}, keys | {"turbulence.gamma": 1.8}).to_toml())
    rng = np.random.default_rng(3)
    l = np.arange(2, 12)
    C_l = 3e-8 * (l / 2.0) ** -2.67 * rng.chisquare(2 * l + 1) / (2 * l + 1)
    rows = "".join(f"{a},{c:.6e},{1.5 * c:.6e}\n" for a, c in zip(l, C_l, strict=True))
    (folder / "spectrum.csv").write_text("l,C_l,other\n" + rows)
    matrix = np.diag(C_l**2) + 0.3 * np.outer(C_l, C_l)
    scaled = matrix / matrix.max()
    (folder / "matrix.csv").write_text("\n".join(",".join(f"{x:.6e}" for x in row) for row in scaled) + "\n")
    maps = rng.normal(size=(2, 3072)) * 1e-4
    healpy.write_map(folder / "map.fits", maps, coord="C", column_units="1", dtype=np.float64)
    healpy.write_map(folder / "mask.fits", (np.arange(3072) > 400).astype(float), coord="C", dtype=np.float64)
    names = {"run": "run.h5", "toml": "run.toml", "spectrum": "spectrum.csv", "matrix": "matrix.csv", "map": "map.fits",
             "mask": "mask.fits", "out": "out"}  # fmt: skip
    return {name: str(folder / file) for name, file in names.items()}


def done(files, arguments):
    """Status and text of a command."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        status = main([argument.format(**files) for argument in arguments])
    return status, out.getvalue()


def options(command):
    subparsers = next(action for action in build_parser()._actions if isinstance(action, argparse._SubParsersAction))
    return {
        action.option_strings[-1] for action in subparsers.choices[command]._actions if action.option_strings
    }  # fmt: skip


@pytest.mark.parametrize("command", VALUES)
def test_an_option_changes_the_result_or_is_refused(files, command):
    base = [command, *BASE[command]]
    before = done(files, base)
    assert before[0] in (0, 1, 3)
    assert before == done(files, base)  # the control: the same again where nothing is changed
    for option, value in VALUES[command].items():
        after = done(files, [*base, option, *value])
        TRIED["options"] += 1
        assert after[0] == 2 or after != before, f"{command} {option} changes nothing"
        assert after[0] != 70, f"{command} {option}"


@pytest.mark.parametrize("command", VALUES)
def test_no_option_is_left_out(command):
    assert options(command) <= set(VALUES[command]) | ELSEWHERE
