"""<c_L c_L'>: covariance of the multipoles of the velocity difference along the field (Eqs. 7-9, 13 and 15).

The paper's own road to <a_l a_l'>, kept as the cross-check of `parallel.multipole_covariance`. c_L here are those of
(B/B).u(r + lambda mu B/B), without the -u(r) that enters L = 0 alone.
"""

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory import checks
from fluxtube.theory.covariance_quadrature import response_products
from fluxtube.theory.free_path import VelocityResponse
from fluxtube.theory.special import gamma as gamma_function
from fluxtube.theory.special import gammaln, rgamma


def velocity_covariance(turbulence, mean_free_path, l_max, l_min=0) -> np.ndarray:
    """BB/B^2 : <c_L c_L'> of any spectrum (Eq. 7; Eq. 13 for a power law).

    <c_L c_L'> = 4 pi sqrt((2L+1)(2L'+1)) i^(L-L') int_-inf^inf E(kappa) j_L(kappa lambda) j_L'(kappa lambda) dkappa

    Parameters
    ----------
    turbulence : Turbulence
        For its E(kappa).
    mean_free_path : float
        lambda [length].
    l_max, l_min : int
        Range of degrees L.

    Returns
    -------
    (n, n) array
        n = l_max - l_min + 1, zero for odd L + L' [velocity^2].

    Raises
    ------
    ValueError
        For a power law without end whose gamma is not within (0, 2 l_min + 1).

    Examples
    --------
    >>> import numpy as np
    >>> from fluxtube.theory import Turbulence
    >>> unit = Turbulence.power_law(5 / 3, (2 * np.pi) ** (-1 / 3), 1.0, transverse_fraction=0.0)
    >>> round(float(velocity_covariance(unit, 1.0, 1, 1)[0, 0]), 6)
    2.108069
    """
    mean_free_path = checks.positive("mean_free_path", mean_free_path)
    l_max, l_min = checks.degrees(l_max, l_min)
    line = turbulence.line
    closed = line.closed_velocity_products(mean_free_path, l_max, l_min)
    if closed is None:
        response = VelocityResponse(mean_free_path)
        closed = response_products(line, response, response, l_max, l_min, velocity=True)
    return with_phases(2.0 * closed, l_min)


def with_phases(integrals: np.ndarray, l_min: int) -> np.ndarray:
    """4 pi sqrt((2l+1)(2l'+1)) i^(l-l') times the integrals, zero for odd l + l'.

    Examples
    --------
    >>> (with_phases(np.ones((3, 3)), 0) / (4 * np.pi)).round(3).tolist()
    [[1.0, 0.0, -2.236], [0.0, 3.0, 0.0], [-2.236, 0.0, 5.0]]
    """
    l = np.arange(l_min, l_min + len(integrals))
    root = np.sqrt(2.0 * l + 1.0)
    half = (l[:, None] - l) // 2
    result = 4.0 * np.pi * root[:, None] * root * np.where(half % 2 == 0, 1.0, -1.0) * integrals
    result[(l[:, None] - l) % 2 == 1] = 0.0
    return result


def spectral_kernel_integral(L, other, n, gamma) -> float:
    """int_0^inf J_LL'^(n)(k lambda) w(k) dk of a power law, in units of w(1/lambda)/lambda: Eq. (13), corrected.

    pi^2 sqrt((2L+1)(2L'+1)) i^(L-L') [1 + (-1)^(L+L'+n)] Gamma(gamma+1) Gamma((L+L'-gamma+1)/2)
    / { 2^(gamma+1) (gamma+n) Gamma((L-L'+gamma)/2+1) Gamma((L'-L+gamma)/2+1) Gamma((L+L'+gamma+3)/2) }

    The stored text prints Gamma((L'+L+gamma)/2+1) for the second Gamma of the denominator, which is wrong.

    Parameters
    ----------
    L, other, n : int
        Degrees L, L' and the power n of the pitch-angle cosine, zero or above.
    gamma : float
        Spectral index, -min(n, 1) < gamma < L + L' + 1.

    Returns
    -------
    float
        Dimensionless.

    Raises
    ------
    ValueError
        Outside of that range.

    Examples
    --------
    >>> round(spectral_kernel_integral(1, 1, 0, 5 / 3), 6)
    4.637752
    """
    L, other, n = checks.degree("L", L, 0), checks.degree("L'", other, 0), checks.degree("n", n, 0)
    checks.inside("gamma", gamma, -float(min(n, 1)), L + other + 1.0, "Eq. (13) converges only for -min(n, 1) < gamma < L+L'+1")
    if (L + other + n) % 2:
        return 0.0
    if (L - other) % 2:
        raise InputError(f"L = {L}, L' = {other}, n = {n}: i^(L-L') is imaginary for odd L - L'; only even n occur in Eq. (7)")
    half_sum, half_difference = 0.5 * (L + other), 0.5 * (L - other)
    logarithm = gammaln(half_sum + 0.5 * (1.0 - gamma)) - gammaln(half_sum + 0.5 * (gamma + 3.0))
    below = rgamma(0.5 * gamma + half_difference + 1.0) * rgamma(0.5 * gamma - half_difference + 1.0)
    sign = 1.0 if (L - other) % 4 == 0 else -1.0
    front = 2.0 * np.pi**2 * np.sqrt((2 * L + 1) * (2 * other + 1)) * sign
    return float(front * gamma_function(gamma + 1.0) * np.exp(logarithm) * below / (2.0 ** (gamma + 1.0) * (gamma + n)))


def multipole_covariance_from(velocity: np.ndarray) -> np.ndarray:
    """<a_l a_l'> from <c_L c_L'> by the dipole coupling of Eq. (10).

    Parameters
    ----------
    velocity : (n, n) array
        <c_L c_L'> of L = 0..n-1 [velocity^2].

    Returns
    -------
    (n - 2, n - 2) array
        <a_l a_l'> of l = 1..n-2 [velocity^2]. For l = 1 it holds the mean field c_0 as given.

    Raises
    ------
    ValueError
        If the array is not square or holds fewer than three degrees.

    Examples
    --------
    >>> import numpy as np
    >>> float(multipole_covariance_from(np.diag([0.0, 1.0, 0.0, 0.0]))[1, 1].round(12))     # 4/(5*3)
    0.266666666667
    """
    velocity = np.asarray(velocity, dtype=float)
    if velocity.ndim != 2 or velocity.shape[0] != velocity.shape[1] or len(velocity) < 3:
        raise InputError(f"<c_L c_L'> has shape {velocity.shape}; it must be square with three degrees or more")
    l = np.arange(1, len(velocity) - 1)
    root = np.sqrt(2.0 * np.arange(len(velocity)) + 1.0)
    coupling = np.zeros((len(l), len(velocity)))
    coupling[l - 1, l - 1] = l / (root[l] * root[l - 1])
    coupling[l - 1, l + 1] = (l + 1) / (root[l] * root[l + 1])
    return coupling @ velocity @ coupling.T


def delta_approximation(turbulence, mean_free_path, degree) -> np.ndarray:
    """<c_L c_L> with Eq. (15), j_L(x) j_L'(x) ~ pi/(2(2L+1)) delta_LL' delta(|x| - L).

    <c_L c_L> ~ 4 pi^2 E(L/lambda) / lambda

    Parameters
    ----------
    turbulence : Turbulence
        For its E(kappa).
    mean_free_path : float
        lambda [length].
    degree : array
        L, 1 or above.

    Returns
    -------
    array
        [velocity^2]; see `delta_approximation_factor` for its error.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0)
    >>> exact = velocity_covariance(flow, 10.0, 200, 200)[0, 0]
    >>> ratio = float(delta_approximation(flow, 10.0, 200) / exact)
    >>> abs(ratio / delta_approximation_factor(5 / 3) - 1) < 5e-3
    True
    """
    mean_free_path = checks.positive("mean_free_path", mean_free_path)
    degree = np.asarray(degree, dtype=float)
    if not (degree >= 1.0).all():
        raise InputError("the delta-function approximation needs degrees L >= 1")
    return 4.0 * np.pi**2 * turbulence.field_aligned_spectrum(degree / mean_free_path) / mean_free_path


def delta_approximation_factor(gamma) -> float:
    """Error of Eq. (15) for a power law at large L: its <c_L c_L> over the true one.

    sqrt(pi) Gamma(gamma/2 + 1) / Gamma((gamma+1)/2)

    1.87 for Kolmogorov's law: right in slope, not in amplitude, as j_L^2 has a tail beyond its first peak.

    Examples
    --------
    >>> round(delta_approximation_factor(5 / 3), 3)
    1.867
    """
    checks.inside("gamma", gamma, 0.0, np.inf)
    return float(np.sqrt(np.pi) * gamma_function(0.5 * gamma + 1.0) / gamma_function(0.5 * (gamma + 1.0)))
