"""Multipoles by Gauss-Legendre quadrature over the pitch-angle cosine: no sampling noise."""

import math

import ducc0
import numpy as np

from fluxtube.sim.estimators.measurement import Measurement
from fluxtube.sim.kernels.projection import project_rows
from fluxtube.sim.sky import zonal_harmonics


def half_rule(phase: float, l_max: int) -> tuple[np.ndarray, np.ndarray]:
    """The positive nodes of a Gauss-Legendre rule that resolves waves of `phase` times polynomials of degree 2 l_max.

    A rule of N nodes integrates polynomials of degree 2N - 1; exp(i x mu) is one of degree x + O(x^(1/3)) to rounding.

    Returns
    -------
    mu, weight : (m,)
        Nodes in (0, 1), weights for the integral over (0, 1).
    """
    order = 2 * math.ceil((phase + 2 * l_max) / 4 + 2.5 * phase ** (1 / 3) + 10)
    mu = np.cos(ducc0.misc.GL_thetas(order))[: order // 2]
    return mu, ducc0.misc.GL_weights(order, 1)[: order // 2] / (2 * np.pi)


class QuadratureEstimator:
    """a_l = int Y_l0(-p/p) mu [u(lambda mu) - u(0)] dOmega for every realisation of a flow along the field.

    Odd degrees see the even part of the increment, even degrees the odd part.

    Parameters
    ----------
    flow : Flow
        With `increments`, and, where it is linear in fixed normals, `response` and `project`.
    mean_free_path : float
        lambda [1/wave number].
    l_max : int
        Largest degree.
    unit : float
        Velocity in which the increments are measured.
    """

    def __init__(self, flow, mean_free_path: float, l_max: int, unit: float):
        self.flow, self.l_max, self.unit = flow, l_max, unit
        self.mu, self.weight = half_rule(flow.k_max * mean_free_path, l_max)
        self.displacement = mean_free_path * self.mu
        degrees = np.arange(l_max + 1)
        # 2 pi for the azimuth, 2 for the other half of mu, (-1)^l for the arrival direction -p/p.
        harmonics = zonal_harmonics(self.mu, l_max).T * np.where(degrees % 2, -1, 1)[:, None]
        functionals = 4 * np.pi * self.weight * self.mu * harmonics / unit
        self.of_even = np.ascontiguousarray(functionals[1::2])
        self.of_odd = np.ascontiguousarray(functionals[0::2])
        self.response = None
        if hasattr(flow, "response"):
            self.response = flow.response(self.of_even, self.of_odd, self.displacement)

    def measure(self, first: int, count: int) -> Measurement:
        """Multipoles of consecutive realisations."""
        multipoles = np.empty((count, 1, self.l_max + 1))
        if self.response is not None:
            odd_degrees, even_degrees = self.flow.project(first, count, self.response)
        else:
            even, odd = self.flow.increments(first, count, self.displacement)
            odd_degrees, even_degrees = np.empty((count, len(self.of_even))), np.empty((count, len(self.of_odd)))
            project_rows(even, self.of_even, odd_degrees)
            project_rows(odd, self.of_odd, even_degrees)
        multipoles[:, 0, 1::2] = odd_degrees
        multipoles[:, 0, 0::2] = even_degrees
        return Measurement(multipoles)

    def shot_noise(self, realisation: int, particles: int) -> np.ndarray:
        """Variance of each multipole from so many particles with isotropic directions, given the flow, (n_m, L).

        var a_l = [4 pi int v^2 Y_l0^2 dOmega - a_l^2] / n with v the anisotropy: particles sample a mean over the sphere.
        """
        even, odd = (part[0] for part in self.flow.increments(realisation, 1, self.displacement))
        value = self.mu * np.array([even + odd, odd - even]) / self.unit  # at mu and at -mu
        power = (value**2).sum(axis=0) * self.weight * 2 * np.pi
        mean = self.measure(realisation, 1).multipoles[0]
        return (4 * np.pi * zonal_harmonics(self.mu, self.l_max).T ** 2 @ power - mean**2) / particles
