"""The flow along the field and the sky of any law of free paths, with density response or without: <g(s) b_l0>.

A wave k is seen as y = lambda D_eps k, x = |y|, and has b_l0 = 4 pi i^(l-1) [f_l(x) (w.y^) Y_l0 + g_l(x) (w.theta^) Y_l0'] of the
amplitude w = D_eta u (f_l, g_l the law's responses, in place of j_l' and j_l/x); the same wave has g(s) = u_par (e^(i x t) - 1),
t = s cos theta. For a power law without end the length of k leaves the average over k,

    <g(s) b_l0> = 4 pi w(1/lambda)/lambda int_0^(pi/2) dtheta (eps sin theta/q^3) (eps/q)^(gamma-1)
                  Re{ i^(l-1) [A Y_l0 F_l(t) + B Y_l0' G_l(t)] },
    F_l(t) = int x^-gamma f_l(x) (e^(-i x t) - 1) dx,  G_l with g_l,

q as in `theory.scale_free`, A = <u_par w.y^>, B = <u_par w.theta^>. F and G are tabulated in t, on panels graded towards
their cusps at t = 0 and 1, as Chebyshev series in gamma of 3 - gamma times them (l = 2 has a pole at gamma = 3).
"""

from functools import lru_cache

import numpy as np
from scipy.special import sph_legendre_p_all

from fluxtube.errors import InputError
from fluxtube.theory.panels import place
from fluxtube.theory.scale_free import POLE, responses

GAMMAS, GAMMA_ENDS = 12, (1.0, 2.7)
ORDER, HALVINGS, NODES_AT_ONCE = 12, 14, 2000


def flow_and_sky_of_law(path, s, gamma: float, displacement: float, convection: float, l_max: int, beta: float) -> np.ndarray:
    """<g(s) b_l0> about the field for sigma = 1 and slope/v = 1, l = 2 .. l_max: (n, l_max - 1), |s| <= 1 in mean free paths.

    Raises
    ------
    InputError
        A place beyond one mean free path, or gamma above 2.7.
    """
    if not GAMMA_ENDS[0] < gamma <= GAMMA_ENDS[1]:
        raise InputError(
            f"gamma = {gamma:g}: the flow of paths that are not fixed and whole is known for 1 < gamma <= {GAMMA_ENDS[1]}"
        )
    s, eps = np.asarray(s, dtype=float), max(displacement, POLE)
    if np.any(np.abs(s) > 1):
        raise InputError(f"the flow at s = {s[np.abs(s) > 1][0]:g}: places within one mean free path are asked for")
    graded = np.concatenate([[0.0], np.pi / 8 * 0.5 ** np.arange(15, 0, -1.0), np.linspace(np.pi / 8, np.pi / 2, 4 + l_max)])
    theta, weight = (part.ravel() for part in place(graded, ORDER))
    sine, cosine = np.sin(theta), np.cos(theta)
    q = np.sqrt((eps * cosine) ** 2 + sine**2)
    nu, rho = eps * cosine / q, sine / q
    weight = weight * eps * sine / q**3 * (eps / q) ** (gamma - 1)
    along, turned = np.zeros_like(theta), np.zeros_like(theta)
    for share, x, z in ((1 - beta, rho, nu), (beta / 2, nu, -rho)):
        along += share * z * (convection * x * sine + z * cosine)
        turned += share * z * (convection * x * cosine - z * sine)
    value, slope = (table[2:, 0] for table in sph_legendre_p_all(l_max, 0, theta, diff_n=1))
    edges, table = _table(path, l_max)
    order = np.polynomial.chebyshev.chebvander((2 * gamma - sum(GAMMA_ENDS)) / np.ptp(GAMMA_ENDS), GAMMAS - 1)
    series = np.tensordot(order.ravel(), table, axes=1) / (3 - gamma)  # (2, degrees, panels, ORDER)
    result = np.empty((s.size, l_max - 1))
    # Re{i^(l-1) F}: the real part for odd l with (-1)^((l-1)/2), -Im F for even l with (-1)^(l/2-1).
    sign = (-1.0) ** ((np.arange(2, l_max + 1) - 1) // 2)[:, None]
    for row, place_ in zip(result, s, strict=True):
        values = _at(edges, series, np.abs(place_) * cosine)
        row[:] = sign * (value * values[0] * along + slope * values[1] * turned) @ weight
        row[::2] *= np.sign(place_)  # even degrees: sines
    return 4 * np.pi * (2 * np.pi) ** (gamma - 1) * result


@lru_cache(maxsize=2)
def _table(path, l_max: int) -> tuple[np.ndarray, np.ndarray]:
    """Edges in t, and Legendre series on the panels: (3 - gamma) int x^-gamma (f_l, g_l) (cos xt - 1) of odd l, sin xt of even l.

    (GAMMAS, 2, degrees, panels, ORDER) with Chebyshev series in gamma along the first axis.
    """
    fine = 0.5 ** np.arange(HALVINGS, 3, -1.0)
    edges = np.concatenate([[0.0], fine, np.arange(1, 16) / 16, 1 - fine[::-1], [1.0]])
    edges = np.unique(edges)
    t, _ = place(edges, ORDER)
    x, weight, along, side = responses(path, l_max, 2)
    nodes = 0.5 * sum(GAMMA_ENDS) + 0.5 * np.ptp(GAMMA_ENDS) * np.cos(np.pi * (np.arange(GAMMAS) + 0.5) / GAMMAS)
    total = np.zeros((GAMMAS, 2, len(along), t.size))
    for first in range(0, x.size, NODES_AT_ONCE):
        some = np.s_[first : first + NODES_AT_ONCE]
        phase = np.outer(x[some], t.ravel())
        waves = np.sin(phase), -2 * np.sin(0.5 * phase) ** 2
        for row, gamma in zip(total, nodes, strict=True):
            power = (3 - gamma) * weight[some] * x[some] ** -gamma
            for part, response in zip(row, (along, side), strict=True):
                for parity, wave in enumerate(waves):
                    part[parity::2] += (response[parity::2, some] * power) @ wave
    chebyshev = 2 / GAMMAS * np.cos(np.outer(np.arange(GAMMAS), np.pi * (np.arange(GAMMAS) + 0.5) / GAMMAS))
    chebyshev[0] /= 2
    unit, gauss = np.polynomial.legendre.leggauss(ORDER)
    n = np.arange(ORDER)
    legendre = (n + 0.5) * np.polynomial.legendre.legvander(unit, ORDER - 1) * gauss[:, None]
    series = np.tensordot(chebyshev, total, axes=1).reshape(*total.shape[:3], len(edges) - 1, ORDER) @ legendre
    return edges, series


def _at(edges, series, t) -> np.ndarray:
    """Values of Legendre series at t in [0, 1], (parts, degrees, n)."""
    panel = np.clip(np.searchsorted(edges, t, side="right") - 1, 0, len(edges) - 2)
    unit = (2 * t - edges[panel] - edges[panel + 1]) / (edges[panel + 1] - edges[panel])
    return np.einsum("pdnk,nk->pdn", series[:, :, panel], np.polynomial.legendre.legvander(unit, ORDER - 1))
