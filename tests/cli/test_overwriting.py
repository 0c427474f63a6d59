"""No command replaces what it should not, and a full disk leaves every earlier file."""

import io
import resource
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import fluxtube
from fluxtube.cli import WRITE_FILES, build_parser, main
from fluxtube.outputs import OPTIONS, is_named

try:
    import healpy
except ImportError:
    healpy = None
CONFIG = """
[turbulence]
band = [1e-2, 30]
[sky]
l_max = 6
nside = 4
[ensemble]
realisations = 300
[check]
realisations = 0
[output]
multipoles = 300
skies = 2
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    (folder / "c.toml").write_text(CONFIG)
    (folder / "notes").write_text("precious")
    (folder / "notes.png").write_text("precious")
    (folder / "page.html").write_text("<!DOCTYPE html><title>mine</title>")
    (folder / "job.sbatch").write_text("#!/bin/bash\n#SBATCH --job-name=mine\n")
    (folder / "spectrum.csv").write_text("# a spectrum\nl,C_l\n" + "".join(f"{l},{1e-6 * l**-3.0}\n" for l in range(2, 9)))
    rows = [f"{l},{m},{1e-4 / l**2},{2e-4 / (l + m) ** 2 if m else 0.0}\n" for l in range(2, 5) for m in range(l + 1)]
    (folder / "sky.csv").write_text("# equatorial coordinates, arrival directions\nl,m,re,im\n" + "".join(rows))
    assert main(["run", str(folder / "c.toml"), "-o", str(folder / "a.h5"), "-q"]) == 0
    for number in (1, 2):
        assert main(["run", str(folder / "c.toml"), "-o", str(folder / f"part{number}.h5"), "--part", f"{number}/2", "-q"]) == 0
    for name in ("b.h5", "c.h5", "a.html", "c.csv", "p.png", "ensemble.toml"):
        shutil.copy(folder / "a.h5", folder / name)
    if healpy is not None:
        healpy.write_map(folder / "map.fits", 1e-4 * np.sin(np.arange(768.0)), coord="C", column_units="1", dtype=np.float64)
    return folder


@pytest.fixture
def folder(made, tmp_path, monkeypatch):
    for path in made.iterdir():
        shutil.copy(path, tmp_path / path.name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


REFUSED = [
    "report a.h5 -o a.h5", "report a.h5 -o b.h5", "report a.h5", "report a.h5 -o c.toml", "report a.h5 -o notes",
    "theory c.toml -o a.h5", "theory c.toml -o c.toml", "theory c.toml -o ./c.toml", "theory c.toml -o c.csv",
    "theory c.toml -o notes",
    "submit c.toml -o x.h5 --dry-run --script c.toml", "submit c.toml -o x.h5 --dry-run --script a.h5",
    "submit c.toml -o x.h5 --dry-run --script notes",
    "slope a.h5 -o p.png", "slope a.h5 -o notes.png", "slope a.h5 -o a.h5",
    "sky a.h5 -o a.h5 --force", "sky a.h5 -o b.h5 --force", "sky a.h5 -o c.toml --force", "sky a.h5 -o notes",
    "sky a.h5 -o notes --force", "sky a.h5 -o spectrum.csv --force", "gallery a.h5 -n 1 -o spectrum.png",
    "compare a.h5 b.h5 -o notes.png", "compare a.h5 b.h5 -o nowhere/x.png", "fit spectrum.csv -o notes",
    "fit spectrum.csv -o notes/x", "forecast c.toml -o spectrum.csv",
    f"plot a.h5 -o {'n' * 256}", "measure notes -o notes", "slope a.h5 -o nowhere/x.png --l-min 2",
    "run c.toml -o c.toml --force", "run c.toml -o a.h5", "run c.toml -o /dev/null --force", "run c.toml -o . --force",
    "run c.toml -o notes --force", "run c.toml -o notes.png --force", "merge a.h5 -o c.toml --force",
    "merge a.h5 -o ensemble.toml --force", "merge a.h5 -o notes --force",
    "merge a.h5 b.h5 -o a.h5 --force", "theory c.toml -o /dev/full", "report a.h5 -o .",
    "init -o a.h5 --force", "init -o c.csv --force", "init -o notes --force", "init -o ensemble.toml --force", "init -o c.toml",
    "init -o nowhere/x.toml", "theory c.toml -o spectrum.csv",
    "report a.h5 -o page.html", "gallery c.toml -n 1 -o page.html",
    "submit c.toml -o x.h5 --dry-run --script job.sbatch", "submit c.toml -o x.h5 --dry-run --script x.h5",
    "submit c.toml -o c.toml --dry-run", "submit c.toml -o notes --dry-run",
]  # fmt: skip


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_there_stays(folder, capfd, line):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main(line.split()) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("line", ["run {} -o w.csv --force", "gallery {} -n 1 -o w.png", "run {} -o link.h5 --force"])
def test_tables_that_a_configuration_names_stay(folder, capfd, line):
    """A control: under another name for the table the same command ends well."""
    table = "# k w\nk,w\n" + "".join(f"{k},{k ** (-5 / 3)}\n" for k in (0.01, 0.1, 1.0, 10.0, 30.0))
    for name in ("w.csv", "other.csv"):
        (folder / name).write_text(table)
        (folder / f"{name}.toml").write_text(CONFIG.replace(
            "[turbulence]", f'[turbulence]\nspectrum = "table"\ntable = "{name}"'
        ))
    (folder / "link.h5").symlink_to("w.csv")
    assert main(line.format("w.csv.toml").split()) == 2
    assert "is an input of this command" in capfd.readouterr().err
    assert (folder / "w.csv").read_text() == table
    (folder / "w.csv").unlink()
    assert main(line.format("other.csv.toml").split()) == 0


def test_a_table_of_somebody_else_stays(folder, capfd):
    """Observed numbers have the names that our tables have; our own are replaced."""
    (folder / "sky.csv").unlink()
    mine = (folder / "spectrum.csv").read_bytes()
    assert main(["plot", "a.h5", "-o", "."]) == 2
    assert "'spectrum.csv' exists already and is not of fluxtube" in capfd.readouterr().err
    assert (folder / "spectrum.csv").read_bytes() == mine
    (folder / "spectrum.csv").unlink()
    for _ in range(2):
        assert main(["plot", "a.h5", "-o", "."]) == 0


QUICK_SKY = "--noise 3e-10 --l-max 4 --fix gamma=5/3 --steps 40 --live 40"
INPUTS = {  # a table under the name of one that the command writes -> the command
    "fit": ("spectrum.csv", "spectrum-isotropic.csv", "fit {} -o . --model isotropic --gamma 5/3 --steps 200"),
    "infer": ("sky.csv", "predictive.csv", f"infer {{}} {QUICK_SKY} --models isotropic --skies 0 -o ."),
    "flow": ("sky.csv", "sky-0.csv", f"flow {{}} {QUICK_SKY} --model isotropic --flows 6 -o ."),
    "paper": ("spectrum.csv", "figure3-left-observed-0.csv", "paper --spectrum {} -o ."),
}


@pytest.mark.parametrize("name", INPUTS)
def test_tables_that_are_read_stay(folder, name, capfd):
    """Named through a link too; under another name the same command ends well and leaves it as it was."""
    source, clash, line = INPUTS[name]
    (folder / clash).write_bytes((folder / source).read_bytes())
    (folder / "link.csv").symlink_to(clash)
    for named in (clash, "link.csv"):
        assert main(line.format(named).split()) == 2
        error = capfd.readouterr().err
        assert "is an input of this command" in error
        assert (folder / clash).read_bytes() == (folder / source).read_bytes()
    (folder / "link.csv").unlink()
    (folder / clash).unlink()
    assert main(line.format(source).split()) == 0
    assert (folder / clash).is_file()


SHIPPED = Path(fluxtube.__file__).parent / "configs" / "forecast.toml"
PLOTS = [f"x/{name}.{ending}" for name in ("spectrum", "correlation", "sky") for ending in ("png", "csv")]
WRITERS = {  # of every command that writes: a line of it, and its files
    "init": ("init -o x.toml --force", ["x.toml"]),
    "run": ("run c.toml -o x.h5 --force -q", ["x.h5"]),
    "merge": ("merge part1.h5 part2.h5 -o x.h5 --force -q", ["x.h5"]),
    "submit": ("submit c.toml -o x.h5 --dry-run", ["x.h5.sbatch"]),
    "validate": ("validate a.h5 --figures x", PLOTS),
    "plot": ("plot a.h5 -o x", PLOTS),
    "theory": ("theory c.toml -o x.csv", ["x.csv"]),
    "sky": ("sky a.h5 -o x.fits --force", ["x.fits"]),
    "slope": ("slope a.h5 -o x.png --l-min 2", ["x.png"]),
    "paper": (
        "paper -o x --format png --spectrum spectrum.csv",
        ["x/figure1-correlation.png", "x/figure1-correlation.csv", "x/figure2-schematic.png", "x/figure3-left-spectra.png",
         "x/figure3-left-spectra.csv", "x/figure3-left-observed-0.csv", "x/figure3-right-mean-square.png",
         "x/figure3-right-mean-square.csv"],
    ),
    "fit": (
        "fit spectrum.csv -o x --model isotropic --gamma 5/3 --steps 200 --format png",
        ["x/spectrum.png", "x/spectrum-isotropic.csv", "x/corner-isotropic.png", "x/samples-isotropic.csv",
         "x/chain-isotropic.txt", "x/chain-isotropic.paramnames", "x/chain-isotropic.ranges", "x/fit.json"],
    ),
    "report": ("report a.h5 -o x.html", ["x.html"]),
    "observe": ("observe --l-max 4 --view hawc --format png -o x", ["x/observed-hawc.png", "x/observed-hawc.csv"]),
    "infer": (
        f"infer sky.csv {QUICK_SKY} --models isotropic --skies 0 --format png -o x",
        ["x/inference.json", "x/predictive.csv", "x/chain-isotropic_1.txt", "x/chain-isotropic.paramnames",
         "x/chain-isotropic.ranges", "x/chain-isotropic.nc", "x/corner-isotropic.png", "x/skies.png"],
    ),
    "flow": (
        f"flow sky.csv {QUICK_SKY} --model isotropic --flows 6 --format png -o x",
        ["x/flow.csv", "x/flow.png", "x/skies.png", *(f"x/sky-{number}.csv" for number in range(5))],
    ),
    "measure": (
        "measure map.fits --l-max 4 --pad 2 --format png -o x",
        ["x/spectrum.png", "x/correlation.png", "x/spectrum.csv", "x/pseudo.csv", "x/pseudo-covariance.csv", "x/covariance.csv",
         "x/mixing.csv", "x/alm.csv"],
    ),
    "sweep": (
        "sweep c.toml --set turbulence.gamma=1.5,5/3 -o x --resume -q", ["x/spectra.csv", "x/derivatives.csv", "x/sweep.png"],
    ),
    "compare": ("compare a.h5 c.h5 -o x.png", ["x.png"]),
    "forecast": (f"forecast {SHIPPED} --l-max 4 --events 1e10,1e12 -o x", ["x/forecast.csv", "x/forecast.png"]),
    "gallery": ("gallery a.h5 -n 2 -o x.png", ["x.png", "x.csv"]),
}  # fmt: skip
NEEDS_HEALPY = ("sky", "measure")


class Full(io.StringIO):
    """A standard output whose disk is full."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def parsers() -> dict:
    return build_parser()._commands()


def test_no_command_that_writes_is_left_out():
    """The commands come from the parser: one that takes the name of an output stands above, and says what its folder gets."""
    options = {name: {action.dest: action for action in parser._actions} for name, parser in parsers().items()}
    assert {name for name, actions in options.items() if set(OPTIONS) & set(actions)} == set(WRITERS)
    folders = {name for name, actions in options.items() if any(action.metavar == "DIR" for action in actions.values())}
    assert folders == {name for name, parser in parsers().items() if parser.get_default("writes")}
    for name in folders:
        for output in WRITERS[name][1]:
            assert is_named(Path(output).name, parsers()[name].get_default("writes")), (name, output)
    assert not is_named("notes.txt", parsers()["plot"].get_default("writes"))


@pytest.fixture(scope="module")
def first(made, tmp_path_factory):
    """Carries a command out once, in a folder of its own, where nothing can be printed: status and the folder."""
    done: dict = {}

    def of(name: str):
        if name in NEEDS_HEALPY:
            pytest.importorskip("healpy")
        if name not in done:
            folder = tmp_path_factory.mktemp(name)
            shutil.copytree(made, folder, dirs_exist_ok=True)
            with pytest.MonkeyPatch.context() as patch:
                patch.chdir(folder)
                patch.setattr(sys, "stdout", Full())
                done[name] = main(WRITERS[name][0].split()), folder
        return done[name]

    return of


@pytest.mark.parametrize("name", WRITERS)
def test_files_are_whole_where_nothing_can_be_printed(made, first, name):
    """Of commands whose files say all, the status is that of the files; others say that their text is lost."""
    status, folder = first(name)
    outputs = WRITERS[name][1]
    kept = name in WRITE_FILES or name == "theory"  # it prints the table in place of writing it
    assert status == (0 if kept else 2)
    new = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {path.name for path in made.iterdir()}
    assert new - {"x/sweep.json", "x/gamma=1.5.h5", "x/gamma=1.666666667.h5"} == set(outputs)
    assert all((folder / output).stat().st_size for output in outputs)


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_leaves_every_earlier_file(first, name, capfd, monkeypatch):
    """A limit on the size of files, which is to a program what a full disk is; of several, all but the largest would fit."""
    _, folder = first(name)
    monkeypatch.chdir(folder)
    line, outputs = WRITERS[name]
    for output in outputs:  # another file of the same kind
        with open(output, "ab") as file:
            file.write(b"\n# earlier\n")
    before = {output: Path(output).read_bytes() for output in outputs}
    listed = sorted(folder.rglob("*"))
    capfd.readouterr()
    earlier = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(map(len, before.values())) - 100, earlier[1]))
    try:
        status = main(line.split())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, earlier)
    said = capfd.readouterr().err
    assert status == 2, said
    assert said.count("fluxtube: error: cannot write") == 1, said
    assert {output: Path(output).read_bytes() for output in outputs} == before
    assert sorted(folder.rglob("*")) == listed


@pytest.mark.parametrize("name", WRITERS)
def test_a_name_that_is_taken_is_refused_before_anything_is_printed(folder, capfd, name):
    """By a folder, and by a file of another kind; of a file that no command may replace nothing else is written either."""
    line, outputs = WRITERS[name]
    if name in NEEDS_HEALPY:
        pytest.importorskip("healpy")
    for output in outputs:
        for content in (None, b"%PDF-1.4 of somebody"):
            path = folder / output
            path.parent.mkdir(exist_ok=True)
            path.mkdir() if content is None else path.write_bytes(content)
            before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
            assert main(line.split()) == 2, output
            said = capfd.readouterr()
            assert said.out == ""
            assert said.err.count("\n") == 1, said.err
            assert path.name in said.err or str(path) in said.err
            assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
            path.rmdir() if content is None else path.unlink()
