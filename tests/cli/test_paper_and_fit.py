"""`paper` and `fit` from the command line: files, output, exit status, messages."""

import json

import numpy as np
import pytest

from fluxtube.analysis.observations.observed import hawc_icecube_2019
from fluxtube.cli import main


@pytest.fixture
def spectrum(tmp_path):
    """C_l of isotropic diffusion at 20 km/s, 1/1000 off from sky to sky."""
    from fluxtube.theory import Turbulence, isotropic

    C_l = isotropic.angular_power_spectrum(Turbulence.power_law(5 / 3, 20.0, 1.0), 1.0, 20)
    path = tmp_path / "observed.csv"
    path.write_text("# nobody's\nl,C_l\n" + "".join(f"{l},{value}\n" for l, value in zip(range(2, 21), C_l, strict=True)))
    return path


def test_fit_prints_and_writes(spectrum, tmp_path, capsys):
    """Text, comparison, figures, samples and summary; sigma and gamma are those put in."""
    arguments = ["fit", str(spectrum), "--skies", "100", "--steps", "300", "--compare", "-o", str(tmp_path / "out")]
    assert main(arguments) == 0
    text = capsys.readouterr().out
    for words in ("parallel diffusion, l = 2 to 20", "ln evidence", "5/3 Kolmogorov", "3/2 Kraichnan", "samples"):
        assert words in text
    names = {path.name for path in (tmp_path / "out").iterdir()}
    for name in (
        "spectrum.pdf",
        "spectrum.png",
        "corner-parallel.pdf",
        "corner-isotropic.png",
        "samples-isotropic.csv",
        "fit.json",
    ):
        assert name in names
    result = json.loads((tmp_path / "out" / "fit.json").read_text())
    own = result["fits"][1]
    assert own["sigma_km_s"]["median"] == pytest.approx(20.0, rel=0.02)
    assert own["gamma"]["median"] == pytest.approx(5 / 3, abs=0.05)
    samples = np.loadtxt(tmp_path / "out" / "samples-isotropic.csv", delimiter=",", skiprows=6)
    assert np.median(samples[:, 0]) == pytest.approx(own["sigma_km_s"]["median"], rel=1e-6)


def test_fit_as_json_with_gamma_fixed(spectrum, capsys):
    """One object on standard output, and nothing else."""
    assert main(["fit", str(spectrum), "--model", "parallel", "--gamma", "5/3", "--steps", "100", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [fit["model"] for fit in result["fits"]] == ["parallel"]
    assert result["fits"][0]["prior"]["gamma"] == [5 / 3, 5 / 3]


def test_fit_takes_fractions_counts_noise_and_negative_values(tmp_path, capsys):
    """C_l below zero with the noise that was subtracted, a name that is a formula; warnings and the noise are in the JSON."""
    path = tmp_path / "$\\frac{$.csv"
    C_l = [3e-8 * (l / 2) ** -2.67 for l in range(2, 20)] + [-2e-11]
    path.write_text("l;C_l;error\n" + "".join(f"{l};{value:.6e};1e-11\n" for l, value in enumerate(C_l, 2)))
    arguments = ["fit", str(path), "--noise-subtracted", "1e-10", "--transverse-fraction", "2/3", "--skies", "1e0"]
    arguments += ["--steps", "1e2"]
    assert main([*arguments, "--json", "-o", str(tmp_path / "out"), "--model", "isotropic"]) == 0
    result = json.loads(capsys.readouterr().out)["fits"][0]
    assert result["noise"] == {"level": [1e-10, 1e-10], "subtracted": True, "fitted": None}
    assert isinstance(result["warnings"], list)
    chain = np.loadtxt(tmp_path / "out" / "chain-isotropic.txt")
    assert chain.shape == (3200, 4)
    assert (tmp_path / "out" / "chain-isotropic.paramnames").read_text().splitlines()[1].split()[0] == "gamma"
    assert main(["fit", str(path)]) == 2
    assert "--noise-subtracted" in capsys.readouterr().err


def test_fit_of_the_shipped_sky(tmp_path, capsys):
    """Its name gives what its table gives with its noise and --m0-lost, the numbers of docs/fits.md."""
    choice = ["--l-max", "14", "--model", "isotropic", "--steps", "200", "--json"]
    assert main(["fit", "hawc-icecube-2019", *choice]) == 0
    shipped = json.loads(capsys.readouterr().out)["fits"][0]
    assert shipped["m0_lost"]
    assert shipped["noise"]["level"] == [3.1e-10, 3.1e-10]
    sky = hawc_icecube_2019().spectrum
    rows = zip(sky.l, sky.C_l, sky.error, strict=True)
    (tmp_path / "own.csv").write_text("l,C_l,error\n" + "".join(f"{l},{C_l:.9e},{error:.9e}\n" for l, C_l, error in rows))
    assert main(["fit", str(tmp_path / "own.csv"), *choice, "--noise", "3.1e-10", "--m0-lost"]) == 0
    own = json.loads(capsys.readouterr().out)["fits"][0]
    assert shipped["log_evidence"] == pytest.approx(own["log_evidence"], abs=1e-9)
    assert shipped["sigma_km_s"]["median"] == pytest.approx(24.5, abs=0.4)
    assert shipped["gamma"]["median"] == pytest.approx(2.06, abs=0.05)


def test_paper_with_an_observed_spectrum(spectrum, tmp_path, capsys):
    """Paths of all files, theory alone with the shipped synthetic sky."""
    assert main(["paper", "-o", str(tmp_path / "figures"), "--synthetic", "--spectrum", str(spectrum)]) == 0
    paths = capsys.readouterr().out.split()
    assert len(paths) == 13
    assert (tmp_path / "figures" / "figure3-left-observed-1.csv").read_text().startswith("# SYNTHETIC")


def test_paper_draws_the_observed_sky_unless_told_otherwise(tmp_path, capsys):
    """The shipped sky by default, with its provenance; none with --no-data; a user's own wins, under its label."""
    assert main(["paper", "-o", str(tmp_path / "a"), "--sigma", "35", "--gamma", "3/2"]) == 0
    assert len(capsys.readouterr().out.split()) == 12
    text = (tmp_path / "a" / "figure3-left-observed-0.csv").read_text()
    assert text.startswith("# HAWC + IceCube 2019, 10 TeV, from the figure")
    assert "gamma = 3/2" in (tmp_path / "a" / "figure3-left-spectra.csv").read_text()
    (tmp_path / "one.csv").write_text("l,m,re,im\n300,1,1e-6,0\n")
    assert main(["paper", "-o", str(tmp_path / "c"), "--alm", str(tmp_path / "one.csv"), "--label", "$mine$"]) == 0
    assert (tmp_path / "c" / "figure3-left-observed-0.csv").read_text().startswith("# $mine$")


@pytest.mark.parametrize(
    "arguments",
    [
        ["paper", "--field-direction", "11.4", "229.2"],
        ["paper", "--field-direction", "10", "500"],
        ["paper", "--field-direction", "nan", "nan"],
        ["paper", "--alm", "ALM", "--alm-scale", "nan"],
        ["paper", "--alm", "ALM", "--alm-scale", "0"],
        ["paper", "--alm", "ALM", "--alm-scale", "inf"],
        ["paper", "--alm", "ALM", "--alm-scale", "-1"],
        ["paper", "--alm", "ALM", "--label", "a", "--label", "b"],
        ["paper", "--gamma", "1e400"],
        ["paper", "--sigma", "-3"],
        ["paper", "--config", "missing.toml"],
        ["observe", "--field-direction", "229.2", "95"],
        ["observe", "--field-direction", "0", "1000"],
        ["observe", "--l-max", "ten"],
        ["fit", "SPECTRUM", "--seed", "-1"],
        ["fit", "SPECTRUM", "--gamma", "1e400"],
        ["fit", "SPECTRUM", "--gamma", "1e99999999"],
        ["fit", "SPECTRUM", "--spectral-slope", "0"],
        ["fit", "SPECTRUM", "--spectral-slope", "nan"],
        ["fit", "SPECTRUM", "--spectral-slope", "1e-200"],
        ["fit", "SPECTRUM", "--sigma-range", "0", "10"],
        ["fit", "SPECTRUM", "--noise=-1e-10"],
        ["fit", "SPECTRUM", "--noise", "1e-10:1e-11"],
        ["fit", "SPECTRUM", "--noise", "1e-10", "--noise-subtracted", "1e-10"],
        ["fit", "SPECTRUM", "--sky-fraction", "1.5"],
        ["fit", "SPECTRUM", "--covariance", "SPECTRUM"],
        ["fit", "HUGE"],
        ["fit", "missing.csv"],
        ["fit", "ENDS"],
        ["fit", "hawc-icecube-2019", "--column", "noise"],
        ["paper", "--spectrum", "ENDS"],
        ["fit", "SPECTRUM", "--gamma", "five"],
        ["fit", "SPECTRUM", "--gamma", "0.2"],
        ["fit", "SPECTRUM", "--l-min", "40"],
        ["fit", "SPECTRUM", "--skies", "0"],
        ["fit", "SPECTRUM", "--steps", "0"],
        ["fit", "SPECTRUM", "--column", "nothing"],
        ["paper", "missing.h5"],
        ["paper", "--alm", "SPECTRUM"],
        ["paper", "--alm", "DIPOLE"],
        ["paper", "--alm", "ALM", "--alm-scale", "1e4"],
        ["paper", "--alm-scale", "1e-4", "--no-data"],
        ["paper", "--alm-scale", "1e-4", "--spectrum", "SPECTRUM"],
        ["paper", "-o", "/dev/null/figures"],
    ],
)
def test_impossible_arguments(spectrum, arguments, capsys):
    """Exit status 2 and one line."""
    alm = spectrum.with_name("alm.csv")
    alm.write_text("l,m,re,im\n2,0,1e-4,0\n2,1,1e-4,0\n2,2,1e-4,1e-5\n")
    huge = spectrum.with_name("huge.csv")
    huge.write_text("l,C_l\n2,1e308\n3,1e308\n")
    ends = spectrum.with_name("ends.csv")
    ends.write_text("l,C_l,lower,upper\n2,1e-7,0.95e-7,1.05e-7\n3,3e-8,2.85e-8,3.15e-8\n")
    dipole = spectrum.with_name("dipole.csv")
    dipole.write_text("l,m,re,im\n1,0,1e-4,0\n1,1,1e-4,0\n")
    files = {"SPECTRUM": str(spectrum), "DIPOLE": str(dipole), "ALM": str(alm), "HUGE": str(huge), "ENDS": str(ends)}
    assert main([files.get(argument, argument) for argument in arguments]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("fluxtube: error: ")
    assert captured.err.count("\n") == 1
    if "DIPOLE" in arguments:
        assert "no multipole of l >= 2" in captured.err


def test_observe_prints_and_writes(tmp_path, capsys):
    """Ratios of both models; figure and table; views that are none are refused."""
    assert main(["observe", "--view=-30:64", "--l-max", "10", "-o", str(tmp_path / "out")]) == 0
    text = capsys.readouterr().out
    assert "69.9% of the sky" in text
    table = np.genfromtxt(tmp_path / "out" / "observed--30_64.csv", delimiter=",", names=True, skip_header=1)
    assert table["l"].tolist() == list(range(2, 11))
    np.testing.assert_allclose(table["parallel_ratio"], table["parallel_seen"] / table["parallel_C_l"], rtol=1e-8)
    for arguments in (["--view", "moon"], ["--l-max", "1"], ["missing.h5"]):
        assert main(["observe", *arguments]) == 2
        assert capsys.readouterr().err.startswith("fluxtube: error: ")
