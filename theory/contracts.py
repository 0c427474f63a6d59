"""What a spectrum, a line spectrum, a free-path law and its response must have: theory knows nothing else of them."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np


class Spectrum(Protocol):
    """w(k), one-sided [velocity^2 length], called with arrays of k [1/length]."""

    @property
    def support(self) -> tuple[float, float]:
        """Where it is not zero [1/length]."""
        ...

    @property
    def breaks(self) -> Sequence[float]:
        """Where it is not smooth [1/length]."""
        ...

    def __call__(self, k: Any, /) -> Any:
        """Its values."""
        ...


class LineSpectrum(Spectrum, Protocol):
    """E(kappa) along the field, two-sided; derive from `line_spectra.Line`, which knows no closed forms."""

    @property
    def smooth_at_zero(self) -> bool:
        """Whether it is finite and smooth at kappa = 0."""
        ...

    def closed_products(self, mean_free_path: float, l_max: int, l_min: int, transverse: bool = False) -> np.ndarray | None:
        """int_0^inf E R_l R_l' dkappa of one fixed free path, (n, n), or None."""
        ...

    def closed_squares(self, mean_free_path: float, l_max: int, l_min: int) -> np.ndarray | None:
        """Its diagonal for l_min >= 2, (n,), or None."""
        ...

    @property
    def endless_index(self) -> float | None:
        """gamma of a power law without end, else None."""
        ...

    def closed_velocity_products(self, mean_free_path: float, l_max: int, l_min: int) -> np.ndarray | None:
        """int_0^inf E j_L j_L' dkappa, (n, n), or None."""
        ...

    def closed_structure(self, s: np.ndarray) -> np.ndarray | None:
        """int_0^inf E (1 - cos kappa s) dkappa, of the shape of s, or None."""
        ...

    def require_convergence(self, l_min: int, law: Any = None) -> None:
        """Raise InputError where int E R_l R_l' is known to diverge for a degree from l_min on."""
        ...


class AngularSpectrum(Protocol):
    """h(nu), nu = |k.B|/(k B), of mean one."""

    @property
    def jumps(self) -> Sequence[float]:
        """Where it is not smooth."""
        ...

    @property
    def cosines(self) -> Sequence[float]:
        """Ends of panels on which it is smooth."""
        ...

    def __call__(self, nu: Any, /) -> Any:
        """Its values."""
        ...


class Response(Protocol):
    """R_l(kappa): how the multipoles answer one wave, under one free-path law and mean free path.

    Notes
    -----
    A response that oscillates for ever has `amplitude(kappa, l_max)` or `harmonics(kappa, l_max)` and `frequency` too; one
    with `powers(l_max, l_min)` or `first_two(kappa)` gives its start and its first two degrees.
    """

    @property
    def mean_free_path(self) -> float:
        """lambda [length]."""
        ...

    def frequency_above(self, l_max: int) -> float:
        """kappa from which it is split into amplitude and carrier; infinite where it does not oscillate for ever [1/length]."""
        ...

    def widest_panel(self, kappa: float, l_max: int) -> float:
        """Width over which one panel follows it [1/length]."""
        ...

    def direct(self, kappa: np.ndarray, l_max: int) -> np.ndarray:
        """R_l of degrees 0..l_max, (l_max + 1, n)."""
        ...

    def less_its_start(self, values: np.ndarray, kappa: np.ndarray) -> np.ndarray:
        """Given R_1, R_1 - 1/3 without cancellation at small arguments."""
        ...


class FreePath(Protocol):
    """A law of t = path/(mean free path), ONE object for theory and engine; `PathDensity` makes one of any p(t)."""

    @property
    def single(self) -> bool:
        """Whether all particles have one path: power laws then have closed forms."""
        ...

    def response(self, mean_free_path: float) -> Any:
        """The `Response` <j_l'(kappa lambda t)>."""
        ...

    def transverse_response(self, mean_free_path: float) -> Any:
        """The `Response` <j_l(kappa lambda t)/(kappa lambda t)>."""
        ...


class KineticFreePath(FreePath, Protocol):
    """A law that the kinetic model can decorate."""

    @property
    def steepening(self) -> tuple[float, float] | None:
        """Powers of l by which C_l of a longitudinal and of a transverse wave falls in addition to gamma; None if not known."""
        ...

    def velocity_response(self, mean_free_path: float) -> Any:
        """The `Response` <j_l(kappa lambda t)>."""
        ...
