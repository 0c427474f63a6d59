"""`fluxtube forecast`: what it prints and writes, and what it refuses."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from fluxtube.cli import main

CONFIG = str(Path(__file__).parents[2] / "configs" / "forecast.toml")
ONE = ("--set", 'transport.energies=["10 TeV"]', "--l-max", "5", "--events", "1e9,1e11")

NOTHING = (
    "--set", "transport.model=parallel", "--set", "sampling.flow=line", "--set", "transport.density_response=steady",
    "--set", "transport.free_path=exponential",
)  # fmt: skip


def test_text_table_figure(tmp_path, capsys):
    assert main(["forecast", CONFIG, *ONE, "--known", "field", "-o", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "the whole sky, l = 2 to 5, 32 data" in out
    assert "against gamma = 1.5" in out
    assert "against displacement_perpendicular = 1" in out
    assert (tmp_path / "forecast.png").read_bytes().startswith(b"\x89PNG")
    with open(tmp_path / "forecast.csv", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    assert [float(row["events"]) for row in rows] == [1e9, 1e11]
    assert float(rows[1]["N_l"]) == pytest.approx(4 * np.pi / 1e11, rel=1e-9)
    assert float(rows[0]["error_sigma_km_per_s"]) > float(rows[1]["error_sigma_km_per_s"])
    assert float(rows[1]["error_gamma"]) > float(rows[1]["error_gamma_others_known"])
    assert "error_field_east_deg" not in rows[0]


def test_json_of_a_view_with_two_energies(capsys):
    options = ["--l-max", "4", "--events", "1e11", "--view=-90:-25", "--lost-orders", "0", "--shares", "1,0.1", "--json"]
    assert main(["forecast", CONFIG, *options, "--against", "displacement_perpendicular=1,convection_perpendicular=1"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["skies"] == ["10 TeV", "100 TeV"]
    assert list(found["errors"]) == [
        "sigma", "gamma", "displacement_perpendicular", "convection_perpendicular", "field_east", "field_north",
    ]  # fmt: skip
    matrix = np.array(found["fisher"]["matrix"][0])
    assert np.allclose(np.sqrt(np.diag(np.linalg.inv(matrix))), [found["errors"][name][0] for name in found["errors"]], rtol=1e-4)
    (rival,) = found["against"]
    assert rival["changes"] == {"displacement_perpendicular": 1.0, "convection_perpendicular": 1.0}
    assert rival["level"] == 5.0
    sky_fraction = (1 - np.sin(np.deg2rad(25))) / 2
    assert found["noise_level"][0] == pytest.approx(4 * np.pi * sky_fraction / 1e11, rel=0.02)


def test_a_mask(tmp_path, capsys):
    healpy = pytest.importorskip("healpy")
    mask = (np.arange(12 * 16**2) < 1536).astype(float)
    healpy.write_map(str(tmp_path / "mask.fits"), mask, coord="C", dtype=np.float64)
    assert main(["forecast", CONFIG, *ONE, "--mask", str(tmp_path / "mask.fits"), "--against", "gamma=2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["noise_level"][1] == pytest.approx(2 * np.pi / 1e11, rel=1e-9)
    assert not any("mask" in note for note in found["notes"])
    healpy.write_map(str(tmp_path / "hits.fits"), 1e28 * mask, coord="C", dtype=np.float64, column_units="hits")
    assert main(["forecast", CONFIG, *ONE, "--mask", str(tmp_path / "hits.fits"), "--against", "gamma=2", "--json"]) == 0
    hits = json.loads(capsys.readouterr().out)
    assert hits["noise_level"] == found["noise_level"]
    assert any("1e+28" in note and "no weight" in note for note in hits["notes"])
    healpy.write_map(str(tmp_path / "below.fits"), mask - 1, coord="C", dtype=np.float64)
    healpy.write_map(str(tmp_path / "galactic.fits"), mask, coord="G", dtype=np.float64)
    for name, words in (("below.fits", "must not be below zero"), ("galactic.fits", "in galactic coordinates")):
        assert main(["forecast", CONFIG, *ONE, "--mask", str(tmp_path / name)]) == 2
        assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--events", "some"), "--events 'some' is not a finite number"),
        (("--events", "0"), "each must lie between 1 and 1e20"),
        (("--l-max", "100"), "--l-max 100"),
        (("--l-min", "8"), "--l-min 8 is above"),
        (("--known", "beta"), "--known beta: it must be one of"),
        (("--known", "sigma,gamma,displacement_perpendicular,convection_perpendicular,field"), "all parameters are known"),
        (("--against", "gamma"), "it must be NAME=VALUE"),
        (("--against", "field=3"), "it must be NAME=VALUE"),
        (("--against", "gamma=9"), "must lie between 1.02 and 2.9"),
        (("--against", "gamma=5/3"), "same as that of the configuration"),
        (("--against", "gamma=1.5,gamma=1.6"), "given twice"),
        (("--lost-orders", "1"), "only 0"),
        (("--view", "moon"), "field of view 'moon' is not known"),
        (("--log-odds", "-1"), "must be above zero"),
        (("--shares", "1,2"), "1 energies need as many shares"),
        (("--set", "turbulence.spectrum=slab"), "power-law"),
        (NOTHING, "has no anisotropy"),
        (("--set", "turbulence.gama=2"), "did you mean"),
        (("--set", "ensemble.field_directions=random"), "one sky with one field"),
    ],
)
def test_refusals(capsys, arguments, words):
    assert main(["forecast", CONFIG, *ONE, *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.startswith("fluxtube: error: ")
    assert error.count("\n") == 1
