"""Splitting a run in parts changes no bit; a longer run contains the shorter; interrupted or not, the end is the same."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from configurations import KINDS, SMALL, assert_same, small
from hypothesis import given
from hypothesis import strategies as st
from trying import TRIED, tries

import fluxtube
from fluxtube.cli import main
from fluxtube.sim.engine.engine import build_engine


def merged(folder: Path, config, count: int, order=list) -> Path:
    """The run in so many parts, merged in an order."""
    (folder / "run.toml").write_text(config.to_toml())
    parts = [str(folder / f"part{i}.h5") for i in range(1, count + 1)]
    for i, part in enumerate(parts, 1):
        assert main(["run", str(folder / "run.toml"), "-q", "--threads", "1", "-o", part, "--part", f"{i}/{count}"]) == 0
    assert main(["merge", *order(parts), "-o", str(folder / "whole.h5"), "-q"]) == 0
    return folder / "whole.h5"


def blocks(keys, number: int, more: int):
    """The configuration with so many full blocks, between which alone a run is split, and some realisations more."""
    size = build_engine(fluxtube.configuration({}, keys)).block_size
    return fluxtube.configuration({}, keys | {"ensemble.realisations": number * size + more}), size


@tries(3)
@given(small(), st.integers(0, 5), st.integers(1, 7), st.integers(2, 3), st.randoms(use_true_random=False))
def test_parts(keys, number, more, count, random):
    """Of any number of blocks, merged in any order, and extended by a block after the merge."""
    config, size = blocks(keys, number, more)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = merged(folder, config, count, lambda parts: random.sample(parts, len(parts)))
        assert_same(fluxtube.load(whole), fluxtube.simulate(config, threads=1))
        longer = config.ensemble.realisations + size
        words = ["--threads", "1", "-o", str(whole), "--resume", "--set", f"ensemble.realisations={longer}"]
        assert main(["run", str(folder / "run.toml"), "-q", *words]) == 0
        assert_same(fluxtube.load(whole), fluxtube.simulate(config, {"ensemble.realisations": longer}, threads=1))
    TRIED["runs in parts"] += 1


@pytest.mark.parametrize("kind", KINDS)
def test_parts_of_every_kind(tmp_path, kind):
    """Two parts of a block each, the last with the rest too: both hold full blocks."""
    config, _ = blocks(SMALL | KINDS[kind], 2, 3)
    whole = fluxtube.load(merged(tmp_path, config, 2, reversed))
    assert whole.realisations == config.ensemble.realisations
    assert_same(whole, fluxtube.simulate(config, threads=1))


def test_what_differs_is_seen():
    """The control: another seed."""
    one, other = (fluxtube.simulate({}, SMALL | {"ensemble.seed": seed}, threads=1) for seed in (1, 2))
    with pytest.raises(AssertionError, match=r"these differ: .*'mean', 'second_moment'"):
        assert_same(one, other)


@tries(8)
@given(small(), st.integers(1, 40), st.integers(1, 40))
def test_a_longer_run_contains_the_shorter(keys, fewer, more):
    short, long = (
        fluxtube.simulate({}, keys | {"ensemble.realisations": n, "output.multipoles": 80}, threads=1)
        for n in (fewer, fewer + more)
    )
    TRIED["runs extended"] += 1
    assert np.array_equal(long.samples_multipoles[:fewer], short.samples_multipoles)
    assert len(long.samples_multipoles) == fewer + more
    assert not np.array_equal(long.mean, short.mean)
    number = fewer + more - 1  # a single one is the same again
    if not keys.get("sampling.estimator") and keys.get("ensemble.field_directions") != "random":
        single = fluxtube.Realisation(fluxtube.configuration({}, keys), number).multipoles()
        assert np.allclose(single[..., : single.shape[-1]], long.samples_multipoles[number], rtol=1e-9, atol=1e-18)
