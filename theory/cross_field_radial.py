"""Radial integrals of cross-field transport: products of two responses over the wave numbers, as seen at each cosine nu.

At the cosine nu a wave k is seen as x = k lambda s(nu), so that the integrals over k and nu share ONE table of responses over x:

    int dnu Q(nu) int dk w(k) R_l(k lambda s) R_l'(k lambda s)  =  sum_j Q(nu_j) sum_n M_jn R_l(x_n) R_l'(x_n).

Panels of x end nowhere in particular; where the spectrum ends or breaks, part of a panel is integrated with its own nodes,
on which the responses are interpolated and the spectrum is not.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fluxtube.theory.covariance_quadrature import response_products
from fluxtube.theory.isotropic_quadrature import WeightedSpectrum
from fluxtube.theory.panels import ORDER, legendre_rule, place

#: Width of a panel in x: products of two responses turn by 12 radians, which 24 nodes interpolate to 1e-12.
WIDTH = 6.0

#: Numbers in a table of weights over directions and x that is held at once.
LARGEST_TABLE = 4_000_000


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

    def add_part(self, rows: np.ndarray, panel: np.ndarray, low: np.ndarray, high: np.ndarray, weigh, total: np.ndarray) -> None:
        """Add to `total` the weights of int_low^high weigh(x, row) f dx within one panel a row, f interpolated on its nodes."""
        u, g, _ = legendre_rule(ORDER)
        half = 0.5 * (high - low)
        x = 0.5 * (high + low)[:, None] + half[:, None] * u
        left, width = self.edges[panel], 0.5 * np.diff(self.edges)[panel]
        inside = (x - left[:, None]) / width[:, None] - 1.0
        polynomials = np.polynomial.legendre.legvander(inside, ORDER - 1)
        own = np.polynomial.legendre.legvander(u, ORDER - 1) * (0.5 * (2 * np.arange(ORDER) + 1.0)) * g[:, None]
        weights = np.einsum("pri,rin->prn", weigh(x, rows) * (half[:, None] * g), polynomials) @ own.T
        columns = panel[:, None] * ORDER + np.arange(ORDER)
        np.add.at(total, (slice(None), rows[:, None], columns), weights)  # type: ignore[arg-type]  # numpy says nothing of slices


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


def finite_limits(turbulence, path: float) -> tuple[float, float] | None:
    """Wave numbers between which the spectrum can be tabulated; None if it has no ends.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> finite_limits(Turbulence.tabulated([1.0, 2.0, 4.0], [1.0, 2.0, 1.0], band=(1.5, 9.0)), 1.0)
    (1.5, 4.0)
    """
    low, high = turbulence.limits
    if low == 0.0 and turbulence.line.smooth_at_zero:
        low = 1e-8 / path  # w falls towards k = 0, and the responses with it
    return None if low == 0.0 or np.isinf(high) else (low, high)


def node_weights(turbulence, limits, path: float, directions, table: ResponseTable, phase: float) -> np.ndarray:
    """The weights M_jn of the module's text, (kinds, n_nu, n_x).

    One kind, w; two, (1-beta) w and beta w/2, for a beta(k); three, Alfvenic, pseudo-Alfvenic and compressive, for w(k, nu).

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> from fluxtube.theory.cross_field_angles import Directions
    >>> from fluxtube.theory.free_path import Fixed
    >>> flow, directions = Turbulence.power_law(2.0, 1.0, 2 * np.pi, 0.0, band=(1.0, 2.0)), Directions(1.0, 3)
    >>> table = ResponseTable.over(0.9, 2.1, Fixed(), (1.0, 1.0), 3)
    >>> m = node_weights(flow, (1.0, 2.0), 1.0, directions, table, 4.0)                  # int_1^2 k^-2 dk over all nu
    >>> round(float(m.sum()), 12)
    0.5
    """
    breaks = turbulence.breaks_of_k
    marks = np.array(sorted({*limits, *(k for k in breaks if limits[0] < k < limits[1])}))
    constant, axial = not callable(turbulence.transverse_fraction), turbulence.axial is not None
    kinds = 3 if axial else 1 if constant else 2
    rows = []
    step = max(1, LARGEST_TABLE // table.x.size)
    for nu, weight, transfer, fresh in _in_blocks(directions.fine(phase), step):
        s = path * directions.stretch(nu)

        def power(x, row, s=s, nu=nu):
            """w of each kind of waves, (1, 2 or 3, ...)."""
            k = np.clip(x / s[row][:, None], *limits)
            if axial:
                return turbulence.powers(k, nu[row][:, None])
            w = turbulence.energy_spectrum(k)[None]
            return w if constant else np.concatenate([w * (1.0 - turbulence.beta(k)), w * 0.5 * turbulence.beta(k)])

        part = (transfer * (weight / s)) @ _tabulated(marks, s, table, power, kinds)
        if fresh:
            rows.append(part)
        else:
            rows[-1] += part
    return np.concatenate(rows, axis=1)


def _in_blocks(panels, step: int):
    """The rules of `Directions.fine` in blocks of at most `step` nodes, and whether each is the first of its panel."""
    for nu, weight, transfer in panels:
        for start in range(0, nu.size, step):
            block = slice(start, start + step)
            yield nu[block], weight[block], transfer[:, block], start == 0


def _tabulated(marks, s, table, power, kinds):
    """Weights of int w(x/s) f(x) dx on the table's nodes for each s, (kinds, n_s, n_x), marks being the breaks of w."""
    edges, count = table.edges, len(table.edges) - 1
    total = np.zeros((kinds, s.size, table.x.size))
    whole = np.zeros((s.size, count), dtype=bool)
    every = np.arange(s.size)
    for low, high in pairwise(marks):
        start, stop = low * s, high * s
        first = np.clip(np.searchsorted(edges, start, side="right") - 1, 0, count - 1)
        last = np.clip(np.searchsorted(edges, stop, side="left") - 1, first, count - 1)
        panels = np.arange(count)
        whole |= (panels > first[:, None]) & (panels < last[:, None])
        table.add_part(every, first, start, np.minimum(stop, edges[first + 1]), power, total)
        more = last > first
        table.add_part(every[more], last[more], edges[last[more]], stop[more], power, total)
    used = np.repeat(whole.any(axis=0), ORDER)
    x = np.broadcast_to(table.x[used], (s.size, used.sum()))
    total[:, :, used] += np.where(np.repeat(whole, ORDER, axis=1)[:, used], power(x, every) * table.weight[used], 0.0)
    return total


def pointwise(turbulence, paths, directions, law, l_max: int, l_min: int, phase: float) -> np.ndarray:
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
                    w * _product(spectrum, law, [s * path for path in paths], kinds, l_max, l_min)
                    for s, w in zip(directions.stretch(nu), weight, strict=True)
                ]
                for kinds in ((0, 0), (0, 1), (1, 0), (1, 1))
            ]
            for spectrum in spectra
        ])  # fmt: skip
        rows.append(np.einsum("ji,pqiab->pqjab", transfer, values))
    return np.concatenate(rows, axis=2)


def _product(spectrum, law, paths, kinds, l_max, l_min):
    first, second = ((law.transverse_response if kind else law.response)(path) for kind, path in zip(kinds, paths, strict=True))
    return response_products(spectrum, first, second, l_max, l_min)
