"""Published numbers that were verified, each with its source. Everything else a user brings."""

import math
from dataclasses import dataclass

from fluxtube.errors import InputError


@dataclass(frozen=True)
class PublishedValue:
    """A published number.

    Attributes
    ----------
    value, lower, upper : float
        Value and the sizes of its errors downward and upward.
    unit, source : str
    """

    value: float
    lower: float
    upper: float
    unit: str
    source: str


_SOURCE = "Abeysekara et al. 2019, ApJ 871, 96 (HAWC and IceCube, 10 TeV)"

# Relative intensity of the dipole towards right ascension 0 h and 6 h.
DIPOLE_0H = PublishedValue(9.16e-4, 0.04e-4, 0.04e-4, "1", _SOURCE)
DIPOLE_6H = PublishedValue(7.25e-4, 0.04e-4, 0.04e-4, "1", _SOURCE)
# Not measured by either array (declination bands are normalised): estimated there from the direction of the field.
DIPOLE_NORTH = PublishedValue(-3.97e-4, 2.0e-4, 1.0e-4, "1", _SOURCE + ", estimate from the field direction")
FIELD_RIGHT_ASCENSION = PublishedValue(229.2, 3.5, 3.5, "deg", _SOURCE + ", boundary fit")
FIELD_DECLINATION = PublishedValue(11.4, 3.0, 3.0, "deg", _SOURCE + ", boundary fit")
MEDIAN_ENERGY = PublishedValue(10.0, 0.0, 0.0, "TeV", _SOURCE)

FIELD_DIRECTION = (FIELD_RIGHT_ASCENSION.value, FIELD_DECLINATION.value)


def direction_on_sky(right_ascension: float, declination: float) -> tuple[float, float]:
    """A direction, checked as `sky.field_direction` of a configuration is [deg].

    Raises
    ------
    InputError
        Not finite, or not on the sphere: the declination first, perhaps.
    """
    if not all(map(math.isfinite, (right_ascension, declination))) or abs(right_ascension) > 360 or abs(declination) > 90:
        raise InputError(
            f"direction {right_ascension:g} {declination:g}: right ascension (-360 to 360 deg) comes first, then declination "
            "(-90 to 90 deg)"
        )
    return float(right_ascension), float(declination)
