"""Particles followed through many scatterings: the same bits on any ranks, through interruptions, and as parts merged."""

import h5py
import numpy as np
import pytest
from launching import SMALL, launch, launch_several, results

COMMON = [
    *("sampling.estimator=walks", "sampling.particles=2000", "transport.density_response=steady", "check.realisations=0"),
    *("turbulence.spectrum=slab", "turbulence.transverse_fraction=0", "turbulence.band=[1.0, 40.0]"),
]
KINDS = {  # kernel -> settings; 40 realisations are three blocks, the last one not full
    "shared": [],
    "erlang-single": ["transport.free_path=erlang", "transport.free_path_shape=3", "sampling.reduction=none"],
    "exact": ["sampling.momentum=exact", "sampling.reduction=none", "ensemble.realisations=20"],
    "isotropic": [
        *("turbulence.spectrum=power-law", "sampling.flow=modes", "sampling.modes=64", "transport.model=isotropic"),
        *("ensemble.realisations=18", "sampling.particles=640"),
    ],
}
UNFINISHED = 85


def command(config, path, kind, *options):
    sets = ["ensemble.realisations=40", *COMMON, *KINDS[kind]]
    return ["run", config, "-o", path, "-q", *options, *(part for one in sets for part in ("--set", one))]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Results of each kind on one rank with one thread, without a launcher."""
    folder = tmp_path_factory.mktemp("alone")
    (folder / "small.toml").write_text(SMALL)
    commands = [command(folder / "small.toml", folder / f"{kind}.h5", kind, "--threads", 1) for kind in KINDS]
    outcome = launch_several(0, commands, timeout=300)
    assert outcome.status == 0, outcome.err
    return {kind: results(folder / f"{kind}.h5") for kind in KINDS}


@pytest.mark.mpi
@pytest.mark.parametrize(("ranks", "threads"), [(1, 2), (2, 1), (3, 1)])
def test_same_bits_on_any_ranks(tmp_path, config, alone, ranks, threads):
    commands = [command(config, tmp_path / f"{kind}.h5", kind, "--threads", threads) for kind in KINDS]
    commands.append(command(config, tmp_path / "other.h5", "shared", "--set", "ensemble.seed=1"))
    outcome = launch_several(ranks, commands, timeout=300)
    assert outcome.status == 0, outcome.err
    for kind in KINDS:
        assert results(tmp_path / f"{kind}.h5") == alone[kind], kind
    assert results(tmp_path / "other.h5") != alone["shared"]  # the negative control


@pytest.mark.mpi
def test_same_bits_through_interruptions(tmp_path, config, alone):
    """Left by the time limit on other numbers of ranks, a block or more further on each time."""
    output, done = tmp_path / "run.h5", [0]
    for ranks in (1, 3):
        outcome = launch(ranks, *command(config, output, "shared", "--resume", "--max-time", "0.01s"), timeout=120)
        if output.exists():
            break
        assert outcome.status == UNFINISHED, outcome.err
        with h5py.File(output.with_name("run.h5.checkpoint")) as file:
            done.append(int(file.attrs["realisations"]))
    assert len(done) > 1
    assert np.all(np.diff(done) > 0)
    outcome = launch(2, *command(config, output, "shared", "--resume"), timeout=120)
    assert outcome.status == 0, outcome.err
    assert results(output) == alone["shared"]


@pytest.mark.mpi
def test_parts_make_the_whole(tmp_path, config, alone):
    commands = [command(config, tmp_path / f"part-{i}.h5", "shared", "--part", f"{i}/2") for i in (1, 2)]
    commands.append(["merge", tmp_path / "part-2.h5", tmp_path / "part-1.h5", "-o", tmp_path / "merged.h5"])
    outcome = launch_several(0, commands, timeout=120)
    assert outcome.status == 0, outcome.err
    assert results(tmp_path / "merged.h5") == alone["shared"]
