"""One numbered realisation: its flow, its multipoles, its sky, its particles."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.config.transports import weights_of
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.estimators import SeveralWeights
from fluxtube.sim.engine.feasible import check_runnable
from fluxtube.sim.engine.kernels.single import fill_free_paths
from fluxtube.sim.engine.kernels.strata import draw_directions
from fluxtube.sim.engine.single_blas import single_blas
from fluxtube.sim.engine.sky import pixel_directions, rotation_to_sky
from fluxtube.sim.engine.streams import Purpose, key
from fluxtube.sim.engine.transport import Waves
from fluxtube.sim.run.threads import kernels_here
from fluxtube.source import Source, configuration
from fluxtube.theory import Turbulence
from fluxtube.theory.checks import plain


@dataclass(frozen=True)
class Particles:
    """Particles of one realisation, isotropic in direction.

    Attributes
    ----------
    pitch_angle_cosine, azimuth : (n,)
        mu = n.B/B of the arrival direction n, and its azimuth about B [rad].
    free_path : (n,)
        Length of the path since the last scattering [pc].
    displacement : (n, 3)
        Where the particle was last scattered, from the observer, third axis along B [pc].
    anisotropy : (n,)
        Delta f/f, of convection and of the diffuse dipole.
    """

    pitch_angle_cosine: np.ndarray
    azimuth: np.ndarray
    free_path: np.ndarray
    displacement: np.ndarray
    anisotropy: np.ndarray


class Realisation:
    """Realisation `number` of a configuration: the same flow, to the bit, as in a run of it.

    Parameters
    ----------
    config : path, dict or Config
        As `configuration` takes it.
    number : int
        Counted from 0.
    overrides : dict, optional
        Keys to replace.
    turbulence, free_path, pitch_angle : optional
        Objects of your own, as `configuration` takes them.

    Raises
    ------
    InputError
        The configuration is not possible, or the number is negative.
    """

    @single_blas()
    def __init__(
        self, config: Source, number: int = 0, overrides: Mapping | None = None, *,
        turbulence: Turbulence | None = None, free_path: Any = None, pitch_angle: Any = None,
    ):  # fmt: skip
        objects = {"turbulence": turbulence, "free_path": free_path, "pitch_angle": pitch_angle}
        self.config = configuration(config, overrides, **objects)
        self.number = _whole(number, "realisation", 0, 2**62)
        check_runnable(self.config)
        self.engine = build_engine(self.config)

    @kernels_here()
    def velocity(self, positions: np.ndarray) -> np.ndarray:
        """Velocity of the flow [km/s].

        Parameters
        ----------
        positions : (n,) or (n, 3)
            Along the field: s [pc], the observer at 0, and u_par(s), (n,), comes back. In space, for flows with
            vectors: positions [pc], third axis along B, and u, (n, 3), comes back.

        Raises
        ------
        InputError
            For positions in space of a flow that is along the field alone.
        """
        flow: Any = self.engine.flow  # those built in have a velocity at any point
        positions = _real(positions, "positions", "pc")
        in_space = hasattr(flow, "draw")
        if positions.ndim <= 1:
            s = np.atleast_1d(positions)
            if in_space:
                return flow.velocity(self.number, np.column_stack([0 * s, 0 * s, s]))[:, 2].reshape(positions.shape)
            return flow.velocity(self.number, s).reshape(positions.shape)
        if positions.ndim != 2 or positions.shape[1] != 3:
            raise InputError(f"positions have the shape {positions.shape}; give s (n,) along the field, or (n, 3)")
        if not in_space:
            raise InputError(
                f"the flow {self.config.sampling.flow!r} is along the field alone: give s (n,); "
                "sampling.flow = 'modes' has vectors"
            )
        return flow.velocity(self.number, positions)

    @kernels_here()
    def multipoles(self) -> np.ndarray:
        """a_lm of Delta f/f towards arrival directions in the magnetic frame, (n_m, L), as the run stores them."""
        return self.engine.unit_anisotropy * self.engine.estimator.measure(self.number, 1).multipoles[0]

    @kernels_here()
    def multipoles_of_weights(self, weights: np.ndarray) -> np.ndarray:
        """a_lm of the same flow with other weights across the field, (n, n_m, L), orders m = 0, 1, -1, 2, ...

        Every convection of one displacement costs no more than two of them.

        Parameters
        ----------
        weights : (n, 2)
            displacement_perpendicular (eps) and convection_perpendicular (eta), each within [0, 1].

        Raises
        ------
        InputError
            The flow is along the field alone, or a weight is not within [0, 1].
        """
        weights = np.asarray(weights, dtype=float)
        if weights.ndim != 2 or weights.shape[1] != 2 or not len(weights) or not ((weights >= 0) & (weights <= 1)).all():
            raise InputError("weights are pairs (eps, eta), (n, 2), each of them within [0, 1]")
        if hasattr(self.engine.quadrature.free_path, "dependence"):
            raise InputError("free paths that depend on the pitch angle are known along the field alone, with no weights across")
        if not hasattr(self.engine.flow, "draw"):
            raise InputError(
                f"the flow {self.config.sampling.flow!r} is along the field alone and knows no weights across it; "
                "sampling.flow = 'modes' has vectors"
            )
        transport, unit, own = self.config.transport, self.config.unit_speed, self.engine.quadrature

        def see(flow, displacement, convection):
            return Waves(flow, transport.mean_free_path, displacement, convection, unit)

        seen = SeveralWeights(self.engine.flow, see, self.config.sky.l_max, own.free_path, weights, own.dipole)
        return self.engine.unit_anisotropy * seen.measure(self.number, 1)[0]

    @kernels_here()
    def sky(self, where: int | np.ndarray = 64, which: int = 0) -> np.ndarray:
        """Delta f/f, without shot noise, in the frame that the configuration names.

        Parameters
        ----------
        where : int or (n, 3)
            nside of a HEALPix map, RING order; or arrival directions, of any length above 0.
        which : int
            Which of the energies (or mean free paths), in the order of `transport.seen_paths`: the run's own first.

        Raises
        ------
        InputError
            nside is not a power of two, a direction has no length, or there are not so many energies.
        """
        if not 0 <= which < len(self.engine.skies):
            raise InputError(f"sky number {which}: the configuration has {len(self.engine.skies)} energies or mean free paths")
        sky = self.config.sky
        rotation = rotation_to_sky(sky.frame, sky.field_direction)
        if np.ndim(where) == 0:
            nside = _whole(where, "nside", 1, 8192)
            if nside & (nside - 1):
                raise InputError(f"nside = {where!r} is not a power of two")
            directions = pixel_directions(nside, rotation)
        else:
            directions = _real(getattr(where, "value", where), "directions")  # their length and its unit do not count
            if directions.ndim != 2 or directions.shape[1] != 3:
                raise InputError(f"directions have the shape {directions.shape}; give (n, 3)")
            length = np.linalg.norm(directions, axis=1, keepdims=True)
            if not (np.isfinite(length).all() and (length > 0).all()):
                raise InputError("a direction has no length, or is not finite")
            directions = directions / length @ rotation
        return self.engine.unit_anisotropy * self.engine.skies[which].sky(self.number, directions)

    @kernels_here()
    def particles(self, count: int) -> Particles:
        """The first particles that a run by particles would sample here, freely drawn (not stratified)."""
        count = _whole(count, "number of particles", 1, 10**8)
        transport, seed = self.config.transport, key(self.config.ensemble.seed)
        if transport.density_response != "none":
            raise InputError("single particles are known without density response only; sky() and multipoles() have it")
        mu, turns, path = np.empty((3, count))
        draw_directions(0, 0, self.number, int(Purpose.PARTICLES), seed, 1, 1, mu, turns)
        law = self.engine.quadrature.free_path
        reach = getattr(law, "path_reach", law.reach)
        fill_free_paths(0, self.number, int(Purpose.FREE_PATHS), seed, law.shape, reach, law.cumulative, path)
        if hasattr(law, "dependence"):
            path *= law.dependence.h(mu)
        rho, azimuth = np.sqrt((1 - mu) * (1 + mu)), 2 * np.pi * turns
        arrival = np.column_stack([rho * np.cos(azimuth), rho * np.sin(azimuth), mu])
        eps, eta = weights_of(transport.model_choice)
        length = transport.mean_free_path * path
        displacement = length[:, None] * arrival * [eps, eps, 1.0]
        if transport.model == "parallel":
            here = np.zeros(1)
            seen = mu * (self.velocity(displacement[:, 2]) - self.velocity(here)[0])
        else:
            change = self.velocity(displacement) - self.velocity(np.zeros((1, 3)))
            seen = np.einsum("ni,ni->n", arrival * [eta, eta, 1.0], change)
        anisotropy = self.config.anisotropy_per_velocity * seen + length * mu * transport.density_gradient
        return Particles(mu, azimuth, length, displacement, anisotropy)

    def __repr__(self) -> str:
        return f"<fluxtube.Realisation {self.number} of seed {self.config.ensemble.seed}>"


def _whole(value: Any, name: str, least: int, most: int) -> int:
    """A whole number within limits."""
    kind = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not kind or not least <= value <= most or int(value) != value:
        below = f"above {least - 1}" if least else "from 0 on"
        raise InputError(f"{name} {value!r} is not a whole number {below}, at most {most}")
    return int(value)


def _real(values: Any, name: str, unit: str | None = None) -> np.ndarray:
    """An array of finite numbers, of a quantity those in the unit."""
    try:
        array = plain(name, values, unit)
        real = array.dtype.kind in "fiu" and bool(np.isfinite(array).all())
    except (ValueError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        real = False
    if not real:
        raise InputError(f"{name} must be finite numbers")
    return array.astype(float)
