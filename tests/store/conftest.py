"""A small run, made once."""

import shutil

import pytest

from fluxtube.cli import main

CONFIG = """
[turbulence]
band = [1e-2, 30]
[sky]
l_max = 6
nside = 4
[sampling]
flow = "modes"
modes = 16
[ensemble]
realisations = 300
[check]
realisations = 2
particles = 100
[output]
multipoles = 60
skies = 2
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Configuration and finished run, not to be changed."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "small.toml").write_text(CONFIG)
    assert main(["run", str(folder / "small.toml"), "-o", str(folder / "run.h5"), "-q"]) == 0
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """A copy of both."""
    for name in ("small.toml", "run.h5"):
        shutil.copy(made / name, tmp_path / name)
    return tmp_path
