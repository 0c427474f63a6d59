"""Monte Carlo of turbulent convection anisotropies of cosmic rays, compared with the analytic theory.

What a person imports:

    simulate, load          an ensemble, from a configuration or from a file
    Ensemble, Realisation   what they give; one numbered realisation
    Config, configuration   the configuration of a run
    Turbulence, theory      the analytic theory
    register_...            spectra, free-path laws, pitch angles, transports, flows of one's own (docs/how-to-add.md)
    InputError              what is raised where something given cannot be used

Nothing heavy is imported before it is used.
"""

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from fluxtube import theory as theory
    from fluxtube.ensemble import Ensemble as Ensemble
    from fluxtube.ensemble import load as load
    from fluxtube.errors import InputError as InputError
    from fluxtube.realisation import Particles as Particles
    from fluxtube.realisation import Realisation as Realisation
    from fluxtube.sim.config import Config as Config
    from fluxtube.sim.config.free_paths import register_free_path as register_free_path
    from fluxtube.sim.config.pitch_angles import register_pitch_angle as register_pitch_angle
    from fluxtube.sim.config.spectra import register_spectrum as register_spectrum
    from fluxtube.sim.engine.flows import register_flow as register_flow
    from fluxtube.sim.engine.transport import register_transport as register_transport
    from fluxtube.simulation import simulate as simulate
    from fluxtube.source import configuration as configuration
    from fluxtube.theory import Turbulence as Turbulence

_HOME = {
    "simulate": "fluxtube.simulation",
    "load": "fluxtube.ensemble",
    "Ensemble": "fluxtube.ensemble",
    "Realisation": "fluxtube.realisation",
    "Particles": "fluxtube.realisation",
    "configuration": "fluxtube.source",
    "Config": "fluxtube.sim.config",
    "Turbulence": "fluxtube.theory",
    "InputError": "fluxtube.errors",
    "register_spectrum": "fluxtube.sim.config.spectra",
    "register_free_path": "fluxtube.sim.config.free_paths",
    "register_pitch_angle": "fluxtube.sim.config.pitch_angles",
    "register_flow": "fluxtube.sim.engine.flows",
    "register_transport": "fluxtube.sim.engine.transport",
}

__all__ = [
    "Config", "Ensemble", "InputError", "Particles", "Realisation", "Turbulence", "configuration", "load",
    "register_flow", "register_free_path", "register_pitch_angle", "register_spectrum", "register_transport", "simulate",
    "theory",
]  # fmt: skip


def __getattr__(name: str):
    if name == "theory":
        return importlib.import_module("fluxtube.theory")
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'fluxtube' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
