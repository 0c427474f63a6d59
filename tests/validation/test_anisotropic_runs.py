"""Runs of axially symmetric turbulence accept their own theory and reject that of isotropic turbulence (rate 1e-3 a verdict)."""

from pathlib import Path

import pytest

from fluxtube.cli import main
from fluxtube.errors import InputError
from fluxtube.sim.config.load import parse

CONFIG = Path(__file__).parents[2] / "configs" / "anisotropic.toml"
STRETCHED = ["turbulence.spectrum=stretched", "turbulence.stretch=4"]


@pytest.mark.parametrize(
    "sets",
    [
        ["transport.model=parallel"],
        ["transport.model=isotropic"],
        ["transport.model=isotropic", *STRETCHED],
        ["transport.model=parallel", "turbulence.spectrum=slab+2d"],
    ],
)
def test_verdicts(tmp_path, sets):
    run, words = str(tmp_path / "run.h5"), [word for one in sets for word in ("--set", one)]
    assert main(["run", str(CONFIG), "-o", run, "-q", *words]) == 0
    assert main(["validate", run]) == 0
    assert main(["validate", run, "--against", "turbulence.spectrum=power-law"]) == 1


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ([*STRETCHED], "needs a band"),
        ([*STRETCHED, "turbulence.alfvenic_share=0.9"], "above 1"),
        (["turbulence.spectrum=stretched"], "stretch"),
        ([*STRETCHED, "turbulence.width=0.1"], "no effect"),
        (["turbulence.spectrum=goldreich-sridhar-3d", "turbulence.outer_scale=1 kpc", "turbulence.band=[1e-3,9]"], "outer_scale"),
    ],
)
def test_refused_where_they_do_not_fit(sets, message):
    with pytest.raises(InputError, match=message):
        parse("", sets, "test").build_turbulence()
