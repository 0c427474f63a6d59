"""The spectra that `turbulence.spectrum` may name: each with its own keys, each builds the turbulence object."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

from fluxtube.errors import InputError
from fluxtube.sim.config.answers import answers
from fluxtube.sim.config.choices import Choice, Registry
from fluxtube.sim.config.fields import Length, Number, Rows, TransverseFraction, given
from fluxtube.theory import Turbulence
from fluxtube.theory.spectra import Function, Table, amplitude_at


@dataclass(frozen=True)
class Scales:
    """What a spectrum is scaled by.

    Attributes
    ----------
    sigma : float or None
        Velocity dispersion on `scale` [km/s]; None for a spectrum that is absolute.
    scale : float
        Where sigma is that of the spectrum [pc].
    mean_free_path : float
        lambda, by which wave numbers are made free of dimension [pc].
    band : (k_min, k_max) or None
        Times lambda.
    """

    sigma: float | None
    scale: float
    mean_free_path: float
    band: tuple[float, float] | None

    @property
    def wave_numbers(self) -> tuple[float, float] | None:
        """The band [1/pc]."""
        return None if self.band is None else (self.band[0] / self.mean_free_path, self.band[1] / self.mean_free_path)


class Spectrum(Choice):
    """A spectrum of the flow."""

    absolute: ClassVar[bool] = False  # whether it is always taken as it stands, without sigma

    @property
    def is_absolute(self) -> bool:
        """Whether it is taken as it stands, without sigma."""
        return self.absolute or getattr(self, "normalisation", "sigma") == "absolute"

    @property
    def index(self) -> float | None:
        """g of E(kappa) ~ kappa^-g at large kappa, where it is a power law: C_l of fixed paths falls as l^(-g-1)."""
        return getattr(self, "gamma", None)

    def build(self, scales: Scales) -> Turbulence:
        """The turbulence object, lengths in pc and velocities in km/s."""
        raise InputError(f"{type(self).__name__} has no build()")


class IsotropicSpectrum(Spectrum):
    """An omnidirectional spectrum w(k) of a form of your own: derive from it, and define `w`.

    Attributes
    ----------
    transverse_fraction : float
        beta, the part of the power that is transverse to the wave vector.
    support : (x_min, x_max)
        Where w is not zero, x = k lambda.
    breaks : tuple of float
        Where w is not smooth, of x.
    """

    transverse_fraction: TransverseFraction = Field("2/3", ge=0, le=1, validate_default=True)

    support: ClassVar[tuple[float, float]] = (0.0, np.inf)
    breaks: ClassVar[tuple[float, ...]] = ()

    def w(self, x: np.ndarray) -> np.ndarray:
        """w at x = k lambda > 0, in any unit: it is scaled to sigma."""
        raise InputError(f"{type(self).__name__} has no w(x)")

    def build(self, scales: Scales) -> Turbulence:
        """The turbulence object, lengths in pc and velocities in km/s."""
        w = answers(self.w, "spectrum", SPECTRA, self, "x")
        return Turbulence.isotropic(_scaled(w, self, scales, 1.0), self.transverse_fraction, scales.wave_numbers)


class FieldAlignedSpectrum(Spectrum):
    """A two-sided spectrum E(kappa) of the field-aligned velocity along the field, of your own: define `E`.

    Attributes
    ----------
    support, breaks
        As of `IsotropicSpectrum`, of kappa lambda.
    """

    support: ClassVar[tuple[float, float]] = (0.0, np.inf)
    breaks: ClassVar[tuple[float, ...]] = ()

    def E(self, x: np.ndarray) -> np.ndarray:
        """E at x = kappa lambda > 0, in any unit: it is scaled to sigma^2 = 2 pi 2 E(2 pi/scale)/scale."""
        raise InputError(f"{type(self).__name__} has no E(x)")

    def build(self, scales: Scales) -> Turbulence:
        """The turbulence object, lengths in pc and velocities in km/s."""
        E = answers(self.E, "spectrum", SPECTRA, self, "x")
        return Turbulence.field_aligned(_scaled(E, self, scales, 0.5), scales.wave_numbers)


@dataclass(frozen=True)
class _Scaled:
    """factor f(k lambda) as a function of k that can be pickled."""

    function: Callable[[np.ndarray], np.ndarray]
    factor: float
    mean_free_path: float

    def __call__(self, k: np.ndarray) -> np.ndarray:
        return self.factor * np.asarray(self.function(np.asarray(k, dtype=float) * self.mean_free_path), dtype=float)


def _scaled(function, shape, scales: Scales, share: float) -> Function:
    """A form of k lambda brought to sigma; `share` of it counts as one-sided power."""
    length = scales.mean_free_path
    at_scale = float(np.asarray(function(np.array([2 * np.pi / scales.scale * length])), dtype=float)[0])
    if scales.sigma is None or not 0 < at_scale < np.inf:
        raise ValueError(f"the spectrum is {at_scale:g} at 2 pi over the scale of sigma, and cannot be scaled to sigma")
    scaled = _Scaled(function, share * amplitude_at(scales.sigma, scales.scale) / at_scale, length)
    support = (shape.support[0] / length, shape.support[1] / length)
    return Function(scaled, support, tuple(x / length for x in shape.breaks))


SPECTRA: Registry[Spectrum] = Registry("turbulence.spectrum", Spectrum)
register_spectrum = SPECTRA.register

Gamma = given("5/3", gt=0, lt=3, validate_default=True)


@register_spectrum("power-law")
class PowerLawSpectrum(Spectrum):
    """w(k) ~ k^-gamma, Eq. 6 of Zhang & Liu (2025)."""

    gamma: Number = Gamma
    transverse_fraction: TransverseFraction = given("2/3", ge=0, le=1)

    def build(self, scales: Scales) -> Turbulence:
        """The turbulence object, lengths in pc and velocities in km/s."""
        return Turbulence.power_law(self.gamma, scales.sigma, scales.scale, self.transverse_fraction, scales.wave_numbers)


@register_spectrum("von-karman")
class VonKarmanSpectrum(Spectrum):
    """A power law with an outer scale, and a dissipation cutoff if asked for."""

    gamma: Number = Gamma
    transverse_fraction: TransverseFraction = given("2/3", ge=0, le=1)
    outer_scale: Length = Field(gt=0, json_schema_extra={"unit": "pc"})
    dissipation_scale: Length | None = Field(None, gt=0, json_schema_extra={"unit": "pc"})

    @property
    def index(self) -> float | None:
        """gamma, where no cutoff ends the power law."""
        return self.gamma if self.dissipation_scale is None else None

    def build(self, scales: Scales) -> Turbulence:
        """The turbulence object, lengths in pc and velocities in km/s."""
        lengths = {"outer_scale": self.outer_scale, "dissipation_scale": self.dissipation_scale}
        return Turbulence.von_karman(
            self.gamma, scales.sigma, scales.scale, **lengths,
            transverse_fraction=self.transverse_fraction, band=scales.wave_numbers,
        )  # fmt: skip


@register_spectrum("table")
class TableSpectrum(Spectrum):
    """w(k) from rows [k lambda, w]: scaled to sigma, or as it stands [(km/s)^2 a unit of k lambda] if `normalisation` says so."""

    normalisation: Literal["sigma", "absolute"] = "sigma"
    transverse_fraction: TransverseFraction = given("2/3", ge=0, le=1)
    table: Rows

    @field_validator("table")
    @classmethod
    def _table_is_one(cls, table):
        k, w = zip(*table, strict=True)
        Table(k, w)  # says what is wrong
        return table

    def build(self, scales: Scales) -> Turbulence:
        """The turbulence object, lengths in pc and velocities in km/s."""
        x, w = zip(*self.table, strict=True)
        length = scales.mean_free_path
        k = [value / length for value in x]
        if scales.sigma is None:
            return Turbulence.tabulated(k, [value * length for value in w], self.transverse_fraction, scales.wave_numbers)
        return Turbulence.tabulated(k, w, self.transverse_fraction, scales.wave_numbers, scales.sigma, scales.scale)


@register_spectrum("field-aligned-table")
class FieldAlignedTableSpectrum(Spectrum):
    """E(kappa) along the field from rows [kappa lambda, E], E two-sided; scaled or absolute as `TableSpectrum`."""

    normalisation: Literal["sigma", "absolute"] = "sigma"
    table: Rows

    @field_validator("table")
    @classmethod
    def _table_is_one(cls, table):
        kappa, E = zip(*table, strict=True)
        Table(kappa, E)
        return table

    def build(self, scales: Scales) -> Turbulence:
        """The turbulence object, lengths in pc and velocities in km/s."""
        kappa, E = (np.array(column) for column in zip(*self.table, strict=True))
        length = scales.mean_free_path
        if scales.sigma is None:
            return Turbulence.field_aligned(Table(tuple(kappa / length), tuple(E * length)), scales.wave_numbers)
        at_scale = float(Table(tuple(kappa), tuple(E))(2 * np.pi / scales.scale * length))
        if at_scale == 0.0:
            raise ValueError("turbulence.sigma: 2 pi over its scale lies outside of turbulence.table")
        factor = 0.5 * amplitude_at(scales.sigma, scales.scale) / at_scale
        return Turbulence.field_aligned(Table(tuple(kappa / length), tuple(factor * E)), scales.wave_numbers)


@register_spectrum("slab")
class SlabSpectrum(Spectrum):
    """All wave vectors along the field."""

    gamma: Number = Gamma
    transverse_fraction: TransverseFraction = given("2/3", ge=0, le=1)

    def build(self, scales: Scales) -> Turbulence:
        """The turbulence object, lengths in pc and velocities in km/s."""
        return Turbulence.slab(self.gamma, scales.sigma, scales.scale, self.transverse_fraction, scales.wave_numbers)


@register_spectrum("goldreich-sridhar")
class GoldreichSridharSpectrum(Spectrum):
    """E(kappa) ~ kappa^-2 along the field."""

    @property
    def index(self) -> float:
        """2."""
        return 2.0

    def build(self, scales: Scales) -> Turbulence:
        """The turbulence object, lengths in pc and velocities in km/s."""
        return Turbulence.goldreich_sridhar(scales.sigma, scales.scale, scales.wave_numbers)
