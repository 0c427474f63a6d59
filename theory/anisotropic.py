"""Turbulence with axial symmetry about the field: Eq. 6 of Zhang & Liu (2025) with power and polarisation that depend on nu.

    <u_i u_j*> ~ sum_p w(k, nu) s_p e_p e_p,   <|u|^2> = int_0^inf dk int_-1^1 (dnu/2) w(k, nu),   s_A + s_P + s_C = 1,

with e_A across k and B (Alfvenic), e_P across k in the plane of k and B (pseudo-Alfvenic, slow), e_C along k (compressive).
Isotropic turbulence is w(k), s_A = s_P = beta/2, s_C = 1 - beta.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory import checks
from fluxtube.theory.axial_line import AxialLine, directions_rule
from fluxtube.theory.axial_spectra import CriticalBalance, Separable, SlabAndPlane, Stretched
from fluxtube.theory.found_breaks import with_found_breaks
from fluxtube.theory.panels import place
from fluxtube.theory.spectra import PowerLaw, amplitude_at
from fluxtube.theory.turbulence import Turbulence

EQUAL = (1 / 3, 1 / 3, 1 / 3)


@dataclass(frozen=True)
class Powers:
    """w(k, nu) times the three shares, checked.

    Parameters
    ----------
    axial : callable
        w(k, nu) of `axial_spectra`.
    shares : three floats, or a callable (k, nu) -> three arrays
        s_A, s_P, s_C.

    Examples
    --------
    >>> Powers(lambda k, nu: k + nu, (0.5, 0.25, 0.25))(np.array([1.0]), np.array([1.0])).ravel().tolist()
    [1.0, 0.5, 0.5]
    """

    axial: Callable[[Any, Any], Any]
    shares: Sequence[float] | Callable[[Any, Any], Any]

    def __post_init__(self):
        if not callable(self.shares):
            object.__setattr__(self, "shares", tuple(float(s) for s in self.shares))
            _checked(np.array(self.shares))

    def __call__(self, k, nu):
        w = np.asarray(self.axial(k, nu), dtype=float)
        if callable(self.shares):
            parts = np.array([np.broadcast_to(part, w.shape) for part in self.shares(k, np.abs(nu))], dtype=float)
            return w * _checked(parts)
        return np.array(self.shares).reshape(3, *([1] * w.ndim)) * w


def _checked(shares):
    if shares.shape[0] != 3 or not ((shares >= 0.0).all() and (np.abs(shares.sum(axis=0) - 1.0) < 1e-9).all()):
        raise InputError(
            f"shares = {np.round(shares.reshape(len(shares), -1)[:, 0], 6).tolist()} must be three numbers, Alfvenic, "
            "pseudo-Alfvenic and compressive, none negative and together 1"
        )
    return shares


@dataclass(frozen=True, eq=False)
class AxialTurbulence(Turbulence):
    """Turbulence with axial symmetry about the field on a band; build it by `of` or a class method.

    Attributes
    ----------
    powers : Powers
        w(k, nu) of each polarisation.

    Examples
    --------
    >>> flow = AxialTurbulence.stretched(5 / 3, 23.0, 10.0, 3.0, band=(1e-3, 30.0))
    >>> k = 2 * np.pi / 10.0
    >>> round(float(np.sqrt(2 * np.pi * flow.energy_spectrum(k) / 10.0)), 10)
    23.0
    """

    powers: Powers = field(kw_only=True)

    @classmethod
    def of(cls, axial, shares=EQUAL, band=None) -> "AxialTurbulence":
        """Of any form of `axial_spectra`.

        Parameters
        ----------
        axial : callable
            w(k, nu), with its `breaks`, `jumps`, `cosines` and `index`; those of w(k) in a `Separable` are found.
        shares : three floats or callable
            s_A, s_P, s_C, or a function of (k, nu) that is smooth where w is.
        band : (k_min, k_max)
            0 < k_min < k_max < inf [1/length].

        Raises
        ------
        InputError
            Without a band; for shares, or a form, that are none.
        """
        band = checks.band_limits(band)
        if band is None or not 0.0 < band[0] < band[1] < np.inf:
            raise InputError("anisotropic turbulence needs a band with both ends, for example band = [1e-3, 1e3]")
        lacking = [name for name in ("breaks", "jumps", "cosines", "index") if not hasattr(axial, name)]
        if lacking or not callable(axial):
            raise InputError(
                f"{type(axial).__name__} is no w(k, nu) of axial_spectra: {', '.join(lacking) or 'it cannot be called'}; "
                "give an object with these attributes, or Separable(w, h)"
            )
        if isinstance(axial, Separable) and not isinstance(axial.spectrum, PowerLaw):
            found = with_found_breaks(axial.spectrum, band)
            axial = axial if found is axial.spectrum else Separable(found, axial.shape)
        powers = Powers(axial, shares)
        line = AxialLine(powers, band, axial.breaks, axial.jumps, along=True)
        return cls(None, None, line, band, powers=powers)

    @classmethod
    def slab_and_plane(cls, gamma, sigma, scale, slab, width, shares=EQUAL, band=None) -> "AxialTurbulence":
        """Slab and two-dimensional waves, each of a finite width in nu (`axial_spectra.SlabAndPlane`), w ~ k^-gamma."""
        spectrum = PowerLaw(float(gamma), amplitude_at(sigma, scale), 2.0 * np.pi / scale)
        return cls.of(Separable(spectrum, SlabAndPlane(float(slab), float(width))), shares, band)

    @classmethod
    def stretched(cls, gamma, sigma, scale, stretch, shares=EQUAL, band=None) -> "AxialTurbulence":
        """Eddies stretched by one factor on all scales (`axial_spectra.Stretched`), w ~ k^-gamma."""
        spectrum = PowerLaw(float(gamma), amplitude_at(sigma, scale), 2.0 * np.pi / scale)
        return cls.of(Separable(spectrum, Stretched(float(stretch), float(gamma))), shares, band)

    @classmethod
    def critical_balance(cls, sigma, scale, outer_scale, shares=EQUAL, band=None) -> "AxialTurbulence":
        """Goldreich-Sridhar turbulence in three dimensions (`axial_spectra.CriticalBalance`), below its outer scale L.

        Raises
        ------
        InputError
            For a band that begins below 1/L.
        """
        highest = max(2.0 * np.pi / scale, band[1] if band else 0.0) * checks.positive("outer_scale", outer_scale)
        checks.inside("k outer_scale", highest, 0.0, 1e12, "narrower directions are not resolved")
        form = CriticalBalance.scaled(sigma, scale, outer_scale)
        flow = cls.of(form, shares, band)
        if flow.ends[0] * form.outer_scale < 1.0 - 1e-9:
            raise InputError(
                f"band begins at k = {flow.ends[0]:.6g}, below 1/outer_scale = {1 / form.outer_scale:.6g}: critically balanced "
                "turbulence is known below its outer scale only; begin the band there"
            )
        return flow

    @property
    def axial(self):
        """w(k, nu)."""
        return self.powers.axial

    @property
    def knows_vectors(self) -> bool:
        """True: all three components are known."""
        return True

    @property
    def cosines(self) -> tuple[float, ...]:
        """Where panels over nu end."""
        return tuple(sorted({*self.axial.cosines, *self.axial.jumps}))

    @property
    def breaks_of_k(self) -> tuple[float, ...]:
        """Where w(k, nu) is not smooth in k."""
        return tuple(self.axial.breaks)

    @property
    def limits(self) -> tuple[float, float]:
        """The band."""
        return self.ends

    @property
    def inertial_index(self) -> float | None:
        """gamma, where w ~ k^-gamma at every nu; None where the anisotropy depends on scale."""
        return self.axial.index

    @cached_property
    def across_line(self):
        """E(kappa) along the field of one component of u across it."""
        return AxialLine(self.powers, self.ends, self.axial.breaks, self.axial.jumps, along=False)

    def energy_spectrum(self, k):
        """w(k) = int_0^1 w(k, nu) dnu, zero outside the band [velocity^2 length]."""
        k = np.asarray(k, dtype=float)
        nu, weight = directions_rule(self.cosines)
        inside = (k >= self.ends[0]) & (k <= self.ends[1])
        mean = (self.axial(np.clip(k, *self.ends)[..., None], nu) * weight).sum(axis=-1)
        return np.where(inside, mean, 0.0)

    @cached_property
    def mean_square_velocity(self) -> float:
        """<|u|^2> over the band [velocity^2]."""
        marks = [self.ends[0], *(k for k in self.breaks_of_k if self.ends[0] < k < self.ends[1]), self.ends[1]]
        doublings = self.ends[0] * 2.0 ** np.arange(1.0, np.ceil(np.log2(self.ends[1] / self.ends[0])))
        k, weight = place(np.array(sorted({*marks, *doublings})))
        return float((weight * self.energy_spectrum(k)).sum())
