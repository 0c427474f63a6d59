"""Verdicts on nothing: what cannot be judged is never accepted, and never rejected for rounding's sake.

The runs are made as a user makes them. Each has its opposite: a run or a theory that the same words do not hold for.
"""

import json
import shutil
from html import unescape

import h5py
import numpy as np
import pytest

from fluxtube.analysis.validation.outcome import Outcome, as_json, combined_p_value
from fluxtube.analysis.validation.table import score, validation_table
from fluxtube.analysis.validation.validate import degree_ranges, validate
from fluxtube.cli import main
from fluxtube.sim.store.reader import read_ensemble

RUN = """
[turbulence]
band = [1e-2, 60.0]
[sky]
l_max = 12
nside = 8
[ensemble]
realisations = 400
seed = 11
[output]
skies = 1
"""
NOTHING = ["--against", "turbulence.spectrum=slab", "--against", "turbulence.transverse_fraction=1"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs by their settings, each made once."""
    folder, done = tmp_path_factory.mktemp("undecided"), {}
    (folder / "run.toml").write_text(RUN)

    def simulate(*settings):
        if settings not in done:
            done[settings] = folder / f"{len(done)}.h5"
            sets = [word for setting in settings for word in ("--set", setting)]
            assert main(["run", str(folder / "run.toml"), "-o", str(done[settings]), "-q", *sets]) == 0
        return done[settings]

    return simulate


def as_object(capsys, *arguments):
    """Exit status of `fluxtube validate --json`, and what it printed, read strictly."""
    capsys.readouterr()
    status = main(["validate", *map(str, arguments), "--json"])

    def refuse(token):
        raise AssertionError(f"{token} is not JSON")

    return status, json.loads(capsys.readouterr().out, parse_constant=refuse)


@pytest.mark.parametrize("nothing", [NOTHING, ["--against", "transport.spectral_slope=1e-300"]])
def test_theory_that_expects_nothing_is_rejected_by_a_run_with_power(run, capsys, nothing):
    """No score exists, and yet the verdict is clear: p below 1e-300 for each of the 11 degrees; the run's own theory stands."""
    status, result = as_object(capsys, run(), *nothing)
    assert (status, result["verdict"], result["accepted"]) == (1, "rejected", False)
    assert result["z"] == [None] * 11
    assert as_object(capsys, run())[0] == 0


def test_a_run_of_nothing_is_undecided(run, capsys):
    """Slope 1e-300: run and theory vanish, and nothing speaks for theory. A theory with power is rejected by it."""
    path = run("transport.spectral_slope=1e-300")
    status, result = as_object(capsys, path)
    assert (status, result["verdict"]) == (3, "undecided")
    assert "l = 2 to 12" in result["open_questions"][0]
    assert as_object(capsys, path, "--against", "transport.spectral_slope=-4.7")[0] == 1


def test_degrees_under_rounding_leave_the_verdict_open(run, capsys):
    """A band that ends at 8 leaves C_30 at 1e-40: rounding in the run. The degrees are named, scores stay sane, and without them
    theory is accepted; a wrong index is rejected all the same."""
    path = run("turbulence.band=[1e-2,8]", "sky.l_max=30", "sky.nside=16")
    status, result = as_object(capsys, path)
    assert (status, result["verdict"]) == (3, "undecided")
    first = next(l for l, z in zip(result["l"], result["z"], strict=True) if z is None)
    assert 15 < first < 30
    assert result["open_questions"][0].startswith(f"l = {first} to 30: ")
    assert max(abs(z) for z in result["z"] if z is not None) < 5  # rate 1e-5
    assert as_object(capsys, path, "--l-max", first - 1)[0] == 0
    assert as_object(capsys, path, "--against", "turbulence.gamma=1.1")[0] == 1
    ensemble = read_ensemble(path)
    assert np.isnan(ensemble.C_l_error[-1])  # and not 0
    assert np.all(ensemble.C_l_error[2:12] > 0)


def test_one_realisation_is_undecided(run, capsys):
    """Its scatter is not known: the file says NaN, the verdict says why. Two realisations have an error."""
    path = run("ensemble.realisations=1")
    status, result = as_object(capsys, path)
    assert (status, result["verdict"]) == (3, "undecided")
    assert result["open_questions"][0].startswith("one realisation")
    assert np.isnan(read_ensemble(path).C_l_error).all()
    assert np.all(read_ensemble(run("ensemble.realisations=2")).C_l_error[2:] > 0)


@pytest.mark.parametrize("name", ["mean", "second_moment", "noise", "square_moment"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_file_with_what_is_no_number_is_refused_by_name(run, tmp_path, capsys, name, value):
    """One element is enough, of degrees that are tested; exit status 2 and one line."""
    path = tmp_path / "damaged.h5"
    shutil.copy(run(), path)
    with h5py.File(path, "r+") as file:
        file[f"multipoles/{name}"][(0, 5, 5)[: file[f"multipoles/{name}"].ndim]] = value
    capsys.readouterr()
    assert main(["validate", str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"multipoles/{name}" in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("eps", ["0.0", "3e-6"])
def test_orders_that_theory_leaves_empty_are_not_held_against_a_floor(run, capsys, eps):
    """No displacement across the field leaves m = 0 and +-1: the run's other orders are rounding, theory's are its own
    quadrature's. A theory that fills them is rejected, and a run that fills them rejects this theory."""
    common = ["transport.model=cross-field", "transport.convection_perpendicular=0.5", "turbulence.band=[1e-2,30]"]
    common += ["sampling.flow=modes", "sampling.modes=256", "sky.l_max=6", "ensemble.realisations=120"]
    path = run(*common, f"transport.displacement_perpendicular={eps}")
    assert as_object(capsys, path)[0] == 0
    assert as_object(capsys, path, "--against", "transport.displacement_perpendicular=0.5")[0] == 1
    filled = run(*common, "transport.displacement_perpendicular=0.5")
    status, result = as_object(capsys, filled, "--against", f"transport.displacement_perpendicular={eps}")
    assert status == 1
    found = {test["name"]: test["p_value"] for test in result["tests"]}
    assert found["power where theory expects none"] < 1e-6


@pytest.mark.parametrize("l_max", [2, 3, 5])
@pytest.mark.parametrize("settings", [["transport.model=isotropic", "sampling.flow=modes"], ["ensemble.field_directions=random"]])
def test_few_degrees_with_all_orders_have_a_verdict(run, capsys, l_max, settings):
    """50 kept realisations or more, fewer than six degrees."""
    path = run(*settings, f"sky.l_max={l_max}", "sampling.modes=256", "ensemble.realisations=60", "turbulence.band=[1e-2,30]")
    status, result = as_object(capsys, path)
    assert status in (0, 3)
    assert len(result["z"]) == l_max - 1


@pytest.mark.parametrize("particles", [3, 5])
def test_odd_numbers_of_particles(run, capsys, particles):
    """Two halves of equal size: the noise is that of the particles used, so its measured size is right. The mean
    of 120 x 11 squares of scores, neighbouring degrees correlated, is 1 within 0.2; a noise divided by 3 or 5 for 2 or 4 gives
    1.5 and 1.25."""
    path = run(f"check.particles={particles}", "check.realisations=120")
    status, result = as_object(capsys, path)
    assert status == 0
    chi2 = np.array(result["particles_against_quadrature"]["chi2"])[0, 2:]
    assert np.mean(chi2) / 120 == pytest.approx(1, abs=0.2)


def test_a_p_value_that_is_no_number_never_wins():
    """Not against a rejection, in either order, and not alone: it leaves the question open."""
    lost = Outcome("lost", float("nan"), None, float("nan"), decides=True)
    found = Outcome("found", 9.0, None, 1e-9, decides=True)
    assert lost.p_value is None
    assert lost.leaves_open
    assert combined_p_value([lost, found]) == combined_p_value([found, lost]) == 1e-9
    assert combined_p_value([lost]) is None
    assert not Outcome("for information", 1.0, None, float("inf")).leaves_open


def test_numbers_that_json_does_not_know():
    """NaN and infinity are null wherever they stand; everything else stays."""
    value = {"a": np.array([1.0, np.nan]), "b": [np.float64(np.inf), (2, None)], "c": np.int64(3), "d": True, "e": "NaN"}
    assert json.loads(json.dumps(as_json(value), allow_nan=False)) == {
        "a": [1.0, None],
        "b": [None, [2, None]],
        "c": 3,
        "d": True,
        "e": "NaN",
    }


def test_scores_are_printed_in_their_columns():
    """Six columns for any number."""
    for z in (0.0, -2.345, 999.4, 1.6e5, -1e62, float("nan"), float("inf"), float("-inf")):
        assert 6 <= len(score(z)) <= 7
    assert degree_ranges([3]) == "l = 3"
    assert degree_ranges([3, 4, 5, 9, 11, 12]) == "l = 3 to 5, 9, 11 to 12"


def test_no_slope_is_made_of_nothing(run, capsys):
    """One realisation, zeros and degrees under rounding have none; the degrees are named, and those below them have one."""
    kept = ["output.multipoles=400"]
    high = ["turbulence.band=[1e-2,8]", "sky.l_max=30", "sky.nside=16", *kept]
    for settings, words in (
        [["ensemble.realisations=1"], "one realisation"],
        [["transport.spectral_slope=1e-300"], "l = 8 to 12"],
    ):
        assert main(["slope", str(run(*settings))]) == 2
        assert words in capsys.readouterr().err
    path = str(run(*high))
    capsys.readouterr()
    assert main(["slope", path]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert " to 30: " in message
    assert main(["slope", path, "--l-max", "14"]) == 0
    assert "nan" not in capsys.readouterr().out


def test_report_and_figures_show_what_is_undecided(run, tmp_path, capsys):
    """The page, the pictures and the table on screen of runs and theories of nothing; no words about halves without particles."""
    path = run("ensemble.realisations=1")
    for name, arguments in {
        "one": [path],
        "nothing": [run(), *NOTHING],
    }.items():
        assert main(["report", *map(str, arguments), "-o", str(tmp_path / f"{name}.html")]) == 0
    assert main(["validate", str(run("transport.spectral_slope=1e-300")), "--figures", str(tmp_path / "empty")]) == 3
    assert len(list((tmp_path / "empty").iterdir())) == 6
    page = unescape((tmp_path / "one.html").read_text())
    assert "UNDECIDED" in page
    assert "one realisation" in page
    assert "halves" not in page.split("Data sets of the file")[0]
    assert "REJECTED" in (tmp_path / "nothing.html").read_text()
    text = validation_table(validate(path))
    assert text.splitlines()[-1].startswith("theory UNDECIDED")
    assert any(line.startswith("open: one realisation") for line in text.splitlines())
