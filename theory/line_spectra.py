"""Two-sided spectra E(kappa) of the field-aligned velocity along a field line: all that parallel diffusion needs.

Each has `support` (where E is not zero), `breaks` (where E is not smooth) and `smooth_at_zero` (whether E is finite and
smooth at kappa = 0). What has a closed form gives it: the methods of `Line` answer None where only quadrature helps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from fluxtube.theory import checks, mellin
from fluxtube.theory.contracts import Spectrum
from fluxtube.theory.panels import legendre_rule, place
from fluxtube.theory.special import gamma as gamma_function

#: Wave numbers in any unit of length: neither w ~ k^-3 nor k^4 leaves double precision within.
UNBOUNDED = (1e-60, 1e75)

#: Ratio of the edges of a panel over which a spectrum is taken as smooth.
PANEL_RATIO = 2.2


class Line:
    """What a line spectrum answers where nothing is known in closed form."""

    @property
    def endless_index(self) -> float | None:
        """gamma of a power law without end, else None."""
        return None

    def closed_products(self, mean_free_path: float, l_max: int, l_min: int, transverse: bool = False) -> np.ndarray | None:
        """int_0^inf E R_l R_l' dkappa of one fixed free path [velocity^2], (n, n), or None."""
        return None

    def closed_squares(self, mean_free_path: float, l_max: int, l_min: int) -> np.ndarray | None:
        """Diagonal of `closed_products` for l_min >= 2, (n,), or None."""
        return None

    def closed_velocity_products(self, mean_free_path: float, l_max: int, l_min: int) -> np.ndarray | None:
        """int_0^inf E j_L(kappa lambda) j_L'(kappa lambda) dkappa [velocity^2], (n, n), or None."""
        return None

    def closed_structure(self, s: np.ndarray) -> np.ndarray | None:
        """int_0^inf E (1 - cos kappa s) dkappa [velocity^2], of the shape of s, or None."""
        return None

    def require_convergence(self, l_min: int, law=None) -> None:
        """Raise InputError if int E R_l R_l' of a free-path law is known to diverge for a degree from l_min on."""


@dataclass(frozen=True)
class PowerLawLine(Line):
    """E(kappa) = amplitude (|kappa|/pivot)^-index, without end.

    Examples
    --------
    >>> PowerLawLine(2.0, 1.0, 1.0)(np.array([-2.0])).tolist()
    [0.25]
    """

    index: float
    amplitude: float
    pivot: float

    support = (0.0, np.inf)
    breaks = ()
    smooth_at_zero = False

    def __call__(self, kappa):
        """E(kappa) [velocity^2 length]."""
        return self.amplitude * (np.abs(np.asarray(kappa, dtype=float)) / self.pivot) ** -self.index

    @property
    def endless_index(self) -> float:
        """gamma."""
        return self.index

    def closed_products(self, mean_free_path: float, l_max: int, l_min: int, transverse: bool = False) -> np.ndarray:
        """By Mellin transforms (`mellin.response_products`)."""
        unit = float(self(1.0 / mean_free_path)) / mean_free_path
        return unit * mellin.response_products(self.index, l_max, l_min, transverse, transverse)

    def closed_squares(self, mean_free_path: float, l_max: int, l_min: int) -> np.ndarray:
        """By Mellin transforms."""
        return float(self(1.0 / mean_free_path)) / mean_free_path * mellin.derivative_squares(self.index, l_max, l_min)

    def closed_velocity_products(self, mean_free_path: float, l_max: int, l_min: int) -> np.ndarray:
        """By Mellin transforms."""
        why = f"<c_L c_L'> of a power law without end converges only there for L >= {l_min}"
        checks.inside("gamma", self.index, -1.0, 2.0 * l_min + 1.0, why)
        return float(self(1.0 / mean_free_path)) / mean_free_path * mellin.products(self.index, l_max, l_min)

    def closed_structure(self, s: np.ndarray) -> np.ndarray:
        """E(1) K |s|^(index-1), K = pi / [2 Gamma(index) sin(pi (index-1)/2)]."""
        index = checks.inside("gamma", self.index, 1.0, 3.0, "D(s) of a power law without end is finite only there")
        constant = np.pi / (2.0 * gamma_function(index) * np.sin(0.5 * np.pi * (index - 1.0)))
        return float(self(1.0)) * constant * np.abs(s) ** (index - 1.0)

    def require_convergence(self, l_min: int, law=None) -> None:
        """Below l = 2 the response starts as kappa or kappa^2; its square is least convergent for l = 0 and 2."""
        steepest = 2.0 * l_min - 1.0 if l_min >= 2 else 3.0
        flattest = 1.0 if l_min <= 1 else -1.0
        if hasattr(law, "bounds"):
            flattest, steepest = law.bounds(l_min)
        why = f"<a_l a_l'> of a power law without end converges only there for l >= {l_min}; a band makes it finite"
        checks.inside("gamma", self.index, flattest, steepest, why)


@dataclass(frozen=True)
class BandedPowerLawLine(Line):
    """E(kappa) of w(k) = amplitude (k/pivot)^-gamma on [k_min, k_max] with a constant transverse fraction beta.

    E(kappa) = 1/2 int_q^k_max dk/k w(k) [beta/2 + (1 - 3 beta/2) kappa^2/k^2],   q = max(|kappa|, k_min)

    Examples
    --------
    >>> line = BandedPowerLawLine(5 / 3, 1.0, 1.0, 2 / 3, (0.1, 10.0))
    >>> total = (place(np.array([0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0]))[1] * line(
    ...     place(np.array([0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0]))[0])).sum() * 2
    >>> exact = (0.1 ** (-2 / 3) - 10 ** (-2 / 3)) * 1.5 / 3
    >>> bool(abs(total / exact - 1) < 1e-10)
    True
    """

    gamma: float
    amplitude: float
    pivot: float
    transverse_fraction: float
    band: tuple[float, float]

    smooth_at_zero = True

    @property
    def support(self) -> tuple[float, float]:
        """Zero to the band's upper end: waves across the field have no parallel wave number."""
        return 0.0, self.band[1]

    @property
    def breaks(self) -> tuple[float, ...]:
        """The band's ends."""
        return self.band

    def __call__(self, kappa):
        """E(kappa) [velocity^2 length]."""
        kappa = np.abs(np.asarray(kappa, dtype=float))
        low, high = self.band
        beta = self.transverse_fraction
        q = np.clip(kappa, low, high)
        first = _power_integral(q / self.pivot, high / self.pivot, self.gamma + 1.0)
        second = _power_integral(q / self.pivot, high / self.pivot, self.gamma + 3.0)
        bracket = 0.5 * beta * first + (1.0 - 1.5 * beta) * (kappa / self.pivot) ** 2 * second
        return np.where(kappa < high, 0.5 * self.amplitude * np.maximum(bracket, 0.0), 0.0)


def _power_integral(low, high, power):
    """int_low^high x^-power dx; at an infinite high, power > 1 is needed."""
    if power == 1.0:
        return np.log(high / low)
    if np.isinf(high):
        return low ** (1.0 - power) / (power - 1.0)
    return -(low ** (1.0 - power)) * np.expm1((1.0 - power) * np.log(high / low)) / (power - 1.0)


@dataclass(frozen=True)
class ProjectedLine(Line):
    """E(kappa) of any isotropic spectrum w(k) and transverse fraction beta(k), by quadrature.

    E(kappa) = 1/2 int_|kappa|^inf dk/k w(k) [beta/2 (1 - kappa^2/k^2) + (1 - beta) kappa^2/k^2]

    One pass over panels of k gives the integrals beyond each panel's end; each kappa then adds its own part of a panel.

    Parameters
    ----------
    spectrum : callable
        w(k) with `support` and `breaks`.
    transverse_fraction : callable
        beta(k) on arrays.
    band : (k_min, k_max) or None
        Where w is kept.
    pivot : float or None
        A wave number in the middle of what matters [1/length]; None if not known.
    """

    spectrum: Spectrum
    transverse_fraction: Callable[[Any], Any]
    band: tuple[float, float] | None
    pivot: float | None

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Where w(k) lives, within its reach."""
        low, high = self.spectrum.support
        if self.band is not None:
            low, high = max(low, self.band[0]), min(high, self.band[1])
        checks.inside("the spectrum's lowest wave number", low, -np.inf, high, "nothing is left in the band")
        return max(low, self.reach[0]), min(high, self.reach[1])

    @property
    def reach(self) -> tuple[float, float]:
        """1e-25 to 1e75 of the pivot; without one, all that any unit of length makes of a wave number."""
        return UNBOUNDED if self.pivot is None else (1e-25 * self.pivot, 1e75 * self.pivot)

    def _is_end(self, k: float) -> bool:
        """Whether w ends at k of `limits`, and not only its reach."""
        return 10.0 * self.reach[0] < k < 0.1 * self.reach[1]

    @property
    def support(self) -> tuple[float, float]:
        """Zero to the highest wave number."""
        high = self.limits[1]
        return 0.0, high if self._is_end(high) else np.inf

    @property
    def breaks(self) -> tuple[float, ...]:
        """Kinks of w and the ends of its support."""
        low, high = self.limits
        ends = [k for k in (low, high) if self._is_end(k)]
        return tuple(sorted({*ends, *(k for k in self.spectrum.breaks if low < k < high)}))

    @property
    def smooth_at_zero(self) -> bool:
        """True if w ends above zero or falls towards k = 0 (E is then finite and smooth there)."""
        low = self.limits[0]
        if self._is_end(low):
            return True
        with np.errstate(over="ignore"):
            first, second = (float(self.spectrum(np.array(k))) for k in (low, 10.0 * low))
        return np.isfinite(second) and first <= second

    @cached_property
    def _edges(self) -> np.ndarray:
        low, high = self.limits
        marks = [low, *(k for k in self.breaks if low < k < high), high]
        pieces = [
            np.geomspace(a, b, 2 + int(np.log(b / a) / np.log(PANEL_RATIO)))[:-1]
            for a, b in pairwise(marks)
        ]
        return np.concatenate([*pieces, [high]])

    @cached_property
    def _beyond(self) -> tuple[np.ndarray, np.ndarray]:
        """Integrals of the kappa^0 and kappa^2 parts from each panel edge to the end."""
        k, weights = place(self._edges)
        zero, two = self._parts(k)
        sums = [(weights * part).sum(axis=1) for part in (zero, two)]
        zero, two = (np.append(np.cumsum(part[::-1])[::-1], 0.0) for part in sums)
        return zero, two

    def _parts(self, k):
        w, beta = self.spectrum(k), self.transverse_fraction(k)
        with np.errstate(over="ignore"):  # far below any wave that counts
            return 0.25 * beta * w / k, 0.5 * (1.0 - 1.5 * beta) * w / k / k / k

    def __call__(self, kappa):
        """E(kappa) [velocity^2 length]."""
        kappa = np.abs(np.asarray(kappa, dtype=float))
        flat = kappa.ravel()
        low, high = self.limits
        q = np.clip(flat, low, high)
        panel = np.clip(np.searchsorted(self._edges, q, side="right") - 1, 0, len(self._edges) - 2)
        end = self._edges[panel + 1]
        u, g, _ = legendre_rule(16)
        half = 0.5 * (end - q)[:, None]
        k = q[:, None] + half * (1.0 + u)
        zero, two = self._parts(k)
        partial = (half * g * (zero + two * flat[:, None] ** 2)).sum(axis=1)
        whole = self._beyond[0][panel + 1] + self._beyond[1][panel + 1] * flat**2
        return np.where(flat < high, np.maximum(partial + whole, 0.0), 0.0).reshape(kappa.shape)


@dataclass(frozen=True)
class GivenLine(Line):
    """E(kappa) given as a function or table of |kappa|, on a band if asked for.

    Parameters
    ----------
    spectrum : callable
        E at |kappa| [velocity^2 length]; may carry `support` and `breaks`.
    band : (kappa_min, kappa_max) or None
        Where E is kept [1/length].
    """

    spectrum: Callable[[Any], Any]
    band: tuple[float, float] | None = None

    @property
    def support(self) -> tuple[float, float]:
        """Where E is kept."""
        low, high = getattr(self.spectrum, "support", (0.0, np.inf))
        return (low, high) if self.band is None else (max(low, self.band[0]), min(high, self.band[1]))

    @property
    def breaks(self) -> tuple[float, ...]:
        """Kinks of E."""
        low, high = self.support
        return tuple(k for k in sorted({low, high, *getattr(self.spectrum, "breaks", ())}) if 0 < k < np.inf and low <= k <= high)

    smooth_at_zero = False

    def __call__(self, kappa):
        """E(kappa) [velocity^2 length]."""
        kappa = np.abs(np.asarray(kappa, dtype=float))
        low, high = self.support
        with np.errstate(divide="ignore"):
            values = np.asarray(self.spectrum(kappa), dtype=float)
        return np.where((kappa >= low) & (kappa <= high), values, 0.0)


@dataclass(frozen=True)
class EmptyLine(Line):
    """E(kappa) = 0 for kappa != 0: waves that do not vary along the field.

    Examples
    --------
    >>> EmptyLine()(np.array([1.0])).tolist()
    [0.0]
    """

    support = (0.0, 0.0)
    breaks = ()
    smooth_at_zero = True

    def closed_products(self, mean_free_path: float, l_max: int, l_min: int, transverse: bool = False) -> np.ndarray:
        """Zeros."""
        return np.zeros((l_max - l_min + 1, l_max - l_min + 1))

    def closed_structure(self, s: np.ndarray) -> np.ndarray:
        """Zeros."""
        return np.zeros_like(s)

    def __call__(self, kappa):
        """Zero."""
        return np.zeros_like(np.asarray(kappa, dtype=float))
