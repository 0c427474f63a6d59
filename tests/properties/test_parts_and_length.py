"""Splitting a run in parts changes no bit; a longer run contains the shorter; interrupted or not, the end is the same."""

import tempfile
from pathlib import Path

import numpy as np
from configurations import small
from hypothesis import given
from hypothesis import strategies as st
from trying import TRIED, tries

import fluxtube
from fluxtube.cli import main

RESULTS = ("mean", "second_moment", "noise", "square_moment", "C_l", "C_l_error", "sky_mean", "sky_mean_square",
           "samples_multipoles", "samples_sky")  # fmt: skip


def same(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in RESULTS)


@tries(3)
@given(small(), st.integers(1, 700), st.integers(1, 4), st.randoms(use_true_random=False))
def test_parts(keys, realisations, count, random):
    """Of any number of realisations, merged in any order, and extended after the merge."""
    keys = keys | {"ensemble.realisations": realisations}
    config = fluxtube.configuration({}, keys)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "run.toml").write_text(config.to_toml())
        arguments = ["run", f"{folder}/run.toml", "-q", "--threads", "1"]
        parts = [f"{folder}/part{i}.h5" for i in range(1, count + 1)]
        for i, part in enumerate(parts, 1):
            assert main([*arguments, "-o", part, "--part", f"{i}/{count}"]) == 0
        random.shuffle(parts)
        assert main(["merge", *parts, "-o", f"{folder}/whole.h5", "-q"]) == 0
        whole = fluxtube.load(f"{folder}/whole.h5")
        one = fluxtube.simulate(config, threads=1)
        assert same(whole, one)
        longer = ["--set", f"ensemble.realisations={realisations + 40}"]
        assert main([*arguments, "-o", f"{folder}/whole.h5", "--resume", *longer]) == 0
        assert same(fluxtube.load(f"{folder}/whole.h5"), fluxtube.simulate(config, {"ensemble.realisations": realisations + 40}))
    TRIED["runs in parts"] += 1


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
