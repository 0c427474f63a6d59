"""A power law without end along the field line: fractional Brownian motion, drawn exactly on a grid."""

import math
from typing import ClassVar, Self

import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.config import Config
from fluxtube.sim.config.flows import MOST, USUAL_SIZE
from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.kernels.gaussian import fill_normal_pairs
from fluxtube.sim.engine.kernels.interpolation import MARGIN
from fluxtube.sim.engine.streams import Purpose, key
from fluxtube.theory import Turbulence


def steps_needed(l_max: int, gamma: float) -> int:
    """Steps a mean free path that leave C_l right to 2e-3 up to l_max, the grid seeing the line at its points only.

    The error goes as (l/steps)^gamma; its size was measured by the grid's own covariance (tests/sim/test_fbm_flow.py).
    """
    return math.ceil(l_max * max(40.0, 1200.0 ** (1 / gamma)))


class FbmFlow:
    """u_par on a grid along the field line, its increments those of fractional Brownian motion of Hurst index (gamma-1)/2.

    D(s) ~ |s|^(gamma - 1) exactly, by circulant embedding of the increments' covariance, whose eigenvalues are not
    negative for any Hurst index (Davies & Harte 1987, Biometrika, 74, 95; Wood & Chan 1994, J. Comput. Graph. Stat., 3, 409).

    Parameters
    ----------
    turbulence : Turbulence
        A power law without band, 1 < gamma < 3.
    mean_free_path : float
        lambda.
    steps : int
        Grid steps a mean free path.
    seed : int
        Seed of the run.
    reach : float, optional
        Longest free path over lambda.
    """

    block_size: ClassVar[int] = 256
    exactly_gaussian: ClassVar[bool] = True
    vector: ClassVar[bool] = False

    @classmethod
    def of(cls, config: Config, longest: float, reach: float) -> Self:
        """The flow of a configuration, its grid as long as paths reach."""
        return cls(config.build_turbulence(), longest, cls.size(config), config.ensemble.seed, reach)

    @classmethod
    def size(cls, config: Config) -> int:
        """Grid steps a mean free path: as given, else as many as it needs."""
        return config.sampling.flow_choice.size or max(USUAL_SIZE, steps_needed(config.sky.l_max, config.turbulence.gamma))

    @classmethod
    def multiply_adds(cls, config: Config, across: bool) -> float:
        """Work of a realisation: a column of the product with the root of the covariance."""
        return float(cls.size(config)) ** 2

    @classmethod
    def check(cls, config: Config) -> list[str]:
        """InputError for a spectrum with an end, other mean free paths, or a grid that cannot resolve the degrees."""
        turbulence, l_max = config.turbulence, config.sky.l_max
        if turbulence.spectrum != "power-law" or turbulence.band is not None:
            given = f"spectrum = {turbulence.spectrum!r}" if turbulence.band is None else f"band = {list(turbulence.band)}"
            raise InputError(
                f"turbulence.{given} cannot be combined with sampling.flow = 'fbm', a power law without end; leave it out, or "
                'use sampling.flow = "line"'
            )
        if len(config.transport.seen_paths) > 1:
            key = "energies" if config.transport.energies else "other_mean_free_paths"
            raise InputError(
                f"transport.{key} need a flow at any point, and sampling.flow = 'fbm' is defined on the grid of one; "
                'use sampling.flow = "line" with a wide band'
            )
        needed, steps = steps_needed(l_max, turbulence.gamma), cls.size(config)
        if steps < needed:
            raise InputError(
                f"sampling.grid_steps = {steps} a mean free path cannot resolve sky.l_max = {l_max}; "
                f"it needs {needed}, or leave it out"
            )
        if steps > MOST:
            raise InputError(
                f"sky.l_max = {l_max} needs {needed} grid steps a mean free path, more than the {MOST} that "
                "sampling.grid_steps may be; a smaller sky.l_max needs fewer"
            )
        return []

    def __init__(self, turbulence: Turbulence, mean_free_path: float, steps: int, seed: int, reach: float = 1.0):
        self.seed, self.purpose = key(seed), int(Purpose.GRID_AMPLITUDES)
        self.steps = math.ceil(steps * reach)
        self.step = mean_free_path * reach / self.steps
        self.k_max = math.pi / self.step
        self.half = half = self.steps + MARGIN + 1
        import scipy.fft  # here, so that runs of other flows start without it

        self.points = 2 * scipy.fft.next_fast_len(2 * half, real=True)
        lag = np.arange(self.points // 2 + 1)
        structure = turbulence.structure_function(self.step * np.arange(lag.size + 1))
        # <[u(s+h)-u(s)] [u(s+h+j h)-u(s+j h)]> = [D(j h + h) - 2 D(j h) + D(j h - h)]/2
        covariance = (structure[lag + 1] - 2 * structure[lag] + structure[np.abs(lag - 1)]) / 2
        eigenvalues = np.maximum(scipy.fft.irfft(covariance, self.points)[: lag.size] * self.points, 0.0)
        self.scales = np.sqrt(eigenvalues * self.points / 2)
        self.scales[[0, -1]] *= math.sqrt(2)

    def rule(self, mean_free_path: float) -> tuple[np.ndarray, np.ndarray]:
        """Grid points in (0, reach] over lambda, and trapezoidal weights: a smooth rule gains nothing on a rough line."""
        step = self.step / mean_free_path
        weight = np.full(self.steps, step)
        weight[-1] /= 2
        return step * np.arange(1, self.steps + 1), weight

    def increments(self, first: int, count: int, displacement: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Even and odd part in s of u_par(s) - u_par(0), each (count, m), at `displacement` (m,) >= 0.

        Exact on the grid, linear between its points.
        """
        position = displacement / self.step
        cell = np.minimum(position.astype(np.int64), self.half - 1)
        share = position - cell
        even, odd = blank((2, count, displacement.size))
        for r in range(count):
            ahead, behind = self._line(first + r)
            ahead = (1 - share) * ahead[cell] + share * ahead[cell + 1]
            behind = (1 - share) * behind[cell] + share * behind[cell + 1]
            even[r], odd[r] = (ahead + behind) / 2, (ahead - behind) / 2
        return even, odd

    def velocity(self, realisation: int, s: np.ndarray) -> np.ndarray:
        """u_par(s) - u_par(0) [velocity] of one realisation at s (n,): u itself is infinite without a lower end of the spectrum.

        Linear between the grid's points, NaN beyond the longest free path.
        """
        s = np.asarray(s, dtype=float)
        even, odd = self.increments(realisation, 1, np.minimum(np.abs(s), self.steps * self.step))
        return np.where(np.abs(s) <= self.steps * self.step * (1 + 1e-12), even[0] + np.sign(s) * odd[0], np.nan)

    def _line(self, realisation: int) -> tuple[np.ndarray, np.ndarray]:
        """u - u(0) at the grid points ahead and behind, (half + 1,) each."""
        real, imaginary = blank((2, self.scales.size))
        fill_normal_pairs(real, imaginary, realisation, self.purpose, self.seed)
        imaginary[[0, -1]] = 0.0
        import scipy.fft

        steps = scipy.fft.irfft(self.scales * (real + 1j * imaginary), self.points)
        line = np.zeros((2, self.half + 1))
        np.cumsum(steps[self.half : 2 * self.half], out=line[0, 1:])
        np.cumsum(-steps[self.half - 1 :: -1], out=line[1, 1:])
        return line[0], line[1]
