"""HEALPix maps of the relative intensity in FITS files; needs the extra `fits` (healpy)."""

import numpy as np

from fluxtube.errors import InputError


def read_map(path, mask_path=None, field: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Relative intensity and mask of a HEALPix FITS file, equatorial coordinates.

    Parameters
    ----------
    path, mask_path : path
        Map, and mask (positive where the sky was seen); masked as well where the map holds HEALPix's UNSEEN or NaN.
    field : int
        Column of the map.

    Returns
    -------
    map, seen : ndarray (npix,), ndarray of bool (npix,)
        RING order; the map is 0 where the sky was not seen.

    Raises
    ------
    InputError
        Without healpy; for a file that is none; for maps in galactic or ecliptic coordinates; for unequal resolutions.
    """
    values = _read(path, field)
    seen = np.isfinite(values) & (np.abs(values) < 1e29)  # UNSEEN is -1.6375e30
    if mask_path is not None:
        mask = _read(mask_path, 0)
        if len(mask) != len(values):
            raise InputError(f"{str(mask_path)!r} has {len(mask)} pixels, {str(path)!r} has {len(values)}: they must be equal")
        seen &= np.isfinite(mask) & (mask > 0)
    if not np.any(seen):
        raise InputError(f"{str(path)!r}: no pixel of the sky was seen")
    return np.where(seen, values, 0.0), seen


def map_alm(values: np.ndarray, l_max: int) -> np.ndarray:
    """a[l, m], m >= 0, of a HEALPix map (RING); of a masked map they are the pseudo-multipoles."""
    healpy = _healpy()
    flat = healpy.map2alm(np.asarray(values, dtype=float), lmax=l_max, iter=3)
    alm = np.zeros((l_max + 1,) * 2, dtype=complex)
    l, m = healpy.Alm.getlm(l_max)
    alm[l, m] = flat
    return alm


def _read(path, field) -> np.ndarray:
    healpy = _healpy()
    try:
        values, header = healpy.read_map(str(path), field=field, nest=False, dtype=np.float64, h=True)
    except Exception as error:  # healpy and astropy raise many kinds for a file that is none
        raise InputError(f"cannot read {str(path)!r} as a HEALPix map: {error}") from None
    frame = str(dict(header).get("COORDSYS", "C")).strip().upper()
    if frame[:1] in ("G", "E"):
        raise InputError(
            f"{str(path)!r} is in {'galactic' if frame[0] == 'G' else 'ecliptic'} coordinates; turn it to equatorial"
        )
    return values


def _healpy():
    try:
        import healpy
    except ImportError:
        raise InputError('FITS maps need healpy: pip install "fluxtube[fits]"') from None
    return healpy
