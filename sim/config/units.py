"""Quantities in a configuration: strings with a unit, fractions, plain numbers where there is no dimension."""

import math
import re
from fractions import Fraction

from fluxtube.theory.constants import C_KM_S

ASTRONOMICAL_UNIT_KM = 149597870.7  # exact: IAU 2012 Resolution B2
PARSEC_KM = ASTRONOMICAL_UNIT_KM * 648000 / math.pi  # exact: IAU 2015 Resolution B2

LENGTHS = {  # in pc
    "pc": 1.0,
    "kpc": 1e3,
    "Mpc": 1e6,
    "mpc": 1e-3,
    "AU": ASTRONOMICAL_UNIT_KM / PARSEC_KM,
    "au": ASTRONOMICAL_UNIT_KM / PARSEC_KM,
    "ly": C_KM_S * 365.25 * 86400 / PARSEC_KM,
    "km": 1 / PARSEC_KM,
    "m": 1e-3 / PARSEC_KM,
    "cm": 1e-5 / PARSEC_KM,
}
GRADIENTS = {f"/{name}": 1 / length for name, length in LENGTHS.items()}  # in 1/pc
SPEEDS = {  # in km/s
    "km/s": 1.0,
    "m/s": 1e-3,
    "cm/s": 1e-5,
    "c": C_KM_S,
}
ANGLES = {"deg": 1.0, "rad": 180 / math.pi}  # in degrees

ENERGIES = {"GeV": 1e-3, "TeV": 1.0, "PeV": 1e3, "EeV": 1e6}  # in TeV

LONGEST_SHOWN = 60  # characters of a value in a message
LARGEST_EXACT = 2.0**53  # of whole numbers as floats

_WHOLE = re.compile(r"[-+]?\d+")
_DECIMAL = re.compile(r"[-+]?(?:\d[\d_]*\.?[\d_]*|\.\d+)(?:[eE][-+]?\d+)?")
_FRACTION = re.compile(r"[-+]?\d+\s*/\s*\d+")
_QUANTITY = re.compile(r"\s*([-+]?(?:\d[\d_]*\.?[\d_]*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S+)\s*")


def shown(value: object) -> str:
    """A value as it was given, short enough for a message of one line."""
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        return "a number of thousands of digits"
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 12]}...{text[-8:]}"


def parse_number(value: object) -> float:
    """Real number from 1.5, "1.5" or "5/3".

    Raises
    ------
    ValueError
        Anything else, NaN and infinity included.
    """
    example = 'write for example 1.5 or "5/3"'
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"{shown(value)} is not a number; {example}")
    try:
        number = _real(value.strip()) if isinstance(value, str) else float(value)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{shown(value)} is not a number; {example}") from None
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{shown(value)} is not a finite number")
    return number


def _real(text: str) -> float:
    """Number from decimal digits or a fraction of whole numbers; a huge exponent costs nothing."""
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _FRACTION.fullmatch(text) and len(text) <= LONGEST_SHOWN:
        return float(Fraction("".join(text.split())))
    raise ValueError


def parse_whole(value: object) -> int:
    """Whole number, also as 1e6 or "20_000": counts are often written so. Digits are kept to the last, whatever their number.

    Raises
    ------
    ValueError
        Anything else.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = value.strip().replace("_", "") if isinstance(value, str) else None
    if text is not None and _WHOLE.fullmatch(text) and len(text) <= LONGEST_SHOWN:
        return int(text)
    number = parse_number(text if text is not None else value)
    if number != int(number):
        raise ValueError(f"{shown(value)} is not a whole number")
    if abs(number) >= LARGEST_EXACT:  # the next whole number is rounded to this one
        raise ValueError(f"{shown(value)} is too large to be exact in this form; write all its digits")
    return int(number)


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
    bare = isinstance(value, (int, float)) and not isinstance(value, bool)
    if bare or (isinstance(value, str) and _DECIMAL.fullmatch(value.strip())):
        raise ValueError(f'{shown(value)} has no unit; write for example "{example}" (units: {", ".join(units)})')
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'{shown(value)} is not a number with a unit; write for example "{example}" (units: {", ".join(units)})')
    number, unit = match.groups()
    if unit not in units:
        raise ValueError(f'{shown(value)} has the unknown unit "{unit[:20]}"; known are {", ".join(units)}')
    try:
        result = float(number.replace("_", "")) * units[unit]
    except ValueError:
        raise ValueError(f'{shown(value)} is not a number with a unit; write for example "{example}"') from None
    if not math.isfinite(result):
        raise ValueError(f"{shown(value)} is not a finite quantity")
    return result
