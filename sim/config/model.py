"""The configuration of a run: typed, frozen, with a unit behind every number (TOML in, resolved TOML out)."""

import hashlib
import json
import math
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from fluxtube.sim.config.fields import Angle, Gradient, Length, Number, Speed, TransverseFraction, Whole
from fluxtube.sim.config.units import SPEED_OF_LIGHT

if TYPE_CHECKING:
    from fluxtube.theory import Turbulence


class Section(BaseModel):
    """A table of the configuration: no unknown keys, no change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


def _require_keys(section: Section, keys: tuple[str, ...], needed: set[str], allowed: set[str], choice: str) -> None:
    """Error for a key that a choice needs and has not, or has and does not use."""
    for key in keys:
        given = getattr(section, key) is not None
        if given and key not in allowed:
            raise ValueError(f"{key} does not go with {choice}; leave it out")
        if not given and key in needed:
            raise ValueError(f"{choice} needs the key {key}")


class TurbulenceSection(Section):
    """The flow's spectrum, Eq. 6 of Zhang & Liu (2025)."""

    spectrum: Literal["power-law", "von-karman", "table", "slab", "goldreich-sridhar"] = "power-law"
    gamma: Number = Field("5/3", gt=0, lt=3)
    transverse_fraction: TransverseFraction = Field("2/3", ge=0, le=1)
    sigma: Speed = Field("23 km/s", ge=1e-6, le=SPEED_OF_LIGHT)
    band: tuple[Number, Number] | None = None
    outer_scale: Length | None = Field(None, gt=0, json_schema_extra={"unit": "pc"})
    dissipation_scale: Length | None = Field(None, gt=0, json_schema_extra={"unit": "pc"})
    table: tuple[tuple[Number, Number], ...] | None = None  # rows [k * mean_free_path, w], w rescaled to sigma

    @field_validator("band")
    @classmethod
    def _band_is_upright(cls, band):
        if band is not None and not 1e-12 <= band[0] < band[1] <= 1e12:
            raise ValueError(
                f"{list(band)} is not a band; write [low, high] with 1e-12 <= low < high <= 1e12, for example [1e-3, 1e3]"
            )
        return band

    @model_validator(mode="after")
    def _keys_belong_to_the_spectrum(self) -> Self:
        needed = {"von-karman": {"outer_scale"}, "table": {"table"}}.get(self.spectrum, set())
        allowed = needed | ({"dissipation_scale"} if self.spectrum == "von-karman" else set())
        _require_keys(self, ("outer_scale", "dissipation_scale", "table"), needed, allowed, f"spectrum = {self.spectrum!r}")
        return self


class TransportSection(Section):
    """How the particles are displaced and convected, Eq. 1."""

    model: Literal["parallel", "isotropic", "cross-field"] = "parallel"
    displacement_perpendicular: Number | None = Field(None, ge=0, le=1)  # eps
    convection_perpendicular: Number | None = Field(None, ge=0, le=1)  # eta
    free_path: Literal["fixed", "erlang", "exponential"] = "fixed"
    free_path_shape: Whole | None = Field(None, ge=1, le=1000)
    free_path_observed: Literal["end", "in-flight"] = "end"  # where on its path a particle is met
    density_response: Literal["none", "steady"] = "none"  # "steady": the isotropic part of f answers to the flow
    mean_free_path: Length = Field("10 pc", ge=1e-9, le=1e9)
    other_mean_free_paths: tuple[Length, ...] = Field((), max_length=16, json_schema_extra={"unit": "pc"})  # same flows
    spectral_slope: Number = Field(-4.7, ge=-100, le=100)
    speed: Speed = Field("1 c", ge=1.0, le=SPEED_OF_LIGHT)
    density_gradient: Gradient = "0 /pc"  # (B/B).grad ln f, of the standard diffuse dipole

    @field_validator("other_mean_free_paths")
    @classmethod
    def _paths_are_lengths(cls, paths):
        if not all(path > 0 for path in paths):
            raise ValueError(f"{list(paths)} [pc] must all be > 0")
        return paths

    @model_validator(mode="after")
    def _keys_belong_to_the_choices(self) -> Self:
        weights = ("displacement_perpendicular", "convection_perpendicular")
        given = set(weights) if self.model == "cross-field" else set()
        _require_keys(self, weights, given, given, f"model = {self.model!r}")
        shape = {"free_path_shape"} if self.free_path == "erlang" else set()
        _require_keys(self, ("free_path_shape",), shape, shape, f"free_path = {self.free_path!r}")
        return self


class SkySection(Section):
    """What is kept of each sky, and in which frame."""

    l_max: Whole = Field(50, ge=2, le=2000)
    nside: Whole = Field(64, ge=1, le=8192)
    frame: Literal["magnetic", "equatorial"] = "magnetic"
    field_direction: tuple[Angle, Angle] = (229.2, 11.4)  # Abeysekara et al. (2019), ApJ 871, 96: boundary fit

    @field_validator("nside")
    @classmethod
    def _nside_is_a_power_of_two(cls, nside):
        if nside & (nside - 1):
            raise ValueError(f"{nside} is not a power of two; {2 ** round(math.log2(nside))} would do")
        return nside

    @field_validator("field_direction")
    @classmethod
    def _direction_is_on_the_sphere(cls, direction):
        if not (-360 <= direction[0] <= 360 and -90 <= direction[1] <= 90):
            raise ValueError(f"{list(direction)} is not [right ascension, declination] in degrees")
        return direction


class SamplingSection(Section):
    """How a realisation is drawn and measured."""

    estimator: Literal["quadrature", "particles"] = "quadrature"
    flow: Literal["line", "modes", "fbm"] = "line"
    modes: Whole = Field(512, ge=8, le=1_000_000)
    particles: Whole = Field(1_000_000, ge=2, le=10**10)
    directions: Literal["drawn", "stratified"] = "drawn"


class EnsembleSection(Section):
    """How many realisations, and which."""

    realisations: Whole = Field(20_000, ge=1, le=2**40)
    seed: Whole = Field(20250626, ge=0, lt=2**64)
    field_directions: Literal["fixed", "random"] = "fixed"  # "random": multipoles in a frame at rest, Eq. 12
    target_relative_error: Number | None = Field(None, gt=0, lt=1)  # of C_l: stop once all target_degrees have it
    target_degrees: tuple[Whole, ...] = ()  # none named: all from 1 on
    minimum_realisations: Whole = Field(1000, ge=2, le=2**40)


class CheckSection(Section):
    """The first few realisations measured by both estimators and compared."""

    realisations: Whole = Field(0, ge=0, le=10_000)
    particles: Whole = Field(1_000_000, ge=2, le=10**10)


class OutputSection(Section):
    """What is kept of single realisations beside the ensemble's moments."""

    multipoles: Whole = Field(1000, ge=0, le=10_000_000)
    skies: Whole = Field(4, ge=0, le=1000)


class Config(Section):
    """Everything that determines the numbers of a run."""

    turbulence: TurbulenceSection = Field(default_factory=TurbulenceSection)
    transport: TransportSection = Field(default_factory=TransportSection)
    sky: SkySection = Field(default_factory=SkySection)
    sampling: SamplingSection = Field(default_factory=SamplingSection)
    ensemble: EnsembleSection = Field(default_factory=EnsembleSection)
    check: CheckSection = Field(default_factory=CheckSection)
    output: OutputSection = Field(default_factory=OutputSection)

    @model_validator(mode="after")
    def _infinite_range_needs_a_converging_integral(self) -> Self:
        gamma = self.turbulence.gamma
        if self.turbulence.band is None and not 1 < gamma:
            raise ValueError(f"turbulence.gamma = {gamma:g} needs a turbulence.band: an infinite range takes 1 < gamma < 3")
        return self

    @model_validator(mode="after")
    def _something_is_seen(self) -> Self:
        if self.transport.spectral_slope == 0:
            raise ValueError("transport.spectral_slope = 0 makes no anisotropy by convection; -4.7 is that of TeV cosmic rays")
        if self.turbulence.sigma >= self.transport.speed:
            raise ValueError(
                f"turbulence.sigma = {self.turbulence.sigma:g} km/s is not below transport.speed = "
                f"{self.transport.speed:g} km/s: the anisotropy is of first order in their ratio"
            )
        return self

    @model_validator(mode="after")
    def _target_degrees_are_measured(self) -> Self:
        l_max = self.sky.l_max
        if not all(1 <= degree <= l_max for degree in self.ensemble.target_degrees):
            degrees = list(self.ensemble.target_degrees)
            raise ValueError(f"ensemble.target_degrees = {degrees} must lie between 1 and sky.l_max = {l_max}")
        return self

    @property
    def hash(self) -> str:
        """SHA-256 of the resolved configuration, whatever way it was written."""
        return hashlib.sha256(json.dumps(self.model_dump(), sort_keys=True).encode()).hexdigest()

    @property
    def anisotropy_per_velocity(self) -> float:
        """(dln f/dln p)/v of Eq. 1 [s/km]: turns mu B.Delta u/B into Delta f/f."""
        return self.transport.spectral_slope / self.transport.speed

    def build_turbulence(self) -> "Turbulence":
        """The one turbulence object, lengths in pc and velocities in km/s."""
        from fluxtube.sim.config.spectra import build_turbulence

        return build_turbulence(self.turbulence, self.transport.mean_free_path)

    def build_free_path(self):
        """The law of the free path, with the responses of what is observed."""
        from fluxtube.theory.kinetic import kinetic_law

        section = self.transport
        return kinetic_law(section.free_path, section.free_path_shape, section.density_response, section.free_path_observed)

    def to_toml(self) -> str:
        """The resolved configuration as TOML; loading it gives an equal configuration."""
        from fluxtube.sim.config.toml import dump

        return dump(self)

    def with_overrides(self, overrides: list[str]) -> "Config":
        """A copy with some keys set, as `--set key=value` does."""
        from fluxtube.sim.config.load import parse

        return parse(self.to_toml(), overrides, source="the run's configuration")
