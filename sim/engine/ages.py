"""Particles observed in flight, and the isotropic part of f that responds to the flow, for any law of `free_paths`."""

import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.contracts import EnginePath
from fluxtube.sim.engine.density_response import AgesOfDensity, TabulatedCompression
from fluxtube.sim.engine.free_paths import PATHS, TAIL, DensityPath, ErlangPath, FixedPath, free_path
from fluxtube.sim.engine.kernels.compression import fill_compression
from fluxtube.sim.engine.kernels.interpolation import mean_of_scaled
from fluxtube.sim.engine.kernels.sphere import steady_increments, tabulated_increments
from fluxtube.sim.engine.line_rules import graded_rule, panel_rule
from fluxtube.sim.engine.pitch_angles import PitchAnglePath
from fluxtube.theory.kinetic import InFlight, Steady
from fluxtube.theory.pitch_angle_law import PitchAngleLaw
from fluxtube.theory.special import gammaincc, gammainccinv

PART = 16  # nodes between a displacement and the next edge
VALUES_AT_ONCE = 2**22


class InFlightPath:
    """Particles observed in flight: the age of a path has the density 1 - (cumulative of the law), and the interface of a law.

    Parameters
    ----------
    ends : law
        Of `free_paths`.
    """

    cumulative = np.zeros(1)

    def __init__(self, ends):
        if not isinstance(ends, FixedPath | ErlangPath) or isinstance(ends, DensityPath):
            raise InputError("particles observed in flight are known for paths that do not depend on the pitch angle")
        self.ends, self.shape, self.law = ends, -1 - ends.shape, InFlight(ends.law)
        k = ends.shape
        self.reach = float(gammainccinv(k + 1, TAIL) / k) if k else 1.0
        self.mean = (k + 1.0) / (2.0 * k) if k else 0.5

    def beyond(self, age: np.ndarray) -> np.ndarray:
        """Density of the age, zero or above."""
        k = self.ends.shape
        return gammaincc(k, k * age) if k else (age < 1.0).astype(float)

    def rule(self, phase: float, l_max: int) -> tuple[np.ndarray, np.ndarray]:
        """Nodes s in (0, reach) and weights for displacements in units of lambda, waves of at most `phase` radians a unit."""
        return graded_rule(max(phase, 4.0 * l_max), self.reach)

    def spread(self, function, s: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Weights at s of the mean over pitch angles and ages: int_0^1 S(s/mu) F(mu) dmu/mu, S the density of the age.

        Whole panels in mu; for fixed paths, whose S ends with a step at mu = s, those above s and the part of the panel of s.
        """
        edges = np.concatenate([[0.0], 0.5 ** np.arange(24, 0, -1.0), 0.5 + np.arange(1, 33) / 64])
        mu, mu_weight = panel_rule(edges)
        values, positive = function(mu) * (mu_weight / mu), np.maximum(s, 1e-300)
        pieces = np.array_split(positive, max(1, s.size * mu.size // VALUES_AT_ONCE))
        if self.ends.shape:
            spread = [values @ self.beyond(piece / mu[:, None]) for piece in pieces]
            return weight * np.concatenate(spread, axis=-1)
        panel, spread = np.repeat(np.arange(edges.size - 1), mu.size // (edges.size - 1)), []
        x, g = np.polynomial.legendre.leggauss(PART)
        for piece in pieces:
            inside = np.searchsorted(edges, piece, side="right") - 1
            half = np.maximum(edges[np.minimum(inside + 1, edges.size - 1)] - piece, 0.0)[:, None] / 2
            near = piece[:, None] + half * (1 + x)
            part = function(near.ravel()).reshape(-1, *near.shape) * (half * g / near)
            spread.append(values @ (panel[:, None] > inside) + part.sum(axis=-1))
        return weight * np.concatenate(spread, axis=-1)

    def quantiles(self, count: int) -> np.ndarray:
        """Ages that stand for equal shares of the particles, (count,)."""
        share = (np.arange(count) + 0.5) / count
        if not self.ends.shape:
            return share
        age = np.linspace(0.0, self.reach, 20_001)
        density = self.beyond(age)
        below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(age))])
        return np.interp(share, below / below[-1], age)

    def average(self, table: np.ndarray) -> np.ndarray:
        """<g(mu a)> over the ages from a table of g at equidistant arguments, -reach to reach and MARGIN points beyond."""
        return mean_of_scaled(table, self.quantiles(PATHS) / self.reach, self.reach)

    increments = staticmethod(steady_increments)


class SteadyPath:
    """A law whose particles carry the isotropic part of f from where they were scattered.

    Parameters
    ----------
    observed : law
        Of `free_paths`, or `InFlightPath`.
    """

    def __init__(self, observed):
        self.observed, self.law = observed, Steady(observed.law)
        self.ends = getattr(observed, "ends", observed)
        self.stages = self.ends.shape
        self._tabulated = TabulatedCompression(self.ends.law) if isinstance(self.ends, DensityPath) else None

    def __getattr__(self, name):
        return getattr(self.observed, name)

    def increments(self, shape, wave_vectors, cosine, sine, density, directions, odd, even) -> None:
        """As `kernels.sphere.steady_increments`."""
        if self._tabulated is None:
            steady_increments(shape, wave_vectors, cosine, sine, density, directions, odd, even)
            return
        largest, waves, turning = self.observed.mean_waves(wave_vectors)
        tabulated_increments(waves, turning, largest, wave_vectors, cosine, sine, density, directions, odd, even)

    def compression(self, x: np.ndarray) -> np.ndarray:
        """R(x) of either sign, of any shape; zero where x is."""
        flat = np.ascontiguousarray(x, dtype=float).ravel()
        if self._tabulated is not None:
            return self._tabulated(flat).reshape(np.shape(x))
        ratio = blank(flat.shape)
        fill_compression(flat, self.stages, ratio)
        return ratio.reshape(np.shape(x))


def density_of(path, x: np.ndarray, cosine: np.ndarray, sine: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Amplitudes of the isotropic part's waves, i R (a - i b) = R (b + i a): R b of the cosine and -R a of the sine.

    None where the isotropic part does not respond to the flow.
    """
    if not hasattr(path, "compression"):
        return None
    ratio = path.compression(x)
    return ratio * sine, -ratio * cosine


def density_of_waves(path, wave_vectors, cosine, sine) -> np.ndarray:
    """Amplitudes of the isotropic part's cos and sin of waves (count, 3, n), (count, 2, n): R(|y|) times the part of A along y.

    What is across y compresses nothing. (count, 2, 0) where the isotropic part does not respond to the flow.
    """
    length = np.sqrt((wave_vectors**2).sum(axis=1))
    along = [(wave_vectors * part).sum(axis=1) / np.maximum(length, 1e-300) for part in (cosine, sine)]
    density = density_of(path, length, *along)
    return np.empty((len(wave_vectors), 2, 0)) if density is None else np.stack(density, axis=1)


def path_of(law) -> EnginePath:
    """The engine's law of a law of theory, decorations too.

    Raises
    ------
    InputError
        The law is not known to the engine.
    """
    if isinstance(law, Steady):
        return SteadyPath(path_of(law.observed))
    if isinstance(law, InFlight):
        ends = path_of(law.ends)
        return AgesOfDensity(ends) if isinstance(ends, DensityPath) else InFlightPath(ends)
    if isinstance(law, PitchAngleLaw):
        return PitchAnglePath(free_path(law.paths), law)
    return free_path(law)
