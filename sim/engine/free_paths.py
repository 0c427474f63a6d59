"""Laws of the free path: how t = path/(mean free path) of a particle is distributed, and averages over it.

Every law has `shape` (of Erlang's law, 0 for the fixed one: what the kernels take), `reach` (no particle worth the name
goes further), `mean`, `law` (of theory: its responses), `increments` (kernel of mean plane waves on the sphere) and the
methods below.
"""

import numpy as np
from scipy.special import gammainccinv, gammaincinv, gammaln

from fluxtube.sim.engine.kernels.interpolation import MARGIN, interpolate_all
from fluxtube.sim.engine.kernels.sphere import erlang_increments, fixed_increments
from fluxtube.sim.engine.line_rules import graded_rule, half_rule, panel_rule
from fluxtube.theory.free_path import Erlang, Fixed

TAIL = 1e-8  # probability of a path beyond `reach`
PATHS = 512  # that stand for a law in a mean sky: stratified, so that their error falls as 1/PATHS


class FixedPath:
    """One free path for all particles: the paper's law."""

    shape = 0
    reach = 1.0
    law = Fixed()
    mean = 1.0
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
    increments = staticmethod(erlang_increments)

    def __init__(self, shape: int):
        self.shape, self.law = int(shape), Erlang(shape)
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
        half = (table.size - 1) // 2
        position = np.arange(-half, half + 1) / (half - MARGIN)
        paths = self.quantiles(PATHS)
        return sum(interpolate_all(table, np.clip(position * t, -1.0, 1.0)) for t in paths) / PATHS


def free_path(name: str, shape: int | None = None):
    """The law of a name: "fixed", "exponential", or "erlang" with its shape."""
    return {"fixed": FixedPath, "exponential": lambda: ErlangPath(1), "erlang": lambda: ErlangPath(shape)}[name]()
