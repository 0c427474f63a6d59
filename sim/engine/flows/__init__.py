"""Random Gaussian flows with the spectrum of Eq. 6: what a realisation is, and its velocity along the field line."""

from functools import partial

from fluxtube.sim.config import Config
from fluxtube.sim.engine.flows.fbm import FbmFlow, steps_needed
from fluxtube.sim.engine.flows.line import LineFlow
from fluxtube.sim.engine.flows.modes import ModesFlow
from fluxtube.sim.engine.flows.nodes import nodes_needed

FEWEST = 512  # nodes, waves or steps where none are asked for

FLOWS = {"line": LineFlow, "modes": ModesFlow, "fbm": FbmFlow}

__all__ = ["FLOWS", "FbmFlow", "LineFlow", "ModesFlow", "flow_maker", "flow_size"]


def flow_maker(name: str, reach: float):
    """What makes a flow of (turbulence, mean free path, modes, seed); the one on a grid must know how far paths reach."""
    return partial(FbmFlow, reach=reach) if name == "fbm" else FLOWS[name]


def flow_size(config: Config) -> int:
    """Nodes, waves or grid steps of a configuration's flow: as given, else as many as it needs."""
    given = config.sampling.flow_choice.size
    return max(FEWEST, size_needed(config)) if given is None else given


def size_needed(config: Config) -> int:
    """Fewest nodes that resolve the band up to the longest mean free path, or grid steps that resolve the degrees."""
    transport, band = config.transport, config.turbulence.band
    if config.sampling.flow == "line" and band is not None:
        longest = max([1.0, *(path / transport.mean_free_path for path in transport.other_mean_free_paths)])
        return nodes_needed(band[0] * longest, band[1] * longest)
    if config.sampling.flow == "fbm" and config.turbulence.gamma is not None:
        return steps_needed(config.sky.l_max, config.turbulence.gamma)
    return 1
