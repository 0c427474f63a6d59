"""`fluxtube infer` from end to end, and what it refuses: status 2, one line."""

import json
from dataclasses import replace

import numpy as np
import pytest
from inference_skies import FIELD, observed

from fluxtube.analysis.inference.likelihood import SkyLikelihood, log_density
from fluxtube.analysis.inference.modes import degrees_and_orders, to_table
from fluxtube.analysis.inference.sky_input import View, read_sky
from fluxtube.analysis.inference.transport import Point
from fluxtube.analysis.inference.window import gaussian_window, top_hat_window
from fluxtube.analysis.observations.alm_table import write_alm
from fluxtube.cli import main
from fluxtube.theory.free_path import Erlang, Fixed
from fluxtube.theory.kinetic import InFlight, Steady

LEVEL, L_MAX = 3e-10, 6
TRUTH = Point(35.0, 5 / 3, 0.7, 0.4, FIELD)
QUICK = ("--l-max", str(L_MAX), "--steps", "60", "--live", "40", "--skies", "40")
NAMES = ("sigma", "gamma", "displacement_perpendicular", "convection_perpendicular", "field_ra", "field_dec")


@pytest.fixture(scope="module")
def sky(tmp_path_factory):
    """A cross-field sky with noise and a dipole, m = 0 included."""
    likelihood = SkyLikelihood(observed(L_MAX, LEVEL, lost=()), "cross-field")
    alm = to_table(likelihood.draw(TRUTH, np.random.default_rng(1)), L_MAX)
    alm[1, 1] = 1e-3 - 2e-3j
    path = tmp_path_factory.mktemp("sky") / "sky.csv"
    write_alm(path, alm, ["equatorial coordinates, arrival directions"])
    return path


@pytest.mark.slow
def test_end_to_end(sky, tmp_path, capsys):
    """Everything as JSON and as files; ln L of the truth is not above the largest one found; chains have what was sampled."""
    arguments = ["infer", str(sky), "--noise", str(LEVEL), "--fix", "gamma=5/3", "--models", "isotropic", "cross-field", *QUICK]
    assert main([*arguments, "--rivals", "--json", "-o", str(tmp_path / "out")]) == 0
    result = json.loads(capsys.readouterr().out)
    for name in NAMES:
        assert result["parameters"][name]["q16"] <= result["parameters"][name]["q50"] <= result["parameters"][name]["q84"]
    assert result["parameters"]["gamma"]["q50"] == pytest.approx(5 / 3)
    assert result["parameters"]["field_ra"]["q16"] == FIELD[0]
    models = {"isotropic", "cross-field", "gradient", "dipole-only", "power-law"}
    assert set(result["log_evidence"]) == set(result["max_log_likelihood"]) == models
    assert set(result["models"]) == models
    assert result["models"]["cross-field"]["parameters"] == result["parameters"]
    assert result["models"]["isotropic"]["free"] == ["sigma"]
    assert result["log_evidence"]["dipole-only"] < result["log_evidence"]["cross-field"] - 100
    data = read_sky(sky, View(l_max=L_MAX, noise=LEVEL))
    likelihood = SkyLikelihood(data, "cross-field")
    assert likelihood(TRUTH) < result["max_log_likelihood"]["cross-field"] + 0.01
    assert {gain["over"] for gain in result["gains"]} == {"isotropic", "gradient", "dipole-only", "power-law"}
    assert all(1 / 41 <= gain["rate"] <= 1 for gain in result["gains"])
    assert next(g for g in result["gains"] if g["over"] == "dipole-only")["rate"] == pytest.approx(1 / 41)
    assert 0 < result["gyrotropy"]["best_p_value"] <= 1
    assert any("too few" in words for words in result["warnings"])
    out = tmp_path / "out"
    chain = np.loadtxt(out / "chain-cross-field_1.txt")
    assert chain.shape == (60 * 32, 2 + 3)
    assert -chain[:, 1].min() <= result["max_log_likelihood"]["cross-field"] + 1e-6
    names = [line.split()[0] for line in (out / "chain-cross-field.paramnames").read_text().splitlines()]
    assert names == ["sigma", "displacement_perpendicular", "convection_perpendicular"]
    assert np.quantile(chain[:, 2], 0.5) == pytest.approx(result["parameters"]["sigma"]["q50"], rel=1e-6)
    h5py = pytest.importorskip("h5py")
    with h5py.File(out / "chain-cross-field.nc") as file:
        assert file["posterior/sigma"].shape == (32, 60)
        assert [dimension[0].name for dimension in file["posterior/sigma"].dims] == ["/posterior/chain", "/posterior/draw"]
        np.testing.assert_allclose(file["posterior/sigma"][0, :], chain[::32, 2], rtol=1e-7)
        assert file["posterior/sigma"].attrs["units"] == result["units"]["sigma"] == "km/s"
        assert file["posterior/displacement_perpendicular"].attrs["units"] == "1"
    assert result["predictive"]["l"] == list(range(2, L_MAX + 1))
    assert 0.001 < result["predictive"]["p_value"] < 0.999
    for name in ("corner-cross-field.png", "plane.png", "plane.csv", "inference.json", "skies.png"):
        assert (out / name).stat().st_size > 1000
    assert json.loads((out / "inference.json").read_text())["log_evidence"] == result["log_evidence"]


def test_text_and_shipped_sky(capsys):
    """The sky that comes with the package, no evidence of fit needed: isotropic diffusion alone, sigma near 25 km/s."""
    assert main(["infer", "hawc-icecube-2019", "--models", "isotropic", "--fix", "gamma=5/3", *QUICK]) == 0
    text = capsys.readouterr().out
    assert "isotropic transport" in text
    sigma = float(text.split("sigma")[1].split()[0])
    assert 20 < sigma < 33
    assert "(fixed)" in text


def test_every_model_is_shown(tmp_path, capsys):
    """Parallel transport cannot make an isotropic sky: isotropic is `parameters`; both are on the screen."""
    likelihood = SkyLikelihood(observed(4, LEVEL, lost=()), "isotropic")
    write_alm(tmp_path / "sky.csv", to_table(likelihood.draw(TRUTH, np.random.default_rng(2)), 4), ["equatorial coordinates"])
    arguments = ["infer", str(tmp_path / "sky.csv"), "--noise", str(LEVEL), "--fix", "gamma=5/3", "--l-max", "4", *QUICK[2:]]
    arguments += ["--skies", "0", "-o", str(tmp_path), "--format", "png", "--models"]
    assert main([*arguments, "parallel", "isotropic"]) == 0
    text = capsys.readouterr().out
    assert text.index("isotropic transport") < text.index("parallel transport") < text.index("ln evidence")
    result = json.loads((tmp_path / "inference.json").read_text())
    assert result["model"] == "isotropic"
    assert result["log_evidence"]["isotropic"] > result["log_evidence"]["parallel"] + 10
    middle = {name: f"{result['models'][name]['parameters']['sigma']['q50']:.4g}" for name in ("parallel", "isotropic")}
    assert middle["isotropic"] != middle["parallel"]
    for name, part in (("isotropic", text.split("parallel transport")[0]), ("parallel", text.split("parallel transport")[1])):
        assert part.split("sigma")[1].split()[0] == middle[name]
    assert result["parameters"] == result["models"]["isotropic"]["parameters"] != result["models"]["parallel"]["parameters"]


@pytest.mark.parametrize(("degree", "compared"), [("2", False), ("3", False), ("4", True)])
def test_degrees_of_one_parity(sky, degree, compared, capsys, recwarn):
    """Even degrees alone, or odd ones, are compared with nothing: null, the reason, and no warning. Control: 3 and 4."""
    least = "3" if compared else degree
    arguments = ["infer", str(sky), "--noise", str(LEVEL), "--fix", "gamma=5/3", "--fix", "sigma=35", "--models", "isotropic"]
    arguments += ["--l-min", least, "--l-max", degree, "--skies", "0"]
    assert main([*arguments, "--json"]) == 0
    parity = json.loads(capsys.readouterr().out)["parity"]
    assert (parity["even_over_odd"] is not None) == (parity["p_value"] is not None) == compared
    assert main(arguments) == 0
    output = capsys.readouterr()
    assert ("one parity alone" in output.out) == (not compared)
    assert "nan" not in output.out.lower()
    assert not [w for w in recwarn if issubclass(w.category, RuntimeWarning)]
    assert "arning" not in output.err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ([], "has no noise"),
        (["--noise", "0"], "noise 0"),
        (["--noise", "1e-9", "--l-max", "9"], "; give --l-max 6 or less"),
        (["--noise", "1e-9", "--alm-scale", "1e4"], "unit"),
        (["--noise", "1e-9", "--mask", "m.fits"], "masks"),
        (["--noise", "1e-9", "--lost-orders", *map(str, range(7))], "nothing is left"),
        (["--noise", "1e-9", "--fix", "gamma"], "NAME=VALUE"),
        (["--noise", "1e-9", "--fix", "gamma=5"], "between 1 and 3"),
        (["--noise", "1e-9", "--free", "speed"], "--free speed"),
        (["--noise", "1e-9", "--free", "field", "--fix", "field=229,11"], "freed and fixed"),
        (["--noise", "1e-9", "--field-direction", "11.4", "229.2"], "declination"),
        (["--noise", "1e-9", "--noise-bands=-90:0:1e-9"], "exclude"),
        (["--noise-bands=-90:0:1e-9"], "cover the declinations"),
        (["--noise-bands=-90:0"], "SOUTH:NORTH:N_L"),
        (["--noise", "1e-9", "--steps", "0"], "--steps 0"),
        (["--noise", "x"], "not a number"),
        (["--noise", "1e-9", "--free-path", "erlang"], "erlang:4"),
        (["--noise", "1e-9", "--free-path", "fixed:2"], "erlang:4"),
        (["--noise", "1e-9", "--free-path", "erlang:1.5"], "whole number"),
        (["--noise", "1e-9", "--field-direction", "-130.8", "11.4", "--l-max", "9"], "; give --l-max 6 or less"),  # 229.2
        (["--noise", "1e-9", "--free-path", "levy"], "known are fixed"),
        (["--noise", "1e-9", "--free-path", "exponential", "--density-response", "steady"], "cancels the convection"),
        (["--noise", "1e-9", "--outer-scale", "0"], "--outer-scale 0"),
        (["--noise", "1e-9", "--beam=-1"], "--beam -1"),
        (["--noise", "1e-9", "--smoothed", "80"], "smaller --l-max"),
    ],
)
def test_refused_in_one_line(sky, capsys, change, words):
    assert main(["infer", str(sky), *QUICK[:2], *change]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_kinetic_options_reach_the_likelihood(sky, capsys):
    """Largest ln L of each option is that of the same law in Python at the same sigma; the paper's law gives another."""
    found = set()
    for options, physics in (
        ((), {}),
        (("--density-response", "steady"), {"path": Steady(Fixed())}),
        (("--free-path-observed", "in-flight", "--free-path", "erlang:3"), {"path": InFlight(Erlang(3))}),
        (("--outer-scale", "2"), {"outer_scale": 2.0}),
    ):
        arguments = ["--noise", str(LEVEL), "--l-max", "4", "--fix", "gamma=5/3", "--models", "isotropic", "--skies", "0"]
        assert main(["infer", str(sky), *arguments, "--json", "--steps", "40", "--live", "40", *options]) == 0
        result = json.loads(capsys.readouterr().out)
        likelihood = SkyLikelihood(read_sky(sky, View(l_max=4, noise=LEVEL)), "isotropic", **physics)
        best = max(likelihood(Point(sigma, 5 / 3)) for sigma in np.geomspace(5, 200, 1000))
        assert result["max_log_likelihood"]["isotropic"] == pytest.approx(best, abs=2e-3)
        found.add(round(best, 2))
    assert len(found) == 4


def test_density_response_is_told_from_none():
    """ln L of the law that drew 60 parallel skies is the larger, by 5 standard errors (6e-7), whichever of the two drew them."""
    data, point = observed(L_MAX, LEVEL), Point(60.0, 5 / 3, field=FIELD)
    laws = [SkyLikelihood(data, "parallel", path=path) for path in (None, Steady(Fixed()))]
    for true, other in (laws, laws[::-1]):
        skies = true.draw(point, np.random.default_rng(3), 60)
        gains = log_density(true.factor(point), skies) - log_density(other.factor(point), skies)
        assert gains.mean() > 5 * gains.std() / np.sqrt(60)


def test_flow_with_density_response(sky, capsys):
    """The command; its band is that of the law, and turbulence with an outer scale is refused."""
    arguments = ["flow", str(sky), "--noise", str(LEVEL), "--l-max", "4", "--fix", "gamma=5/3", "--fix", "sigma=35", "--json"]
    arguments += ["--fix", "displacement_perpendicular=0.7", "--fix", "convection_perpendicular=0.4"]
    bands = []
    for options in ((), ("--density-response", "steady")):
        assert main([*arguments, *options]) == 0
        bands.append(np.array(json.loads(capsys.readouterr().out)["flow_km_s"]["mean"]))
    assert np.max(np.abs(bands[0] - bands[1])) > 0.02 * np.max(np.abs(bands[0]))
    assert main([*arguments, "--outer-scale", "10"]) == 2
    assert "power law without end" in capsys.readouterr().err


def test_windows(sky, tmp_path):
    """A beam, and a disc divided out: each is another way to write d = b_l a + noise, so that ln L agrees but for ln det."""
    healpy = pytest.importorskip("healpy")
    window = gaussian_window(L_MAX, 30.0)
    np.testing.assert_allclose(window, healpy.gauss_beam(np.deg2rad(30.0), L_MAX), rtol=1e-12)
    plain = read_sky(sky, View(l_max=L_MAX, noise=LEVEL))
    l = degrees_and_orders(L_MAX)[0][plain.response]
    seen = read_sky(sky, View(l_max=L_MAX, noise=LEVEL, beam=30.0))
    sharp = replace(plain, values=plain.values / window[l], noise=plain.noise / np.outer(window[l], window[l]))
    for sigma in (20.0, 40.0):
        one, other = (SkyLikelihood(data, "cross-field")(replace(TRUTH, sigma=sigma)) for data in (seen, sharp))
        assert one == pytest.approx(other - np.sum(np.log(window[l])), rel=1e-10)
    mu, weight = np.polynomial.legendre.leggauss(60)
    low = np.cos(np.deg2rad(20.0))
    node = low + (1 - low) * (mu + 1) / 2
    disc = [weight @ np.polynomial.legendre.Legendre.basis(degree)(node) / 2 for degree in range(L_MAX + 1)]
    np.testing.assert_allclose(top_hat_window(L_MAX, 20.0), disc, rtol=1e-12)
    divided = read_sky(sky, View(l_max=L_MAX, noise=LEVEL, smoothed=20.0))
    np.testing.assert_allclose(divided.values, plain.values / np.array(disc)[l], rtol=1e-10)
    np.testing.assert_array_equal(divided.noise, plain.noise)


def test_other_frames_are_refused(sky, tmp_path, capsys):
    text = sky.read_text().replace("equatorial", "galactic")
    (tmp_path / "galactic.csv").write_text(text)
    assert main(["infer", str(tmp_path / "galactic.csv"), "--noise", "1e-9", *QUICK]) == 2
    assert "galactic" in capsys.readouterr().err


def test_map_with_a_mask(tmp_path, capsys):
    """A FITS map of noise behind a mask: runs, says how many data are left; galactic maps and empty masks are refused."""
    healpy = pytest.importorskip("healpy")
    rng = np.random.default_rng(3)
    pixels = 12 * 16**2
    values, mask = 1e-4 * rng.standard_normal(pixels), np.arange(pixels) > pixels // 4
    columns = {"map": values, "mask": mask, "none": 0 * mask, "zero": 0 * values, "galactic": values}
    for name, column in columns.items():
        frame = "G" if name == "galactic" else "C"
        healpy.write_map(tmp_path / f"{name}.fits", column.astype(float), coord=frame, column_units="1", dtype=np.float64)
    arguments = ["--l-max", "4", "--noise", str(1e-8 * 4 * np.pi / pixels), "--lost-orders", "0"]
    end = [*QUICK[2:], "--models", "isotropic", "--json"]
    assert main(["infer", str(tmp_path / "map.fits"), "--mask", str(tmp_path / "mask.fits"), *arguments, *end]) == 0
    result = json.loads(capsys.readouterr().out)
    assert 10 < result["data"]["count"] <= 18  # 21 modes, 3 of them lost with m = 0
    assert result["parameters"]["sigma"]["q84"] < 10  # there is no sky in it
    assert main(["infer", str(tmp_path / "map.fits"), "--mask", str(tmp_path / "none.fits"), *arguments]) == 2
    assert main(["infer", str(tmp_path / "galactic.fits"), *arguments]) == 2
    assert main(["infer", str(tmp_path / "zero.fits"), *arguments]) == 2
    assert main(["infer", str(tmp_path / "map.fits"), "--l-max", "4"]) == 2
    error = capsys.readouterr().err
    assert "no pixel" in error
    assert "galactic" in error
    assert "every observed pixel is zero" in error
    assert "has no noise" in error
