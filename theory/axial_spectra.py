"""Power w(k, nu) of turbulence with axial symmetry about the field, nu = k.B/(k B): the forms that are built in.

    <|u|^2> = int_0^inf dk int_-1^1 (dnu/2) w(k, nu),    w(k, -nu) = w(k, nu) since u is real.

Each form is called as w(k, nu) for arrays that broadcast. It has `breaks` (where it is not smooth in k), `jumps` (where it is not
smooth in nu), `cosines` (ends of panels over nu on which it is smooth) and `index` (gamma, where w ~ k^-gamma at fixed nu).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from fluxtube.theory import checks
from fluxtube.theory.contracts import AngularSpectrum
from fluxtube.theory.panels import place
from fluxtube.theory.special import hyp2f1
from fluxtube.theory.spectra import amplitude_at

#: 1 - nu^2 below which k is along the field: nothing of exp(-1/(1-nu^2)^(1/3)) is left there.
ALONG = 1e-14


def knees(knee: float) -> tuple[float, ...]:
    """Panels in (0, 1) that grow from the width of a knee by factors of two.

    >>> knees(0.3)
    (0.15, 0.3, 0.6)
    """
    count = 1 + int(np.floor(np.log2(0.7 / (0.5 * knee)))) if knee < 1.4 else 0
    return tuple(float(0.5 * knee * 2.0**n) for n in range(count))


@dataclass(frozen=True)
class Separable:
    """w(k) h(nu), h of mean one over the sphere.

    Parameters
    ----------
    spectrum : callable
        w(k) of `spectra`.
    shape : callable
        h(nu) for 0 <= nu <= 1, with `jumps` and `cosines`.

    Examples
    --------
    >>> float(Separable(lambda k: k**-2.0, Uniform())(2.0, 0.3))
    0.25
    """

    spectrum: Callable[[Any], Any]
    shape: AngularSpectrum

    @property
    def breaks(self) -> tuple[float, ...]:
        """Of w(k)."""
        return tuple(getattr(self.spectrum, "breaks", ()))

    @property
    def jumps(self) -> Sequence[float]:
        """Of h(nu)."""
        return self.shape.jumps

    @property
    def cosines(self) -> Sequence[float]:
        """Of h(nu)."""
        return self.shape.cosines

    @property
    def index(self) -> float | None:
        """Of w(k)."""
        return getattr(self.spectrum, "gamma", None)

    def __call__(self, k, nu):
        """w(k, nu) [velocity^2 length]."""
        return self.spectrum(np.asarray(k, dtype=float)) * self.shape(np.abs(nu))


@dataclass(frozen=True)
class Uniform:
    """h = 1: isotropic power; >>> Uniform().jumps."""

    jumps = cosines = ()

    def __call__(self, nu):
        """One."""
        return np.ones_like(np.asarray(nu, dtype=float))


@dataclass(frozen=True)
class SlabAndPlane:
    """Wave vectors nearly along the field (slab) and nearly across it (two-dimensional), each of a finite width d in nu.

    h = f/d for nu > 1 - d (slab), (1-f)/d for nu < d (two-dimensional), 0 in between: f = 1 is slab alone, f = 0 2D alone.

    Parameters
    ----------
    slab : float
        f, the part of the power in the slab.
    width : float
        d in (0, 1/2).

    Examples
    --------
    >>> SlabAndPlane(0.2, 0.1)(np.array([0.05, 0.5, 0.95])).round(9).tolist()
    [8.0, 0.0, 2.0]
    """

    slab: float
    width: float

    def __post_init__(self):
        checks.fraction("slab_fraction", self.slab)
        checks.inside("width", self.width, 0.0, 0.5)

    @property
    def jumps(self) -> tuple[float, ...]:
        """d and 1 - d."""
        return self.width, 1.0 - self.width

    cosines = jumps

    def __call__(self, nu):
        """h(nu)."""
        nu = np.asarray(nu, dtype=float)
        plane = np.where(nu < self.width, (1.0 - self.slab) / self.width, 0.0)
        return np.where(nu > 1.0 - self.width, self.slab / self.width, plane)


@dataclass(frozen=True)
class Stretched:
    """Eddies stretched along the field by one factor on all scales: surfaces of equal power are ellipsoids of k.

    The power in d^3k goes as (k_perp^2 + a^2 k_par^2)^(-(gamma+2)/2), so that h ~ [1 + (a^2 - 1) nu^2]^(-(gamma+2)/2).

    Parameters
    ----------
    stretch : float
        a > 0; above one along the field, below one across it.
    gamma : float
        Index of w(k).

    Examples
    --------
    >>> nu, weight = place(np.array([0, *Stretched(4.0, 2.0).cosines, 1.0]))
    >>> round(float((weight * Stretched(4.0, 2.0)(nu)).sum()), 12)
    1.0
    """

    stretch: float
    gamma: float

    jumps = ()

    def __post_init__(self):
        checks.positive("stretch", self.stretch)

    @property
    def cosines(self) -> tuple[float, ...]:
        """From the knee at 1/a towards one, or from one towards zero."""
        if self.stretch >= 1.0:
            return knees(1.0 / self.stretch)
        return tuple(sorted(1.0 - np.array(knees(0.5 * self.stretch**2))))

    @cached_property
    def _mean(self) -> float:
        return float(hyp2f1(0.5, 0.5 * (self.gamma + 2.0), 1.5, 1.0 - self.stretch**2))

    def __call__(self, nu):
        """h(nu)."""
        nu = np.asarray(nu, dtype=float)
        # a^2 nu^2 + (1 - nu^2): no cancellation where a is small and nu near one.
        return ((self.stretch * nu) ** 2 + (1.0 - nu) * (1.0 + nu)) ** (-0.5 * (self.gamma + 2.0)) / self._mean


@dataclass(frozen=True)
class CriticalBalance:
    """Goldreich-Sridhar turbulence in three dimensions, by the form of Cho, Lazarian & Vishniac (2002, ApJ 564, 291).

    The power in d^3k is ~ k_perp^(-10/3) exp(-k_par L^(1/3)/k_perp^(2/3)), hence

    w(k, nu) ~ k^(-4/3) (1 - nu^2)^(-5/3) exp(-(k L)^(1/3) nu/(1 - nu^2)^(1/3)).

    Parameters
    ----------
    amplitude : float
        Factor [velocity^2 length^(-1/3)].
    outer_scale : float
        L [length], where the turbulence is isotropic in its amplitude.
    """

    amplitude: float
    outer_scale: float

    breaks = jumps = ()
    index = None  # -5/3 across the field, -2 along it

    @classmethod
    def scaled(cls, sigma: float, scale: float, outer_scale: float) -> "CriticalBalance":
        """With sigma^2 = 2 pi w(2 pi/scale)/scale, w(k) the mean of w(k, nu) over directions.

        >>> form = CriticalBalance.scaled(23.0, 10.0, 100.0)
        >>> k = 2 * np.pi / 10.0
        >>> nu, weight = place(np.array([0, *form.cosines, 1.0]))
        >>> round(float(np.sqrt(2 * np.pi * (weight * form(k, nu)).sum() / 10.0)), 10)
        23.0
        """
        form = cls(1.0, checks.positive("outer_scale", outer_scale))
        nu, weight = place(np.array([0.0, *form.cosines, 1.0]))
        mean = float((weight * form(2.0 * np.pi / checks.positive("scale", scale), nu)).sum())
        return cls(amplitude_at(sigma, scale) / mean, form.outer_scale)

    @property
    def cosines(self) -> tuple[float, ...]:
        """Graded by factors of two towards both ends: the width in nu is (k L)^(-1/3), and k_perp^(-10/3) climbs near one."""
        return (*(2.0 ** -np.arange(16.0, 0.0, -1.0)), *(1.0 - 2.0 ** -np.arange(2.0, 23.0)))

    def __call__(self, k, nu):
        """w(k, nu) [velocity^2 length]."""
        k, nu = np.asarray(k, dtype=float), np.abs(nu)
        across = np.maximum((1.0 - nu) * (1.0 + nu), ALONG)
        cut = np.cbrt(k * self.outer_scale) * nu / np.cbrt(across)
        with np.errstate(under="ignore"):
            return self.amplitude * k ** (-4.0 / 3.0) * np.exp(-5.0 / 3.0 * np.log(across) - cut)
