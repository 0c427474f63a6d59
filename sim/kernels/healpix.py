"""Pixel numbers of directions in HEALPix RING order.

Source: Gorski et al. (2005), ApJ 622, 759, section 4.1.
"""

import math

from numba import njit


@njit(inline="always")
def ring_pixel(nside, z, quarter_turns):
    """Pixel that holds a direction.

    Parameters
    ----------
    nside : int
        Resolution.
    z : float
        Cosine of the polar angle.
    quarter_turns : float
        Azimuth over pi/2, in [0, 4].
    """
    distance = abs(z)
    if distance <= 2 / 3:
        ascending = nside * (0.5 + quarter_turns)
        slope = nside * z * 0.75
        up = int(ascending - slope)
        down = int(ascending + slope)
        ring = nside + 1 + up - down  # from the equatorial belt's first, 1 .. 2 nside + 1
        shift = 1 - (ring & 1)
        position = (up + down - nside + shift + 1) >> 1
        position = position % (4 * nside)
        return 2 * nside * (nside - 1) + (ring - 1) * 4 * nside + position
    fraction = quarter_turns - math.floor(quarter_turns)
    root = nside * math.sqrt(3.0 * (1.0 - distance))
    up = int(fraction * root)
    down = int((1.0 - fraction) * root)
    ring = up + down + 1  # from the nearer pole
    position = int(quarter_turns * ring)
    if position >= 4 * ring:
        position -= 4 * ring
    if z > 0:
        return 2 * ring * (ring - 1) + position
    return 12 * nside * nside - 2 * ring * (ring + 1) + position
