"""Large-l forms of both models: Eq. (14) for power laws, the same averaged over the oscillation for any spectrum.

Where x = k lambda is well above L = l + 1/2 the squares of the spherical Bessel functions oscillate about

    j_l'(x)^2 ~ sqrt(x^2-L^2) / (2 x^3),      j_l(x)^2 ~ 1 / (2 x sqrt(x^2-L^2)),      and vanish below L

(Debye's expansion). For a power law, int of these against x^-gamma gives Eq. (14) through Eq. (10).
"""

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory import checks
from fluxtube.theory.constants import C_KM_S, SPECTRAL_SLOPE
from fluxtube.theory.isotropic_quadrature import WeightedSpectrum
from fluxtube.theory.panels import place
from fluxtube.theory.special import beta as beta_function
from fluxtube.theory.special import gamma as gamma_function


def velocity_covariance(turbulence, mean_free_path, degree, offset=0) -> np.ndarray:
    """Large-L form of <c_L c_L> and <c_L c_(L+2)> of a power law (Eq. 14).

    <c_L c_L> = [beta/gamma + (2-3 beta)/(gamma+2)] pi^(3/2) Gamma((gamma+1)/2) / [lambda Gamma(gamma/2+1)] w(L/lambda),
    <c_L c_(L+2)> = -<c_L c_L> / (1 + 2/gamma)

    Parameters
    ----------
    turbulence : Turbulence
        Power law without band; beta constant.
    mean_free_path : float
        lambda [length].
    degree : array
        L, large [1].
    offset : {0, 2}
        Which of the two.

    Returns
    -------
    array
        [velocity^2]; off by a relative order of 1/L.

    Raises
    ------
    ValueError
        If the spectrum is no power law without end or the offset neither 0 nor 2.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> flow = Turbulence.power_law(2.0, 1.0, 1.0)
    >>> round(float(velocity_covariance(flow, 1.0, 10.0) / velocity_covariance(flow, 1.0, 10.0, 2)), 12)
    -2.0
    """
    line = _power_law_line(turbulence)
    if offset not in (0, 2):
        raise InputError(f"offset = {offset!r} must be 0 or 2")
    mean_free_path = checks.positive("mean_free_path", mean_free_path)
    gamma = checks.inside("gamma", line.endless_index, 0.0, np.inf, "Eq. (14) holds only there")
    # beta/gamma + (2-3 beta)/(gamma+2) over w is four times E.
    constant = 4.0 * np.pi**1.5 * gamma_function(0.5 * (gamma + 1.0)) / gamma_function(0.5 * gamma + 1.0)
    diagonal = constant * line(np.asarray(degree, dtype=float) / mean_free_path) / mean_free_path
    return diagonal if offset == 0 else -diagonal / (1.0 + 2.0 / gamma)


def parallel_power_spectrum(
    turbulence, mean_free_path, l_max, spectral_slope=SPECTRAL_SLOPE, speed=C_KM_S, l_min=2
) -> np.ndarray:
    """Large-l form of C_l for parallel diffusion: Eqs. (10), (11), (14) for a power law, ~ l^(-gamma-1).

    C_l = (slope/v)^2 <c_l^2> / [(gamma+2)(2l+1)] for a power law, else
    C_l = (slope/v)^2 8 pi l/(2l+1) int_l^inf E(x/lambda) sqrt(x^2-l^2) / x^3 dx / lambda

    Parameters
    ----------
    turbulence, mean_free_path, l_max, spectral_slope, speed, l_min
        As in `parallel.angular_power_spectrum`.

    Returns
    -------
    (n,) array
        C_l [1]; above the exact one by a relative gamma/(2 l), to leading order.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence, parallel
    >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0)
    >>> ratio = parallel.angular_power_spectrum(flow, 10.0, 10) / parallel_power_spectrum(flow, 10.0, 10)
    >>> round(float(ratio[-1]), 4)
    0.9688
    """
    factor, l = checks.anisotropy_factor(spectral_slope, speed), _range(l_max, l_min)
    mean_free_path = checks.positive("mean_free_path", mean_free_path)
    line = turbulence.line
    if line.endless_index is not None:
        variance = velocity_covariance(turbulence, mean_free_path, l) / (line.endless_index + 2.0)
        return factor * variance / (2.0 * l + 1.0)
    # At L = l and with 2 l/(2 l + 1), as Eq. (14) has it, so that a wide band joins the power law.
    return 8.0 * np.pi * factor * _average(line, mean_free_path, l, squared_sine=1) * (2.0 * l / (2.0 * l + 1.0))


def isotropic_power_spectrum(
    turbulence, mean_free_path, l_max, spectral_slope=SPECTRAL_SLOPE, speed=C_KM_S, l_min=2
) -> np.ndarray:
    """Large-l form of C_l for isotropic diffusion, ~ l^(-gamma-1) for a power law.

    C_l = (slope/v)^2 pi w(L/lambda)/(lambda L) [(1-beta) B((gamma+1)/2, 3/2) + beta/2 B((gamma+3)/2, 1/2)], L = l + 1/2,
    with Euler's B; for other spectra the integral that gives it.

    Parameters
    ----------
    turbulence, mean_free_path, l_max, spectral_slope, speed, l_min
        As in `isotropic.angular_power_spectrum`.

    Returns
    -------
    (n,) array
        C_l [1]; below the exact one by a relative 4/l^2 to 5/l^2 for the Kolmogorov law.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence, isotropic
    >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0)
    >>> ratio = isotropic.angular_power_spectrum(flow, 10.0, 30) / isotropic_power_spectrum(flow, 10.0, 30)
    >>> round(float(ratio[-1]), 4)
    1.0046
    """
    turbulence.require_isotropic("isotropic diffusion")
    factor, l = checks.anisotropy_factor(spectral_slope, speed), _range(l_max, l_min)
    mean_free_path = checks.positive("mean_free_path", mean_free_path)
    spectrum, beta = turbulence.spectrum, turbulence.transverse_fraction
    if turbulence.scale_free:
        gamma = checks.inside("gamma", spectrum.gamma, -1.0, np.inf, "the large-l form converges only there")
        geometry = (1.0 - beta) * beta_function(0.5 * (gamma + 1.0), 1.5)
        geometry += 0.5 * beta * beta_function(0.5 * (gamma + 3.0), 0.5)
        return factor * np.pi * spectrum((l + 0.5) / mean_free_path) / (mean_free_path * (l + 0.5)) * geometry
    along = _average(WeightedSpectrum(turbulence, False), mean_free_path, l + 0.5, squared_sine=1)
    across = _average(WeightedSpectrum(turbulence, True), mean_free_path, l + 0.5, squared_sine=0)
    return 4.0 * np.pi * factor * (along + across)


def _average(line, mean_free_path, degrees, squared_sine):
    """int_0^inf line(L cosh(t)/lambda) sinh(t)^(2 or 0) / (2 cosh(t)^3) dt / (L lambda): x = L cosh t."""
    result = np.zeros_like(degrees)
    low, high = line.support
    for i, degree in enumerate(degrees):
        kinks = np.array([k for k in (low, high, *line.breaks) if 0.0 < k < np.inf]) * mean_free_path / degree
        inside = np.arccosh(kinks[kinks > 1.0])
        top = min(40.0, np.arccosh(max(high * mean_free_path / degree, 1.0))) if np.isfinite(high) else 40.0
        if top == 0.0:
            continue
        edges = np.unique(np.concatenate([np.linspace(0.0, top, 2 + int(top / 0.7)), inside[inside < top]]))
        t, weights = place(edges)
        cosh = np.cosh(t)
        shape = (np.sinh(t) ** 2 if squared_sine else 1.0) / (2.0 * cosh**3)
        result[i] = (weights * shape * line(degree * cosh / mean_free_path)).sum() / (degree * mean_free_path)
    return result


def _range(l_max, l_min) -> np.ndarray:
    l_max, l_min = checks.degrees(l_max, l_min, least=1)
    return np.arange(l_min, l_max + 1, dtype=float)


def _power_law_line(turbulence):
    if turbulence.line.endless_index is None:
        raise InputError("Eq. (14) holds for a power law without end and a constant transverse fraction only")
    return turbulence.line
