"""How the free path depends on the pitch angle: lambda(mu) = lambda h(mu), h even in mu.

A particle that arrives from mu = n.B/B has the displacement s(mu) lambda t along the field, s(mu) = mu h(mu), t its path over
the mean of its direction. Every h is normalised so that lambda is the parallel mean free path 3 kappa/v of diffusion,

    lambda = (3/2) int_-1^1 lambda(mu) mu^2 dmu,        (3/2) int_-1^1 mu^2 h dmu = 1,

with kappa the coefficient of diffusion along the field. The dipole of the standard diffuse anisotropy then does not depend on h.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory import checks
from fluxtube.theory.panels import legendre_rule, place

HALVINGS = 40  # of the panels of mu towards mu = 0, where h may be rough
UNEVEN = 1e-9  # relative difference of h(mu) and h(-mu) that counts as one


class PitchAngle:
    """Base of the dependences: `h` (m,) of mu (m,), both normalised and even.

    Attributes
    ----------
    breaks : tuple of float
        Where h or its derivatives jump, in (0, 1).
    """

    breaks: tuple[float, ...] = ()

    def unscaled(self, mu: np.ndarray) -> np.ndarray:
        """h of mu in [0, 1], in any unit."""
        raise TypeError(f"{type(self).__name__} has no unscaled(mu)")

    @cached_property
    def scale(self) -> float:
        """What brings `unscaled` to the parallel mean free path.

        Raises
        ------
        InputError
            h is not finite or negative somewhere, or zero everywhere.
        """
        mu, weight = (part.ravel() for part in place(graded_edges(breaks=self.breaks)))
        h = np.asarray(self.unscaled(mu), dtype=float)
        if h.shape != mu.shape or not np.isfinite(h).all() or (h < 0.0).any():
            bad = h.shape if h.shape != mu.shape else h[~(np.isfinite(h) & (h >= 0.0))][0]
            raise InputError(f"the free path's dependence on mu gives {bad}; it must be finite and not negative, one value a mu")
        total = 3.0 * float((weight * mu**2 * h).sum())
        if not total > 0.0:
            raise InputError("the free path's dependence on mu is zero for all mu; give one that is above zero")
        return 1.0 / total

    def h(self, mu) -> np.ndarray:
        """lambda(mu)/lambda, even in mu."""
        return self.scale * self.unscaled(np.abs(np.asarray(mu, dtype=float)))

    def displacement(self, mu) -> np.ndarray:
        """s = mu h(mu), odd in mu, over lambda."""
        mu = np.asarray(mu, dtype=float)
        return mu * self.h(mu)

    @cached_property
    def longest(self) -> float:
        """Largest displacement over lambda."""
        t = np.sin(np.linspace(0.0, 0.5 * np.pi, 4097))
        return float(np.abs(self.displacement(t)).max())

    @cached_property
    def one_to_one(self) -> bool:
        """Whether s grows with mu, so that two directions never see the same place."""
        edges = graded_edges(breaks=self.breaks)
        mu = np.unique((edges[:-1, None] + np.diff(edges)[:, None] * np.linspace(0.0, 1.0, 33)).ravel())
        return bool((np.diff(self.displacement(mu)) > 0.0).all())


@dataclass(frozen=True)
class PowerLaw(PitchAngle):
    """h ~ (mu^2 + mu0^2)^(-a/2): |mu|^-a with the divergence at 90 degrees cut off at |mu| of mu0.

    Parameters
    ----------
    exponent : float
        a, -4 to 4; q - 1 in quasi-linear theory of slab turbulence k^-q.
    floor : float
        mu0 in [1e-3, 1].

    Examples
    --------
    >>> PowerLaw(0.0, 0.1).h(np.array([0.0, -0.5, 1.0])).round(12).tolist()
    [1.0, 1.0, 1.0]
    """

    exponent: float
    floor: float = 0.05

    def __post_init__(self):
        if not -4.0 <= checks.finite("pitch_angle_exponent", self.exponent) <= 4.0:
            raise InputError(f"pitch_angle_exponent = {self.exponent:g} must lie between -4 and 4")
        if not 1e-3 <= checks.finite("pitch_angle_floor", self.floor) <= 1.0:
            raise InputError(f"pitch_angle_floor = {self.floor:g} must lie between 1e-3 and 1")

    def unscaled(self, mu: np.ndarray) -> np.ndarray:
        """(mu^2 + mu0^2)^(-a/2)."""
        return (mu * mu + self.floor**2) ** (-0.5 * self.exponent)


class Given(PitchAngle):
    """h by a function of mu in [-1, 1], in any unit.

    Parameters
    ----------
    function : callable
        h of an array of mu.
    breaks : sequence of float
        Where it jumps or has a kink, in (0, 1).

    Raises
    ------
    InputError
        h is not even: particles would drift along the field with the mean of mu h(mu), and the monopole with them.

    Examples
    --------
    >>> round(float(Given(lambda mu: 1 + mu**2).h(1.0)), 12)                     # 3 int mu^2 (1 + mu^2) = 8/5
    1.25
    """

    def __init__(self, function: Callable[[np.ndarray], np.ndarray], breaks=()):
        self.function, self.breaks = function, tuple(breaks)
        require_even(function, "the free path's dependence on mu")

    def unscaled(self, mu: np.ndarray) -> np.ndarray:
        """The function."""
        return np.asarray(self.function(mu), dtype=float)


class Diffusion(PitchAngle):
    """h of a coefficient of pitch-angle diffusion D(mu), in any unit.

    In a steady state v mu df0/dz = d/dmu [D df1/dmu] gives df1/dmu = -(v/2) (1 - mu^2)/D df0/dz, and f1 = -s lambda df0/dz,

        s(mu) lambda = (v/2) int_0^mu (1 - m^2)/D(m) dm,        lambda = (3 v/8) int_-1^1 (1 - mu^2)^2/D dmu

    (Hasselmann & Wibberenz 1970, ApJ, 162, 1049; Giacinti & Kirk 2017, ApJ, 835, 258): the displacement with this
    diffuse anisotropy.

    Parameters
    ----------
    coefficient : callable
        D of an array of mu in (-1, 1), above zero; even.
    breaks : sequence of float
        Where D jumps or has a kink, in (0, 1).

    Raises
    ------
    InputError
        D is not even, or not above zero.

    Examples
    --------
    >>> Diffusion(lambda mu: 1 - mu**2).h(np.array([0.0, 0.5, 1.0])).round(12).tolist()          # isotropic scattering
    [1.0, 1.0, 1.0]
    """

    def __init__(self, coefficient: Callable[[np.ndarray], np.ndarray], breaks=()):
        self.coefficient, self.breaks = coefficient, tuple(breaks)
        require_even(coefficient, "D(mu)")
        self.edges = graded_edges(breaks=self.breaks)
        nodes, weights = place(self.edges)
        values = np.asarray(coefficient(nodes.ravel()), dtype=float)
        if values.shape != (nodes.size,) or not (np.isfinite(values) & (values > 0.0)).all():
            raise InputError("D(mu) must be finite and above zero for all |mu| < 1, one value for each mu")
        rate = (1.0 - nodes**2) / values.reshape(nodes.shape)
        below = np.concatenate([[0.0], np.cumsum((weights * rate).sum(axis=1))])
        u, g, _ = legendre_rule(nodes.shape[1])
        n = np.arange(u.size)
        series = (rate * g) @ np.polynomial.legendre.legvander(u, u.size - 1) * (n + 0.5)
        series = np.polynomial.legendre.legint(series, lbnd=-1, axis=1) * (0.5 * np.diff(self.edges))[:, None]
        series[:, 0] += below[:-1]
        self._series = series

    def unscaled(self, mu: np.ndarray) -> np.ndarray:
        """int_0^mu (1 - m^2)/D dm / mu."""
        mu = np.maximum(np.asarray(mu, dtype=float), 0.25 * self.edges[1])
        panel = np.clip(np.searchsorted(self.edges, mu, side="right") - 1, 0, self.edges.size - 2)
        low = self.edges[panel]
        u = 2.0 * (mu - low) / (self.edges[panel + 1] - low) - 1.0
        one, two = np.zeros(mu.shape), np.zeros(mu.shape)
        for n in range(self._series.shape[1] - 1, 0, -1):  # Clenshaw: P_(n+1) = ((2n+1) u P_n - n P_(n-1))/(n+1)
            one, two = self._series[panel, n] + (2 * n + 1) / (n + 1) * u * one - (n + 1) / (n + 2) * two, one
        return (self._series[panel, 0] + u * one - 0.5 * two) / mu


def quasi_linear(index: float = 5 / 3, floor: float = 0.05) -> Diffusion:
    """D ~ (1 - mu^2) (|mu|^(q-1) + H): slab turbulence k^-q, resonance at 90 degrees filled to H (Beeck & Wibberenz 1986).

    Without H it is quasi-linear theory (Jokipii 1966), h ~ |mu|^(1-q).

    Parameters
    ----------
    index : float
        q in [1, 3].
    floor : float
        H in [1e-3, 10].

    Examples
    --------
    >>> quasi_linear(1.0, 0.3).h(np.array([0.0, 0.3, 1.0])).round(12).tolist()
    [1.0, 1.0, 1.0]
    """
    if not 1.0 <= checks.finite("scattering_index", index) <= 3.0:
        raise InputError(f"scattering_index = {index:g} must lie between 1 and 3")
    if not 1e-3 <= checks.finite("scattering_floor", floor) <= 10.0:
        raise InputError(f"scattering_floor = {floor:g} must lie between 1e-3 and 10")
    return Diffusion(lambda mu: (1.0 - mu**2) * (np.abs(mu) ** (index - 1.0) + floor))


def tabulated(mu, coefficient) -> Diffusion:
    """D of a table over |mu|: D/(1 - mu^2) in straight lines between its rows, constant before the first and after the last.

    Parameters
    ----------
    mu : (n,)
        Rising, in [0, 1).
    coefficient : (n,)
        D, above zero, in any unit.

    Raises
    ------
    InputError
        The columns are not such.

    Examples
    --------
    >>> tabulated([0.1, 0.5, 0.9], [0.99, 0.75, 0.19]).h(np.array([0.0, 0.3, 1.0])).round(12).tolist()      # D = 1 - mu^2
    [1.0, 1.0, 1.0]
    """
    mu, coefficient = np.asarray(mu, dtype=float), np.asarray(coefficient, dtype=float)
    if mu.size < 2 or not ((np.diff(mu) > 0.0).all() and mu[0] >= 0.0 and mu[-1] < 1.0):
        raise InputError("the table of D(mu) needs two rows or more, |mu| rising from row to row, 0 <= |mu| < 1")
    if not (np.isfinite(coefficient) & (coefficient > 0.0)).all():
        raise InputError(f"the table of D(mu) holds D = {coefficient[~(coefficient > 0.0)].ravel()[:1]}; D must be above zero")
    ratio = coefficient / (1.0 - mu**2)
    return Diffusion(lambda at: (1.0 - at**2) * np.interp(np.abs(at), mu, ratio), breaks=mu)


def graded_edges(halvings: int = HALVINGS, breaks=()) -> np.ndarray:
    """Edges of panels on [0, 1] that halve towards 0 and, less far, towards 1, with breaks among them.

    Examples
    --------
    >>> graded_edges(2, (0.3,)).round(6).tolist()
    [0.0, 0.25, 0.3, 0.5, 0.75, 1.0]
    """
    down = 0.5 ** np.arange(halvings, 0, -1.0)
    inside = [at for at in breaks if 0.0 < at < 1.0]
    return np.union1d(np.concatenate([[0.0], down, [0.75, 1.0]]), inside)


def require_even(function, name: str) -> None:
    """InputError where a function of mu differs between mu and -mu.

    Examples
    --------
    >>> require_even(np.cos, "h")
    """
    mu = np.sin(0.5 * np.pi * (np.arange(64) + 0.5) / 64)
    ahead, behind = (np.asarray(function(sign * mu), dtype=float) for sign in (1.0, -1.0))
    if ahead.shape != mu.shape or not (np.abs(ahead - behind) <= UNEVEN * np.abs(ahead)).all():
        raise InputError(
            f"{name} must be even, the same at mu and -mu: else the mean displacement is not zero, particles drift along the "
            "field, and f has no isotropic part to count from"
        )
