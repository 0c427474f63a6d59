"""Linear kinetic model: the isotropic part of f responds to the flow, and particles are observed at a path's end or in flight.

Eq. 1 gives every particle the isotropic part of f at the observer. In a steady, frozen flow the isotropic part of f varies along
the line by as much as convection does. With scattering isotropic in the frame of the fluid and particles conserved, one wave
u e^(i kappa s) is seen, to first order in u/v and x = kappa lambda, as

    Delta f = (1/v) df/dlnp u < e^(i x t mu) [mu + i R(x)] >_t,        R(x) = <j_1(x t)> / (1 - <j_0(x t)>)

so that j_l' of the multipoles becomes K_l = <j_l'> - R <j_l>. `Steady` and `InFlight` turn a free-path law into one with these
responses; whatever takes a law takes them. docs/kinetic.md derives everything here.
"""

from dataclasses import dataclass

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory.ages import erlang_ages, fixed_age_harmonics, fixed_ages, transverse
from fluxtube.theory.contracts import FreePath, KineticFreePath
from fluxtube.theory.free_path import Erlang, Fixed, law
from fluxtube.theory.kinetic_response import NoResponse, SteadyResponse, one_less_zero

OBSERVED = ("end", "in-flight")
DENSITY_RESPONSES = ("none", "steady")


@dataclass(frozen=True)
class InFlight:
    """A law of free paths whose particles are observed at a random moment of their flight, not at its end.

    Their ages have the density 1 - (cumulative of the law): uniform for fixed paths, the law itself for exponential ones.

    Parameters
    ----------
    ends : law
        `Fixed`, `Erlang`, or one with `velocity_response` and `ages(x, l_max)`, the averages <j_l(x a)> over the age.

    Examples
    --------
    >>> InFlight(Fixed()).response(1.0).direct(np.array([2.0]), 2)[2].round(8).tolist()         # j_2(2)/2
    [0.09922397]
    """

    ends: KineticFreePath

    #: Power laws have no closed form in general.
    single = False

    @property
    def steepening(self) -> tuple[float, float] | None:
        """Powers of l by which C_l of a longitudinal and of a transverse wave falls in addition to gamma, at large l."""
        if self.ends == Fixed():
            return 3.0, 2.0
        return (4.0, 2.0) if isinstance(self.ends, Erlang) else None  # of a density it is its own

    def response(self, mean_free_path: float):
        """<j_l'(kappa lambda a)>_a = [<j_l(kappa lambda t)> - delta_l0] / (kappa lambda)."""
        return AgeResponse(mean_free_path, self.ends, "along")

    def transverse_response(self, mean_free_path: float):
        """<j_l(kappa lambda a)/(kappa lambda a)>_a."""
        return AgeResponse(mean_free_path, self.ends, "across")

    def velocity_response(self, mean_free_path: float):
        """<j_l(kappa lambda a)>_a."""
        return AgeResponse(mean_free_path, self.ends, "velocity")


@dataclass(frozen=True)
class Steady:
    """A law of free paths in a steady state: the isotropic part of f responds to the flow.

    The monopole is counted from the observer's, as the velocity is: it vanishes where particles are observed at the ends.

    Parameters
    ----------
    observed : law
        `Fixed`, `Erlang`, `InFlight` of them, or one with `response`, `transverse_response` and `velocity_response`.

    Examples
    --------
    >>> kernel = Steady(Fixed()).response(1.0).direct(np.array([1e-4, 1.0]), 3)
    >>> kernel[2:].round(9).tolist()
    [[-0.0, -0.002788812], [0.0, 0.008898294]]
    >>> Steady(Erlang(1)).response(1.0).direct(np.array([1.0]), 2)[1:].ravel().tolist()         # exponential: nothing is left
    [0.0, 0.0]
    """

    observed: KineticFreePath

    single = False

    @property
    def steepening(self) -> tuple[float, float] | None:
        """As without density response: R j_l is smaller than j_l' by one power of x."""
        return self.observed.steepening

    def bounds(self, l_min: int) -> tuple[float, float]:
        """Indices gamma of a power law without end between which C_l of l >= l_min exists.

        K_l starts as x^(l-1); at the ends of paths K_2 as x^3, so that K_3 ~ x^2 decides. The dipole keeps a constant.

        Raises
        ------
        InputError
            For l_min below 2.

        Examples
        --------
        >>> Steady(Fixed()).bounds(2), Steady(InFlight(Fixed())).bounds(2)
        ((-1.0, 5.0), (-1.0, 3.0))
        """
        if l_min < 2:
            raise InputError(
                f"l_min = {l_min} with density response: the dipole of a power law without end is infinite, for density responds "
                "to the longest waves; give it a band or an outer scale"
            )
        return -1.0, 2.0 * l_min - 1.0 if isinstance(self.observed, InFlight) or l_min > 2 else 5.0

    @property
    def ends(self):
        """The law of whole paths, which the isotropic part follows from."""
        return getattr(self.observed, "ends", self.observed)

    def response(self, mean_free_path: float):
        """K_l = <j_l'> - R <j_l>."""
        if self.ends == Erlang(1):
            return NoResponse(mean_free_path)
        return SteadyResponse(
            self.observed.response(mean_free_path),
            self.observed.velocity_response(mean_free_path),
            self.ends.velocity_response(mean_free_path),
            isinstance(self.observed, InFlight),
        )

    def transverse_response(self, mean_free_path: float):
        """As without density response: a wave across its own wave vector compresses nothing."""
        return self.observed.transverse_response(mean_free_path)

    def velocity_response(self, mean_free_path: float):
        """<j_l> of the observed law."""
        return self.observed.velocity_response(mean_free_path)


@dataclass(frozen=True)
class AgeResponse:
    """An average over ages: "along" <j_l'>, "across" <j_l/(x a)> or "velocity" <j_l>."""

    mean_free_path: float
    ends: KineticFreePath
    part: str

    def frequency_above(self, l_max: int) -> float:
        """As for the ends of paths [1/length]."""
        return self.ends.velocity_response(self.mean_free_path).frequency_above(l_max)

    def widest_panel(self, kappa: float, l_max: int) -> float:
        """As for the ends of paths [1/length]."""
        return self.ends.velocity_response(self.mean_free_path).widest_panel(kappa, l_max)

    def direct(self, kappa: np.ndarray, l_max: int) -> np.ndarray:
        """The response, (l_max + 1, n)."""
        x = kappa * self.mean_free_path
        if self.part == "velocity":
            return _ages(self.ends, x, l_max)
        if self.part == "across":
            return transverse(_ages(self.ends, x, l_max + 1))
        table = self.ends.velocity_response(self.mean_free_path).direct(kappa, l_max) / x
        table[0] = -_ages(self.ends, x, 1)[1]  # (<j_0> - 1)/x without cancellation
        return table

    def harmonics(self, kappa: np.ndarray, l_max: int) -> dict[int, np.ndarray]:
        """{h: A_h} such that the response is sum_h Re[A_h e^(i h kappa lambda)], (l_max + 1, n) each."""
        x = kappa * self.mean_free_path
        if self.part == "along":
            constant = np.zeros((l_max + 1, x.size))
            constant[0] = -1.0 / x
            return {0: constant, 1: self.ends.velocity_response(self.mean_free_path).amplitude(kappa, l_max) / x}
        if self.ends != Fixed():
            raise InputError("waves of a response observed in flight are known for the fixed law only")
        if self.part == "velocity":
            return fixed_age_harmonics(x, l_max)
        return {h: transverse(part) for h, part in fixed_age_harmonics(x, l_max + 1).items()}

    def less_its_start(self, values: np.ndarray, kappa: np.ndarray) -> np.ndarray:
        """Given R_1, R_1 - 1/3 without cancellation at small arguments: (J_0 - 1 - 2 J_2)/3 along, (J_0 - 1 + J_2)/3 across."""
        ages = _ages(self.ends, np.minimum(kappa * self.mean_free_path, 0.1), 24)
        near = -(one_less_zero(ages) + (-1.0 if self.part == "across" else 2.0) * ages[2]) / 3.0
        return np.where(kappa * self.mean_free_path < 0.1, near, values - 1.0 / 3.0)

    @property
    def frequency(self) -> float:
        """Frequency in kappa of the first wave [length]."""
        return self.mean_free_path


def kinetic_law(name="fixed", shape=None, density_response: str = "none", observed: str = "end") -> FreePath:
    """Law of free paths by the words of a configuration; a law is decorated as asked.

    Raises
    ------
    InputError
        For an unknown word.

    Examples
    --------
    >>> kinetic_law("fixed", density_response="steady", observed="in-flight")
    Steady(observed=InFlight(ends=Fixed()))
    """
    if density_response not in DENSITY_RESPONSES:
        raise InputError(f"density_response = {density_response!r} must be 'none' or 'steady'")
    if observed not in OBSERVED:
        raise InputError(f"free_path_observed = {observed!r} must be 'end' or 'in-flight'")
    path = law(name, shape)
    if observed == "in-flight" and path != Erlang(1):
        path = InFlight(path)
    return Steady(path) if density_response == "steady" else path


def _ages(ends, x, l_max):
    if ends == Fixed():
        return fixed_ages(x, l_max)
    return erlang_ages(x, l_max, int(ends.shape)) if isinstance(ends, Erlang) else ends.ages(x, l_max)
