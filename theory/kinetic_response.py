"""The response K_l = <j_l'> - R <j_l> of a steady state, stable where its terms cancel, split into waves where it oscillates."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from fluxtube.theory.contracts import Response

SMALL = 0.5  # kappa lambda below which 1 - <j_0> is summed from the higher degrees
TERMS = 24  # degrees of that sum
WAVES_FROM = 250.0  # kappa lambda beyond which R is two waves: what is left out is smaller by its square


def one_less_zero(table: np.ndarray) -> np.ndarray:
    """1 - <j_0> = sum_(n>=1) c_n <j_2n>, c_n = (4n+1)/(2n) prod_(i<n) (2i+1)/(2i), without cancellation at small arguments.

    The recurrence of int_0^x j_l, started at 1 - j_0(x) = int_0^x j_1; true of any average. Here up to the table's end.

    Examples
    --------
    >>> from fluxtube.theory.bessel import spherical_bessel
    >>> x = np.array([0.4])
    >>> bool(np.isclose(one_less_zero(spherical_bessel(x, 24))[0], 1.0 - np.sin(0.4) / 0.4, rtol=1e-14))
    True
    """
    return _coefficients(len(table)) @ table[2::2]


def _coefficients(degrees: int) -> np.ndarray:
    n = np.arange(1, (degrees - 1) // 2 + 1)
    growth = np.concatenate([[1.0], np.cumprod((2.0 * n[:-1] + 1.0) / (2.0 * n[:-1]))])
    return growth * (4.0 * n + 1.0) / (2.0 * n)


def compression(ends, kappa: np.ndarray) -> np.ndarray:
    """R = <j_1>/(1 - <j_0>), (n,): amplitude of the isotropic part of f over that of the velocity, a quarter of a wave behind.

    Parameters
    ----------
    ends : response
        <j_l> over whole paths.
    kappa : (n,) array
        Above zero [1/length].

    Examples
    --------
    >>> from fluxtube.theory.free_path import Erlang, Fixed
    >>> bool(np.isclose(compression(Fixed().velocity_response(1.0), np.array([1e-5]))[0], 2e5))
    True
    >>> bool(np.isclose(compression(Erlang(1).velocity_response(1.0), np.array([3.0]))[0], 1 / 3))
    True
    """
    result = np.empty(kappa.size)
    small = kappa * ends.mean_free_path < SMALL
    if small.any():
        table = ends.direct(kappa[small], TERMS)
        with np.errstate(divide="ignore", invalid="ignore"):
            result[small] = table[1] / one_less_zero(table)
    if not small.all():
        zero, one = ends.first_two(kappa[~small]) if hasattr(ends, "first_two") else ends.direct(kappa[~small], 1)
        result[~small] = one / (1.0 - zero)
    return result


@dataclass(frozen=True)
class SteadyResponse:
    """K_l of one mean free path.

    Parameters
    ----------
    along, average : responses
        <j_l'> and <j_l> where particles are observed.
    ends : response
        <j_l> over whole paths.
    in_flight : bool
        Particles are observed in flight.
    """

    along: Response
    average: Response
    ends: Any
    in_flight: bool

    @property
    def mean_free_path(self) -> float:
        """lambda [length]."""
        return self.along.mean_free_path

    @property
    def frequency(self) -> float:
        """Frequency in kappa of the first wave [length]."""
        return self.mean_free_path

    def frequency_above(self, l_max: int) -> float:
        """kappa beyond which the response is split into waves [1/length]."""
        return max(self.along.frequency_above(l_max), WAVES_FROM / self.mean_free_path)

    def widest_panel(self, kappa: float, l_max: int) -> float:
        """As without density response; up to the split products of four waves are followed, so half as wide [1/length]."""
        widest = self.along.widest_panel(kappa, l_max)
        if kappa >= self.frequency_above(l_max):
            return widest
        return 0.5 * min(widest, 9.0 / self.mean_free_path) if np.isfinite(self.frequency_above(l_max)) else 0.5 * widest

    def powers(self, l_max: int, l_min: int) -> np.ndarray:
        """Powers of kappa with which K_l starts: l = 2 gains two at the ends of paths; K_1 is a constant there."""
        l = np.arange(l_min, l_max + 1.0)
        low = {0: 2.0, 1: 0.0, 2: 1.0 if self.in_flight else 3.0}
        return np.array([low.get(int(degree), degree - 1.0) for degree in l])

    def direct(self, kappa: np.ndarray, l_max: int) -> np.ndarray:
        """K_l, (l_max + 1, n); the monopole less that of the observer's own isotropic part."""
        average, ratio = self.average.direct(kappa, l_max), compression(self.ends, kappa)
        table = self.along.direct(kappa, l_max) - ratio * average
        if self.in_flight:  # the flux of particles is the same everywhere: no dipole is left
            table[1:2] = 0.0
            table[0] += ratio
            return table
        table[0] = 0.0  # the mean over directions is the isotropic part
        small = kappa * self.mean_free_path < SMALL
        if l_max >= 2 and small.any():
            table[2, small] = self._quadrupole(kappa[small])
        return table

    def _quadrupole(self, kappa: np.ndarray) -> np.ndarray:
        """K_2 where its leading terms cancel: <j_2>/(1 - <j_0>) = (2/5)/(1 + q) and K_2 = (2/5) <j_1> q/(1+q) - (3/5) <j_3>."""
        table = self.ends.direct(kappa, TERMS)
        rest = _coefficients(len(table))[1:] @ table[4::2]
        with np.errstate(divide="ignore", invalid="ignore"):
            q = np.where(table[2] > 0.0, 0.4 * rest / table[2], 0.0)
        return 0.4 * table[1] * q / (1.0 + q) - 0.6 * table[3]

    def harmonics(self, kappa: np.ndarray, l_max: int) -> dict[int, np.ndarray]:
        """{h: A_h} such that K_l = sum_h Re[A_h e^(i h kappa lambda)], (l_max + 1, n) each, kappa above `frequency_above`.

        R = <j_1> (1 + <j_0> + ...) has the waves 0, 1 and 2.
        """
        first = self.ends.amplitude(kappa, 1)
        series = {1: first[1], 0: 0.5 * first[1] * first[0].conj(), 2: 0.5 * first[1] * first[0]}
        parts = {h: np.array(part, dtype=complex) for h, part in waves_of(self.along, kappa, l_max).items()}
        for p, ratio in series.items():
            for q, average in waves_of(self.average, kappa, l_max).items():
                for h, part in _product(p, ratio, q, average):
                    parts[h] = parts[h] - part if h in parts else -part
        for part in parts.values():
            if self.in_flight:
                part[1:2] = 0.0
            else:
                part[0] = 0.0
        if self.in_flight:
            for p, ratio in series.items():
                parts[p][0] += ratio
        return parts

    def less_its_start(self, values: np.ndarray, kappa: np.ndarray) -> np.ndarray:
        """K_1 - 1/3: nothing cancels in it."""
        return values - 1.0 / 3.0


@dataclass(frozen=True)
class NoResponse:
    """K_l = 0 for all l: exponential paths, whose compression cancels the convection."""

    mean_free_path: float

    def frequency_above(self, l_max: int) -> float:
        """Nothing oscillates."""
        return np.inf

    def widest_panel(self, kappa: float, l_max: int) -> float:
        """Nothing is to be followed."""
        return np.inf

    def powers(self, l_max: int, l_min: int) -> np.ndarray:
        """The dipole less its start is a constant."""
        return np.where(np.arange(l_min, l_max + 1) == 1, 0.0, np.inf)

    def direct(self, kappa: np.ndarray, l_max: int) -> np.ndarray:
        """Zeros, (l_max + 1, n)."""
        return np.zeros((l_max + 1, kappa.size))

    def less_its_start(self, values: np.ndarray, kappa: np.ndarray) -> np.ndarray:
        """What a frame that moves with the fluid adds."""
        return values - 1.0 / 3.0


def waves_of(response: Any, kappa: np.ndarray, l_max: int) -> dict[int, np.ndarray]:
    """{h: A_h} of any response that has been split into waves.

    Examples
    --------
    >>> from fluxtube.theory.free_path import Fixed
    >>> list(waves_of(Fixed().response(1.0), np.array([300.0]), 2))
    [1]
    """
    return response.harmonics(kappa, l_max) if hasattr(response, "harmonics") else {1: response.amplitude(kappa, l_max)}


def _product(p, a, q, b):
    """Waves of Re[a e^(i p x)] Re[b e^(i q x)]; a term without wave is a real number once."""
    if p == 0 or q == 0:
        constant, wave = (a.real, b) if p == 0 else (b.real, a)
        return [(p + q, constant * wave)]
    difference = a * np.conj(b) if p >= q else np.conj(a) * b
    difference = difference.real if p == q else difference
    return [(p + q, 0.5 * a * b), (abs(p - q), 0.5 * difference)]
