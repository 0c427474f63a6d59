"""Whole runs whose free paths depend on the pitch angle, by the command line: accepted by their theory, rejected by h = 1."""

import json
from pathlib import Path

import numpy as np
import pytest

from fluxtube.analysis.diffuse import mean_multipoles
from fluxtube.analysis.fit import templates as templates_of_fit
from fluxtube.analysis.fit.templates import Templates
from fluxtube.cli import main
from fluxtube.errors import InputError
from fluxtube.sim.config.load import load_config
from fluxtube.sim.store.reader import read_ensemble
from fluxtube.theory import Turbulence, parallel
from fluxtube.theory.constants import C_KM_S
from fluxtube.theory.free_path import Fixed
from fluxtube.theory.pitch_angle import PowerLaw
from fluxtube.theory.pitch_angle_law import PitchAngleLaw

CONFIG = Path(__file__).parents[2] / "configs" / "pitch_angle.toml"
SMALL = ["ensemble.realisations=4000", "turbulence.band=[1e-2, 60]", "sky.l_max=12", "sky.nside=4", "output.skies=0"]
POWER = ["transport.pitch_angle_dependence=power", "transport.pitch_angle_exponent=2/3"]
RUNS = {
    "diffusion, gradient": [],
    "power": POWER,
    "exponential": [*POWER, "transport.free_path=exponential"],
    "folded, erlang": [
        "transport.pitch_angle_dependence=power", "transport.pitch_angle_exponent=2", "transport.free_path=erlang",
        "transport.free_path_shape=3",
    ],
    "any field": ["ensemble.field_directions=random", "output.multipoles=4000", "ensemble.realisations=2000"],
    "energies": ['transport.energies=["1 TeV", "30 TeV"]', "transport.density_gradient=0 /pc", "turbulence.sigma_scale=10 pc"],
    "particles": [
        "sampling.estimator=particles", "sampling.particles=20000", "ensemble.realisations=200", "sky.l_max=4",
        "transport.density_gradient=0 /pc", "output.multipoles=200",
    ],
}  # fmt: skip


def sets(*keys):
    return [part for key in keys for part in ("--set", key)]


@pytest.mark.parametrize("name", RUNS)
def test_verdicts(tmp_path, name, capsys):
    """Each is accepted at the false-alarm rate 1e-3, seeds fixed (seven runs: one alarm in 140 choices of seeds)."""
    out = str(tmp_path / "run.h5")
    assert main(["run", str(CONFIG), "-o", out, "-q", *sets(*SMALL, *RUNS[name])]) == 0
    assert main(["validate", out]) == 0, capsys.readouterr().out
    assert main(["validate", out, "--against", "transport.pitch_angle_dependence=none"]) == 1


def test_the_gradient_is_judged(tmp_path, capsys):
    """Theory with another gradient is rejected by the mean multipoles alone; C_l of the file holds the squares of the mean."""
    out = str(tmp_path / "run.h5")
    assert main(["run", str(CONFIG), "-o", out, "-q", *sets(*SMALL)]) == 0
    capsys.readouterr()
    assert main(["validate", out, "--json", "--against", "transport.density_gradient=1e-5 /pc"]) == 1
    tests = {test["name"]: test["p_value"] for test in json.loads(capsys.readouterr().out)["tests"]}
    assert tests["mean of the multipoles"] < 1e-12
    config = load_config(CONFIG, SMALL)
    mean, ensemble = mean_multipoles(config, 12), read_ensemble(out)
    error = np.sqrt(np.diag(ensemble.second_moment[0]) / 4000)
    assert np.abs((ensemble.mean[0] - mean) / error)[2:].max() < 5  # 11 numbers: false alarm 6e-6
    assert np.abs(ensemble.mean[0] / error)[3] > 20
    assert mean_multipoles(load_config(CONFIG, [*SMALL, "transport.density_gradient=0 /pc"]), 12) is None


def test_what_does_not_hold_the_moments_about_its_mean_is_refused(tmp_path, capsys):
    out = str(tmp_path / "run.h5")
    keys = ["sampling.estimator=particles", "sampling.particles=400", "ensemble.realisations=40", "sky.l_max=5"]
    assert main(["run", str(CONFIG), "-o", out, "-q", *sets(*SMALL, *keys)]) == 0
    assert main(["validate", out]) == 2
    assert "mean sky beyond the dipole" in capsys.readouterr().err


def test_theory_command(capsys):
    """C_l of the configuration, ID without dependence, the large-l form, and the mean sky in --json."""
    words = ["theory", str(CONFIG), "--l-max", "40", "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert main([*words, *sets("transport.pitch_angle_dependence=none")]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert found["isotropic"]["C_l"] == plain["isotropic"]["C_l"]
    assert found["parallel"]["C_l"] == found["configured"]["C_l"]
    assert found["configured"]["C_l"][0] != plain["configured"]["C_l"][0]
    assert found["parallel"]["large_l_C_l"][-1] == pytest.approx(found["configured"]["C_l"][-1], rel=0.05)
    mean = found["diffuse_a_l"]
    assert not any(mean[0::2])
    assert mean[1] < 0 < abs(mean[3])
    assert "diffuse_a_l" not in plain
    assert any("odd degrees" in note for note in found["notes"])


def test_figures_report_and_slope_know_it(tmp_path, capsys):
    out = str(tmp_path / "run.h5")
    assert main(["run", str(CONFIG), "-o", out, "-q", *sets(*SMALL, "output.multipoles=4000")]) == 0
    assert main(["slope", out, "--l-min", "3"]) == 0
    text = capsys.readouterr().out
    measured, error, expected = (float(text.splitlines()[-2].replace("±", " ").split()[i]) for i in (2, 3, 4))
    assert abs(measured - expected) < 5 * error  # false alarm 6e-7
    assert main(["plot", out, "-o", str(tmp_path / "figures")]) == 0
    assert main(["report", out, "-o", str(tmp_path / "report")]) == 0


def test_fit_templates(monkeypatch):
    """Templates take the law for parallel diffusion, here with few nodes of gamma, and refuse it for isotropic diffusion."""
    monkeypatch.setattr(templates_of_fit, "NODES", 13)
    law = PitchAngleLaw(Fixed(), PowerLaw(2 / 3, 0.05))
    templates = Templates("parallel", [2, 3, 4], law=law)
    exact = parallel.angular_power_spectrum(Turbulence.power_law(5 / 3, 20.0, 1.0), 1.0, 4, -4.7, C_KM_S, free_path=law)
    assert templates.spectrum(20.0, 5 / 3) == pytest.approx(exact, rel=1e-4)
    with pytest.raises(InputError, match="along the field alone"):
        Templates("isotropic", [2, 3, 4], law=law)
