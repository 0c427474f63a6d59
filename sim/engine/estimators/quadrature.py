"""Multipoles by quadrature over the pitch-angle cosine along the field: no sampling noise."""

import numpy as np

from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.contracts import EnginePath
from fluxtube.sim.engine.estimators.table import DensityAlongLine, increment_table
from fluxtube.sim.engine.free_paths import FixedPath
from fluxtube.sim.engine.kernels.interpolation import interpolate_all
from fluxtube.sim.engine.kernels.projection import project_rows
from fluxtube.sim.engine.line_rules import half_rule
from fluxtube.sim.engine.measurement import Measurement
from fluxtube.sim.engine.sky import zonal_harmonics

__all__ = ["QuadratureEstimator", "half_rule"]


class QuadratureEstimator:
    """a_l = int Y_l0(n) mu <u(lambda t mu) - u(0)>_t dOmega, mu = n.B, for every realisation of a flow along the field.

    Towards the arrival direction n one sees the flow where the particle comes from: at +lambda t mu along the field.

    Odd degrees see the even part of the increment, even degrees the odd part.

    Parameters
    ----------
    flow : Flow
        With `increments`; where it is linear in fixed normals, `response` and `project`; where it lives on a grid, `rule`.
    mean_free_path : float
        lambda [1/wave number].
    l_max : int
        Largest degree.
    unit : float
        Velocity in which the increments are measured.
    free_path : law, optional
        Of `free_paths`; fixed if not given.
    dipole : float, optional
        Diffuse anisotropy along n.B, in the unit anisotropy.
    """

    def __init__(
        self, flow, mean_free_path: float, l_max: int, unit: float, free_path: EnginePath | None = None, dipole: float = 0.0
    ):
        self.flow, self.mean_free_path, self.l_max, self.unit, self.dipole = flow, mean_free_path, l_max, unit, dipole
        self.free_path: EnginePath = free_path or FixedPath()
        rule = getattr(flow, "rule", None)
        phase = flow.k_max * mean_free_path
        self.nodes: np.ndarray
        self.weight: np.ndarray
        self.nodes, self.weight = rule(mean_free_path) if rule else self.free_path.rule(phase, l_max)
        # Where fixed paths depend on the pitch angle the nodes are cosines, else they are displacements themselves.
        self.places = self.free_path.places(self.nodes) if hasattr(self.free_path, "places") else self.nodes
        self.displacement = mean_free_path * self.places
        self.dependence = getattr(self.free_path, "dependence", None)
        self.diffuse = self.free_path.diffuse(l_max) if hasattr(self.free_path, "diffuse") else None
        # 2 pi for the azimuth, 2 for the other half of mu.
        spread = self.free_path.spread(lambda mu: mu * zonal_harmonics(mu, l_max).T, self.nodes, self.weight)
        functionals = 4 * np.pi / unit * spread
        self.of_even = np.ascontiguousarray(functionals[1::2])
        self.of_odd = np.ascontiguousarray(functionals[0::2])
        self.density, self.response = None, None
        carried: tuple[tuple, ...] = ()
        if hasattr(self.free_path, "compression"):
            self.density = DensityAlongLine(flow, mean_free_path, self.free_path)
            spread = self.free_path.spread(lambda mu: zonal_harmonics(mu, l_max).T, self.nodes, self.weight)
            functionals = 4 * np.pi / unit * spread
            self.of_density_odd = np.ascontiguousarray(functionals[1::2])
            self.of_density_even = np.ascontiguousarray(functionals[0::2])
            carried = ((self.density.ratio, self.of_density_odd, self.of_density_even),)
        if hasattr(flow, "response"):
            self.response = flow.response(self.of_even, self.of_odd, self.displacement, *carried)

    def measure(self, first: int, count: int) -> Measurement:
        """Multipoles of consecutive realisations."""
        multipoles = blank((count, 1, self.l_max + 1))
        if self.response is not None:
            odd_degrees, even_degrees = self.flow.project(first, count, self.response)
        else:
            even, odd = self.flow.increments(first, count, self.displacement)
            odd_degrees, even_degrees = blank((count, len(self.of_even))), blank((count, len(self.of_odd)))
            project_rows(even, self.of_even, odd_degrees)
            project_rows(odd, self.of_odd, even_degrees)
            if self.density is not None:
                even, odd = self.density.increments(first, count, self.displacement)
                carried_odd, carried_even = blank(odd_degrees.shape), blank(even_degrees.shape)
                project_rows(odd, self.of_density_odd, carried_odd)
                project_rows(even, self.of_density_even, carried_even)
                odd_degrees += carried_odd
                even_degrees += carried_even
        multipoles[:, 0, 1::2] = odd_degrees
        multipoles[:, 0, 0::2] = even_degrees
        if self.diffuse is None:
            multipoles[:, 0, 1] += self.dipole * self.free_path.mean * np.sqrt(4 * np.pi / 3)  # mu = sqrt(4 pi/3) Y_10(n)
        else:
            multipoles[:, 0] += self.dipole * self.free_path.mean * self.diffuse
        return Measurement(multipoles)

    def sky(self, realisation: int, arrival: np.ndarray) -> np.ndarray:
        """Anisotropy towards arrival directions (n, 3) in the magnetic frame, (n,)."""
        mu = arrival[:, 2]
        dipole = self.dipole * self.free_path.mean
        if self.dependence is not None:
            place = self.dependence.displacement(mu)
            return mu * self._increments(self.flow, realisation, place) + dipole * place
        sky = mu * (self._increments(self.flow, realisation, mu) + dipole)
        return sky if self.density is None else sky + self._increments(self.density, realisation, mu)

    def _increments(self, flow, realisation: int, places: np.ndarray) -> np.ndarray:
        """A flow's increments over free paths to places (mean free paths, for a path of 1), over the unit anisotropy."""
        table = increment_table(flow, self.mean_free_path, realisation, 1, self.free_path.reach)[0]
        return interpolate_all(self.free_path.average(table), places / self.free_path.reach) / self.unit

    def rehearse(self) -> None:
        """Compile what skies and shot noise need."""
        self.sky(0, np.array([[0.0, 0.0, 1.0]]))
        self.shot_noise(0, 2)

    def shot_noise(self, realisation: int, particles: int) -> np.ndarray:
        """Variance of each multipole from so many particles with isotropic directions, given the flow, (n_m, L).

        var a_l = [4 pi int <v^2> Y_l0^2 dOmega - a_l^2] / n with v the anisotropy: particles sample a mean over the sphere.
        """
        even, odd = (part[0] / self.unit for part in self.flow.increments(realisation, 1, self.displacement))
        ahead, behind, s = even + odd, even - odd, self.dipole * self.places

        def mean_of(power: int, values: np.ndarray) -> np.ndarray:
            """int_0^1 mu^power Y_l0^2 <values at s = mu t> dmu."""
            weights = self.free_path.spread(
                lambda mu: mu**power * zonal_harmonics(mu, self.l_max).T ** 2, self.nodes, self.weight
            )
            return weights @ values

        # v = mu u + dipole mu t = mu u + dipole s, squared, at mu and at -mu.
        square = mean_of(2, ahead**2 + behind**2)
        if self.dipole:
            square += mean_of(1, 2 * s * (ahead + behind)) + mean_of(0, 2 * s**2)
        if self.density is not None:  # v = mu u + dipole s + d
            even, odd = (part[0] / self.unit for part in self.density.increments(realisation, 1, self.displacement))
            there, back = even + odd, even - odd
            square += mean_of(1, 2 * (ahead * there - behind * back))
            square += mean_of(0, there**2 + back**2 + 2 * s * (there - back))
        mean = self.measure(realisation, 1).multipoles[0]
        return (8 * np.pi**2 * square - mean**2) / particles
