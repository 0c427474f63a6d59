"""Parallel diffusion: multipoles of Delta f/f from convection along a field line (Zhang & Liu 2025).

a_l are the multipoles of mu (B/B).Delta u in the pitch-angle cosine mu of the MOMENTUM (Eq. 3); towards arrival directions
odd ones change sign.
"""

import numpy as np

from fluxtube.theory import checks, mellin
from fluxtube.theory.constants import C_KM_S
from fluxtube.theory.covariance_quadrature import response_products, response_squares
from fluxtube.theory.flow_multipoles import with_phases
from fluxtube.theory.free_path import Fixed, law
from fluxtube.theory.line_spectra import PowerLawLine


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
    l_min, l_max = checks.degrees(l_min, l_max)
    line = turbulence.line
    path = law(free_path)
    require_convergence(line, l_min, path)
    if isinstance(line, PowerLawLine) and path == Fixed():
        unit = 2.0 * float(line(1.0 / mean_free_path)) / mean_free_path
        return with_phases(unit * _power_law_products(line.index, l_min, l_max), l_min)
    response = path.response(mean_free_path)
    return with_phases(2.0 * response_products(line, response, response, l_min, l_max), l_min)


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
    l_min, l_max = checks.degrees(l_min, l_max)
    require_convergence(turbulence.line, l_min, law(free_path))
    first, second = (law(free_path).response(path) for path in paths)
    return with_phases(2.0 * response_products(turbulence.line, first, second, l_min, l_max), l_min)


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
    finer = response_products(turbulence.line, response, response, l_min, l_max, width=2.0 / 3.0)
    return np.abs(value - with_phases(2.0 * finer, l_min))


def angular_power_spectrum(
    turbulence, mean_free_path, l_max, spectral_slope=-4.7, speed=C_KM_S, l_min=2, free_path="fixed"
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
    factor = (checks.finite("spectral_slope", spectral_slope) / checks.positive("speed", speed)) ** 2
    mean_free_path = checks.positive("mean_free_path", mean_free_path)
    l_min, l_max = checks.degrees(l_min, l_max)
    line = turbulence.line
    if isinstance(line, PowerLawLine) and l_min >= 2 and law(free_path) == Fixed():
        require_convergence(line, l_min)
        unit = 8.0 * np.pi * float(line(1.0 / mean_free_path)) / mean_free_path
        return factor * unit * mellin.derivative_squares(line.index, l_min, l_max)
    path = law(free_path)
    if l_min >= 2 and hasattr(path, "ends"):  # many waves to each pair: the diagonal alone
        require_convergence(line, l_min, path)
        return factor * 8.0 * np.pi * response_squares(line, path.response(mean_free_path), l_min, l_max)
    covariance = multipole_covariance(turbulence, mean_free_path, l_max, l_min, free_path)
    return factor * np.diag(covariance) / (2.0 * np.arange(l_min, l_max + 1) + 1.0)


def require_convergence(line, l_min: int, path=None) -> None:
    """Raise ValueError unless int E R_l R_l' converges for every pair of degrees from l_min.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> require_convergence(Turbulence.power_law(2.9, 1.0, 1.0).line, 2)
    """
    if not isinstance(line, PowerLawLine):
        return
    # Below l = 2 the response starts as kappa or kappa^2; its square against E is least convergent for l = 0 and 2.
    steepest = 2.0 * l_min - 1.0 if l_min >= 2 else 3.0
    flattest = 1.0 if l_min <= 1 else -1.0
    if hasattr(path, "bounds"):
        flattest, steepest = path.bounds(l_min)
    why = f"<a_l a_l'> of a power law without end converges only there for l >= {l_min}; a band or an outer scale makes it finite"
    checks.inside("gamma", line.index, flattest, steepest, why)


def _power_law_products(gamma: float, l_min: int, l_max: int) -> np.ndarray:
    """int_0^inf x^-gamma R_l R_l' dx with R_1 = j_1' - 1/3."""
    if l_min >= 1:
        matrix = mellin.derivative_products(gamma, l_min, l_max)
    else:
        matrix = np.zeros((l_max + 1, l_max + 1))
        if l_max >= 1:
            matrix[1:, 1:] = mellin.derivative_products(gamma, 1, l_max)
        # j_0' = -j_1: Eq. (13)'s integral, l' j_1 j_(l'-1) - (l'+1) j_1 j_(l'+1) over 2 l' + 1.
        product = mellin.products(gamma, 1, l_max + 1)
        for l in range(2, l_max + 1, 2):
            matrix[0, l] = matrix[l, 0] = -(l * product[0, l - 2] - (l + 1) * product[0, l]) / (2 * l + 1)
        matrix[0, 0] = product[0, 0]
    if l_min <= 1 <= l_max:
        moments = mellin.derivative_moments(gamma, 1, l_max)
        row = 1 - l_min
        odd = np.arange(row, len(matrix), 2)
        matrix[row, odd] -= moments[odd - row] / 3.0
        matrix[odd, row] -= moments[odd - row] / 3.0
    return matrix
