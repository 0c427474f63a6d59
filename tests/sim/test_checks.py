"""What cannot be run is said before any work, with the number that can be."""

import re

import numpy as np
import pytest

from fluxtube.errors import InputError
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.feasible import check_runnable

BAND = "turbulence.band=[1e-3, 1e3]"
CROSS = "transport.model=cross-field"
EPS, ETA = "transport.displacement_perpendicular=0.5", "transport.convection_perpendicular=0.5"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["transport.mean_free_path=-3 pc"], r"mean_free_path = -3 pc is out of range; it must be >= 1e-09 pc"),
        ([CROSS], r"model = 'cross-field' needs the key displacement_perpendicular"),
        ([EPS], r"displacement_perpendicular has no effect with model = 'parallel' \(only with 'cross-field'\): leave it out"),
        (
            [CROSS, ETA, "transport.displacement_perpendicular=1.5"],
            r"displacement_perpendicular = 1.5 is out of range; it must be <= 1",
        ),
        (["transport.free_path=erlang"], r"free_path = 'erlang' needs the key free_path_shape"),
        (["transport.free_path_shape=2"], r"free_path_shape has no effect with free_path = 'fixed'"),
        (["transport.free_path=erlang", "transport.free_path_shape=0"], r"free_path_shape = 0 is out of range"),
        (["transport.density_gradient=1e-4"], r"0.0001 has no unit; write for example \"-1e-4 /pc\""),
        (["turbulence.spectrum=von-karman"], r"spectrum = 'von-karman' needs the key outer_scale"),
        (["turbulence.spectrum=table"], r"spectrum = 'table' needs the key table"),
        (["turbulence.outer_scale=100 pc"], r"outer_scale has no effect with spectrum = 'power-law'"),
    ],
)
def test_keys_that_do_not_fit_together(settings, words):
    with pytest.raises(InputError, match=words):
        parse("", settings, "here")


@pytest.mark.parametrize(
    ("settings", "words", "remedy"),
    [
        ([BAND, CROSS, EPS, ETA], r"use sampling.flow = \"modes\"", ["sampling.flow=modes", "sky.l_max=20"]),
        ([BAND, "transport.model=isotropic"], r"use sampling.flow = \"modes\"", ["sampling.flow=modes"]),
        ([BAND, "sampling.flow=modes", "turbulence.spectrum=slab"], r"use sampling.flow = \"line\"", ["sampling.flow=line"]),
        (
            [BAND, "sampling.nodes=436"],
            r"sampling.nodes = 436 cannot resolve turbulence.band up to 1000 .*; it needs (\d+), or leave it out",
            ["sampling.nodes={}"],
        ),
        (
            ["sampling.flow=fbm", "sampling.grid_steps=512"],
            r"sampling.grid_steps = 512 .* sky.l_max = 50; it needs (\d+), or leave it out",
            ["sampling.grid_steps={}"],
        ),
        ([BAND, "sampling.flow=fbm"], r"use sampling.flow = \"line\"", ["sampling.flow=line"]),
        (
            [BAND, "sky.l_max=2000", "ensemble.field_directions=random"],
            r"sky.l_max = 2000 takes .* GiB .*; (\d+) fits",
            ["sky.l_max={}"],
        ),
    ],
)
def test_impossible_runs(settings, words, remedy):
    """The message's own number, put in, can be run."""
    with pytest.raises(InputError, match=words) as caught:
        check_runnable(parse("", settings, "here"))
    number = re.findall(r"\d+", str(caught.value).split("; ")[-1] + " 0")[0]
    check_runnable(parse("", [*settings, *(key.format(number) for key in remedy)], "here"))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["turbulence.band=[1e-3, 60]"], "an end of 1000 is enough"),
        ([BAND, "sky.l_max=100", "sky.nside=16"], "sky.nside = 16 does not resolve sky.l_max = 100 .*; 64 is enough"),
        ([BAND, "sampling.estimator=particles", "sampling.particles=90000"], "leaves many of the 49152 pixels .* empty"),
    ],
)
def test_doubtful_runs_are_warned_of(settings, words):
    warnings = check_runnable(parse("", settings, "here"))
    assert len(warnings) == 1
    assert re.search(words, warnings[0])
    assert check_runnable(parse("", [BAND], "here")) == []


def test_every_spectrum_can_be_configured():
    """One object for all: its value at 2 pi/lambda gives back sigma, and the resolved configuration is read back equal."""
    table = "turbulence.table=[[1e-3, 1e5], [1.0, 1.0], [1e3, 1e-5]]"
    for settings in (
        [],
        ["turbulence.spectrum=von-karman", "turbulence.outer_scale=100 pc"],
        ["turbulence.spectrum=table", table, "turbulence.sigma=23 km/s"],
    ):
        config = parse("", [BAND, *settings], "here")
        turbulence = config.build_turbulence()
        assert np.sqrt(2 * np.pi * turbulence.energy_spectrum(2 * np.pi / 10) / 10) == pytest.approx(23.0, rel=1e-12)
        assert parse(config.to_toml(), [], "again") == config
    for name in ("slab", "goldreich-sridhar"):
        settings = ["turbulence.transverse_fraction=0"] if name == "slab" else []
        turbulence = parse("", [BAND, f"turbulence.spectrum={name}", *settings], "here").build_turbulence()
        assert np.sqrt(4 * np.pi * turbulence.field_aligned_spectrum(2 * np.pi / 10) / 10) == pytest.approx(23.0, rel=1e-12)
