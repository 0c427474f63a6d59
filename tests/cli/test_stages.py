"""Stages of a long computation: one line in a log, a bar on a terminal, and no word where none is wanted."""

import io

import pytest

from fluxtube.analysis.inference import run
from fluxtube.analysis.inference.parameters import Prior
from fluxtube.analysis.inference.sky_input import SHIPPED, View
from fluxtube.cli import main
from fluxtube.commands.stages import stages

NAMES = ["fit of parallel", "predicted skies"]
QUICK = ["infer", SHIPPED, "--models", "isotropic", "--fix", "gamma=5/3", "--l-max", "3", "--steps", "10", "--live", "20"]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def written(stream, show=True, fail=False):
    with stages(NAMES, show, stream) as begin:
        for name in NAMES:
            begin(name)
            if fail:
                stream.close()
    return "" if fail else stream.getvalue()


def test_log_and_terminal(monkeypatch):
    """A log has all names in one line; a terminal each name and how many are done; a closed stream ends nothing."""
    monkeypatch.setenv("TERM", "xterm")
    assert written(io.StringIO()) == "fluxtube: this may take some minutes: fit of parallel, predicted skies\n"
    bar = written(Terminal())
    assert all(name in bar for name in NAMES)
    assert "1/2" in bar
    for stream in (io.StringIO(), Terminal()):
        written(stream, fail=True)
    for kind in (io.StringIO, Terminal):
        assert written(kind(), show=False) == ""
        silent = kind()
        with stages(NAMES, True, silent):
            pass
        assert silent.getvalue() == ""  # nothing began


@pytest.mark.parametrize(
    ("models", "rivals", "skies"),
    [(("isotropic",), (), 0), (("parallel",), ("dipole-only",), 2), (("isotropic", "cross-field"), ("dipole-only",), 2)],
)
def test_stages_begin_in_their_order(models, rivals, skies):
    """What is announced is what is done, in that order."""
    begun: list[str] = []
    prior = Prior(free=("sigma",))
    run.infer_sky(SHIPPED, View(l_max=3), prior, models, rivals, 5, 20, 1, skies, begun.append)
    assert begun == run.stage_names(models, rivals, skies)


def test_commands_say_what_takes_long(tmp_path, capsys):
    """`infer` on standard error, one line, apart from results; with --json and for what is refused no word of it."""
    assert main([*QUICK, "--skies", "0"]) == 0
    output = capsys.readouterr()
    assert "fluxtube: this may take some minutes: fit of isotropic, symmetry and parity, predicted skies\n" in output.err
    assert "some minutes" not in output.out
    assert main([*QUICK, "--skies", "0", "--json"]) == 0
    assert "some minutes" not in capsys.readouterr().err
    refused = ["--free-path", "exponential", "--density-response", "steady", "--models", "parallel", "isotropic"]
    assert main([*QUICK, *refused]) == 2
    error = capsys.readouterr().err
    assert error.startswith("fluxtube: error: ")
    assert error.count("\n") == 1
