"""The `modes` flow of turbulence with axial symmetry: structure functions and multipoles of drawn flows against theory.

False-alarm rates are 1e-4 a test, divided by the numbers looked at; seeds are fixed; scores use the measured scatter.
"""

import numpy as np
import pytest
from scipy import special, stats

from fluxtube.sim.engine.flows import ModesFlow
from fluxtube.sim.engine.kernels.vector_flow import vector_flow
from fluxtube.theory import AxialTurbulence, Turbulence
from fluxtube.theory.axial_line import directions_rule
from fluxtube.theory.panels import place

SHARES, BAND, COUNT = (0.5, 0.3, 0.2), (0.5, 20.0), 3000
FLOWS = {
    "critical balance": AxialTurbulence.critical_balance(1.0, 1.0, 2.0, SHARES, BAND),
    "stretched": AxialTurbulence.stretched(5 / 3, 1.0, 1.0, 4.0, SHARES, BAND),
    "slab and 2D": AxialTurbulence.slab_and_plane(5 / 3, 1.0, 1.0, 0.3, 0.05, SHARES, BAND),
}
ISOTROPIC = Turbulence.power_law(5 / 3, 1.0, 1.0, 0.8, BAND)
SEPARATION = np.array([0.1, 0.4, 1.5])


def along_field(turbulence):
    """D(s) along B of the component along it and of one across it: 4 int E (1 - cos kappa s) dkappa, E by `AxialLine`."""
    edges = np.array(sorted({*np.linspace(0, BAND[1], 161), *(0.5**n for n in range(12)), *turbulence.breaks}))
    kappa, weight = place(edges[edges <= BAND[1]])
    return np.array([
        [4 * (weight * line(kappa) * (1 - np.cos(kappa * s))).sum() for s in SEPARATION]
        for line in (turbulence.line, turbulence.across_line)
    ])  # fmt: skip


def drawn(turbulence, axis, seed):
    """D(s) of the three components for separations along an axis, and its error, from drawn flows."""
    positions = np.zeros((3, 4))
    positions[axis, 1:] = SEPARATION
    k, cosine, sine = ModesFlow(turbulence, 1.0, 256, seed=seed).draw(0, COUNT)
    u = np.empty((COUNT, 3, 4))
    for r in range(COUNT):
        vector_flow(k[r] / (2 * np.pi), cosine[r], sine[r], positions, u[r])
    square = (u[:, :, 1:] - u[:, :, :1]) ** 2
    return square.mean(axis=0), square.std(axis=0) / np.sqrt(COUNT)


@pytest.mark.parametrize("name", FLOWS)
def test_structure_functions_along_the_field(name):
    """All three components at three separations, 9 scores: x and y alike (isotropy about B). Control: isotropic turbulence."""
    mean, error = drawn(FLOWS[name], axis=2, seed=31)
    limit = stats.norm.isf(0.5e-4 / 9)

    def worst(turbulence):
        along, across = along_field(turbulence)
        return np.abs((mean - [across, across, along]) / error).max()

    assert worst(FLOWS[name]) < limit < worst(ISOTROPIC)


def across_field(turbulence, shares=SHARES):
    """D(s) of the components, separations along x: 2 int dk int dnu w sum_p s_p <e_p^2 (1 - cos k.r)>, azimuths by Bessel."""
    edges = np.array(sorted({*np.linspace(*BAND, 161), *(BAND[0] * 2.0**n for n in range(6))}))
    k, weight = place(edges)
    nu, share = directions_rule(turbulence.cosines)
    k, power = k[..., None], (weight[..., None] * share) * turbulence.axial(k[..., None], nu)
    alfvenic, pseudo, compressive = shares
    across, along = pseudo * nu**2 + compressive * (1 - nu**2), pseudo * (1 - nu**2) + compressive * nu**2
    found = []
    for s in SEPARATION:
        z = k * np.sqrt(1 - nu**2) * s
        even = special.j1(z) / z  # <sin^2 phi cos(z cos phi)>
        odd = special.j0(z) - even  # <cos^2 phi cos(z cos phi)>
        x, y = alfvenic * (0.5 - even) + across * (0.5 - odd), alfvenic * (0.5 - odd) + across * (0.5 - even)
        found.append([2 * (power * part).sum() for part in (x, y, along * (1 - special.j0(z)))])
    return np.array(found).T


@pytest.mark.parametrize("name", FLOWS)
def test_structure_functions_across_the_field(name):
    """Separations along x: all three components at three separations, 9 scores. Control: those along the field in their place."""
    mean, error = drawn(FLOWS[name], axis=0, seed=34)
    limit = stats.norm.isf(0.5e-4 / 9)
    along, across = along_field(FLOWS[name])
    assert np.abs((mean - across_field(FLOWS[name])) / error).max() < limit
    assert np.abs((mean - [across, across, along]) / error).max() > limit


def test_structure_functions_of_isotropic_turbulence_agree_along_and_across():
    """The two quadratures know nothing of each other: w(k) with equal shares, longitudinal and transverse as anywhere."""
    flow = AxialTurbulence.stretched(5 / 3, 1.0, 1.0, 1.0, (0.4, 0.4, 0.2), BAND)
    x, y, z = across_field(flow, (0.4, 0.4, 0.2))
    along, across = along_field(flow)
    np.testing.assert_allclose(x, along, rtol=1e-6)
    np.testing.assert_allclose([y, z], [across, across], rtol=1e-6)


@pytest.mark.parametrize("name", FLOWS)
def test_weights_give_the_power_of_every_polarisation(name):
    """<A A> along e_A, e_P and k^, summed over waves, is int dk int dnu w s_p: three scores. Control: shares the other way."""
    turbulence = FLOWS[name]
    k, cosine, sine = ModesFlow(turbulence, 1.0, 256, seed=32).draw(0, COUNT)
    unit = k / np.linalg.norm(k, axis=1, keepdims=True)
    alfvenic = np.stack([-unit[:, 1], unit[:, 0], 0 * unit[:, 0]], axis=1)
    alfvenic /= np.linalg.norm(alfvenic, axis=1, keepdims=True)
    axes = (alfvenic, np.cross(unit, alfvenic, axis=1), unit)
    power = np.array([
        sum((part * axis).sum(axis=1) ** 2 for part in (cosine, sine)).sum(axis=1) / 2 for axis in axes
    ])  # fmt: skip
    mean, error = power.mean(axis=1), power.std(axis=1) / np.sqrt(COUNT)
    limit = stats.norm.isf(0.5e-4 / 3)
    expected = turbulence.mean_square_velocity * np.array(SHARES)
    assert np.abs((mean - expected) / error).max() < limit < np.abs((mean - expected[::-1]) / error).max()


def test_realisations_do_not_depend_on_how_many_are_asked_for():
    flow = ModesFlow(FLOWS["stretched"], 1.0, 64, seed=33)
    assert all(np.array_equal(a[3:5], b) for a, b in zip(flow.draw(0, 8), flow.draw(3, 2), strict=True))
