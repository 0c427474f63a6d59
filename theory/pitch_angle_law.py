"""Multipoles of convection along the field where free paths depend on the pitch angle.

One wave u e^(i kappa x) is seen as mu <e^(i x t s(mu))>_t, x = kappa lambda, s = mu h(mu), t drawn from the law of free paths:

    K_l(x) = 1/2 int_-1^1 P_l(mu) mu <e^(i x t s(mu))>_t dmu = i^(l-1) R_l(x)

with R_l real as h is even, so that <a_l a_l'> vanishes for odd l + l' as without h. R_l takes the place of j_l' (h = 1).
"""

from dataclasses import dataclass

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory.free_path import Erlang, Fixed
from fluxtube.theory.path_density import PathDensity
from fluxtube.theory.pitch_angle import PitchAngle
from fluxtube.theory.pitch_angle_structure import endless_covariance
from fluxtube.theory.sky import legendre_polynomials

NODES = 32
RADIANS = 24.0  # that waves and polynomials turn across a panel of so many nodes: error below 1e-14
VALUES_AT_ONCE = 2**21
FIRST_HALVINGS = 24
LARGEST = 3e4  # x that fixed paths are followed to


@dataclass(frozen=True)
class PitchAngleLaw:
    """A law of free paths t whose mean is lambda h(mu).

    Parameters
    ----------
    paths : law
        `free_path.Fixed`, `free_path.Erlang` or `PathDensity`.
    dependence : PitchAngle
        h(mu).

    Raises
    ------
    InputError
        For another law: where particles are observed in flight, or density responds to the flow, scattering must be isotropic.

    Examples
    --------
    >>> from fluxtube.theory.pitch_angle import PowerLaw
    >>> same = PitchAngleLaw(Fixed(), PowerLaw(0.0)).response(1.0).direct(np.array([0.3, 7.0]), 5)
    >>> bool(np.allclose(same, Fixed().response(1.0).direct(np.array([0.3, 7.0]), 5), atol=1e-13, rtol=0))
    True
    """

    paths: Fixed | Erlang | PathDensity
    dependence: PitchAngle

    single = False

    def __post_init__(self):
        if not isinstance(self.paths, Fixed | Erlang | PathDensity):
            raise InputError(
                "free paths that depend on the pitch angle are known for particles at the end of a path and without density "
                'response: scattering is then not isotropic; use free_path_observed = "end", density_response = "none"'
            )

    @property
    def sharp(self) -> bool:
        """One path for all particles of a direction."""
        return isinstance(self.paths, Fixed)

    @property
    def steepening(self) -> tuple[float, float] | None:
        """As without h, for l above the scale on which h varies."""
        return getattr(self.paths, "steepening", None)

    def bounds(self, l_min: int) -> tuple[float, float]:
        """Indices of a power law without end between which the covariance exists: every even R_l starts as x, odd ones as x^2.

        Examples
        --------
        >>> from fluxtube.theory.pitch_angle import PowerLaw
        >>> PitchAngleLaw(Fixed(), PowerLaw(0.5)).bounds(2)
        (1.0, 3.0)
        """
        return (1.0 if self.sharp or l_min < 2 else -1.0), 3.0

    def response(self, mean_free_path: float):
        """R_l(kappa lambda)."""
        return PitchAngleResponse(mean_free_path, self)

    def transverse_response(self, mean_free_path: float):
        """None: InputError.

        Raises
        ------
        InputError
            Always.
        """
        raise InputError(
            "free paths that depend on the pitch angle have a theory along the field alone (model = 'parallel'): across it the "
            "displacement lambda(mu) n knows the direction of B, and its waves are no longer spherical"
        )

    def endless_covariance(self, turbulence, mean_free_path: float, l_max: int, l_min: int) -> np.ndarray:
        """<a_l a_l'> of fixed paths in a power law without end, (n, n) [velocity^2]."""
        return endless_covariance(turbulence, mean_free_path, l_max, l_min, self.dependence)

    def mean_wave_less_one(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Real part less 1, and imaginary part, of <e^(i y t)> over the law of t."""
        if isinstance(self.paths, Fixed):
            half = np.sin(0.5 * y)
            return -2.0 * half * half, np.sin(y)
        if isinstance(self.paths, Erlang):
            k = float(self.paths.shape)
            size, phase = -0.5 * k * np.log1p((y / k) ** 2), k * np.arctan(y / k)
            return np.expm1(size) * np.cos(phase) - 2.0 * np.sin(0.5 * phase) ** 2, np.exp(size) * np.sin(phase)
        moments, z = self.paths.moments, np.minimum(np.abs(y), 0.02)
        phi = self.paths.characteristic(y.ravel()).reshape(y.shape)
        even = z**2 * (-moments[2] / 2 + z**2 * (moments[4] / 24 - z**2 * moments[6] / 720))
        odd = np.sign(y) * z * (moments[1] - z**2 * (moments[3] / 6 - z**2 * moments[5] / 120))
        small = np.abs(y) < 0.02
        return np.where(small, even, phi.real - 1.0), np.where(small, odd, phi.imag)


class PitchAngleResponse:
    """R_l by quadrature over mu: nodes sin(theta) on panels that end where h is rough and follow the waves.

    Parameters
    ----------
    mean_free_path : float
        lambda [length].
    law : PitchAngleLaw
    """

    def __init__(self, mean_free_path: float, law: PitchAngleLaw):
        self.mean_free_path, self.law = mean_free_path, law

    def frequency_above(self, l_max: int) -> float:
        """Nowhere is a carrier split off."""
        return np.inf

    def widest_panel(self, kappa: float, l_max: int) -> float:
        """As for the law without h whose path is the longest displacement."""
        longest = self.law.dependence.longest * self.mean_free_path
        return 9.0 / longest if self.law.sharp else self.law.paths.response(longest).widest_panel(kappa, l_max)

    def powers(self, l_max: int, l_min: int) -> np.ndarray:
        """Powers of kappa with which R_l, less 1/3 for l = 1, starts."""
        return np.where(np.arange(l_min, l_max + 1) % 2, 2.0, 1.0)

    def direct(self, kappa: np.ndarray, l_max: int) -> np.ndarray:
        """The response, (l_max + 1, n)."""
        table = self._less_third(np.asarray(kappa, dtype=float), l_max)
        if l_max > 0:
            table[1] += 1.0 / 3.0
        return table

    def less_its_start(self, values: np.ndarray, kappa: np.ndarray) -> np.ndarray:
        """R_1 less 1/3 without cancellation."""
        return self._less_third(np.asarray(kappa, dtype=float), 1)[1]

    def _less_third(self, kappa, l_max):
        x = kappa * self.mean_free_path
        if self.law.sharp and x.size and x.max() * self.law.dependence.longest > LARGEST:
            raise InputError(
                f"the spectrum reaches to {x.max():.3g} of wave number times mean free path; fixed free paths that depend on the "
                f"pitch angle are followed to {LARGEST / self.law.dependence.longest:.3g}: give turbulence.band such an end"
            )
        table, done = np.empty((l_max + 1, x.size)), 0
        while done < x.size:
            count = 64
            mu, weight, s = self.rule(float(x[done : done + count].max()), l_max)
            count = max(1, min(count, VALUES_AT_ONCE // mu.size))
            part = slice(done, done + count)
            even, odd = self.law.mean_wave_less_one(x[part] * s[:, None])
            project = legendre_polynomials(mu, l_max) * (weight * mu)
            table[0::2, part] = project[0::2] @ odd
            table[1::2, part] = project[1::2] @ even
            done += count
        l = np.arange(l_max + 1)
        return table * np.where(l % 4 < 1, -1.0, np.where(l % 4 < 3, 1.0, -1.0))[:, None]

    def rule(self, x: float, l_max: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Nodes mu in (0, 1), weights and displacements s for wave numbers up to x over lambda."""
        dependence = self.law.dependence
        start = FIRST_HALVINGS if self.law.sharp else FIRST_HALVINGS + int(np.log2(max(x, 1.0)))
        inside = 2.0 / np.pi * np.arcsin([at for at in dependence.breaks if 0.0 < at < 1.0])
        edges = 0.5 * np.pi * np.union1d(np.concatenate([[0.0], 0.5 ** np.arange(start, -1, -1.0)]), inside)
        theta = edges[:-1, None] + np.diff(edges)[:, None] * np.linspace(0.0, 1.0, 17)
        turns = x * np.abs(np.diff(dependence.displacement(np.sin(theta)), axis=1)).max(axis=1) * 16.0
        if not self.law.sharp:
            turns = np.minimum(turns, 20.0 * (1.0 + np.sqrt(getattr(self.law.paths, "shape", x * x + 1.0))))
        pieces = np.ceil((turns + (l_max + 2.0) * np.diff(edges)) / RADIANS).astype(int)
        parts = [np.linspace(low, high, n + 1)[:-1] for low, high, n in zip(edges[:-1], edges[1:], pieces, strict=True)]
        fine = np.concatenate([*parts, edges[-1:]])
        u, g = np.polynomial.legendre.leggauss(NODES)
        half = 0.5 * np.diff(fine)[:, None]
        theta, weight = (fine[:-1, None] + half * (1.0 + u)).ravel(), (half * g).ravel()
        mu = np.sin(theta)
        return mu, weight * np.cos(theta), dependence.displacement(mu)


def diffuse_multipoles(dependence: PitchAngle, l_max: int) -> np.ndarray:
    """Multipoles of the standard diffuse anisotropy mu h(mu) towards arrival directions, in units of lambda (B/B).grad ln f.

    d_l = 2 pi sqrt((2l+1)/(4 pi)) int_-1^1 P_l mu h dmu: odd degrees only, as h is even; d_1 = sqrt(4 pi/3) for every h.

    Parameters
    ----------
    dependence : PitchAngle
    l_max : int

    Returns
    -------
    (l_max + 1,) array

    Examples
    --------
    >>> from fluxtube.theory.pitch_angle import Given
    >>> values = diffuse_multipoles(Given(lambda mu: mu**2), 4) / np.sqrt(4 * np.pi / 3)        # mu^3 = (2 P_3 + 3 P_1)/5
    >>> values.round(9).tolist() == [0.0, 1.0, 0.0, round(2 / 3 * (3 / 7) ** 0.5, 9), 0.0]
    True
    """
    mu, weight, s = PitchAngleLaw(Fixed(), dependence).response(1.0).rule(1.0, l_max)
    l = np.arange(l_max + 1)
    table = 4.0 * np.pi * np.sqrt((2.0 * l + 1.0) / (4.0 * np.pi)) * (legendre_polynomials(mu, l_max) @ (weight * s))
    table[0::2] = 0.0
    return table


def with_pitch_angle(law, dependence: PitchAngle | None):
    """The law with a dependence on the pitch angle; without one the law itself.

    Examples
    --------
    >>> with_pitch_angle(Fixed(), None)
    Fixed()
    """
    return law if dependence is None else PitchAngleLaw(law, dependence)
