"""One flow of waves seen with several weights (eps, eta) of displacement and convection across the field."""

from typing import Any

import numpy as np

from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.estimators.sphere_multipoles import SphereMultipoles

TOGETHER = 8  # realisations whose waves are kept


class _DrawnOnce:
    """A flow whose last draw is kept: several estimators ask for the same realisations in turn."""

    def __init__(self, flow):
        self.flow = flow
        self.key: tuple[int, int] | None = None
        self.kept: Any = None

    def __getattr__(self, name):
        return getattr(self.flow, name)

    def draw(self, first: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Wave vectors and amplitudes."""
        if self.key != (first, count):
            self.key, self.kept = (first, count), self.flow.draw(first, count)
        return self.kept


class SeveralWeights:
    """a_lm at many pairs (eps, eta), on waves drawn once.

    A wave's multipoles are linear in eta: n.(eta A_perp + A_par). Two convections, none and all, give every other one of the
    same displacement: a_lm(eps, eta) = a_lm(eps, 0) + eta [a_lm(eps, 1) - a_lm(eps, 0)]. Displacements change the waves'
    directions and lengths, and cost their own sums.

    Parameters
    ----------
    flow : flow with vectors
    see : callable
        (flow, displacement, convection) -> `transport.Waves`.
    l_max : int
        Largest degree.
    free_path : law
        Of `free_paths`.
    weights : (W, 2)
        eps and eta.
    dipole : float
        Diffuse anisotropy along the field, in the unit anisotropy.
    """

    def __init__(self, flow, see, l_max: int, free_path, weights: np.ndarray, dipole: float = 0.0):
        self.weights, kept = np.atleast_2d(np.asarray(weights, dtype=float)), _DrawnOnce(flow)
        self.groups = []
        for displacement in np.unique(self.weights[:, 0]):
            places = np.flatnonzero(self.weights[:, 0] == displacement)
            convections = np.unique(self.weights[places, 1])
            ends = convections if convections.size == 1 else (0.0, 1.0)
            seen = [SphereMultipoles(see(kept, displacement, eta), l_max, free_path, dipole) for eta in ends]
            self.groups.append((places, seen))
        self.orders, self.l_max = seen[0].orders, l_max

    def measure(self, first: int, count: int) -> np.ndarray:
        """Multipoles of consecutive realisations at every pair of weights, (count, W, n_m, L)."""
        multipoles = blank((count, len(self.weights), self.orders.size, self.l_max + 1))
        for start in range(0, count, TOGETHER):
            size = min(TOGETHER, count - start)
            block = multipoles[start : start + size]
            for places, seen in self.groups:
                none, *rest = (one.measure(first + start, size).multipoles for one in seen)
                for place in places:
                    block[:, place] = none if not rest else none + self.weights[place, 1] * (rest[0] - none)
        return multipoles
