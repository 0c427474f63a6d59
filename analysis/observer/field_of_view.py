"""Bands of declination that ground arrays see."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fluxtube.errors import InputError

# Latitudes [deg] as in Díaz-Vélez et al. (2025, arXiv:2507.07070). The cuts on the zenith angle are this package's choice
# of round numbers, not an experiment's: an analysis that cuts elsewhere is given as SOUTH:NORTH.
LATITUDES = {"hawc": 19.0, "icecube": -90.0}
ZENITH_CUTS = {"hawc": 57.0, "icecube": 70.0}
VIEWS = (*LATITUDES, "both", "full")


@dataclass(frozen=True)
class FieldOfView:
    """Bands of declination, apart from each other.

    Attributes
    ----------
    bands : tuple of (float, float)
        South and north edge of each [deg].
    name : str
    """

    bands: tuple[tuple[float, float], ...]
    name: str = "band"

    def __post_init__(self):
        edges = [edge for band in self.bands for edge in band]
        if not edges or not all(-90 <= edge <= 90 for edge in edges) or any(b <= a for a, b in pairwise(edges)):
            raise InputError(
                f"{list(self.bands)} are not bands of declination; give pairs that rise, for example [[-30, 64]]"
            )

    @property
    def sky_fraction(self) -> float:
        """Observed fraction of the sphere."""
        return float(sum(np.diff(np.sin(np.deg2rad(band)))[0] for band in self.bands) / 2)

    def sees(self, declination) -> np.ndarray:
        """Whether declinations [deg] are observed."""
        declination = np.asarray(declination, dtype=float)
        return np.any([(declination >= south) & (declination <= north) for south, north in self.bands], axis=0)


def site_view(latitude: float, zenith_cut: float, name: str = "site") -> FieldOfView:
    """View of an array at a latitude over a day: declinations within the zenith cut of its zenith [deg]."""
    if not (-90 <= latitude <= 90 and 0 < zenith_cut <= 90):
        raise InputError(f"latitude {latitude:g} and zenith cut {zenith_cut:g} deg: they must lie in -90 to 90 and above 0 to 90")
    return FieldOfView(((max(latitude - zenith_cut, -90.0), min(latitude + zenith_cut, 90.0)),), name)


def named_view(name: str) -> FieldOfView:
    """View by name: "hawc", "icecube", "both" (their union), "full" (the whole sphere), or "SOUTH:NORTH" in degrees.

    Raises
    ------
    InputError
        For any other text.
    """
    if name == "full":
        return FieldOfView(((-90.0, 90.0),), name)
    if name in LATITUDES:
        return site_view(LATITUDES[name], ZENITH_CUTS[name], name)
    if name == "both":
        north, south = named_view("hawc").bands[0], named_view("icecube").bands[0]
        bands = ((south[0], max(south[1], north[1])),) if north[0] <= south[1] else (south, north)
        return FieldOfView(bands, name)
    try:
        lowest, highest = (float(edge) for edge in name.split(":"))
    except ValueError:
        raise InputError(
            f"field of view {name!r} is not known; use {', '.join(VIEWS)} or SOUTH:NORTH, like -30:64"
        ) from None
    return FieldOfView(((lowest, highest),), name)
