"""What an estimator says of a block of realisations."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Measurement:
    """Multipoles, and where particles made them their two halves and skies; anisotropies over the unit anisotropy.

    Attributes
    ----------
    multipoles : (count, n_m, L)
        Of the whole sample: the mean of the halves.
    difference : (count, n_m, L) or None
        Half the difference of the two halves: pure shot noise.
    intensity, hits : (count, 2, npix) or None
        Sum of the anisotropy and number of particles in each pixel, a half each.
    momenta : (count, P, n_m, L) or None
        Multipoles at several momenta, the run's own first.
    momenta_difference : (count, P, n_m, L) or None
        Half the differences of the halves at these.
    """

    multipoles: np.ndarray
    difference: np.ndarray | None = None
    intensity: np.ndarray | None = None
    hits: np.ndarray | None = None
    momenta: np.ndarray | None = None
    momenta_difference: np.ndarray | None = None
