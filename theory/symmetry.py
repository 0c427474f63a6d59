"""What transport across the field asks of turbulence: whether its vectors are known, and where it is not smooth."""

from collections.abc import Callable
from typing import Any

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory.contracts import Spectrum


class Symmetry:
    """Answers of turbulence that is isotropic, or known along the field alone; `anisotropic.AxialTurbulence` has its own.

    Attributes
    ----------
    spectrum : Spectrum or None
        w(k); None where it is not isotropic.
    band : (k_min, k_max) or None
        Where it is kept [1/length].

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> Turbulence.power_law(5 / 3, 23.0, 10.0).knows_vectors, Turbulence.goldreich_sridhar(23.0, 10.0).knows_vectors
    (True, False)
    """

    spectrum: Spectrum | None
    band: tuple[float, float] | None

    @property
    def axial(self) -> Callable[[Any, Any], np.ndarray] | None:
        """w(k, nu) where the turbulence has axial symmetry about the field only."""
        return None

    @property
    def cosines(self) -> tuple[float, ...]:
        """Ends of panels over nu."""
        return ()

    @property
    def is_isotropic(self) -> bool:
        """Whether w(k) and beta(k) are known, or E(kappa) alone."""
        return self.spectrum is not None

    @property
    def omnidirectional(self) -> Spectrum:
        """The function w(k) of isotropic turbulence; InputError where there is none.

        >>> from fluxtube.theory import Turbulence
        >>> Turbulence.tabulated([1.0, 4.0], [1.0, 1.0]).omnidirectional.support
        (1.0, 4.0)
        """
        if self.spectrum is None:
            raise InputError("w(k) of isotropic turbulence is asked for; this one is given by its field-aligned spectrum alone")
        return self.spectrum

    @property
    def ends(self) -> tuple[float, float]:
        """The band of turbulence that must have one [1/length]; InputError where it has none.

        >>> from fluxtube.theory import Turbulence
        >>> Turbulence.power_law(5 / 3, 23.0, 10.0, band=(1e-4, 100.0)).ends
        (0.0001, 100.0)
        """
        if self.band is None:
            raise InputError("this turbulence has no band, and a sum of waves needs an end on both sides")
        return self.band

    @property
    def knows_vectors(self) -> bool:
        """Whether all three components of u are known."""
        return self.is_isotropic

    @property
    def breaks_of_k(self) -> tuple[float, ...]:
        """Where w is not smooth in k."""
        return tuple(getattr(self.spectrum, "breaks", ()))

    def require_isotropic(self, what: str) -> None:
        """Raise InputError, naming what needs it, unless w(k) is known; >>> flow.require_isotropic("this")."""
        if self.spectrum is None:
            raise InputError(f"{what} needs w(k) of isotropic turbulence; this one is given by its field-aligned spectrum alone")

    def require_vectors(self, what: str) -> None:
        """Raise InputError, naming what needs them, unless all components of u are known.

        Examples
        --------
        >>> from fluxtube.theory import Turbulence
        >>> Turbulence.power_law(5 / 3, 23.0, 10.0).require_vectors("isotropic diffusion") is None
        True
        """
        if not self.knows_vectors:
            self.require_isotropic(what)
