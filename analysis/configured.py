"""From a configuration to its theory: the one place where the two meet."""

from dataclasses import dataclass, replace

import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.config.transports import weights_of
from fluxtube.theory import Turbulence, checks
from fluxtube.theory.contracts import FreePath
from fluxtube.theory.models import Model
from fluxtube.theory.pitch_angle_law import PitchAngleLaw


@dataclass(frozen=True)
class Configured:
    """What theory needs of a configuration.

    Attributes
    ----------
    model : fluxtube.theory.models.Model
    turbulence : fluxtube.theory.Turbulence
        Lengths in pc, velocities in km/s.
    law : free-path law
    mean_free_path : float
        lambda [pc].
    spectral_slope, speed : float
        dln f/dln p, v [km/s].
    """

    model: Model
    turbulence: Turbulence
    law: FreePath
    mean_free_path: float
    spectral_slope: float
    speed: float

    @property
    def factor(self) -> float:
        """(slope/v)^2 [(s/km)^2], from velocity to Delta f/f."""
        return checks.anisotropy_factor(self.spectral_slope, self.speed)

    @property
    def steepness(self) -> float | None:
        """n of C_l ~ l^-n in the inertial range, or None."""
        return self.model.steepness(self.turbulence, self.law)

    def other(self, model: Model) -> "Configured":
        """The same with another model of transport; off the field line with the same free path in all directions."""
        law = self.law
        if isinstance(law, PitchAngleLaw) and not model.is_parallel:
            law = law.paths
        return replace(self, model=model, law=law)

    def covariance(self, l_max: int, l_min: int = 2, orders=(0,)) -> np.ndarray:
        """<a_lm a_l'm> of Delta f/f, (n_m, n, n) [1]."""
        arguments = (self.turbulence, self.mean_free_path, l_max)
        return self.factor * self.model.covariance(*arguments, l_min=l_min, law=self.law, orders=orders)

    def spectrum(self, l_max: int, l_min: int = 2) -> np.ndarray:
        """C_l of Delta f/f, (n,) [1]."""
        particles = {"spectral_slope": self.spectral_slope, "speed": self.speed}
        return self.model.spectrum(self.turbulence, self.mean_free_path, l_max, l_min=l_min, law=self.law, **particles)


def theory_of_config(config) -> Configured:
    """The theory of a configuration.

    Parameters
    ----------
    config : fluxtube.sim.config.Config
        Its turbulence and transport are read, nothing else.

    Raises
    ------
    InputError
        For a transport that no theory is known of, or a spectrum that cannot be brought to sigma.
    """
    transport = config.transport
    for key in ("model", "free_path", "pitch_angle_dependence"):
        name, known = getattr(transport, key), transport.choices[key]
        if name not in known:
            raise InputError(f"transport.{key} = {name!r} has no theory; known: {', '.join(known)}")
    return Configured(
        model=model_of(transport),
        turbulence=config.build_turbulence(),
        law=config.build_free_path(),
        mean_free_path=transport.mean_free_path,
        spectral_slope=transport.spectral_slope,
        speed=transport.speed,
    )


def model_of(transport) -> Model:
    """The model of a configuration's transport."""
    return Model(*weights_of(transport.model_choice))
