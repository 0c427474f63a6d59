"""What a run, or one part of it, has to do."""

from fluxtube.sim.config import Config
from fluxtube.sim.run.spans import Spans
from fluxtube.sim.run.stopping import goals

WHOLE = (1, 1)


class Share:
    """The i-th of n contiguous shares of a run's blocks and checks.

    Attributes
    ----------
    blocks : Spans
        Full blocks.
    checks : Spans
        Realisations to measure by both estimators.
    tail : bool
        Whether the last block, which is not full, belongs to it.
    goals : list of int
        Numbers of full blocks after which the run may stop.
    realisations : int
        All of its realisations.
    """

    def __init__(self, config: Config, block_size: int, part: tuple[int, int] = WHOLE):
        i, n = part
        total = config.ensemble.realisations
        full, checked = total // block_size, min(config.check.realisations, total)
        self.blocks = Spans([(full * (i - 1) // n, full * i // n)])
        self.checks = Spans([(checked * (i - 1) // n, checked * i // n)])
        self.tail = i == n and total % block_size > 0
        self.goals = goals(config, block_size)
        self.realisations = len(self.blocks) * block_size + self.tail * (total % block_size)
