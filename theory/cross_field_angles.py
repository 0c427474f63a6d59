"""Directions of the waves in cross-field transport: cosines nu of k to B, where each wave is seen, and its harmonics.

A wave k at the cosine nu is seen as a wave y = lambda D_eps k: s(nu) = |D_eps k^| times shorter, at the polar angle theta(nu).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fluxtube.theory.panels import ORDER, legendre_rule, place

#: Phase of the harmonics' products across a panel of ORDER nodes: exp(i z u) is then integrated to 1e-13 (z = 15).
PHASE_OF_COSINES = 30.0

#: Nodes and phase of a finer panel: half of 64 radians on 48 nodes times a polynomial of degree 23 is integrated to 1e-17.
FINE_ORDER, FINE_PHASE = 48, 64.0


@dataclass(frozen=True)
class Directions:
    """A rule over nu in (0, 1) on which products of harmonics up to l_max are smooth.

    Parameters
    ----------
    displacement : float
        eps > 0.
    l_max : int
        Highest degree.
    cosines : tuple of float
        Where panels must end too.
    """

    displacement: float
    l_max: int
    cosines: tuple[float, ...] = ()

    def edges(self) -> np.ndarray:
        """Panel edges: graded towards the knee of s(nu) at eps, then cut where theta turns the harmonics by much."""
        eps = self.displacement
        marks = [0.0]
        knee = 0.5 * eps
        while knee < 0.7:
            marks.append(knee)
            knee *= 2.0
        marks = sorted({*marks, *self.cosines, 1.0})
        pieces = []
        for low, high in pairwise(marks):
            turn = (2 * self.l_max + 4) * abs(self.polar_angle(high) - self.polar_angle(low))
            pieces.append(np.linspace(low, high, 1 + max(1, int(np.ceil(2.0 * turn / PHASE_OF_COSINES))))[:-1])
        return np.concatenate([*pieces, [1.0]])

    def stretch(self, nu):
        """s(nu) = |D_eps k^|."""
        return np.hypot(self.displacement * _sine(nu), nu)

    def polar_angle(self, nu):
        """theta(nu) of y."""
        return np.arctan2(self.displacement * _sine(nu), nu)

    def shares(self, nu, convection: float):
        """Squares and product of D_eta A along r, theta and phi of y^, for longitudinal and (both) transverse waves A.

        Returns
        -------
        rr, rt, tt, pp : (2, n) arrays
            Row 0 of a longitudinal unit amplitude; row 1 the sum over two transverse ones.
        """
        rho, s = _sine(nu), self.stretch(nu)
        sine, cosine = self.displacement * rho / s, nu / s
        seen = [(convection * x * sine + z * cosine, convection * x * cosine - z * sine) for x, z in ((rho, nu), (nu, -rho))]
        rr, rt, tt = (np.array([r * r for r, _ in seen]), np.array([r * t for r, t in seen]), np.array([t * t for _, t in seen]))
        return rr, rt, tt, np.array([0.0, convection**2])[:, None] * np.ones_like(nu)

    def fine(self, phase: float) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """For every panel a rule that also integrates waves of `phase` radians a unit of s, as seen by the panel's own nodes.

        Returns
        -------
        list of (nu, weight, transfer)
            Nodes and weights (n,), and the matrix (ORDER, n) that hands the integral of a function over to the panel's nodes:
            int f Q dnu = sum_j [transfer @ (weight f)]_j Q(nu_j) for Q smooth on the panel.
        """
        u, g, _ = legendre_rule(ORDER)
        degrees = np.arange(ORDER)
        own = np.polynomial.legendre.legvander(u, ORDER - 1) * (0.5 * (2 * degrees + 1)) * g[:, None]
        result = []
        for low, high in pairwise(self.edges()):
            count = int(np.ceil(phase * (self.stretch(high) - self.stretch(low)) / FINE_PHASE))
            sub = np.linspace(low, high, 1 + max(1, count))
            nu, weight = (part.ravel() for part in place(sub, FINE_ORDER))
            inside = (2.0 * nu - low - high) / (high - low)
            result.append((nu, weight, own @ np.polynomial.legendre.legvander(inside, ORDER - 1).T))
        return result


def harmonics(theta: np.ndarray, l_max: int, top: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lambda_lm, dLambda_lm/dtheta and m Lambda_lm/sin theta of normalised harmonics Y_lm = Lambda_lm e^(i m phi).

    Exact relative to their own size for sin theta -> 0: powers of the sine are split off the recurrence in l.

    Parameters
    ----------
    theta : (n,) array
        Polar angles.
    l_max, top : int
        Highest degree and order.

    Returns
    -------
    value, slope, turn : (top + 1, n, l_max + 1) arrays

    Examples
    --------
    >>> value, slope, turn = harmonics(np.array([0.3]), 1, 1)
    >>> root = np.sqrt(3 / (4 * np.pi))
    >>> [round(float(part / root), 12) for part in (value[0, 0, 1], slope[0, 0, 1], np.sqrt(2) * slope[1, 0, 1])]
    [0.955336489126, -0.295520206661, -0.955336489126]
    """
    sine, cosine = np.sin(theta), np.cos(theta)
    value, slope, turn = np.zeros((3, top + 1, theta.size, l_max + 1))
    with np.errstate(under="ignore"):
        for m in range(min(top, l_max) + 1):
            scaled = _scaled(cosine, l_max, m)
            value[m] = scaled * sine[:, None] ** m
            if m:
                l = np.arange(m, l_max + 1)
                lower = scaled[:, m - 1 : l_max] if m else scaled[:, m:]
                factor = np.sqrt((2.0 * l + 1.0) / (2.0 * l - 1.0) * (l * l - m * m))
                power = sine[:, None] ** (m - 1)
                slope[m, :, m:] = (l * cosine[:, None] * scaled[:, m:] - factor * lower) * power
                turn[m] = m * scaled * power
            if m == 1 or (m == 0 and top == 0):
                one = scaled if m == 1 else _scaled(cosine, l_max, 1)
                l = np.arange(l_max + 1)
                slope[0] = np.sqrt(l * (l + 1.0)) * one * sine[:, None]
    return value, slope, turn


def _scaled(cosine: np.ndarray, l_max: int, m: int) -> np.ndarray:
    """Lambda_lm / sin^m theta by the recurrence in l, (n, l_max + 1), zero below l = m."""
    table = np.zeros((cosine.size, l_max + 1))
    if m > l_max:
        return table
    n = np.arange(1, m + 1)
    table[:, m] = (-1.0) ** m * np.sqrt((2 * m + 1) / (4.0 * np.pi) * np.prod((2.0 * n - 1.0) / (2.0 * n)))
    for l in range(m + 1, l_max + 1):
        a = np.sqrt((4.0 * l * l - 1.0) / (l * l - m * m))
        b = np.sqrt(((l - 1.0) ** 2 - m * m) / (4.0 * (l - 1.0) ** 2 - 1.0))
        table[:, l] = a * (cosine * table[:, l - 1] - (b * table[:, l - 2] if l > m + 1 else 0.0))
    return table


def _sine(nu):
    return np.sqrt((1.0 - nu) * (1.0 + nu))
