"""The exact one-dimensional marginal of Eq. 6 along the field line."""

import math
from typing import ClassVar, Self

import numpy as np

from fluxtube.errors import InputError
from fluxtube.memory_present import memory_present
from fluxtube.sim.config import Config
from fluxtube.sim.config.flows import MOST, USUAL_SIZE
from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.flows.broken_nodes import broken_nodes, needs_breaks
from fluxtube.sim.engine.flows.nodes import line_nodes, nodes_needed
from fluxtube.sim.engine.flows.requirements import band_warnings, longest_path, require_band
from fluxtube.sim.engine.flows.waves import sum_of_waves
from fluxtube.sim.engine.kernels.gaussian_line import TILE, line_multipoles
from fluxtube.sim.engine.kernels.line_amplitudes import draw_line_amplitudes
from fluxtube.sim.engine.kernels.modes import increments_along_line
from fluxtube.sim.engine.streams import Purpose, key
from fluxtube.theory import Turbulence


class LineFlow:
    """u_par(s) = sum_j sqrt(2 E(kappa_j) w_j) [xi_j cos(kappa_j s) + eta_j sin(kappa_j s)] with standard normals xi, eta.

    The nodes kappa_j and weights w_j are a quadrature rule on (0, k_max), so that the covariance of anything linear in
    the flow is this rule's value of the theory's integral over E(kappa), the spectrum of the velocity along the field
    (docs/physics.md): Gaussian for any number of nodes, its covariance known.

    Parameters
    ----------
    turbulence : Turbulence
        With a finite band.
    mean_free_path : float
        lambda [1/wave number].
    nodes : int
        Number of nodes; a spectrum that breaks within its band takes as many more as its breaks need.
    seed : int
        Seed of the run.
    """

    block_size: ClassVar[int] = 1024
    exactly_gaussian: ClassVar[bool] = True
    vector: ClassVar[bool] = False

    @classmethod
    def of(cls, config: Config, longest: float, reach: float) -> Self:
        """The flow of a configuration, for mean free paths up to `longest` [pc]."""
        return cls(config.build_turbulence(), longest, cls.size(config), config.ensemble.seed)

    @classmethod
    def size(cls, config: Config) -> int:
        """Nodes: as given, else as many as it needs."""
        return config.sampling.flow_choice.size or max(USUAL_SIZE, cls.needed(config))

    @classmethod
    def multiply_adds(cls, config: Config, across: bool) -> float:
        """Work of a realisation: each node adds to each degree."""
        return float(cls.size(config)) * (config.sky.l_max + 1) * len(config.transport.seen_paths)

    @classmethod
    def needed(cls, config: Config) -> int:
        """Fewest nodes that resolve the band up to the longest mean free path."""
        low, high = require_band(config)
        longest = longest_path(config)
        return nodes_needed(low * longest, high * longest)

    @classmethod
    def check(cls, config: Config) -> list[str]:
        """Warnings; InputError where nodes cannot resolve the band, or their waves do not fit in memory."""
        high, longest, needed, nodes = require_band(config)[1], longest_path(config), cls.needed(config), cls.size(config)
        if needed > MOST:
            raise InputError(
                f"turbulence.band up to {high:g} takes {needed} nodes along the field line, more than the {MOST} that "
                "sampling.nodes may be; write a lower end: waves far above sky.l_max do not contribute"
            )
        if nodes < needed:
            raise InputError(
                f"sampling.nodes = {nodes} cannot resolve turbulence.band up to {high:g} along the field line"
                f"{f' of the longest mean free path, {longest:g} times the first' if longest > 1 else ''}; "
                f"it needs {needed}, or leave it out"
            )
        waves, present = 4 * 8 * nodes * (high / 4 + config.sky.l_max), memory_present()
        if waves > present / 2:
            raise InputError(
                f"turbulence.band up to {high:g} with {nodes} nodes takes {waves / 2**30:.1f} GiB a rank for waves at the nodes "
                f"of the pitch angle, more than half of this machine's {present / 2**30:.1f} GiB; "
                f"an end of {high * (present / 2 / waves) ** 0.5:.0f} fits"
            )
        return band_warnings(config)

    def __init__(self, turbulence: Turbulence, mean_free_path: float, nodes: int, seed: int):
        self.k_max = turbulence.ends[1]
        self.seed = key(seed)
        x_min, x_max = (k * mean_free_path for k in turbulence.ends)
        if needs_breaks(turbulence.line, turbulence.ends):
            x, weight = broken_nodes(nodes, turbulence.line, mean_free_path, x_max)
        else:
            x, weight = line_nodes(nodes, x_min, x_max)
        self.wave_numbers = x / mean_free_path
        self.scales = np.sqrt(2 * turbulence.field_aligned_spectrum(self.wave_numbers) * weight / mean_free_path)

    nodes_needed = staticmethod(nodes_needed)

    def response(
        self, even: np.ndarray, odd: np.ndarray, displacement: np.ndarray, density=None
    ) -> tuple[np.ndarray, np.ndarray]:
        """What unit normals give in linear functionals of the increments.

        Parameters
        ----------
        even, odd : (p, m), (q, m)
            Functionals of the even and of the odd part of u(s) - u(0) at `displacement`.
        displacement : (m,)
            s >= 0 [1/wave number].
        density : (function, (p, m), (q, m)), optional
            R of kappa; functionals of the odd and of the even part of the isotropic part's increments, R (b cos - a sin) for
            u = a cos + b sin.

        Returns
        -------
        cosine, sine : (n, p), (n, q)
        """
        phase = np.outer(self.wave_numbers, displacement)
        half = np.sin(phase / 2)
        cosine = self.scales[:, None] * ((-2 * half * half) @ even.T)
        sine = self.scales[:, None] * (np.sin(phase) @ odd.T)
        if density is not None:
            ratio, of_odd, of_even = density
            share = (self.scales * ratio(self.wave_numbers))[:, None]
            cosine -= share * (np.sin(phase) @ of_odd.T)
            sine += share * ((-2 * half * half) @ of_even.T)
        return np.ascontiguousarray(cosine), np.ascontiguousarray(sine)

    def project(self, first: int, count: int, response: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """The functionals behind `response` for consecutive realisations: (count, p) and (count, q)."""
        rows = TILE * math.ceil(count / TILE)
        even, odd = (blank((rows, part.shape[1])) for part in response)
        line_multipoles(first, int(Purpose.LINE_AMPLITUDES), self.seed, *response, even, odd)
        return even[:count], odd[:count]

    def velocity(self, realisation: int, s: np.ndarray) -> np.ndarray:
        """u_par(s) [velocity] of one realisation at s (n,) along the field, of either sign [1/wave number]."""
        cosine, sine = blank((2, 1, self.scales.size))
        draw_line_amplitudes(realisation, int(Purpose.LINE_AMPLITUDES), self.seed, self.scales, cosine, sine)
        return sum_of_waves(self.wave_numbers[None], cosine, sine, np.asarray(s, dtype=float)[:, None])[:, 0]

    def waves(self, first: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """kappa and the amplitudes of cos(kappa s) and sin(kappa s) of consecutive realisations, (count, n) each."""
        cosine, sine = blank((2, count, self.scales.size))
        draw_line_amplitudes(first, int(Purpose.LINE_AMPLITUDES), self.seed, self.scales, cosine, sine)
        return np.broadcast_to(self.wave_numbers, cosine.shape).copy(), cosine, sine

    def increments(self, first: int, count: int, displacement: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Even and odd part in s of u_par(s) - u_par(0), each (count, m), at `displacement` (m,) >= 0."""
        wave_numbers, cosine, sine = self.waves(first, count)
        even, odd = blank((2, count, displacement.size))
        increments_along_line(wave_numbers, cosine, sine, displacement, even, odd)
        return even, odd
