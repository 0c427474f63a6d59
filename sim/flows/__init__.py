"""Random Gaussian flows with the spectrum of Eq. 6: what a realisation is, and its velocity along the field line."""

from fluxtube.sim.flows.line import LineFlow
from fluxtube.sim.flows.modes import ModesFlow

FLOWS = {"line": LineFlow, "modes": ModesFlow}

__all__ = ["FLOWS", "LineFlow", "ModesFlow"]
