"""Walks through many scatterings know nothing of R and K_l: they must find them.

Deviations from the exact multipoles are compared with the walks' own noise, half the difference of two halves: for every degree
the ratio of their mean squares over realisations follows F(n, n), the largest of all degrees at a false-alarm rate of 1e-4.
Every test has a theory that must fail by the same measure.
"""

import numba
import numpy as np
import pytest
from scipy import stats

from fluxtube.analysis.validation.validate import validate
from fluxtube.cli import main
from fluxtube.errors import InputError
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.estimators.walks import scatterings_needed
from fluxtube.sim.engine.feasible import check_runnable
from fluxtube.theory.free_path import Erlang, Fixed
from fluxtube.theory.kinetic_response import compression

# All waves along B, so that none is longer than the band's lower end.
RUN = """
[turbulence]
spectrum = "slab"
transverse_fraction = 0
band = [1.0, 6.0]
[transport]
density_response = "steady"
[sky]
l_max = 6
nside = 4
[sampling]
estimator = "walks"
particles = 32768
"""
NONE = "transport.density_response=none"
ISOTROPIC = ["turbulence.spectrum=power-law", "transport.model=isotropic", "sampling.flow=modes", "sampling.waves=8"]
ERLANG = ["transport.free_path=erlang", "transport.free_path_shape=3"]


def engine(*settings):
    return build_engine(parse(RUN, settings, "test"))


def quadrature(settings, count):
    """Multipoles with the kernel of the settings, which walks do not use."""
    text = RUN.replace('estimator = "walks"\nparticles = 32768', "")
    return build_engine(parse(text, list(settings), "test")).quadrature.measure(0, count).multipoles


def largest_ratio(measured, expected, from_degree=1):
    """Largest over degrees of the mean square deviation over that of the noise, and its limit at 1e-4."""
    off = (measured.multipoles - expected)[..., from_degree:]
    noise = measured.difference[..., from_degree:]
    l = np.arange(from_degree, measured.multipoles.shape[-1])
    n = len(off) * (1 if off.shape[1] == 1 else 2 * l + 1)
    ratio = (off**2).sum(axis=(0, 1)) / (noise**2).sum(axis=(0, 1))
    return np.max(ratio / stats.f.isf(1e-4 / l.size, n, n))


@pytest.mark.parametrize(
    "path", [[], ["transport.free_path=exponential"], ERLANG, [*ERLANG, "transport.free_path_observed=in-flight"]]
)
def test_walks_find_the_kernel(path):
    """Fixed paths K_l, exponential ones nothing beyond l = 0 in the frame at rest, Erlang's between. Control: Eq. 1 alone."""
    measured = engine(*path).particles.measure(0, 24)
    expected = quadrature(path, 24)
    assert largest_ratio(measured, expected) < 1
    assert largest_ratio(measured, quadrature([*path, NONE], 24)) > 3
    if "transport.free_path=exponential" in path:
        assert np.abs(expected[..., 2:]).max() < 1e-5  # of sigma; the last of paths is left out at a probability of 1e-8


def test_power_between_fixed_and_exponential():
    """Power beyond the dipole from the product of the halves: fixed > Erlang(3) > exponential = 0, five standard errors each."""
    power = []
    for path in ([], ERLANG, ["transport.free_path=exponential"]):
        m = engine(*path).particles.measure(0, 64)
        product = ((m.multipoles + m.difference) * (m.multipoles - m.difference))[:, 0, 2:5].sum(axis=1)
        power.append((product.mean(), product.std() / 8))
    (fixed, a), (between, b), (none, c) = power
    assert fixed - between > 5 * np.hypot(a, b)
    assert between > 5 * b
    assert abs(none) < 5 * c


@pytest.mark.parametrize("reduction", ["common", "none"])
def test_reduction_of_the_variance_changes_no_mean(reduction):
    """Both ways against the exact multipoles; shared walks have less noise. Control: Eq. 1 alone."""
    measured = engine(f"sampling.reduction={reduction}").particles.measure(0, 32)
    assert largest_ratio(measured, quadrature([], 32)) < 1
    assert largest_ratio(measured, quadrature([NONE], 32)) > 3
    if reduction == "common":
        noise = (measured.difference[..., 2:] ** 2).sum()
        for particles, gain in ((32768, 1.2), (2048, 10)):  # as many particles, and as many walks
            plain = engine("sampling.reduction=none", f"sampling.particles={particles}").particles.measure(0, 32)
            assert gain * noise < (plain.difference[..., 2:] ** 2).sum()


@pytest.mark.parametrize("beta", [0, 1])
def test_isotropic_transport_keeps_what_is_across_the_waves(beta):
    """Transverse waves are seen as by Eq. 1, longitudinal ones by exponential paths not at all; controls: the other."""
    path = ["transport.free_path=exponential", "sampling.particles=8192", "sky.l_max=3", "turbulence.band=[1.0, 3.0]"]
    settings = [*ISOTROPIC, *path, f"turbulence.transverse_fraction={beta}"]
    measured = engine(*settings).particles.measure(0, 8)
    quiet = [s for s in settings if "particles" not in s]
    first, response = quadrature([*quiet, NONE], 8), quadrature(quiet, 8)
    assert largest_ratio(measured, response) < 1
    if beta:
        assert np.allclose(first, response, rtol=0, atol=1e-9)
        assert largest_ratio(measured, 0 * first) > 3
    else:
        assert np.abs(response[..., 2:]).max() < 1e-5
        assert largest_ratio(measured, first) > 3


def test_walks_that_end_too_early_miss_a_known_part():
    """After n scatterings R is R (1 - <j_0>^n): three scatterings find that, and not R."""
    here = engine("sampling.scatterings=3")
    measured = here.particles.measure(0, 32)
    kappa, cosine, sine = here.quadrature.flow.waves(0, 32)
    x, l = 10.0 * kappa, np.arange(7)
    expected = np.zeros((32, 1, 7))
    response, velocity = Fixed().response(1.0), Fixed().velocity_response(1.0)
    for r in range(32):
        j, ratio = velocity.direct(x[r], 6), compression(velocity, x[r])
        kernel = response.direct(x[r], 6) - ratio * (1 - j[0] ** 3) * j
        kernel[1] -= 1 / 3
        wave = np.multiply.outer(1j ** (l - 1), cosine[r] - 1j * sine[r])
        expected[r, 0] = np.sqrt(4 * np.pi * (2 * l + 1)) * (wave.real * kernel).sum(axis=1) / 23.0
    assert largest_ratio(measured, expected) < 1
    assert largest_ratio(measured, quadrature([], 32)) > 3


@pytest.mark.parametrize("speed", ["1 c", "0.8 c"])
def test_exact_momenta_differ_by_u_over_v(speed):
    """The same walks with the exact transformation: the difference of the multipoles falls as u/v, ten times for a tenth."""
    base = ["sampling.reduction=none", "sampling.particles=8192", f"transport.speed={speed}"]
    apart = []
    for sigma in (300.0, 3000.0):
        plain, whole = (
            engine(*base, f"turbulence.sigma={sigma} km/s", *more).particles.measure(0, 4).multipoles
            for more in ([], ["sampling.momentum=exact"])
        )
        apart.append(np.sqrt(np.mean((plain - whole) ** 2) / np.mean(plain**2)))
    assert apart[1] / apart[0] == pytest.approx(10.0, rel=0.15)
    assert 1e-4 < apart[0] < 0.1


def test_bits_depend_on_nothing_but_the_realisation():
    threads = numba.get_num_threads()
    for settings in ([], [*ERLANG, "sampling.reduction=none"], [*ISOTROPIC, "turbulence.transverse_fraction=1"]):
        particles = engine(*settings, "sampling.particles=512").particles
        whole = particles.measure(0, 3)
        assert np.array_equal(particles.measure(2, 1).multipoles[0], whole.multipoles[2])
        try:
            numba.set_num_threads(1)
            assert np.array_equal(particles.measure(0, 3).multipoles, whole.multipoles)
            assert np.array_equal(particles.measure(1, 1).intensity[0], whole.intensity[1])
        finally:
            numba.set_num_threads(threads)


def test_scatterings_follow_from_the_longest_wave():
    """|<j_0>|^n = 0.01 at the band's lower end: 28/x^2 for fixed paths, half of that for exponential ones."""
    for x in (0.1, 0.2):
        assert scatterings_needed(x, Fixed()) == pytest.approx(-6 * np.log(0.01) / x**2, rel=0.01)
        assert scatterings_needed(x, Erlang(1)) == pytest.approx(-3 * np.log(0.01) / x**2, rel=0.02)
        zero = Erlang(3).velocity_response(1.0).direct(np.array([x]), 0)[0, 0]
        assert zero ** scatterings_needed(x, Erlang(3)) <= 0.01 < zero ** (scatterings_needed(x, Erlang(3)) - 1)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([NONE], "steady state"),
        (["sampling.momentum=exact"], "without reduction"),
        (["check.realisations=3"], "walks"),
    ],
)
def test_what_cannot_be_is_refused(settings, words):
    with pytest.raises(InputError, match=words):
        check_runnable(parse(RUN, settings, "test"))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([], []),
        (["sampling.scatterings=9999"], []),
        (["sampling.scatterings=3"], ["ends walks before"]),
        (["turbulence.spectrum=power-law"], ["waves of all directions"]),
        (["turbulence.spectrum=stretched", "turbulence.stretch=3"], ["waves of all directions"]),
        (["turbulence.spectrum=slab+2d", "sampling.scatterings=3"], ["ends walks before", "waves of all directions"]),
    ],
)
def test_what_walks_cannot_find_is_said(settings, words):
    """Spectra of axial symmetry have oblique waves as isotropic ones do."""
    warnings = [warning for warning in check_runnable(parse(RUN, settings, "test")) if "walks" in warning]
    assert len(warnings) == len(words)
    assert all(word in warning for word, warning in zip(words, warnings, strict=True))


def test_run_and_verdict(tmp_path):
    """`fluxtube run` and the verdict at a false-alarm rate of 1e-3: the steady state is accepted, Eq. 1 alone rejected."""
    (tmp_path / "run.toml").write_text(RUN + "[ensemble]\nrealisations = 150\nseed = 3\n[output]\nskies = 0\n")
    sets = ["--set", "sampling.particles=16384", "--set", "sky.l_max=4", "--set", "sky.nside=2"]
    assert main(["run", str(tmp_path / "run.toml"), "-o", str(tmp_path / "run.h5"), "-q", *sets]) == 0
    assert validate(tmp_path / "run.h5").accepted
    assert not validate(tmp_path / "run.h5", [NONE]).accepted
