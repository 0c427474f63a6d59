"""Everyday mistakes in files of one's own: said with status 2, file and line or function, and never called a bug of fluxtube."""

from pathlib import Path

import pytest

from fluxtube.cli import main

QUICKSTART = Path(__file__).parents[2] / "configs" / "quickstart.toml"
SMALL = (
    "turbulence.band=[1e-2, 40]", "sky.l_max=6", "sky.nside=8", "check.realisations=0", "output.skies=0",
    "ensemble.realisations=32",
)  # fmt: skip

SPECTRUM = """
import numpy as np
from fluxtube.sim.config.spectra import IsotropicSpectrum, register_spectrum
@register_spectrum("mine")
class Mine(IsotropicSpectrum):
    def w(self, x):
        {}
"""
ALIGNED = SPECTRUM.replace("IsotropicSpectrum", "FieldAlignedSpectrum").replace("w(self", "E(self")
PATH = """
import numpy as np
from fluxtube.sim.config.free_paths import FreePathDensity, register_free_path
@register_free_path("mine")
class Mine(FreePathDensity):
    def density(self, t):
        {}
"""
PITCH = """
import numpy as np
from fluxtube.sim.config.pitch_angles import PitchAngleFunction, register_pitch_angle
@register_pitch_angle("mine")
class Mine(PitchAngleFunction):
    def h(self, mu):
        {}
"""
DIFFUSION = PITCH.replace("PitchAngleFunction", "PitchAngleDiffusion").replace("h(self", "coefficient(self")
FLOW = """
import numpy as np
from fluxtube.sim.engine.flows import LineFlow, register_flow
@register_flow("mine")
class Mine:
    block_size, exactly_gaussian, vector, k_max = 256, False, False, 1.0
    check = LineFlow.check
    @classmethod
    def of(cls, config, longest, reach):
        return cls()
    def increments(self, first, count, displacement):
        {}
"""
TRANSPORT = """
from fluxtube.sim.config.transports import TransportChoice
from fluxtube.sim.engine.transport import AcrossField, register_transport
class Mine(TransportChoice):
    def weights(self):
        {}
register_transport("mine", Mine)(lambda choice: AcrossField(*choice.weights()))
"""
MAKER = """
from fluxtube.sim.config.transports import TransportChoice
from fluxtube.sim.engine.transport import register_transport
class Mine(TransportChoice):
    def weights(self):
        return 0.1, 1.0
@register_transport("mine", Mine)
def make(choice):
    {}
"""
IS_SPECTRUM, IS_PATH, IS_PITCH = "turbulence.spectrum=mine", "transport.free_path=mine", "transport.pitch_angle_dependence=mine"
IS_FLOW, IS_TRANSPORT = "sampling.flow=mine", "transport.model=mine"
MUST = "must return an array of numbers of the shape of"
EXPONENTIAL = "transport.free_path=exponential"

MISTAKES = {
    "number": (SPECTRUM, "return 1.0", (IS_SPECTRUM,), f"spectrum 'mine' of FILE: w(x) {MUST} x, it returned float"),
    "none": (SPECTRUM, "pass", (IS_SPECTRUM,), f"w(x) {MUST} x, it returned NoneType"),
    "short": (SPECTRUM, "return x[:3] ** -2", (IS_SPECTRUM,), f"w(x) {MUST} x, it returned an array of shape (3, "),
    "text": (SPECTRUM, "return 'flat'", (IS_SPECTRUM,), f"w(x) {MUST} x, it returned str"),
    "complex": (SPECTRUM, "return x * 1j", (IS_SPECTRUM,), f"w(x) {MUST} x, it returned an array of shape (1,) of type complex"),
    "attribute": (SPECTRUM, "return x * self.hight", (IS_SPECTRUM,), "of FILE in line 7: w(x) fails: AttributeError: "),
    "exit": (SPECTRUM, "raise SystemExit(1)", (IS_SPECTRUM,), "in line 7: w(x) fails: SystemExit: 1"),
    "division": (SPECTRUM, "return x / 0 + 1 / 0", (IS_SPECTRUM,), "in line 7: w(x) fails: ZeroDivisionError: division by zero"),
    "truth": (
        SPECTRUM, "return x if x.size < 2 or x > 1 else -x", (IS_SPECTRUM,), "in line 7: w(x) fails: ValueError: The truth",
    ),
    "aligned": (ALIGNED, "return 1.0", (IS_SPECTRUM,), f"spectrum 'mine' of FILE: E(x) {MUST} x, it returned float"),
    "missing": (SPECTRUM.replace("w(self", "W(self"), "return x", (IS_SPECTRUM,), "Mine has no w(x)"),
    "built": (
        SPECTRUM.replace("w(self", "build(self"), "return x", (IS_SPECTRUM,), "build() must return a Turbulence, it returned",
    ),
    "build": (
        SPECTRUM.replace("w(self", "build(self"), "return float('a')", (IS_SPECTRUM,), "plug-in FILE, line 7: ValueError: could",
    ),
    "path short": (
        PATH, "return np.exp(-t)[:3]", (IS_PATH,), f"free-path law 'mine' of FILE: density(t) {MUST} t, it returned an array",
    ),
    "path error": (
        PATH, "return np.exp(-t) + nothing", (IS_PATH,), "of FILE in line 7: density(t) fails: NameError: name 'nothing'",
    ),
    "pitch number": (
        PITCH, "return 1.0", (IS_PITCH, EXPONENTIAL), f"pitch-angle dependence 'mine' of FILE: h(mu) {MUST} mu, it returned",
    ),
    "pitch error": (
        PITCH, "return 1 if mu > 0 else 2", (IS_PITCH, EXPONENTIAL), "in line 7: h(mu) fails: ValueError: The truth value",
    ),
    "diffusion none": (DIFFUSION, "pass", (IS_PITCH, EXPONENTIAL), f"coefficient(mu) {MUST} mu, it returned NoneType"),
    "diffusion error": (DIFFUSION, "return mu.none", (IS_PITCH, EXPONENTIAL), "coefficient(mu) fails: AttributeError: "),
    "flow number": (
        FLOW, "return 1.0", (IS_FLOW,), "sampling.flow = 'mine': increments() must return two arrays of numbers of shape (",
    ),
    "flow short": (FLOW, "return np.ones(3), np.ones(3)", (IS_FLOW,), "it returned (3,) and (3,)"),
    "flow error": (
        FLOW, "return self.none", (IS_FLOW,), "plug-in FILE, line 12: AttributeError: 'Mine' object has no attribute 'none'",
    ),
    "flow division": (FLOW, "return 1 / 0", (IS_FLOW,), "plug-in FILE, line 12: ZeroDivisionError: division by zero"),
    "flow of": (
        FLOW.replace("return cls()", "return None"), "return 1", (IS_FLOW,), "of() must return a flow with k_max, it returned",
    ),
    "flow check": (
        FLOW.replace("= LineFlow.check", "= lambda config: None"), "return 1", (IS_FLOW,), "check() must return a list of",
    ),
    "weights": (TRANSPORT, "return 0.5", (IS_TRANSPORT, "sampling.flow=modes"), "plug-in FILE, line 7: TypeError: "),
    "maker": (
        MAKER, "return None", (IS_TRANSPORT, "sampling.flow=modes"), "makes NoneType, which has no across, orders, estimators",
    ),
}


def run(tmp_path, capsys, text, keys):
    path = tmp_path / "mine.py"
    path.write_text(text)
    words = ["run", str(QUICKSTART), "-o", str(tmp_path / "run.h5"), "-q", "--plugin", str(path)]
    status = main([*words, *(part for key in (*SMALL, *keys) for part in ("--set", key))])
    return status, capsys.readouterr().err.replace(str(path), "FILE")


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_those_of_the_file(tmp_path, capsys, name):
    text, body, keys, words = MISTAKES[name]
    status, error = run(tmp_path, capsys, text.replace("{}", body), keys)
    lines = [line for line in error.splitlines() if "warning:" not in line]
    assert status == 2, error
    assert len(lines) == 1, error
    assert words in error
    assert "bug in fluxtube" not in error


def test_theory_says_what_is_wrong_with_weights(tmp_path, capsys):
    path = tmp_path / "mine.py"
    path.write_text(TRANSPORT.replace("{}", "return 0.5"))
    status = main(["theory", str(QUICKSTART), "--set", IS_TRANSPORT, "--plugin", str(path)])
    error = capsys.readouterr().err
    assert status == 2
    assert len(error.splitlines()) == 1
    assert "weights() must return two numbers, eps and eta, it returned 0.5" in error


def test_the_same_files_without_mistakes_run(tmp_path, capsys):
    """The control; a density may be one number, uniform on its support."""
    assert run(tmp_path, capsys, SPECTRUM.replace("{}", "return x ** -1.7"), (IS_SPECTRUM,))[0] == 0
    (tmp_path / "run.h5").unlink()
    uniform = PATH.replace("    def density", "    support = (0.5, 1.5)\n    def density").replace("{}", "return 1.0")
    status, error = run(tmp_path, capsys, uniform, (IS_PATH,))
    assert status == 0, error


def test_a_bug_stays_one(capsys, monkeypatch):
    """The control: an error that passes through no file of one's own."""
    monkeypatch.setattr("fluxtube.commands.theory.main", lambda args: 1 / 0)
    monkeypatch.setenv("FLUXTUBE_TRACEBACK", "1")
    assert main(["theory", str(QUICKSTART)]) == 70
    assert "bug in fluxtube" in capsys.readouterr().err
