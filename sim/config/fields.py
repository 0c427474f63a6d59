"""Field types of the configuration: each reads what a person writes and holds a float in the base unit."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from fluxtube.sim.config.units import ANGLES, ENERGIES, GRADIENTS, LENGTHS, SPEEDS, parse_number, parse_quantity, parse_whole
from fluxtube.theory.constants import TRANSVERSE_FRACTIONS


def _length(value):
    return parse_quantity(value, LENGTHS, "10 pc")


def _speed(value):
    return parse_quantity(value, SPEEDS, "23 km/s")


def _gradient(value):
    return parse_quantity(value, GRADIENTS, "-1e-4 /pc")


def _angle(value):
    return parse_number(value) if isinstance(value, (int, float)) else parse_quantity(value, ANGLES, "229.2 deg")


def _transverse_fraction(value):
    named = isinstance(value, str) and value in TRANSVERSE_FRACTIONS
    return TRANSVERSE_FRACTIONS[value] if named else parse_number(value)


def _energy(value):
    return parse_quantity(value, ENERGIES, "10 TeV")


def given(text: str, **limits: Any) -> Any:
    """A default that is written as a person writes it, with its unit; it is read like all others (validate_default)."""
    return Field(text, **limits)


Number = Annotated[float, BeforeValidator(parse_number)]
Whole = Annotated[int, BeforeValidator(parse_whole)]
Length = Annotated[float, BeforeValidator(_length), Field(json_schema_extra={"unit": "pc"})]
Speed = Annotated[float, BeforeValidator(_speed), Field(json_schema_extra={"unit": "km/s"})]
Gradient = Annotated[float, BeforeValidator(_gradient), Field(json_schema_extra={"unit": "/pc"})]
Angle = Annotated[float, BeforeValidator(_angle)]
TransverseFraction = Annotated[float, BeforeValidator(_transverse_fraction)]
Energy = Annotated[float, BeforeValidator(_energy), Field(json_schema_extra={"unit": "TeV"})]
Row = tuple[Number, Number]
Rows = Annotated[tuple[Row, ...], Field(min_length=2)]
