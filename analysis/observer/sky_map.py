"""A HEALPix sky as a ground array sees it."""

import numpy as np
from ducc0.healpix import Healpix_Base

from fluxtube.analysis.observations.fits_columns import is_seen
from fluxtube.analysis.observations.healpix_map import nside_of, ring_numbers
from fluxtube.errors import InputError
from fluxtube.theory.checks import plain


def observe_map(values, view, seen=None) -> np.ndarray:
    """Cut a sky to a view and take the mean of every ring of declination for the isotropic level.

    Parameters
    ----------
    values : ndarray (npix,)
        Delta f/f or relative intensity, HEALPix RING, equatorial coordinates; NaN or UNSEEN where the sky was not seen.
    view : FieldOfView
    seen : ndarray of bool (npix,), optional
        Mask beside what the map carries itself.

    Returns
    -------
    ndarray (npix,)
        NaN outside of the view and where the sky was not seen: such pixels have no part in the mean of their ring.

    Raises
    ------
    InputError
        For an array that is no HEALPix map; for a mask of another size.
    """
    values = plain("map", values, "", masked=np.nan).astype(float)
    nside = nside_of(values)
    known = is_seen(values)
    if seen is not None:
        if np.shape(seen) != values.shape:
            raise InputError(f"a mask of shape {np.shape(seen)} for a map of shape {values.shape}: they must be equal")
        known = known & np.asarray(seen, dtype=bool)
    colatitude = Healpix_Base(nside, "RING").pix2ang(np.arange(len(values)))[:, 0]
    ring = ring_numbers(nside)
    count = np.bincount(ring, known)
    level = np.divide(np.bincount(ring, np.where(known, values, 0.0)), count, out=np.zeros(len(count)), where=count > 0)
    return np.where(view.sees(90 - np.rad2deg(colatitude)) & known, values - level[ring], np.nan)
