"""Choices and their keys: a key without effect is refused, a resolved configuration holds what has an effect and no more."""

import pickle
import time
from pathlib import Path

import numpy as np
import pytest

from fluxtube.errors import InputError
from fluxtube.sim.config import Config, load_config
from fluxtube.sim.config.choices import Registry, Section
from fluxtube.sim.config.differences import differences
from fluxtube.sim.config.flows import FLOWS
from fluxtube.sim.config.free_paths import FREE_PATHS
from fluxtube.sim.config.load import parse, parse_stored
from fluxtube.sim.config.spectra import SPECTRA, PowerLawSpectrum, Spectrum
from fluxtube.sim.engine.feasible import check_runnable
from fluxtube.sim.engine.flows import FLOWS as FLOW_CLASSES
from fluxtube.theory import Turbulence, parallel

BAND = "turbulence.band=[1e-3, 1e3]"
TABLE = "turbulence.table=[[1e-3, 1e5], [1.0, 1.0], [1e3, 1e-5]]"

WITHOUT_EFFECT = [
    (["turbulence.spectrum=goldreich-sridhar", "turbulence.gamma=1.1"], "turbulence.gamma has no effect with spectrum = 'gold"),
    (["turbulence.spectrum=goldreich-sridhar", "turbulence.transverse_fraction=1"], "transverse_fraction has no effect"),
    (["turbulence.spectrum=table", TABLE, "turbulence.gamma=1.1"], "takes normalisation, transverse_fraction, table"),
    (["turbulence.spectrum=field-aligned-table", TABLE, "turbulence.transverse_fraction=1"], "takes normalisation, table"),
    (["turbulence.spectrum=slab", "turbulence.outer_scale=3 pc"], "turbulence.outer_scale has no effect"),
    (["transport.free_path=exponential", "transport.free_path_shape=2"], "transport.free_path_shape has no effect"),
    (["transport.model=isotropic", "transport.convection_perpendicular=1"], "transport.convection_perpendicular has no effect"),
    (["sampling.particles=1e5"], "sampling.particles has no effect with estimator = 'quadrature'"),
    (["sampling.directions=stratified"], "sampling.directions has no effect"),
    (["sampling.waves=100"], "(only with 'modes'): leave it out; flow = 'line' takes nodes"),
    (["sampling.flow=modes", "sampling.grid_steps=100"], "sampling.grid_steps has no effect"),
    (["ensemble.target_degrees=[2]"], "ensemble.target_degrees has no effect without target_relative_error"),
    (["ensemble.minimum_realisations=20"], "ensemble.minimum_realisations has no effect"),
]


@pytest.mark.parametrize(("settings", "words"), WITHOUT_EFFECT)
def test_a_key_without_effect_is_refused(settings, words):
    with pytest.raises(InputError) as caught:
        parse("", settings, "here")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    *choice, key = settings
    section, rest = key.split(".", 1)
    text = f"[{section}]\n{rest.replace('=', ' = ', 1)}\n" if not choice else ""
    if text and "stratified" not in text:
        with pytest.raises(InputError, match="no effect"):
            parse(text, [], "a file")
    parse("", choice, "here")  # and without it all is well


def test_the_files_keys_leave_with_their_choice():
    text = '[turbulence]\nspectrum = "von-karman"\ngamma = 1.6\nouter_scale = "100 pc"\n[sampling]\nnodes = 600\n'
    assert "gamma" not in parse(text, ["turbulence.spectrum=goldreich-sridhar"], "here").flat()["turbulence"]
    changed = parse(text, ["turbulence.spectrum=power-law", "sampling.flow=modes"], "here")
    assert changed.turbulence.gamma == 1.6
    assert changed.turbulence.outer_scale is None
    assert changed.sampling.flow_choice.size is None
    with pytest.raises(InputError, match="outer_scale has no effect"):
        parse(text.replace("von-karman", "power-law"), [], "here")


def test_every_name_that_a_configuration_may_have_builds():
    settings = {
        "von-karman": ["turbulence.outer_scale=100 pc"],
        "table": [TABLE],
        "field-aligned-table": [TABLE],
        "stretched": ["turbulence.stretch=3"],
        "goldreich-sridhar-3d": ["turbulence.outer_scale=100 kpc"],
        "erlang": ["transport.free_path_shape=3"],
    }
    for name in SPECTRA:
        config = parse("", [BAND, f"turbulence.spectrum={name}", *settings.get(name, [])], "here")
        assert isinstance(config.build_turbulence(), Turbulence)
        assert parse(config.to_toml(), [], "again") == config
        assert pickle.loads(pickle.dumps(config)) == config
    for name in FREE_PATHS:
        config = parse("", [f"transport.free_path={name}", *settings.get(name, [])], "here")
        assert config.build_free_path().response(10.0).direct(np.array([0.1]), 3).shape == (4, 1)
    for name in FLOWS:
        transport = ["transport.model=isotropic"] if name == "rings" else []
        size = [f"sampling.{FLOWS[name].size_key}=100"] if FLOWS[name].size_key else []
        choice = parse("", [f"sampling.flow={name}", *transport, *size], "here").sampling.flow_choice
        assert choice.size == (100 if size else None)
    assert sum(bool(FLOWS[name].size_key) for name in FLOWS) >= 3


def test_what_format_1_0_holds_is_read():
    """Its configurations hold every key of the old layout, with effect or without."""
    old = """
        [turbulence]
        spectrum = "goldreich-sridhar"
        gamma = 1.6666666666666667
        transverse_fraction = 0.6666666666666666
        sigma = "23.0 km/s"
        band = [0.001, 1000.0]
        [transport]
        model = "parallel"
        free_path = "fixed"
        mean_free_path = "10.0 pc"
        other_mean_free_paths = []
        [sampling]
        estimator = "quadrature"
        flow = "line"
        modes = 512
        particles = 1000000
        directions = "drawn"
        [ensemble]
        realisations = 20000
        target_degrees = [3]
        minimum_realisations = 77
        """
    with pytest.raises(InputError, match="no effect"):
        parse(old, [], "here")
    config = parse_stored(old.encode(), "run.h5")
    assert config == parse("", [BAND, "turbulence.spectrum=goldreich-sridhar", "sampling.nodes=512"], "here")
    assert parse(config.to_toml(), [], "again") == config
    assert differences(config, config.with_overrides(["sampling.nodes=600"])) == ["sampling.nodes = 512 there, 600 here"]
    with pytest.raises(InputError, match=r"table = 'w.csv'"):  # a data file opens no other file
        parse_stored('[turbulence]\nspectrum = "table"\ntable = "w.csv"', "run.h5")


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "configs").glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_flows_have_the_size_that_they_had(path):
    sizes = {"quickstart": 512, "cluster": 2560, "cross_field": 512, "paper_fig1": 1024, "paper_fig3": 1024}
    config = load_config(path)
    if path.stem in sizes:
        assert config.sampling.flow_choice.size == sizes[path.stem]
    known = {"estimator", "flow", "nodes", "waves", "particles", "directions", "momentum", "reduction"}
    assert set(config.flat()["sampling"]) <= known


def test_flows_are_drawn_as_finely_as_they_need():
    for settings in ([BAND], ["turbulence.band=[1e-3, 2e4]"], ["sampling.flow=fbm"], ["sampling.flow=fbm", "sky.l_max=150"],
                     [BAND, 'transport.other_mean_free_paths=["100 pc"]']):  # fmt: skip
        config = parse("", settings, "here")
        assert check_runnable(config) == []
    line = FLOW_CLASSES["line"]
    assert line.size(parse("", [BAND], "here")) == 512  # the number that it always was
    assert line.size(parse("", ["turbulence.band=[1e-3, 2e4]"], "here")) > 8000
    assert set(FLOW_CLASSES) == set(FLOWS)
    for name, flow in FLOW_CLASSES.items():
        assert flow.exactly_gaussian == FLOWS[name].exactly_gaussian


def test_a_table_from_a_file(tmp_path):
    """Its rows are in the resolved configuration; scaled to sigma the level of w does not matter, absolute it does."""
    (tmp_path / "w.csv").write_text("k,w\n1e-3,1e5\n1.0,1.0\n1e3,1e-5\n")
    text = '[turbulence]\nspectrum = "table"\ntable = "w.csv"\nband = [1e-3, 1e3]\nnormalisation = "absolute"\n'
    (tmp_path / "run.toml").write_text(text)
    config = load_config(tmp_path / "run.toml")
    (tmp_path / "w.csv").unlink()
    assert parse(config.to_toml(), [], "again") == config
    assert config.turbulence.sigma is None
    turbulence = config.build_turbulence()
    assert turbulence.energy_spectrum(0.1) == pytest.approx(10.0)  # w dk of k lambda = 1, in (km/s)^2 pc: 1 times 10 pc
    # <u^2> = int w dk over the rows, a power law between them: index -5/3 on both sides of k lambda = 1.
    assert turbulence.mean_square_velocity == pytest.approx(1.5 * (100 - 1e-2), rel=1e-6)
    scaled = config.with_overrides(["turbulence.normalisation=sigma"]).build_turbulence()
    level = scaled.energy_spectrum(0.05) / turbulence.energy_spectrum(0.05)
    assert np.sqrt(2 * np.pi * scaled.energy_spectrum(2 * np.pi / 10) / 10) == pytest.approx(23.0)
    assert level != pytest.approx(1.0, rel=0.1)
    with pytest.raises(InputError, match=r"none\.csv"):
        parse("", ["turbulence.spectrum=table", "turbulence.table=none.csv"], "here")


def test_a_table_along_the_field_is_that_spectrum():
    """The table of kappa^-2 is Goldreich and Sridhar's, by either level."""
    kappa = np.geomspace(1e-3, 1e3, 200)
    rows = [[float(k), float(k**-2)] for k in kappa]
    own = ["turbulence.spectrum=field-aligned-table", f"turbulence.table={rows}", "turbulence.sigma=23 km/s"]
    table = parse("", [BAND, *own], "here")
    given = parse("", [BAND, "turbulence.spectrum=goldreich-sridhar"], "here")
    one, other = (parallel.multipole_covariance(config.build_turbulence(), 10.0, 8) for config in (table, given))
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9 * np.abs(other).max())


def test_whole_numbers_are_exact():
    assert parse("", ['ensemble.seed="9007199254740993"'], "here").ensemble.seed == 9007199254740993
    assert parse("", ['ensemble.seed="18446744073709551615"'], "here").ensemble.seed == 2**64 - 1
    assert parse("", ["ensemble.seed=18446744073709551615"], "here").ensemble.seed == 2**64 - 1
    with pytest.raises(InputError, match="write all its digits"):
        parse("", ["ensemble.seed=1e17"], "here")
    for rounded in ('"9007199254740993.0"', "9007199254740993.0", '"9.007199254740993e15"'):  # doubles are even from there on
        with pytest.raises(InputError, match="write all its digits"):
            parse("", [f"ensemble.seed={rounded}"], "here")
    assert parse("", ["ensemble.seed=9007199254740991.0"], "here").ensemble.seed == 2**53 - 1


HUGE = {
    "an exponent": 'turbulence.gamma="1e3000000"',
    "a negative exponent": 'turbulence.gamma="1e-3000000000"',
    "a quantity": "transport.mean_free_path=1e3000000 pc",
    "many digits": f"ensemble.seed={'9' * 5000}",
    "many digits, a string": f'ensemble.seed="{"9" * 100000}"',
    "digits that Python reads": f"sky.l_max={'9' * 4000}",
    "a fraction": f'turbulence.gamma="1/{"9" * 100000}"',
    "brackets": f"turbulence.gamma={'[' * 5000}",
    "a list": f"turbulence.band=[{'1, ' * 20000}]",
}


@pytest.mark.parametrize("override", HUGE.values(), ids=HUGE.keys())
def test_huge_values_are_refused_in_a_line(override):
    key, value = override.split("=", 1)
    section, name = key.split(".")
    text = f"[{section}]\n{name} = {value if not value.endswith('pc') else repr(value)}\n"
    start = time.process_time()
    for attempt in (
        lambda: parse("", [override], "here"),
        lambda: parse(text, [], "here"),
        lambda: parse_stored(text, "run.h5"),
        lambda: parse_stored(text.encode(), "run.h5"),
    ):
        with pytest.raises(InputError) as caught:
            attempt()
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 400
    assert time.process_time() - start < 2.0  # milliseconds; a tower of digits would take seconds to minutes


def test_a_byte_order_mark_is_passed_over(tmp_path):
    path = tmp_path / "bom.toml"
    path.write_bytes(b"\xef\xbb\xbf[turbulence]\r\ngamma = 1.5\r\n")
    assert load_config(path).turbulence.gamma == 1.5
    assert parse_stored("\ufeff[turbulence]\ngamma = 1.5\n", "run.h5").turbulence.gamma == 1.5


def test_messages_fit_the_key():
    for override, words in (
        ("ensemble.target_degrees=2", "must be a list, for example [2, 3, 4]"),
        ("transport.other_mean_free_paths=3 pc", 'must be a list, for example ["3 pc", "30 pc"]'),
        ("turbulence.band=7", "must be a pair, for example [1e-3, 1e3]"),
    ):
        with pytest.raises(InputError) as caught:
            parse("", [override], "here")
        assert words in str(caught.value)
    with pytest.raises(InputError, match="must be rows"):
        parse("", ["turbulence.spectrum=table", "turbulence.table=7"], "here")


def test_names_are_entered_once_and_are_of_the_kind():
    registry: Registry = Registry("turbulence.spectrum", Spectrum)
    registry.register("one")(PowerLawSpectrum)
    registry.register("one")(PowerLawSpectrum)
    with pytest.raises(InputError, match="there already"):
        registry.register("one")(SPECTRA["slab"])
    with pytest.raises(InputError, match="derived from Spectrum"):
        registry.register("two")(Section)


def test_keys_of_other_choices_are_none_and_others_are_errors():
    config = Config()
    assert config.turbulence.outer_scale is None
    with pytest.raises(AttributeError):
        _ = config.turbulence.outer_scales
