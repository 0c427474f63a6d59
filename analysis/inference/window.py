"""Windows of the degrees: an instrument's point spread, and averages over discs."""

from dataclasses import replace

import numpy as np

from fluxtube.analysis.inference.data import SkyData
from fluxtube.analysis.inference.modes import degrees_and_orders


def gaussian_window(l_max: int, width: float) -> np.ndarray:
    """exp(-l(l+1) s^2/2) of degrees 0..l_max, s = width/sqrt(8 ln 2), the width that at half maximum [deg].

    Examples
    --------
    >>> gaussian_window(2, 0.0).tolist()
    [1.0, 1.0, 1.0]
    """
    l = np.arange(l_max + 1)
    return np.exp(-0.5 * l * (l + 1.0) * np.deg2rad(width) ** 2 / (8.0 * np.log(2.0)))


def top_hat_window(l_max: int, radius: float) -> np.ndarray:
    """(P_(l-1) - P_(l+1))(cos R) / ((2l+1)(1 - cos R)) of degrees 0..l_max, R the radius [deg].

    Examples
    --------
    >>> top_hat_window(1, 90.0).round(12).tolist()              # half the sky: the mean of cos theta over it is 1/2
    [1.0, 0.5]
    """
    cosine = np.cos(np.deg2rad(radius))
    legendre = np.polynomial.legendre.legvander(cosine, l_max + 1).ravel()
    l = np.arange(1, l_max + 1)
    return np.concatenate([[1.0], (legendre[l - 1] - legendre[l + 1]) / ((2 * l + 1) * (1 - cosine))])


def through_beam(data: SkyData, width: float) -> SkyData:
    """The same data as seen by an instrument whose point spread has this full width at half maximum [deg]."""
    l, _ = degrees_and_orders(data.l_top)
    return replace(data, response=data.matrix() * gaussian_window(data.l_top, width)[l])
