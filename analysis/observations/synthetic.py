"""Synthetic skies in the observer's coordinates: draws of the parallel model, and how the shipped table was made."""

import numpy as np

from fluxtube.analysis.observations.pitch_angle import magnetic_sky
from fluxtube.analysis.observations.reference import FIELD_DIRECTION
from fluxtube.analysis.observations.wigner import to_equatorial
from fluxtube.theory import Model, Turbulence
from fluxtube.theory.constants import C_KM_S

SHIPPED = {"seed": 17, "sigma": 50.0, "l_max": 14}
COMMENTS = (
    "SYNTHETIC SKY, NO OBSERVATION: one draw of the parallel model, made by fluxtube.analysis.observations.synthetic",
    "gamma = 5/3, beta = 2/3, sigma = 50 km/s, slope -4.7, degrees 2 to 14, field towards (229.2, 11.4) deg",
    "Multipoles a_lm of the relative intensity [1], arrival directions, equatorial coordinates, m >= 0",
)


def draw_parallel_sky(seed: int, sigma: float, l_max: int, gamma: float = 5 / 3, field_direction=FIELD_DIRECTION) -> np.ndarray:
    """One sky of the parallel model, slope -4.7 and beta = 2/3, as an observer on Earth describes it.

    Parameters
    ----------
    seed : int
    sigma : float
        Velocity dispersion at the mean free path [km/s].
    l_max : int
    gamma : float
    field_direction : (float, float)
        Right ascension and declination of +B [deg].

    Returns
    -------
    complex ndarray (l_max + 1, l_max + 1)
        a[l, m], m >= 0, equatorial coordinates; degrees 0 and 1 are empty.
    """
    covariance = Model().covariance(Turbulence.power_law(gamma, sigma, 1.0), 1.0, l_max)[0]
    normal = np.random.default_rng(seed).standard_normal(l_max - 1)
    multipoles = 4.7 / C_KM_S * np.linalg.cholesky(covariance) @ normal
    return to_equatorial(magnetic_sky(np.concatenate([[0, 0], multipoles])), field_direction)
