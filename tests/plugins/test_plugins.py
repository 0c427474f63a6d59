"""What is added from outside of the package is used by theory and engine, by name and from the command line alone."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, special, stats

from fluxtube.errors import InputError
from fluxtube.plugins import LOADED, load_plugins
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.feasible import check_runnable
from fluxtube.sim.engine.flows import register_flow
from fluxtube.sim.engine.kernels.interpolation import interpolate_cells
from fluxtube.sim.store.reader import read_ensemble

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "examples" / "plugins"
BAND = "turbulence.band=[1e-2, 40]"
SMALL = [BAND, "sky.l_max=10", "sky.nside=8", "check.realisations=0", "output.skies=1"]


def command(folder, *words):
    """The command as a user has it, in a folder of his own; status, standard output and error."""
    words = [sys.executable, "-m", "fluxtube", *map(str, words)]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=240)
    return done.returncode, done.stdout, done.stderr


def sets(*keys):
    return [part for key in keys for part in ("--set", key)]


@pytest.mark.parametrize("path", sorted(PLUGINS.glob("*.py")), ids=lambda path: path.stem)
def test_examples_are_short(path):
    assert len(path.read_text().splitlines()) < 30


# Each is accepted at the false-alarm rate 1e-3 of `validate`; the seeds are fixed. The control: the same run against the
# theory without the plug-in's choice is rejected.
RUNS = {
    "bump": (["turbulence.spectrum=bump", "turbulence.bump_height=8"], "turbulence.bump_height=0"),
    "two_scatterers": (["transport.free_path=two-scatterers"], "transport.free_path=exponential"),
    "two_waves": (["transport.pitch_angle_dependence=two-waves"], "transport.share=5"),
    "random_phases": (["sampling.flow=random-phases"], "turbulence.gamma=1.2"),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_and_its_theory_agree(tmp_path, name):
    """From the command line, in a folder outside of the project."""
    plugin, (keys, wrong) = PLUGINS / f"{name}.py", RUNS[name]
    run = ["run", ROOT / "configs/quickstart.toml", "-o", "run.h5", "-q", *sets(*SMALL, "ensemble.realisations=2000", *keys)]
    status, _, error = command(tmp_path, *run)
    assert status == 2
    assert "--plugin" in error
    status, _, error = command(tmp_path, *run, "--plugin", plugin)
    assert status == 0, error
    status, out, error = command(tmp_path, "validate", "run.h5", "--plugin", plugin)
    assert status in (0, 3), out + error
    assert "REJECTED" not in out
    status, out, _ = command(tmp_path, "validate", "run.h5", "--plugin", plugin, "--against", wrong)
    assert status == 1, out
    load_plugins([plugin])
    provenance = read_ensemble(tmp_path / "run.h5").provenance
    assert str(plugin) in provenance["plugins"]
    assert LOADED[str(plugin)] in provenance["plugins"]
    status, _, error = command(tmp_path, "validate", "run.h5")  # a data file loads nothing
    assert (status, "Traceback" in error) == (2, False)


def test_submitted_jobs_take_their_plugins_along(tmp_path):
    plugin = PLUGINS / "bump.py"
    words = ["submit", ROOT / "configs/quickstart.toml", "-o", "run.h5", "--dry-run", "--plugin", plugin]
    status, out, error = command(tmp_path, *words, *sets("turbulence.spectrum=bump"))
    assert status == 0, error
    assert f"--plugin {plugin}" in out


BROKEN = {
    "syntax": ("def f(:\n", "in line 1: SyntaxError"),
    "import": ("\nimport nothing_of_that_name\n", "in line 2: ModuleNotFoundError"),
    "exit": ("raise SystemExit(3)\n", "in line 1: SystemExit 3"),
    "name": (
        "from fluxtube.sim.config.spectra import IsotropicSpectrum, register_spectrum\n"
        "register_spectrum('power-law')(type('Mine', (IsotropicSpectrum,), {}))\n",
        "in line 2: turbulence.spectrum = 'power-law' is there already",
    ),
    "kind": ("from fluxtube import register_spectrum\nregister_spectrum('x')(int)\n", "must be a class derived from Spectrum"),
    "flow": (
        "from fluxtube import register_flow\n@register_flow('x')\nclass Mine:\n    pass\n",
        "Mine has no block_size, exactly_gaussian, vector, of, check, increments",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_named_with_their_line(tmp_path, name):
    text, words = BROKEN[name]
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_plugins([path])
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(path) not in LOADED
    with pytest.raises(InputError, match="cannot read the plug-in"):
        load_plugins([tmp_path / "none.py"])
    with pytest.raises(InputError, match="larger than 16 MiB"):
        load_plugins(["/dev/zero"])


def test_a_law_is_one_object_for_theory_and_engine():
    """The two scatterers: responses, particles and quadrature against the density itself, integrated without the package."""
    load_plugins([PLUGINS / "two_scatterers.py"])
    config = parse("", [*SMALL, "transport.free_path=two-scatterers", "transport.share=0.3"], "here")
    engine, law = build_engine(config), config.build_free_path()
    mean = 0.3 + 0.7 * 5.0

    def p(t):  # by hand, of mean 1
        return mean * (0.3 * np.exp(-mean * t) + 0.7 / 5 * np.exp(-mean * t / 5))

    t = np.linspace(1e-3, 5, 7)
    np.testing.assert_allclose(law.density(t), p(t), rtol=1e-8)
    for l, x in ((2, 0.7), (3, 4.0), (10, 30.0)):
        along, _ = integrate.quad(lambda t: p(t) * special.spherical_jn(l, x * t, derivative=True), 0, 60, limit=4000)  # noqa: B023
        across, _ = integrate.quad(lambda t: p(t) * special.spherical_jn(l, x * t) / (x * t), 0, 60, limit=4000)  # noqa: B023
        assert law.response(1.0).direct(np.array([x]), l)[l, 0] == pytest.approx(along, abs=1e-9)
        assert law.transverse_response(1.0).direct(np.array([x]), l)[l, 0] == pytest.approx(across, abs=1e-9)
    assert engine.quadrature.free_path.law is law
    # 4000 of the paths that particles are given; false alarm 1e-3, and the exponential law must fail.
    from fluxtube import Realisation

    paths = Realisation(config, 0).particles(4000).free_path / 10.0
    cumulative = lambda t: 1 - 0.3 * np.exp(-mean * t) - 0.7 * np.exp(-mean * t / 5)  # noqa: E731
    assert stats.kstest(paths, cumulative).pvalue > 1e-3
    assert stats.kstest(paths, stats.expon.cdf).pvalue < 1e-6


@pytest.mark.parametrize("key", ["transport.density_response=none", "transport.density_response=steady"])
def test_a_sky_does_not_depend_on_the_skies_before_it(key):
    """To the bit: ranks draw other realisations before it. The law's mean waves, tabulated, against its density's own."""
    load_plugins([PLUGINS / "two_scatterers.py"])
    across = ["transport.free_path=two-scatterers", "transport.model=isotropic", "sampling.flow=modes", "sampling.waves=30"]
    config, arrival = parse("", [*SMALL, *across, key], "here"), np.array([[0.6, 0.0, 0.8], [0.0, 0.6, -0.8]])
    first, last = (build_engine(config).quadrature for _ in range(2))
    ascending = [first.sky(r, arrival) for r in range(6)]
    descending = [last.sky(r, arrival) for r in reversed(range(6))][::-1]
    np.testing.assert_array_equal(ascending, descending)
    assert np.ptp(ascending, axis=0).min() > 0  # realisations differ
    largest, waves, turning = first.free_path.mean_waves(first.waves.draw(0, 1)[0])
    y, a = np.linspace(0, largest, 9)[1:-1], 0.5 + 0.5 * 5  # p = a/2 e^(-a t) + a/10 e^(-a t/5) of mean 1
    expected = a / 2 / (a - 1j * y) + a / 10 / (a / 5 - 1j * y)
    found = interpolate_cells(waves, y / largest) + 1j * interpolate_cells(turning, y / largest)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_flows_from_outside_are_refused_where_they_cannot_go():
    load_plugins([PLUGINS / "random_phases.py"])
    with pytest.raises(InputError, match="flow across the field"):
        check_runnable(parse("", [*SMALL, "sampling.flow=random-phases", "transport.model=isotropic"], "here"))
    with pytest.raises(InputError, match="nodes has no effect"):
        parse("", ["sampling.flow=random-phases", "sampling.nodes=100"], "here")
    with pytest.raises(InputError, match="is there already"):
        register_flow("line")(build_engine(parse("", SMALL, "here")).flow.__class__)


def test_a_run_does_not_depend_on_where_blocks_begin():
    """What the contract asks of `increments`, kept by the example."""
    load_plugins([PLUGINS / "random_phases.py"])
    flow = build_engine(parse("", [*SMALL, "sampling.flow=random-phases"], "here")).flow
    s = np.linspace(0, 10, 5)
    whole, part = flow.increments(3, 4, s), flow.increments(5, 1, s)
    np.testing.assert_allclose(whole[0][2], part[0][0], rtol=1e-12)


def test_a_transport_from_outside_has_its_theory(tmp_path):
    """The page's example; expected multipoles of the engine against the model of its weights, 200 realisations, 5 sigma."""
    from fluxtube.analysis.validation.expected import expected_covariance

    path = tmp_path / "weak.py"
    path.write_text(
        "from pydantic import Field\n"
        "from fluxtube.sim.config.fields import Number\n"
        "from fluxtube.sim.config.transports import TransportChoice\n"
        "from fluxtube.sim.engine.transport import AcrossField, register_transport\n"
        "class Weak(TransportChoice):\n"
        "    leak: Number = Field(0.1, ge=0, le=1)\n"
        "    def weights(self):\n"
        "        return self.leak, 1.0\n"
        "register_transport('weak', Weak)(lambda choice: AcrossField(*choice.weights()))\n"
    )
    load_plugins([path])
    small = [BAND, "sky.l_max=6", "sampling.flow=modes", "sampling.waves=64", "transport.model=weak", "transport.leak=0.3"]
    config = parse("", small, "here")
    assert check_runnable(config) == []
    engine = build_engine(config)
    multipoles = engine.unit_anisotropy * engine.estimator.measure(0, 200).multipoles
    power = (multipoles[:, :, 2:] ** 2).sum(axis=1)
    for weights, agree in ((config, True), (parse("", [*small[:-2], "transport.model=isotropic"], "here"), False)):
        theory = np.einsum("mll->l", expected_covariance(weights, 6, 2, engine.orders))
        z = (power.mean(axis=0) - theory) / (power.std(axis=0, ddof=1) / np.sqrt(200))
        assert (np.abs(z).max() < 5) == agree


@pytest.mark.parametrize("l_max", [8])
def test_a_law_with_edges_across_and_along_the_field(l_max):
    """Uniform paths between a half and three halves of the mean: quadrature against the theory's covariance, exactly."""
    from fluxtube.sim.engine.estimators import QuadratureEstimator
    from fluxtube.sim.engine.flows import LineFlow
    from fluxtube.sim.engine.free_paths import DensityPath
    from fluxtube.theory import Turbulence, parallel
    from fluxtube.theory.free_path import Fixed
    from fluxtube.theory.path_density import PathDensity

    law = PathDensity(np.ones_like, (1.0, 3.0))
    assert law.edges[0] == pytest.approx(0.5)
    assert law.reach == pytest.approx(1.5)
    x = np.array([0.3, 5.0, 40.0])
    exact = (np.sin(1.5 * x) - np.sin(0.5 * x)) / x  # <cos x t>
    np.testing.assert_allclose(law.characteristic(x).real, exact, atol=1e-14)
    turbulence = Turbulence.power_law(5 / 3, 23.0, 10.0, 2 / 3, (1e-3, 10.0))
    flow = LineFlow(turbulence, 10.0, 512, seed=0)
    estimator = QuadratureEstimator(flow, 10.0, l_max, 1.0, DensityPath(law))
    of_cosine, of_sine = estimator.response
    covariance = np.zeros((l_max + 1, l_max + 1))
    covariance[1::2, 1::2] = of_cosine.T @ of_cosine
    covariance[0::2, 0::2] = of_sine.T @ of_sine
    expected = parallel.multipole_covariance(turbulence, 10.0, l_max, free_path=law)
    scale = np.sqrt(np.diag(expected))
    assert np.max(np.abs(covariance[2:, 2:] - expected) / np.outer(scale, scale)) < 2e-6
    wrong = parallel.multipole_covariance(turbulence, 10.0, l_max, free_path=Fixed())
    assert np.max(np.abs(covariance[2:, 2:] - wrong) / np.outer(scale, scale)) > 0.05
    # Across the field: the mean over 4000 paths of equal chance of the fixed law's increments, to their number.
    rng = np.random.default_rng(1)
    k, a, b, n = (rng.normal(size=(1, 3, 5)) for _ in range(3)), None, None, np.array([[0.3], [0.4], [np.sqrt(0.75)]])
    k, a, b = k
    odd, even = np.empty((2, 1, 1))
    DensityPath(law).increments(-1, 8 * k, a, b, n, odd, even)
    phase = 8 * (k[0] * n).sum(axis=0)
    t = 0.5 + (np.arange(4000) + 0.5) / 4000
    mean = np.exp(1j * np.outer(t, phase)).mean(axis=0)
    assert odd[0, 0] == pytest.approx(((a[0] * n).sum(axis=0) * (mean.real - 1)).sum(), abs=1e-5)
    assert even[0, 0] == pytest.approx(((b[0] * n).sum(axis=0) * mean.imag).sum(), abs=1e-5)


def test_densities_that_are_none_are_refused():
    from fluxtube.theory.path_density import PathDensity

    for density, words in (
        (lambda t: 1 - t, "negative"),
        (lambda t: 0 * t, "no end up to"),
        (lambda t: 1 / (1 + t) ** 2, "no end up to"),
        (lambda t: np.where(t > 0.1, 1, np.nan), "not finite"),
    ):
        with pytest.raises(InputError, match=words):
            PathDensity(density)
