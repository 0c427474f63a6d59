"""Multipoles straight from waves: against scipy's functions, the grid, the law's own average; limits; bits."""

import json
import math

import numba
import numpy as np
import pytest
from scipy.special import sph_harm_y_all

from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.estimators import SphereMultipoles, SphereQuadrature
from fluxtube.sim.engine.estimators.radial_table import radial_table
from fluxtube.sim.engine.free_paths import ErlangPath, FixedPath
from fluxtube.sim.engine.harmonics import SphericalGrid, real_orders
from fluxtube.theory.free_path import Erlang

RUN = """
[turbulence]
band = [1e-2, 60.0]
[transport]
model = "cross-field"
displacement_perpendicular = 0.4
convection_perpendicular = 0.7
[sky]
l_max = 24
nside = 16
[sampling]
flow = "modes"
modes = 200
"""


class GivenWaves:
    """Waves of given y and amplitudes, (3, n) each, the same in every realisation."""

    def __init__(self, y, cosine, sine):
        self.parts = [np.array(part, dtype=float) for part in (y, cosine, sine)]
        self.modes, self.phase = self.parts[0].shape[1], np.linalg.norm(self.parts[0], axis=0).max()
        self.mean_free_path = 1.0

    def draw(self, first, count):
        return tuple(np.broadcast_to(part, (count, *part.shape)).copy() for part in self.parts)


def in_scipys_functions(waves, l_max, law):
    """The closed form written down with scipy's spherical harmonics and derivatives, complex, wave by wave."""
    y, cosine, sine = waves.parts
    total = np.zeros((2 * l_max + 1, l_max + 1))
    for j in range(y.shape[1]):
        x = np.linalg.norm(y[:, j])
        theta, phi = math.atan2(math.hypot(y[0, j], y[1, j]), y[2, j]), math.atan2(y[1, j], y[0, j])
        outwards = np.array([math.sin(theta) * math.cos(phi), math.sin(theta) * math.sin(phi), math.cos(theta)])
        polar = np.array([math.cos(theta) * math.cos(phi), math.cos(theta) * math.sin(phi), -math.sin(theta)])
        around = np.array([-math.sin(phi), math.cos(phi), 0.0])
        along = law.response(1.0).direct(np.array([x]), l_max)[:, 0]
        across = law.transverse_response(1.0).direct(np.array([x]), l_max)[:, 0]
        across[0] = 0.0
        along[1] -= 1 / 3
        across[1] -= 1 / 3
        value, gradient = sph_harm_y_all(l_max, l_max, theta, phi, diff_n=1)
        for l in range(l_max + 1):
            amplitude = cosine[:, j] - 1j * sine[:, j]
            for m in range(l + 1):
                # Real harmonics from the function and its conjugate: sqrt(2) Re Y and sqrt(2) Im Y.
                for row, part in ((2 * m - 1, np.real), (2 * m, np.imag)) if m else ((0, np.real),):
                    a = amplitude @ (outwards * along[l] * part(value[l, m]) + across[l] * polar * part(gradient[l, m, 0]))
                    a += amplitude @ around * across[l] * part(gradient[l, m, 1]) / math.sin(theta)
                    total[row, l] += (4 * np.pi * 1j ** (l - 1) * (math.sqrt(2) if m else 1) * a).real
    return total


@pytest.mark.parametrize("path", [FixedPath(), ErlangPath(1), ErlangPath(4), ErlangPath(60)])
def test_multipoles_of_any_wave_in_scipys_functions(path):
    """Lengths from nothing to far above l_max, both recurrences; control: two amplitudes exchanged."""
    random = np.random.default_rng(3)
    n, l_max = 12, 15
    y = random.standard_normal((3, n))
    y *= np.geomspace(1e-3, 90.0, n) / np.linalg.norm(y, axis=0)
    y[0, 5], y[1, 5] = 1e-7, -2e-7  # near the pole
    waves = GivenWaves(y, *random.standard_normal((2, 3, n)))
    expected = in_scipys_functions(waves, l_max, path.law)
    seen = SphereMultipoles(waves, l_max, path).measure(0, 1).multipoles[0]
    scale = np.sqrt((expected**2).sum(axis=0) / (2 * np.arange(l_max + 1) + 1))
    assert np.abs((seen - expected) / scale).max() < 1e-11
    exchanged = GivenWaves(y, waves.parts[2], waves.parts[1])
    assert np.abs((SphereMultipoles(exchanged, l_max, path).measure(0, 1).multipoles[0] - expected) / scale).max() > 0.1


@pytest.mark.parametrize(
    "settings",
    [
        [],
        ["transport.displacement_perpendicular=1", "transport.convection_perpendicular=1"],
        ["transport.displacement_perpendicular=0", "transport.convection_perpendicular=1"],
        ["transport.free_path=erlang", "transport.free_path_shape=3", "turbulence.band=[1e-2, 8]", "sky.l_max=6", "sky.nside=4"],
        ["transport.density_gradient=1e-5 /pc"],
    ],
)
def test_waves_agree_with_the_grid(settings):
    """1e-11 of the rms of every degree, on a grid fine enough; control: the weight of convection changed by 1e-9."""
    engine = build_engine(parse(RUN, settings, "test"))
    ours, l_max = engine.quadrature, engine.quadrature.l_max
    grid = SphereQuadrature(ours.waves, l_max, ours.free_path, ours.dipole)
    phase = ours.waves.phase * ours.free_path.reach
    grid.grid = SphericalGrid(int(phase + 8 * phase ** (1 / 3) + 30) + l_max, l_max)
    expected, seen = grid.measure(3, 3).multipoles, ours.measure(3, 3).multipoles
    scale = np.sqrt((expected**2).mean(axis=(0, 1)) * (2 * l_max + 1) / (2 * np.arange(l_max + 1) + 1))
    assert np.abs((seen - expected) / scale).max() < 1e-11
    present = np.arange(l_max + 1) >= np.abs(real_orders(l_max))[:, None]
    assert not seen[:, ~present].any()
    ours.waves.weigh_amplitudes = ours.waves.weigh_amplitudes * (1 + 1e-9)
    assert np.abs((ours.measure(3, 3).multipoles - expected) / scale).max() > 1e-10


def test_waves_along_the_field_and_waves_of_no_length():
    """Exact limits: y on either pole is the limit of y beside it, with |m| <= 1 alone; y = 0 is no increment."""
    random = np.random.default_rng(4)
    amplitudes, z, l_max = random.standard_normal((2, 3, 3)), np.array([2.0, -7.0, 0.0]), 9
    on = SphereMultipoles(GivenWaves([0 * z, 0 * z, z], *amplitudes), l_max, FixedPath()).measure(0, 1).multipoles[0]
    beside = SphereMultipoles(GivenWaves([1e-9 * z, 1e-9 * z, z], *amplitudes), l_max, FixedPath()).measure(0, 1).multipoles[0]
    assert np.allclose(on, beside, rtol=0, atol=2e-7)
    assert not on[3:].any()
    assert on[:3, 1:].all()
    assert beside[3:].any()
    none = SphereMultipoles(GivenWaves(np.zeros((3, 3)), *amplitudes), l_max, FixedPath()).measure(0, 1).multipoles[0]
    assert np.abs(none).max() < 1e-140
    tiny = SphereMultipoles(GivenWaves(1e-5 * np.ones((3, 1)), np.ones((3, 1)), np.zeros((3, 1))), 2, FixedPath())
    # n.A (cos y.n - 1) -> -n.A (y.n)^2/2, y = 1e-5 A, A = (1, 1, 1): -1.5e-10 sqrt(3) x^3 about A; (3/5) x of it is of degree 1.
    dipole = tiny.measure(0, 1).multipoles[0, :, 1]
    assert np.linalg.norm(dipole) == pytest.approx(1.5e-10 * math.sqrt(3) * 0.6 * math.sqrt(4 * np.pi / 3), rel=1e-9)


def test_bits_depend_on_nothing_but_the_realisation():
    """Any first realisation, any number at once, one thread or two."""
    engine = build_engine(parse(RUN, [], "test"))
    whole = engine.quadrature.measure(0, 5).multipoles
    assert np.array_equal(engine.quadrature.measure(3, 1).multipoles[0], whole[3])
    threads = numba.get_num_threads()
    try:
        for count in {1, min(2, numba.config.NUMBA_NUM_THREADS)}:
            numba.set_num_threads(count)
            assert np.array_equal(engine.quadrature.measure(0, 5).multipoles, whole)
    finally:
        numba.set_num_threads(threads)


@pytest.mark.parametrize("law", ["fixed", "exponential"])
def test_several_mean_free_paths_at_once_are_each_of_them_alone(law):
    """1e-11 of the rms of every degree; control: one path changed by 1e-9. The run's own path comes first.

    Not to the bit: what is shared is summed in another order than one path alone, a difference of some 1e-14.
    """
    keys = [f"transport.free_path={law}", "turbulence.band=[1e-2, 8]", "transport.density_gradient=1e-5 /pc"]
    paths = ["3 pc", "100 pc", "3.000000003 pc"]
    engine = build_engine(parse(RUN, [*keys, f"transport.other_mean_free_paths={json.dumps(paths)}"], "test"))
    seen = engine.quadrature.measure(2, 2)
    assert seen.momenta.shape == (2, 4, *seen.multipoles.shape[1:])
    alone = build_engine(parse(RUN, keys, "test")).quadrature.measure(2, 2).multipoles
    assert np.array_equal(seen.multipoles, seen.momenta[:, 0])
    assert np.abs(seen.multipoles - alone).max() <= 1e-12 * np.abs(alone).max()
    for p, other in enumerate(engine.quadrature.others):
        expected = other.measure(2, 2).multipoles
        scale = np.sqrt((expected**2).mean(axis=(0, 1))) + 1e-15  # the shortest path reaches degree 15
        assert np.abs((seen.momenta[:, p + 1] - expected) / scale).max() < 1e-11
    assert np.abs((seen.momenta[:, 3] - seen.momenta[:, 1]) / scale).max() > 1e-10


def test_radial_table_between_its_nodes():
    """1e-12 of the largest value anywhere, panels' ends too; control: half the terms are not enough."""
    law, l_max = Erlang(2), 12
    edges, table = radial_table(law, l_max, 40.0)
    y = np.sort(np.concatenate([np.random.default_rng(5).uniform(0, 40, 300), edges[1:-1]]))
    panel = np.clip(np.searchsorted(edges, y, side="right") - 1, 0, len(table) - 1)
    t = (2 * y - edges[panel] - edges[panel + 1]) / (edges[panel + 1] - edges[panel])
    exact = law.response(1.0).direct(y, l_max)
    exact[1] -= 1 / 3

    def values(terms):
        basis = np.polynomial.chebyshev.chebvander(t, terms - 1)
        return np.einsum("pn,pnq->qp", basis, table[panel][:, :terms, : l_max + 1])

    assert np.abs(values(table.shape[1]) - exact).max() < 1e-12
    assert np.abs(values(table.shape[1] // 2) - exact).max() > 1e-12
