"""Configurations: units, fractions, defaults, round trips, and messages that name the key, the value and what to write."""

import math
from pathlib import Path

import astropy.units as u
import pytest

from fluxtube.errors import InputError
from fluxtube.sim.config import Config, load_config
from fluxtube.sim.config.load import parse
from fluxtube.sim.config.units import ANGLES, LENGTHS, SPEEDS
from fluxtube.sim.engine.feasible import check_runnable

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.toml"))


@pytest.mark.parametrize(("table", "base"), [(LENGTHS, u.pc), (SPEEDS, u.km / u.s), (ANGLES, u.deg)])
def test_units_agree_with_astropy(table, base):
    names = {"c": "299792458 m/s", "ly": "lyr"}
    for name, value in table.items():
        assert value == pytest.approx(
            u.Quantity(f"1 {names.get(name, name)}" if name != "c" else names[name]).to_value(base), rel=1e-12
        )


def test_written_values_are_read():
    config = parse(
        """
        [turbulence]
        gamma = "3 / 2"
        transverse_fraction = "incompressible"
        sigma = "50 km/s"
        band = [1e-2, 1e4]
        [transport]
        mean_free_path = "3 pc"
        speed = "0.5 c"
        [ensemble]
        realisations = 1e4
        """,
        [],
        source="here",
    )
    assert config.turbulence.gamma == 1.5
    assert config.turbulence.transverse_fraction == 1.0
    assert config.turbulence.sigma == 50.0
    assert config.turbulence.band == (1e-2, 1e4)
    assert config.transport.mean_free_path == 3.0
    assert config.transport.speed == pytest.approx(149896.229)
    assert config.ensemble.realisations == 10_000
    turbulence = config.build_turbulence()
    assert turbulence.band == pytest.approx((1e-2 / 3, 1e4 / 3))


def test_resolved_toml_is_the_same_configuration():
    config = parse("", ["turbulence.band=[1e-3, 7e2]", "transport.mean_free_path=0.1 kpc", "sky.frame=equatorial"], "here")
    again = parse(config.to_toml(), [], "again")
    assert again == config
    assert again.hash == config.hash
    assert config.with_overrides(["turbulence.gamma=1.6"]).hash != config.hash


def test_way_of_writing_does_not_change_the_hash():
    one = parse('[transport]\nmean_free_path = "10 pc"', [], "one")
    other = parse('[transport]\nmean_free_path = "0.01 kpc"', [], "other")
    assert one.hash == other.hash == Config().hash


MISTAKES = [
    ("turbulence.gama=1.6", "unknown key 'gama' in [turbulence]; did you mean 'gamma'?"),
    ("transport.l_max=3", "unknown key 'l_max' in [transport]; it belongs to sky.l_max"),
    ("nowhere.key=3", "unknown key 'nowhere' at the top"),
    ("turbulence.gamma=nan", "not a finite number"),
    ("turbulence.gamma=3.5", "turbulence.gamma = 3.5 is out of range; it must be < 3"),
    ("turbulence.gamma=0.5", "needs a turbulence.band"),
    ("turbulence.band=[3, 1]", "is not a band"),
    ("turbulence.band=7", "must be a pair"),
    ("turbulence.band=[1e-300, 1e-299]", "is not a band"),
    ("sky.field_direction=[229.2]", "must be a pair, for example [229.2, 11.4]"),
    ("transport.speed=2 c", "transport.speed = 599585 km/s is out of range; it must be <= 299792 km/s"),
    ("transport.spectral_slope=0", "no convection anisotropy"),
    ("turbulence.sigma=200000 km/s --", "is not a number with a unit"),
    ("turbulence.sigma=1 c", "is not below transport.speed"),
    ("turbulence.sigma=23", 'has no unit; write for example "23 km/s"'),
    ("transport.speed=299792.459 km/s", "transport.speed = 299792.459 km/s is out of range; it must be <= 299792.458 km/s"),
    ("transport.mean_free_path='10'", "'10' has no unit; write for example"),
    ("sky.field_direction=['11.4', '229.2 deg']", "'11.4' has no unit"),
    ("ensemble.seed=18446744073709551616", "it must be < 18446744073709551616"),
    ("transport.mean_free_path=-1 pc", "transport.mean_free_path = -1 pc is out of range; it must be >= 1e-09 pc"),
    ("transport.mean_free_path=5 parsec", 'unknown unit "parsec"'),
    ("turbulence.transverse_fraction=1.5", "it must be <= 1"),
    ("sky.nside=63", "not a power of two; write 64"),
    ("sky.l_max=1", "it must be >= 2"),
    ("sky.l_max=true", "is not a number"),
    ("ensemble.realisations=1.5", "is not a whole number"),
    ("ensemble.seed=-1", "it must be >= 0"),
    ("sampling.flow=lines", "it must be one of 'line'"),
    ("sampling", "does not set a key"),
    ("a.b.c=3", "does not set a key"),
]


@pytest.mark.parametrize(("override", "message"), MISTAKES)
def test_mistakes_are_named(override, message):
    with pytest.raises(InputError) as caught:
        parse("", [override], source="here")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unreadable_files_are_named(tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text("[turbulence\n")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\x89HDF\xff")
    for path, message in (
        (tmp_path / "none.toml", "no configuration file"),
        (broken, "not valid TOML"),
        (binary, "not a text file"),
    ):
        with pytest.raises(InputError, match=message):
            load_config(path)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_shipped_configurations_can_be_run(path):
    assert check_runnable(load_config(path)) == []


def test_impossible_runs_say_what_would_do():
    band = "turbulence.band=[1e-3, 1e3]"
    with pytest.raises(InputError, match=r"for example band = \[1e-3, 1e3\]"):
        check_runnable(parse("", [], "here"))
    with pytest.raises(InputError, match=r"sampling.nodes = 100 cannot resolve .*; it needs (\d+), or leave it out") as caught:
        check_runnable(parse("", [band, "sampling.modes=100"], "here"))
    enough = int(str(caught.value).split("it needs ")[1].split(",")[0])
    with pytest.raises(InputError, match=r"more than the 1000000 that sampling\.nodes may be"):
        check_runnable(parse("", ["turbulence.band=[1e-3, 1e9]"], "here"))
    with pytest.raises(InputError, match=r"an end of \d+ fits"):
        check_runnable(parse("", ["turbulence.band=[1e-3, 1e6]", "sampling.modes=500000"], "here"))
    with pytest.raises(InputError, match=r"sky\.nside = 8192 takes .* for the sky's maps"):
        check_runnable(parse("", [band, "sky.nside=8192", "output.skies=100"], "here"))
    with pytest.raises(InputError, match="but a dipole"):
        check_runnable(parse("", ["turbulence.band=[1e-9, 1e-8]"], "here"))
    assert check_runnable(parse("", [band, f"sampling.modes={enough}"], "here")) == []
    warnings = check_runnable(parse("", [band, "sampling.estimator=particles", "sampling.particles=50000"], "here"))
    assert len(warnings) == 1
    assert "empty" in warnings[0]


def test_every_key_is_documented():
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
    for section, field in Config.model_fields.items():
        assert f"## [{section}]" in page
        part = page.split(f"## [{section}]")[1].split("\n## ")[0]
        for key in field.annotation.known_keys():
            assert f"`{key}`" in part, f"{section}.{key}"


def test_a_table_is_scaled_to_sigma_unless_it_is_absolute():
    """sigma^2 = 2 pi w(2 pi/lambda)/lambda, sigma 23 km/s where nothing is said; an absolute table takes no sigma."""
    table = '[turbulence]\nspectrum = "table"\ntable = [[0.01, 2.0], [1.0, 1.0], [100.0, 0.01]]\n'
    k = 2 * math.pi / 10.0
    scaled = parse(table, [], "test")
    assert 2 * math.pi * float(scaled.build_turbulence().energy_spectrum(k)) / 10.0 == pytest.approx(23.0**2)
    absolute = parse(table, ["turbulence.normalisation=absolute"], "test")
    assert float(absolute.build_turbulence().energy_spectrum(0.1)) == pytest.approx(1.0 * 10.0)
    assert parse(absolute.to_toml(), [], "again") == absolute
    with pytest.raises(InputError, match="sigma has no effect"):
        parse(table, ["turbulence.normalisation=absolute", "turbulence.sigma=3 km/s"], "test")
