"""Free paths that depend on the pitch angle, with the interface of a law of `free_paths`."""

from typing import Any

import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.engine.free_paths import ErlangPath, FixedPath
from fluxtube.sim.engine.kernels.interpolation import MARGIN, interpolation_cells
from fluxtube.sim.engine.line_rules import graded_rule, panel_rule
from fluxtube.theory.pitch_angle import graded_edges
from fluxtube.theory.pitch_angle_law import PitchAngleLaw, diffuse_multipoles

STEPS = 2**15  # of sqrt(|mu|), between points of the particles' table of h: displacements to 1e-6 of the longest


class PitchAnglePath:
    """A law of t about a mean of lambda h(mu): a particle towards mu has the displacement s = mu h(mu) t over lambda.

    Parameters
    ----------
    paths : law
        Of `free_paths`.
    law : PitchAngleLaw
    """

    def __init__(self, paths: FixedPath | ErlangPath, law: PitchAngleLaw):
        if getattr(paths, "marks", ()):
            raise InputError(
                "free paths that depend on the pitch angle take a density without ends or jumps in a run, and "
                f"{law.paths!r} has some; theory takes it"
            )
        self.paths: Any = paths
        self.law, self.dependence = law, law.dependence
        self.longest = law.dependence.longest
        self.shape, self.cumulative, self.mean, self.path_reach = paths.shape, paths.cumulative, paths.mean, paths.reach
        self.reach = paths.reach * self.longest
        self.average, self.quantiles = paths.average, paths.quantiles
        self._stretch = np.empty((0, 6))

    @property
    def stretch(self) -> np.ndarray:
        """Cells of h/longest over sqrt(|mu|), from 0 at -1 to 1 at 1."""
        if not len(self._stretch):
            root = np.arange(-MARGIN, STEPS + MARGIN + 1) / STEPS
            h = self.dependence.h(np.minimum(root**2, 1.0))
            for i in range(MARGIN):  # beyond mu = 1 as from within
                h[STEPS + MARGIN + 1 + i] = 3 * h[STEPS + MARGIN + i] - 3 * h[STEPS + MARGIN + i - 1] + h[STEPS + MARGIN + i - 2]
            self._stretch = interpolation_cells(h / self.longest)
        return self._stretch

    def rule(self, phase: float, l_max: int) -> tuple[np.ndarray, np.ndarray]:
        """Nodes and weights for waves of at most `phase` radians a unit: of mu for fixed paths, else of displacements."""
        if self.law.sharp:
            mu, weight, _ = self.law.response(1.0).rule(phase, 2 * l_max)
            return mu, weight
        return graded_rule(max(phase, 4.0 * l_max), self.reach)

    def places(self, nodes: np.ndarray) -> np.ndarray:
        """Displacements at the nodes of `rule`."""
        return self.dependence.displacement(nodes) if self.law.sharp else nodes

    def spread(self, function, nodes: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Weights at the displacements of the mean over pitch angles and paths: int_0^1 p(s/s(mu)) F(mu) dmu/s(mu)."""
        if self.law.sharp:
            return weight * function(nodes)
        edges = np.union1d(graded_edges(breaks=self.dependence.breaks), 0.5 + np.arange(33) / 64)
        mu, mu_weight = panel_rule(edges)
        length = np.maximum(self.dependence.displacement(mu), 1e-300)
        values, positive = function(mu) * (mu_weight / length), np.maximum(nodes, 1e-300)
        pieces = np.array_split(positive, max(1, nodes.size * mu.size // 2**22))
        return weight * np.concatenate([values @ self.paths.density(piece / length[:, None]) for piece in pieces], axis=-1)

    def diffuse(self, l_max: int) -> np.ndarray:
        """Multipoles of mu h(mu), (l_max + 1,)."""
        return diffuse_multipoles(self.dependence, l_max)
