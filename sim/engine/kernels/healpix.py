"""Pixel numbers of directions in HEALPix RING order.

Source: Gorski et al. (2005), ApJ 622, 759, section 4.1.
"""

import math

from fluxtube.sim.engine.kernels.compiling import njit


@njit(inline="always")
def ring_pixel(nside, z, quarter_turns):
    """Pixel that holds a direction.

    Both formulae, of the belt and of the caps, are worked out and one is taken: that is faster in a loop than a branch.

    Parameters
    ----------
    nside : int
        Resolution.
    z : float
        Cosine of the polar angle.
    quarter_turns : float
        Azimuth over pi/2, in [0, 4].
    """
    # The belt |z| <= 2/3: numbers of the ascending and the descending edge line below the direction.
    ascending = nside * (0.5 + quarter_turns)
    slope = nside * z * 0.75
    up = int(ascending - slope)
    down = int(ascending + slope)
    ring = nside + 1 + up - down  # from the belt's first, 1 .. 2 nside + 1
    position = (up + down - nside + 2 - (ring & 1)) >> 1
    position = position - 4 * nside if position >= 4 * nside else position
    belt = 2 * nside * (nside - 1) + (ring - 1) * 4 * nside + position
    # The caps: the same lines, which meet in the pole.
    distance = abs(z)
    quarter = min(int(quarter_turns), 3)
    fraction = quarter_turns - quarter
    root = nside * math.sqrt(3.0 * (1.0 - distance))
    cap_ring = min(int(fraction * root) + int((1.0 - fraction) * root) + 1, nside)  # from the nearer pole
    along = min(int(quarter_turns * cap_ring), 4 * cap_ring - 1)
    north = 2 * cap_ring * (cap_ring - 1) + along
    south = 12 * nside * nside - 2 * cap_ring * (cap_ring + 1) + along
    cap = north if z > 0.0 else south
    return belt if distance <= 2.0 / 3.0 else cap
