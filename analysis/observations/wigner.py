"""Wigner functions: the frame of an observation turned to that of the magnetic field and back."""

from functools import lru_cache

import numpy as np
from scipy.special import sph_legendre_p_all


@lru_cache(maxsize=512)
def _generator(l: int) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues and eigenvectors of J_y in the basis |l m>, m = -l..l."""
    m = np.arange(-l, l)
    ladder = np.sqrt(l * (l + 1.0) - m * (m + 1.0))  # <m+1| J_+ |m>
    j_y = np.diag(ladder, -1) / 2j - np.diag(ladder, 1) / 2j
    return np.linalg.eigh(j_y)


def small_d(l: int, angle: float) -> np.ndarray:
    """Wigner's d^l_mm'(theta) = <l m| exp(-i theta J_y) |l m'>, from the eigenvectors of J_y.

    Parameters
    ----------
    l : int
    angle : float
        theta [rad].

    Returns
    -------
    ndarray (2l + 1, 2l + 1)
        Rows m, columns m', both -l..l (Sakurai & Napolitano 2020, section 3.5).
    """
    values, vectors = _generator(l)
    return np.real((vectors * np.exp(-1j * angle * values)) @ vectors.conj().T)


def wigner_d(l: int, phi: float, theta: float) -> np.ndarray:
    """D^l_mm'(phi, theta, 0) = exp(-i m phi) d^l_mm'(theta), (2l + 1, 2l + 1)."""
    return np.exp(-1j * phi * np.arange(-l, l + 1))[:, None] * small_d(l, theta)


def to_magnetic(alm: np.ndarray, field_direction) -> np.ndarray:
    """Multipoles about the field from those in equatorial coordinates: b_lm'' = sum_m a_lm D^l*_mm''.

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
    return _turn(alm, field_direction, back=False)


def to_equatorial(alm: np.ndarray, field_direction) -> np.ndarray:
    """Inverse of `to_magnetic`: a_lm = sum_m'' D^l_mm'' b_lm''."""
    return _turn(alm, field_direction, back=True)


def _turn(alm, field_direction, back: bool) -> np.ndarray:
    alm = np.asarray(alm, dtype=complex)
    phi, theta = np.deg2rad(field_direction[0]), np.pi / 2 - np.deg2rad(field_direction[1])
    turned = np.zeros_like(alm)
    for l in range(len(alm)):
        matrix = wigner_d(l, phi, theta)
        positive = alm[l, : l + 1]
        m = np.arange(l, 0, -1)
        whole = np.concatenate([(-1.0) ** m * positive[:0:-1].conj(), positive])
        turned[l, : l + 1] = ((matrix if back else matrix.conj().T) @ whole)[l:]
    return turned


def harmonics(l_max: int, theta) -> np.ndarray:
    """Y_lm(theta, 0), orthonormal, Condon-Shortley phase: (l_max + 1, l_max + 1, n), m >= 0; zero for m > l."""
    return sph_legendre_p_all(l_max, l_max, np.asarray(theta, dtype=float))[0][:, : l_max + 1]
