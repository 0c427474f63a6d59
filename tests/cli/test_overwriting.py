"""No command replaces what it should not, and a full disk leaves every earlier file."""

import shutil
import signal
import subprocess
import sys

import pytest

from fluxtube.cli import main

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
    (folder / "spectrum.csv").write_text("# a spectrum\nl,C_l\n" + "".join(f"{l},{1e-6 * l**-3.0}\n" for l in range(2, 9)))
    rows = [f"{l},{m},{1e-4 / l**2},{2e-4 / (l + m) ** 2 if m else 0.0}\n" for l in range(2, 5) for m in range(l + 1)]
    (folder / "sky.csv").write_text("# equatorial coordinates, arrival directions\nl,m,re,im\n" + "".join(rows))
    assert main(["run", str(folder / "c.toml"), "-o", str(folder / "a.h5"), "-q"]) == 0
    for name in ("b.h5", "a.html", "c.csv", "p.png", "ensemble.toml"):
        shutil.copy(folder / "a.h5", folder / name)
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
    "run c.toml -o c.toml --force", "run c.toml -o a.h5", "run c.toml -o /dev/null --force", "run c.toml -o . --force",
    "run c.toml -o notes --force", "run c.toml -o notes.png --force", "merge a.h5 -o c.toml --force",
    "merge a.h5 -o ensemble.toml --force", "merge a.h5 -o notes --force",
    "merge a.h5 b.h5 -o a.h5 --force", "theory c.toml -o /dev/full", "report a.h5 -o .",
    "init -o a.h5 --force", "init -o c.csv --force", "init -o notes --force", "init -o ensemble.toml --force", "init -o c.toml",
    "init -o nowhere/x.toml",
]  # fmt: skip


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_there_stays(folder, capfd, line):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main(line.split()) == 2
    assert capfd.readouterr().err.count("\n") == 1
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


WRITERS = {
    "report": ("report a.h5 -o x.html", ["x.html"]),
    "theory": ("theory c.toml -o x.csv", ["x.csv"]),
    "slope": ("slope a.h5 -o x.png --l-min 2", ["x.png"]),
    "sky": ("sky a.h5 -o x.fits --force", ["x.fits"]),
    "plot": ("plot a.h5 -o plots --format pdf", ["plots/spectrum.pdf", "plots/spectrum.csv", "plots/sky.pdf"]),
    "submit": ("submit c.toml -o x.h5 --dry-run", ["x.h5.sbatch"]),
    "fit": ("fit spectrum.csv -o x --model isotropic --gamma 5/3 --steps 200", ["x/spectrum.png", "x/fit.json"]),
    "infer": (
        "infer sky.csv --noise 3e-10 --l-max 4 --models isotropic --fix gamma=5/3 --steps 40 --live 40 --skies 0 -o x",
        ["x/inference.json", "x/predictive.csv", "x/chain-isotropic_1.txt"],
    ),
    "run": ("run c.toml -o x.h5 --force -q", ["x.h5"]),
}
LIMITED = """\
import resource, sys
from fluxtube.cli import main
from fluxtube.sim.run.communicator import connect
connect()  # MPI wants files of its own
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
sys.exit(main())
"""


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_leaves_every_earlier_file(folder, name):
    """A limit on the size of files, which is to a program what a full disk is; once without, for the earlier file."""
    line, outputs = WRITERS[name]
    if name == "sky":
        pytest.importorskip("healpy")
    assert main(line.split()) == 0
    before = {output: (folder / output).read_bytes() for output in outputs}
    assert all(before.values())
    listed = sorted(folder.rglob("*"))
    limit = min(min(map(len, before.values())) - 1, 400)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), *line.split()],
        cwd=folder, capture_output=True, text=True, timeout=120, preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
    )  # fmt: skip
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    assert done.stderr.count("fluxtube: error: cannot write") == 1, done.stderr
    assert {output: (folder / output).read_bytes() for output in outputs} == before
    assert sorted(folder.rglob("*")) == listed
