"""Radial integrals of cross-field transport: products of two responses over the wave numbers, as seen at each cosine nu.

At the cosine nu a wave k is seen as x = k lambda s(nu), so that the integrals over k and nu share ONE table of responses over x:

    int dnu Q(nu) int dk w(k) R_l(k lambda s) R_l'(k lambda s)  =  sum_j Q(nu_j) sum_n M_jn R_l(x_n) R_l'(x_n).

Panels of x end nowhere in particular; where the spectrum does, part of a panel is integrated by the interpolating polynomial.
"""

from dataclasses import dataclass

import numpy as np

from fluxtube.theory.covariance_quadrature import response_products
from fluxtube.theory.isotropic_quadrature import WeightedSpectrum
from fluxtube.theory.panels import ORDER, legendre_rule, place

#: Width of a panel in x: products of two responses turn by 12 radians, which 24 nodes interpolate to 1e-12.
WIDTH = 6.0


@dataclass(frozen=True)
class ResponseTable:
    """Responses R_l and T_l of two free paths on the panels of x between two limits.

    Attributes
    ----------
    edges : (n + 1,) array
        Of the panels in x = k lambda s, lambda the first path.
    x, weight : (n ORDER,) arrays
    first, second : pairs of (l_max + 1, n ORDER) arrays
        Longitudinal and transverse responses of either path, less 1/3 for l = 1.
    """

    edges: np.ndarray
    x: np.ndarray
    weight: np.ndarray
    first: tuple[np.ndarray, np.ndarray]
    second: tuple[np.ndarray, np.ndarray]

    @classmethod
    def over(cls, low: float, high: float, law, paths, l_max: int) -> "ResponseTable":
        """The table that covers x from low to high."""
        down = max(0, int(np.ceil(np.log2(WIDTH / low))))
        start = WIDTH * np.floor(low / WIDTH) if low >= WIDTH else 0.0
        linear = WIDTH * np.arange(max(1.0, start / WIDTH), np.ceil(high / WIDTH) + 1.0)
        edges = np.concatenate([WIDTH * 0.5 ** np.arange(down, 0, -1.0), linear])
        edges = edges[: np.searchsorted(edges, high) + 1]
        x, weight = (part.ravel() for part in place(edges))
        tables = [_responses(law, path, x / paths[0], l_max) for path in dict.fromkeys(paths)]
        return cls(edges, x, weight, tables[0], tables[-1])

    def covers(self, low: float, high: float) -> bool:
        """Whether x from low to high lies within."""
        return self.edges[0] <= low and high <= self.edges[-1]

    def up_to(self, ends: np.ndarray) -> np.ndarray:
        """Weights of int_(first edge)^end f dx on the nodes, (m, n ORDER), for f that one panel interpolates."""
        panel = np.clip(np.searchsorted(self.edges, ends, side="right") - 1, 0, len(self.edges) - 2)
        weights = np.where(np.arange(len(self.edges) - 1) < panel[:, None], 1.0, 0.0)[:, :, None] * self.weight.reshape(-1, ORDER)
        half = 0.5 * np.diff(self.edges)[panel]
        u = np.clip((ends - self.edges[panel]) / half - 1.0, -1.0, 1.0)
        nodes, g, _ = legendre_rule(ORDER)
        polynomials = np.polynomial.legendre.legvander(u, ORDER)
        integrals = np.empty((ends.size, ORDER))
        integrals[:, 0] = u + 1.0
        integrals[:, 1:] = (polynomials[:, 2:] - polynomials[:, : ORDER - 1]) / (2.0 * np.arange(1, ORDER) + 1.0)
        project = np.polynomial.legendre.legvander(nodes, ORDER - 1) * (0.5 * (2 * np.arange(ORDER) + 1.0)) * g[:, None]
        weights[np.arange(ends.size), panel] = half[:, None] * (integrals @ project.T)
        return weights.reshape(ends.size, -1)


def _responses(law, path, k, l_max):
    """R_l and T_l of one path at wave numbers k; T_0, which no multipole needs, is zero."""
    pair = []
    for transverse, response in enumerate((law.response(path), law.transverse_response(path))):
        table = np.empty((l_max + 1, k.size))
        far = k >= (response.frequency_above(l_max) if hasattr(response, "amplitude") else np.inf)
        table[:, ~far] = response.direct(k[~far], l_max)
        if far.any():
            table[:, far] = (response.amplitude(k[far], l_max) * np.exp(1j * k[far] * response.frequency)).real
        if l_max >= 1:
            table[1] = response.less_its_start(table[1], k)
        if transverse:
            table[0] = 0.0
        pair.append(table)
    return tuple(pair)


def smooth_pieces(turbulence) -> list[tuple[float, float, object]] | None:
    """Stretches of the spectrum (low, high, w) whose w is smooth beyond its ends too; None where there are none, or no ends.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> [piece[:2] for piece in smooth_pieces(Turbulence.tabulated([1.0, 2.0, 4.0], [1.0, 2.0, 1.0], band=(1.5, 9.0)))]
    [(1.5, 2.0), (2.0, 4.0)]
    """
    low, high = turbulence.limits
    pieces = getattr(turbulence.spectrum, "pieces", None)
    if pieces is None or low <= 0.0 or np.isinf(high):
        return None
    cut = [(max(a, low), min(b, high), w) for a, b, w in pieces()]
    return [(a, b, w) for a, b, w in cut if a < b]


def node_weights(turbulence, pieces, path: float, directions, table: ResponseTable, phase: float) -> np.ndarray:
    """The weights M_jn of the module's text for longitudinal and transverse waves, (2, n_nu, n_x).

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> from fluxtube.theory.cross_field_angles import Directions
    >>> from fluxtube.theory.free_path import Fixed
    >>> flow, directions = Turbulence.power_law(2.0, 1.0, 2 * np.pi, 0.0, band=(1.0, 2.0)), Directions(1.0, 3)
    >>> table = ResponseTable.over(0.9, 2.1, Fixed(), (1.0, 1.0), 3)
    >>> m = node_weights(flow, smooth_pieces(flow), 1.0, directions, table, 4.0)          # int_1^2 k^-2 dk over all nu
    >>> round(float(m[0].sum()), 12), float(m[1].sum())
    (0.5, 0.0)
    """
    constant = not callable(turbulence.transverse_fraction)
    shares = 1 if constant else 2
    rows = [[] for _ in range(shares)]
    for nu, weight, transfer in directions.fine(phase):
        s = path * directions.stretch(nu)
        total = np.zeros((shares, nu.size, table.x.size))
        for low, high, spectrum in pieces:
            part = table.up_to(high * s) - table.up_to(low * s)
            used = part.any(axis=0)
            k = table.x[used] / s[:, None]
            values = part[:, used] * spectrum(k)
            if constant:
                total[0][:, used] += values
            else:
                beta = turbulence.beta(k)
                total[0][:, used] += values * (1.0 - beta)
                total[1][:, used] += values * (0.5 * beta)
        for row, part in zip(rows, total, strict=True):
            row.append((transfer * (weight / s)) @ part)
    m = np.array([np.concatenate(row) for row in rows])
    if constant:
        beta = turbulence.transverse_fraction
        m = m * np.array([1.0 - beta, 0.5 * beta])[:, None, None]
    return m


def pointwise(turbulence, paths, directions, law, l_min: int, l_max: int, phase: float) -> np.ndarray:
    """The same products for any spectrum, each cosine by `covariance_quadrature`: (2, 4, n_nu, n, n) of RR, RT, TR, TT.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> from fluxtube.theory.cross_field_angles import Directions
    >>> from fluxtube.theory.free_path import Fixed
    >>> flow, directions = Turbulence.isotropic(lambda k: np.exp(-k), band=(0.0, 3.0)), Directions(1.0, 2)
    >>> pointwise(flow, (1.0, 1.0), directions, Fixed(), 2, 2, 6.0).shape == (2, 4, 24 * (len(directions.edges()) - 1), 1, 1)
    True
    """
    spectra = [WeightedSpectrum(turbulence, transverse) for transverse in (False, True)]
    rows = []
    for nu, weight, transfer in directions.fine(phase):
        values = np.array([
            [
                [
                    w * _product(spectrum, law, [s * path for path in paths], kinds, l_min, l_max)
                    for s, w in zip(directions.stretch(nu), weight, strict=True)
                ]
                for kinds in ((0, 0), (0, 1), (1, 0), (1, 1))
            ]
            for spectrum in spectra
        ])  # fmt: skip
        rows.append(np.einsum("ji,pqiab->pqjab", transfer, values))
    return np.concatenate(rows, axis=2)


def _product(spectrum, law, paths, kinds, l_min, l_max):
    responses = [(law.transverse_response if kind else law.response)(path) for kind, path in zip(kinds, paths, strict=True)]
    return response_products(spectrum, *responses, l_min, l_max)
