"""Numbers as people type them: 5/3, 1e3, 0.25; each refused in one line where it is none."""

import math


def number(text, name: str) -> float:
    """A finite number: 1.6667, 1e-4 or 5/3.

    Raises
    ------
    InputError
        For anything else.
    """
    from fluxtube.errors import InputError

    parts = str(text).split("/")
    try:
        values = [float(part) for part in parts] if len(str(text)) <= 60 else []
        value = values[0] / values[1] if len(values) == 2 else values[0] if len(values) == 1 else math.nan
    except (ValueError, ZeroDivisionError, OverflowError):
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{name} {str(text)[:60]!r} is not a finite number; examples: 5/3, 1.6667, 1e-4")
    return value


def count(text, name: str, smallest: int = 1, largest: int = 2**53) -> int:
    """A whole number: 1000 or 1e3.

    Raises
    ------
    InputError
        For anything else, or beyond the limits.
    """
    from fluxtube.errors import InputError

    text = str(text).strip()
    value = int(text) if text.lstrip("+-").isdecimal() and len(text) <= 20 else number(text, name)
    if value != int(value) or not smallest <= value <= largest:
        raise InputError(f"{name} {text[:60]}: a whole number from {smallest} to {largest} is needed")
    return int(value)
