"""Density response and particles observed in flight in the engine: exact against the kernels, particles against the exact."""

import numba
import numpy as np
import pytest
from scipy import stats

from fluxtube.errors import InputError
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.ages import InFlightPath, path_of
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.feasible import check_runnable
from fluxtube.sim.engine.free_paths import ErlangPath, FixedPath
from fluxtube.sim.engine.kernels.single import fill_free_paths
from fluxtube.theory.free_path import Erlang, Fixed
from fluxtube.theory.kinetic import InFlight, Steady
from fluxtube.theory.kinetic_response import compression

RUN = """
[turbulence]
band = [1e-2, 20.0]
[sky]
l_max = 6
nside = 4
[sampling]
modes = 256
"""
STEADY, FLIGHT = "transport.density_response=steady", "transport.free_path_observed=in-flight"
ERLANG = ["transport.free_path=erlang", "transport.free_path_shape=3"]
CROSS = ["transport.model=cross-field", "transport.displacement_perpendicular=0.5", "transport.convection_perpendicular=0.8"]


def flat(settings):
    return [settings] if isinstance(settings, str) else [word for part in settings for word in flat(part)]


def engine(*settings):
    return build_engine(parse(RUN, flat(settings), "test"))


@pytest.mark.parametrize("stages", [0, 1, 2, 3, 50])
def test_compression_is_that_of_theory(stages):
    """Two implementations: power series and closed forms here, recurrences there."""
    x = np.concatenate([np.geomspace(1e-6, 300, 200), [0.49999999, 0.5]])
    law = Erlang(stages) if stages else Fixed()
    here = path_of(Steady(law))
    assert here.compression(x) == pytest.approx(compression(law.velocity_response(1.0), x), rel=1e-11, abs=1e-14)
    assert np.array_equal(here.compression(-x), -here.compression(x))
    assert here.compression(np.zeros(2)).tolist() == [0, 0]


@pytest.mark.parametrize("flow", ["line", "modes"])
@pytest.mark.parametrize("settings", [[STEADY], [FLIGHT], [STEADY, FLIGHT]])
@pytest.mark.parametrize("path", [[], ERLANG])
def test_every_wave_has_its_kernel(flow, settings, path):
    """a_l0 = sqrt(4 pi (2l+1)) Re[(a - i b) i^(l-1)] K_l wave by wave; a law of many paths ends at a probability of 1e-8.

    Control: without the settings it is another sky.
    """
    here = engine(f"sampling.flow={flow}", settings, path)
    config = parse(RUN, [*settings, *path], "test")
    response, l = config.build_free_path().response(10.0), np.arange(7)
    kappa, cosine, sine = here.quadrature.flow.waves(3, 2)
    seen = here.quadrature.measure(3, 2).multipoles[:, 0]
    expected = np.zeros((2, 7))
    for r in range(2):
        kernel = response.direct(np.abs(kappa[r]), 6)
        kernel[1] = response.less_its_start(kernel[1], np.abs(kappa[r]))
        kernel *= np.sign(kappa[r]) ** (l[:, None] - 1)
        wave = np.multiply.outer(1j ** (l - 1), cosine[r] - 1j * sine[r])
        expected[r] = np.sqrt(4 * np.pi * (2 * l + 1)) * (wave.real * kernel).sum(axis=1) / 23.0
    within = 1e-6 if path else 2e-10
    assert np.abs(seen - expected).max() < within
    assert np.abs(engine(f"sampling.flow={flow}", path).quadrature.measure(3, 2).multipoles[:, 0] - expected)[:, 2:].max() > 0.01


@pytest.mark.parametrize("model", [ERLANG, ["sampling.flow=modes"], [CROSS, "sampling.flow=modes"]])
@pytest.mark.parametrize("settings", [[STEADY], [FLIGHT], [STEADY, FLIGHT, "transport.density_gradient=1e-5 /pc"]])
def test_particles_see_what_the_quadrature_sees(model, settings):
    """All multipoles of one flow in shot noises, chi^2 at 1e-4 (the variance is known); control: without the settings."""
    exact = engine(model, settings).quadrature
    particles = engine(model, settings, "sampling.estimator=particles", "sampling.particles=200000").particles
    seen, noise = particles.measure(1, 1).multipoles[0], exact.shot_noise(1, 200_000)
    present = noise > 0

    def chi2(expected):
        return (((seen - expected)[present]) ** 2 / noise[present]).sum()

    limit = stats.chi2.isf(1e-4, present.sum())
    assert chi2(exact.measure(1, 1).multipoles[0]) < limit
    assert chi2(engine(model).quadrature.measure(1, 1).multipoles[0]) > limit


@pytest.mark.parametrize("settings", [[STEADY], [STEADY, FLIGHT, ERLANG]])
def test_skies_are_those_of_the_multipoles(settings):
    """The sky at many directions, projected, gives the multipoles; the wave's transverse part is untouched by density."""
    here = engine(CROSS, "sampling.flow=modes", settings).quadrature
    grid = here.grid
    ahead, behind = (here.sky(2, sign * grid.half.T) for sign in (1, -1))
    whole = grid.transform(ahead, behind)
    exact = here.measure(2, 1).multipoles[0]
    assert whole == pytest.approx(exact, abs=1e-7 * np.abs(exact).max())
    along = engine(settings)
    mu, w = np.polynomial.legendre.leggauss(80)
    sky = along.quadrature.sky(2, np.column_stack([np.sqrt(1 - mu**2), 0 * mu, mu]))
    exact = along.quadrature.measure(2, 1).multipoles[0, 0]
    for l in range(7):
        basis = np.polynomial.legendre.Legendre.basis(l)(mu) * np.sqrt((2 * l + 1) / (4 * np.pi))
        assert 2 * np.pi * w @ (basis * sky) == pytest.approx(exact[l], abs=2e-3 * np.abs(exact).max())


def test_incompressible_waves_across_themselves_compress_nothing():
    """Isotropic transport of transverse waves is the same with and without density response, to the bit of rounding."""
    isotropic = ["transport.model=isotropic", "sampling.flow=modes"]
    one, two = (engine(isotropic, "turbulence.transverse_fraction=1", *more).quadrature.measure(0, 2) for more in ([], [STEADY]))
    assert np.allclose(one.multipoles, two.multipoles, rtol=0, atol=1e-11)
    one, two = (engine(isotropic, "turbulence.transverse_fraction=0", *more).quadrature.measure(0, 2) for more in ([], [STEADY]))
    assert not np.allclose(one.multipoles, two.multipoles, rtol=0, atol=1e-2)


@pytest.mark.parametrize("ends", [FixedPath(), ErlangPath(1), ErlangPath(2), ErlangPath(5)])
def test_ages_are_drawn_from_their_density(ends):
    """Kolmogorov and Smirnov at 1e-4 of 40,000 drawn ages; control: whole paths."""
    law = InFlightPath(ends)
    drawn, whole = np.empty((2, 40_000))
    fill_free_paths(0, 3, 5, 11, law.shape, law.reach, law.cumulative, drawn)
    fill_free_paths(0, 3, 5, 11, ends.shape, ends.reach, ends.cumulative, whole)
    age = np.linspace(0, law.reach, 20_001)
    below = np.concatenate([[0], np.cumsum(np.diff(age) * (law.beyond(age[1:]) + law.beyond(age[:-1])) / 2)])
    below = below / below[-1]

    def distribution(a):
        return np.interp(a, age, below)

    assert stats.kstest(drawn, distribution).pvalue > 1e-4
    if ends.shape != 1:  # the age of an exponential path is exponential
        assert stats.kstest(whole, distribution).pvalue < 1e-4
    assert drawn.mean() == pytest.approx(law.mean, abs=5 * drawn.std() / 200)
    assert law.quantiles(4096).mean() == pytest.approx(law.mean, abs=1e-3)


def test_bits_depend_on_nothing_but_the_realisation():
    """Any first realisation, any number at once, one thread or two, both estimators."""
    threads = numba.get_num_threads()
    for settings in ([STEADY], [STEADY, FLIGHT, "sampling.flow=modes"], [CROSS, STEADY, FLIGHT, "sampling.flow=modes"]):
        here = engine(settings, "sampling.estimator=particles", "sampling.particles=2000")
        for estimator in (here.quadrature, here.particles):
            whole = estimator.measure(0, 3).multipoles
            assert np.array_equal(estimator.measure(2, 1).multipoles[0], whole[2])
            try:
                numba.set_num_threads(1)
                assert np.array_equal(estimator.measure(0, 3).multipoles, whole)
            finally:
                numba.set_num_threads(threads)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([STEADY, "transport.free_path=exponential"], "no anisotropy"),
        ([STEADY, "sampling.flow=fbm", "sampling.modes=4096"], "longest waves"),
    ],
)
def test_what_cannot_be_is_refused(settings, words):
    with pytest.raises(InputError, match=words):
        check_runnable(parse(RUN.replace("band = [1e-2, 20.0]", "") if "fbm" in settings[1] else RUN, settings, "test"))


def test_the_engine_draws_the_laws_of_theory():
    assert path_of(Steady(InFlight(Fixed()))).mean == 0.5
    assert path_of(InFlight(Erlang(4))).shape == -5
    with pytest.raises(InputError, match="known to theory, and not to a run"):
        path_of("gaussian")
