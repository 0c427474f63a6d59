"""Realisations a block: as many as ever in usual runs, fewer where one is long, for a signal waits for a block's end."""

from pathlib import Path

import pytest

from fluxtube.sim.config import load_config
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.engine import WORK_A_BLOCK, _block_size, build_engine

CONFIGS = Path(__file__).parents[2] / "configs"
LINE = "turbulence.band=[1e-3, 1e3]"
BITS = {  # part of the bits of the files that these make
    "quickstart": 1024, "cluster": 1024, "paper_fig1": 1024, "paper_fig3": 16, "paper_fig3_isotropic": 8, "cross_field": 8,
    "energies": 1024, "kinetic": 16, "anisotropic": 8,
}  # fmt: skip


@pytest.mark.parametrize(("name", "size"), BITS.items())
def test_blocks_of_shipped_configurations_stay(name, size):
    assert build_engine(load_config(CONFIGS / f"{name}.toml")).block_size == size


@pytest.mark.parametrize(
    ("settings", "size", "work"),
    [
        (["sampling.flow=line", "sampling.nodes=500000"], 128, 500_000 * 51),
        (["sampling.flow=modes", "sampling.waves=400000"], 32, 400_000 * 4 * 51),
        (["sampling.flow=modes", "transport.model=isotropic", "sampling.waves=100000"], 2, 100_000 * 6 * 51**2),
    ],
)
def test_blocks_of_long_realisations_are_short(settings, size, work):
    """The largest power of two that keeps a block within a few seconds of one core."""
    assert _block_size(load_config(CONFIGS / "quickstart.toml", [LINE, *settings])) == size
    assert size * work <= WORK_A_BLOCK < 2 * size * work


def test_blocks_of_long_grids_are_short():
    for steps, size in {2000: 256, 4000: 256, 8000: 64, 20_000: 8}.items():
        assert _block_size(parse("", ["sampling.flow=fbm", f"sampling.grid_steps={steps}"], "here")) == size
