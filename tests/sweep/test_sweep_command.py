"""`fluxtube sweep` and `fluxtube compare`: ordinary run files, tables, going on, refusals."""

import csv
import json

import numpy as np
import pytest

from fluxtube.analysis.configured import theory_of_config
from fluxtube.cli import main
from fluxtube.sim.store.reader import read_ensemble

SMALL = """
[turbulence]
gamma = 1.5
sigma = "23 km/s"
sigma_scale = "10 pc"
band = [1e-2, 40]
[sky]
l_max = 6
nside = 4
[sampling]
nodes = 140
[ensemble]
realisations = 1500
[output]
multipoles = 500
skies = 1
"""
GRID = ("--set", "turbulence.gamma=5/3,1.5", "--set", "turbulence.sigma=20 km/s,30 km/s,25 km/s", "--set", "ensemble.seed=9")
NAMES = [f"gamma={gamma}_sigma={sigma}.h5" for gamma in ("1.5", "1.666666667") for sigma in (20, 25, 30)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "small.toml").write_text(SMALL)
    return folder


@pytest.fixture(scope="module")
def grid(folder):
    """A grid of six points."""
    assert main(["sweep", str(folder / "small.toml"), *GRID, "-o", str(folder / "grid"), "-q"]) == 0
    return folder / "grid"


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def bits(path):
    run = read_ensemble(path)
    return [run.second_moment.tobytes(), run.C_l.tobytes(), run.samples_multipoles.tobytes(), run.sky_mean_square.tobytes()]


def test_points_are_ordinary_runs(folder, grid):
    assert sorted(path.name for path in grid.glob("*.h5")) == NAMES
    assert sorted(path.name for path in grid.glob("[!g]*")) == ["derivatives.csv", "spectra.csv", "sweep.json", "sweep.png"]
    sets = ("--set", "turbulence.gamma=5/3", "--set", "turbulence.sigma=25 km/s", "--set", "ensemble.seed=9")
    assert main(["run", str(folder / "small.toml"), *sets, "-o", str(folder / "alone.h5"), "-q"]) == 0
    assert bits(folder / "alone.h5") == bits(grid / NAMES[4])
    assert read_ensemble(folder / "alone.h5").config == read_ensemble(grid / NAMES[4]).config


def test_tables_hold_the_runs_and_theory(grid):
    spectra = rows(grid / "spectra.csv")
    assert len(spectra) == 6 * 5
    for row in spectra:
        run = read_ensemble(grid / row["file"].strip('"'))
        assert (run.config.turbulence.gamma, run.config.turbulence.sigma) == pytest.approx(
            (float(row["gamma"]), float(row["sigma_km_per_s"])), rel=1e-9
        )
        l = int(row["l"])
        expected = (run.C_l[l], run.C_l_error[l], theory_of_config(run.config).spectrum(6)[l - 2], run.realisations)
        found = tuple(float(row[name]) for name in ("C_l", "C_l_error", "C_l_theory", "realisations"))
        assert found == pytest.approx(expected, rel=1e-9)
    derivatives = rows(grid / "derivatives.csv")
    assert len(derivatives) == (3 * 1 + 2 * 2) * 5
    by_gamma = [row for row in derivatives if row["parameter"].strip('"') == "turbulence.gamma"]
    assert {row["at_sigma_km_per_s"] for row in by_gamma} == {"2.000000000e+01", "2.500000000e+01", "3.000000000e+01"}
    for row in by_gamma:
        assert float(row["dlnC_l_error"]) < 0.3 * float(row["dlnC_l_error_unpaired"])
    one, other = (read_ensemble(grid / name) for name in (NAMES[0], NAMES[3]))
    l = int(by_gamma[3]["l"])
    assert float(by_gamma[3]["dlnC_l"]) == pytest.approx(np.log(other.C_l[l] / one.C_l[l]) / (5 / 3 - 1.5), rel=1e-9)


def test_sigma_scales_all_spectra_alike(grid):
    """C_l ~ sigma^2 on the same flows to rounding: the derivative is exact, and so is its error."""
    for row in rows(grid / "derivatives.csv"):
        if row["parameter"].strip('"') == "turbulence.sigma":
            low, high = float(row["from"]), float(row["to"])
            exact = 2 * np.log(high / low) / (high - low)
            assert float(row["dlnC_l"]) == pytest.approx(exact, rel=1e-9)
            assert float(row["dlnC_l_error"]) < 1e-9
            assert float(row["dlnC_l_error_unpaired"]) > 1e-3
            assert float(row["dC_l_error"]) > 0


def test_interrupted_sweeps_go_on_to_the_same_bits(folder, grid, capsys):
    again, config = str(folder / "again"), str(folder / "small.toml")
    for _ in range(12):  # every time a block or more, and no more than six of them are needed
        status = main(["sweep", config, *GRID, "-o", again, "-q", "--resume", "--max-time", "0", "--checkpoint-every", "0"])
        if status == 0:
            break
        assert status == 85
        assert "of 6 points; continue with --resume" in capsys.readouterr().err
        assert not (folder / "again" / "spectra.csv").exists()
        if (folder / "again" / NAMES[0]).exists() and not (folder / "again" / NAMES[1]).exists():
            first = (folder / "again" / NAMES[0]).stat().st_mtime_ns
    assert main(["sweep", config, *GRID, "-o", again, "-q", "--resume"]) == 0
    assert (folder / "again" / NAMES[0]).stat().st_mtime_ns == first  # finished points are kept
    for name in NAMES:
        assert bits(folder / "again" / name) == bits(grid / name)
    for table in ("spectra.csv", "derivatives.csv"):
        assert (folder / "again" / table).read_text() == (grid / table).read_text()


def test_more_values_join_a_sweep(folder, capsys):
    config, place = str(folder / "small.toml"), str(folder / "more")
    assert main(["sweep", config, "--set", "turbulence.gamma=1.5,1.7", "-o", place, "-q"]) == 0
    before = (folder / "more" / "gamma=1.7.h5").stat().st_mtime_ns
    more = ["sweep", config, "--set", "turbulence.gamma=1.6,1.5,1.7", "-o", place]
    assert main(more) == 2
    assert "--resume" in capsys.readouterr().err
    assert main([*more, "--resume", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [point["values"]["turbulence.gamma"] for point in found["points"]] == [1.5, 1.6, 1.7]
    assert [(one["from"], one["to"]) for one in found["derivatives"]] == [(1.5, 1.6), (1.6, 1.7)]
    assert (folder / "more" / "gamma=1.7.h5").stat().st_mtime_ns == before
    assert main(["sweep", config, "--set", "turbulence.gamma=1.5,1.6", "--set", "sky.l_max=5", "-o", place, "--resume"]) == 2
    assert "sky.l_max = 6 there, 5 here" in capsys.readouterr().err
    assert main(["sweep", config, "--set", "turbulence.sigma=20 km/s,21 km/s", "-o", place, "--resume"]) == 2
    assert "is of a sweep over turbulence.gamma" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "a grid of one point is a run"),
        (("--set", "turbulence.gamma=1.5"), "a grid of one point is a run"),
        (("--set", "turbulence.gama=1.5,1.6"), "did you mean 'gamma'"),
        (("--set", "turbulence.stretch=1.5,1.6"), "has no effect with spectrum = 'power-law'"),
        (("--set", "transport.density_gradient=0 /pc,1e-6 /pc"), "does not depend on transport.density_gradient"),
        (("--set", "transport.mean_free_path=5 pc,10 pc", "--set", "turbulence.sigma_scale="), "sigma_scale"),
        (("--set", "transport.model=parallel,isotropic", "--set", "sampling.flow=modes"), "is not a number"),
        (("--set", "turbulence.band=[1e-2,40],[1e-2,50]"), "is not a number"),
        (("--set", "turbulence.gamma=1.5,sea"), "'sea' is not a number"),
        (("--set", "turbulence.gamma=1.5,,1.6"), "is empty"),
        (("--set", "turbulence.gamma=1.5,3/2"), "are the same value"),
        (("--set", "turbulence.gamma=1.5,1.6", "--set", "turbulence.gamma=1.7,1.8"), "given twice"),
        (("--set", "ensemble.seed=1,2"), "a grid runs over numbers of [turbulence], [transport], [sampling]"),
        (("--set", "turbulence.gamma"), "does not set a key"),
        (("--set", "turbulence.gamma=1.5,1.6", "--degrees", "2,40"), "--degrees 40"),
        (("--set", "sampling.nodes=100,140"), "nodes=100: sampling.nodes = 100 cannot resolve"),
    ],
)
def test_what_is_no_grid(folder, capsys, arguments, words):
    status = main(["sweep", str(folder / "small.toml"), *arguments, "-o", str(folder / "never")])
    error = capsys.readouterr().err
    assert status == 2
    assert words in error
    assert error.startswith("fluxtube: error: ")
    assert error.count("\n") == 1
    assert not (folder / "never").exists()


def test_a_mean_free_path_without_a_scale_changes_nothing(folder, capsys):
    text = SMALL.replace('sigma_scale = "10 pc"\n', "")
    (folder / "no_scale.toml").write_text(text)
    arguments = ["sweep", str(folder / "no_scale.toml"), "--set", "transport.mean_free_path=5 pc,10 pc", "-o", str(folder / "no")]
    assert main(arguments) == 2
    assert "turbulence.sigma_scale=10 pc" in capsys.readouterr().err
    assert not (folder / "no").exists()


def test_a_directory_that_holds_something_else(folder, capsys):
    place = folder / "taken"
    place.mkdir()
    (place / "notes.txt").write_text("mine")
    arguments = ["sweep", str(folder / "small.toml"), "--set", "turbulence.gamma=1.5,1.6", "-o", str(place)]
    for more in ([], ["--resume"]):
        assert main([*arguments, *more]) == 2
        assert "holds something else than a sweep" in capsys.readouterr().err
    (place / "sweep.json").write_text("{}")
    assert main([*arguments, "--resume"]) == 2
    assert "is not of a sweep" in capsys.readouterr().err
    assert sorted(path.name for path in place.iterdir()) == ["notes.txt", "sweep.json"]
    assert main([*arguments[:-1], str(place / "notes.txt")]) == 2
    assert "cannot make the directory" in capsys.readouterr().err


def test_pairing_that_is_lost_is_said(folder, capsys):
    arguments = ["--set", "sampling.nodes=140,200", "-o", str(folder / "nodes"), "-q"]
    assert main(["sweep", str(folder / "small.toml"), *arguments]) == 0
    assert "sampling.nodes changes the waves" in capsys.readouterr().err
    row = rows(folder / "nodes" / "derivatives.csv")[2]
    assert float(row["dlnC_l_error"]) > 0.7 * float(row["dlnC_l_error_unpaired"])
    assert float(row["dlnC_l_theory"]) == 0


def test_too_few_kept_realisations_are_said(folder, capsys):
    place = folder / "few"
    place.mkdir()
    (place / ".sweep.json.partial-0123456789abcdef").write_text("{")  # of a sweep that was killed as it began
    arguments = ["--set", "turbulence.gamma=1.5,1.6", "--set", "output.multipoles=20", "-o", str(place), "-q"]
    assert main(["sweep", str(folder / "small.toml"), *arguments]) == 0
    assert "the multipoles of 20 realisations are kept, and paired errors need 30" in capsys.readouterr().err
    row = rows(place / "derivatives.csv")[0]
    assert row["dlnC_l_error"] == row["correlation"] == ""
    assert float(row["dlnC_l_error_unpaired"]) > 0


def verdict(capsys, *arguments):
    status = main(["compare", *map(str, arguments), "--json"])
    return status, json.loads(capsys.readouterr().out)


def run(folder, name, *sets):
    overrides = [part for text in sets for part in ("--set", text)]
    assert main(["run", str(folder / "small.toml"), *overrides, "-o", str(folder / name), "-q"]) == 0
    return folder / name


def test_compare_finds_what_pairs_alone_can_show(folder, grid, capsys):
    """gamma = 1.5 and 1.51 on the same flows differ for certain; on other flows they cannot be told apart (rate 1e-3)."""
    near = run(folder, "near.h5", "turbulence.gamma=1.51", "turbulence.sigma=20 km/s", "ensemble.seed=9")
    status, found = verdict(capsys, grid / NAMES[0], near)
    assert (status, found["verdict"], found["paired"]) == (1, "differ", True)
    assert found["configuration"] == ["turbulence.gamma = 1.5 there, 1.51 here"]
    assert found["correlation"] > 0.99
    assert 20 * found["ratio_error"][4] < found["ratio_error_unpaired"][4]
    apart = run(folder, "apart.h5", "turbulence.gamma=1.51", "turbulence.sigma=20 km/s", "ensemble.seed=10")
    status, found = verdict(capsys, grid / NAMES[0], apart)
    assert (status, found["verdict"], found["paired"]) == (0, "agree", False)
    far = run(folder, "far.h5", "turbulence.gamma=1.9", "turbulence.sigma=20 km/s", "ensemble.seed=10")
    assert verdict(capsys, grid / NAMES[0], far)[0] == 1


def test_compare_the_same(folder, grid, capsys):
    status, found = verdict(capsys, grid / NAMES[0], grid / NAMES[0])
    assert (status, found["same_bits"], found["configuration"], found["versions"]) == (0, True, [], [])
    # Twice the realisations contain the half; all differences are sampling.
    longer = run(folder, "longer.h5", "turbulence.sigma=20 km/s", "ensemble.seed=9", "ensemble.realisations=3000")
    status, found = verdict(capsys, grid / NAMES[0], longer)
    assert (status, found["verdict"], found["same_bits"]) == (0, "agree", False)
    assert found["p_value"] > 1e-3
    # The same flows seen by sigma = 20 and 25 km/s: exactly (20/25)^2.
    status, found = verdict(capsys, grid / NAMES[0], grid / NAMES[1])
    assert status == 1
    assert np.allclose(found["ratio"][2:], 0.64, rtol=1e-9)


def test_compare_cannot_decide(folder, grid, capsys):
    few = run(folder, "few.h5", "turbulence.gamma=1.6", "turbulence.sigma=20 km/s", "ensemble.seed=9", "output.multipoles=20")
    status, found = verdict(capsys, grid / NAMES[0], few)
    assert (status, found["verdict"], found["p_value"]) == (3, "undecided", None)
    assert "20 realisations are kept in both" in found["open"][0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("{grid}/sweep.json", "{run}"), "sweep.json"),
        (("{run}", "none.h5"), "none.h5"),
        (("{run}", "{run}", "--false-alarm", "2"), "a probability between 0 and 0.5"),
        (("{run}", "{run}", "--false-alarm", "some"), "is not a finite number"),
        (("{run}", "{run}", "-o", "ratio.gif"), "a picture ends in .png, .pdf, .svg"),
    ],
)
def test_what_cannot_be_compared(grid, capsys, arguments, words):
    arguments = [text.format(grid=grid, run=grid / NAMES[0]) for text in arguments]
    assert main(["compare", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_compare_draws(grid, tmp_path, capsys):
    assert main(["compare", str(grid / NAMES[0]), str(grid / NAMES[3]), "-o", str(tmp_path / "ratio.png")]) == 1
    assert (tmp_path / "ratio.png").read_bytes().startswith(b"\x89PNG")
    out = capsys.readouterr().out
    assert "DIFFER" in out
    assert "turbulence.gamma = 1.5 in A, 1.6666666666666667 in B" in out


def test_rounding_is_no_derivative(folder, tmp_path):
    """A band that ends at k lambda = 20: above l = 42 a run holds rounding alone, which has no derivative and no error."""
    sets = [part for text in ("sky.l_max=50", "sky.nside=16", "turbulence.band=[1e-3, 20]", "ensemble.realisations=300",
                              "sampling.nodes=256") for part in ("--set", text)]  # fmt: skip
    given = ["sweep", str(folder / "small.toml"), *sets, "--set", "turbulence.gamma=1.5,1.6", "-o", str(tmp_path / "grid"), "-q"]
    assert main(given) == 0
    found = {int(row["l"]): row for row in rows(tmp_path / "grid" / "derivatives.csv")}
    for name in ("dlnC_l", "dC_l", "dC_l_error", "correlation"):
        assert {l for l, row in found.items() if row[name] == ""} >= set(range(47, 51)), name
        assert all(found[l][name] for l in range(2, 40)), name
    for l in range(2, 51):  # what is given agrees with theory
        if found[l]["dC_l"]:
            off = float(found[l]["dC_l"]) - float(found[l]["dC_l_theory"])
            assert abs(off) < 5 * float(found[l]["dC_l_error"]), l
    one, other = (read_ensemble(tmp_path / "grid" / f"gamma={gamma}.h5") for gamma in ("1.5", "1.6"))
    raw = (other.C_l[50] - one.C_l[50]) / 0.1  # the control: the bare difference is nothing that theory knows
    assert abs(raw) > 100 * abs(float(found[50]["dC_l_theory"]))
