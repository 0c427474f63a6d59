"""A HEALPix map as data: multipoles weighted by the inverse variance of the pixels, all couplings of the mask exact."""

from functools import partial

import ducc0
import numpy as np

from fluxtube.analysis.inference.data import SkyData, project_out
from fluxtube.analysis.inference.modes import degrees_and_orders, to_table, to_vector
from fluxtube.errors import InputError
from fluxtube.theory.checks import plain

UNSEEN = 1e-6  # eigenvalue of the information, relative to the largest, under which a combination of modes was not seen
PAD = 6  # degrees beyond l_max whose leakage through the mask is in the model


def from_map(values, variance, l_max: int, l_min: int = 2, rings_lost: bool = False, pad=PAD, description="map") -> SkyData:
    """Sky from a map of the relative intensity.

    With w = 1/variance per pixel (0 where unseen) and F = Y'wY the information on the multipoles, x = Y'w d has the
    response F and noise of covariance F: nothing on l <= l_max is lost by going from pixels to x. Where rings were
    normalised one by one, w is freed of what is constant along each ring. Combinations that were not seen drop out;
    degrees below l_min are given an infinite variance.

    Parameters
    ----------
    values : ndarray (npix,)
        RING order, equatorial coordinates; masked or NaN where the sky was not seen.
    variance : ndarray (npix,)
        Of the noise of each pixel; infinite where the sky was not seen.
    l_max, l_min : int
        Degrees of the data.
    rings_lost : bool
        Whether the mean along each ring of declination is not known.
    pad : int
    description : str
    """
    variance = plain("variance", variance, "", masked=np.inf).astype(float)
    values = plain("map", values, "", masked=np.nan).astype(float)
    variance = np.where(np.isnan(values), np.inf, variance)
    nside = np.sqrt(len(values) / 12)
    if nside != int(nside):
        raise InputError(f"{description}: {len(values)} pixels are not a HEALPix map")
    if not 2 <= l_min <= l_max or l_max + pad > 3 * nside - 1:
        raise InputError(f"degrees {l_min} to {l_max} (with {pad} more for leakage) are beyond a map of nside {int(nside)}")
    if np.any(variance <= 0) or np.any(np.isnan(variance)):
        raise InputError(f"{description}: the noise of a pixel is not above zero; give the noise of the map (--noise)")
    weight = np.where(np.isfinite(variance), 1 / variance, 0.0)
    if not weight.any():
        raise InputError(f"{description}: nothing is left of the sky behind the mask")
    rings = _Rings(int(nside))
    weigh = partial(_weigh, weight=weight, ring=rings.ring if rings_lost else None)
    top = l_max + pad
    inside = (l_max + 1) ** 2
    columns = [rings.analyse(weigh(rings.synthesise(unit, top)), l_max) for unit in np.eye((top + 1) ** 2)]
    information = np.array(columns).T
    level, basis = np.linalg.eigh(information[:, :inside])
    kept = level > UNSEEN * level[-1]
    whiten = (basis[:, kept] / np.sqrt(level[kept])).T
    data = whiten @ rings.analyse(weigh(np.where(weight > 0, values, 0.0)), l_max)
    response, unit = whiten @ information, np.eye(int(kept.sum()))
    below = degrees_and_orders(top, 0)[0] < l_min
    data, response, unit = project_out(data, response, unit, response[:, below])
    return SkyData(data, response[:, 4:], unit, np.zeros_like(unit), top, l_min, l_max, description)


def _weigh(values, weight, ring) -> np.ndarray:
    if ring is not None:
        total = np.bincount(ring, weight)
        mean = np.bincount(ring, weight * values) / np.where(total > 0, total, 1.0)
        values = values - mean[ring]
    return weight * values


class _Rings:
    """Harmonics on the pixels of a HEALPix map, RING order."""

    def __init__(self, nside: int):
        base = ducc0.healpix.Healpix_Base(nside, "RING")
        self.geometry = base.sht_info()
        self.ring = np.empty(base.npix(), dtype=int)  # to which ring each pixel belongs
        for number, (start, count) in enumerate(zip(self.geometry["ringstart"], self.geometry["nphi"], strict=True)):
            self.ring[start : start + count] = number

    def synthesise(self, vector, l_max: int) -> np.ndarray:
        table = to_table(vector, l_max, 0)
        l, m = _by_order(l_max)
        return ducc0.sht.synthesis(alm=table[l, m][None], lmax=l_max, spin=0, **self.geometry)[0]

    def analyse(self, values, l_max: int) -> np.ndarray:
        """Y' times the map."""
        table = np.zeros((l_max + 1, l_max + 1), dtype=complex)
        table[_by_order(l_max)] = ducc0.sht.adjoint_synthesis(map=values[None], lmax=l_max, spin=0, **self.geometry)[0]
        return to_vector(table, l_max, 0)


def _by_order(l_max: int) -> tuple[np.ndarray, np.ndarray]:
    l, m = np.tril_indices(l_max + 1)
    order = np.lexsort((l, m))
    return l[order], m[order]
