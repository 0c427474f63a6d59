"""Laws of the free path: how t = path/(mean free path) of a particle is distributed, and averages over it.

A law is ONE object, of `theory`: what the engine needs beside it is made from it here. Every one has `law` (that object),
`shape` (of Erlang's law, 0 for the fixed one: what the kernels take), `reach` (no particle worth the name goes further),
`mean`, `cumulative` (its distribution, where shape is TABULATED), `increments` (kernel of mean plane waves on the sphere) and the
methods below.
"""

import math
from typing import Any

import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.engine.kernels.free_path import TABULATED
from fluxtube.sim.engine.kernels.interpolation import MARGIN, interpolation_cells, mean_of_scaled
from fluxtube.sim.engine.kernels.sphere import erlang_increments, fixed_increments, tabulated_increments
from fluxtube.sim.engine.line_rules import graded_rule, half_rule, panel_rule
from fluxtube.theory.free_path import Erlang, Fixed
from fluxtube.theory.path_density import PathDensity
from fluxtube.theory.special import gammainccinv, gammaincinv, gammaln

TAIL = 1e-8  # probability of a path beyond `reach`
RADIANS_PER_STEP = 0.2  # of the longest path, between points of its mean waves
PATHS = 512  # that stand for a law in a mean sky: stratified, so that their error falls as 1/PATHS


class FixedPath:
    """One free path for all particles: the paper's law."""

    shape = 0
    reach = 1.0
    law = Fixed()
    mean = 1.0
    cumulative = np.zeros(1)
    increments = staticmethod(fixed_increments)

    def rule(self, phase: float, l_max: int) -> tuple[np.ndarray, np.ndarray]:
        """Nodes s in (0, reach) and weights for displacements in units of lambda, waves of at most `phase` radians a unit."""
        return half_rule(phase, l_max)

    def spread(self, function, s: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Weights at the displacements s of the mean over pitch angles and paths, int_0^1 dmu F(mu) <g(mu t)> = sum_i W_i g(s_i).

        Parameters
        ----------
        function : callable
            F of mu (m,), shape (..., m).
        s, weight : (m,)
            A rule on (0, reach).
        """
        return weight * function(s)

    def quantiles(self, count: int) -> np.ndarray:
        """Paths that stand for equal shares of the particles, at most `count`."""
        return np.ones(1)

    def average(self, table: np.ndarray) -> np.ndarray:
        """<g(mu t)> over the law from a table of g at equidistant arguments, -reach to reach and MARGIN points beyond."""
        return table


class ErlangPath:
    """p(t) = k^k t^(k-1) e^(-k t)/(k-1)!: the mean of k exponential paths; k = 1 is the exponential law.

    Parameters
    ----------
    shape : int
        k >= 1; the relative spread is 1/sqrt(k).
    """

    mean = 1.0
    cumulative = np.zeros(1)
    increments = staticmethod(erlang_increments)

    def __init__(self, shape: int):
        self.shape: int = int(shape)
        self.law: Any = Erlang(shape)
        self.reach = float(gammainccinv(shape, TAIL) / shape)

    def density(self, t: np.ndarray) -> np.ndarray:
        """p(t), t > 0."""
        k = self.shape
        return np.exp(k * np.log(k) + (k - 1) * np.log(t) - k * t - gammaln(k))

    def rule(self, phase: float, l_max: int) -> tuple[np.ndarray, np.ndarray]:
        """Nodes s in (0, reach) and weights for displacements in units of lambda, waves of at most `phase` radians a unit."""
        return graded_rule(max(phase, 4.0 * l_max), self.reach)

    def spread(self, function, s: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Weights at the displacements s of the mean over pitch angles and paths, int_0^1 dmu F(mu) <g(mu t)> = sum_i W_i g(s_i).

        With s = mu t the weight is int_0^1 p(s/mu) F(mu) dmu/mu.
        """
        edges = np.concatenate([[0.0], 0.5 ** np.arange(20, 0, -1.0), 0.5 + np.arange(1, 33) / 64])
        mu, mu_weight = panel_rule(edges)
        values = function(mu) * (mu_weight / mu)
        positive = np.maximum(s, 1e-300)
        pieces = np.array_split(np.arange(s.size), max(1, s.size // 2048))
        spread = [values @ self.density(positive[None, piece] / mu[:, None]) for piece in pieces]
        return weight * np.concatenate(spread, axis=-1)

    def quantiles(self, count: int) -> np.ndarray:
        """Paths that stand for equal shares of the particles, (count,)."""
        return gammaincinv(self.shape, (np.arange(count) + 0.5) / count) / self.shape

    def average(self, table: np.ndarray) -> np.ndarray:
        """<g(mu t)> over the law from a table of g at equidistant arguments, -reach to reach and MARGIN points beyond."""
        return mean_of_scaled(table, self.quantiles(PATHS))


class DensityPath(ErlangPath):
    """A law given by its density.

    Parameters
    ----------
    law : PathDensity
    """

    def __init__(self, law: PathDensity):
        self.law, self.shape, self.reach = law, TABULATED, law.reach
        self.cumulative = law.cumulative
        self.marks = () if law.smooth else tuple(law.marks)
        self._waves: dict[float, tuple[float, np.ndarray, np.ndarray]] = {}

    def density(self, t: np.ndarray) -> np.ndarray:
        """p(t), t > 0."""
        return self.law.density(t)

    def rule(self, phase: float, l_max: int) -> tuple[np.ndarray, np.ndarray]:
        """Nodes s in (0, reach) and weights for displacements in units of lambda, waves of at most `phase` radians a unit."""
        return graded_rule(max(phase, 4.0 * l_max), self.reach, self.marks)

    def spread(self, function, s: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """As for `ErlangPath`; where the law has edges, panels of mu end at them: at s/t for each s."""
        if not self.marks:
            return super().spread(function, s, weight)
        edges = np.concatenate([[0.0], 0.5 ** np.arange(20, 0, -1.0), 0.5 + np.arange(1, 33) / 64])
        columns = []
        for part in np.array_split(s, max(1, s.size // 64)):
            own = np.minimum(part[:, None] / np.array(self.marks)[None, :], 1.0)
            all_edges = np.sort(np.concatenate([np.broadcast_to(edges, (part.size, edges.size)), own], axis=1))
            x, x_weight = np.polynomial.legendre.leggauss(16)
            half = np.diff(all_edges)[..., None] / 2
            mu = (all_edges[:, :-1, None] + half * (1 + x)).reshape(part.size, -1)
            mu_weight = (half * x_weight).reshape(part.size, -1)
            mu = np.maximum(mu, 1e-300)
            p = self.density(part[:, None] / mu) * mu_weight / mu
            values = function(mu.ravel())
            values = values.reshape(*values.shape[:-1], *mu.shape)
            columns.append(np.einsum("...sm,sm->...s", values, p))
        return weight * np.concatenate(columns, axis=-1)

    def quantiles(self, count: int) -> np.ndarray:
        """Paths that stand for equal shares of the particles, (count,)."""
        return self.law.quantiles(count)

    def increments(self, shape, wave_vectors, cosine, sine, directions, odd, even) -> None:
        """`fixed_increments` averaged over the law, whose mean waves are tabulated as far as the wave vectors reach."""
        largest, waves, turning = self.mean_waves(wave_vectors)
        none = np.empty((len(wave_vectors), 2, 0))  # no isotropic part
        tabulated_increments(waves, turning, largest, wave_vectors, cosine, sine, none, directions, odd, even)

    def characteristic(self, y: np.ndarray) -> np.ndarray:
        """<e^(i y t)>."""
        return self.law.characteristic(y)

    def mean_waves(self, wave_vectors) -> tuple[float, np.ndarray, np.ndarray]:
        """Largest argument, and cells of <cos y t> and <sin y t> up to it.

        A power of two that the wave vectors do not reach: numbers must not depend on which others were asked for before.
        """
        largest = 2.0 ** (1 + math.floor(math.log2(np.sqrt((wave_vectors**2).sum(axis=1).max()))))
        if largest not in self._waves:
            half = max(64, math.ceil(largest * self.reach / RADIANS_PER_STEP))
            y = largest / half * np.arange(-half - MARGIN, half + MARGIN + 1)
            phi = np.concatenate([self.characteristic(part) for part in np.array_split(y, 1 + y.size // 4096)])
            self._waves[largest] = (largest, interpolation_cells(phi.real), interpolation_cells(phi.imag))
        return self._waves[largest]


def free_path(law) -> FixedPath | ErlangPath | DensityPath:
    """What the engine needs of a law of `theory`.

    Raises
    ------
    InputError
        The law is known to theory alone.
    """
    if isinstance(law, Fixed):
        return FixedPath()
    if isinstance(law, Erlang):
        return ErlangPath(int(law.shape))
    if isinstance(law, PathDensity):
        return DensityPath(law)
    raise InputError(f"the law of free paths {law!r} is known to theory, and not to a run")
