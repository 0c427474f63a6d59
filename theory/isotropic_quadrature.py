"""C_l of isotropic diffusion for any spectrum: the quadrature of `covariance_quadrature`, on the diagonal."""

from dataclasses import dataclass

import numpy as np

from fluxtube.theory.covariance_quadrature import response_squares


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

    turbulence: object
    transverse: bool

    smooth_at_zero = False

    @property
    def support(self) -> tuple[float, float]:
        """Where w is kept."""
        low, high = self.turbulence.spectrum.support
        band = self.turbulence.band or (0.0, np.inf)
        return max(low, band[0]), min(high, band[1])

    @property
    def breaks(self) -> tuple[float, ...]:
        """Kinks of w."""
        low, high = self.support
        return tuple(k for k in self.turbulence.spectrum.breaks if low < k < high)

    def __call__(self, k):
        """Values at k [velocity^2 length]."""
        beta = self.turbulence.beta(k)
        return (0.5 * beta if self.transverse else 1.0 - beta) * self.turbulence.energy_spectrum(k)


def power_integrals(turbulence, mean_free_path, l_min, l_max, law, width=1.0) -> np.ndarray:
    """int_0^inf w {(1-beta) j_l'^2 + (beta/2) l(l+1) [j_l/x]^2} dk with the responses of a free-path law.

    Parameters
    ----------
    turbulence : Turbulence
        Isotropic.
    mean_free_path : float
        lambda [length].
    l_min, l_max : int
        Range of degrees, l_min >= 1.
    law : free-path law
        Of `free_path`.
    width : float
        Scale of the panel widths.

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
    >>> bool(np.allclose(4 * np.pi * power_integrals(flow, 10.0, 2, 9, Fixed()), closed, rtol=1e-12))
    True
    """
    l = np.arange(l_min, l_max + 1)
    radial, transverse = WeightedSpectrum(turbulence, False), WeightedSpectrum(turbulence, True)
    along = response_squares(radial, law.response(mean_free_path), l_min, l_max, width)
    across = response_squares(transverse, law.transverse_response(mean_free_path), l_min, l_max, width)
    return along + l * (l + 1.0) * across
