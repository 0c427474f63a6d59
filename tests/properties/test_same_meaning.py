"""What is written is read back to the same meaning: configurations, run files, tables, multipoles, maps."""

import itertools
import tempfile
from pathlib import Path

import numpy as np
import pytest
from configurations import small
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

ARRAYS = ("l", "m", "mean", "second_moment", "noise", "square_moment", "C_l", "C_l_error", "sky_mean", "sky_mean_square",
          "samples_multipoles", "samples_sky")  # fmt: skip
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
    for name in ARRAYS:
        assert np.array_equal(getattr(read, name), getattr(made, name), equal_nan=True), name


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
