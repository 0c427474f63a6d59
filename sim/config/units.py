"""Quantities in a configuration: strings with a unit, fractions, plain numbers where there is no dimension."""

import math
import re
from fractions import Fraction

SPEED_OF_LIGHT = 299792.458  # km/s, exact: SI definition of the metre
ASTRONOMICAL_UNIT_KM = 149597870.7  # exact: IAU 2012 Resolution B2
PARSEC_KM = ASTRONOMICAL_UNIT_KM * 648000 / math.pi  # exact: IAU 2015 Resolution B2

LENGTHS = {  # in pc
    "pc": 1.0,
    "kpc": 1e3,
    "Mpc": 1e6,
    "mpc": 1e-3,
    "AU": ASTRONOMICAL_UNIT_KM / PARSEC_KM,
    "au": ASTRONOMICAL_UNIT_KM / PARSEC_KM,
    "ly": SPEED_OF_LIGHT * 365.25 * 86400 / PARSEC_KM,
    "km": 1 / PARSEC_KM,
    "m": 1e-3 / PARSEC_KM,
    "cm": 1e-5 / PARSEC_KM,
}
GRADIENTS = {f"/{name}": 1 / length for name, length in LENGTHS.items()}  # in 1/pc
SPEEDS = {  # in km/s
    "km/s": 1.0,
    "m/s": 1e-3,
    "cm/s": 1e-5,
    "c": SPEED_OF_LIGHT,
}
ANGLES = {"deg": 1.0, "rad": 180 / math.pi}  # in degrees

_QUANTITY = re.compile(r"\s*([-+]?(?:\d[\d_]*\.?[\d_]*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S+)\s*")


def parse_number(value: object) -> float:
    """Real number from 1.5, "1.5" or "5/3".

    Raises
    ------
    ValueError
        Anything else, NaN and infinity included.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f'{value!r} is not a number; write for example 1.5 or "5/3"')
    try:
        number = float(Fraction(value)) if isinstance(value, str) else float(value)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise ValueError(f'{value!r} is not a number; write for example 1.5 or "5/3"') from None
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is not a finite number")
    return number


def parse_quantity(value: object, units: dict[str, float], example: str) -> float:
    """Value of a string such as "10 pc" in the base unit of `units`.

    Parameters
    ----------
    value : str
        A number, a blank, a unit.
    units : dict
        Unit names and what one of them is in the base unit.
    example : str
        What a right one looks like, for the message.

    Raises
    ------
    ValueError
        No unit, an unknown unit, or not a number.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise ValueError(f'{value!r} has no unit; write for example "{example}" (units: {", ".join(units)})')
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'{value!r} is not a number with a unit; write for example "{example}" (units: {", ".join(units)})')
    number, unit = match.groups()
    if unit not in units:
        raise ValueError(f'{value!r} has the unknown unit "{unit}"; known are {", ".join(units)}')
    result = float(number.replace("_", "")) * units[unit]
    if not math.isfinite(result):
        raise ValueError(f"{value!r} is not a finite quantity")
    return result
