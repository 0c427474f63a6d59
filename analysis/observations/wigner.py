"""The frame of an observation turned to that of the magnetic field and back; harmonics on a meridian."""

import numpy as np
from ducc0.sht import rotate_alm
from scipy.special import sph_legendre_p_all


def to_magnetic(alm: np.ndarray, field_direction) -> np.ndarray:
    """Multipoles about the field from those in equatorial coordinates: b_lm'' = sum_m a_lm D^l*_mm''.

    D^l_mm'' = exp(-i m alpha_B) d^l_mm''(pi/2 - delta_B), alpha_B and delta_B the direction of the field (Sakurai &
    Napolitano 2020, section 3.5); the rotation itself is ducc0's.

    Parameters
    ----------
    alm : complex ndarray (L, L)
        a[l, m], m >= 0, of a real sky.
    field_direction : (float, float)
        Right ascension and declination of +B [deg].

    Returns
    -------
    complex ndarray (L, L)
        b[l, m''], m'' >= 0.
    """
    phi, theta = _angles(field_direction)
    return _turn(alm, (-phi, -theta, 0.0))


def to_equatorial(alm: np.ndarray, field_direction) -> np.ndarray:
    """Inverse of `to_magnetic`: a_lm = sum_m'' D^l_mm'' b_lm''."""
    phi, theta = _angles(field_direction)
    return _turn(alm, (0.0, theta, phi))


def _angles(field_direction) -> tuple[float, float]:
    return float(np.deg2rad(field_direction[0])), float(np.pi / 2 - np.deg2rad(field_direction[1]))


def _turn(alm, angles) -> np.ndarray:
    """a[l, m] turned by R_z R_y R_z, the three angles in the order in which they act."""
    alm = np.asarray(alm, dtype=complex)
    if len(alm) < 2:  # ducc0 needs a dipole at least; a monopole stays
        return alm.copy()
    l, m = np.tril_indices(len(alm))
    order = np.lexsort((l, m))  # a_lm by m, as HEALPix and ducc0 store them
    l, m = l[order], m[order]
    turned = np.zeros_like(alm)
    turned[l, m] = rotate_alm(alm[l, m], len(alm) - 1, *angles)
    return turned


def harmonics(l_max: int, theta) -> np.ndarray:
    """Y_lm(theta, 0), orthonormal, Condon-Shortley phase: (l_max + 1, l_max + 1, n), m >= 0; zero for m > l."""
    return sph_legendre_p_all(l_max, l_max, np.asarray(theta, dtype=float))[0][:, : l_max + 1]


def zonal_weights(l_max: int, theta: float) -> np.ndarray:
    """d^l_m0(theta) = sqrt(4 pi / (2l + 1)) Y_lm(theta, 0), (l_max + 1, l_max + 1), indices m, l; zero for m > l."""
    l = np.arange(l_max + 1)
    return (np.sqrt(4 * np.pi / (2 * l + 1))[:, None] * harmonics(l_max, [theta])[:, :, 0]).T
