"""The covariance that cross-field transport must have: exact for any weights eps, eta between parallel and isotropic diffusion.

With displacement lambda (eps p_perp + p_par) and convection by eta u_perp + u_par, Delta f/f is

    (dln f/dln p)/v  p.D_eta [u(lambda D_eps p) - u(0)],    D_c = diag(c, c, 1).

A plane wave k is then seen as the plane wave y = lambda D_eps k with amplitude D_eta A, by isotropic diffusion:

    int p.A e^(i y.p) Y*_lm(p) dOmega = 4 pi i^(l-1) A.grad_y [j_l(y) Y*_lm(y^)]

and an average over Eq. 6 of Zhang & Liu (2025), with k^ at the polar angle arccos nu, gives every <a_lm a_l'm>. For a power law
without end k scales out, and with s(nu) = |D_eps k^|

    C_l = (slope/v)^2 4 pi w(1/lambda)/lambda [ I_L int x^-gamma j_l'^2 dx + I_T/2 l(l+1) int x^(-gamma-2) j_l^2 dx ],
    I_L = int_0^1 s^(gamma-1) y^.M.y^ dnu,   I_L + I_T = int_0^1 s^(gamma-1) tr M dnu,
    M = D_eta [ (1-beta) k^k^ + beta/2 (1 - k^k^) ] D_eta.

The two integrals over x are those of isotropic diffusion, both ~ l^(-gamma-1): neither eps nor eta changes the slope.
"""

from dataclasses import replace

import numpy as np
from scipy.special import sph_legendre_p_all
from threadpoolctl import threadpool_limits

from fluxtube.errors import InputError
from fluxtube.theory import mellin
from fluxtube.theory.constants import C_KM_S
from fluxtube.theory.covariance_quadrature import response_squares
from fluxtube.theory.free_path import Fixed, law
from fluxtube.theory.isotropic_quadrature import WeightedSpectrum
from fluxtube.theory.panels import place

PHASE_OF_A_PANEL = 6.0  # k lambda across a panel of 24 nodes: the products of two Bessel functions turn twice as fast
POLE = 1e-5  # smallest displacement across the field: the limit itself has its waves on the coordinates' pole


@threadpool_limits.wrap(limits=1, user_api="blas")  # products this small only lose by threads
def multipole_covariance(
    turbulence, mean_free_path, displacement, convection, l_max, l_min=2, orders=(0,), free_path="fixed"
) -> np.ndarray:
    """Covariance <a_lm a_l'm> of the convective multipoles towards arrival directions, by quadrature over k and nu.

    Parameters
    ----------
    turbulence : Turbulence
        Isotropic, with a band.
    mean_free_path : float
        lambda [length].
    displacement, convection : float
        eps, eta.
    l_max, l_min : int
        Range of degrees, l_min >= 2.
    orders : (n_m,) ints
        Orders m of the real spherical harmonics.
    free_path : str or law
        As in `theory.parallel.multipole_covariance`.

    Returns
    -------
    (n_m, n, n)
        [velocity^2], n = l_max - l_min + 1; zero for l < |m|.
    """
    if turbulence.band is None:
        raise InputError("the covariance of cross-field transport is integrated over a band; turbulence.band is missing")
    k, k_weight = _wave_numbers(turbulence.band, mean_free_path)
    power, beta = k_weight * turbulence.energy_spectrum(k), turbulence.beta(k)
    degrees = np.arange(l_min, l_max + 1)
    top = int(np.max(np.abs(orders)))
    total = np.zeros((top + 1, degrees.size, degrees.size))
    path = law(free_path)
    radial_law, transverse_law = path.response(mean_free_path), path.transverse_response(mean_free_path)
    for nu, weight in zip(*_cosines(l_max), strict=True):
        stretch, theta, vectors = _seen(nu, displacement, convection)
        radial = radial_law.direct(k * stretch, l_max)[l_min:]
        across = transverse_law.direct(k * stretch, l_max)[l_min:]
        value, slope, turn = (part[:, l_min:] for part in _harmonics(theta, l_max, top))
        for share, (along_r, along_theta, along_phi) in zip((1 - beta, beta / 2, beta / 2), vectors, strict=True):
            by_k = weight * power * share
            both = (radial * by_k) @ across.T
            tangential = along_theta**2 * _outer(slope, slope) + along_phi**2 * _outer(turn, turn)
            mixed = along_r * along_theta * _outer(value, slope) * both
            total += along_r**2 * _outer(value, value) * ((radial * by_k) @ radial.T) + tangential * ((across * by_k) @ across.T)
            total += mixed + mixed.transpose(0, 2, 1)
    difference = np.subtract.outer(degrees, degrees)
    total *= (4 * np.pi) ** 2 * np.where(difference % 2, 0, 1 - difference % 4)  # i^(l-l'); odd ones vanish
    return total[np.abs(orders)]


def angular_power_spectrum(
    turbulence, mean_free_path, displacement, convection, l_max, spectral_slope=-4.7, speed=C_KM_S, l_min=2, free_path="fixed"
) -> np.ndarray:
    """C_l, (n,) of l = l_min .. l_max: the power law without end in closed form (the module's text), a band by quadrature.

    Parameters
    ----------
    turbulence, mean_free_path, displacement, convection, l_max, l_min, free_path
        As in `multipole_covariance`; without a band a power law with constant beta.
    spectral_slope, speed
        As in `theory.parallel.angular_power_spectrum`.
    """
    factor = 4 * np.pi * (spectral_slope / speed) ** 2
    l = np.arange(l_min, l_max + 1)
    if turbulence.band is None:
        radial, across = shares(turbulence.spectrum.gamma, turbulence.transverse_fraction, displacement, convection)
        return factor * _without_end(turbulence, mean_free_path, radial, across, l, law(free_path))
    k, k_weight = _wave_numbers(turbulence.band, mean_free_path)
    power, beta = k_weight * turbulence.energy_spectrum(k), turbulence.beta(k)
    path, total = law(free_path), np.zeros(l.size)
    radial_law, transverse_law = path.response(mean_free_path), path.transverse_response(mean_free_path)
    for nu, weight in zip(*_cosines(l_max), strict=True):
        stretch, _, vectors = _seen(nu, displacement, convection)
        along, across = (
            sum(share * part for share, part in zip((1 - beta, beta / 2, beta / 2), parts, strict=True))
            for parts in ([v[0] ** 2 for v in vectors], [v[1] ** 2 + v[2] ** 2 for v in vectors])
        )
        one, other = (response.direct(k * stretch, l_max)[l_min:] ** 2 for response in (radial_law, transverse_law))
        total += weight * (one @ (power * along) + 0.5 * l * (l + 1) * (other @ (power * across)))
    return factor * total


def _without_end(turbulence, mean_free_path: float, radial: float, across: float, l: np.ndarray, path) -> np.ndarray:
    gamma = turbulence.spectrum.gamma
    if path != Fixed():
        # The two integrals over x of the module's text with the responses of the law.
        one, other = (WeightedSpectrum(replace(turbulence, transverse_fraction=beta), beta > 0) for beta in (0.0, 1.0))
        degrees = int(l[0]), int(l[-1])
        one = response_squares(one, path.response(mean_free_path), *degrees)
        other = response_squares(other, path.transverse_response(mean_free_path), *degrees)
        return radial * one + across * l * (l + 1.0) * other
    unit = float(turbulence.energy_spectrum(1 / mean_free_path)) / mean_free_path
    one, other = mellin.derivative_squares(gamma, l[0], l[-1]), mellin.squares(gamma + 2, l[0], l[-1])
    return unit * (radial * one + across * 0.5 * l * (l + 1.0) * other)


def shares(gamma: float, beta: float, displacement: float, convection: float) -> tuple[float, float]:
    """I_L and I_T of the module's text: 1/(gamma+2) [1-beta+beta/gamma] and 0 for parallel, 1-beta and beta for isotropic.

    Examples
    --------
    >>> radial, across = shares(5 / 3, 2 / 3, 1.0, 1.0)
    >>> round(radial, 12), round(across, 12)
    (0.333333333333, 0.666666666667)
    """
    nodes, weights = place(np.concatenate([[0.0], 0.5 ** np.arange(24, -1, -1.0)]))
    radial = across = 0.0
    for nu, weight in zip(nodes.ravel(), weights.ravel(), strict=True):
        stretch, _, vectors = _seen(nu, displacement, convection)
        for share, (along_r, *rest) in zip((1 - beta, beta / 2, beta / 2), vectors, strict=True):
            radial += weight * stretch ** (gamma - 1) * share * along_r**2
            across += weight * stretch ** (gamma - 1) * share * sum(part**2 for part in rest)
    return float(radial), float(across)


def _outer(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Products over pairs of degrees for every order, (n_m, n, n)."""
    return one[:, :, None] * other[:, None, :]


def _wave_numbers(band, mean_free_path) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights over the band: panels double until the Bessel functions limit them."""
    low, high = band
    widest = PHASE_OF_A_PANEL / mean_free_path
    edges = [low]
    while edges[-1] < high:
        edges.append(min(high, edges[-1] + min(edges[-1], widest)))
    return tuple(part.ravel() for part in place(np.array(edges)))


def _cosines(l_max: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of nu in (0, 1), graded towards both ends for weights eps near 0."""
    inner = 0.5 ** np.arange(8, 0, -1.0)
    edges = np.concatenate([[0.0], inner, 1 - inner[-2::-1], [1.0]])
    return tuple(part.ravel() for part in place(edges, 16 + l_max // 4))


def _seen(nu: float, displacement: float, convection: float):
    """|D_eps k^|, the polar angle of y^, and D_eta times k^ and two vectors across it, along r, theta and phi of y^."""
    mu, rho = nu, np.sqrt((1 - nu) * (1 + nu))
    y = max(displacement, POLE) * rho, mu
    stretch = float(np.hypot(*y))
    sine, cosine = y[0] / stretch, y[1] / stretch

    def project(x, z):
        return convection * x * sine + z * cosine, convection * x * cosine - z * sine, 0.0

    return stretch, np.arctan2(sine, cosine), (project(rho, mu), project(mu, -rho), (0.0, 0.0, convection))


def _harmonics(theta: float, l_max: int, top: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lambda_lm, dLambda_lm/dtheta and m Lambda_lm / sin theta, (top + 1, l_max + 1) each."""
    value, slope = (part[:, : top + 1].T for part in sph_legendre_p_all(l_max, max(top, 1), theta, diff_n=1))
    return value, slope, np.arange(top + 1)[:, None] * value / np.sin(theta)
