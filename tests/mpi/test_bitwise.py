"""The same bits on any number of ranks and threads, and a shorter run within a longer one."""

import h5py
import numpy as np
import pytest
from launching import SMALL, launch_several, results

PARTICLES = ["sampling.estimator=particles", "sampling.particles=4000"]
KINDS = {  # part of the engine -> realisations, settings
    "quadrature-line": (4000, []),
    "quadrature-modes": (150, ["sampling.flow=modes"]),
    "quadrature-fbm": (600, ["sampling.flow=fbm", "sampling.modes=2048"]),
    "quadrature-isotropic": (20, ["sampling.flow=modes", "transport.model=isotropic"]),
    "quadrature-exponential": (1500, ["transport.free_path=exponential"]),
    "quadrature-momenta": (1500, ["transport.other_mean_free_paths=['3 pc', '5 pc']", "check.realisations=0"]),
    "quadrature-random-field": (1500, ["ensemble.field_directions=random"]),
    "particles-line": (40, [*PARTICLES, "sky.frame=equatorial"]),
    "particles-modes": (40, [*PARTICLES, "sampling.flow=modes", "sampling.directions=stratified"]),
    "particles-erlang": (
        40,
        [*PARTICLES, "transport.free_path=erlang", "transport.free_path_shape=3"],
    ),
    "quadrature-rings": (
        150,
        [
            *("sampling.flow=rings", "transport.model=isotropic", "turbulence.band=[0.3, 4]"),
            *("output.skies=1", "check.realisations=0"),
        ],
    ),
    "quadrature-steady-stretched": (
        20,
        [
            *("sampling.flow=modes", "transport.model=isotropic", "transport.density_response=steady"),
            *("turbulence.spectrum=stretched", "turbulence.stretch=3"),
        ],
    ),
    "particles-pitch-momenta": (
        40,
        [
            *(*PARTICLES, "transport.pitch_angle_dependence=diffusion", "check.realisations=0"),
            "transport.other_mean_free_paths=['3 pc']",
        ],
    ),
    "particles-isotropic": (20, [*PARTICLES, "sampling.flow=modes", "transport.model=isotropic"]),
}
PLACES = [(1, 2), (2, 1), (2, 2), (3, 1), (4, 1)]  # ranks, threads of each


def command(config, path, kind, threads=1, *others):
    """A run with a few blocks, the last one not full; fbm takes no band."""
    realisations, sets = KINDS[kind]
    sets = [f"ensemble.realisations={realisations}", *sets, *others]
    config = config.with_name("endless.toml") if "fbm" in kind else config
    return ["run", config, "-o", path, "--threads", threads, "-q", *(part for one in sets for part in ("--set", one))]


def write_configurations(folder):
    """The small configuration, and the same without a band; the path of the first."""
    (folder / "endless.toml").write_text("\n".join(line for line in SMALL.splitlines() if not line.startswith("band")))
    (folder / "small.toml").write_text(SMALL)
    return folder / "small.toml"


def assert_same(alone, folder, where):
    for kind, expected in alone.items():
        found = results(folder / f"{kind}.h5")
        assert found.keys() == expected.keys()
        different = [name for name in expected if expected[name] != found[name]]
        assert not different, f"{kind} {where} differs in {different}"


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Results of each kind on one rank with one thread, without a launcher."""
    folder = tmp_path_factory.mktemp("alone")
    config = write_configurations(folder)
    outcome = launch_several(0, [command(config, folder / f"{kind}.h5", kind) for kind in KINDS], timeout=200)
    assert outcome.status == 0, outcome.err
    return {kind: results(folder / f"{kind}.h5") for kind in KINDS}


@pytest.mark.mpi
@pytest.mark.parametrize(("ranks", "threads"), PLACES)
def test_same_bits_on_any_ranks_and_threads(tmp_path, alone, ranks, threads):
    config = write_configurations(tmp_path)
    outcome = launch_several(ranks, [command(config, tmp_path / f"{kind}.h5", kind, threads) for kind in KINDS])
    assert outcome.status == 0, outcome.err
    assert_same(alone, tmp_path, f"on {ranks} ranks x {threads} threads")


@pytest.mark.mpi
def test_same_bits_from_kernels_just_compiled(tmp_path, alone):
    """A machine without a kernel cache: one rank compiles, the other loads what it has written."""
    config = write_configurations(tmp_path)
    commands = [command(config, tmp_path / f"{kind}.h5", kind) for kind in KINDS]
    outcome = launch_several(2, commands, timeout=240, NUMBA_CACHE_DIR=str(tmp_path / "cache"))
    assert outcome.status == 0, outcome.err
    assert any((tmp_path / "cache").rglob("*.nbc"))
    assert_same(alone, tmp_path, "with a cold kernel cache")


@pytest.mark.mpi
def test_longer_run_contains_shorter(tmp_path):
    """Earlier realisations are unchanged where more are asked for; another seed, the negative control, changes them."""
    config = write_configurations(tmp_path)
    keep = ("output.multipoles=200", "output.skies=50")
    commands = [
        command(config, tmp_path / f"{kind}-{count}.h5", kind, 1, *keep, f"ensemble.realisations={count}")
        for kind in KINDS
        for count in (17, 41)
    ]
    commands.append(command(config, tmp_path / "other.h5", "quadrature-line", 1, *keep, "ensemble.seed=1"))
    outcome = launch_several(2, commands)
    assert outcome.status == 0, outcome.err
    for kind in KINDS:
        with h5py.File(tmp_path / f"{kind}-17.h5") as short, h5py.File(tmp_path / f"{kind}-41.h5") as long:
            assert short["samples/multipoles"].shape[0] == 17
            assert long["samples/multipoles"].shape[0] == 41
            for name in ("samples/multipoles", "samples/sky", *(["check/halves"] if "check" in short else [])):
                np.testing.assert_array_equal(long[name][: len(short[name])], short[name][()], err_msg=f"{kind}: {name}")
    with h5py.File(tmp_path / "other.h5") as other, h5py.File(tmp_path / "quadrature-line-41.h5") as long:
        assert not np.any(other["samples/multipoles"][:41, :, 1:] == long["samples/multipoles"][:, :, 1:])
