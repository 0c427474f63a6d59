"""The covariance that cross-field transport must have: exact for any weights eps, eta between parallel and isotropic diffusion.

With displacement lambda (eps p_perp + p_par) and convection by eta u_perp + u_par, Delta f/f is

    (dln f/dln p)/v  p.D_eta [u(lambda D_eps p) - u(0)],    D_c = diag(c, c, 1).

A plane wave k is then seen as the plane wave y = lambda D_eps k with amplitude D_eta A, by isotropic diffusion:

    int p.A e^(i y.p) Y*_lm(p) dOmega = 4 pi i^(l-1) A.grad_y [j_l(y) Y*_lm(y^)]        (l = 1: less A.grad_y [y Y*_1m(y^)]/3)

and an average over Eq. 6 of Zhang & Liu (2025), with k^ at the polar angle arccos nu, gives every <a_lm a_l'm>. For a power law
without end k scales out, and with s(nu) = |D_eps k^|

    C_l = (slope/v)^2 4 pi w(1/lambda)/lambda [ I_L int x^-gamma j_l'^2 dx + I_T/2 l(l+1) int x^(-gamma-2) j_l^2 dx ],
    I_L = int_0^1 s^(gamma-1) y^.M.y^ dnu,   I_L + I_T = int_0^1 s^(gamma-1) tr M dnu,
    M = D_eta [ (1-beta) k^k^ + beta/2 (1 - k^k^) ] D_eta.

The two integrals over x are those of isotropic diffusion, both ~ l^(-gamma-1): neither eps nor eta changes the slope.
`models.Model` is the way in for a single covariance, `CrossFieldTables` for many.
"""

import numpy as np
from threadpoolctl import threadpool_limits

from fluxtube.theory import checks, mellin, parallel
from fluxtube.theory.covariance_quadrature import response_products
from fluxtube.theory.cross_field_angles import Directions, harmonics
from fluxtube.theory.cross_field_radial import ResponseTable, finite_limits, node_weights, pointwise
from fluxtube.theory.free_path import law
from fluxtube.theory.line_spectra import PowerLawLine
from fluxtube.theory.panels import place

#: Numbers in a temporary product of responses and weights.
LARGEST_PRODUCT = 4_000_000


class CrossFieldTables:
    """<a_lm a_l'm> of one free-path law, mean free path and range of degrees, for many turbulences and weights.

    The responses are tabulated once; each further covariance costs matrix products alone. What a likelihood changes from call to
    call, the spectrum and its band, eps and eta, it may change. All orders of a band to k lambda = 300 take some 0.03 s for
    l_max = 14 and 0.4 s for l_max = 50 on one core.

    Parameters
    ----------
    mean_free_path : float
        lambda [length].
    l_max, l_min : int
        Range of degrees, l_min >= 1.
    free_path : str or law
        As in `theory.parallel.multipole_covariance`.
    other_mean_free_path : float, optional
        lambda' of the column's multipole [length].

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> tables = CrossFieldTables(1.0, 6)
    >>> for gamma in (1.5, 5 / 3):
    ...     flow = Turbulence.power_law(gamma, 23.0, 1.0, band=(1e-2, 30.0))
    ...     blocks = tables.covariance(flow, displacement=0.3, convection=0.6, orders=[0, 1, 2])
    >>> blocks.shape
    (3, 5, 5)
    """

    def __init__(self, mean_free_path, l_max, l_min=2, free_path="fixed", other_mean_free_path=None):
        first = checks.positive("mean_free_path", mean_free_path)
        second = first if other_mean_free_path is None else checks.positive("other_mean_free_path", other_mean_free_path)
        self.l_max, self.l_min = checks.degrees(l_max, l_min, least=1)
        self.law = law(free_path)
        self.crossed = second > first  # the table's x is that of the longer path
        self.paths = (second, first) if self.crossed else (first, second)
        self._table = None

    @threadpool_limits.wrap(limits=1, user_api="blas")  # products this small only lose by threads
    def covariance(self, turbulence, displacement, convection, orders=(0,)) -> np.ndarray:
        """<a_lm a_l'm>, (n_m, n, n) [velocity^2], n = l_max - l_min + 1; zero for odd l + l' and for l < |m|."""
        turbulence.require_vectors("transport across the field")
        if displacement == 0.0:
            first, second = self.paths[::-1] if self.crossed else self.paths
            other = None if first == second else second
            return without_displacement(turbulence, first, convection, self.l_max, self.l_min, orders, self.law, other)
        orders = np.abs(np.atleast_1d(np.asarray(orders)))
        eps = checks.inside("displacement_perpendicular", displacement, 0.0, 1.0 + 1e-15)
        directions = Directions(eps, self.l_max, turbulence.cosines)
        nu, _ = place(directions.edges())
        nu = nu.ravel()
        shares = directions.shares(nu, checks.fraction("convection_perpendicular", convection))
        top = min(int(orders.max()), self.l_max)
        value, slope, turn = (part[:, :, self.l_min :] for part in harmonics(directions.polar_angle(nu), self.l_max, top))
        products = self._products(turbulence, directions)
        n = self.l_max - self.l_min + 1
        blocks = np.zeros((top + 1, n, n))
        for parity in (0, 1):
            rows = slice(parity, None, 2)
            v, s, t = value[:, :, rows], slope[:, :, rows], turn[:, :, rows]
            one, mixed, other, two = products(rows)
            rr, rt, tt, pp = _mixed(turbulence, shares, len(one))
            along, both, swapped = (
                np.einsum("pj,pjab->jab", weight, part) for weight, part in ((rr, one), (rt, mixed), (rt, other))
            )
            tangential, azimuthal = (np.einsum("pj,pjab->jab", weight, two) for weight in (tt, pp))
            for m in range(top + 1):
                seen = along * v[m][:, None, :] + both * s[m][:, None, :]
                block = np.einsum("jab,ja->ab", seen, v[m])
                np.multiply(swapped, v[m][:, None, :], out=seen)
                seen += tangential * s[m][:, None, :]
                block += np.einsum("jab,ja->ab", seen, s[m])
                if m:
                    block += np.einsum("jab,ja->ab", azimuthal * t[m][:, None, :], t[m])
                blocks[m, rows, rows] = block
        degrees = np.arange(n)
        difference = degrees[:, None] - degrees
        blocks *= (4 * np.pi) ** 2 * np.where(difference % 2, 0, 1 - difference % 4)  # i^(l-l')
        chosen = np.where((orders <= top)[:, None, None], blocks[np.minimum(orders, top)], 0.0)
        return chosen.transpose(0, 2, 1) if self.crossed else chosen

    @threadpool_limits.wrap(limits=1, user_api="blas")
    def power(self, turbulence, displacement, convection) -> np.ndarray:
        """Mean variance of the 2 l + 1 orders, (n,) [velocity^2]: by the addition theorem no order is summed."""
        turbulence.require_vectors("transport across the field")
        if displacement == 0.0:
            variance = np.einsum("mll->ml", self.covariance(turbulence, 0.0, convection, (0, 1)))
            return (variance[0] + 2.0 * variance[1]) / (2.0 * np.arange(self.l_min, self.l_max + 1) + 1.0)
        eps = checks.inside("displacement_perpendicular", displacement, 0.0, 1.0 + 1e-15)
        directions = Directions(eps, 2, turbulence.cosines)
        nu = place(directions.edges())[0].ravel()
        shares = directions.shares(nu, checks.fraction("convection_perpendicular", convection))
        l = np.arange(self.l_min, self.l_max + 1)
        along, across = self._squares(turbulence, directions)
        rr, _, tt, pp = _mixed(turbulence, shares, len(along))
        return 4 * np.pi * (
            np.einsum("pj,pjl->l", rr, along) + 0.5 * l * (l + 1) * np.einsum("pj,pjl->l", tt + pp, across)
        )

    def _products(self, turbulence, directions):
        """Function of rows to the products RR, RT, TR, TT of two responses, (1 or 2, n_nu, n, n) each: see `_mixed`."""
        if turbulence.scale_free:
            weights = self._weights_without_end(turbulence, directions)
            matrices = [
                self._products_without_end(turbulence, first, second) for first in (False, True) for second in (False, True)
            ]
            return lambda rows: [weights[:, :, None, None] * matrix[rows, rows] for matrix in matrices]
        limits = finite_limits(turbulence, self.paths[0])
        if limits is None:
            whole = pointwise(turbulence, self.paths, directions, self.law, self.l_max, self.l_min, self._phase(turbulence))
            return lambda rows: whole.swapaxes(0, 1)[:, :, :, rows, rows]
        table, m = self._node_weights(turbulence, directions, limits)
        same = self.paths[0] == self.paths[1]

        def products(rows):
            (r1, t1), (r2, t2) = ([part[self.l_min :][rows] for part in pair] for pair in (table.first, table.second))
            step = max(1, LARGEST_PRODUCT // max(r1.size * len(m), 1))
            parts = []
            for start in range(0, m.shape[1], step):
                chosen = m[:, start : start + step, None, :]
                along, across = r1 * chosen, t1 * chosen
                mixed = along @ t2.T
                parts.append((along @ r2.T, mixed, mixed.swapaxes(2, 3) if same else across @ r2.T, across @ t2.T))
            return [np.concatenate(part, axis=1) for part in zip(*parts, strict=True)]

        return products

    def _squares(self, turbulence, directions):
        """Diagonals of RR and TT, (1 or 2, n_nu, n)."""
        if turbulence.scale_free:
            weights = self._weights_without_end(turbulence, directions)
            return [weights[:, :, None] * self._squares_without_end(turbulence, kind) for kind in (False, True)]
        limits = finite_limits(turbulence, self.paths[0])
        if limits is None:
            one, _, _, two = self._products(turbulence, directions)(slice(None))
            return [np.einsum("pjaa->pja", part) for part in (one, two)]
        table, m = self._node_weights(turbulence, directions, limits)
        return [m @ (table.first[kind] * table.second[kind])[self.l_min :].T for kind in (0, 1)]

    def _node_weights(self, turbulence, directions, limits):
        nu = np.concatenate([part[0] for part in directions.fine(self._phase(turbulence))])
        low, high = (limit * self.paths[0] for limit in limits)
        low, high = low * float(directions.stretch(nu.min())), high
        if self._table is None or not self._table.covers(low, high):
            old = [] if self._table is None else [self._table.edges[0], self._table.edges[-1]]
            self._table = ResponseTable.over(min([low, *old]), max([high, *old]), self.law, self.paths, self.l_max)
        return self._table, node_weights(turbulence, limits, self.paths[0], directions, self._table, self._phase(turbulence))

    def _phase(self, turbulence) -> float:
        """Radians that the products of responses turn by in a unit of s."""
        reach = turbulence.limits[1] * self.paths[0]
        return 2.0 * reach if np.isfinite(reach) else 0.0

    def _weights_without_end(self, turbulence, directions):
        nu, weight = (part.ravel() for part in place(directions.edges()))
        unit = float(turbulence.spectrum(1.0 / self.paths[0])) / self.paths[0]
        return (unit * weight * directions.stretch(nu) ** (turbulence.spectrum.gamma - 1.0))[None]

    def _squares_without_end(self, turbulence, transverse: bool):
        """Diagonal of the next."""
        if self.l_min < 2 or self.paths[0] != self.paths[1] or not self.law.single:
            return np.diag(self._products_without_end(turbulence, transverse, transverse))
        gamma = self._converging(turbulence)
        if transverse:
            return mellin.squares(gamma + 2.0, self.l_max, self.l_min)
        return mellin.derivative_squares(gamma, self.l_max, self.l_min)

    def _converging(self, turbulence) -> float:
        low, high = (-1.0, 2.0 * self.l_min - 1.0) if self.l_min >= 2 else (1.0, 3.0)
        why = "<a_l a_l'> of a power law without end converges only there"
        return checks.inside("gamma", turbulence.spectrum.gamma, low, high, why)

    def _products_without_end(self, turbulence, first: bool, second: bool):
        """int x^-gamma of two responses, x = k lambda of the longer path."""
        gamma, (one, other) = self._converging(turbulence), self.paths
        if one == other and self.law.single:
            return mellin.response_products(gamma, self.l_max, self.l_min, first, second)
        one_response, other_response = (
            (self.law.transverse_response if transverse else self.law.response)(path / one)
            for transverse, path in ((first, one), (second, other))
        )
        return response_products(PowerLawLine(gamma, 1.0, 1.0), one_response, other_response, self.l_max, self.l_min)


def without_displacement(
    turbulence, mean_free_path, convection, l_max, l_min=2, orders=(0,), free_path="fixed", other_mean_free_path=None
) -> np.ndarray:
    """<a_lm a_l'm> of eps = 0: particles stay on the line, and no order but m = 0 and, for eta > 0, m = +-1 is seen.

    Parameters
    ----------
    turbulence, mean_free_path, convection, l_max, l_min, orders, free_path, other_mean_free_path
        As in `multipole_covariance`; l_min may be 0, and for eta = 0 the turbulence known along the field alone.

    Returns
    -------
    (n_m, n, n)
        [velocity^2].

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> blocks = without_displacement(Turbulence.power_law(5 / 3, 23.0, 10.0), 10.0, 1.0, 3, orders=[0, 1, 2])
    >>> [bool(block.any()) for block in blocks]
    [True, True, False]
    """
    orders = np.abs(np.atleast_1d(np.asarray(orders)))
    where = (turbulence, mean_free_path, l_max, l_min, free_path, other_mean_free_path)
    blocks = np.zeros((orders.size, l_max - l_min + 1, l_max - l_min + 1))
    if (orders == 0).any():
        blocks[orders == 0] = parallel.covariance(*where)
    if convection > 0.0 and (orders == 1).any():
        blocks[orders == 1] = convection**2 * parallel.across_covariance(*where)
    return blocks


def _mixed(turbulence, shares, kinds: int):
    """Shares of the kinds of waves: as they are where their power is in the radial part, mixed if beta is a number."""
    if kinds == 2:
        return shares
    if kinds == 3:  # Alfvenic, pseudo-Alfvenic, compressive: only the first turns about B
        rr, rt, tt, pp = shares
        none = np.zeros_like(rr[0])
        return [*(np.array([none, part[1], part[0]]) for part in (rr, rt, tt)), np.array([pp[1], none, none])]
    beta = turbulence.transverse_fraction
    return [((1.0 - beta) * share[0] + 0.5 * beta * share[1])[None] for share in shares]


def multipole_covariance(
    turbulence,
    mean_free_path,
    displacement,
    convection,
    l_max,
    l_min=2,
    orders=(0,),
    free_path="fixed",
    other_mean_free_path=None,
) -> np.ndarray:
    """Covariance <a_lm a_l'm> of the convective multipoles of cross-field transport with eps > 0.

    Parameters
    ----------
    turbulence : Turbulence
        Isotropic.
    mean_free_path : float
        lambda [length].
    displacement, convection : float
        eps in (0, 1], eta in [0, 1].
    l_max, l_min : int
        Range of degrees, l_min >= 1.
    orders : (n_m,) ints
        Orders m of the real spherical harmonics.
    free_path : str or law
        As in `theory.parallel.multipole_covariance`.
    other_mean_free_path : float, optional
        lambda' of the column's multipole [length].

    Returns
    -------
    (n_m, n, n)
        [velocity^2], n = l_max - l_min + 1; zero for l < |m|.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0, band=(1e-3, 1.0))
    >>> one, two = multipole_covariance(flow, 10.0, 1.0, 1.0, 3, orders=[0, 2])[:, 0, 0]
    >>> round(float(one / two), 9)                                                        # isotropic: all orders alike
    1.0
    """
    tables = CrossFieldTables(mean_free_path, l_max, l_min, free_path, other_mean_free_path)
    return tables.covariance(turbulence, displacement, convection, orders)


def power(
    turbulence, mean_free_path, displacement, convection, l_max, l_min=2, free_path="fixed", other_mean_free_path=None
) -> np.ndarray:
    """Mean variance of the 2 l + 1 orders of cross-field transport with eps > 0, (n,) [velocity^2].

    Parameters
    ----------
    turbulence, mean_free_path, displacement, convection, l_max, l_min, free_path, other_mean_free_path
        As in `multipole_covariance`.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence, isotropic
    >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0)
    >>> ends = power(flow, 10.0, 1.0, 1.0, 3), isotropic.angular_power_spectrum(flow, 10.0, 3, 1.0, 1.0)
    >>> bool(np.allclose(*ends, rtol=1e-12))
    True
    """
    tables = CrossFieldTables(mean_free_path, l_max, l_min, free_path, other_mean_free_path)
    return tables.power(turbulence, displacement, convection)


def shares(gamma: float, beta: float, displacement: float, convection: float) -> tuple[float, float]:
    """I_L and I_T of the module's text: 1/(gamma+2) [1-beta+beta/gamma] and 0 for parallel, 1-beta and beta for isotropic.

    Examples
    --------
    >>> radial, across = shares(5 / 3, 2 / 3, 1.0, 1.0)
    >>> round(radial, 12), round(across, 12)
    (0.333333333333, 0.666666666667)
    """
    directions = Directions(max(displacement, 1e-300), 2)
    nu, weight = (part.ravel() for part in place(np.concatenate([[0.0], 0.5 ** np.arange(24, -1, -1.0)])))
    rr, _, tt, pp = directions.shares(nu, convection)
    power = weight * directions.stretch(nu) ** (gamma - 1) * np.array([1 - beta, beta / 2])[:, None]
    return float((power * rr).sum()), float((power * (tt + pp)).sum())
