"""The dependences of the free path on the pitch angle that `transport.pitch_angle_dependence` may name."""

from functools import lru_cache
from typing import ClassVar

import numpy as np
from pydantic import Field, field_validator

from fluxtube.errors import InputError
from fluxtube.sim.config.answers import answers
from fluxtube.sim.config.choices import Choice, Registry
from fluxtube.sim.config.fields import Number, Rows, given
from fluxtube.theory.pitch_angle import Diffusion, Given, PitchAngle, PowerLaw, quasi_linear, tabulated


class PitchAngleChoice(Choice):
    """lambda(mu) = lambda h(mu), lambda the parallel mean free path: (3/2) int mu^2 h dmu = 1."""

    def build(self) -> PitchAngle | None:
        """h, one object for theory and engine; None for a path that is the same in all directions."""
        raise InputError(f"{type(self).__name__} has no build()")


class PitchAngleFunction(PitchAngleChoice):
    """A dependence given by its function: derive from it and define `h`; it is brought to the parallel mean free path.

    Attributes
    ----------
    breaks : tuple of float
        Where h jumps or has a kink, in (0, 1).
    """

    breaks: ClassVar[tuple[float, ...]] = ()

    def h(self, mu: np.ndarray) -> np.ndarray:
        """h at arrays of mu in [-1, 1], even, in any unit."""
        raise InputError(f"{type(self).__name__} has no h(mu)")

    def build(self) -> Given:
        """h."""
        return _function_of(self)


class PitchAngleDiffusion(PitchAngleChoice):
    """A dependence given by the coefficient of pitch-angle diffusion: derive from it and define `coefficient`.

    Attributes
    ----------
    breaks : tuple of float
        Where D jumps or has a kink, in (0, 1).
    """

    breaks: ClassVar[tuple[float, ...]] = ()

    def coefficient(self, mu: np.ndarray) -> np.ndarray:
        """D at arrays of mu in (-1, 1), even and above zero, in any unit."""
        raise InputError(f"{type(self).__name__} has no coefficient(mu)")

    def build(self) -> Diffusion:
        """h."""
        return _diffusion_of(self)


@lru_cache(maxsize=8)
def _function_of(choice: PitchAngleFunction) -> Given:
    """Kept: a run and its theory ask for it again and again, and find the same object."""
    return Given(answers(choice.h, "pitch-angle dependence", PITCH_ANGLES, choice, "mu"), choice.breaks)


@lru_cache(maxsize=8)
def _diffusion_of(choice: PitchAngleDiffusion) -> Diffusion:
    coefficient = answers(choice.coefficient, "pitch-angle dependence", PITCH_ANGLES, choice, "mu")
    return Diffusion(coefficient, choice.breaks)


@lru_cache(maxsize=8)
def _tabulated_of(rows: tuple[tuple[float, float], ...]) -> Diffusion:
    return tabulated(*zip(*rows, strict=True))


@lru_cache(maxsize=8)
def _quasi_linear_of(index: float, floor: float) -> Diffusion:
    return quasi_linear(index, floor)


PITCH_ANGLES: Registry[PitchAngleChoice] = Registry("transport.pitch_angle_dependence", PitchAngleChoice)
register_pitch_angle = PITCH_ANGLES.register


@register_pitch_angle("none")
class NoneChoice(PitchAngleChoice):
    """The same free path in all directions, the paper's."""

    def build(self) -> None:
        """None."""
        return


@register_pitch_angle("power")
class PowerChoice(PitchAngleChoice):
    """h ~ (mu^2 + mu0^2)^(-a/2)."""

    pitch_angle_exponent: Number = Field(ge=-4, le=4)
    pitch_angle_floor: Number = Field(0.05, ge=1e-3, le=1)

    def build(self) -> PowerLaw:
        """h."""
        return PowerLaw(self.pitch_angle_exponent, self.pitch_angle_floor)


@register_pitch_angle("diffusion")
class DiffusionChoice(PitchAngleChoice):
    """h of D ~ (1 - mu^2) (|mu|^(q-1) + H)."""

    scattering_index: Number = given("5/3", ge=1, le=3)
    scattering_floor: Number = Field(0.05, ge=1e-3, le=10)

    def build(self) -> Diffusion:
        """h."""
        return _quasi_linear_of(self.scattering_index, self.scattering_floor)


@register_pitch_angle("diffusion-table")
class DiffusionTableChoice(PitchAngleChoice):
    """h of D(mu) in a table."""

    diffusion_table: Rows

    @field_validator("diffusion_table")
    @classmethod
    def _table_is_one(cls, table):
        _tabulated_of(table)
        return table

    def build(self) -> Diffusion:
        """h."""
        return _tabulated_of(self.diffusion_table)
