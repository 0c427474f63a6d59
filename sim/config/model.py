"""The configuration of a run: typed, frozen, with a unit behind every number (TOML in, resolved TOML out)."""

import hashlib
import json
import math
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from fluxtube.errors import InputError
from fluxtube.plugins import fault_of_plugin
from fluxtube.sim.config import axial_spectra as _axial_spectra  # noqa: F401 - enters its names
from fluxtube.sim.config.choices import Registry, Section
from fluxtube.sim.config.explain import summary
from fluxtube.sim.config.fields import Angle, Energy, Gradient, Length, Number, Speed, Whole, given
from fluxtube.sim.config.flows import ESTIMATORS, FLOWS, EstimatorChoice, FlowChoice
from fluxtube.sim.config.free_paths import FREE_PATHS, FreePathChoice
from fluxtube.sim.config.pitch_angles import PITCH_ANGLES, PitchAngleChoice
from fluxtube.sim.config.spectra import SPECTRA, Scales, Spectrum
from fluxtube.sim.config.transports import TRANSPORTS, TransportChoice
from fluxtube.sim.config.units import shown
from fluxtube.theory import Turbulence
from fluxtube.theory.constants import C_KM_S, SPECTRAL_SLOPE
from fluxtube.theory.contracts import FreePath
from fluxtube.theory.pitch_angle import PitchAngle


class TurbulenceSection(Section):
    """The flow's spectrum, Eq. 6 of Zhang & Liu (2025)."""

    choices: ClassVar[dict[str, Registry[Any]]] = {"spectrum": SPECTRA}

    spectrum: str = "power-law"
    spectrum_choice: Spectrum
    sigma: Speed | None = given("23 km/s", ge=1e-6, le=C_KM_S, json_schema_extra={"unit": "km/s"})
    sigma_scale: Length | None = Field(None, ge=1e-12, le=1e12, json_schema_extra={"unit": "pc"})  # the mean free path if none
    band: tuple[Number, Number] | None = None

    def without_effect(self) -> dict[str, str]:
        """The scale of a sigma that is not there."""
        return {} if self.sigma is not None else {"sigma_scale": "has no effect without sigma: leave it out, or give that too"}

    @model_validator(mode="before")
    @classmethod
    def _an_absolute_spectrum_needs_no_sigma(cls, value: Any) -> Any:
        """A spectrum that is taken as it stands has no sigma: there it is refused, elsewhere it has a default."""
        if isinstance(value, dict) and value.get("spectrum") in SPECTRA:
            absolute = SPECTRA[value["spectrum"]].absolute or value.get("normalisation") == "absolute"
            if absolute and value.get("sigma") is not None:
                raise ValueError("sigma has no effect on a spectrum that is not rescaled: leave it out")
            return value | {"sigma": None} if absolute else value
        return value

    @field_validator("band")
    @classmethod
    def _band_is_upright(cls, band):
        if band is not None and not 1e-12 <= band[0] < band[1] <= 1e12:
            raise ValueError(
                f"{list(band)} is not a band; write [low, high] with 1e-12 <= low < high <= 1e12, for example [1e-3, 1e3]"
            )
        return band


class TransportSection(Section):
    """How the particles are displaced and convected, Eq. 1."""

    choices: ClassVar[dict[str, Registry[Any]]] = {
        "model": TRANSPORTS, "free_path": FREE_PATHS, "pitch_angle_dependence": PITCH_ANGLES,
    }  # fmt: skip

    model: str = "parallel"
    model_choice: TransportChoice
    free_path: str = "fixed"
    free_path_choice: FreePathChoice
    pitch_angle_dependence: str = "none"  # of the mean of free_path
    pitch_angle_dependence_choice: PitchAngleChoice
    free_path_observed: Literal["end", "in-flight"] = "end"  # where on its path a particle is met
    density_response: Literal["none", "steady"] = "none"  # "steady": the isotropic part of f responds to the flow
    mean_free_path: Length = given("10 pc", ge=1e-9, le=1e9)
    other_mean_free_paths: tuple[Length, ...] = Field((), max_length=16, json_schema_extra={"unit": "pc"})  # same flows
    energies: tuple[Energy, ...] = Field((), max_length=16, json_schema_extra={"unit": "TeV"})  # the same flows seen at each
    reference_energy: Energy = given("10 TeV", gt=0, json_schema_extra={"unit": "TeV"})  # of mean_free_path
    energy_exponent: Number = given("1/3", ge=-4, le=4)  # mean free path ~ energy^exponent
    spectral_slope: Number = Field(SPECTRAL_SLOPE, ge=-100, le=100)
    speed: Speed = given("1 c", ge=1.0, le=C_KM_S)
    density_gradient: Gradient = given("0 /pc")  # (B/B).grad ln f, of the standard diffuse dipole

    def without_effect(self) -> dict[str, str]:
        """What belongs to energies, where there are none."""
        if self.energies:
            return {"other_mean_free_paths": "cannot be combined with energies, whose paths follow; give one of them"}
        reason = "has no effect without energies: leave it out, or give those too"
        return dict.fromkeys(("reference_energy", "energy_exponent"), reason)

    @property
    def seen_energies(self) -> tuple[float, ...]:
        """Energies that every flow is seen at [TeV]: the reference, whose mean free path is `mean_free_path`, then the others."""
        others = [energy for energy in self.energies if energy != self.reference_energy]
        return (self.reference_energy, *others) if self.energies else ()

    @property
    def seen_paths(self) -> tuple[float, ...]:
        """Mean free paths that every flow is seen with [pc], the run's own first."""
        ratios = [(energy / self.reference_energy) ** self.energy_exponent for energy in self.seen_energies[1:]]
        others = [self.mean_free_path * ratio for ratio in ratios] if self.energies else self.other_mean_free_paths
        return (self.mean_free_path, *others)

    @field_validator("energies")
    @classmethod
    def _energies_differ(cls, energies):
        if not all(energy > 0 for energy in energies) or len(set(energies)) < len(energies):
            raise ValueError(f"{list(energies)} [TeV] must all be > 0, and each another")
        return energies

    @model_validator(mode="after")
    def _paths_are_near_one_another(self) -> Self:
        longest, shortest = max(self.seen_paths), min(self.seen_paths)
        if not 0 < shortest <= longest < 1e6 * shortest:
            raise ValueError(f"energies give mean free paths from {shortest:g} to {longest:g} pc; bring them nearer together")
        return self

    @field_validator("other_mean_free_paths")
    @classmethod
    def _paths_are_lengths(cls, paths):
        if not all(path > 0 for path in paths):
            raise ValueError(f"{list(paths)} [pc] must all be > 0")
        return paths


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
            raise ValueError(f"{nside} is not a power of two; write {2 ** round(math.log2(nside))}")
        return nside

    @field_validator("field_direction")
    @classmethod
    def _direction_is_on_the_sphere(cls, direction):
        if not (-360 <= direction[0] <= 360 and -90 <= direction[1] <= 90):
            raise ValueError(f"{list(direction)} is not [right ascension, declination] in degrees")
        return direction


class SamplingSection(Section):
    """How a realisation is drawn and measured."""

    choices: ClassVar[dict[str, Registry[Any]]] = {"estimator": ESTIMATORS, "flow": FLOWS}

    estimator: str = "quadrature"
    estimator_choice: EstimatorChoice
    flow: str = "line"
    flow_choice: FlowChoice

    @property
    def by_particles(self) -> bool:
        """Whether particles are sampled, so that there is shot noise."""
        return self.estimator in ("particles", "walks")


class EnsembleSection(Section):
    """How many realisations, and which."""

    realisations: Whole = Field(20_000, ge=1, le=2**40)
    seed: Whole = Field(20250626, ge=0, lt=2**64)
    field_directions: Literal["fixed", "random"] = "fixed"  # "random": multipoles in a frame at rest, Eq. 12
    target_relative_error: Number | None = Field(None, gt=0, lt=1)  # of C_l: stop once all target_degrees have it
    target_degrees: tuple[Whole, ...] = ()  # none named: all from 1 on
    minimum_realisations: Whole = Field(1000, ge=2, le=2**40)

    def without_effect(self) -> dict[str, str]:
        """Keys of the target, where there is none."""
        if self.target_relative_error is not None:
            return {}
        reason = "has no effect without target_relative_error: leave it out, or give that too"
        return dict.fromkeys(("target_degrees", "minimum_realisations"), reason)


class CheckSection(Section):
    """The first few realisations measured by both estimators and compared."""

    realisations: Whole = Field(0, ge=0, le=10_000)
    particles: Whole = Field(1_000_000, ge=2, le=10**10)


class OutputSection(Section):
    """What is kept of single realisations beside the ensemble's moments."""

    multipoles: Whole = Field(1000, ge=0, le=10_000_000)
    skies: Whole = Field(4, ge=0, le=1000)


def _no_such_build(key: str, name: str, what: str, built: object) -> InputError:
    return InputError(f"{key} = {name!r}: build() must return {what}, it returned {type(built).__name__}")


class _Explained(type(Section)):  # type: ignore[misc]  # pydantic's own metaclass, by its class
    """Called by hand with what is impossible, a configuration says so as the command line does."""

    def __call__(cls, *args: Any, **sections: Any) -> Any:
        if args:
            raise InputError(
                "Config takes its sections by name, Config(turbulence={...}); for a file or a dictionary as a whole use "
                f"fluxtube.configuration({shown(args[0]) if isinstance(args[0], str) else '{...}'})"
            )
        try:
            return super().__call__(**sections)
        except ValidationError as error:
            raise InputError(f"Config: {summary(error, Config)}") from None


class Config(Section, metaclass=_Explained):
    """Everything that determines the numbers of a run; sections by name.

    `fluxtube.configuration(...)` makes one of a TOML file, or of nested dictionaries.
    """

    turbulence: TurbulenceSection = Field(default_factory=lambda: TurbulenceSection.model_validate({}))
    transport: TransportSection = Field(default_factory=lambda: TransportSection.model_validate({}))
    sky: SkySection = Field(default_factory=SkySection)
    sampling: SamplingSection = Field(default_factory=lambda: SamplingSection.model_validate({}))
    ensemble: EnsembleSection = Field(default_factory=EnsembleSection)
    check: CheckSection = Field(default_factory=CheckSection)
    output: OutputSection = Field(default_factory=OutputSection)

    @model_validator(mode="after")
    def _infinite_range_needs_a_converging_integral(self) -> Self:
        gamma = self.turbulence.gamma
        if self.turbulence.band is None and gamma is not None and not 1 < gamma:
            raise ValueError(f"turbulence.gamma = {gamma:g} needs a turbulence.band: an infinite range takes 1 < gamma < 3")
        return self

    @model_validator(mode="after")
    def _something_is_seen(self) -> Self:
        if self.transport.spectral_slope == 0:
            usual = f"{SPECTRAL_SLOPE} is that of TeV cosmic rays"
            raise ValueError(f"transport.spectral_slope = 0 gives no convection anisotropy; {usual}")
        sigma = self.turbulence.sigma
        if sigma is None and not self.turbulence.spectrum_choice.is_absolute:
            raise ValueError("turbulence.sigma must be given")
        if sigma is not None and sigma >= self.transport.speed:
            raise ValueError(
                f"turbulence.sigma = {sigma:g} km/s is not below transport.speed = "
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
        """SHA-256 of what has an effect, whatever way it was written."""
        return hashlib.sha256(json.dumps(self.flat(), sort_keys=True).encode()).hexdigest()

    def flat(self) -> dict[str, dict[str, Any]]:
        """Every section as a flat dictionary of what is set and has an effect."""
        return {name: getattr(self, name).flat() for name in type(self).model_fields}

    @property
    def anisotropy_per_velocity(self) -> float:
        """(dln f/dln p)/v of Eq. 1 [s/km]: turns mu B.Delta u/B into Delta f/f."""
        return self.transport.spectral_slope / self.transport.speed

    @property
    def unit_speed(self) -> float:
        """Velocity that a run measures in [km/s]: sigma, or 1 km/s for a spectrum that is absolute."""
        return 1.0 if self.turbulence.sigma is None else self.turbulence.sigma

    @property
    def sigma_scale(self) -> float:
        """The length at which sigma is the spectrum's [pc]."""
        return self.turbulence.sigma_scale or self.transport.mean_free_path

    def build_turbulence(self) -> Turbulence:
        """The one turbulence object, lengths in pc and velocities in km/s.

        Raises
        ------
        InputError
            The spectrum cannot be brought to sigma.
        """
        path, section = self.transport.mean_free_path, self.turbulence
        try:
            built = section.spectrum_choice.build(Scales(section.sigma, self.sigma_scale, path, section.band))
        except ValueError as error:
            fault = "" if isinstance(error, InputError) else fault_of_plugin(error)
            raise InputError(fault or str(error)) from None
        if not isinstance(built, Turbulence):
            raise _no_such_build("turbulence.spectrum", section.spectrum, "a Turbulence", built)
        return built

    def build_free_path(self) -> FreePath:
        """The law of the free path, with the responses of what is observed."""
        from fluxtube.theory.kinetic import kinetic_law
        from fluxtube.theory.pitch_angle_law import with_pitch_angle

        section = self.transport
        law = section.free_path_choice.build()
        if not hasattr(law, "response"):
            raise _no_such_build("transport.free_path", section.free_path, "a law with response()", law)
        law = kinetic_law(law, density_response=section.density_response, observed=section.free_path_observed)
        dependence = section.pitch_angle_dependence_choice.build()
        if not (dependence is None or isinstance(dependence, PitchAngle)):
            raise _no_such_build("transport.pitch_angle_dependence", section.pitch_angle_dependence, "a PitchAngle", dependence)
        return with_pitch_angle(law, dependence)

    def to_toml(self) -> str:
        """The resolved configuration as TOML: what has an effect; loading it gives an equal configuration."""
        from fluxtube.sim.config.toml import dump

        return dump(self)

    def with_overrides(self, overrides: list[str]) -> "Config":
        """A copy with some keys set, as `--set key=value` does."""
        from fluxtube.sim.config.load import parse

        return parse(self.to_toml(), overrides, source="the run's configuration")
