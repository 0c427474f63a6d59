"""Isotropic diffusion (Zhang & Liu 2024): the comparison model, displacement along p and the full vector flow."""

import numpy as np

from fluxtube.theory import checks, mellin
from fluxtube.theory.constants import C_KM_S
from fluxtube.theory.free_path import Fixed, law
from fluxtube.theory.isotropic_quadrature import power_integrals
from fluxtube.theory.spectra import PowerLaw


def angular_power_spectrum(
    turbulence, mean_free_path, l_max, spectral_slope=-4.7, speed=C_KM_S, l_min=2, free_path="fixed"
) -> np.ndarray:
    """Ensemble-averaged angular power spectrum C_l of Delta f/f for isotropic diffusion.

    C_l = (slope/v)^2 4 pi int_0^inf w(k) {(1-beta) j_l'(k lambda)^2 + (beta/2) l(l+1) [j_l(k lambda)/(k lambda)]^2} dk

    Parameters
    ----------
    turbulence : Turbulence
        Isotropic, for its w(k) and beta(k).
    mean_free_path : float
        lambda [length].
    l_max, l_min : int
        Range of degrees, l_min >= 2.
    spectral_slope : float
        dlnf/dlnp of the phase-space density f [1].
    speed : float
        Particle speed v, in the turbulence's unit of velocity.
    free_path : str or law
        "fixed" (the paper), "exponential", or a law of `free_path`: the responses are then averaged over it.

    Returns
    -------
    (n,) array
        C_l [1], l = l_min..l_max.

    Raises
    ------
    ValueError
        If the turbulence is not isotropic, the degrees are out of order, or a power law without end has gamma outside
        (-1, 2 l_min - 1).

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> print(f"{angular_power_spectrum(Turbulence.power_law(5 / 3, 23.0, 10.0), 10.0, 2)[0]:.6e}")
    1.696400e-07
    """
    factor = (checks.finite("spectral_slope", spectral_slope) / checks.positive("speed", speed)) ** 2
    mean_free_path = checks.positive("mean_free_path", mean_free_path)
    l_min, l_max = checks.degrees(l_min, l_max, least=2)
    turbulence._require_isotropic("isotropic diffusion")
    spectrum, beta = turbulence.spectrum, turbulence.transverse_fraction
    path = law(free_path)
    if isinstance(spectrum, PowerLaw) and turbulence.band is None and not callable(beta) and path == Fixed():
        gamma = spectrum.gamma
        checks.inside("gamma", gamma, -1.0, 2.0 * l_min - 1.0, "C_l of a power law without end converges only there")
        l = np.arange(l_min, l_max + 1)
        unit = 4.0 * np.pi * float(spectrum(1.0 / mean_free_path)) / mean_free_path
        radial = (1.0 - beta) * mellin.derivative_squares(gamma, l_min, l_max)
        return factor * unit * (radial + 0.5 * beta * l * (l + 1.0) * mellin.squares(gamma + 2.0, l_min, l_max))
    return factor * 4.0 * np.pi * power_integrals(turbulence, mean_free_path, l_min, l_max, path)
