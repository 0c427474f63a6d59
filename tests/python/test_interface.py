"""What `import fluxtube` offers: the bits of `fluxtube run`, one realisation taken apart, and a process left as it was."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import fluxtube
from fluxtube.cli import main
from fluxtube.sim.config.free_paths import FREE_PATHS
from fluxtube.sim.config.spectra import SPECTRA

CONFIGS = Path(__file__).parents[2] / "configs"
QUICKSTART = CONFIGS / "quickstart.toml"
SMALL = {"ensemble.realisations": 1500, "sky.l_max": 12, "sky.nside": 8, "turbulence.band": [1e-2, 60], "check.realisations": 0}
FLOWS = {
    "line": {},
    "exponential": {"transport.free_path": "exponential"},
    "modes": {"sampling.flow": "modes", "sampling.modes": 64},
    "fbm": {"sampling.flow": "fbm", "turbulence.band": None, "sampling.modes": 2000, "ensemble.realisations": 64},
    "isotropic": {"transport.model": "isotropic", "sampling.flow": "modes", "sampling.modes": 64, "ensemble.realisations": 20},
    "cross-field": {
        "transport.model": "cross-field", "transport.displacement_perpendicular": 0.4,
        "transport.convection_perpendicular": 0.7, "sampling.flow": "modes", "sampling.modes": 64, "ensemble.realisations": 20,
    },
}  # fmt: skip


def configuration(flow="line"):
    """The quickstart, smaller and with another flow."""
    keys = SMALL | {"output.multipoles": 30, "output.skies": 3} | FLOWS[flow]
    return fluxtube.configuration(QUICKSTART, keys)


def test_an_ensemble_in_memory_has_the_bits_of_a_run(tmp_path):
    path = tmp_path / "run.h5"
    sets = [word for key, value in SMALL.items() for word in ("--set", f"{key}={value}")]
    assert main(["run", str(QUICKSTART), "-o", str(path), "-q", *sets]) == 0
    ran, simulated = fluxtube.load(path), fluxtube.simulate(QUICKSTART, SMALL)
    for name in ("l", "m", "C_l", "C_l_error", "covariance", "samples", "samples_sky", "sky_mean_square", "square_moment"):
        np.testing.assert_array_equal(getattr(ran, name), getattr(simulated, name), err_msg=name)
    assert ran.config == simulated.config
    assert simulated.save(tmp_path / "saved.h5").exists()
    np.testing.assert_array_equal(fluxtube.load(tmp_path / "saved.h5").covariance, ran.covariance)
    with pytest.raises(fluxtube.InputError, match="exists already"):
        simulated.save(tmp_path / "saved.h5")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(fluxtube.InputError, match="is no ensemble"):
        simulated.save(tmp_path / "notes.txt", force=True)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    with pytest.raises(fluxtube.InputError, match="in a file already"):
        ran.save(tmp_path / "again.h5")


def test_an_ensemble_knows_its_theory_and_its_verdict():
    ensemble = fluxtube.simulate(QUICKSTART, SMALL)
    theory = ensemble.theory()
    z = (ensemble.C_l[2:] - theory.C_l) / ensemble.C_l_error[2:]
    assert np.abs(z).max() < 4.5  # 11 scores: false alarm 1e-4, less what small numbers skew
    other = ensemble.theory(["turbulence.gamma=2.2"])
    assert np.abs((ensemble.C_l[2:] - other.C_l) / ensemble.C_l_error[2:]).max() > 4.5
    assert (theory.lower < theory.C_l).all()
    assert ensemble.validate().accepted
    assert not ensemble.validate(["turbulence.gamma=2.2"]).accepted
    for what in ("spectrum", "correlation", "sky"):
        assert ensemble.plot(what).axes
    with pytest.raises(fluxtube.InputError, match="no figure"):
        ensemble.plot("spektrum")


@pytest.mark.parametrize("flow", FLOWS)
def test_a_realisation_is_the_run_s_own(flow):
    config = configuration(flow)
    ensemble = fluxtube.simulate(config)
    for number in (0, 17):
        realisation = fluxtube.Realisation(config, number)
        np.testing.assert_array_equal(realisation.multipoles(), ensemble.samples[number])
    np.testing.assert_array_equal(fluxtube.Realisation(config, 2).sky(8), ensemble.samples_sky[2])


@pytest.mark.parametrize("flow", ["line", "modes", "fbm", "isotropic", "cross-field"])
def test_a_sky_is_the_flow_where_particles_come_from(flow):
    """Delta f/f(n) = slope/v n.[eta, eta, 1]*[u(lambda [eps, eps, 1]*n) - u(0)] by hand, in a fixed and in a turned frame."""
    config = configuration(flow)
    realisation = fluxtube.Realisation(config, 3)
    n = np.random.default_rng(5).normal(size=(40, 3))
    n /= np.linalg.norm(n, axis=1)[:, None]
    eps, eta = {"isotropic": (1, 1), "cross-field": (0.4, 0.7)}.get(flow, (0, 0))
    if flow in ("isotropic", "cross-field"):
        change = realisation.velocity(10.0 * n * [eps, eps, 1]) - realisation.velocity(np.zeros((1, 3)))
        expected = np.sum(n * [eta, eta, 1] * change, axis=1)
    else:
        expected = n[:, 2] * (realisation.velocity(10.0 * n[:, 2]) - realisation.velocity(0.0))
    expected *= -4.7 / 299792.458
    error = 3e-2 if flow == "fbm" else 1e-5  # a rough line is interpolated between the points of its grid
    np.testing.assert_allclose(realisation.sky(3.0 * n), expected, atol=error * np.abs(expected).max())
    mirrored = realisation.sky(-n)
    assert np.abs(mirrored - expected).max() > 0.1 * np.abs(expected).max()


def test_a_turned_sky_is_the_same_sky():
    turned = fluxtube.configuration(configuration(), {"sky.frame": "equatorial", "sky.field_direction": [30.0, -20.0]})
    axis = np.radians([30.0, -20.0])
    north = np.array([[np.cos(axis[1]) * np.cos(axis[0]), np.cos(axis[1]) * np.sin(axis[0]), np.sin(axis[1])]])
    there = fluxtube.Realisation(turned, 1).sky(north)
    here = fluxtube.Realisation(configuration(), 1).sky(np.array([[0.0, 0.0, 1.0]]))
    np.testing.assert_allclose(there, here, rtol=1e-12)


@pytest.mark.parametrize("flow", ["line", "exponential", "isotropic", "cross-field"])
def test_particles_sample_the_sky(flow):
    """Their multipoles agree with the realisation's within shot noise (|z| < 4.5 at 3 degrees: false alarm 2e-5)."""
    config = fluxtube.configuration(configuration(flow), {"transport.density_gradient": "1e-5 /pc"})
    realisation = fluxtube.Realisation(config, 5)
    particles = realisation.particles(100_000)
    length = np.linalg.norm(particles.displacement, axis=1)
    assert (length <= particles.free_path * (1 + 1e-12)).all()
    assert particles.free_path.mean() == pytest.approx(10.0, rel=0.02)
    for l in (1, 2, 3):
        harmonic = np.sqrt((2 * l + 1) / (4 * np.pi)) * np.polynomial.legendre.Legendre.basis(l)(particles.pitch_angle_cosine)
        values = 4 * np.pi * harmonic * particles.anisotropy
        error = values.std() / np.sqrt(values.size)
        assert abs(values.mean() - realisation.multipoles()[0, l]) < 4.5 * error
        assert abs(-values.mean() - realisation.multipoles()[0, l]) > 4.5 * error


def test_what_is_asked_wrongly_is_said_in_a_line():
    realisation = fluxtube.Realisation(configuration(), 0)
    for ask, what in [
        (lambda: fluxtube.Realisation(configuration(), -1), "whole number"),
        (lambda: realisation.velocity(np.zeros((2, 3))), "along the field alone"),
        (lambda: realisation.sky(12), "power of two"),
        (lambda: realisation.sky(np.zeros((1, 3))), "no length"),
        (lambda: realisation.particles(0), "above 0"),
        (lambda: fluxtube.configuration(QUICKSTART, {"gamma": 1.6}), "section.key"),
        (lambda: fluxtube.configuration({"turbulence": {"gama": 1.6}}), "did you mean 'gamma'"),
        (lambda: fluxtube.configuration(3), "not int"),
        (lambda: fluxtube.load("nowhere.h5"), "no file"),
    ]:
        with pytest.raises(fluxtube.InputError, match=what):
            ask()


def test_importing_is_light_and_every_name_is_there():
    code = (
        "import sys, fluxtube; heavy = {'numpy', 'numba', 'h5py', 'matplotlib', 'pydantic', 'scipy'} & set(sys.modules); "
        "assert not heavy, heavy; [getattr(fluxtube, name) for name in fluxtube.__all__]; import fluxtube.source; "
        "assert callable(fluxtube.configuration)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_a_run_in_another_thread():
    seen = []
    thread = threading.Thread(target=lambda: seen.append(fluxtube.simulate(QUICKSTART, SMALL | {"ensemble.realisations": 64})))
    thread.start()
    thread.join(120)
    assert seen[0].realisations == 64


def test_turbulence_and_free_paths_of_one_s_own():
    """Any w(k) and any p(t), without editing the package: simulated, expected and validated by the same objects."""

    def bump(k):
        return 30.0 * k ** (-5 / 3) * (1 + 3 * np.exp(-(np.log(k / 1.5) ** 2)))

    def two_lengths(t):
        return 0.5 * np.exp(-t) + 0.1 * np.exp(-t / 5)

    flow = fluxtube.Turbulence.isotropic(bump, 1.0, band=(1e-3, 6.0))
    keys = {"ensemble.realisations": 3000, "sky.l_max": 10, "sky.nside": 8, "check.realisations": 0}
    mine = fluxtube.simulate(QUICKSTART, keys, turbulence=flow, free_path=two_lengths)
    assert mine.validate().accepted
    fixed = fluxtube.simulate(QUICKSTART, keys, turbulence=flow)
    assert fixed.validate().accepted
    expected = fluxtube.theory.parallel.angular_power_spectrum(flow, mean_free_path=10.0, l_max=10)
    np.testing.assert_allclose(fixed.theory().C_l, expected, rtol=1e-9)
    assert (mine.theory().C_l[4:] < 0.3 * fixed.theory().C_l[4:]).all()  # sampled paths blur what is small
    realisation = fluxtube.Realisation(QUICKSTART, 3, keys, turbulence=flow)
    np.testing.assert_array_equal(realisation.multipoles(), fixed.samples[3])
    with pytest.raises(fluxtube.InputError, match="register_spectrum"):
        fixed.save("nowhere.h5")
    # The controls: another spectrum and another law are rejected.
    assert not mine.validate(["transport.free_path=fixed"]).accepted
    assert not fixed.validate(["turbulence.spectrum=power-law", "turbulence.sigma=23 km/s"]).accepted
    with pytest.raises(fluxtube.InputError, match=r"must be a fluxtube\.Turbulence"):
        fluxtube.simulate(QUICKSTART, keys, turbulence=bump)
    with pytest.raises(fluxtube.InputError, match="a law or a density"):
        fluxtube.simulate(QUICKSTART, keys, free_path=3.0)
    # What belongs to one call is not offered to others, in messages or in lists.
    assert mine.config.turbulence.spectrum in SPECTRA
    assert mine.config.transport.free_path in FREE_PATHS
    assert mine.config.turbulence.spectrum not in list(SPECTRA)
    assert mine.config.transport.free_path not in list(FREE_PATHS)


def test_what_is_impossible_is_said_as_on_the_command_line():
    with pytest.raises(fluxtube.InputError, match=r"did you mean.*gamma"):
        fluxtube.Config(turbulence={"gama": 1})
    for whole in ({"turbulence": {"gamma": 1.6}}, "q.toml"):
        with pytest.raises(fluxtube.InputError, match=r"fluxtube\.configuration\("):
            fluxtube.Config(whole)
    with pytest.raises(fluxtube.InputError, match=r"'turbulence\.gamma'.*second argument, overrides"):
        fluxtube.simulate({"turbulence.gamma": 1.6})
    with pytest.raises(fluxtube.InputError, match="not NoneType"):
        fluxtube.load(None)
    for threads in (0, -1, 1.5):
        with pytest.raises(fluxtube.InputError, match="threads"):
            fluxtube.simulate(QUICKSTART, SMALL, threads=threads)


def test_numbers_of_numpy_are_numbers():
    plain = {"ensemble.realisations": 100, "turbulence.gamma": 1.5, "turbulence.band": [0.01, 30.0]}
    numbers = {
        "ensemble.realisations": np.int64(100), "turbulence.gamma": np.float64(1.5), "turbulence.band": np.array([0.01, 30.0]),
    }  # fmt: skip
    assert fluxtube.configuration(QUICKSTART, numbers) == fluxtube.configuration(QUICKSTART, plain)
    assert fluxtube.configuration({"sky": {"l_max": np.int32(12)}}).sky.l_max == 12


@pytest.mark.parametrize("flow", [*FLOWS, "rings", "particles", "walks"])
def test_seeds_of_any_size_in_any_order(flow):
    """A kernel that was compiled for a small seed takes a large one, and draws from a stream of its own."""
    keys = {
        "rings": {"transport.model": "isotropic", "sampling.flow": "rings"},
        "particles": {"sampling.estimator": "particles", "sampling.particles": 100},
        "walks": {
            "sampling.estimator": "walks", "sampling.particles": 64, "transport.density_response": "steady",
            "turbulence.band": [1, 20],
        },
    }.get(flow, FLOWS.get(flow))  # fmt: skip
    few = SMALL | keys | {"ensemble.realisations": 2, "sky.l_max": 4, "sky.nside": 4}
    drawn = [fluxtube.simulate(QUICKSTART, few | {"ensemble.seed": seed}).C_l[2] for seed in (5, 2**63, 2**64 - 1, 5)]
    assert drawn[0] == drawn[3]
    assert len(set(drawn)) == 3
