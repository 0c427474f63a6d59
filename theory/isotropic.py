"""Isotropic diffusion (Zhang & Liu 2024): the comparison model, displacement along p and the full vector flow."""

import numpy as np

from fluxtube.theory import checks, mellin
from fluxtube.theory.constants import C_KM_S, SPECTRAL_SLOPE
from fluxtube.theory.free_path import law
from fluxtube.theory.isotropic_quadrature import power_integrals


def angular_power_spectrum(
    turbulence, mean_free_path, l_max, spectral_slope=SPECTRAL_SLOPE, speed=C_KM_S, l_min=2, free_path="fixed",
    other_mean_free_path=None,
) -> np.ndarray:  # fmt: skip
    """Ensemble-averaged angular power spectrum C_l of Delta f/f for isotropic diffusion.

    C_l = (slope/v)^2 4 pi int_0^inf w(k) {(1-beta) j_l'(k lambda)^2 + (beta/2) l(l+1) [j_l(k lambda)/(k lambda)]^2} dk

    for l = 1 with j_1' - 1/3 and j_1/x - 1/3 (the -u(r) of Delta u).

    Parameters
    ----------
    turbulence : Turbulence
        Isotropic, for its w(k) and beta(k).
    mean_free_path : float
        lambda [length].
    l_max, l_min : int
        Range of degrees, l_min >= 1.
    spectral_slope : float
        dlnf/dlnp of the phase-space density f [1].
    speed : float
        Particle speed v, in the turbulence's unit of velocity.
    free_path : str or law
        "fixed" (the paper), "exponential", or a law of `free_path`: the responses are then averaged over it.
    other_mean_free_path : float, optional
        lambda' of a second momentum [length]: the products of two responses take the place of the squares.

    Returns
    -------
    (n,) array
        C_l [1], l = l_min..l_max.

    Raises
    ------
    ValueError
        If the turbulence is not isotropic, the degrees are out of order, or a power law without end has gamma outside
        (-1, 2 l_min - 1), for l = 1 outside (1, 3).

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> print(f"{angular_power_spectrum(Turbulence.power_law(5 / 3, 23.0, 10.0), 10.0, 2)[0]:.6e}")
    1.696400e-07
    """
    factor = 4.0 * np.pi * checks.anisotropy_factor(spectral_slope, speed)
    mean_free_path = checks.positive("mean_free_path", mean_free_path)
    l_max, l_min = checks.degrees(l_max, l_min, least=1)
    turbulence.require_isotropic("isotropic diffusion")
    path = law(free_path)
    if turbulence.scale_free:
        low, high = (-1.0, 2.0 * l_min - 1.0) if l_min >= 2 else (1.0, 3.0)
        checks.inside("gamma", turbulence.spectrum.gamma, low, high, "C_l of a power law without end converges only there")
    if other_mean_free_path is not None:
        other_mean_free_path = checks.positive("other_mean_free_path", other_mean_free_path)
    elif turbulence.scale_free and path.single:
        return factor * _without_end(turbulence, mean_free_path, l_max, l_min)
    return factor * power_integrals(turbulence, mean_free_path, l_max, l_min, path, other_mean_free_path=other_mean_free_path)


def _without_end(turbulence, mean_free_path: float, l_max: int, l_min: int) -> np.ndarray:
    """The integral over k of a power law in closed form."""
    gamma, beta, first = turbulence.spectrum.gamma, turbulence.transverse_fraction, max(l_min, 2)
    l = np.arange(l_min, l_max + 1)
    along, across = np.empty(l.size), np.empty(l.size)
    if l_max >= first:
        along[first - l_min :] = mellin.derivative_squares(gamma, l_max, first)
        across[first - l_min :] = mellin.squares(gamma + 2.0, l_max, first)
    if l_min == 1:
        along[0], across[0] = (mellin.response_products(gamma, 1, 1, part, part)[0, 0] for part in (False, True))
    unit = float(turbulence.spectrum(1.0 / mean_free_path)) / mean_free_path
    return unit * ((1.0 - beta) * along + 0.5 * beta * l * (l + 1.0) * across)
