"""The one object that theory and engine share: w(k), beta(k), the band, and what follows along the field."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory import checks
from fluxtube.theory.constants import TRANSVERSE_FRACTIONS
from fluxtube.theory.contracts import LineSpectrum, Spectrum
from fluxtube.theory.found_breaks import with_found_breaks
from fluxtube.theory.line_spectra import EmptyLine, GivenLine, PowerLawLine
from fluxtube.theory.projection import Across, fraction_at, line_of
from fluxtube.theory.spectra import Function, PowerLaw, Table, VonKarman, amplitude_at
from fluxtube.theory.symmetry import Symmetry


@dataclass(frozen=True, eq=False)
class Turbulence(Symmetry):
    """Homogeneous Gaussian turbulence of the convection velocity u; build it by one of the class methods.

    Isotropic turbulence is given by the omnidirectional spectrum w(k), one-sided, <|u|^2> = int_0^inf w dk, and the
    fraction beta of its power that is transverse to the wave vector (Eq. 6 of Zhang & Liu 2025). Anisotropic turbulence
    is given by its field-aligned spectrum E(kappa) alone.

    Attributes
    ----------
    transverse_fraction : float or callable
        beta in [0, 1], or beta(k) of arrays of wave numbers; None if anisotropic.
    band : (k_min, k_max) or None
        Where the spectrum is kept [1/length].

    Examples
    --------
    >>> kolmogorov = Turbulence.power_law(gamma=5 / 3, sigma=23.0, scale=10.0)
    >>> k = 2 * np.pi / 10.0
    >>> round(float(np.sqrt(2 * np.pi * kolmogorov.energy_spectrum(k) / 10.0)), 12)
    23.0
    """

    spectrum: Spectrum | None
    transverse_fraction: float | Callable | None
    line: LineSpectrum
    band: tuple[float, float] | None = None

    # --- constructors -------------------------------------------------------------------------------------------------

    @classmethod
    def power_law(cls, gamma, sigma, scale, transverse_fraction=2.0 / 3.0, band=None) -> "Turbulence":
        """Isotropic w(k) ~ k^-gamma with velocity dispersion `sigma` on `scale`, on a band or without end.

        sigma^2 = 2 pi w(2 pi/scale) / scale of the power law, whether or not 2 pi/scale lies in the band.

        Parameters
        ----------
        gamma : float
            Spectral index [1].
        sigma : float
            Velocity dispersion on `scale` [velocity].
        scale : float
            Length at which sigma is defined [length], usually the mean free path.
        transverse_fraction : float, callable or str
            beta in [0, 1]; beta(k); or one of "acoustic" (0), "equipartition" (2/3), "incompressible" (1).
        band : (k_min, k_max), optional
            Where the spectrum is kept [1/length].

        Raises
        ------
        ValueError
            For values that are no numbers, not positive, out of range, or a band upside down.

        Examples
        --------
        >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0, "incompressible", band=(1e-4, 100.0))
        >>> flow.band, flow.transverse_fraction
        ((0.0001, 100.0), 1.0)
        """
        checks.finite("gamma", gamma)
        spectrum = PowerLaw(float(gamma), amplitude_at(sigma, scale), 2.0 * np.pi / scale)
        return cls.isotropic(spectrum, transverse_fraction, band)

    @classmethod
    def von_karman(
        cls, gamma, sigma, scale, outer_scale, dissipation_scale=None, transverse_fraction=2.0 / 3.0, band=None
    ) -> "Turbulence":
        """Isotropic power law with an outer scale and, if asked for, a dissipation cutoff (`spectra.VonKarman`).

        Parameters
        ----------
        gamma, sigma, scale, transverse_fraction, band
            As in `power_law`; sigma is that of the whole spectrum at 2 pi/scale.
        outer_scale, dissipation_scale : float
            L and l_d [length].

        Examples
        --------
        >>> flow = Turbulence.von_karman(5 / 3, 23.0, 10.0, outer_scale=100.0, dissipation_scale=0.01)
        >>> bool(flow.energy_spectrum(0.001) < flow.energy_spectrum(0.06))
        True
        """
        spectrum = VonKarman(
            float(gamma),
            amplitude_at(sigma, scale),
            2.0 * np.pi / scale,
            float(outer_scale),
            None if dissipation_scale is None else float(dissipation_scale),
        )
        return cls.isotropic(spectrum, transverse_fraction, band)

    @classmethod
    def tabulated(cls, k, w, transverse_fraction=2.0 / 3.0, band=None, sigma=None, scale=None) -> "Turbulence":
        """Isotropic w(k) from a table, log-log interpolated; rescaled to `sigma` on `scale` if both are given.

        Parameters
        ----------
        k, w : (n,) arrays
            Ascending wave numbers [1/length] and w [velocity^2 length].
        transverse_fraction, band
            As in `power_law`.
        sigma, scale : float, optional
            Rescale so that sigma^2 = 2 pi w(2 pi/scale)/scale.

        Examples
        --------
        >>> flow = Turbulence.tabulated([0.1, 10.0], [1.0, 1e-4])
        >>> round(float(flow.energy_spectrum(1.0)), 12)
        0.01
        """
        table = Table(tuple(checks.plain("k", k)), tuple(checks.plain("w", w)))
        if (sigma is None) != (scale is None):
            raise InputError("a table is rescaled by sigma and scale together; give both or none")
        if sigma is not None:
            here = float(table(2.0 * np.pi / checks.positive("scale", scale)))
            if here == 0.0:
                raise InputError(f"2 pi/scale = {2 * np.pi / scale:.6g} lies outside of the table's wave numbers")
            table = Table(table.k, tuple(np.asarray(table.w) * (amplitude_at(sigma, scale) / here)))
        return cls.isotropic(table, transverse_fraction, band)

    @classmethod
    def from_csv(cls, path, transverse_fraction=2.0 / 3.0, band=None, sigma=None, scale=None) -> "Turbulence":
        r"""Isotropic w(k) from a file: its columns k and w, or its first two; see `tabulated` and `fluxtube.tables.two_columns`.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.NamedTemporaryFile("w", suffix=".csv") as stream:
        ...     _ = stream.write("k,w\n0.1,2\n1,0.5\n")
        ...     stream.flush()
        ...     flow = Turbulence.from_csv(stream.name)
        >>> round(float(flow.energy_spectrum(1.0)), 12)
        0.5
        """
        from fluxtube.tables import two_columns

        k, w = two_columns(path)
        return cls.tabulated(k, w, transverse_fraction, band, sigma, scale)

    @classmethod
    def isotropic(cls, spectrum, transverse_fraction=2.0 / 3.0, band=None) -> "Turbulence":
        """Isotropic turbulence of any w(k): a function of arrays, or an object of `spectra`.

        Parameters
        ----------
        spectrum : callable
            w(k) [velocity^2 length]. Jumps, kinks and peaks are found (`found_breaks`), but for peaks narrower than some 0.1 %;
            these, and functions without value somewhere, are given as `spectra.Function` with `breaks` and `support`.
        transverse_fraction, band
            As in `power_law`.

        Raises
        ------
        ValueError
            If the transverse fraction is outside [0, 1] or the band upside down.

        Examples
        --------
        >>> flow = Turbulence.isotropic(lambda k: k**2 * np.exp(-k), transverse_fraction=1.0)
        >>> round(flow.mean_square_velocity, 9)
        2.0
        """
        if not hasattr(spectrum, "support"):
            spectrum = Function(spectrum)
        band = checks.band_limits(band)
        if isinstance(transverse_fraction, str):
            if transverse_fraction not in TRANSVERSE_FRACTIONS:
                names = ", ".join(TRANSVERSE_FRACTIONS)
                raise InputError(f"transverse_fraction = {transverse_fraction!r} must be a number in [0, 1] or one of {names}")
            transverse_fraction = TRANSVERSE_FRACTIONS[transverse_fraction]
        if not callable(transverse_fraction):
            transverse_fraction = checks.fraction("transverse_fraction", transverse_fraction)
        else:
            spectrum = with_found_breaks(spectrum, band, transverse_fraction)
        if isinstance(spectrum, Function):
            spectrum = with_found_breaks(spectrum, band)
        return cls(spectrum, transverse_fraction, line_of(spectrum, transverse_fraction, band), band)

    @classmethod
    def field_aligned(cls, spectrum, band=None) -> "Turbulence":
        """Anisotropic turbulence given by E(kappa), the two-sided spectrum of the field-aligned velocity along the field.

        Parameters
        ----------
        spectrum : callable
            E(kappa) for arrays of kappa > 0 [velocity^2 length], <u_par^2> = 2 int_0^inf E dkappa; may have `support`
            and `breaks` as `spectra.Table` has.
        band : (kappa_min, kappa_max), optional
            Where E is kept [1/length].

        Examples
        --------
        >>> flow = Turbulence.field_aligned(lambda kappa: np.exp(-kappa))
        >>> round(float(flow.field_aligned_spectrum(-1.0)), 12)
        0.367879441171
        """
        band = checks.band_limits(band)
        if not isinstance(spectrum, Table):
            spectrum = with_found_breaks(spectrum, band)
        return cls(None, None, GivenLine(spectrum, band), band)

    @classmethod
    def slab(cls, gamma, sigma, scale, transverse_fraction=2.0 / 3.0, band=None) -> "Turbulence":
        """Slab turbulence, all wave vectors along the field: E(kappa) = (1 - beta) w(|kappa|)/2, w as in `power_law`.

        Only the longitudinal part of such a flow is field-aligned; for beta = 1 (Alfvenic slab) nothing is left.

        Examples
        --------
        >>> flow = Turbulence.slab(5 / 3, 23.0, 10.0, transverse_fraction=0.0)
        >>> k = 2 * np.pi / 10.0
        >>> round(float(np.sqrt(2 * np.pi * 2 * flow.field_aligned_spectrum(k) / 10.0)), 12)
        23.0
        """
        beta = checks.fraction("transverse_fraction", TRANSVERSE_FRACTIONS.get(transverse_fraction, transverse_fraction))
        if beta == 1.0:
            return cls(None, None, EmptyLine(), checks.band_limits(band))
        return cls._line_power_law(gamma, sigma * np.sqrt(1.0 - beta), scale, band)

    @classmethod
    def goldreich_sridhar(cls, sigma, scale, band=None) -> "Turbulence":
        """Critically balanced turbulence along the field: E(kappa) ~ kappa^-2 (Goldreich & Sridhar 1995).

        `sigma` is that of the field-aligned velocity: sigma^2 = 2 pi 2 E(2 pi/scale) / scale.

        Examples
        --------
        >>> flow = Turbulence.goldreich_sridhar(23.0, 10.0)
        >>> round(float(flow.field_aligned_spectrum(2.0) / flow.field_aligned_spectrum(1.0)), 12)
        0.25
        """
        return cls._line_power_law(2.0, sigma, scale, band)

    @classmethod
    def two_dimensional(cls) -> "Turbulence":
        """Two-dimensional turbulence, all wave vectors across the field: nothing varies along it, every a_l vanishes.

        Examples
        --------
        >>> float(Turbulence.two_dimensional().field_aligned_spectrum(1.0))
        0.0
        """
        return cls(None, None, EmptyLine(), None)

    @classmethod
    def _line_power_law(cls, gamma, sigma, scale, band) -> "Turbulence":
        checks.finite("gamma", gamma)
        line = PowerLawLine(float(gamma), 0.5 * amplitude_at(sigma, scale), 2.0 * np.pi / scale)
        band = checks.band_limits(band)
        return cls(None, None, line if band is None else GivenLine(line, band), band)

    # --- what it says -------------------------------------------------------------------------------------------------

    def energy_spectrum(self, k):
        """Omnidirectional spectrum w(k), one-sided, zero outside the band [velocity^2 length].

        Parameters
        ----------
        k : array
            Wave numbers above zero [1/length].

        Raises
        ------
        ValueError
            If the turbulence is known by its field-aligned spectrum only.

        Examples
        --------
        >>> flow = Turbulence.power_law(2.0, 23.0, 10.0, band=(1.0, 4.0))
        >>> w = flow.energy_spectrum([0.5, 1.0, 2.0])
        >>> float(w[0]), round(float(w[1] / w[2]), 12)
        (0.0, 4.0)
        """
        self.require_isotropic("energy_spectrum")
        k, spectrum = checks.plain("k", k).astype(float), self.omnidirectional
        if self.band is None:
            return spectrum(k)
        with np.errstate(divide="ignore"):
            return np.where((k >= self.band[0]) & (k <= self.band[1]), spectrum(k), 0.0)

    def beta(self, k) -> np.ndarray:
        """Transverse fraction beta at wave numbers k, an array of k's shape [1].

        Examples
        --------
        >>> Turbulence.power_law(2.0, 23.0, 10.0, lambda k: 1 / (1 + k)).beta([0.0, 1.0]).tolist()
        [1.0, 0.5]
        """
        self.require_isotropic("beta")
        return fraction_at(self.transverse_fraction, k)

    def field_aligned_spectrum(self, kappa):
        """E(kappa), two-sided and even spectrum of (B/B).u along the field, int E dkappa = <u_par^2> [velocity^2 length].

        E(kappa) = 1/2 int_|kappa|^inf dk/k w(k) [beta/2 (1 - kappa^2/k^2) + (1-beta) kappa^2/k^2]

        Parameters
        ----------
        kappa : array
            Wave numbers along the field, of either sign, not 0 for a spectrum without lower end [1/length].

        Examples
        --------
        >>> flow = Turbulence.power_law(2.0, 23.0, 10.0, transverse_fraction=1.0)       # w (1 - 1 + 1/2) / (2 * 4)
        >>> round(float(flow.field_aligned_spectrum(-3.0) / flow.energy_spectrum(3.0)), 12)
        0.0625
        """
        return self.line(checks.plain("kappa", kappa))

    def structure_function(self, s):
        """D(s) = <[u_par(r + s B/B) - u_par(r)]^2> along the field [velocity^2]; see `structure.structure_function`.

        Examples
        --------
        >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0)
        >>> round(float(flow.structure_function(8.0) / flow.structure_function(1.0)), 12)
        4.0
        """
        from fluxtube.theory.structure import structure_function

        return structure_function(self, checks.plain("s", s))

    @cached_property
    def mean_square_velocity(self) -> float:
        """<|u|^2> = int w dk [velocity^2]; infinite for a spectrum without end.

        Examples
        --------
        >>> flow = Turbulence.tabulated([1.0, 2.0], [1.0, 1.0])
        >>> round(flow.mean_square_velocity, 12)
        1.0
        """
        from fluxtube.theory.structure import mean_square_velocity

        return mean_square_velocity(self)

    @cached_property
    def across_line(self):
        """E(kappa) along the field of one component of u across it: that of the field-aligned one for 1 - beta/2, not beta.

        E_perp(kappa) = 1/2 int_|kappa|^inf dk/k w(k) [(1-beta) (1 - kappa^2/k^2)/2 + beta/4 (1 + kappa^2/k^2)]

        Examples
        --------
        >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0, transverse_fraction=2 / 3)     # beta = 2/3: all components alike
        >>> round(float(flow.across_line(1.0) / flow.line(1.0)), 12)
        1.0
        """
        self.require_isotropic("the flow across the field")
        return line_of(self.spectrum, Across(self.transverse_fraction).simplest, self.band)

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest wave number of w(k) within the band [1/length].

        >>> Turbulence.tabulated([1.0, 4.0], [1.0, 1.0], band=(2.0, 8.0)).limits
        (2.0, 4.0)
        """
        low, high = self.omnidirectional.support
        return (low, high) if self.band is None else (max(low, self.band[0]), min(high, self.band[1]))

    @property
    def breaks(self) -> tuple[float, ...]:
        """Where E(kappa) ends or is not smooth: knots, ends of the band, outer scale, cutoff; panels of every rule end there."""
        return tuple(sorted({*self.line.breaks, *(k for k in self.line.support if 0.0 < k < np.inf)}))

    @property
    def scale_free(self) -> bool:
        """Whether w is a power law without end and beta a number."""
        return isinstance(self.spectrum, PowerLaw) and self.band is None and not callable(self.transverse_fraction)

    @property
    def inertial_index(self) -> float | None:
        """gamma of the inertial range w ~ k^-gamma (E ~ kappa^-gamma); None where the spectrum names none.

        >>> Turbulence.goldreich_sridhar(23.0, 10.0, band=(0.1, 10.0)).inertial_index
        2.0
        """
        known = self.spectrum if self.is_isotropic else getattr(self.line, "spectrum", self.line)
        return getattr(known, "gamma", getattr(known, "index", None))
