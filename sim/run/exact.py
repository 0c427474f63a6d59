"""Sums of doubles without rounding, so that blocks may be added in any order and grouping and give the same bits."""

import numpy as np

from fluxtube.errors import NotSummable

BITS = 32  # payload of a limb; the other bits of its 64 take carries
LOWEST = -160  # exponent of the unit of the last limb: about 7e-49
LIMBS = 7  # up to 2^(7 * 32 - 160) = 2^64
LIMIT = 2.0 ** (LIMBS * BITS + LOWEST)
SCALES = tuple(2.0 ** (LOWEST + BITS * i) for i in reversed(range(LIMBS)))


class ExactSum:
    """Fixed-point sums of an array of doubles.

    A double is cut into integers of 32 bits by powers of two, which loses nothing above 2^-160; integers add exactly.
    What lies below 2^-160 is dropped from each term, always alike. A limb takes 2^31 terms between two carries.

    Parameters
    ----------
    shape : tuple of int
        Shape of the arrays to add.
    """

    def __init__(self, shape: tuple[int, ...]):
        self.limbs = np.zeros((LIMBS, *shape), dtype=np.int64)

    def add(self, term: np.ndarray) -> None:
        """Add an array.

        Raises
        ------
        NotSummable
            An element is NaN, which is what a kernel has not filled, infinite, or not below 2^64 in size.
        """
        rest = np.array(term, dtype=np.float64)
        if np.isnan(rest).any():
            raise NotSummable(
                "a compiled kernel did not run to its end, and nothing of its block is kept; numba stops kernels in a process "
                "that was forked after its threads had started: start it by 'spawn'"
            )
        if not np.all(np.abs(rest) < LIMIT):
            raise NotSummable(
                f"a term of a sum is not below {LIMIT:.2g} in size, in units of the convective anisotropy: extreme parameters"
            )
        for limb, scale in zip(self.limbs, SCALES, strict=True):
            quotient = np.trunc(rest / scale)
            rest -= quotient * scale
            limb += quotient.astype(np.int64)

    def carry(self) -> None:
        """Bring every limb but the first back to 32 bits; the value stays."""
        for i in range(LIMBS - 1, 0, -1):
            high = self.limbs[i] >> BITS
            self.limbs[i] -= high << BITS
            self.limbs[i - 1] += high

    def value(self) -> np.ndarray:
        """The sums as doubles, to a unit in the last place; the same limbs give the same bits."""
        size = ExactSum(self.limbs.shape[1:])
        size.limbs[...] = self.limbs
        size.carry()
        # A negative number is held as -1 and a complement: adding that up would cancel, so turn its sign first.
        negative = size.limbs[0] < 0
        np.negative(size.limbs, out=size.limbs, where=negative)
        size.carry()
        total = np.zeros(negative.shape)
        for limb, scale in zip(size.limbs[::-1], SCALES[::-1], strict=True):
            total += limb * scale
        return np.where(negative, -total, total)
