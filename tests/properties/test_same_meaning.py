"""What is written is read back to the same meaning: configurations, run files, tables, multipoles, maps."""

import itertools
import tempfile
from pathlib import Path

import numpy as np
import pytest
from configurations import assert_same, small
from hypothesis import given
from hypothesis import strategies as st
from trying import TRIED, tries

import fluxtube
from fluxtube.analysis.figures.tables import write_csv
from fluxtube.analysis.observations.alm_table import read_alm, write_alm
from fluxtube.analysis.observations.healpix_map import read_map
from fluxtube.analysis.observations.spectrum_table import read_spectrum
from fluxtube.sim.config.load import parse
from fluxtube.tables import read_table

values = st.floats(-1e300, 1e300, allow_subnormal=False)


@tries(60)
@given(small(), st.randoms(use_true_random=False))
def test_configuration(keys, random):
    """To TOML and back; the order of keys, of sections and of --set does not matter."""
    config = fluxtube.configuration({}, keys)
    again = parse(config.to_toml(), [], "again")
    assert again == config
    assert again.hash == config.hash
    settings = [f"{key}={value}" for key, value in keys.items()]
    random.shuffle(settings)
    TRIED["configurations"] += 1
    assert parse("", settings, "shuffled") == config


@tries(5)
@given(small())
def test_run_file(keys):
    made = fluxtube.simulate({}, keys, threads=1)
    with tempfile.TemporaryDirectory() as folder:
        made.save(Path(folder) / "run.h5")
        read = fluxtube.load(Path(folder) / "run.h5")
    TRIED["run files"] += 1
    assert read.config == made.config
    assert_same(read, made)


@tries(40)
@given(st.integers(2, 9), st.integers(0, 2**32 - 1), st.sets(st.integers(0, 4)), st.integers(-12, 0))
def test_multipoles(l_max, seed, lost, power):
    """To the bit, lost orders as lost; in a unit that is a power of two."""
    rng = np.random.default_rng(seed)
    alm = np.tril(1e-4 * (rng.normal(size=(l_max + 1,) * 2) + 1j * rng.normal(size=(l_max + 1,) * 2)))
    alm[:, 0] = alm[:, 0].real
    inside = np.tril(np.ones_like(alm, dtype=bool))
    for m in lost:
        if m < l_max:  # a degree is left
            alm[:, m] = np.where(inside[:, m], np.nan, 0)
    with tempfile.TemporaryDirectory() as folder:
        write_alm(Path(folder) / "alm.csv", alm, ["drawn at random"])
        if not np.isfinite(alm[inside]).any():
            return
        read = read_alm(Path(folder) / "alm.csv", 2.0**power)
    TRIED["tables of multipoles"] += 1
    size = len(read)
    expected = alm[:size, :size] * 2.0**power
    known = np.isfinite(expected) & inside[:size, :size]
    assert np.array_equal(read[known], expected[known])
    assert not np.any(np.isfinite(alm[size:][inside[size:]]))
    assert not np.any(np.isfinite(read[inside[:size, :size] & ~known]))


@tries(40)
@given(st.lists(st.tuples(values, values), min_size=1, max_size=12), st.sampled_from([",", ";", "\t", " "]), st.booleans())
def test_tables(rows, separator, mark):
    """Numbers as Python writes them, in any of the separators, with a byte-order mark or without: to the bit."""
    text = f"a{separator}b\n" + "".join(f"{a!r}{separator}{b!r}\n" for a, b in rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_text(text, encoding="utf-8-sig" if mark else "utf-8")
        table = read_table(path)
    TRIED["tables"] += 1
    for index, name in enumerate("ab"):
        assert np.array_equal(table.column(name), [row[index] for row in rows])


@tries(20)
@given(st.lists(st.floats(1e-12, 1e-4), min_size=2, max_size=9), st.integers(-12, 0))
def test_spectra(C_l, power):
    """Our own tables, and ECSV as astropy writes it with a unit: the same numbers."""
    table = pytest.importorskip("astropy.table")
    l = np.arange(2, 2 + len(C_l))
    with tempfile.TemporaryDirectory() as folder:
        own = write_csv(Path(folder) / "own.csv", {"l": l, "C_l": np.array(C_l)}, ["a head"])
        assert np.allclose(read_spectrum(own).C_l, C_l, rtol=1e-8, atol=0)
        ecsv = Path(folder) / "with_unit.ecsv"
        columns = table.Table({"l": l, "C_l": np.array(C_l) / 10.0**power})
        columns["C_l"].unit = f"1e{power}"
        columns.write(ecsv, format="ascii.ecsv")
        assert np.allclose(read_spectrum(ecsv).C_l, C_l, rtol=1e-12, atol=0)
    TRIED["spectra"] += 1


@tries(12)
@given(st.sampled_from([8, 16]), st.booleans(), st.booleans(), st.sampled_from(["1", "1e-3", "%"]), st.integers(0, 2**32 - 1))
def test_maps(nside, nested, partial, unit, seed):
    """Any ordering, whole or in part, in any unit of a relative intensity: the same map in RING order with the same mask."""
    healpy = pytest.importorskip("healpy")
    rng = np.random.default_rng(seed)
    factor = {"1": 1.0, "1e-3": 1e-3, "%": 1e-2}[unit]
    sky = rng.normal(size=12 * nside**2) * 1e-3
    sky[1 + rng.integers(sky.size - 1)] = healpy.UNSEEN
    order = healpy.nest2ring(nside, np.arange(sky.size)) if nested else np.arange(sky.size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.fits"
        how = {"nest": nested, "partial": partial, "column_units": unit, "coord": "C", "dtype": np.float64}
        healpy.write_map(path, sky[order], **how)
        read, seen = read_map(path)
    TRIED["maps"] += 1
    assert np.array_equal(seen, sky != healpy.UNSEEN)
    assert np.allclose(read[seen], factor * sky[seen], rtol=1e-12, atol=0)


def test_every_spectrum_is_tried():
    """The strategy draws from all that the registries list, so that a new one is not forgotten."""
    from configurations import ACROSS, LAWS, SPECTRA

    from fluxtube.sim.config.free_paths import FREE_PATHS
    from fluxtube.sim.config.spectra import SPECTRA as KNOWN
    from fluxtube.sim.config.transports import TRANSPORTS

    own = [name for name in KNOWN if KNOWN[name].__module__.startswith("fluxtube.")]
    assert set(own) <= set(SPECTRA)
    assert {choice for choice in TRANSPORTS if TRANSPORTS[choice].__module__.startswith("fluxtube.")} <= {
        "parallel", *(keys["transport.model"] for keys in ACROSS)
    }  # fmt: skip
    laws = itertools.chain(["fixed"], (keys["transport.free_path"] for keys in LAWS if keys))
    assert {law for law in FREE_PATHS if FREE_PATHS[law].__module__.startswith("fluxtube.")} <= set(laws)


@tries(6)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(2, 9))
def test_chains(seed, parameters, draws):
    """GetDist's text and ArviZ's file hold the samples, each under the name of its parameter: to the digits of the text, to the
    bit in the file."""
    h5py = pytest.importorskip("h5py")
    from fluxtube.analysis.inference.chains import write_arviz, write_getdist
    from fluxtube.analysis.inference.posterior import WALKERS, Posterior
    from fluxtube.analysis.inference.transport import Point

    rng = np.random.default_rng(seed)
    names = ("sigma", "gamma", "displacement_perpendicular")[:parameters]
    drawn = rng.uniform(0.1, 1.0, (draws * WALKERS, 3)) * [100.0, 2.0, 1.0]
    points = [Point(sigma=a, gamma=b, displacement=c) for a, b, c in drawn]
    posterior = Posterior("cross-field", names, points[0], 0.0, 0.0, 0.1, 1.0, points, rng.normal(size=len(points)), draws)
    with tempfile.TemporaryDirectory() as folder:
        text, labels, _ = write_getdist(posterior, Path(folder) / "chain")
        table = np.loadtxt(text)
        order = [line.split()[0] for line in labels.read_text().splitlines()]
        with h5py.File(write_arviz(posterior, Path(folder) / "chain.nc")) as file:
            kept = {name: file[f"posterior/{name}"][:] for name in names}
            assert set(file["posterior"]) == {*names, "chain", "draw"}
            assert np.array_equal(file["sample_stats/lp"][:].T.ravel(), posterior.log_likelihood)
    TRIED["chains"] += 1
    assert order == list(names)
    assert np.allclose(-table[:, 1], posterior.log_likelihood, rtol=1e-8)
    for column, name in enumerate(names):
        assert np.allclose(table[:, 2 + column], drawn[:, column], rtol=1e-8)
        assert np.array_equal(kept[name].T.ravel(), drawn[:, column])


@tries(3)
@given(st.booleans(), st.integers(0, 2**32 - 1))
def test_measurements(rings, seed):
    """Tables of `measure` as `fit` and `infer` read them: C_l, noise, matrices and multipoles of the measurement."""
    pytest.importorskip("healpy")
    from fluxtube.analysis.measure.spectrum import measure_map
    from fluxtube.analysis.measure.view import MapView
    from fluxtube.analysis.measure.write import write_measurement

    view = MapView((np.arange(768) > 90).astype(float), rings, True, 6)
    values = np.random.default_rng(seed).normal(size=768) * 1e-4
    measured = measure_map(values, view, 4, view.noise(np.full(768, 4e-11)))
    with tempfile.TemporaryDirectory() as folder:
        list(write_measurement(measured, folder, "drawn", formats=()))
        own, pseudo = (read_spectrum(Path(folder) / f"{name}.csv") for name in ("spectrum", "pseudo"))
        matrices = {name: read_table(Path(folder) / f"{name}.csv").matrix() for name in ("covariance", "mixing")}
        alm = read_alm(Path(folder) / "alm.csv")
    TRIED["measurements"] += 1
    assert np.array_equal(own.l, measured.l)
    assert np.allclose(own.C_l, measured.C_l, rtol=1e-8)
    assert np.allclose(pseudo.C_l, measured.pseudo, rtol=1e-8)
    assert np.allclose(pseudo.noise, measured.pseudo_noise, rtol=1e-8)
    assert np.allclose(matrices["covariance"], measured.covariance, rtol=1e-8)
    assert np.allclose(matrices["mixing"], measured.mixing, rtol=1e-8, atol=1e-12)
    expected = measured.alm()
    known = np.isfinite(expected[: len(alm), : len(alm)])
    assert np.array_equal(alm[known], expected[: len(alm), : len(alm)][known])


@tries(2)
@given(st.floats(1.2, 2.2), st.integers(0, 2**32 - 1))
def test_sweeps(gamma, seed):
    """spectra.csv is read as a table, and its rows are the C_l of the run files beside it; a run of the
    configuration alone has the same bits."""
    import json

    from fluxtube.cli import main

    keys = {"turbulence.band": [0.1, 20], "sky.l_max": 3, "sky.nside": 2, "ensemble.realisations": 30, "check.realisations": 0,
            "output.multipoles": 30, "ensemble.seed": seed}  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "run.toml").write_text(fluxtube.configuration({}, keys).to_toml())
        arguments = ["--set", f"turbulence.gamma={gamma!r},{gamma + 0.1!r}", "-o", str(folder / "grid"), "-q"]
        assert main(["sweep", str(folder / "run.toml"), *arguments, "--threads", "1"]) == 0
        table = read_table(folder / "grid" / "spectra.csv")
        values = {key: table.column(key) for key in ("gamma", "l", "c_l", "c_l_error")}
        runs = [fluxtube.load(path) for path in sorted((folder / "grid").glob("*.h5"))]
        assert len(json.loads((folder / "grid" / "sweep.json").read_text())) > 0
    TRIED["sweeps"] += 1
    assert len(runs) == 2
    for run in runs:
        rows = np.isclose(values["gamma"], run.config.turbulence.gamma, rtol=1e-8)
        degrees = values["l"][rows].astype(int)
        assert degrees.tolist() == [2, 3]
        assert np.allclose(values["c_l"][rows], run.C_l[degrees], rtol=1e-8)
        assert np.allclose(values["c_l_error"][rows], run.C_l_error[degrees], rtol=1e-8)
        alone = fluxtube.simulate(run.config, threads=1)
        assert np.array_equal(alone.C_l, run.C_l, equal_nan=True)
