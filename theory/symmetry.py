"""What transport across the field asks of turbulence: whether its vectors are known, and where it is not smooth."""


class Symmetry:
    """Answers of turbulence that is isotropic, or known along the field alone; `anisotropic.AxialTurbulence` has its own.

    Attributes
    ----------
    axial : callable or None
        w(k, nu) where the turbulence has axial symmetry about the field only.
    cosines : tuple of float
        Ends of panels over nu.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> Turbulence.power_law(5 / 3, 23.0, 10.0).knows_vectors, Turbulence.goldreich_sridhar(23.0, 10.0).knows_vectors
    (True, False)
    """

    axial = None
    cosines = ()

    @property
    def knows_vectors(self) -> bool:
        """Whether all three components of u are known."""
        return self.is_isotropic

    @property
    def breaks_of_k(self) -> tuple[float, ...]:
        """Where w is not smooth in k."""
        return tuple(getattr(self.spectrum, "breaks", ()))

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
