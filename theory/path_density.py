"""A law of free paths given by its density alone: everything that theory and engine need of it, by quadrature.

With phi(y) = <e^(i y t)>, which is tabulated once,

    <j_l(x t)> = (-i)^l/2 int_-1^1 phi(x mu) P_l(mu) dmu,

and j_l', j_l/x follow from the recurrences of Bessel functions (Abramowitz & Stegun 1964, 10.1.14, 10.1.19, 10.1.20).
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory.bessel import derivative, spherical_bessel_anywhere
from fluxtube.theory.panels import legendre_rule, place
from fluxtube.theory.sky import legendre_polynomials

ORDER = 24  # Legendre polynomials in a panel of t
TERMS = 20  # Chebyshev polynomials in a panel of y
PHASE = 8.0  # radians of the longest path across the first panel of y
PHI_ENDS = 2e-14  # last coefficients of phi, of its largest value 1
NARROWEST_PHI = 1 / 16  # of the first panel, where rounding keeps a series from ending
PANELS_AT_ONCE = 64
RULES_KEPT = 48
FURTHEST = 1e4  # x up to which the waves of a law with an edge are followed
TAIL = 1e-12  # probability beyond `reach` where the law has no end
LONGEST = 1e4  # mean free paths; a law that goes further has no practical mean
NARROWEST = 1e-6  # panel of t over the longest path
SERIES_ENDS = 1e-13  # last coefficients over the largest
SMALL = 3e-3  # x below which moments are more accurate than quadrature, which is to 1e-16 of 1
CELLS = 2**14  # of the cumulative distribution


class PathDensity:
    """p(t) of t = path/(mean free path), from any function; it is brought to integral and mean 1.

    Parameters
    ----------
    density : callable
        p at arrays of t > 0, in any unit of p and t; bounded and not negative.
    support : (t_low, t_high)
        Where it is not zero; t_high may be infinite.
    breaks : tuple of float
        Where it or its derivatives jump.

    Raises
    ------
    InputError
        If it is negative, not finite, zero, or has too long a tail.

    Examples
    --------
    >>> law = PathDensity(lambda t: np.exp(-t))                            # exponential: <j_0(x t)> = arctan(x)/x
    >>> float(abs(law.velocity_response(1.0).direct(np.array([3.0]), 0)[0, 0] - np.arctan(3.0) / 3.0)) < 1e-9
    True
    """

    single = False
    steepening = None  # the slope at large l is its own

    def __init__(
        self, density: Callable, support: tuple[float, float] = (0.0, np.inf), breaks: tuple[float, ...] = (), name: str = ""
    ):
        self.name = name or getattr(density, "__name__", "density")
        self._given = density
        low, high = float(support[0]), float(support[1])
        if not 0 <= low < high:
            raise InputError(f"free-path law {self.name}: support {low:g} to {high:g} is not a range of paths")
        marks = sorted({low, *(float(at) for at in breaks if low < at < high), *([high] if np.isfinite(high) else [])})
        edges = self._panels(np.array(marks), bool(np.isfinite(high)))
        nodes, weights = place(edges, ORDER)
        p = self._at(nodes)
        norm, first = (weights * p).sum(), (weights * p * nodes).sum()
        mean = first / norm
        self._scale, self._norm = mean, norm
        self.edges = edges / mean
        self.marks = tuple(at / mean for at in marks if at > 0)  # where it may jump
        self.reach = float(self.edges[-1])
        self.coefficients = mean / norm * (p @ _projection().T)  # (panels, ORDER), of p in units of the mean
        self.smooth = not breaks and low == 0.0 and not np.isfinite(high)
        t, w = nodes / mean, weights * p / norm
        self.moments = tuple(float((w * t**n).sum()) for n in range(9))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PathDensity) and (self.name, self._given) == (other.name, other._given)

    def __hash__(self) -> int:
        return hash((self.name, self.reach))

    def __repr__(self) -> str:
        return f"PathDensity({self.name})"

    def _at(self, t: np.ndarray) -> np.ndarray:
        p = np.broadcast_to(np.asarray(self._given(t), dtype=float), t.shape)
        if not (np.isfinite(p).all() and (p >= 0).all()):
            raise InputError(f"free-path law {self.name}: p(t) is negative or not finite at t = {t[~(p >= 0)].ravel()[:1]}")
        return p

    def _panels(self, marks: np.ndarray, ends: bool) -> np.ndarray:
        """Edges of panels on each of which the density is a polynomial to rounding."""
        edges = list(marks) if len(marks) > 1 else [marks[0], marks[0] + 1.0]
        if not ends:
            total = 0.0
            while True:
                nodes, weights = place(self._refined(np.array(edges[-2:])), ORDER)
                share = float((weights * self._at(nodes)).sum())
                total += share
                if total > 0 and share < TAIL * total:
                    break
                if edges[-1] > LONGEST:
                    raise InputError(f"free-path law {self.name} has no end up to t = {LONGEST:g}; give it a support")
                edges.append(edges[-1] + max(1.0, (edges[-1] - edges[0]) / 4))
        result = self._refined(np.array(edges))
        nodes, weights = place(result, ORDER)
        share = (weights * self._at(nodes)).sum(axis=1)
        if not share.sum() > 0:
            raise InputError(f"free-path law {self.name}: p(t) is zero")
        if ends:
            return result
        beyond = np.cumsum(share[::-1])[::-1] - share  # each panel's end
        return result[: 2 + int(np.argmax(beyond < TAIL * share.sum()))]

    def _refined(self, edges: np.ndarray) -> np.ndarray:
        """Panels halved until their Legendre series end."""
        narrowest, largest = NARROWEST * edges[-1], 0.0
        while True:
            nodes, _ = place(edges, ORDER)
            series = np.abs(self._at(nodes) @ _projection().T)
            largest = max(largest, series.max(initial=0.0))
            rough = (series[:, -2:].max(axis=1) > SERIES_ENDS * largest) & (np.diff(edges) > narrowest)
            if not rough.any():
                return edges
            edges = np.sort(np.concatenate([edges, 0.5 * (edges[:-1] + edges[1:])[rough]]))

    def density(self, t: np.ndarray) -> np.ndarray:
        """p(t) with integral and mean 1; zero beyond `reach`."""
        t = np.asarray(t, dtype=float)
        inside = (t >= self.edges[0]) & (t <= self.reach)
        values = np.zeros(t.shape)
        values[inside] = self._at(t[inside] * self._scale) * self._scale / self._norm
        return values

    @cached_property
    def cumulative(self) -> np.ndarray:
        """Probability of a path below t at CELLS + 1 equidistant t from 0 to reach."""
        t = np.linspace(0.0, self.reach, CELLS + 1)
        marks = np.union1d(t, self.edges)
        nodes, weights = place(marks, 8)
        sums = np.concatenate([[0.0], np.cumsum((weights * self.density(nodes)).sum(axis=1))])
        return sums[np.searchsorted(marks, t)] / sums[-1]

    def quantiles(self, count: int) -> np.ndarray:
        """Paths that stand for equal shares of the particles, (count,)."""
        t = np.linspace(0.0, self.reach, CELLS + 1)
        return np.interp((np.arange(count) + 0.5) / count, self.cumulative, t)

    def characteristic(self, y: np.ndarray) -> np.ndarray:
        """phi(y) = <e^(i y t)> for y of any sign and shape: each panel's polynomials are integrated exactly."""
        y = np.asarray(y, dtype=float)
        flat = np.abs(y).ravel()
        total = np.zeros(flat.shape, dtype=complex)
        half = 0.5 * np.diff(self.edges)
        centre = 0.5 * (self.edges[1:] + self.edges[:-1])
        turns = 2.0 * 1j ** np.arange(ORDER)
        for width in np.unique(half.round(12)):
            own = np.flatnonzero(np.abs(half - width) < 1e-11 + 1e-9 * width)
            bessel = spherical_bessel_anywhere(half[own[0]] * flat, ORDER - 1)
            carriers = np.exp(1j * np.outer(centre[own], flat)) * half[own, None]
            total += np.einsum("jn,jn->n", turns[:, None] * bessel, self.coefficients[own].T @ carriers)
        return np.where(y < 0, total.conj().reshape(y.shape), total.reshape(y.shape))

    def response(self, mean_free_path: float) -> "DensityResponse":
        """<j_l'(kappa lambda t)>."""
        return DensityResponse(mean_free_path, self, "along")

    def transverse_response(self, mean_free_path: float) -> "DensityResponse":
        """<j_l(kappa lambda t)/(kappa lambda t)>."""
        return DensityResponse(mean_free_path, self, "across")

    def velocity_response(self, mean_free_path: float) -> "DensityResponse":
        """<j_l(kappa lambda t)>."""
        return DensityResponse(mean_free_path, self, "velocity")

    @cached_property
    def age(self) -> tuple["PathDensity", float]:
        """Law of the age of a path observed in flight, brought to mean 1, and the mean age <t^2>/2; density 1 - cumulative."""
        return PathDensity(self.beyond, (0.0, self.reach), self.marks, f"age of {self.name}"), 0.5 * self.moments[2]

    def beyond(self, t: np.ndarray) -> np.ndarray:
        """Probability of a path longer than t; each panel's polynomials are integrated exactly."""
        t = np.clip(np.asarray(t, dtype=float), self.edges[0], self.reach)
        half = 0.5 * np.diff(self.edges)
        after = np.append(np.cumsum((2.0 * half * self.coefficients[:, 0])[::-1])[::-1], 0.0)  # from each panel's start on
        panel = np.clip(np.searchsorted(self.edges, t, side="right") - 1, 0, half.size - 1)
        u = (t - self.edges[panel]) / half[panel] - 1.0
        legendre = np.polynomial.legendre.legvander(u, ORDER)
        # int_u^1 P_n = (P_(n-1) - P_(n+1))(u)/(2n+1), and 1 - u for n = 0.
        n = np.arange(1, ORDER)
        rest = (legendre[..., n - 1] - legendre[..., n + 1]) / (2 * n + 1)
        total = self.coefficients[panel, 0] * (1.0 - u) + (self.coefficients[panel, 1:] * rest).sum(axis=-1)
        return np.maximum(after[panel + 1] + half[panel] * total, 0.0) / after[0]

    def ages(self, x: np.ndarray, l_max: int) -> np.ndarray:
        """<j_l(x a)> over the age a of a path observed in flight, (l_max + 1, n)."""
        law, mean = self.age
        return law.bessel_means(mean * np.asarray(x, dtype=float), l_max)

    def _small(self, x: np.ndarray, l_max: int) -> np.ndarray:
        """<j_l(x t)> by the moments up to t^8: sum_n (-1)^n x^(l+2n) <t^(l+2n)>/(2^n n! (2l+2n+1)!!); zero for l > 8."""
        table = np.zeros((l_max + 1, x.size))
        for l in range(min(l_max, 8) + 1):
            term = np.ones(x.size) / np.prod(np.arange(1.0, 2 * l + 2, 2))
            for n in range((8 - l) // 2 + 1):
                table[l] += term * x**l * self.moments[l + 2 * n]
                term = -term * x * x / (2.0 * (n + 1) * (2 * l + 2 * n + 3))
        return table

    def bessel_means(self, x: np.ndarray, l_max: int) -> np.ndarray:
        """<j_l(x t)>, (l_max + 1, n), for x >= 0; zero beyond FURTHEST where the law has an edge (it is below 1/x^2 there)."""
        x = np.asarray(x, dtype=float)
        table = np.zeros((l_max + 1, x.size))
        small = x < SMALL
        if small.any():
            table[:, small] = self._small(x[small], l_max)
        octave = np.ceil(np.log2(np.maximum(x, 1.0))).astype(int)
        for power in np.unique(octave):
            largest = 2.0 ** int(power)
            here = np.flatnonzero((octave == power) & ~small & (self.smooth | (x <= FURTHEST)))
            if here.size == 0:
                continue
            mu, weighted = self._rule(largest, l_max)
            for some in np.array_split(here, max(1, here.size * mu.size // 2**20)):
                phi = self._phi(np.outer(x[some], mu))
                table[0::2, some] = weighted[0::2] @ phi.real.T
                table[1::2, some] = weighted[1::2] @ phi.imag.T
        return table

    @cached_property
    def _phi(self) -> "_Chebyshev":
        return _Chebyshev(self.characteristic, PHASE / self.reach)

    def _rule(self, largest: float, l_max: int) -> tuple[np.ndarray, np.ndarray]:
        """Nodes mu in (0, 1) for x up to `largest`, and (-1)^(l//2) P_l(mu) times their weights, (l_max + 1, n)."""
        rules = self.__dict__.setdefault("_rules", {})
        if (largest, l_max) not in rules:
            edges = self._phi.up_to(largest)
            marks = np.append(edges[edges < largest], largest) / largest
            uniform = np.linspace(0.0, 1.0, 2 + l_max // 20)
            mu, weights = (part.ravel() for part in place(np.union1d(marks, uniform), ORDER))
            sign = (-1.0) ** (np.arange(l_max + 1) // 2)
            rules[largest, l_max] = mu, sign[:, None] * legendre_polynomials(mu, l_max) * weights
            while len(rules) > RULES_KEPT:
                del rules[next(iter(rules))]
        return rules[largest, l_max]


class _Chebyshev:
    """A function of y >= 0 as Chebyshev series on panels as wide as it allows, made as far as it is asked for."""

    def __init__(self, function: Callable[[np.ndarray], np.ndarray], width: float):
        self.function, self.width = function, width
        self.edges, self.series = np.zeros(1), np.zeros((TERMS, 0), dtype=complex)
        angle = np.pi * (np.arange(TERMS) + 0.5) / TERMS
        self.points = 0.5 + 0.5 * np.cos(angle)
        self.transform = 2.0 / TERMS * np.cos(np.outer(np.arange(TERMS), angle))
        self.transform[0] /= 2.0

    def up_to(self, largest: float) -> np.ndarray:
        """Edges of the panels, at least as far as that."""
        edges, series, width = list(self.edges), [self.series], self.width
        while edges[-1] < largest:
            narrow = PANELS_AT_ONCE if width < 0.25 * (edges[-1] + 1e-300) else 1  # many of one width, or one wider than the last
            starts = edges[-1] + width * np.arange(narrow)
            parts = self.transform @ self.function(starts[:, None] + width * self.points).T
            good = np.abs(parts[-2:]).max(axis=0) <= PHI_ENDS
            count = narrow if good.all() else int(np.argmin(good))
            if count == 0 and width > NARROWEST_PHI * self.width:
                width /= 2.0
                continue
            count = max(count, 1)
            edges.extend(starts[:count] + width)
            series.append(parts[:, :count])
            if count == narrow and width < 0.5 * edges[-1]:
                width *= 2.0
        self.edges, self.series, self.width = np.array(edges), np.concatenate(series, axis=1), width
        return self.edges

    def __call__(self, y: np.ndarray) -> np.ndarray:
        self.up_to(float(y.max(initial=0.0)) * (1.0 + 1e-12))
        panel = np.clip(np.searchsorted(self.edges, y, side="right") - 1, 0, self.series.shape[1] - 1)
        low = self.edges[panel]
        u = 2.0 * (y - low) / (self.edges[panel + 1] - low) - 1.0
        one = two = np.zeros(y.shape, dtype=complex)
        for term in range(TERMS - 1, 0, -1):
            one, two = self.series[term][panel] + 2.0 * u * one - two, one
        return self.series[0][panel] + u * one - two


def _projection() -> np.ndarray:
    """Legendre coefficients from values at the nodes, (ORDER, ORDER)."""
    nodes, weights, _ = legendre_rule(ORDER)
    n = np.arange(ORDER)
    return (n[:, None] + 0.5) * np.polynomial.legendre.legvander(nodes, ORDER - 1).T * weights


class DensityResponse:
    """The average of a Bessel function over a `PathDensity`: "along" j_l', "across" j_l/x, "velocity" j_l.

    Parameters
    ----------
    mean_free_path : float
        lambda [length].
    law : PathDensity
    part : str
    """

    def __init__(self, mean_free_path: float, law: PathDensity, part: str):
        self.mean_free_path, self.law, self.part = mean_free_path, law, part

    def frequency_above(self, l_max: int) -> float:
        """Nowhere is a carrier split off."""
        return np.inf

    def widest_panel(self, kappa: float, l_max: int) -> float:
        """Radians that a panel may span until the spread of paths has damped the waves; then in proportion to kappa."""
        x, spread = kappa * self.mean_free_path, np.sqrt(max(self.law.moments[2] - 1.0, 1e-12))
        damped = 9.0 / spread if self.law.smooth else max(9.0 / spread, 300.0)
        return (9.0 if x < damped else max(9.0, 4.0 * x * min(spread, 1.0))) / self.mean_free_path

    def direct(self, kappa: np.ndarray, l_max: int) -> np.ndarray:
        """The response, (l_max + 1, n)."""
        x = np.asarray(kappa, dtype=float) * self.mean_free_path
        if self.part == "velocity":
            return self.law.bessel_means(x, l_max)
        table = self.law.bessel_means(x, l_max + 1)
        if self.part == "along":
            return derivative(table)
        l = np.arange(1, l_max + 1)[:, None]
        return np.concatenate([np.zeros((1, x.size)), (table[:-2] + table[2:]) / (2 * l + 1)])

    def less_its_start(self, values: np.ndarray, kappa: np.ndarray) -> np.ndarray:
        """Given the response of l = 1, the same less 1/3 without cancellation at small arguments."""
        x = np.asarray(kappa, dtype=float) * self.mean_free_path
        powers = (30.0, 840.0, 45360.0) if self.part == "across" else (10.0, 168.0, 6480.0)
        signs, z = (-1.0, 1.0, -1.0), np.minimum(x, 0.01) ** 2
        series = sum(s * self.law.moments[2 * n] * z**n / p for n, (s, p) in enumerate(zip(signs, powers, strict=True), start=1))
        return np.where(x < 0.01, series, values - 1.0 / 3.0)
