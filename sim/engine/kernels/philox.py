"""Philox4x32-10, a counter-based random generator: (key, counter) -> four random words, no state.

Source: Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, SC'11.
"""

from numba import uint64

from fluxtube.sim.engine.kernels.compiling import njit

M0 = uint64(0xD2511F53)
M1 = uint64(0xCD9E8D57)
W0 = uint64(0x9E3779B9)
W1 = uint64(0xBB67AE85)
LOW = uint64(0xFFFFFFFF)
HALF = uint64(32)


@njit(inline="always")
def philox(c0, c1, c2, c3, k0, k1):
    """Four random 32-bit words (in 64-bit integers) of a 128-bit counter under a 64-bit key.

    The words are held in 64 bits so that compilers turn a loop over counters into vector multiplications.
    """
    for _ in range(10):
        p0 = M0 * c0
        p1 = M1 * c2
        c0 = (p1 >> HALF) ^ c1 ^ k0
        c1 = p1 & LOW
        c2 = (p0 >> HALF) ^ c3 ^ k1
        c3 = p0 & LOW
        k0 = (k0 + W0) & LOW
        k1 = (k1 + W1) & LOW
    return c0, c1, c2, c3
