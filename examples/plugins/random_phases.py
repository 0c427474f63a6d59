"""A flow of one's own: waves of fixed amplitude and random phase, `flow = "random-phases"`. Its covariance is that of "line"."""

import numpy as np

from fluxtube.sim.engine.flows import LineFlow, register_flow
from fluxtube.sim.engine.streams import FIRST_FREE_PURPOSE, generator


@register_flow("random-phases")
class RandomPhases:
    """u_par(s) = sum_j A_j cos(kappa_j s + phi_j), A_j^2/2 the power of node j of the line."""

    block_size, exactly_gaussian, vector = 256, False, False
    check = LineFlow.check

    def __init__(self, line: LineFlow):
        self.k_max, self.seed, self.wave_numbers, self.amplitudes = line.k_max, line.seed, line.wave_numbers, line.scales * 2**0.5

    @classmethod
    def of(cls, config, longest, reach):
        """The flow of a configuration, for mean free paths up to `longest`."""
        return cls(LineFlow.of(config, longest, reach))

    def increments(self, first, count, displacement):
        """Even and odd part in s of u(s) - u(0), (count, m) each."""
        phase = [generator(self.seed, r, FIRST_FREE_PURPOSE).uniform(0, 2 * np.pi, self.amplitudes.size)
                 for r in range(first, first + count)]  # fmt: skip
        s = np.outer(self.wave_numbers, displacement)
        return (self.amplitudes * np.cos(phase)) @ (np.cos(s) - 1), -(self.amplitudes * np.sin(phase)) @ np.sin(s)
