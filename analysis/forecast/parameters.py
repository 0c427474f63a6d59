"""Parameters of a forecast: their names, units, ends, and a point of the inference from a configuration."""

from dataclasses import replace
from typing import Any

import numpy as np

from fluxtube.analysis.configured import model_of
from fluxtube.analysis.inference.transport import Point
from fluxtube.errors import InputError

# Step of the first of two central differences; the second is half of it.
STEPS = {
    "sigma": 1e-2,  # of sigma itself
    "gamma": 1e-2,
    "displacement_perpendicular": 1e-2,
    "convection_perpendicular": 1e-2,
    "field_east": 0.5,
    "field_north": 0.5,
}
UNITS = {"sigma": "km/s", "field_east": "deg", "field_north": "deg"}
ENDS = {"gamma": (1.02, 2.9), "displacement_perpendicular": (0.0, 1.0), "convection_perpendicular": (0.0, 1.0)}
OF_POINT = {"displacement_perpendicular": "displacement", "convection_perpendicular": "convection"}
NAMES = tuple(STEPS)
FREEABLE = ("sigma", "gamma", "displacement_perpendicular", "convection_perpendicular", "field")


def point_of(config) -> Point:
    """Parameters of a configuration; sigma is that at its own scale.

    Raises
    ------
    InputError
        The inference knows nothing of its spectrum.
    """
    turbulence = config.turbulence
    if turbulence.spectrum != "power-law":
        raise InputError(
            f"turbulence.spectrum = {turbulence.spectrum!r}: a forecast knows power laws "
            'without end; set turbulence.spectrum = "power-law"'
        )
    if config.ensemble.field_directions == "random":
        raise InputError('a forecast is of one sky with one field: set ensemble.field_directions = "fixed"')
    model = model_of(config.transport)
    low, high = ENDS["gamma"]
    if not low < turbulence.gamma < high:
        raise InputError(f"turbulence.gamma = {turbulence.gamma:g}: a power law without end needs {low:g} to {high:g} here")
    right_ascension, declination = config.sky.field_direction
    return Point(turbulence.sigma, turbulence.gamma, model.displacement, model.convection, (right_ascension % 360.0, declination))


def value(point: Point, name: str) -> float:
    """Value of a parameter at a point; that of a field's offset is zero."""
    return 0.0 if name.startswith("field_") else float(getattr(point, OF_POINT.get(name, name)))


def moved(point: Point, changes: dict[str, float]) -> Point:
    """A point with parameters set to other values; the field turned by offsets on the sky [deg]."""
    plain: dict[str, Any] = {
        OF_POINT.get(name, name): float(new) for name, new in changes.items() if not name.startswith("field_")
    }
    east, north = (changes.get(name, 0.0) for name in ("field_east", "field_north"))
    if east or north:
        plain["field"] = _offset(point.field, east, north)
    return replace(point, **plain)


def _offset(field: tuple[float, float], east: float, north: float) -> tuple[float, float]:
    """A direction moved along a great circle, the components of the way given at its start [deg]."""
    alpha, delta = np.deg2rad(field)
    outward = np.array([np.cos(delta) * np.cos(alpha), np.cos(delta) * np.sin(alpha), np.sin(delta)])
    to_east = np.array([-np.sin(alpha), np.cos(alpha), 0.0])
    way = np.deg2rad(east) * to_east + np.deg2rad(north) * np.cross(outward, to_east)
    length = np.linalg.norm(way)
    x, y, z = np.cos(length) * outward + np.sin(length) * way / length
    return float(np.rad2deg(np.arctan2(y, x)) % 360.0), float(np.rad2deg(np.arcsin(np.clip(z, -1.0, 1.0))))


def expand(names) -> tuple[str, ...]:
    """Names of numbers, of `FREEABLE` names: "field" is two."""
    return tuple(name for name in NAMES if name in names or (name.startswith("field_") and "field" in names))
