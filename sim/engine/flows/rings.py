"""An exactly Gaussian vector flow: fixed wave vectors on rings about the field, with normal amplitudes."""

from typing import ClassVar, Self

import numpy as np

from fluxtube.errors import InputError
from fluxtube.memory_present import memory_present
from fluxtube.sim.config import Config
from fluxtube.sim.config.transports import weights_of
from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.flows.modes import ModesFlow
from fluxtube.sim.engine.flows.requirements import band_warnings, require_band
from fluxtube.sim.engine.flows.ring_nodes import cosine_nodes, wave_number_nodes
from fluxtube.sim.engine.kernels.modes import draw_amplitudes
from fluxtube.sim.engine.streams import Purpose, key
from fluxtube.theory import Turbulence

BYTES_A_WAVE = 250  # of a single realisation drawn in full


class RingsFlow(ModesFlow):
    """u(x) = sum_j A_j cos(k_j.x) + B_j sin(k_j.x) with k_j on nodes in k and nu = cos(k, B), 2 l_max + 1 azimuths each.

    Nodes are a quadrature rule, as those of `LineFlow`: the covariance of all multipoles up to l_max is this rule's value of the
    theory's integrals, and any number of realisations is Gaussian. Normal amplitudes of equal size on a ring are as well normal
    amplitudes of its azimuthal orders, and even and odd degrees come from B and from A: multipoles of each |m| and parity are
    a small Gaussian vector of their own. `RingMultipoles` draws these directly; where the flow itself is asked for (skies,
    particles, velocities), its waves are drawn given these multipoles.

    Parameters
    ----------
    turbulence : Turbulence
        Isotropic, with a finite band.
    mean_free_path : float
        lambda [1/wave number].
    reach : float
        Longest free path over the mean one.
    displacement : float
        eps of the transport.
    l_max : int
        Largest degree.
    seed : int
        Seed of the run.
    """

    block_size: ClassVar[int] = 128
    exactly_gaussian: ClassVar[bool] = True
    vector: ClassVar[bool] = True

    @classmethod
    def of(cls, config: Config, longest: float, reach: float) -> Self:
        """The flow of a configuration."""
        displacement, _ = weights_of(config.transport.model_choice)
        return cls(config.build_turbulence(), longest, reach, displacement, config.sky.l_max, config.ensemble.seed)

    @classmethod
    def check(cls, config: Config) -> list[str]:
        """Warnings; InputError where modes or line must serve instead."""
        require_band(config)
        turbulence, transport, estimator = config.build_turbulence(), config.transport, config.sampling.estimator
        instead = 'use sampling.flow = "modes"'
        if transport.model == "parallel":
            raise InputError("sampling.flow = 'rings' is for transport across the field; use sampling.flow = \"line\"")
        if not turbulence.is_isotropic or turbulence.axial is not None:
            spectrum = config.turbulence.spectrum
            raise InputError(f"sampling.flow = 'rings' has isotropic turbulence alone, not {spectrum!r}; {instead}")
        if len(transport.seen_paths) > 1:
            raise InputError(f"sampling.flow = 'rings' has one mean free path alone; {instead}")
        if estimator != "quadrature":
            raise InputError(f"sampling.flow = 'rings' and sampling.estimator = {estimator!r} do not go together; {instead}")
        full = config.output.skies or config.check.realisations
        waves = cls.of(config, transport.mean_free_path, 1.0).modes
        if full and BYTES_A_WAVE * waves > memory_present() / 2:
            raise InputError(
                f"skies and checks draw {waves} waves of sampling.flow = 'rings', {BYTES_A_WAVE * waves / 2**30:.1f} GiB; set "
                f"output.skies = 0 and check.realisations = 0, or {instead}"
            )
        return band_warnings(config)

    def __init__(self, turbulence: Turbulence, mean_free_path: float, reach: float, displacement: float, l_max: int, seed: int):
        self.turbulence, self.seed, self.k_max, self.seen = turbulence, key(seed), turbulence.ends[1], None
        low, high = (k * mean_free_path for k in turbulence.limits)
        x, weight = wave_number_nodes(low, high, tuple(k * mean_free_path for k in turbulence.breaks), reach)
        self.k = x / mean_free_path
        self.power = turbulence.energy_spectrum(self.k) * weight / mean_free_path
        self.beta = turbulence.beta(self.k)
        self.nu, self.part = cosine_nodes(displacement, l_max, high)
        self.azimuths = 2 * np.pi * np.arange(2 * l_max + 1) / (2 * l_max + 1)
        self.modes = self.k.size * self.nu.size * self.azimuths.size

    def wave_vectors(self) -> np.ndarray:
        """k of all waves, (3, modes): nodes in k, in nu, azimuths."""
        k, nu, azimuth = np.meshgrid(self.k, self.nu, self.azimuths, indexing="ij")
        across = k * np.sqrt((1 - nu) * (1 + nu))
        return np.array([across * np.cos(azimuth), across * np.sin(azimuth), k * nu]).reshape(3, -1)

    def variances(self) -> tuple[np.ndarray, np.ndarray]:
        """Of the amplitude of a wave along each of the two directions across k, and along k, (nodes in k, nodes in nu)."""
        power = self.power[:, None] * self.part / self.azimuths.size
        return power * self.beta[:, None] / 2, power * (1 - self.beta[:, None])

    def draw(self, first: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Wave vectors and amplitudes of consecutive realisations, (count, 3, modes) each.

        Amplitudes are drawn freely, and then changed by what their multipoles lack to those of the realisation, in the one way
        that leaves them normal: by their covariance with the multipoles times the multipoles' inverse covariance.
        """
        wave_vectors, cosine, sine = blank((3, count, 3, self.modes))
        wave_vectors[:] = self.wave_vectors()
        sizes = [np.broadcast_to(np.sqrt(v)[None, :, :, None], (count, *v.shape, self.azimuths.size)) for v in self.variances()]
        across, along = (np.ascontiguousarray(size.reshape(count, -1)) for size in sizes)
        purpose = int(Purpose.MODE_AMPLITUDES)
        draw_amplitudes(first, purpose, self.seed, wave_vectors, across, across, along, cosine, sine)
        if self.seen is not None:
            for r in range(count):
                self.seen.correct(first + r, wave_vectors[r], cosine[r], sine[r])
        return wave_vectors, cosine, sine
