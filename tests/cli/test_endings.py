"""How commands end: with the status that they earned, in one line, whatever has become of the streams."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from fluxtube import cli
from fluxtube.cli import main
from fluxtube.environment import openmp_threads, settle
from fluxtube.errors import InputError
from fluxtube.sim.run.progress import per_second
from fluxtube.sim.run.threads import threads_per_rank
from fluxtube.streams import Stream, printable

sys.path.insert(0, str(Path(__file__).parents[1] / "mpi"))
from launching import environment

SMALL = """
[turbulence]
band = [1e-2, 30]
[sky]
l_max = 6
nside = 4
[ensemble]
realisations = 300
[check]
realisations = 2
particles = 100
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A configuration and its finished run."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "c.toml").write_text(SMALL)
    assert main(["run", str(folder / "c.toml"), "-o", str(folder / "run.h5"), "-q"]) == 0
    return folder


def shell(line: str, folder: Path, **changes: str) -> subprocess.CompletedProcess:
    """A line of bash; `fluxtube` is this one."""
    function = f'fluxtube() {{ "{sys.executable}" -m fluxtube "$@"; }}\n'
    return subprocess.run(
        ["bash", "-c", function + line], cwd=folder, capture_output=True, encoding="utf-8", errors="replace", timeout=120,
        env=environment(**changes),
    )  # fmt: skip


def test_a_rejected_theory_stays_rejected_behind_a_pipe(run):
    line = "fluxtube validate run.h5 --against turbulence.gamma=1.2 {}; echo ${{PIPESTATUS[0]}} >&2"
    for behind in ("| true", "| head -1", "> /dev/full", ">&-"):
        done = shell(line.format(behind), run)
        assert done.stderr.split() == ["1"], (behind, done.stderr)


def test_a_run_that_left_stays_so_behind_a_pipe(run):
    done = shell("fluxtube run c.toml -o left.h5 --max-time 0s 2>&1 | true; echo ${PIPESTATUS[0]}", run)
    assert done.stdout.split() == ["85"]
    assert (run / "left.h5.checkpoint").exists()


@pytest.mark.parametrize("behind", ["2>&1 | true", ">/dev/full 2>/dev/full", ">&- 2>&- <&-"])
def test_a_run_is_finished_whatever_becomes_of_its_words(run, behind):
    code = "import sys; from fluxtube.sim.run import progress as p; p.Lines.__init__.__defaults__ = (0.0, 0)\n"
    code += "from fluxtube.cli import main; sys.exit(main())"
    output = run / "words.h5"
    output.unlink(missing_ok=True)
    line = f"{sys.executable} -c '{code}' run c.toml -o words.h5 {behind}; exit ${{PIPESTATUS[0]}}"
    done = shell(line, run)
    assert done.returncode == 0, done.stderr
    assert output.exists()


def test_files_are_written_though_nobody_reads_their_names(run):
    done = shell("fluxtube plot run.h5 -o plots | head -1; echo ${PIPESTATUS[0]}", run)
    assert done.stdout.split()[-1] == "0", done.stderr
    assert len(list((run / "plots").iterdir())) == 6


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-8"])
def test_tables_in_any_encoding(run, encoding):
    done = shell("fluxtube validate run.h5", run, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert ("≤" in done.stdout) == (encoding == "utf-8")
    assert ("<=" in done.stdout) == (encoding != "utf-8")


def unforeseen(args):
    raise ZeroDivisionError("of nobody's making\nsecond line")


def test_what_is_unforeseen_is_a_line_and_status_70(run, capfd, monkeypatch, tmp_path):
    import fluxtube.commands.info as command

    monkeypatch.setattr(command, "main", unforeseen)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main(["info", "x"]) == 70
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "this is a bug in fluxtube" in said
    (details,) = tmp_path.iterdir()
    assert str(details) in said
    assert "in unforeseen" in details.read_text()
    monkeypatch.setenv("FLUXTUBE_TRACEBACK", "1")
    assert main(["info", "x"]) == 70
    assert "in unforeseen" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (InputError("line one\nline two"), 2, "line one line two"),
        (MemoryError(), 2, "not enough memory"),
        (FileNotFoundError(2, "No such file", "x\x1b[31m"), 2, "'x\\x1b[31m'"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (RecursionError("deep"), 70, "bug"),
        (AssertionError(), 70, "AssertionError"),
        (UnicodeEncodeError("ascii", "x", 0, 1, "no"), 70, "bug"),
    ],
)
def test_every_ending_is_one_line(capfd, monkeypatch, error, status, words):
    import fluxtube.commands.info as command

    def fail(args):
        raise error

    monkeypatch.setattr(command, "main", fail)
    assert main(["info", "x"]) == status
    said = capfd.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_an_interrupt_before_anything_is_parsed_is_one_line(capfd, monkeypatch):
    """While the command line's own modules are imported; otherwise its status is that of the command."""
    from fluxtube.__main__ import start

    class Interrupted:
        def __getattr__(self, name):
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "argv", ["fluxtube", "info", "/nowhere"])
    assert start() == 2
    assert "/nowhere" in capfd.readouterr().err
    monkeypatch.setitem(sys.modules, "fluxtube.cli", Interrupted())
    assert start() == 130
    assert capfd.readouterr().err == "fluxtube: interrupted\n"


def test_streams_are_given_back():
    before = sys.stdout, sys.stderr
    assert main(["info", "/nowhere"]) == 2
    assert (sys.stdout, sys.stderr) == before
    assert not cli.logging.getLogger("fluxtube").handlers


def test_what_is_printable():
    assert printable("plain ≤ ± σ, ü, 漢\n\t") == "plain ≤ ± σ, ü, 漢\n\t"
    assert printable("\x1b]0;x\x07 \r \x9b \u202e \u2028") == "\\x1b]0;x\\x07 \\r \\x9b \\u202e \\u2028"
    assert Stream(None, clean=True).write("x") == 1


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("OMP_NUM_THREADS", "4,2", 0),
        ("OMP_NUM_THREADS", "junk", 0),
        ("NUMBA_NUM_THREADS", "0", 2),
        ("NUMBA_DISABLE_JIT", "1", 2),
        ("NUMBA_THREADING_LAYER", "tbb", (0, 2)),
    ],
)
def test_any_environment(run, name, value, status):
    done = shell("fluxtube run c.toml -o environment.h5 --force -q", run, **{name: value})
    assert done.returncode in (status if isinstance(status, tuple) else (status,)), done.stderr
    assert done.stderr.count("\n") == (done.returncode == 2), done.stderr


def test_figures_are_drawn_whatever_the_backend(run):
    done = shell("fluxtube plot run.h5 -o backend", run, MPLBACKEND="foo")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("given", "left", "threads"),
    [("4,2", "4", 4), (" 3 ", " 3 ", 3), ("", None, None), ("junk", None, None), ("-1", None, None), ("0", None, None),
     ("2,,", "2", 2), ("²", None, None), ("1" * 50, None, None), ("1e3", None, None)],
)  # fmt: skip
def test_threads_of_openmp_in_all_forms(monkeypatch, given, left, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", given)
    assert openmp_threads() == threads
    settle()
    assert os.environ.get("OMP_NUM_THREADS") == left
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", given)
    assert threads_per_rank(1) >= 1


def test_other_systems_have_no_affinity(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    for name in ("OMP_NUM_THREADS", "SLURM_CPUS_PER_TASK"):
        monkeypatch.delenv(name, raising=False)
    assert threads_per_rank(1) == 1


NAMES = [b"b\xff.h5", "ünï ▲.h5".encode(), b"a*[1]?.h5", b"$(x) ;'.h5", b"\x1b[31m.h5", b"n" * 240 + b".h5"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_file(run, tmp_path, name):
    """Of the configuration, the output and what stands beside it."""
    config, output = os.fsencode(tmp_path) + b"/c" + name[:200], os.fsencode(tmp_path) + b"/" + name
    Path(os.fsdecode(config)).write_text(SMALL)
    for arguments in (["run", config, "-o", output, "-q"], ["info", output], ["validate", output]):
        assert main([os.fsdecode(part) for part in arguments]) == 0
    assert sorted(os.listdir(os.fsencode(tmp_path))) == sorted([b"c" + name[:200], name])


@pytest.mark.parametrize("name", [b"b\xff.toml", b"a\n[evil]\n.toml"])
def test_a_configuration_under_any_name(tmp_path, name):
    """Its comments name it, in letters that TOML has, and hold nothing but comments."""
    path = os.fsdecode(os.fsencode(tmp_path) + b"/" + name)
    assert main(["init", "-o", path]) == 0
    assert main(["init", "-o", str(tmp_path / "plain.toml")]) == 0
    assert tomllib.loads(Path(path).read_text()) == tomllib.loads((tmp_path / "plain.toml").read_text())


def test_an_interrupted_run_says_how_it_is_continued(run, capsys):
    """The name of the output, of which there is only the checkpoint yet, is as good as that of the checkpoint."""
    output = run / "stopped.h5"
    (run / "stopped.h5.checkpoint").write_bytes(b"")
    for command in ("info", "validate"):
        assert main([command, str(output)]) == 2
        said = capsys.readouterr().err
        assert "was interrupted" in said
        assert f"-o {str(output)!r} --resume" in said
    (run / "stopped.h5.checkpoint").unlink()
    assert main(["info", str(output)]) == 2
    assert "interrupted" not in capsys.readouterr().err


def test_missing_parts_are_counted(run, capsys):
    assert main(["run", str(run / "c.toml"), "-o", str(run / "p.h5"), "--part", "1/4", "-q"]) == 0
    assert main(["merge", str(run / "p.h5"), "-o", str(run / "all.h5")]) == 2
    assert "parts 2, 3 and 4 of 4 are missing: name all parts" in capsys.readouterr().err


def test_rates_are_read_at_a_glance():
    assert [per_second(rate) for rate in (0.01234, 5.4321, 123.4, 21623, 1.2e6)] == [
        "0.0123/s", "5.43/s", "123/s", "21,600/s", "1,200,000/s",
    ]  # fmt: skip
