"""Free-path laws and the response of the multipoles to one Fourier mode under each.

With ONE free path for all particles (the paper) a mode kappa excites a_l in proportion to j_l'(kappa lambda). If every
particle's path is drawn from a law p(t) of mean lambda, the sky is the average and j_l' becomes int p(t) j_l'(kappa lambda t) dt.

A response has `direct(kappa, l_max)`: that function of degrees 0..l_max, shape (l_max + 1, n); where it oscillates for ever,
`amplitude` and `frequency` split off its carrier e^(i kappa lambda) above `frequency_above(l_max)`.
"""

from dataclasses import dataclass

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory import checks
from fluxtube.theory.bessel import derivative, outgoing_amplitude, spherical_bessel
from fluxtube.theory.contracts import KineticFreePath
from fluxtube.theory.erlang import erlang_first_two, erlang_moments


@dataclass(frozen=True)
class Fixed:
    """One free path for all particles: the paper's law.

    Examples
    --------
    >>> Fixed().response(1.0).direct(np.array([1e-9]), 1)[1].round(12).tolist()
    [0.333333333333]
    """

    #: One path for all: power laws have closed forms.
    single = True
    #: Powers of l by which C_l of a longitudinal and of a transverse wave falls in addition to gamma.
    steepening = (1.0, 1.0)

    def response(self, mean_free_path: float):
        """j_l'(kappa lambda), for parallel diffusion and the radial part of isotropic diffusion."""
        return FixedResponse(mean_free_path, transverse=False)

    def transverse_response(self, mean_free_path: float):
        """j_l(k lambda)/(k lambda), for the transverse part of isotropic diffusion."""
        return FixedResponse(mean_free_path, transverse=True)

    def velocity_response(self, mean_free_path: float):
        """j_l(kappa lambda), of the velocity or the density where a path started."""
        return VelocityResponse(mean_free_path)


@dataclass(frozen=True)
class Erlang:
    """Free paths with the density p(t) = k^k t^(k-1) e^(-k t)/(k-1)! of t = path/lambda; k = 1 is exponential.

    Parameters
    ----------
    shape : int
        k >= 1; the relative spread is 1/sqrt(k), and k -> infinity is the fixed law.

    Raises
    ------
    ValueError
        If the shape is not a whole number above zero.

    Examples
    --------
    >>> zero = np.arctan(3.0) / 3.0                    # <j_0(3 t)> over the exponential law
    >>> two = (zero - (1.0 - zero) / 3.0) / 2.0
    >>> bool(np.isclose(Erlang(1).response(1.0).direct(np.array([3.0]), 2)[2, 0], two / 3.0))
    True
    """

    shape: int

    single = False
    #: <j_l'(x t)> -> -p'(l/x) l^(-1/2)/x^2 and <j_l(x t)/(x t)> -> p(l/x) l^(-3/2)/x at large l, times constants.
    steepening = (4.0, 2.0)

    def __post_init__(self):
        checks.degree("shape", self.shape, 1)

    def response(self, mean_free_path: float):
        """int p(t) j_l'(kappa lambda t) dt."""
        return ErlangResponse(mean_free_path, int(self.shape), transverse=False)

    def transverse_response(self, mean_free_path: float):
        """int p(t) j_l(k lambda t)/(k lambda t) dt."""
        return ErlangResponse(mean_free_path, int(self.shape), transverse=True)

    def velocity_response(self, mean_free_path: float):
        """int p(t) j_l(kappa lambda t) dt."""
        return ErlangVelocityResponse(mean_free_path, int(self.shape))


def law(name="fixed", shape=None) -> KineticFreePath:
    """Free-path law by name: "fixed", "exponential", or "erlang" with its shape; a law is handed through.

    Raises
    ------
    ValueError
        For an unknown name, or a shape that is missing, superfluous or not a whole number above zero.

    Examples
    --------
    >>> law("erlang", 4)
    Erlang(shape=4)
    """
    if hasattr(name, "response"):
        return name
    if name not in ("fixed", "exponential", "erlang"):
        raise InputError(f"free_path = {name!r} must be 'fixed', 'exponential' or 'erlang'")
    if (shape is None) != (name != "erlang"):
        raise InputError(f"free_path = {name!r} with shape = {shape!r}: the shape belongs to 'erlang', which needs it")
    return Fixed() if name == "fixed" else Erlang(1 if name == "exponential" else shape)


@dataclass(frozen=True)
class FixedResponse:
    """j_l'(kappa lambda), or j_l(kappa lambda)/(kappa lambda) if transverse."""

    mean_free_path: float
    transverse: bool = False

    def frequency_above(self, l_max: int) -> float:
        """kappa beyond which the response is split into amplitude and carrier [1/length]."""
        return (1.5 * l_max + 20.0) / self.mean_free_path

    def widest_panel(self, kappa: float, l_max: int) -> float:
        """Width over which the response, or its amplitude, is followed by one panel [1/length]."""
        x = kappa * self.mean_free_path
        if kappa < self.frequency_above(l_max):
            return 9.0 / self.mean_free_path
        return 8.0 * x * x / (l_max * l_max + 1.0) / self.mean_free_path

    def direct(self, kappa: np.ndarray, l_max: int) -> np.ndarray:
        """The response, (l_max + 1, n)."""
        x = kappa * self.mean_free_path
        table = spherical_bessel(x, l_max + 1)
        return table[:-1] / x if self.transverse else derivative(table)

    def amplitude(self, kappa: np.ndarray, l_max: int) -> np.ndarray:
        """A_l such that the response is Re[A_l e^(i kappa lambda)], (l_max + 1, n) complex."""
        x = kappa * self.mean_free_path
        table = outgoing_amplitude(x, l_max + 1)
        return table[:-1] / x if self.transverse else derivative(table)

    def less_its_start(self, values: np.ndarray, kappa: np.ndarray) -> np.ndarray:
        """Given j_1' or j_1/x, the same less 1/3 without cancellation at small arguments."""
        return _less_third(values, kappa * self.mean_free_path, 0.1, (1.0, 1.0, 1.0, 1.0), self.transverse)

    @property
    def frequency(self) -> float:
        """Frequency in kappa of the carrier [length]."""
        return self.mean_free_path


@dataclass(frozen=True)
class VelocityResponse(FixedResponse):
    """j_L(kappa lambda): the response of c_L, multipoles of the velocity itself (Eq. 5)."""

    def direct(self, kappa: np.ndarray, l_max: int) -> np.ndarray:
        """The response, (l_max + 1, n)."""
        return spherical_bessel(kappa * self.mean_free_path, l_max)

    def amplitude(self, kappa: np.ndarray, l_max: int) -> np.ndarray:
        """Its amplitude, (l_max + 1, n) complex."""
        return outgoing_amplitude(kappa * self.mean_free_path, l_max)

    def first_two(self, kappa: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """j_0 and j_1 in closed form, for arguments that are not small."""
        x = kappa * self.mean_free_path
        zero = np.sin(x) / x
        return zero, (zero - np.cos(x)) / x


@dataclass(frozen=True)
class ErlangResponse:
    """The average of `FixedResponse` over Erlang's law; it does not oscillate for ever."""

    mean_free_path: float
    shape: int
    transverse: bool = False

    def frequency_above(self, l_max: int) -> float:
        """Nowhere is there a carrier to split off."""
        return np.inf

    def widest_panel(self, kappa: float, l_max: int) -> float:
        """As for the fixed law until the spread of paths has damped the oscillation; then in proportion to kappa."""
        x, root = kappa * self.mean_free_path, np.sqrt(self.shape)
        return (9.0 if x < 9.0 * root else max(9.0, 4.0 * x / root)) / self.mean_free_path

    def less_its_start(self, values: np.ndarray, kappa: np.ndarray) -> np.ndarray:
        """Given the response of l = 1, the same less 1/3 without cancellation at small arguments."""
        k = float(self.shape)
        moments = [np.prod([(k + i) / k for i in range(2 * n)]) for n in (1, 2, 3, 4)]
        return _less_third(values, kappa * self.mean_free_path, 0.01, moments, self.transverse)

    def direct(self, kappa: np.ndarray, l_max: int) -> np.ndarray:
        """The response, (l_max + 1, n)."""
        x, k = kappa * self.mean_free_path, self.shape
        if self.transverse:
            if k == 1:
                average = erlang_moments(x, l_max + 1, 1)[0]
                l = np.arange(1, l_max + 1)[:, None]
                first = np.zeros((1, x.size))          # l = 0 is not used: it carries the factor l (l + 1)
                return np.concatenate([first, (average[:-2] + average[2:]) / (2 * l + 1)])
            return erlang_moments(x, l_max, k)[1] * (k / ((k - 1.0) * x))
        average, lower = erlang_moments(x, l_max + 1, k)
        if k == 1:
            table = average[:-1] / x
            table[0] = -average[1]
            return table
        return derivative(average) if k > 30 else _by_parts(average, lower, x, k)


@dataclass(frozen=True)
class ErlangVelocityResponse(ErlangResponse):
    """The average of `VelocityResponse` over Erlang's law."""

    def direct(self, kappa: np.ndarray, l_max: int) -> np.ndarray:
        """The response, (l_max + 1, n)."""
        return erlang_moments(kappa * self.mean_free_path, l_max, self.shape)[0]

    def first_two(self, kappa: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """<j_0> and <j_1> in closed form, for arguments that are not small."""
        return erlang_first_two(kappa * self.mean_free_path / self.shape, self.shape)


def _less_third(values, x, small, moments, transverse):
    """Less 1/3; below x = small the series j_1' - 1/3 = -x^2/10 + ... or j_1/x - 1/3 = -x^2/30 + ... with <t^2>, <t^4>..."""
    z = np.minimum(x, small) ** 2
    a, b, c, d = (30.0, 840.0, 45360.0, 3991680.0) if transverse else (10.0, 168.0, 6480.0, 443520.0)
    series = z * (-moments[0] / a + z * (moments[1] / b + z * (-moments[2] / c + z * moments[3] / d)))
    return np.where(x < small, series, values - 1.0 / 3.0)


def _by_parts(average, lower, x, k):
    """int p j_l'(x t) dt = -(1/x) int p' j_l(x t) dt, p' = k (p - p of order k-1 in the same unit of t)."""
    table = (k / x) * (average - lower)[:-1]
    table[0] = -average[1]
    return table
