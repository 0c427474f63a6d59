"""Thousands of random and mutated configurations: each is taken or refused in one line, and what is taken runs."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trying import TRIED

from fluxtube.errors import InputError
from fluxtube.sim.config import Config
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.feasible import check_runnable
from fluxtube.sim.run.communicator import SerialCommunicator

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.toml"))

numbers = st.one_of(
    st.integers(-(2**66), 2**66), st.integers(-3, 70), st.floats(-1e3, 1e3), st.sampled_from([0, 1, 2, 64, 1e-300, 1e300, 5 / 3])
)
units = st.sampled_from(["pc", "km/s", "c", "kpc", "deg", "AU", "/pc", "", "parsec", "%"])
words = st.sampled_from(
    ["power-law", "von-karman", "table", "slab", "goldreich-sridhar",
     "field-aligned-table", "parallel", "isotropic", "cross-field", "fixed", "erlang",
     "exponential", "magnetic", "equatorial", "quadrature", "particles", "line", "modes", "fbm", "drawn", "stratified", "random",
     "acoustic", "5/3", "1/0", "nan", "inf", "-inf", "1_000", ""]
)  # fmt: skip
scalars = st.one_of(
    numbers, words, st.booleans(), st.tuples(numbers, units).map(lambda pair: f"{pair[0]} {pair[1]}"), st.text(max_size=8)
)
values = st.one_of(scalars, st.lists(scalars, max_size=3), st.lists(st.lists(numbers, min_size=2, max_size=2), max_size=4))
KEYS = [(name, key) for name, field in Config.model_fields.items() for key in field.annotation.known_keys()]
BASE = (("turbulence", "band"), [1e-2, 40])  # what has no default
entries = st.lists(st.tuples(st.sampled_from(KEYS), values), max_size=4).map(lambda pairs: [BASE, *pairs])


def literal(value) -> str:
    """A value as TOML, as far as TOML can say it."""
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    return json.dumps(value) if isinstance(value, str) else str(value)


def toml(pairs) -> str:
    """Configuration text; where a key is set twice the last one counts."""
    tree = {}
    for (section, key), value in pairs:
        tree.setdefault(section, {})[key] = value
    return "\n".join(f"[{s}]\n" + "\n".join(f"{k} = {literal(v)}" for k, v in keys.items()) for s, keys in tree.items())


def take(text: str, overrides=()) -> Config | None:
    """The configuration, or None where it is refused as it should be."""
    TRIED["random configurations"] += 1
    refusal = None
    try:
        config = parse(text, list(overrides), source="fuzz")
        check_runnable(config)
    except InputError as error:
        refusal = str(error)
    if refusal is not None:
        assert refusal.strip()
        assert "\n" not in refusal, refusal
        return None
    TRIED["random configurations taken"] += 1
    assert parse(config.to_toml(), [], source="again") == config
    return config


relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)


@settings(relaxed, max_examples=2500)
@given(entries)
def test_random_values(pairs):
    take(toml(pairs))


@settings(relaxed, max_examples=1500)
@given(st.sampled_from(CONFIGS), st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from("drs"), st.characters()), max_size=4))
def test_mutated_files(path, mutations):
    """Characters dropped, replaced or lines swapped in the configurations that come with the package."""
    text = path.read_text()
    for place, kind, character in mutations:
        at = place % len(text)
        if kind == "s":
            lines = text.splitlines(keepends=True)
            i, j = at % len(lines), place // 7 % len(lines)
            lines[i], lines[j] = lines[j], lines[i]
            text = "".join(lines)
        else:
            text = text[:at] + (character if kind == "r" else "") + text[at + 1 :]
    take(text)


@settings(relaxed, max_examples=500)
@given(
    st.lists(
        st.text(max_size=30) | st.tuples(st.sampled_from(KEYS), scalars).map(lambda p: f"{p[0][0]}.{p[0][1]}={p[1]}"), max_size=3
    )
)
def test_random_overrides(overrides):
    take(CONFIGS[0].read_text(), overrides)


SMALL = {
    ("sky", "l_max"): st.integers(2, 8),
    ("sky", "nside"): st.sampled_from([1, 2, 4]),
    ("sampling", "modes"): st.integers(8, 96),
    ("sampling", "particles"): st.integers(2, 60),
    ("ensemble", "realisations"): st.integers(1, 3),
    ("check", "realisations"): st.integers(0, 2),
    ("check", "particles"): st.integers(2, 40),
    ("output", "skies"): st.integers(0, 2),
    ("turbulence", "band"): st.sampled_from([[1e-2, 4], [0.5, 3], [1e-3, 6], [1, 1.5]]),
    ("sampling", "estimator"): st.sampled_from(["quadrature", "particles"]),
    ("sampling", "flow"): st.sampled_from(["line", "modes", "fbm"]),
    ("transport", "model"): st.sampled_from(["parallel", "isotropic"]),
    ("transport", "free_path"): st.sampled_from(["fixed", "exponential"]),
    ("turbulence", "gamma"): st.floats(0.5, 2.9),
    ("turbulence", "transverse_fraction"): st.floats(0, 1),
    ("ensemble", "field_directions"): st.sampled_from(["fixed", "random"]),
    ("sampling", "directions"): st.sampled_from(["drawn", "stratified"]),
    ("sky", "frame"): st.sampled_from(["magnetic", "equatorial"]),
    ("transport", "pitch_angle_dependence"): st.sampled_from(["none", "diffusion"]),
    ("transport", "density_gradient"): st.sampled_from(["0 /pc", "1e-4 /pc"]),
}


@settings(relaxed, max_examples=150)
@given(st.tuples(*SMALL.values()))
def test_what_is_taken_runs(chosen):
    """A configuration that is taken does not fail later, in the middle of the work."""
    from fluxtube.sim.run.ensemble import run_ensemble

    pairs = dict(zip(SMALL, chosen, strict=True))
    if pairs["sampling", "estimator"] == "quadrature":
        del pairs["sampling", "particles"], pairs["sampling", "directions"]
    config = take(toml(pairs.items()))
    if config is not None:
        result = run_ensemble(config, SerialCommunicator(), quiet=True)
        assert result.accumulator.count == config.ensemble.realisations
        TRIED["random configurations run"] += 1


@pytest.fixture(scope="module", autouse=True)
def a_fair_share():
    """Of thousands of configurations many are taken and run: else the fuzz would test nothing."""
    yield
    if TRIED["random configurations"] > 4000:
        assert TRIED["random configurations taken"] > 100
        assert TRIED["random configurations run"] > 20
