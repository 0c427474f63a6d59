"""Turbulence, free paths and their dependence on the pitch angle given as Python objects, under names of their own."""

from itertools import count
from typing import Any, ClassVar

import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.config import Config
from fluxtube.sim.config.free_paths import FREE_PATHS, FreePathChoice, FreePathDensity
from fluxtube.sim.config.pitch_angles import PITCH_ANGLES, PitchAngleChoice
from fluxtube.sim.config.spectra import SPECTRA, Scales, Spectrum
from fluxtube.theory import Turbulence
from fluxtube.theory.pitch_angle import Given, PitchAngle

_NUMBERS = count(1)
PREFIX = "given-in-python-"


def is_given(config: Config) -> bool:
    """Whether a configuration stands for objects of this very process."""
    transport = config.transport
    names = (config.turbulence.spectrum, transport.free_path, transport.pitch_angle_dependence)
    return any(name.startswith(PREFIX) for name in names)


def enter_turbulence(turbulence: Turbulence, mean_free_path: float) -> dict[str, Any]:
    """Keys of [turbulence] that stand for an object, lengths in pc and velocities in km/s.

    Raises
    ------
    InputError
        It is no Turbulence.
    """
    if not isinstance(turbulence, Turbulence):
        raise InputError(f"turbulence must be a fluxtube.Turbulence, not {type(turbulence).__name__}")
    spectrum: Any = turbulence.spectrum if turbulence.is_isotropic else None
    if turbulence.band is not None and spectrum is not None:
        k = np.geomspace(*turbulence.band, 65)
        w: Any = np.asarray(spectrum(k), dtype=float)
        if w.shape != k.shape:
            raise InputError(f"the spectrum must return an array of the shape of k, it returned shape {w.shape} for {k.shape}")
        if not (np.isfinite(w).all() and (w >= 0).all() and w.any()):
            raise InputError(f"the spectrum is below zero, not finite, or zero all over between k = {k[0]:g} and {k[-1]:g}")
    name = f"{PREFIX}{next(_NUMBERS)}"

    @SPECTRA.register(name, listed=False)
    class Given(Spectrum):
        """A turbulence object, as it is."""

        absolute: ClassVar[bool] = True

        def build(self, scales: Scales) -> Turbulence:
            """The object."""
            return turbulence

    keys: dict[str, Any] = {"spectrum": name}
    if turbulence.band is not None:
        keys["band"] = [k * mean_free_path for k in turbulence.band]
    return keys


def enter_free_path(free_path: Any) -> dict[str, Any]:
    """Keys of [transport] that stand for a law: an object with responses (`theory.free_path`), or its density p(t).

    Raises
    ------
    InputError
        It is neither.
    """
    name = f"{PREFIX}{next(_NUMBERS)}"
    if hasattr(free_path, "response"):

        @FREE_PATHS.register(name, listed=False)
        class GivenLaw(FreePathChoice):
            """A law, as it is."""

            def build(self) -> Any:
                """The law."""
                return free_path

    elif callable(free_path):

        @FREE_PATHS.register(name, listed=False)
        class GivenDensity(FreePathDensity):
            """A law by its density."""

            support: ClassVar[tuple[float, float]] = getattr(free_path, "support", FreePathDensity.support)
            breaks: ClassVar[tuple[float, ...]] = tuple(getattr(free_path, "breaks", ()))

            def density(self, t):
                """p(t)."""
                return free_path(t)

    else:
        raise InputError(f"free_path must be a law or a density p(t), not {type(free_path).__name__}")
    return {"free_path": name}


def enter_pitch_angle(pitch_angle: Any) -> dict[str, Any]:
    """Keys of [transport] that stand for a dependence: an object of `theory.pitch_angle`, or h by a function of mu.

    Raises
    ------
    InputError
        It is neither, or h is not even.
    """
    name = f"{PREFIX}{next(_NUMBERS)}"
    if not isinstance(pitch_angle, PitchAngle):
        if not callable(pitch_angle):
            kind = type(pitch_angle).__name__
            raise InputError(f"pitch_angle must be of fluxtube.theory.pitch_angle or a function h(mu), not {kind}")
        pitch_angle = Given(pitch_angle, tuple(getattr(pitch_angle, "breaks", ())))

    @PITCH_ANGLES.register(name, listed=False)
    class GivenDependence(PitchAngleChoice):
        """A dependence, as it is."""

        def build(self) -> PitchAngle:
            """The dependence."""
            return pitch_angle

    return {"pitch_angle_dependence": name}
