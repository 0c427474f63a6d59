"""Parameters, their priors, and what is free: the unit cube of the samplers turned into points."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import norm

from fluxtube.analysis.inference.transport import RIVALS, WEIGHTS, Point
from fluxtube.analysis.observations.reference import FIELD_DIRECTION
from fluxtube.errors import InputError
from fluxtube.theory.constants import C_KM_S

NAMES = ("sigma", "gamma", "displacement_perpendicular", "convection_perpendicular", "field_ra", "field_dec", "noise")
FREEABLE = ("sigma", "gamma", "displacement_perpendicular", "convection_perpendicular", "field", "noise")
LABELS = {
    "sigma": r"\sigma\ [\mathrm{km/s}]",
    "gamma": r"\gamma",
    "displacement_perpendicular": r"\epsilon",
    "convection_perpendicular": r"\eta",
    "field_ra": r"\alpha_B\ [\mathrm{deg}]",
    "field_dec": r"\delta_B\ [\mathrm{deg}]",
    "noise": r"N/N_0",
}
UNITS = dict.fromkeys(NAMES, "1") | {"sigma": "km/s", "field_ra": "deg", "field_dec": "deg"}  # noise: of the level given

SIGMA_LIMITS = (1e-6, C_KM_S)  # km/s
NOISE_LIMITS = (1e-4, 1e4)
DEFAULT = Point(field=FIELD_DIRECTION)


@dataclass(frozen=True)
class Prior:
    """Ranges of the parameters, and which are fixed.

    sigma and noise are uniform in their logarithm; gamma, eps and eta uniform; the field is fixed, uniform over the
    hemisphere about `field` (B and -B give the same likelihood), or normal about it with `field_error` on the sky.

    Attributes
    ----------
    free : tuple of str
        Of `FREEABLE`.
    fixed : Point
        Values of what is not free.
    sigma, gamma, noise : (float, float)
    field_error : float or None
        [deg]; None for the whole hemisphere.
    rival_amplitude : (float, float)
        Range of the square root of C_2 of rivals.
    rival_index : (float, float)
        Range of q of the rival "power-law".
    """

    free: tuple[str, ...] = FREEABLE[:4]
    fixed: Point = DEFAULT
    sigma: tuple[float, float] = (1.0, 1000.0)
    gamma: tuple[float, float] = (1.05, 2.5)
    noise: tuple[float, float] = (1 / 3, 3.0)
    field_error: float | None = None
    rival_amplitude: tuple[float, float] = (1e-6, 1e-2)
    rival_index: tuple[float, float] = (0.0, 6.0)

    def __post_init__(self):
        unknown = [name for name in self.free if name not in FREEABLE]
        if unknown:
            raise InputError(f"{unknown[0]!r} cannot be free; known: {', '.join(FREEABLE)}")
        if not SIGMA_LIMITS[0] <= self.sigma[0] < self.sigma[1] <= SIGMA_LIMITS[1]:
            raise InputError(
                f"sigma from {self.sigma[0]:g} to {self.sigma[1]:g} km/s is not a range within {SIGMA_LIMITS[0]:g} to "
                f"{SIGMA_LIMITS[1]:g}; 1 to 1000 is usual"
            )
        if not 1 < self.gamma[0] < self.gamma[1] < 3:
            raise InputError(f"gamma from {self.gamma[0]:g} to {self.gamma[1]:g} must rise within 1 to 3; 1.05 to 2.5 is usual")
        point = self.fixed
        low, high = NOISE_LIMITS
        if not (SIGMA_LIMITS[0] <= point.sigma <= SIGMA_LIMITS[1] and 1 < point.gamma < 3 and low <= point.noise <= high):
            raise InputError(
                f"sigma = {point.sigma:g}, gamma = {point.gamma:g}, noise = {point.noise:g}: sigma must be above zero, gamma "
                f"between 1 and 3, and noise, a factor of the stated noise, between {low:g} and {high:g}"
            )
        if not (0 <= point.displacement <= 1 and 0 <= point.convection <= 1):
            raise InputError(f"displacement {point.displacement:g} and convection {point.convection:g} must lie in 0 to 1")
        if not (0 <= point.field[0] < 360 and -90 <= point.field[1] <= 90):
            raise InputError(
                f"field direction {point.field[0]:g}, {point.field[1]:g}: right ascension 0 to 360 and declination -90 to 90 deg"
            )
        if self.field_error is not None and not 0 < self.field_error <= 60:
            raise InputError(f"error of the field direction {self.field_error:g} deg: it must be above 0 and 60 at most")

    def names(self, model: str) -> tuple[str, ...]:
        """Free parameters of a model, one for each side of the cube."""
        used = {"sigma", "noise"} if model != "dipole-only" else {"noise"}
        if model in WEIGHTS:
            used |= {"gamma"} | ({"field"} if model != "isotropic" else set())
        if model == "cross-field":
            used |= {"displacement_perpendicular", "convection_perpendicular"}
        free = [name for name in FREEABLE if name in self.free and name in used]
        if model in RIVALS:  # their amplitude and index are always free
            free = [name for name in ("sigma", "gamma") if model == "power-law" or (name == "sigma" and model == "gradient")]
            free += ["noise"] if "noise" in self.free else []
        return tuple(name for name in NAMES if name in free or (name.startswith("field_") and "field" in free))

    def point(self, model: str, cube) -> Point:
        """Point of a model from a point of the unit cube."""
        names, cube = self.names(model), np.asarray(cube, dtype=float)
        at = dict(zip(names, cube, strict=True))
        values: dict[str, Any] = {}
        rival = model in RIVALS
        if "sigma" in at:
            values["sigma"] = _log_uniform(at["sigma"], self.rival_amplitude if rival else self.sigma)
        if "gamma" in at:
            low, high = self.rival_index if rival else self.gamma
            values["gamma"] = low + (high - low) * at["gamma"]
        if "displacement_perpendicular" in at:
            values["displacement"] = at["displacement_perpendicular"]
        if "convection_perpendicular" in at:
            values["convection"] = at["convection_perpendicular"]
        if "field_ra" in at:
            values["field"] = _direction(self.fixed.field, at["field_ra"], at["field_dec"], self.field_error)
        if "noise" in at:
            values["noise"] = _log_uniform(at["noise"], self.noise)
        own = WEIGHTS.get(model)
        if own:  # parallel and isotropic transport have weights of their own
            values["displacement"], values["convection"] = own
        return replace(self.fixed, **values)


def coordinates(point: Point) -> dict[str, float]:
    """All seven numbers of a point by name."""
    values = (point.sigma, point.gamma, point.displacement, point.convection, *point.field, point.noise)
    return dict(zip(NAMES, (float(value) for value in values), strict=True))


def _log_uniform(share: float, ends) -> float:
    return float(ends[0] * (ends[1] / ends[0]) ** share)


def _direction(centre, first: float, second: float, error: float | None) -> tuple[float, float]:
    """Direction from the unit square: equal areas of the hemisphere about a centre, or a normal law on its tangent plane."""
    if error is None:
        # Concentric map of the square on the disc (Shirley & Chiu 1997), then Lambert's equal-area projection: no seam, no pole.
        x, y = 2 * first - 1, 2 * second - 1
        if abs(x) > abs(y):
            radius, azimuth = x, np.pi / 4 * (y / x)
        else:
            radius, azimuth = y, np.pi / 2 - (np.pi / 4 * (x / y) if y else 0.0)
        distance = 2 * np.arcsin(abs(radius) / np.sqrt(2))
        azimuth += np.pi * (radius < 0)
    else:
        x, y = np.deg2rad(error) * norm.ppf(np.clip([first, second], 1e-12, 1 - 1e-12))
        distance, azimuth = min(np.hypot(x, y), np.pi), np.arctan2(y, x)
    alpha, delta = np.deg2rad(centre)
    local = np.array([np.sin(distance) * np.cos(azimuth), np.sin(distance) * np.sin(azimuth), np.cos(distance)])
    east = np.array([-np.sin(alpha), np.cos(alpha), 0.0])
    outward = np.array([np.cos(delta) * np.cos(alpha), np.cos(delta) * np.sin(alpha), np.sin(delta)])
    x, y, z = local @ np.array([east, np.cross(outward, east), outward])
    return float(np.rad2deg(np.arctan2(y, x)) % 360), float(np.rad2deg(np.arcsin(np.clip(z, -1, 1))))
