"""C_l of isotropic diffusion for any spectrum: the quadrature of `covariance_quadrature`, on the diagonal."""

from dataclasses import dataclass

import numpy as np

from fluxtube.theory.covariance_quadrature import response_products, response_squares
from fluxtube.theory.turbulence import Turbulence


@dataclass(frozen=True)
class WeightedSpectrum:
    """w(k) times a function of beta(k), seen as a spectrum on a line.

    Parameters
    ----------
    turbulence : Turbulence
        Isotropic.
    transverse : bool
        beta/2 w if true, (1 - beta) w if not.
    """

    turbulence: Turbulence
    transverse: bool

    smooth_at_zero = False

    @property
    def support(self) -> tuple[float, float]:
        """Where w is kept."""
        low, high = self.turbulence.omnidirectional.support
        band = self.turbulence.band or (0.0, np.inf)
        return max(low, band[0]), min(high, band[1])

    @property
    def breaks(self) -> tuple[float, ...]:
        """Kinks of w."""
        low, high = self.support
        return tuple(k for k in self.turbulence.omnidirectional.breaks if low < k < high)

    def __call__(self, k):
        """Values at k [velocity^2 length]."""
        beta = self.turbulence.beta(k)
        return (0.5 * beta if self.transverse else 1.0 - beta) * self.turbulence.energy_spectrum(k)


def power_integrals(turbulence, mean_free_path, l_max, l_min, law, width=1.0, other_mean_free_path=None) -> np.ndarray:
    """int_0^inf w {(1-beta) j_l'^2 + (beta/2) l(l+1) [j_l/x]^2} dk with the responses of a free-path law.

    Parameters
    ----------
    turbulence : Turbulence
        Isotropic.
    mean_free_path : float
        lambda [length].
    l_max, l_min : int
        Range of degrees, l_min >= 1.
    law : free-path law
        Of `free_path`.
    width : float
        Scale of the panel widths.
    other_mean_free_path : float, optional
        lambda' of a second momentum [length].

    Returns
    -------
    (n,) array
        [velocity^2].

    Examples
    --------
    >>> from fluxtube.theory import Turbulence, isotropic
    >>> from fluxtube.theory.free_path import Fixed
    >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0)
    >>> closed = isotropic.angular_power_spectrum(flow, 10.0, 9, spectral_slope=1.0, speed=1.0)
    >>> bool(np.allclose(4 * np.pi * power_integrals(flow, 10.0, 9, 2, Fixed()), closed, rtol=1e-12))
    True
    """
    l = np.arange(l_min, l_max + 1)
    lengths = (mean_free_path, mean_free_path if other_mean_free_path is None else other_mean_free_path)
    along, across = (
        _diagonal(WeightedSpectrum(turbulence, transverse), [response(length) for length in lengths], l_max, l_min, width)
        for transverse, response in ((False, law.response), (True, law.transverse_response))
    )
    return along + l * (l + 1.0) * across


def _diagonal(spectrum, responses, l_max, l_min, width):
    """int spectrum R_l R_l dk of two responses; squares are cheaper where they are equal."""
    first, second = responses
    if first.mean_free_path != second.mean_free_path:
        return np.diag(response_products(spectrum, first, second, l_max, l_min, width))
    low = min(max(l_min, 2), l_max + 1)
    dipole = response_products(spectrum, first, second, 1, 1, width)[0] if l_min == 1 else []
    return np.concatenate([dipole, response_squares(spectrum, first, l_max, low, width) if low <= l_max else []])
