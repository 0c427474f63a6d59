"""Random Gaussian flows with the spectrum of Eq. 6: what a realisation is, and its velocity along the field line."""

from functools import partial

from fluxtube.sim.engine.flows.fbm import FbmFlow
from fluxtube.sim.engine.flows.line import LineFlow
from fluxtube.sim.engine.flows.modes import ModesFlow

FLOWS = {"line": LineFlow, "modes": ModesFlow, "fbm": FbmFlow}

__all__ = ["FLOWS", "FbmFlow", "LineFlow", "ModesFlow", "flow_maker"]


def flow_maker(name: str, reach: float):
    """What makes a flow of (turbulence, mean free path, modes, seed); the one on a grid must know how far paths reach."""
    return partial(FbmFlow, reach=reach) if name == "fbm" else FLOWS[name]
