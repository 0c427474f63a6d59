"""What the covariance means on the sky: mean-square map, average over field directions, dipoles."""

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory import checks
from fluxtube.theory.constants import C_KM_S, SPECTRAL_SLOPE


def mean_square_map(covariance, mu, l_min=2, spectral_slope=SPECTRAL_SLOPE, speed=C_KM_S) -> np.ndarray:
    """Mean-square relative intensity of the multipoles of a covariance, over the pitch-angle cosine (Eq. 16).

    <(Delta f/f)^2> = (slope/v)^2 sum_ll' <a_l a_l'> sqrt((2l+1)(2l'+1)) / (4 pi) P_l(mu) P_l'(mu)

    Parameters
    ----------
    covariance : (n, n) array
        <a_l a_l'> [velocity^2] of l = l_min..l_min + n - 1.
    mu : array
        Pitch-angle cosine, -1..1 (even in mu: arrival and momentum directions agree).
    l_min : int
        First degree.
    spectral_slope : float
        dlnf/dlnp [1].
    speed : float
        Particle speed, in the covariance's unit of velocity.

    Returns
    -------
    array of the shape of mu
        [1].

    Raises
    ------
    ValueError
        If mu is outside [-1, 1] or the covariance not square.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(mean_square_map(np.eye(1), 1.0, l_min=2, spectral_slope=1.0, speed=1.0) * 4 * np.pi), 12)
    5.0
    """
    covariance = np.asarray(covariance, dtype=float)
    if covariance.ndim != 2 or covariance.shape[0] != covariance.shape[1]:
        raise InputError(f"the covariance has shape {covariance.shape}; it must be square")
    mu = _cosines(mu)
    l_min = checks.degree("l_min", l_min, 0)
    l = np.arange(l_min, l_min + len(covariance))
    legendre = legendre_polynomials(mu.ravel(), l[-1])[l_min:] * np.sqrt((2.0 * l + 1.0) / (4.0 * np.pi))[:, None]
    values = np.einsum("im,im->m", legendre, covariance @ legendre)
    return (checks.anisotropy_factor(spectral_slope, speed) * values).reshape(mu.shape)


def total_mean_square_map(turbulence, mean_free_path, mu, spectral_slope=SPECTRAL_SLOPE, speed=C_KM_S) -> np.ndarray:
    """Mean-square relative intensity of ALL multipoles, monopole and dipole included, in closed form.

    <(Delta f/f)^2> = (slope/v)^2 mu^2 D(lambda mu), ~ |mu|^(gamma+1) for a power law

    Parameters
    ----------
    turbulence : Turbulence
        For its structure function D.
    mean_free_path : float
        lambda [length], fixed.
    mu : array
        Pitch-angle cosine.
    spectral_slope, speed
        As in `mean_square_map`.

    Returns
    -------
    array of the shape of mu
        [1].

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0)
    >>> values = total_mean_square_map(flow, 10.0, [0.125, 1.0])
    >>> round(float(np.log2(values[1] / values[0]) / 3), 9)
    2.666666667
    """
    mu = _cosines(mu)
    mean_free_path = checks.positive("mean_free_path", mean_free_path)
    return checks.anisotropy_factor(spectral_slope, speed) * mu**2 * turbulence.structure_function(mean_free_path * mu)


def pitch_angle_covariance(turbulence, mean_free_path, mu, other_mu) -> np.ndarray:
    """Covariance of Delta(mu) = mu (B/B).Delta u between two pitch angles, from the structure function alone.

    <Delta(mu) Delta(mu')> = mu mu' [D(lambda mu) + D(lambda mu') - D(lambda (mu - mu'))] / 2

    Parameters
    ----------
    turbulence : Turbulence
        For its structure function D.
    mean_free_path : float
        lambda [length], fixed.
    mu, other_mu : arrays
        Pitch-angle cosines that broadcast together.

    Returns
    -------
    array
        [velocity^2].

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0)
    >>> bool(np.isclose(pitch_angle_covariance(flow, 10.0, 0.5, 0.5), 0.25 * flow.structure_function(5.0)))
    True
    """
    mu, other_mu = np.broadcast_arrays(_cosines(mu), _cosines(other_mu))
    path = checks.positive("mean_free_path", mean_free_path)
    d = turbulence.structure_function
    return 0.5 * mu * other_mu * (d(path * mu) + d(path * other_mu) - d(path * (mu - other_mu)))


def field_averaged_covariance(covariance, l_min=2) -> np.ndarray:
    """<A_lm A*_l'm'> after an average over all field directions: a_l^2/(2l+1) delta_ll' delta_mm' (Eq. 12).

    Parameters
    ----------
    covariance : (n, n) array
        <a_l a_l'> [velocity^2].
    l_min : int
        First degree.

    Returns
    -------
    (n,) array
        The diagonal, the same for every m [velocity^2].

    Examples
    --------
    >>> field_averaged_covariance([[5.0, 1.0], [1.0, 7.0]]).tolist()
    [1.0, 1.0]
    """
    diagonal = np.diag(np.asarray(covariance, dtype=float))
    return diagonal / (2.0 * (checks.degree("l_min", l_min, 0) + np.arange(len(diagonal))) + 1.0)


def diffuse_dipole(mean_free_path, density_gradient) -> float:
    """Multipole a_1 of Delta f/f of the standard diffuse anisotropy, -lambda mu (B/B).grad ln f (first term of Eq. 1).

    Parameters
    ----------
    mean_free_path : float
        lambda [length].
    density_gradient : float
        (B/B).grad ln f [1/length].

    Returns
    -------
    float
        a_1 over mu of the momentum, in the normalisation of Eq. (3): Delta f/f = a_1 sqrt(3/(4 pi)) mu [1].

    Examples
    --------
    >>> round(diffuse_dipole(10.0, -1e-4) * (3 / (4 * np.pi)) ** 0.5, 12)
    0.001
    """
    gradient = checks.finite("density_gradient", density_gradient)
    return -checks.positive("mean_free_path", mean_free_path) * gradient * float(np.sqrt(4.0 * np.pi / 3.0))


def momentum_scaling(momentum_ratio, gamma, scattering_index) -> np.ndarray:
    """C_l at p over C_l at p_0 for a power law: (p/p_0)^((gamma-1)(2-gamma_g)), as lambda ~ p^(2-gamma_g).

    Parameters
    ----------
    momentum_ratio : array
        p/p_0, above zero [1].
    gamma : float
        Index of the convection's spectrum.
    scattering_index : float
        gamma_g, index of the slab turbulence at the gyroresonance.

    Returns
    -------
    array
        [1].

    Raises
    ------
    ValueError
        If a ratio is not above zero or an index not finite.

    Examples
    --------
    >>> float(momentum_scaling(10.0, 2.0, 1.0))
    10.0
    """
    ratio = np.asarray(momentum_ratio, dtype=float)
    if not (np.isfinite(ratio) & (ratio > 0.0)).all():
        raise InputError("momentum_ratio must be finite and above zero")
    power = (checks.finite("gamma", gamma) - 1.0) * (2.0 - checks.finite("scattering_index", scattering_index))
    return ratio**power


def legendre_polynomials(mu: np.ndarray, l_max: int) -> np.ndarray:
    """P_l(mu), l = 0..l_max, shape (l_max + 1, n).

    Examples
    --------
    >>> legendre_polynomials(np.array([0.5]), 2)[:, 0].tolist()
    [1.0, 0.5, -0.125]
    """
    table = np.ones((max(l_max, 1) + 1, len(mu)))
    table[1] = mu
    for l in range(1, l_max):
        table[l + 1] = ((2 * l + 1) * mu * table[l] - l * table[l - 1]) / (l + 1)
    return table[: l_max + 1]


def _cosines(mu) -> np.ndarray:
    mu = np.asarray(mu, dtype=float)
    if not (np.abs(mu) <= 1.0).all():
        raise InputError("pitch-angle cosines mu must lie in [-1, 1]")
    return mu
