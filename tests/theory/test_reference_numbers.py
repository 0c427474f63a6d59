"""Numbers of Fig. 3 and of the correlation matrix, found by direct quadrature in 30 digits."""

import numpy as np
import pytest

from fluxtube.theory import Turbulence, isotropic, parallel

# l: (parallel, isotropic) C_l for gamma = 5/3, beta = 2/3, slope -4.7, sigma = 23 km/s, v = c.
FIGURE_3 = {
    2: (3.286443e-08, 1.696400e-07),
    5: (1.629710e-09, 9.586158e-09),
    10: (2.537365e-10, 1.534149e-09),
    30: (1.413917e-11, 8.629610e-11),
}
VARIANCE = {2: 0.3711643, 3: 0.1160339, 10: 0.01203573, 30: 0.001948156}
CORRELATION = {(2, 4): -0.04395, (2, 6): -0.2193, (3, 7): -0.3190, (4, 8): -0.3682, (6, 8): 0.0298}
DIPOLE = {(5 / 3, 2 / 3): 1.377099203, (3 / 2, 1.0): 1.787417797, (5 / 3, 0.0): 1.877862550}


def unit_power_law(gamma=5 / 3, beta=2 / 3, band=None):
    """Turbulence with w(1/lambda)/lambda = 1 at lambda = 1."""
    return Turbulence.power_law(gamma, (2 * np.pi) ** (0.5 * (1 - gamma)), 1.0, beta, band)


@pytest.mark.parametrize("l", FIGURE_3)
def test_power_spectra_of_figure_3(l):
    turbulence = Turbulence.power_law(5 / 3, 23.0, 10.0)
    found = (
        parallel.angular_power_spectrum(turbulence, 10.0, 30)[l - 2],
        isotropic.angular_power_spectrum(turbulence, 10.0, 30)[l - 2],
    )
    assert tuple(f"{value:.6e}" for value in found) == tuple(f"{value:.6e}" for value in FIGURE_3[l])


@pytest.mark.parametrize("l", VARIANCE)
def test_variances_in_units_of_the_spectrum(l):
    assert parallel.multipole_covariance(unit_power_law(), 1.0, 30)[l - 2, l - 2] == pytest.approx(VARIANCE[l], rel=3e-7)


@pytest.mark.parametrize("pair", CORRELATION)
def test_correlations(pair):
    covariance = parallel.multipole_covariance(unit_power_law(), 1.0, 8)
    i, j = pair[0] - 2, pair[1] - 2
    assert covariance[i, j] / np.sqrt(covariance[i, i] * covariance[j, j]) == pytest.approx(CORRELATION[pair], abs=5e-5)


@pytest.mark.parametrize("case", DIPOLE)
def test_convective_dipole(case):
    covariance = parallel.multipole_covariance(unit_power_law(*case), 1.0, 3, l_min=1)
    assert covariance[0, 0] == pytest.approx(DIPOLE[case], rel=1e-9)


@pytest.mark.parametrize(("gamma", "beta"), [(1.2, 1.0), (5 / 3, 2 / 3), (2.5, 0.0)])
def test_closed_form_equals_quadrature(gamma, beta):
    """A very wide band leaves nothing out: its upper end takes (l/k_max lambda)^gamma off E(kappa)."""
    closed = parallel.multipole_covariance(unit_power_law(gamma, beta), 1.0, 40, l_min=2)
    banded = parallel.multipole_covariance(unit_power_law(gamma, beta, band=(1e-30, 1e15)), 1.0, 40, l_min=2)
    scale = np.sqrt(np.outer(np.diag(closed), np.diag(closed)))
    assert np.abs((banded - closed) / scale).max() < 1e-10
