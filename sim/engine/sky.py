"""The sphere: frames, pixel centres, and zonal functions about the field."""

import ducc0
import numpy as np

from fluxtube.sim.engine.harmonics import normalised_legendre


def rotation_to_sky(frame: str, field_direction: tuple[float, float]) -> np.ndarray:
    """Rotation of vectors from the magnetic frame (third axis along B) to the frame of the sky.

    R = R_z(alpha_B) R_y(pi/2 - delta_B), so that B points to right ascension alpha_B and declination delta_B, as the
    Euler angles of Eq. 17 of Zhang & Liu (2025) have it; the identity for a sky in the magnetic frame.

    Parameters
    ----------
    frame : {"magnetic", "equatorial"}
    field_direction : (float, float)
        alpha_B, delta_B [deg].

    Returns
    -------
    (3, 3)
    """
    if frame == "magnetic":
        return np.eye(3)
    alpha, polar = np.radians(field_direction[0]), np.radians(90 - field_direction[1])
    about_y = np.array([[np.cos(polar), 0, np.sin(polar)], [0, 1, 0], [-np.sin(polar), 0, np.cos(polar)]])
    about_z = np.array([[np.cos(alpha), -np.sin(alpha), 0], [np.sin(alpha), np.cos(alpha), 0], [0, 0, 1]])
    return about_z @ about_y


def pixel_directions(nside: int, rotation: np.ndarray) -> np.ndarray:
    """Directions of the pixels' centres in the magnetic frame, (npix, 3), HEALPix RING order."""
    centres = ducc0.healpix.Healpix_Base(nside, "RING").pix2vec(np.arange(12 * nside**2), nthreads=1)
    return centres @ rotation


def pixel_cosines(nside: int, rotation: np.ndarray) -> np.ndarray:
    """Cosine of the angle between each pixel's centre and the field, (npix,), HEALPix RING order."""
    return np.clip(pixel_directions(nside, rotation)[:, 2], -1.0, 1.0)


def zonal_harmonics(cosines: np.ndarray, l_max: int) -> np.ndarray:
    """Y_l0 = sqrt((2l + 1)/(4 pi)) P_l at each cosine, (n, l_max + 1)."""
    norm = np.sqrt((2 * np.arange(l_max + 1) + 1) / (4 * np.pi))
    return np.polynomial.legendre.legvander(cosines, l_max) * norm


def symmetric_moments(cosines: np.ndarray, m: np.ndarray, mean: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and mean square of the sky, averaged in azimuth, from the moments of a_lm (Eq. 16 of Zhang & Liu 2025).

    Orders are not correlated where no azimuth is preferred, and the mean square does not depend on the azimuth.

    Parameters
    ----------
    cosines : (n,)
        Cosine of the angle to the polar axis.
    m : (n_m,)
        Orders of the real harmonics, the first 0.
    mean : (n_m, L)
        <a_lm>, l = 0 .. L - 1.
    second : (n_m, L, L)
        <a_lm a_l'm>.

    Returns
    -------
    mean_map, mean_square_map : (n,)
    """
    distinct, inverse = np.unique(cosines, return_inverse=True)
    zonal = zonal_harmonics(distinct, mean.shape[1] - 1)
    square = np.einsum("il,lk,ik->i", zonal, second[0], zonal)
    if m.size > 1:
        legendre = normalised_legendre(distinct, mean.shape[1] - 1)  # the mean of 2 cos^2 and of 2 sin^2 is 1
        for order, moment in zip(m[1:], second[1:], strict=True):
            part = legendre[abs(order)]
            square += np.einsum("li,lk,ki->i", part, moment, part, optimize=True)
    return (zonal @ mean[0])[inverse], square[inverse]
