"""Whether two runs draw the same waves with the same normal numbers, or only the same seed."""

import numpy as np

from fluxtube.sim.config import Config
from fluxtube.sim.config.grid import Grid
from fluxtube.sim.engine.ages import path_of
from fluxtube.sim.engine.flows import FLOWS, FbmFlow, LineFlow, ModesFlow
from fluxtube.sim.engine.flows.rings import RingsFlow

SAME = 1e-9  # of a node: wave numbers in units of the mean free path are computed on different ways


def nodes_of(config: Config) -> list[np.ndarray] | None:
    """What the normal numbers of a run's flow belong to; None for flows that say it in no such way.

    Streams depend on seed, purpose, realisation and place alone. Two runs of one seed share their flows where the number at each
    place is the amplitude of the same wave: of the same k lambda (`line`), of the same shell and the same chances of a direction
    (`modes`), of the same Fourier mode of the same grid (`fbm`). Those of `rings` belong to multipoles, which
    the root of their correlations mixes.
    """
    path, longest = config.transport.mean_free_path, max(config.transport.seen_paths)
    flow = FLOWS[config.sampling.flow].of(config, longest, path_of(config.build_free_path()).reach)
    if type(flow) is LineFlow:
        return [flow.wave_numbers * path]
    if type(flow) is ModesFlow:
        axial: list[np.ndarray] = [] if flow.turbulence.axial is None else [flow.nu_edges, flow.chances]
        return [flow.k_edges * path, np.array([flow.directions]), *axial]
    if type(flow) is RingsFlow:
        return [np.array([config.sky.l_max])]
    if type(flow) is FbmFlow:
        return [np.array([flow.points, flow.steps])]
    return None


def flows_are_shared(one: Config, other: Config) -> bool | None:
    """Whether two runs see the same flows, realisation by realisation; None where that is not known."""
    if one.ensemble.seed != other.ensemble.seed or one.sampling.flow != other.sampling.flow:
        return False
    first, second = nodes_of(one), nodes_of(other)
    if first is None or second is None:
        return None
    return len(first) == len(second) and all(
        a.shape == b.shape and np.allclose(a, b, rtol=SAME, atol=0.0) for a, b in zip(first, second, strict=True)
    )


def lost_pairings(grid: Grid) -> list[str]:
    """A sentence for each parameter whose neighbouring points do not share their flows."""
    lines = []
    for along, parameter in enumerate(grid.parameters):
        pairs = [[grid.points[number].config for number in pair] for pair in grid.neighbours(along)]
        answers = [flows_are_shared(*pair) for pair in pairs]
        if False in answers:
            lines.append(
                f"{parameter.key} changes the waves that the random numbers belong to: along it pairing is weaker or lost, "
                "and the correlation in derivatives.csv says how much is left; the errors are right either way"
            )
        elif None in answers:
            lines.append(
                f"sampling.flow = {grid.points[0].config.sampling.flow!r} does not say whether points along {parameter.key} "
                "share their flows; the correlation in derivatives.csv does, and the errors are right either way"
            )
    return lines
