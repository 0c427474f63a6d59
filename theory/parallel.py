"""Parallel diffusion: multipoles of Delta f/f from convection along a field line (Zhang & Liu 2025).

a_l are the multipoles of mu (B/B).Delta u in the pitch-angle cosine mu of the MOMENTUM (Eq. 3); towards arrival directions
odd ones change sign.
"""

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory import checks
from fluxtube.theory.constants import C_KM_S, SPECTRAL_SLOPE
from fluxtube.theory.covariance_quadrature import response_products, response_squares
from fluxtube.theory.flow_multipoles import with_phases
from fluxtube.theory.free_path import law


def multipole_covariance(turbulence, mean_free_path, l_max, l_min=2, free_path="fixed") -> np.ndarray:
    """Covariance <a_l a_l'> of the convective multipoles (Eq. 10) for any spectrum.

    <a_l a_l'> = 4 pi sqrt((2l+1)(2l'+1)) i^(l-l') int_-inf^inf E(kappa) j_l'(kappa lambda) j_l''(kappa lambda) dkappa

    for l + l' even, zero otherwise; j_l' is the derivative of the spherical Bessel function of order l, less 1/3 for
    l = 1 (the -u(r) of Delta u).

    Parameters
    ----------
    turbulence : Turbulence
        For its E(kappa).
    mean_free_path : float
        lambda [length].
    l_max, l_min : int
        Range of degrees; l_min may be 0 or 1.
    free_path : str or law
        "fixed" (the paper), "exponential", or a law of `free_path`: j_l' is then averaged over it.

    Returns
    -------
    (n, n) array
        n = l_max - l_min + 1, [velocity^2].

    Raises
    ------
    ValueError
        If lambda is not above zero, the degrees are out of order, or a spectrum without end is too steep
        (gamma < 3) or, for l = 1, too flat (gamma > 1).

    Notes
    -----
    A power law without end is done in closed form (`mellin.derivative_products`, equal to Eqs. 10 and 13 as corrected), to
    about 1e-13; any other spectrum by quadrature over E(kappa), to about 1e-11 of the geometric mean of the two variances.

    Examples
    --------
    >>> import numpy as np
    >>> from fluxtube.theory import Turbulence
    >>> unit = Turbulence.power_law(5 / 3, np.sqrt((2 * np.pi) ** (-2 / 3)), 1.0)      # w(1/lambda)/lambda = 1
    >>> round(float(multipole_covariance(unit, 1.0, 2)[0, 0]), 7)
    0.3711643
    """
    mean_free_path = checks.positive("mean_free_path", mean_free_path)
    l_max, l_min = checks.degrees(l_max, l_min)
    line = turbulence.line
    path = law(free_path)
    line.require_convergence(l_min, path)
    if hasattr(path, "endless_covariance") and _sharp_without_end(line, path):
        return path.endless_covariance(turbulence, mean_free_path, l_max, l_min)
    closed = line.closed_products(mean_free_path, l_max, l_min) if path.single else None
    if closed is not None:
        return with_phases(2.0 * closed, l_min)
    response = path.response(mean_free_path)
    return with_phases(2.0 * response_products(line, response, response, l_max, l_min), l_min)


def covariance(turbulence, mean_free_path, l_max, l_min=2, free_path="fixed", other_mean_free_path=None) -> np.ndarray:
    """`multipole_covariance`, or `two_path_covariance` where a second mean free path is given.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> covariance(Turbulence.power_law(5 / 3, 23.0, 10.0), 10.0, 4, other_mean_free_path=5.0).shape
    (3, 3)
    """
    if other_mean_free_path is None:
        return multipole_covariance(turbulence, mean_free_path, l_max, l_min, free_path)
    return two_path_covariance(turbulence, mean_free_path, other_mean_free_path, l_max, l_min, free_path)


def across_covariance(turbulence, mean_free_path, l_max, l_min=2, free_path="fixed", other_mean_free_path=None) -> np.ndarray:
    """<a_lm a_l'm> of m = 1 (and of m = -1) where particles stay on the line but are convected by the flow across it too.

    The velocity across B makes sqrt(1 - mu^2) cos(phi) u_x(lambda mu) of the sky, and with E_perp of `Turbulence.across_line`

    <a_l1 a_l'1> = 2 pi sqrt((2l+1)(2l'+1) l(l+1) l'(l'+1)) i^(l-l') int_-inf^inf E_perp T_l T_l' dkappa

    with T_l = j_l(kappa lambda)/(kappa lambda), less 1/3 for l = 1, as in `multipole_covariance`.

    Parameters
    ----------
    turbulence : Turbulence
        Isotropic.
    mean_free_path, l_max, l_min, free_path
        As in `multipole_covariance`.
    other_mean_free_path : float, optional
        lambda' of the column's multipole [length].

    Returns
    -------
    (n, n) array
        For a convection of the full weight eta = 1; in general times eta^2 [velocity^2].

    Examples
    --------
    >>> import numpy as np
    >>> from fluxtube.theory import Turbulence
    >>> flow = Turbulence.power_law(2.0, 23.0, 10.0)
    >>> l = np.array([1000.0, 2000.0])
    >>> one, two = (across_covariance(flow, 10.0, int(n), int(n))[0, 0] / (2 * n + 1) for n in l)
    >>> round(float(np.log2(one / two)), 2)
    3.0
    """
    path = law(free_path)
    if l_min == 0:
        whole = np.zeros((l_max + 1, l_max + 1))
        if l_max > 0:
            whole[1:, 1:] = across_covariance(turbulence, mean_free_path, l_max, 1, path, other_mean_free_path)
        return whole
    line = turbulence.across_line
    line.require_convergence(l_min)
    closed = line.closed_products(mean_free_path, l_max, l_min, True) if path.single and other_mean_free_path is None else None
    if closed is None:
        first = path.transverse_response(mean_free_path)
        second = first if other_mean_free_path is None else path.transverse_response(other_mean_free_path)
        closed = response_products(line, first, second, l_max, l_min)
    l = np.arange(l_min, l_max + 1.0)
    root = np.sqrt(l * (l + 1.0))
    return root[:, None] * root * with_phases(closed, l_min)


def two_path_covariance(
    turbulence, mean_free_path, other_mean_free_path, l_max, l_min=2, free_path="fixed"
) -> np.ndarray:
    """Covariance <a_l(p) a_l'(p')> between two momenta: two mean free paths in one flow.

    <a_l a_l'> = 4 pi sqrt((2l+1)(2l'+1)) i^(l-l') int_-inf^inf E(kappa) j_l'(kappa lambda) j_l''(kappa lambda') dkappa

    Parameters
    ----------
    turbulence, l_max, l_min, free_path
        As in `multipole_covariance`.
    mean_free_path, other_mean_free_path : float
        lambda of the row's multipole and lambda' of the column's [length].

    Returns
    -------
    (n, n) array
        Not symmetric unless the paths are equal [velocity^2].

    Raises
    ------
    ValueError
        As in `multipole_covariance`.

    Examples
    --------
    >>> import numpy as np
    >>> from fluxtube.theory import Turbulence
    >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0)
    >>> one, both = multipole_covariance(flow, 10.0, 4), two_path_covariance(flow, 10.0, 10.0, 4)
    >>> bool(np.allclose(one, both, rtol=1e-12))
    True
    """
    paths = (checks.positive("mean_free_path", mean_free_path), checks.positive("other_mean_free_path", other_mean_free_path))
    l_max, l_min = checks.degrees(l_max, l_min)
    turbulence.line.require_convergence(l_min, law(free_path))
    if _sharp_without_end(turbulence.line, law(free_path)):
        raise InputError(
            "two mean free paths, fixed and dependent on the pitch angle, need a spectrum with an end: give turbulence.band"
        )
    first, second = (law(free_path).response(path) for path in paths)
    return with_phases(2.0 * response_products(turbulence.line, first, second, l_max, l_min), l_min)


def multipole_covariance_error(turbulence, mean_free_path, l_max, l_min=2, free_path="fixed") -> np.ndarray:
    """Estimated error of the quadrature in `multipole_covariance`: its change when every panel is made a third narrower.

    Parameters
    ----------
    turbulence, mean_free_path, l_max, l_min, free_path
        As in `multipole_covariance`.

    Returns
    -------
    (n, n) array
        Absolute differences [velocity^2]. Of the closed form, its difference from the quadrature.

    Examples
    --------
    >>> import numpy as np
    >>> from fluxtube.theory import Turbulence
    >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0, band=(1e-3, 1e3))
    >>> error = multipole_covariance_error(flow, 10.0, 20) / np.diag(multipole_covariance(flow, 10.0, 20))
    >>> bool(np.diag(error).max() < 1e-11)
    True
    """
    value = multipole_covariance(turbulence, mean_free_path, l_max, l_min, free_path)
    response = law(free_path).response(float(mean_free_path))
    finer = response_products(turbulence.line, response, response, l_max, l_min, width=2.0 / 3.0)
    return np.abs(value - with_phases(2.0 * finer, l_min))


def angular_power_spectrum(
    turbulence, mean_free_path, l_max, spectral_slope=SPECTRAL_SLOPE, speed=C_KM_S, l_min=2, free_path="fixed"
) -> np.ndarray:
    """Ensemble-averaged angular power spectrum C_l of Delta f/f (Eq. 11).

    C_l = (slope/v)^2 <a_l^2> / (2l + 1)

    Parameters
    ----------
    turbulence, mean_free_path, l_max, l_min, free_path
        As in `multipole_covariance`.
    spectral_slope : float
        dlnf/dlnp of the phase-space density f [1].
    speed : float
        Particle speed v, in the turbulence's unit of velocity.

    Returns
    -------
    (n,) array
        C_l [1], l = l_min..l_max.

    Raises
    ------
    ValueError
        As in `multipole_covariance`, or for a speed or slope that is no finite number.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> print(f"{angular_power_spectrum(Turbulence.power_law(5 / 3, 23.0, 10.0), 10.0, 2)[0]:.6e}")
    3.286443e-08
    """
    factor = checks.anisotropy_factor(spectral_slope, speed)
    mean_free_path = checks.positive("mean_free_path", mean_free_path)
    l_max, l_min = checks.degrees(l_max, l_min)
    line, path = turbulence.line, law(free_path)
    line.require_convergence(l_min, path)
    closed = line.closed_squares(mean_free_path, l_max, l_min) if l_min >= 2 and path.single else None
    if closed is None and l_min >= 2 and not _sharp_without_end(line, path):
        closed = response_squares(line, path.response(mean_free_path), l_max, l_min)
    if closed is not None:
        return factor * 8.0 * np.pi * closed
    covariance = multipole_covariance(turbulence, mean_free_path, l_max, l_min, free_path)
    return factor * np.diag(covariance) / (2.0 * np.arange(l_min, l_max + 1) + 1.0)


def _sharp_without_end(line, path) -> bool:
    """Fixed paths that depend on the pitch angle, in waves of any length: no carrier splits off."""
    return getattr(path, "sharp", False) and bool(np.isinf(line.support[1]))
