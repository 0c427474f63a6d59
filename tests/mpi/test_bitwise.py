"""The same bits on any number of ranks and threads, and a shorter run within a longer one."""

import h5py
import numpy as np
import pytest
from launching import SMALL, launch_several, results

COMBINATIONS = [(estimator, flow) for estimator in ("quadrature", "particles") for flow in ("line", "modes")]
PLACES = [(1, 2), (2, 1), (2, 2), (3, 1), (4, 1)]  # ranks, threads of each


def command(config, path, estimator, flow, realisations, threads=1, *others):
    """A run with a few blocks, the last one not full."""
    sets = [f"sampling.estimator={estimator}", f"sampling.flow={flow}", f"ensemble.realisations={realisations}", *others]
    return ["run", config, "-o", path, "--threads", threads, "-q", *(part for one in sets for part in ("--set", one))]


def realisations(estimator, flow):
    return 4000 if (estimator, flow) == ("quadrature", "line") else 150


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Results of each combination on one rank with one thread, without a launcher."""
    folder = tmp_path_factory.mktemp("alone")
    config = folder / "small.toml"
    config.write_text(SMALL)
    outcome = launch_several(0, [command(config, folder / f"{e}-{f}.h5", e, f, realisations(e, f)) for e, f in COMBINATIONS])
    assert outcome.status == 0, outcome.err
    return {(e, f): results(folder / f"{e}-{f}.h5") for e, f in COMBINATIONS}


@pytest.mark.mpi
@pytest.mark.parametrize(("ranks", "threads"), PLACES)
def test_same_bits_on_any_ranks_and_threads(tmp_path, config, alone, ranks, threads):
    commands = [command(config, tmp_path / f"{e}-{f}.h5", e, f, realisations(e, f), threads) for e, f in COMBINATIONS]
    outcome = launch_several(ranks, commands)
    assert outcome.status == 0, outcome.err
    for combination in COMBINATIONS:
        expected, found = alone[combination], results(tmp_path / "{}-{}.h5".format(*combination))
        assert found.keys() == expected.keys()
        different = [name for name in expected if expected[name] != found[name]]
        assert not different, f"{combination} on {ranks} ranks x {threads} threads differs in {different}"


@pytest.mark.mpi
def test_longer_run_contains_shorter(tmp_path, config):
    """Earlier realisations are unchanged where more are asked for; another seed, the negative control, changes them."""
    keep = ("output.multipoles=200", "output.skies=50")
    commands = []
    for e, f in COMBINATIONS:
        commands.append(command(config, tmp_path / f"{e}-{f}-short.h5", e, f, 37, 1, *keep))
        commands.append(command(config, tmp_path / f"{e}-{f}-long.h5", e, f, 111, 1, *keep))
    commands.append(command(config, tmp_path / "other.h5", "quadrature", "line", 111, 1, "ensemble.seed=1"))
    outcome = launch_several(2, commands)
    assert outcome.status == 0, outcome.err
    for e, f in COMBINATIONS:
        with h5py.File(tmp_path / f"{e}-{f}-short.h5") as short, h5py.File(tmp_path / f"{e}-{f}-long.h5") as long:
            assert short["samples/multipoles"].shape[0] == 37
            assert long["samples/multipoles"].shape[0] == 111
            for name in ("samples/multipoles", "samples/sky", "check/halves"):
                np.testing.assert_array_equal(long[name][: len(short[name])], short[name][()], err_msg=f"{e}, {f}: {name}")
    with h5py.File(tmp_path / "other.h5") as other, h5py.File(tmp_path / "quadrature-line-long.h5") as long:
        assert not np.any(other["samples/multipoles"][:37, :, 1:] == long["samples/multipoles"][:37, :, 1:])
