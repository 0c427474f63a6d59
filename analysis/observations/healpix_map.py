"""HEALPix maps of the relative intensity in FITS files; needs the extra `fits` (healpy)."""

from dataclasses import dataclass

import numpy as np
from ducc0.healpix import Healpix_Base

from fluxtube.analysis.observations.fits_columns import INSTALL, Columns, is_seen, read_columns, refuse_other_ordering
from fluxtube.analysis.observations.wigner import to_equatorial
from fluxtube.errors import InputError
from fluxtube.theory.checks import plain


def read_map(path, mask_path=None, field=0, *, ordering=None, frame: str | None = "equatorial", turn: bool = False):
    """Relative intensity of a HEALPix FITS file, and what of the sky was seen.

    The map carries its mask with it: NaN where the sky was not seen. Maps of this program in the frame of the field (COORDSYS
    = MAGNETIC) are turned to equatorial coordinates by the direction in their head; maps in galactic or ecliptic coordinates
    only if asked. What a file may state, and what is refused, says `fits_columns.read_columns`.

    Parameters
    ----------
    path, mask_path : path
        Map, and mask (positive where the sky was seen) in the same frame.
    field : int, str, or sequence of them
        Column or columns, by number or by name.
    ordering : str, optional
        RING or NESTED, for files that do not say; another than what the map states is refused.
    frame : str or None
        "equatorial"; None leaves the map in the frame that it has.
    turn : bool
        Whether galactic and ecliptic maps are turned.

    Returns
    -------
    map, seen : ndarray (npix,), ndarray of bool (npix,)
        RING order; (n, npix) for a sequence of n fields.

    Raises
    ------
    InputError
        Without healpy; for files that cannot be read for sure; for unequal resolutions; where no pixel was seen.
    """
    one = isinstance(field, int | str | np.integer)
    columns = read_columns(path, (field,) if one else tuple(field), ordering)
    refuse_other_ordering(columns, ordering, path)
    values = columns.values
    if mask_path is not None:
        mask = read_mask(mask_path, ordering)
        if len(mask.seen) != values.shape[1]:
            raise InputError(
                f"{str(mask_path)!r} has {len(mask.seen)} pixels, {str(path)!r} has {values.shape[1]}: they must be equal"
            )
        if mask.frame != columns.frame:
            raise InputError(f"{str(mask_path)!r} is in {mask.frame} coordinates, {str(path)!r} in {columns.frame} ones")
        values = np.where(mask.seen, values, np.nan)
    if not np.all(np.any(np.isfinite(values), axis=1)):
        raise InputError(f"{str(path)!r}: no pixel of the sky is observed")
    if frame is not None:
        values = np.array([_to_equatorial(row, columns, path, turn) for row in values])
    seen = np.isfinite(values)
    return (values[0], seen[0]) if one else (values, seen)


@dataclass(frozen=True)
class Mask:
    """What of the sky was observed.

    Attributes
    ----------
    seen : ndarray of bool (npix,)
        RING.
    frame : str
        As `Columns.frame`.
    remarks : list of str
        Where its values look like weights: they count for nothing but their sign.
    """

    seen: np.ndarray
    frame: str
    remarks: list[str]


def read_mask(path, ordering=None) -> Mask:
    """A mask from a HEALPix FITS file: pixels above zero were observed, zero and what is no number (UNSEEN, NaN) were not.

    Raises
    ------
    InputError
        As `read_columns`; values below zero.
    """
    columns = read_columns(path, (0,), ordering, relative=False)
    values = np.nan_to_num(columns.values[0])
    if np.any(values < 0):
        raise InputError(
            f"{str(path)!r} holds {values.min():.3g}: a mask must not be below zero; 0 stands for what was not observed"
        )
    positive = values[values > 0]
    remarks = []
    if np.any(positive != 1.0):
        low, high = positive.min(), positive.max()
        span = f"{high:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
        remarks = [f"{path}: {span} where others have 1; a mask is no weight: every pixel above zero counts as observed, alike"]
    return Mask(values > 0, columns.frame, remarks)


def map_alm(values: np.ndarray, l_max: int) -> np.ndarray:
    """a[l, m], m >= 0, of a HEALPix map (RING); pixels that are masked, NaN or UNSEEN count as zero (pseudo-multipoles).

    Raises
    ------
    InputError
        For l_max beyond 3 nside - 1, where a map has no multipoles of its own; for an array that is no map.
    """
    healpy = load_healpy()
    values = plain("map", values, "", masked=np.nan).astype(float)
    nside = nside_of(values)
    if not 0 <= l_max <= 3 * nside - 1:
        raise InputError(f"l_max = {l_max}: a map of nside {nside} has multipoles from 0 to {3 * nside - 1}")
    flat = healpy.map2alm(np.where(is_seen(values), values, 0.0), lmax=l_max, iter=3)
    alm = np.zeros((l_max + 1,) * 2, dtype=complex)
    l, m = healpy.Alm.getlm(l_max)
    alm[l, m] = flat
    return alm


def alm_map(alm: np.ndarray, nside: int) -> np.ndarray:
    """Map (npix,), RING, of a sky a[l, m]."""
    l, m = np.tril_indices(len(alm))
    order = np.lexsort((l, m))
    return load_healpy().alm2map(np.asarray(alm, dtype=complex)[l[order], m[order]], nside, lmax=len(alm) - 1)


def nside_of(values) -> int:
    """nside of a map (npix,).

    Raises
    ------
    InputError
        For an array that is no HEALPix map.
    """
    nside = round(float(np.sqrt(np.shape(values)[-1] / 12)))
    if np.ndim(values) != 1 or nside < 1 or 12 * nside**2 != len(values):
        raise InputError(f"an array of shape {np.shape(values)} is not a HEALPix map; 12 nside^2 pixels are needed")
    return nside


def ring_numbers(nside: int) -> np.ndarray:
    """Number of the ring of constant latitude, 0 in the north, of each pixel in RING order (npix,)."""
    in_ring = 4 * np.minimum(np.minimum(np.arange(1, 4 * nside), nside), np.arange(4 * nside - 1, 0, -1))
    return np.repeat(np.arange(4 * nside - 1), in_ring)


def _to_equatorial(values, columns: Columns, path, turn: bool) -> np.ndarray:
    if columns.frame == "equatorial":
        return values
    if columns.frame == "magnetic":
        try:
            direction = float(columns.header["ALPHA_B"]), float(columns.header["DELTA_B"])
        except (KeyError, TypeError, ValueError):
            raise InputError(f"{str(path)!r} is in the frame of the field, but does not say ALPHA_B and DELTA_B") from None
        axes = _magnetic_axes(direction)
        if np.all(np.isfinite(values)):
            # As multipoles, to 2 nside: beyond it a map's own multipoles are not determined.
            nside = nside_of(values)
            return alm_map(to_equatorial(map_alm(values, min(2 * nside, 3 * nside - 1)), direction), nside)
        return _resampled(values, axes.T)
    if not turn:
        raise InputError(f"{str(path)!r} is in {columns.frame} coordinates; turn it to equatorial ones")
    letter = {"galactic": "G", "ecliptic": "E"}[columns.frame]
    return _resampled(values, load_healpy().Rotator(coord=["C", letter]).mat)


def _magnetic_axes(direction) -> np.ndarray:
    """Columns: axes of the frame of the field in equatorial coordinates, R_z(alpha) R_y(pi/2 - delta)."""
    alpha, theta = np.deg2rad(direction[0]), np.pi / 2 - np.deg2rad(direction[1])
    about_z = [[np.cos(alpha), -np.sin(alpha), 0], [np.sin(alpha), np.cos(alpha), 0], [0, 0, 1]]
    about_y = [[np.cos(theta), 0, np.sin(theta)], [0, 1, 0], [-np.sin(theta), 0, np.cos(theta)]]
    return np.array(about_z) @ np.array(about_y)


def _resampled(values, matrix) -> np.ndarray:
    """Map at the directions that the matrix gives for its pixels: mean of four neighbours, NaN where one was not seen."""
    healpy = load_healpy()
    nside = nside_of(values)
    vectors = Healpix_Base(nside, "RING").pix2vec(np.arange(len(values))) @ np.asarray(matrix).T
    pixels, weights = healpy.get_interp_weights(nside, *healpy.vec2ang(vectors))
    return np.sum(np.where(weights > 1e-12, weights * values[pixels], 0.0), axis=0)


def load_healpy():
    """The module healpy, or an InputError that says how to get it."""
    try:
        import healpy
    except ImportError:
        raise InputError(INSTALL) from None
    return healpy
