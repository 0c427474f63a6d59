"""What no command can do: status 2, one line, no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

QUICKSTART = str(Path(__file__).parents[2] / "configs" / "quickstart.toml")


def fluxtube(*arguments, **how):
    return subprocess.run([sys.executable, "-m", "fluxtube", *arguments], stderr=subprocess.PIPE, text=True, timeout=120, **how)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", QUICKSTART, "-o", ""), "output is empty"),
        (("run", "", "-o", "run.h5"), "config is empty"),
        (("theory", ""), "cannot read the configuration"),
        (("theory", QUICKSTART, "--l-max", "1000000"), "not enough memory"),
    ],
)
def test_refused_in_one_line(arguments, words):
    done = fluxtube(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.startswith("fluxtube: error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_output_that_cannot_be_printed():
    with open("/dev/full", "w") as full:
        done = fluxtube("theory", QUICKSTART, stdout=full)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr
