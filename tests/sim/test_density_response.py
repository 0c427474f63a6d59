"""Laws of free paths given by their density, with density response and in flight: Erlang's law as a density is Erlang's law.

The density takes other code throughout: quadrature in place of closed forms in theory, tables in place of them in the engine.
"""

import numba
import numpy as np
import pytest
from scipy import stats

from fluxtube.sim.config.free_paths import FREE_PATHS, FreePathDensity
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.ages import path_of
from fluxtube.sim.engine.engine import build_engine
from fluxtube.theory import Turbulence
from fluxtube.theory.free_path import Erlang, Fixed
from fluxtube.theory.kinetic import InFlight, Steady
from fluxtube.theory.kinetic_response import compression
from fluxtube.theory.models import Model
from fluxtube.theory.path_density import PathDensity

RUN = """
[turbulence]
band = [1e-1, 20.0]
[sky]
l_max = 6
nside = 4
[sampling]
modes = 256
"""
STEADY, FLIGHT = "transport.density_response=steady", "transport.free_path_observed=in-flight"
CROSS = ["transport.model=cross-field", "transport.displacement_perpendicular=0.5", "transport.convection_perpendicular=0.8"]
ERLANG = ["transport.free_path=erlang", "transport.free_path_shape=3"]
DENSITY, BOX = ["transport.free_path=three-stages"], ["transport.free_path=box"]


def three_stages(t):
    return 13.5 * t**2 * np.exp(-3 * t)


@pytest.fixture(autouse=True)
def laws():
    """Two laws by their densities: Erlang's of three stages, and one with edges."""
    @FREE_PATHS.register("three-stages", listed=False)
    class ThreeStages(FreePathDensity):
        def density(self, t):
            return three_stages(t)

    @FREE_PATHS.register("box", listed=False)
    class Box(FreePathDensity):
        support = (0.5, 1.5)

        def density(self, t):
            return np.ones_like(t)


def engine(*settings):
    flat = [word for part in settings for word in ([part] if isinstance(part, str) else part)]
    return build_engine(parse(RUN, flat, "test"))


WRAPS = {"steady": Steady, "in flight": InFlight, "both": lambda law: Steady(InFlight(law))}


@pytest.mark.parametrize("name", WRAPS)
def test_kernels_of_a_density(name):
    """Every degree and both responses to 1e-9 of Erlang's; four stages are another law. K_2 starts as x^3 here too."""
    x = np.geomspace(1e-4, 300, 300)
    ours, erlang, other = (WRAPS[name](law) for law in (PathDensity(three_stages), Erlang(3), Erlang(4)))
    for part in ("response", "transverse_response"):
        found, expected, wrong = (getattr(law, part)(1.0).direct(x, 12)[1:] for law in (ours, erlang, other))
        assert np.max(np.abs(found - expected)) < 1e-9
        assert np.max(np.abs(found - wrong)) > 1e-3
    if name == "steady":
        start = ours.response(1.0).direct(np.array([0.01, 0.02]), 2)[2]
        assert start[1] / start[0] == pytest.approx(8, rel=0.01)


@pytest.mark.parametrize("weights", [(0.0, 0.0), (0.5, 0.8), (1.0, 1.0)])
def test_spectra_of_a_density(weights):
    """C_l over a band to 1e-8 of Erlang's, both decorations at once and density response alone."""
    flow = Turbulence.power_law(5 / 3, 23.0, 10.0, band=(1e-2, 50.0))
    for wrap in (Steady, WRAPS["both"]):
        ours, erlang = (Model(*weights).spectrum(flow, 10.0, 6, law=wrap(law)) for law in (PathDensity(three_stages), Erlang(3)))
        np.testing.assert_allclose(ours, erlang, rtol=1e-8)


def test_ages_of_a_box():
    """A law with edges: 1 - cumulative is 1 up to the first edge, then falls to 0 linearly; a narrow box is the fixed path."""
    law = PathDensity(lambda t: np.ones_like(t), (0.5, 1.5))
    np.testing.assert_allclose(law.beyond(np.array([0.2, 0.5, 0.75, 1.0, 1.5])), [1, 1, 0.75, 0.5, 0], atol=1e-12)
    assert law.age[1] == pytest.approx(0.5 * (1 + 1 / 12))
    x = np.geomspace(1e-3, 30, 100)
    narrow = PathDensity(lambda t: np.ones_like(t), (1 - 1e-4, 1 + 1e-4))
    for wrap in WRAPS.values():
        found, fixed = (wrap(one).response(1.0).direct(x, 6)[1:] for one in (narrow, Fixed()))
        assert np.max(np.abs(found - fixed)) < 3e-6  # 30^2 1e-8/6


@pytest.mark.parametrize("law", [PathDensity(three_stages), PathDensity(lambda t: np.ones_like(t), (0.5, 1.5))])
def test_table_of_the_compression(law):
    """R of the engine's table is that of theory to 1e-8 of 1/x + 1, odd, zero at zero, the same whatever was asked for before."""
    x = np.concatenate([np.geomspace(1e-5, 200, 400), [0.4999999, 0.5]])
    here = path_of(Steady(law)).compression
    assert np.max(np.abs(here(x) - compression(law.velocity_response(1.0), x)) / (1 + 1 / x)) < 1e-8
    assert np.array_equal(here(-x), -here(x))
    assert here(np.zeros(1))[0] == 0
    assert path_of(Steady(law)).compression(x[-1:])[0] == here(x)[-1]


@pytest.mark.parametrize("model", [[], [CROSS, "sampling.flow=modes"]])
@pytest.mark.parametrize("settings", [[STEADY], [FLIGHT], [STEADY, FLIGHT]])
def test_runs_with_a_density_are_those_of_erlang(model, settings):
    """Multipoles and skies of the same flows; control: other paths."""
    flat = [*(word for part in model for word in ([part] if isinstance(part, str) else part)), *settings]
    ours, erlang, box = (engine(flat, law).quadrature for law in (DENSITY, ERLANG, BOX))
    multipoles = [one.measure(2, 2).multipoles for one in (ours, erlang, box)]
    assert np.max(np.abs(multipoles[0] - multipoles[1])) < 1e-6  # Erlang's paths end at a probability of 1e-8
    assert np.max(np.abs(multipoles[0] - multipoles[2])) > 1e-2
    towards = np.random.default_rng(1).standard_normal((20, 3))
    towards /= np.linalg.norm(towards, axis=1)[:, None]
    skies = [one.sky(2, towards) for one in (ours, erlang, box)]
    assert np.max(np.abs(skies[0] - skies[1])) < 2e-3  # along the field, by 512 paths that stand for a law
    assert np.max(np.abs(skies[0] - skies[2])) > 1e-2


@pytest.mark.parametrize("settings", [[STEADY], [STEADY, FLIGHT], [STEADY, CROSS, "sampling.flow=modes"]])
def test_particles_of_a_density(settings):
    """All multipoles of one flow in shot noises, chi^2 at 1e-4 each; control: without the decorations."""
    exact = engine(BOX, *settings).quadrature
    particles = engine(BOX, *settings, "sampling.estimator=particles", "sampling.particles=100000").particles
    seen, noise = particles.measure(1, 1).multipoles[0], exact.shot_noise(1, 100_000)
    present = noise > 0
    bare = [part for part in settings if part not in (STEADY, FLIGHT)]
    right, wrong = (
        (((seen - one.measure(1, 1).multipoles[0])[present]) ** 2 / noise[present]).sum()
        for one in (exact, engine(BOX, *bare).quadrature)
    )
    assert right < stats.chi2.isf(1e-4, present.sum()) < wrong


def test_walks_of_a_density_find_its_kernel():
    """Walks know the paths alone; mean squares against their own noise, F at 1e-4 over the degrees; control: Eq. 1 alone."""
    walks = ["turbulence.spectrum=slab", "turbulence.transverse_fraction=0", "turbulence.band=[1.0, 6.0]", STEADY]
    here = engine(BOX, walks, "sampling.estimator=walks", "sampling.particles=32768").particles
    measured = here.measure(0, 16)
    for settings, sign in (((*walks,), 1), ((*walks[:-1],), -1)):
        off = measured.multipoles - engine(BOX, settings).quadrature.measure(0, 16).multipoles
        ratio = (off[..., 1:] ** 2).sum(axis=(0, 1)) / (measured.difference[..., 1:] ** 2).sum(axis=(0, 1))
        assert sign * (stats.f.isf(1e-4 / 6, 16, 16) - ratio.max()) > 0


def test_bits_of_a_density_depend_on_nothing_else():
    """Any first realisation, one thread or two, an engine that has seen other flows before."""
    threads = numba.get_num_threads()
    for settings in ([STEADY], [STEADY, FLIGHT, CROSS, "sampling.flow=modes"]):
        whole = engine(BOX, *settings).quadrature.measure(0, 3).multipoles
        try:
            numba.set_num_threads(1)
            assert np.array_equal(engine(BOX, *settings).quadrature.measure(2, 1).multipoles[0], whole[2])
        finally:
            numba.set_num_threads(threads)
