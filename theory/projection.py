"""From isotropic turbulence to what is seen along the field: the transverse fraction beta(k), and the line spectrum E(kappa)."""

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory import checks
from fluxtube.theory.line_spectra import BandedPowerLawLine, PowerLawLine, ProjectedLine
from fluxtube.theory.spectra import PowerLaw


def fraction_at(transverse_fraction, k) -> np.ndarray:
    """beta(k), checked, for beta a number or a function.

    Examples
    --------
    >>> fraction_at(0.5, np.array([1.0, 2.0])).tolist()
    [0.5, 0.5]
    """
    k = np.asarray(k, dtype=float)
    if not callable(transverse_fraction):
        return np.full(k.shape, transverse_fraction)
    beta = np.broadcast_to(np.asarray(transverse_fraction(k), dtype=float), k.shape)
    if not ((beta >= 0.0) & (beta <= 1.0)).all():
        worst = beta.ravel()[np.argmax(~((beta >= 0.0) & (beta <= 1.0)).ravel())]
        raise InputError(f"transverse_fraction(k) = {worst!r} must lie in [0, 1] at every wave number")
    return beta


class Across:
    """1 - beta/2, as a number or a function of k that can be pickled."""

    def __init__(self, transverse_fraction):
        self.transverse_fraction = transverse_fraction

    @property
    def simplest(self):
        """The number where it is one, else itself."""
        return self if callable(self.transverse_fraction) else 1.0 - 0.5 * self.transverse_fraction

    def __call__(self, k):
        return 1.0 - 0.5 * fraction_at(self.transverse_fraction, k)


class FractionAt:
    """beta(k) as a checked function of arrays that can be pickled."""

    def __init__(self, transverse_fraction):
        self.transverse_fraction = transverse_fraction

    def __call__(self, k):
        return fraction_at(self.transverse_fraction, k)


def line_of(spectrum, transverse_fraction, band):
    """E(kappa) of isotropic turbulence: in closed form for power laws with constant beta, else by quadrature.

    Examples
    --------
    >>> line_of(PowerLaw(2.0, 1.0, 1.0), 1.0, None).amplitude
    0.0625
    """
    if isinstance(spectrum, PowerLaw) and not callable(transverse_fraction):
        gamma, beta = spectrum.gamma, transverse_fraction
        if band is not None and band[0] > 0.0:
            return BandedPowerLawLine(gamma, spectrum.amplitude, spectrum.pivot, beta, band)
        if band is None:
            checks.inside("gamma", gamma, 0.0 if beta > 0.0 else -1.0, np.inf, "the spectrum along the field must converge")
            amplitude = spectrum.amplitude * (1.0 - beta + (beta / gamma if beta > 0.0 else 0.0)) / (2.0 * (gamma + 2.0))
            return PowerLawLine(gamma, amplitude, spectrum.pivot)
    low, high = spectrum.support
    pivot = getattr(spectrum, "pivot", None)
    if pivot is None and 0.0 < low < high < np.inf:
        pivot = float(np.sqrt(low * high))
    return ProjectedLine(spectrum, FractionAt(transverse_fraction), band, pivot)
