"""One observer for the tests of inference."""

import ducc0
import numpy as np

from fluxtube.analysis.inference.data import from_table
from fluxtube.analysis.inference.maps import from_map
from fluxtube.analysis.inference.modes import to_table

FIELD = (229.2, 11.4)


def observed(l_max=6, level=3e-10, lost=(0,)):
    """An observation without m = 0, white noise; its values are placeholders to be replaced by draws."""
    size = (l_max + 1) ** 2 - 4
    return from_table(to_table(np.ones(size), l_max), np.full(size, level), lost=lost)


def masked_map(level=5e-9, l_max=6, north=60.0, nside=16, values=None):
    """White noise N_l = level, nothing seen north of a declination, rings normalised."""
    base = ducc0.healpix.Healpix_Base(nside, "RING")
    declination = 90 - np.rad2deg(base.pix2ang(np.arange(base.npix()))[:, 0])
    variance = np.full(base.npix(), level * base.npix() / (4 * np.pi))
    variance[declination > north] = np.inf
    return from_map(np.zeros(base.npix()) if values is None else values, variance, l_max, rings_lost=True)
