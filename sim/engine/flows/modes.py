"""The vector flow in three dimensions: a sum of random plane waves."""

import math
from collections.abc import Callable
from typing import ClassVar, Self

import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.config import Config
from fluxtube.sim.config.flows import USUAL_SIZE
from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.flows.requirements import band_warnings, require_band
from fluxtube.sim.engine.flows.waves import sum_of_waves
from fluxtube.sim.engine.kernels.modes import draw_amplitudes, draw_axial_wave_vectors, draw_wave_vectors, increments_along_line
from fluxtube.sim.engine.streams import Purpose, key
from fluxtube.theory import Turbulence
from fluxtube.theory.anisotropic import AxialTurbulence

DIRECTIONS_PER_SHELL = 4
CELLS_PER_PANEL = 8  # of |nu|, between cosines where theory ends its panels
UNIFORM = 0.1  # part of the directions that is drawn without regard to power: no weight is ever large


class ModesFlow:
    """u(x) = sum_n A_n cos(k_n.x) + B_n sin(k_n.x) with A, B Gaussian, their covariance that of Eq. 6 of Zhang & Liu (2025).

    |k| is drawn log-uniformly in each of many shells of equal width in ln k, a few isotropic directions each. Over
    realisations the covariance is exactly that of the spectrum over the band. Where power depends on nu = k.B/(k B), nu is drawn
    about as the power at the shell's middle and each wave has the exact ratio for weight. A single realisation is Gaussian given
    its wave vectors; over realisations the flow has an excess kurtosis that falls as one over the number of modes.

    Parameters
    ----------
    turbulence : Turbulence
        With a finite band.
    mean_free_path : float
        lambda [1/wave number].
    modes : int
        Number of plane waves.
    seed : int
        Seed of the run.
    """

    block_size: ClassVar[int] = 64
    exactly_gaussian: ClassVar[bool] = False
    vector: ClassVar[bool] = True

    @classmethod
    def of(cls, config: Config, longest: float, reach: float) -> Self:
        """The flow of a configuration."""
        waves = config.sampling.flow_choice.size or USUAL_SIZE
        return cls(config.build_turbulence(), longest, waves, config.ensemble.seed)

    @classmethod
    def multiply_adds(cls, config: Config, across: bool) -> float:
        """Work of a realisation: each wave adds to each degree, across the field to each (l, m >= 0) by some twelve."""
        waves, degrees = config.sampling.flow_choice.size or USUAL_SIZE, config.sky.l_max + 1
        return float(waves) * len(config.transport.seen_paths) * (6 * degrees**2 if across else 4 * degrees)

    @classmethod
    def check(cls, config: Config) -> list[str]:
        """Warnings; InputError where the spectrum is known along the field alone."""
        if not config.build_turbulence().knows_vectors:
            raise InputError(
                f"turbulence.spectrum = {config.turbulence.spectrum!r} is known along the field alone, and sampling.flow = "
                f"{config.sampling.flow!r} draws vectors in three dimensions; use sampling.flow = \"line\""
            )
        require_band(config)
        return band_warnings(config)

    def __init__(self, turbulence: Turbulence, mean_free_path: float, modes: int, seed: int):
        self.turbulence = turbulence
        self.seed = key(seed)
        self.k_max = turbulence.ends[1]
        shells = max(1, modes // DIRECTIONS_PER_SHELL)
        self.directions = DIRECTIONS_PER_SHELL if modes >= DIRECTIONS_PER_SHELL else modes
        self.modes = shells * self.directions
        self.k_edges = np.geomspace(turbulence.ends[0], turbulence.ends[1], shells + 1)
        if isinstance(turbulence, AxialTurbulence):
            self.nu_edges, self.chances = self._chances(turbulence.axial)

    def _chances(self, axial: Callable) -> tuple[np.ndarray, np.ndarray]:
        """Edges of cells of |nu|, and for each shell the chance to lie below each edge."""
        panels = np.array(sorted({0.0, 0.5, *self.turbulence.cosines, 1.0}))
        edges = np.append(np.linspace(panels[:-1], panels[1:], CELLS_PER_PANEL, endpoint=False).T.ravel(), 1.0)
        middle = np.sqrt(self.k_edges[1:] * self.k_edges[:-1])[:, None]
        power = axial(middle, 0.5 * (edges[1:] + edges[:-1])) * np.diff(edges)
        part = (1.0 - UNIFORM) * power / power.sum(axis=1, keepdims=True) + UNIFORM * np.diff(edges)
        chances = np.concatenate([np.zeros((len(part), 1)), np.cumsum(part, axis=1)], axis=1)
        return edges, chances / chances[:, -1:]

    def draw(self, first: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Wave vectors and amplitudes of consecutive realisations.

        Returns
        -------
        wave_vectors, cosine, sine : (count, 3, modes)
            k [wave number], A and B [velocity]; third component along the field.
        """
        wave_vectors, cosine, sine = blank((3, count, 3, self.modes))
        k = blank((count, self.modes))
        width, waves = math.log(self.k_edges[1] / self.k_edges[0]), int(Purpose.WAVE_VECTORS)
        if isinstance(self.turbulence, AxialTurbulence):
            nu, density = blank((2, count, self.modes))
            table = (self.nu_edges, self.chances)
            draw_axial_wave_vectors(first, waves, self.seed, self.k_edges, self.directions, *table, wave_vectors, k, nu, density)
            powers = self.turbulence.powers(np.clip(k, *self.turbulence.ends), nu)
            alfvenic, pseudo, compressive = np.sqrt(powers * (k * width / self.directions / density))
            sizes = (pseudo, alfvenic, compressive)
            draw_amplitudes(first, int(Purpose.MODE_AMPLITUDES), self.seed, wave_vectors, *sizes, cosine, sine)
            return wave_vectors, cosine, sine
        draw_wave_vectors(first, waves, self.seed, self.k_edges, self.directions, wave_vectors, k)
        power = self.turbulence.energy_spectrum(k) * k * width / self.directions
        beta = self.turbulence.beta(k)
        transverse, longitudinal = np.sqrt(power * beta / 2), np.sqrt(power * (1 - beta))
        sizes = (transverse, transverse, longitudinal)
        draw_amplitudes(first, int(Purpose.MODE_AMPLITUDES), self.seed, wave_vectors, *sizes, cosine, sine)
        return wave_vectors, cosine, sine

    def velocity(self, realisation: int, positions: np.ndarray) -> np.ndarray:
        """u [velocity] of one realisation at positions (n, 3) [1/wave number], third axis along the field: (n, 3)."""
        wave_vectors, cosine, sine = (part[0] for part in self.draw(realisation, 1))
        return sum_of_waves(wave_vectors, cosine, sine, positions)

    def waves(self, first: int, count: int) -> tuple[np.ndarray, ...]:
        """kappa, of either sign, and the amplitudes of cos(kappa s) and sin(kappa s) along the field, (count, n) each."""
        return tuple(np.ascontiguousarray(part[:, 2]) for part in self.draw(first, count))

    def increments(self, first: int, count: int, displacement: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Even and odd part in s of u_par(s) - u_par(0), each (count, m), at `displacement` (m,) >= 0."""
        parallel = self.waves(first, count)
        even, odd = blank((2, count, displacement.size))
        increments_along_line(*parallel, displacement, even, odd)
        return even, odd
