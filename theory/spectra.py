"""Omnidirectional spectra w(k) of isotropic turbulence: power law, von Karman, table."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory import checks


def amplitude_at(sigma: float, scale: float) -> float:
    """w(2 pi/scale) [velocity^2 length] at which the velocity dispersion on `scale` is `sigma`.

    sigma^2 = 2 pi w(2 pi/scale) / scale (section 5 of Zhang & Liu 2025).

    Examples
    --------
    >>> round(amplitude_at(23.0, 10.0), 6)
    841.929649
    """
    return checks.positive("sigma", sigma) ** 2 * checks.positive("scale", scale) / (2.0 * np.pi)


@dataclass(frozen=True)
class PowerLaw:
    """w(k) = amplitude (k/pivot)^-gamma, without end.

    Parameters
    ----------
    gamma : float
        Spectral index [1].
    amplitude : float
        w at the pivot [velocity^2 length].
    pivot : float
        Wave number of the amplitude [1/length].

    Examples
    --------
    >>> PowerLaw(2.0, 1.0, 1.0)(np.array([2.0])).tolist()
    [0.25]
    """

    gamma: float
    amplitude: float
    pivot: float

    def __post_init__(self):
        checks.finite("gamma", self.gamma)
        checks.positive("amplitude", self.amplitude)
        checks.positive("pivot", self.pivot)

    support = (0.0, np.inf)
    breaks = ()

    def __call__(self, k):
        """w(k) [velocity^2 length]."""
        return self.amplitude * (np.asarray(k, dtype=float) / self.pivot) ** -self.gamma


@dataclass(frozen=True)
class VonKarman:
    """Power law with an outer scale L and, if asked for, a Gaussian dissipation cutoff at l_d.

    w(k) = amplitude s(k) / s(pivot),   s(k) = k^-gamma [q^2/(1+q^2)]^((gamma+4)/2) exp[-(k l_d/2 pi)^2],  q = k L/(2 pi)

    so w ~ k^4 below the outer scale and k^-gamma above (von Karman 1948, for gamma = 5/3).

    Parameters
    ----------
    gamma, amplitude, pivot : float
        As in `PowerLaw`; the amplitude is that of the whole w at the pivot.
    outer_scale : float
        L [length].
    dissipation_scale : float, optional
        l_d [length], smaller than L.

    Examples
    --------
    >>> round(float(VonKarman(5 / 3, 1.0, 1.0, 2 * np.pi)(1.0)), 12)
    1.0
    """

    gamma: float
    amplitude: float
    pivot: float
    outer_scale: float
    dissipation_scale: float | None = None

    def __post_init__(self):
        checks.inside("gamma", self.gamma, 0.0, np.inf)
        checks.positive("amplitude", self.amplitude)
        checks.positive("pivot", self.pivot)
        checks.positive("outer_scale", self.outer_scale)
        if not self._without_dissipation(1.0) > 1e-250:
            raise InputError(
                f"outer_scale = {self.outer_scale!r} leaves no power at the wave number {self.pivot:.6g} "
                "at which sigma is defined; give a larger one"
            )
        if self.dissipation_scale is not None:
            checks.positive("dissipation_scale", self.dissipation_scale)
            if self.dissipation_scale >= self.outer_scale:
                raise InputError(
                    f"dissipation_scale = {self.dissipation_scale!r} must be smaller than outer_scale = {self.outer_scale!r}"
                )
            if not self._shape(1.0) > 1e-250:
                raise InputError(
                    f"dissipation_scale = {self.dissipation_scale!r} leaves no power at the wave number {self.pivot:.6g} "
                    "at which sigma is defined; give a smaller one"
                )

    @property
    def support(self) -> tuple[float, float]:
        """Wave numbers beyond which w is exactly or numerically zero."""
        if self.dissipation_scale is None:
            return 0.0, np.inf
        return 0.0, 26.0 * 2.0 * np.pi / self.dissipation_scale

    @property
    def breaks(self) -> tuple[float, ...]:
        """None is a kink; the knee and the cutoff are given so that panels end there."""
        lengths = (self.outer_scale, self.dissipation_scale)
        return tuple(2.0 * np.pi / length for length in lengths if length is not None)

    def _without_dissipation(self, x):
        with np.errstate(over="ignore", divide="ignore"):
            q2 = np.square(np.float64(self.pivot) * self.outer_scale / (2.0 * np.pi) * x)
            return x**-self.gamma * (1.0 + 1.0 / q2) ** (-0.5 * (self.gamma + 4.0))

    def _shape(self, x):
        """s(k) up to a constant, x = k/pivot."""
        shape = self._without_dissipation(x)
        if self.dissipation_scale is None:
            return shape
        return shape * np.exp(-((x * self.pivot * self.dissipation_scale / (2.0 * np.pi)) ** 2))

    def __call__(self, k):
        """w(k) [velocity^2 length]."""
        x = np.asarray(k, dtype=float) / self.pivot
        return self.amplitude * self._shape(x) / self._shape(1.0)


@dataclass(frozen=True)
class Table:
    """w(k) by straight lines in log w against log k between the knots of a table, zero outside.

    Parameters
    ----------
    k : (n,) sequence
        Ascending wave numbers [1/length].
    w : (n,) sequence
        Spectrum at the knots, above zero [velocity^2 length].

    Examples
    --------
    >>> round(float(Table((1.0, 4.0), (1.0, 0.25))(2.0)), 12)
    0.5
    """

    k: tuple[float, ...]
    w: tuple[float, ...]
    _log_k: np.ndarray = field(init=False, repr=False, compare=False)
    _log_w: np.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        k, w = np.asarray(self.k, dtype=float), np.asarray(self.w, dtype=float)
        if k.ndim != 1 or k.shape != w.shape or k.size < 2:
            raise InputError(f"a spectrum's table needs two columns (k, w) of two rows at least, got shapes {k.shape}, {w.shape}")
        if not (np.isfinite(k).all() and np.isfinite(w).all() and (k > 0).all() and (w > 0).all()):
            raise InputError("a spectrum's table must hold finite numbers above zero only")
        if not (np.diff(k) > 0).all():
            raise InputError("the wave numbers of a spectrum's table must ascend")
        object.__setattr__(self, "k", tuple(k.tolist()))
        object.__setattr__(self, "w", tuple(w.tolist()))
        object.__setattr__(self, "_log_k", np.log(k))
        object.__setattr__(self, "_log_w", np.log(w))

    @property
    def support(self) -> tuple[float, float]:
        """First and last wave number of the table."""
        return self.k[0], self.k[-1]

    @property
    def breaks(self) -> tuple[float, ...]:
        """The knots."""
        return self.k

    def __call__(self, k):
        """w(k) [velocity^2 length]."""
        k = np.asarray(k, dtype=float)
        with np.errstate(divide="ignore"):
            inside = np.interp(np.log(k), self._log_k, self._log_w)
        return np.where((k >= self.k[0]) & (k <= self.k[-1]), np.exp(inside), 0.0)


@dataclass(frozen=True)
class Function:
    """w(k) as any function of arrays of wave numbers.

    Parameters
    ----------
    function : callable
        w [velocity^2 length] at k [1/length].
    support : (k_low, k_high)
        Where w is not zero [1/length].
    breaks : tuple of float
        Kinks of w [1/length].
    pivot : float, optional
        A wave number in the middle of what matters [1/length].

    Examples
    --------
    >>> float(Function(lambda k: k**-2.0)(np.array(2.0)))
    0.25
    """

    function: Callable[[Any], Any]
    support: tuple[float, float] = (0.0, np.inf)
    breaks: tuple[float, ...] = ()
    pivot: float | None = None

    def __call__(self, k):
        """w(k) [velocity^2 length]."""
        k = np.asarray(k, dtype=float)
        low, high = self.support
        return np.where((k >= low) & (k <= high), self.function(k), 0.0)
