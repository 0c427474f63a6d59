"""Which part of the momentum displaces a particle, and which part of the flow convects it.

A particle that arrives from the direction n was displaced by lambda t (eps n_perp + n_par) and convected by eta u_perp + u_par:

    Delta f/f = (dln f/dln p)/v n.[eta Delta u_perp + Delta u_par],    Delta u = u(r + displacement) - u(r)

eps = eta = 0 is Eq. 1 of Zhang & Liu (2025), eps = eta = 1 the isotropic diffusion of Zhang & Liu (2024).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.config import transports as keys
from fluxtube.sim.engine.contracts import Particles, Quadrature, Transport
from fluxtube.sim.engine.estimators import (
    ParticleEstimator,
    QuadratureEstimator,
    RingMultipoles,
    SphereMultipoles,
    SphereParticles,
)
from fluxtube.sim.engine.harmonics import real_orders


class Waves:
    """A flow of plane waves as particles see it: displacement and convection across the field weighed into the waves.

    k.(eps n_perp + n_par) = (eps k_perp + k_par).n and n.(eta A_perp + A_par) = (eta n_perp + n_par).A: a wave stays a wave.

    Parameters
    ----------
    flow : ModesFlow
    mean_free_path : float
        lambda [1/wave number].
    displacement, convection : float
        eps, eta.
    unit : float
        Velocity in which amplitudes are measured.
    """

    def __init__(self, flow, mean_free_path: float, displacement: float, convection: float, unit: float):
        self.flow, self.modes, self.mean_free_path = flow, flow.modes, mean_free_path
        self.phase = flow.k_max * mean_free_path * max(1.0, displacement)
        self.weigh_wave_vectors = mean_free_path * np.array([displacement, displacement, 1.0])[:, None]
        self.weigh_amplitudes = np.array([convection, convection, 1.0])[:, None] / unit

    def draw(self, first: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """k lambda and amplitudes of consecutive realisations, (count, 3, modes) each."""
        wave_vectors, cosine, sine = self.flow.draw(first, count)
        return wave_vectors * self.weigh_wave_vectors, cosine * self.weigh_amplitudes, sine * self.weigh_amplitudes


class AlongField:
    """Displacement and convection along the field alone: skies symmetric about it, m = 0."""

    across = False

    def orders(self, l_max: int) -> np.ndarray:
        """Orders m that the sky has."""
        return np.array([0])

    def estimators(self, flow, mean_free_path, l_max, unit, free_path, dipole, **particles) -> tuple[Quadrature, Particles]:
        """Quadrature and particles for a flow along the field."""
        return (
            QuadratureEstimator(flow, mean_free_path, l_max, unit, free_path, dipole),
            ParticleEstimator(flow, mean_free_path, l_max, unit=unit, free_path=free_path, dipole=dipole, **particles),
        )


    def waves(self, flow, mean_free_path, unit) -> None:
        """None: the velocity along the line is enough."""
        return


class AcrossField:
    """Displacement and convection across the field too, with weights eps and eta: a vector flow and all orders m.

    Parameters
    ----------
    displacement, convection : float
        eps, eta in [0, 1].
    """

    across = True

    def __init__(self, displacement: float = 1.0, convection: float = 1.0):
        self.displacement, self.convection = displacement, convection

    def orders(self, l_max: int) -> np.ndarray:
        """Orders m that the sky has."""
        return real_orders(l_max)

    def waves(self, flow, mean_free_path, unit) -> Waves:
        """The flow as particles see it."""
        return Waves(flow, mean_free_path, self.displacement, self.convection, unit)

    def estimators(self, flow, mean_free_path, l_max, unit, free_path, dipole, **particles) -> tuple[Quadrature, Particles]:
        """Quadrature and particles for a vector flow."""
        waves = self.waves(flow, mean_free_path, unit)
        multipoles = RingMultipoles if hasattr(flow, "azimuths") else SphereMultipoles  # waves on fixed rings
        return (
            multipoles(waves, l_max, free_path, dipole),
            SphereParticles(waves, l_max, free_path=free_path, dipole=dipole, **particles),
        )


# mypy checks here that the built-in classes keep the contract.
TRANSPORTS: dict[str, Callable[[Any], Transport]] = {
    "parallel": lambda choice: AlongField(),
    "isotropic": lambda choice: AcrossField(),
    "cross-field": lambda choice: AcrossField(*choice.weights()),
}


def register_transport(name: str, choice: type[keys.TransportChoice]) -> Callable:
    """Decorator that enters a transport under a name of `transport.model`: what makes it of its keys.

    Parameters
    ----------
    name : str
    choice : class derived from TransportChoice
        Its keys in the section [transport], and its theory.

    Raises
    ------
    InputError
        The name is taken, or the class is none.
    """

    def enter(maker: Callable[[Any], Transport]) -> Callable[[Any], Transport]:
        keys.TRANSPORTS.register(name)(choice)
        TRANSPORTS[name] = maker
        return maker

    return enter


def transport(section) -> Transport:
    """The transport of a configuration's section."""
    made = TRANSPORTS[section.model](section.model_choice)
    missing = [part for part in ("across", "orders", "estimators", "waves") if not hasattr(made, part)]
    if missing:
        raise InputError(f"transport.model = {section.model!r} makes {type(made).__name__}, which has no {', '.join(missing)}")
    return made
