"""Covariance of the multipoles of any transport for a power law without end, in closed form but for one integral over an angle.

A plane wave k is seen as the wave y = lambda D_eps k (`theory.cross_field`). For w(k) ~ k^-gamma its length leaves the average
over k in closed form, so that with theta the polar angle of y, q^2 = eps^2 cos^2 theta + sin^2 theta and s = |D_eps k^| = eps/q

    C^m_ll' = (4 pi)^2 i^(l-l') w(1/lambda)/lambda int_0^(pi/2) dtheta (eps sin theta/q^3) s^(gamma-1)
              { R_ll' a L L' + T_ll' (b dL dL' + c mL mL') + [X_ll' d L dL' + transposed] },

L = Lambda_lm(theta), dL its derivative, mL = m Lambda_lm/sin theta; a, b, c, d(theta) are quadratic in eta; and

    R_ll' = int x^-gamma j_l' j_l'' dx,   T_ll' = int x^(-gamma-2) j_l j_l' dx,
    X_ll' = int x^(-gamma-1) j_l' (derivative) j_l' dx = T_ll'/2 [gamma + 1 + (l(l+1) - l'(l'+1))/(gamma+2)].

X follows from the sum j_l' j_m + j_l j_m' = (j_l j_m)' by parts, and from the difference by Bessel's equation,
[x^2 (j_l' j_m - j_l j_m')]' = (l(l+1) - m(m+1)) j_l j_m. All nodes stand at fixed theta with weights above zero: the
covariance is positive definite for any weights, and the harmonics are made once.
"""

from functools import lru_cache

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory import mellin
from fluxtube.theory.free_path import Fixed
from fluxtube.theory.outer_scale import OuterScale
from fluxtube.theory.panels import place
from fluxtube.theory.special import sph_legendre_p_all

ORDER = 12  # nodes of a panel
HALVINGS = 15  # panels towards the pole
POLE = 1e-4  # displacement across the field below which all waves are seen along it
STEP = 3.0  # l times the width of the widest panel


class ScaleFree:
    """C^m_ll' for l = l_min .. l_max and m = 0 .. l_max, sigma = 1, without (slope/v)^2.

    Parameters
    ----------
    l_max, l_min : int
        Degrees, l_min >= 2.
    path : law, optional
        Free paths of `theory.free_path` or `theory.kinetic` in place of the fixed one; R, T and X are then integrated
        numerically, once for each gamma.
    outer_scale : float, optional
        Of von Karman's spectrum, in mean free paths; without it the power law has no end.
    """

    def __init__(self, l_max: int, l_min: int = 2, path=None, outer_scale: float | None = None):
        if not 2 <= l_min <= l_max:
            raise InputError(f"degrees {l_min} to {l_max}: the covariance needs 2 <= l_min <= l_max")
        self.l, self.path = np.arange(l_min, l_max + 1), path
        uniform = np.linspace(np.pi / 4, np.pi / 2, 2 + int(np.ceil(np.pi / 4 * l_max / STEP)))
        inner = np.linspace(np.pi / 8, np.pi / 4, 2 + int(np.ceil(np.pi / 8 * l_max / STEP)))
        graded = np.concatenate([[0.0], np.pi / 8 * 0.5 ** np.arange(HALVINGS, 0, -1.0)])
        self._theta, self._weight = (part.ravel() for part in place(np.concatenate([graded, inner, uniform[1:]]), ORDER))
        value, slope = sph_legendre_p_all(l_max, l_max, self._theta, diff_n=1)
        turn = np.arange(l_max + 1)[:, None] / np.sin(self._theta)
        # (orders, degrees, nodes)
        self._value, self._slope = (np.ascontiguousarray(t[l_min:, : l_max + 1].transpose(1, 0, 2)) for t in (value, slope))
        self._turn = turn[:, None, :] * self._value
        self._outer = None if outer_scale is None else _outer(path or Fixed(), float(outer_scale), l_max, l_min)

    def __call__(self, gamma: float, displacement: float, convection: float, beta: float = 2 / 3) -> np.ndarray:
        """Covariance towards arrival directions, in units of sigma^2.

        Parameters
        ----------
        gamma : float
            1 < gamma < 3.
        displacement, convection : float
            eps, eta.
        beta : float
            Transverse fraction.

        Returns
        -------
        (l_max + 1, n, n) array
            By |m|; zero for l < |m|.
        """
        outer = self._outer
        if outer is not None and not 1 < gamma < 3:
            raise InputError(f"gamma = {gamma:g}: it must lie between 1 and 3 with an outer scale too")
        if outer is None:
            of_path = (radial_integrals,) if self.path is None else (integrals_of_law, self.path)
            radial, across, mixed = of_path[0](*of_path[1:], float(gamma), int(self.l[-1]), int(self.l[0]))
        if displacement < POLE:
            if outer is not None:
                return self._along_outer(outer, gamma, convection, beta)
            return self._along(gamma, convection, beta, radial, across)
        s, a, b, c, d = self._angles(gamma, displacement, convection, beta)
        if outer is not None:
            return self._of_nodes(outer, gamma, s, a, b, c, d)
        cross = mixed * _product(self._value, d, self._slope)
        return self._squares(radial, across, a, b, c) + cross + cross.transpose(0, 2, 1)

    def _squares(self, radial, across, a, b, c) -> np.ndarray:
        """The terms in a, b and c of the module's text."""
        total = radial * _product(self._value, a, self._value)
        return total + across * (_product(self._slope, b, self._slope) + _product(self._turn, c, self._turn))

    def _angles(self, gamma: float, displacement: float, convection: float, beta: float) -> tuple[np.ndarray, ...]:
        """s, and a, b, c and d of the module's text with the weights of the nodes, (n,) each."""
        sine, cosine = np.sin(self._theta), np.cos(self._theta)
        q = np.sqrt((displacement * cosine) ** 2 + sine**2)
        nu, rho = displacement * cosine / q, sine / q
        weight = self._weight * displacement * sine / q**3 * (displacement / q) ** (gamma - 1)
        pairs = [
            (convection * x * sine + z * cosine, convection * x * cosine - z * sine) for x, z in ((rho, nu), (nu, -rho))
        ]
        shares = (1 - beta, beta / 2)
        a, b, d = (
            weight * sum(share * pair[i] * pair[j] for share, pair in zip(shares, pairs, strict=True))
            for i, j in ((0, 0), (1, 1), (0, 1))
        )
        return displacement / q, a, b, weight * beta / 2 * convection**2, d

    def _of_nodes(self, outer: OuterScale, gamma, s, a, b, c, d) -> np.ndarray:
        """The sum over nodes whose radial integrals differ: |D_eps k^| = s at each."""
        phase = _with_phase(np.ones((self.l.size, self.l.size)), gamma, self.l)
        radial, across, mixed = (phase[..., None] * np.moveaxis(part, 0, -1) for part in outer(gamma, s))
        total = np.zeros((int(self.l[-1]) + 1, self.l.size, self.l.size))
        for m in range(int(self.l[-1]) + 1):
            first = max(0, m - int(self.l[0]))  # degrees below |m| have no such order
            here = np.s_[first:, first:]
            value, slope, turn = (table[m, first:] for table in (self._value, self._slope, self._turn))
            cross = np.einsum("it,jt,ijt->ij", value, slope, mixed[here] * d, optimize=False)
            total[m][here] = (
                np.einsum("it,jt,ijt->ij", value, value, radial[here] * a)
                + np.einsum("it,jt,ijt->ij", slope, slope, across[here] * b)
                + np.einsum("it,jt,ijt->ij", turn, turn, across[here] * c)
                + cross
                + cross.T
            )
        return total

    def _along_outer(self, outer: OuterScale, gamma, convection, beta) -> np.ndarray:
        """`_along` with radial integrals that depend on nu = |k_par|/k."""
        graded = np.concatenate([[0.0], 0.5 ** np.arange(HALVINGS, -1, -1.0)])
        nu, weight = (part.ravel() for part in place(graded, ORDER))
        weight, rho2 = weight * nu ** (gamma - 1), 1 - nu**2
        phase = _with_phase(np.ones((self.l.size, self.l.size)), gamma, self.l)
        radial, across, _ = outer(gamma, nu)
        size = np.sqrt((2 * self.l + 1) / (4 * np.pi))
        turned = size * np.sqrt(self.l * (self.l + 1.0)) / 2
        total = np.zeros((int(self.l[-1]) + 1, self.l.size, self.l.size))
        along = weight * ((1 - beta) * nu**2 + beta / 2 * rho2)
        share = weight * convection**2 * ((1 - beta) * rho2 + beta / 2 * (1 + nu**2))
        total[0] = phase * np.tensordot(along, radial, axes=1) * np.outer(size, size)
        total[1] = phase * np.tensordot(share, across, axes=1) * np.outer(turned, turned)
        return total

    def _along(self, gamma, convection, beta, radial, across) -> np.ndarray:
        """eps = 0: all waves on the axis; u_par gives m = 0, u_perp gives m = +-1."""
        first, second = 1 / (gamma + 2), 1 / gamma - 1 / (gamma + 2)  # of nu^2 and rho^2
        size = np.sqrt((2 * self.l + 1) / (4 * np.pi))
        turned = size * np.sqrt(self.l * (self.l + 1.0)) / 2
        total = np.zeros((int(self.l[-1]) + 1, self.l.size, self.l.size))
        total[0] = radial * ((1 - beta) * first + beta / 2 * second) * np.outer(size, size)
        share = convection**2 * ((1 - beta) * second + beta / 2 * first + beta / 2 / gamma)
        total[1] = across * share * np.outer(turned, turned)
        return total


@lru_cache(maxsize=256)
def radial_integrals(gamma: float, l_max: int, l_min: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """R, T and X of the module's text times (4 pi)^2 i^(l-l') (2 pi)^(gamma-1), (n, n) each; zero for odd l + l'.

    Examples
    --------
    >>> R, T, X = radial_integrals(5 / 3, 3, 2)
    >>> round(float(R[0, 0] / (4 * np.pi) ** 2 / (2 * np.pi) ** (2 / 3)), 12)
    0.029536316503
    """
    if not 1 < gamma < 2 * l_min - 1:
        raise InputError(f"gamma = {gamma:g}: the covariance of a power law without end exists for 1 < gamma < {2 * l_min - 1}")
    l = np.arange(l_min, l_max + 1)
    radial = mellin.derivative_products(gamma, l_max, l_min)
    across = mellin.products(gamma + 2.0, l_max, l_min)
    square = l * (l + 1.0)
    mixed = 0.5 * across * (gamma + 1.0 + np.subtract.outer(square, square) / (gamma + 2.0))
    return _with_phase(radial, gamma, l), _with_phase(across, gamma, l), _with_phase(mixed, gamma, l)


@lru_cache(maxsize=64)
def integrals_of_law(path, gamma: float, l_max: int, l_min: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """R, T and X as `radial_integrals` for any law: its responses f_l and g_l in place of j_l' and j_l/x.

    Panels of x double to 1 and are then 2.5 wide up to x = 3000; what the fixed path has beyond is 4e-7 of R
    for l = 10 and gamma = 5/3, 7e-6 for gamma = 1.2.

    Parameters
    ----------
    path : law
        With `response` and `transverse_response`.
    gamma, l_max, l_min
        As in `radial_integrals`.
    """
    x, weight, along, side = responses(path, l_max, l_min)
    pairs = (along, along), (side, side), (along, side)
    radial, across, mixed = (_sum_of_products(*pair, weight * x**-gamma, gamma, np.arange(l_min, l_max + 1)) for pair in pairs)
    return radial, across, mixed


def _sum_of_products(one, other, power, gamma: float, l: np.ndarray) -> np.ndarray:
    """int x^-gamma one_l(x) other_l'(x) dx as `radial_integrals` has it, (n, n): values (n, nodes), weights x^-gamma dx."""
    even = np.subtract.outer(l, l) % 2 == 0
    return _with_phase(np.where(even, (one * power) @ other.T, 0.0), gamma, l)


@lru_cache(maxsize=4)
def responses(path, l_max: int, l_min: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Nodes x and weights of the rule of `integrals_of_law`, (n,), and f_l, g_l at them, (l_max - l_min + 1, n)."""
    edges = np.concatenate([[0.0], 0.5 ** np.arange(60, 0, -1.0), np.arange(1.0, 3000.0, 2.5)])
    x, weight = (part.ravel() for part in place(edges, ORDER))
    along = path.response(1.0).direct(x, l_max)[l_min:]
    return x, weight, along, path.transverse_response(1.0).direct(x, l_max)[l_min:]


@lru_cache(maxsize=4)
def _outer(path, outer_scale: float, l_max: int, l_min: int) -> OuterScale:
    """The table, kept: each model of an inference asks for the same."""
    return OuterScale(outer_scale, *responses(path, l_max, l_min))


def _with_phase(part: np.ndarray, gamma: float, l: np.ndarray) -> np.ndarray:
    phase = np.where(np.subtract.outer(l, l) % 4 == 0, 1.0, -1.0)
    return part * phase * (4 * np.pi) ** 2 * (2 * np.pi) ** (gamma - 1)


def _product(one: np.ndarray, weight: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.matmul(one * weight, other.transpose(0, 2, 1))
