"""A HEALPix sky as a ground array sees it."""

import numpy as np
from ducc0.healpix import Healpix_Base

from fluxtube.errors import InputError


def observe_map(values, view) -> np.ndarray:
    """Cut a sky to a view and take the mean of every ring of declination for the isotropic level.

    Parameters
    ----------
    values : ndarray (npix,)
        Delta f/f or relative intensity, HEALPix RING, equatorial coordinates.
    view : FieldOfView

    Returns
    -------
    ndarray (npix,)
        NaN outside of the view.

    Raises
    ------
    InputError
        For an array that is no HEALPix map.
    """
    values = np.asarray(values, dtype=float)
    nside = int(np.sqrt(len(values) / 12))
    if 12 * nside**2 != len(values):
        raise InputError(f"{len(values)} pixels make no HEALPix map; 12 nside^2 would do")
    colatitude = Healpix_Base(nside, "RING").pix2ang(np.arange(len(values)))[:, 0]
    ring = np.cumsum(np.concatenate([[0], np.diff(colatitude) > 1e-9]))  # pixels of one ring follow each other
    level = np.bincount(ring, values) / np.bincount(ring)
    return np.where(view.sees(90 - np.rad2deg(colatitude)), values - level[ring], np.nan)
