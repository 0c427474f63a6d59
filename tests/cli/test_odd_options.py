"""Options with impossible values, or without effect: refused in one line that names them, for the commands on observed skies."""

import json
from pathlib import Path

import numpy as np
import pytest

import fluxtube
from fluxtube.analysis.validation.meanings import MEANINGS
from fluxtube.cli import main

healpy = pytest.importorskip("healpy")
INFER = ["infer", "{alm}", "--noise", "1e-10", "--l-max", "4"]
MAP = ["infer", "{map}", "--l-max", "3"]
MEASURE = ["measure", "{map}", "-o", "{out}", "--l-max", "6"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A table of multipoles, a map in RING order, a mask, a small run, runs at two energies."""
    folder = tmp_path_factory.mktemp("odd")
    rng = np.random.default_rng(5)
    orders = [(l, m) for l in range(2, 7) for m in range(l + 1)]
    rows = [f"{l},{m},{rng.normal() * 1e-4:.6e},{rng.normal() * 1e-4 * (m > 0):.6e}" for l, m in orders]
    (folder / "alm.csv").write_text("l,m,re,im\n" + "\n".join(rows) + "\n")
    (folder / "ok.csv").write_text("l,C_l\n" + "".join(f"{l},{3e-8 * (l / 2) ** -2.67:.6e}\n" for l in range(2, 15)))
    healpy.write_map(folder / "map.fits", rng.normal(size=3072) * 1e-4, coord="C", column_units="1", dtype=np.float64)
    healpy.write_map(folder / "mask.fits", (np.arange(3072) > 300).astype(float), coord="C", dtype=np.float64)
    keys = {"turbulence.band": [1e-2, 30], "turbulence.sigma_scale": "10 pc", "transport.energies": ["1 TeV"], "sky.l_max": 6,
            "sky.nside": 4, "ensemble.realisations": 60, "check.realisations": 0}  # fmt: skip
    fluxtube.simulate({}, keys).save(folder / "energies.h5")
    names = {"alm": "alm.csv", "ok": "ok.csv", "map": "map.fits", "mask": "mask.fits", "energies": "energies.h5", "out": "out"}
    shipped = {"forecast": str(Path(fluxtube.__file__).parent / "configs" / "forecast.toml")}
    return shipped | {name: str(folder / file) for name, file in names.items()}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*INFER, "--skies", "-1"], "--skies -1"),
        ([*INFER, "--seed", "-1"], "--seed -1"),
        ([*INFER, "--noise", "1e-300"], "noise 1e-300"),
        ([*INFER, "--lost-orders", "-1"], "lost order -1"),
        ([*INFER, "--lost-orders", "9"], "lost order 9"),
        ([*INFER, "--models", "parallel", "--fix", "displacement_perpendicular=0.3"], "displacement_perpendicular has no effect"),
        ([*INFER, "--models", "isotropic", "--free", "field"], "free field has no effect"),
        ([*INFER, "--models", "isotropic", "--field-error", "5"], "free field has no effect"),
        ([*INFER, "--spectral-slope", "0"], "--spectral-slope 0"),
        ([*INFER, "--spectral-slope", "1e-300"], "--spectral-slope 1e-300"),
        ([*INFER, "--no-errors"], "leave --no-errors out"),
        ([*INFER, "--column", "2"], "--column 2"),
        ([*INFER, "--alm-scale", "1e-200"], "--alm-scale"),
        ([*INFER, "--fix", "noise=1e300"], "noise = 1e+300"),
        ([*INFER, "--sigma-range", "1", "1e9"], "not a range within"),
        (["infer", "hawc-icecube-2019", "--alm-scale", "2"], "leave --alm-scale out"),
        ([*MAP, "--noise", "1e-10", "--no-errors"], "--no-errors belongs to tables"),
        ([*MAP, "--noise", "1e-10", "--error-covariance", "{ok}"], "--error-covariance belongs to tables"),
        ([*MAP, "--noise", "1e-10", "--noise-map", "{mask}"], "--noise-map excludes --noise"),
        ([*MAP, "--noise-map", "{map}"], "below zero"),
        (["flow", "{alm}", "--noise", "1e-10", "--l-max", "3", "--flows", "100000000"], "--flows 100000000"),
        (["flow", "{alm}", "--noise", "1e-10", "--model", "parallel", "--fix", "convection_perpendicular=1"], "has no effect"),
        ([*INFER, "--fix", "gamma=1e99999999"], "is not a number"),
        ([*INFER, "--sigma-range", "1", "1e-99999999"], "sigma"),
        ([*MEASURE, "--ordering", "rung"], "'rung' is not known"),
        ([*MEASURE, "--ordering", "NESTED"], "states ORDERING = RING"),
        (["fit", "{ok}", "--sigma-range", "1e-300", "1e300"], "not a range within"),
        (["report", "{energies}", "-o", "{out}.html", "--false-alarm", "2"], "false-alarm rate 2"),
        (["report", "{energies}", "-o", "{out}.html", "--false-alarm", "nan"], "false-alarm rate nan"),
        (["slope", "{energies}", "--l-min", "2", "--l-max", "0"], "got 2 to 0"),
        (["slope", "{energies}"], "got 8 to 6"),
        (["slope", "{energies}", "--l-min", "2", "--title", "T"], "--title is that of the picture"),
        (["fit", "{ok}", "--format", "png"], "figures are drawn with -o alone"),
        ([*INFER, "--format", "svg"], "figures are drawn with -o alone"),
        (["flow", "{alm}", "--noise", "1e-10", "--l-max", "3", "--format", "pdf"], "figures are drawn with -o alone"),
        (["observe", "--format", "png"], "figures are drawn with -o alone"),
        (["forecast", "{forecast}", "--format", "png"], "figures are drawn with -o alone"),
        (["paper", "-o", "{out}", "--no-data", "--spectrum", "{ok}"], "--no-data excludes"),
        (["paper", "-o", "{out}", "--no-data", "--synthetic"], "--no-data excludes"),
        ([*INFER, "--fix", "gamma=5/3", "--fix", "gamma=2"], "gamma is fixed twice"),
        ([*INFER, "--field-direction", "10", "10", "--fix", "field=20,20"], "--field-direction gives the field already"),
    ],
)
def test_refused_in_one_line_that_names_it(files, capsys, arguments, words):
    assert main([part.format(**files) for part in arguments]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_the_report_of_a_run_at_several_energies(files, tmp_path, capsys):
    """Each test that `validate` makes has its sentence on the page."""
    page = tmp_path / "run.html"
    assert main(["report", files["energies"], "-o", str(page)]) == 0
    assert main(["validate", files["energies"], "--json"]) in (0, 1, 3)
    tests = json.loads(capsys.readouterr().out.splitlines()[-1])["tests"]
    assert {test["name"] for test in tests} <= set(MEANINGS)
    assert MEANINGS["between energies, worst degree"] in page.read_text(encoding="utf-8")


def test_fit_takes_the_matrices_that_measure_writes(files, tmp_path, capsys):
    """Pseudo-spectrum with its mixing matrix, spectrum with its covariance: sigma of both fits agrees within their widths."""
    assert main(["measure", files["map"], "-o", str(tmp_path), "--l-max", "8"]) == 0
    capsys.readouterr()
    found = []
    for table, option, matrix in (("pseudo", "--mixing-matrix", "mixing"), ("spectrum", "--covariance", "covariance")):
        given = [str(tmp_path / f"{table}.csv"), option, str(tmp_path / f"{matrix}.csv")]
        assert main(["fit", *given, "--model", "isotropic", "--steps", "400", "--gamma", "5/3", "--m0-lost", "--json"]) == 0
        found.append(json.loads(capsys.readouterr().out)["fits"][0]["sigma_km_s"])
    assert found[0]["lower"] < found[1]["upper"]
    assert found[1]["lower"] < found[0]["upper"]


def test_a_flow_across_the_field_alone_is_refused_along_it(capsys):
    """Alfvenic velocities are perpendicular to k and B: with convection along B alone nothing is seen, and theory says zero."""
    keys = {"turbulence.spectrum": "stretched", "turbulence.stretch": 3, "turbulence.alfvenic_share": 1,
            "turbulence.pseudo_alfvenic_share": 0, "turbulence.band": [0.1, 20], "sky.l_max": 3, "sky.nside": 2,
            "ensemble.realisations": 4, "check.realisations": 0}  # fmt: skip
    with pytest.raises(fluxtube.InputError, match="alfvenic_share = 1"):
        fluxtube.simulate({}, keys)
    across = {"transport.model": "cross-field", "transport.displacement_perpendicular": 0.5, "sampling.flow": "modes",
              "sampling.waves": 16}  # fmt: skip
    with pytest.raises(fluxtube.InputError, match="alfvenic_share = 1"):
        fluxtube.simulate({}, keys | across | {"transport.convection_perpendicular": 0})
    assert fluxtube.simulate({}, keys | across | {"transport.convection_perpendicular": 0.5}).C_l[2] > 0


@pytest.mark.parametrize("frame", ["galactic", "equatorial", "unstated"])
def test_a_mask_keeps_to_its_coordinates(tmp_path, frame):
    """A map in galactic coordinates, turned; its mask hides 25 deg about the north galactic pole, at alpha = 192.86 deg, delta =
    27.13 deg (Reid & Brunthaler 2004, ApJ 616, 872), whether it is drawn in galactic or in equatorial coordinates."""
    from fluxtube.analysis.measure.maps import read_measured

    nside = 32
    pole = healpy.ang2vec(192.86, 27.13, lonlat=True)
    hidden = {"galactic": (0.0, 0.0, 1.0), "equatorial": pole, "unstated": pole}[frame]
    mask = np.ones(12 * nside**2)
    mask[healpy.query_disc(nside, hidden, np.deg2rad(25))] = 0
    written = {"galactic": "G", "equatorial": "C", "unstated": None}[frame]
    healpy.write_map(tmp_path / "map.fits", np.arange(12 * nside**2) * 1e-8, coord="G", column_units="1", dtype=np.float64)
    healpy.write_map(tmp_path / "mask.fits", mask, coord=written, dtype=np.float64)
    if frame == "unstated":
        with pytest.raises(fluxtube.InputError, match="does not state its coordinates"):
            read_measured(tmp_path / "map.fits", mask=tmp_path / "mask.fits", turn=True)
        return
    weights = read_measured(tmp_path / "map.fits", mask=tmp_path / "mask.fits", turn=True).weights
    angle = np.rad2deg(np.arccos(np.clip(pole @ np.array(healpy.pix2vec(nside, np.arange(len(mask)))), -1, 1)))
    assert not weights[angle < 24].any()
    assert weights[angle > 29].all()  # but for neighbours of hidden pixels: a pixel of 2 deg and its diagonal


def test_weights_must_be_in_the_coordinates_of_the_measurement(tmp_path):
    from fluxtube.analysis.measure.maps import read_measured

    for name, coord in (("map", "C"), ("weights", "G")):
        healpy.write_map(tmp_path / f"{name}.fits", np.full(768, 1e-4), coord=coord, column_units="1", dtype=np.float64)
    with pytest.raises(fluxtube.InputError, match="galactic"):
        read_measured(tmp_path / "map.fits", weights=tmp_path / "weights.fits")
