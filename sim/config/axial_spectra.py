"""Spectra with axial symmetry about the field that `turbulence.spectrum` may name (docs/anisotropic.md)."""

from typing import Self

from pydantic import Field, model_validator

from fluxtube.sim.config.fields import Length, Number, given
from fluxtube.sim.config.spectra import Gamma, Scales, Spectrum, register_spectrum
from fluxtube.theory.anisotropic import AxialTurbulence


class AxialSpectrum(Spectrum):
    """Power w(k, nu) in three polarisations; what is not Alfvenic or pseudo-Alfvenic is compressive."""

    alfvenic_share: Number = given("1/3", ge=0, le=1)
    pseudo_alfvenic_share: Number = given("1/3", ge=0, le=1)

    @model_validator(mode="after")
    def _shares_fit(self) -> Self:
        total = self.alfvenic_share + self.pseudo_alfvenic_share
        if total > 1.0 + 1e-12:
            raise ValueError(f"alfvenic_share + pseudo_alfvenic_share = {total:g} is above 1; the compressive share is the rest")
        return self

    @property
    def shares(self) -> tuple[float, float, float]:
        """s_A, s_P, s_C."""
        return (
            self.alfvenic_share, self.pseudo_alfvenic_share, max(0.0, 1.0 - self.alfvenic_share - self.pseudo_alfvenic_share)
        )  # fmt: skip


@register_spectrum("stretched")
class StretchedSpectrum(AxialSpectrum):
    """Eddies stretched along the field by one factor on all scales."""

    gamma: Number = Gamma
    stretch: Number = Field(gt=0, le=1e3)

    def build(self, scales: Scales) -> AxialTurbulence:
        """The turbulence object, lengths in pc and velocities in km/s."""
        where = (self.shares, scales.wave_numbers)
        return AxialTurbulence.stretched(self.gamma, scales.sigma, scales.scale, self.stretch, *where)


@register_spectrum("slab+2d")
class SlabAndPlaneSpectrum(AxialSpectrum):
    """Waves nearly along and nearly across the field, each of a finite width in nu."""

    gamma: Number = Gamma
    slab_fraction: Number = Field(0.2, ge=0, le=1)
    width: Number = Field(0.05, ge=1e-3, lt=0.5)

    def build(self, scales: Scales) -> AxialTurbulence:
        """The turbulence object, lengths in pc and velocities in km/s."""
        where = (self.slab_fraction, self.width, self.shares, scales.wave_numbers)
        return AxialTurbulence.slab_and_plane(self.gamma, scales.sigma, scales.scale, *where)


@register_spectrum("goldreich-sridhar-3d")
class CriticalBalanceSpectrum(AxialSpectrum):
    """Critically balanced turbulence below its outer scale, in three dimensions."""

    outer_scale: Length = Field(gt=0, json_schema_extra={"unit": "pc"})

    def build(self, scales: Scales) -> AxialTurbulence:
        """The turbulence object, lengths in pc and velocities in km/s."""
        return AxialTurbulence.critical_balance(scales.sigma, scales.scale, self.outer_scale, self.shares, scales.wave_numbers)
