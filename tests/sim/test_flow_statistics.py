"""One- and two-point statistics of the vector flow, against theory over its band.

False-alarm rates are 1e-4 a test, divided by the numbers looked at; seeds are fixed. Scores use the measured scatter over
independent realisations, so that the mode sum's own kurtosis is in them.
"""

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from fluxtube.sim.engine.flows import LineFlow, ModesFlow
from fluxtube.sim.engine.kernels.vector_flow import vector_flow
from fluxtube.theory import Turbulence

BAND, COUNT = (0.1, 30.0), 3000
SEPARATION = np.array([0.05, 0.2, 0.8])
AXES = {"x": np.array([1.0, 0, 0]), "z": np.array([0, 0, 1.0]), "oblique": np.array([1.0, -2.0, 2.0]) / 3}


def turbulence(beta):
    return Turbulence.power_law(5 / 3, 1.0, 1.0, beta, BAND)


def velocities(flow, positions, count=COUNT):
    """u at positions (3, n) of `count` realisations, (count, 3, n)."""
    k, cosine, sine = flow.draw(0, count)
    out = np.empty((count, 3, positions.shape[1]))
    for r in range(count):
        vector_flow(k[r] / (2 * np.pi), cosine[r], sine[r], positions, out[r])
    return out


def structure_functions(beta, s):
    """Longitudinal and transverse D(s) by direct integration over k and the angle of k to s (scipy), not by the package.

    <(Delta u_i)^2> = 2 int w dk int_0^1 dnu (1 - cos k s nu) {(1-beta) k^_i^2 + beta/2 (1 - k^_i^2)}
    """

    def of(weight):
        inner = lambda k: integrate.quad(lambda nu: (1 - np.cos(k * s * nu)) * weight(nu), 0, 1)[0]  # noqa: E731
        spectrum = turbulence(beta).energy_spectrum
        return (
            2 * integrate.quad(lambda x: np.exp(x) * float(spectrum(np.exp(x))) * inner(np.exp(x)), *np.log(BAND), limit=200)[0]
        )

    longitudinal = of(lambda nu: (1 - beta) * nu**2 + beta / 2 * (1 - nu**2))
    transverse = of(lambda nu: (1 - beta) * (1 - nu**2) / 2 + beta / 2 * (1 - (1 - nu**2) / 2))
    return longitudinal, transverse


@pytest.mark.parametrize("beta", [0.0, 2 / 3, 1.0])
def test_structure_functions_in_every_direction(beta):
    """Longitudinal and transverse D(s) along three axes, 18 scores; control: those of another beta are rejected."""
    flow = ModesFlow(turbulence(beta), 1.0, 256, seed=21)
    expected = np.array([structure_functions(beta, s) for s in SEPARATION])
    assert expected[:, 0] == pytest.approx(turbulence(beta).structure_function(SEPARATION), rel=1e-6)
    other = np.array([structure_functions(1 - beta if beta != 2 / 3 else 1.0, s) for s in SEPARATION])
    positions = np.concatenate([np.zeros((3, 1)), *(axis[:, None] * SEPARATION for axis in AXES.values())], axis=1)
    u = velocities(flow, positions)
    step = u[:, :, 1:] - u[:, :, :1]
    z, against_other = [], []
    for n, axis in enumerate(AXES.values()):
        here = step[:, :, 3 * n : 3 * n + 3]
        along = np.einsum("rcs,c->rs", here, axis) ** 2
        across = ((here**2).sum(axis=1) - along) / 2
        for i, sample in enumerate((along, across)):
            error = sample.std(axis=0) / np.sqrt(COUNT)
            z.append((sample.mean(axis=0) - expected[:, i]) / error)
            against_other.append((sample.mean(axis=0) - other[:, i]) / error)
    limit = stats.norm.isf(0.5e-4 / np.size(z))
    assert np.abs(z).max() < limit < np.abs(against_other).max()


def test_no_direction_is_preferred():
    """Variance along 12 axes spread over the sphere, all together: chi^2 at a false-alarm rate of 1e-4.

    Control: the same flow with its field-aligned component 10 % stronger is rejected.
    """
    random = np.random.default_rng(3)
    axes = random.standard_normal((3, 12))
    axes /= np.linalg.norm(axes, axis=0)
    u = velocities(ModesFlow(turbulence(2 / 3), 1.0, 256, seed=22), np.zeros((3, 1)), 6000)[:, :, 0]

    def chi2(u):
        tensor = np.einsum("ri,rj->rij", u, u)[:, *np.triu_indices(3)]  # six numbers hold all axes
        isotropic = np.eye(3)[np.triu_indices(3)] * (turbulence(2 / 3).mean_square_velocity / 3)
        off = tensor.mean(axis=0) - isotropic
        return len(u) * off @ np.linalg.solve(np.cov(tensor.T), off)

    assert chi2(u) < stats.chi2.isf(1e-4, 6) < chi2(u * [1, 1, 1.1])
    along_axes = ((u @ axes) ** 2).mean(axis=0) / (turbulence(2 / 3).mean_square_velocity / 3)
    assert np.all(np.abs(along_axes - 1) < 0.1)


def test_excess_kurtosis_falls_with_the_modes():
    """A mode sum is a mixture of Gaussians: given its wave vectors u is Gaussian with variance V, so that its excess is

        3 var(V)/<V>^2,    V = sum_n (A_n^2 + B_n^2 expected) of the component.

    Measured against that number from the drawn wave vectors' own powers, at 4 standard errors (rate 6e-5 a number); it falls
    as one over the modes; `line` has none.
    """
    excess = {}
    for modes in (8, 32):
        flow = ModesFlow(turbulence(0.0), 1.0, modes, seed=23)
        k, _, _ = flow.draw(0, 20_000)
        length = np.linalg.norm(k, axis=1)
        width = np.log(flow.k_edges[1] / flow.k_edges[0])
        power = turbulence(0.0).energy_spectrum(length) * length * width / flow.directions * (k[:, 2] / length) ** 2
        variance = power.sum(axis=1)
        excess[modes] = 3 * variance.var() / variance.mean() ** 2
        u = flow.draw(0, 20_000)[1][:, 2].sum(axis=1)  # u_par at the origin
        fourth = (u**4).mean() / (u**2).mean() ** 2 - 3
        error = np.std(u**4) / (u**2).mean() ** 2 / np.sqrt(20_000)
        assert abs(fourth - excess[modes]) < 4 * error
        if modes == 8:
            assert fourth > 4 * error  # it is there, and it is seen
    assert 2.5 < excess[8] / excess[32] < 6
    even, odd = LineFlow(turbulence(0.0), 1.0, 64, seed=24).increments(0, 20_000, np.array([0.7]))
    u = (even + odd)[:, 0]
    assert abs((u**4).mean() / (u**2).mean() ** 2 - 3) < 4 * np.sqrt(24 / 20_000)


@pytest.mark.parametrize("gamma", [1.5, 5 / 3, 2.0])
def test_recovered_spectral_index(gamma):
    """gamma from the powers of drawn modes: the energy in each octave of the band, w(k) ~ k^-gamma, within 4 standard errors.

    Control: gamma - 0.1 is 4 standard errors away.
    """
    flow = ModesFlow(Turbulence.power_law(gamma, 1.0, 1.0, 2 / 3, BAND), 1.0, 256, seed=25)
    k, cosine, sine = flow.draw(0, 2000)
    length = np.linalg.norm(k, axis=1)
    energy = ((cosine**2 + sine**2) / 2).sum(axis=1)
    edges = np.geomspace(*BAND, 9)
    octave = np.array([np.where((length >= a) & (length < b), energy, 0).sum(axis=1) for a, b in pairwise(edges)])
    # int_a^b k^-gamma dk ~ a^(1 - gamma) for edges in a fixed ratio.
    slope, error = _slope(np.log(edges[:-1]), octave)
    assert abs(1 - slope - gamma) < 4 * error < 0.1


def _slope(x, samples):
    """Slope of ln <samples> over x and its bootstrap error."""
    random = np.random.default_rng(0)

    def fit(rows):
        return np.polyfit(x, np.log(rows.mean(axis=1)), 1)[0]

    draws = [fit(samples[:, random.integers(0, samples.shape[1], samples.shape[1])]) for _ in range(100)]
    return fit(samples), np.std(draws)
