"""Headlines, titles and CSV heads name what a run was: spectrum, lengths, free paths, transport, weights; and no more."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from fluxtube.analysis.configured import theory_of_config
from fluxtube.analysis.figures.describe import headline, title
from fluxtube.sim.config import Config
from fluxtube.sim.config.load import parse

BAND = "turbulence.band=[1e-2, 100]"
TABLE = "turbulence.table=[[1e-3, 1e5], [1.0, 1.0], [1e3, 1e-5]]"
CROSS = ["transport.model=cross-field", "transport.displacement_perpendicular=0.5", "transport.convection_perpendicular=0.25"]


@dataclass
class Run:
    config: Config
    path: Path = Path("run.h5")
    realisations: int = 1000
    l: tuple = (0, 1, 2, 3)


CASES = [
    ([], ["power-law spectrum, gamma = 5/3, beta = 2/3, sigma = 23 km/s at 10 pc", "0.01 ≤ kλ ≤ 100", "parallel diffusion",
          "fixed free paths of 10 pc"], ["eps", "shape"]),
    (["turbulence.spectrum=goldreich-sridhar"], ["goldreich-sridhar spectrum, sigma"], ["gamma", "beta"]),
    (["turbulence.spectrum=table", TABLE], ["table spectrum, beta = 2/3, 3 rows, sigma = 23 km/s"], ["gamma", "normalisation"]),
    (["turbulence.spectrum=table", TABLE, "turbulence.normalisation=absolute"], ["3 rows, w as tabulated"], ["gamma", "sigma"]),
    (["turbulence.spectrum=von-karman", "turbulence.outer_scale=100 pc"], ["von-karman", "outer scale = 100 pc"], []),
    (["transport.free_path=erlang", "transport.free_path_shape=3"], ["erlang free paths (shape = 3) of 10 pc"], ["fixed"]),
    (CROSS, ["cross-field diffusion (eps = 1/2, eta = 1/4)"], ["parallel"]),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "said", "unsaid"), CASES)
def test_headlines(settings, said, unsaid):
    text = headline(Run(parse("", [BAND, *settings], "here")))
    assert text.count("\n") == 1
    for words in said:
        assert words in text
    for words in unsaid:
        assert words not in text


@pytest.mark.parametrize(
    ("settings", "said", "unsaid"),
    [
        ([], ["power-law", r"\gamma = 5/3", r"\beta = 2/3", "parallel"], ["free paths"]),
        (["turbulence.spectrum=goldreich-sridhar"], ["goldreich-sridhar"], [r"\gamma", r"\beta"]),
        (["transport.free_path=exponential"], ["exponential free paths"], []),
        (CROSS, ["cross-field", r"\epsilon = 1/2", r"\eta = 1/4"], []),
        (["turbulence.spectrum=von-karman", "turbulence.outer_scale=100 pc"], [r"$L = 100\,\mathrm{pc}$"], []),
    ],
)
def test_titles(settings, said, unsaid):
    text = title(Run(parse("", [BAND, *settings], "here")))
    for words in said:
        assert words in text
    for words in unsaid:
        assert words not in text


def test_the_slope_at_large_degrees_is_the_spectrums():
    for settings, slope in (
        ([], -8 / 3),
        (["turbulence.spectrum=goldreich-sridhar"], -3.0),
        (["turbulence.spectrum=slab", "turbulence.gamma=1.5"], -2.5),
        (["transport.free_path=exponential"], -17 / 3),
        (["transport.free_path_observed=in-flight"], -14 / 3),
        (["turbulence.spectrum=table", TABLE], None),
    ):
        steepness = theory_of_config(parse("", [BAND, *settings], "here")).steepness
        assert steepness == (None if slope is None else pytest.approx(-slope))
