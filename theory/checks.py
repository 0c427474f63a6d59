"""Validity conditions, said in one line: what was given, its value, what to do."""

import math
from typing import Any

import numpy as np

from fluxtube.errors import InputError


def positive(name: str, value: float, unit: str = "") -> float:
    """Return `value` as a float if it is finite and above zero, raise otherwise."""
    number = _number(name, value)
    if not (math.isfinite(number) and number > 0.0):
        raise InputError(f"{name} = {value!r}{unit and ' ' + unit} must be finite and above zero")
    return number


def finite(name: str, value: float) -> float:
    """Return `value` as a float if it is finite, raise otherwise."""
    number = _number(name, value)
    if not math.isfinite(number):
        raise InputError(f"{name} = {value!r} must be a finite number")
    return number


def inside(name: str, value: float, low: float, high: float, why: str = "") -> float:
    """Return `value` as a float if low < value < high, raise otherwise."""
    number = _number(name, value)
    if not low < number < high:
        raise InputError(f"{name} = {value!r} must satisfy {low:g} < {name} < {high:g}{why and ': ' + why}")
    return number


def fraction(name: str, value: float) -> float:
    """Return `value` as a float if it lies in [0, 1], raise otherwise."""
    number = _number(name, value)
    if not 0.0 <= number <= 1.0:
        raise InputError(f"{name} = {value!r} must lie in [0, 1]")
    return number


def degree(name: str, value: int, least: int) -> int:
    """Return `value` as an int if it is a whole number not below `least`, raise otherwise."""
    number = _number(name, value)
    if not (math.isfinite(number) and number == int(number) and number >= least):
        raise InputError(f"{name} = {value!r} must be a whole number of at least {least}")
    return int(number)


def degrees(l_max: int, l_min: int, least: int = 0) -> tuple[int, int]:
    """Largest and smallest degree, checked."""
    l_min = degree("l_min", l_min, least)
    return degree("l_max", l_max, l_min), l_min


def anisotropy_factor(spectral_slope: float, speed: float) -> float:
    """(slope/v)^2, which turns [velocity^2] into the square of Delta f/f; checked."""
    return (finite("spectral_slope", spectral_slope) / positive("speed", speed)) ** 2


def band_limits(band, unit: str = "1/length") -> tuple[float, float] | None:
    """Return (k_min, k_max) of a band with 0 <= k_min < k_max, or None."""
    if band is None:
        return None
    try:
        low, high = (float(k) for k in band)
    except (TypeError, ValueError):
        raise InputError(f"band = {band!r} must be two wave numbers (k_min, k_max) [{unit}]") from None
    if not (0.0 <= low < high) or math.isinf(low):
        raise InputError(f"band = ({low!r}, {high!r}) must satisfy 0 <= k_min < k_max [{unit}]")
    return low, high


def plain(name: str, values: Any, unit: str | None = None, masked: float | None = None) -> np.ndarray:
    """Return `values` as an array without unit and mask, neither of which NumPy's functions would take notice of.

    Parameters
    ----------
    name : str
    values : array_like
        A quantity of astropy is brought to `unit`; a masked array must have no masked value, or `masked` in its place.
    unit : str, optional
        "" is a plain number; None where any consistent unit will do, so that a stated one cannot be brought to it.
    masked : float, optional
        What stands for a masked value.
    """
    if hasattr(values, "unit") and hasattr(values, "to_value"):
        try:
            values = values.to_value("" if unit is None else unit)
        except Exception:  # astropy's own kind, which is not imported for this
            wanted = f"give it in {unit}" if unit else "give plain numbers"
            raise InputError(f"{name} has the unit {values.unit}, which cannot be used here; {wanted}") from None
    if np.ma.is_masked(values):
        if masked is None:
            raise InputError(f"{name} has masked values; give those that are known")
        values = np.ma.filled(np.ma.asarray(values, dtype=float), masked)
    return np.asarray(values)


def _number(name: str, value) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"{name} = {value!r} must be a number") from None
