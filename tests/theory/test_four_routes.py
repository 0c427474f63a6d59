"""Closed form, quadrature over E(kappa), the paper's double integral with Eq. (9), and the structure function agree."""

import mpmath as mp
import numpy as np
import pytest
from scipy.special import eval_legendre, roots_jacobi
from scipy.special import gamma as gamma_function

from fluxtube.theory import flow_multipoles, parallel

L_MAX = 12


def by_paper(l, m, gamma, beta, low, high):
    """Eqs. (7), (9), (10) over a band: the 3F4 of Eq. (9), its prefactor corrected, under the integral over k."""

    def kernel(L, M, n, x):
        front = mp.mpf(2) ** (-L - M - 2) * mp.pi * 2 * x ** (L + M)
        front /= (L + M + n + 1) * mp.gamma(L + mp.mpf(3) / 2) * mp.gamma(M + mp.mpf(3) / 2)
        s = mp.mpf(L + M)
        upper = [s / 2 + 1, (s + 3) / 2, (s + n + 1) / 2]
        lower = [L + mp.mpf(3) / 2, M + mp.mpf(3) / 2, s + 2, (s + n + 3) / 2]
        value = front * mp.hyper(upper, lower, -x * x)
        return 2 * mp.pi * mp.sqrt((2 * L + 1) * (2 * M + 1)) * (-1) ** ((L - M) // 2) * value

    def cc(L, M):
        f = lambda x: (kernel(L, M, 0, x) * beta / 2 + kernel(L, M, 2, x) * (1 - 1.5 * beta)) * x**-gamma  # noqa: E731
        return mp.quad(f, mp.linspace(low, high, 3))

    root = lambda L: np.sqrt(2 * L + 1)  # noqa: E731
    terms = [(l - 1, l), (l + 1, l + 1)], [(m - 1, m), (m + 1, m + 1)]
    total = sum(a * b * cc(L, M) / (root(L) * root(M)) for L, a in terms[0] for M, b in terms[1])
    return float(total / (root(l) * root(m)))


@pytest.mark.parametrize(("l", "m"), [(2, 2), (2, 4), (3, 3)])
def test_the_papers_double_integral(unit, l, m):
    turbulence = unit(5 / 3, 1 / 3, band=(0.5, 12.0))
    with mp.workdps(20):
        paper = by_paper(l, m, 5 / 3, 1 / 3, 0.5, 12.0)
    assert parallel.multipole_covariance(turbulence, 1.0, 4)[l - 2, m - 2] == pytest.approx(paper, rel=1e-10)


def by_structure_function(gamma, line_amplitude):
    """<a_l a_l'>, l >= 1, by projecting mu mu' [D(mu) + D(mu') - D(mu - mu')]/2 on Legendre polynomials.

    D = d |s|^(gamma-1); Gauss-Jacobi rules take its kink and both ends exactly.
    """
    power = gamma - 1.0
    n = 2 * L_MAX + 8
    inner, inner_weights = roots_jacobi(n, 0.0, power)  # weight (1+t)^power
    outer, outer_weights = roots_jacobi(n, 0.0, power + 1.0)
    l = np.arange(1, L_MAX + 1)[:, None]
    norm = np.sqrt((2 * l + 1) * np.pi)  # a_l = 2 pi int Delta Y_l dmu
    double = np.zeros((L_MAX, L_MAX))
    # mu in [-1, 1], mu' from -1 to mu: mu' = mu - (1+mu)(1+t)/2; the other half by symmetry.
    for mu, weight in zip(outer, outer_weights, strict=True):
        other = mu - 0.5 * (1 + mu) * (1 + inner)
        column = (eval_legendre(l, other) * other) @ inner_weights * 0.5 ** (power + 1)
        double += weight * np.outer(mu * eval_legendre(l[:, 0], mu), column)
    double = double + double.T
    # Single-argument terms: int mu^2-like moments; mu D(mu) over both signs.
    t, t_weights = roots_jacobi(n, 0.0, power)
    mu = 0.5 * (1 + t)
    moment = 0.5 ** (power + 1) * (eval_legendre(l, mu) * mu) @ t_weights * (1 + (-1) ** (l[:, 0] + 1))
    first = np.where(l[:, 0] == 1, 2.0 / 3.0, 0.0)
    k = np.pi / (2 * gamma_function(gamma) * np.sin(np.pi * power / 2))
    d = 4 * line_amplitude * k
    return norm * norm.T * 0.5 * d * (np.outer(moment, first) + np.outer(first, moment) - double)


@pytest.mark.parametrize("gamma", [1.2, 5 / 3, 2.5])
def test_structure_function_route(unit, gamma):
    turbulence = unit(gamma, 2 / 3)
    route = by_structure_function(gamma, float(turbulence.field_aligned_spectrum(1.0)))
    closed = parallel.multipole_covariance(turbulence, 1.0, L_MAX, l_min=1)
    scale = np.sqrt(np.outer(np.diag(closed), np.diag(closed)))
    assert np.abs((route - closed) / scale).max() < 1e-10


@pytest.mark.parametrize("gamma", [1.2, 1.5, 2.0, 2.9])
def test_quadrature_equals_closed_form_from_the_monopole_on(unit, gamma):
    turbulence = unit(gamma, 1.0)
    closed = parallel.multipole_covariance(turbulence, 1.0, 60, l_min=0)
    quadrature = parallel.two_path_covariance(turbulence, 1.0, 1.0, 60, l_min=0)
    scale = np.sqrt(np.outer(np.diag(closed), np.diag(closed)))
    assert np.abs((quadrature - closed) / scale).max() < 1e-10


def test_equation_10_joins_the_flows_multipoles(unit):
    """<c_L c_L'> of Eq. (13) through the dipole coupling; l = 2 needs L = 1 and above, so L = 0 may be left out."""
    velocity = np.zeros((42, 42))
    velocity[1:, 1:] = flow_multipoles.velocity_covariance(unit(), 1.0, 41, l_min=1)
    coupled = flow_multipoles.multipole_covariance_from(velocity)[1:, 1:]
    direct = parallel.multipole_covariance(unit(), 1.0, 40)
    assert np.abs((coupled - direct) / np.sqrt(np.outer(np.diag(direct), np.diag(direct)))).max() < 1e-12
    # Control: without the coupling's cross terms the result is far off.
    alone = flow_multipoles.multipole_covariance_from(np.diag(np.diag(velocity)))[1:, 1:]
    assert np.abs(np.diag(alone) / np.diag(direct) - 1).min() > 0.1


def test_flow_multipoles_by_quadrature(unit):
    closed = flow_multipoles.velocity_covariance(unit(), 1.0, 50, l_min=1)
    banded = flow_multipoles.velocity_covariance(unit(band=(1e-30, 1e15)), 1.0, 50, l_min=1)
    assert np.abs((banded - closed) / np.sqrt(np.outer(np.diag(closed), np.diag(closed)))).max() < 1e-10
