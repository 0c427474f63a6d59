"""What a run, or one part of it, has to do."""

from fluxtube.sim.config import Config
from fluxtube.sim.run.spans import Spans
from fluxtube.sim.run.stopping import stopping_points

WHOLE = (1, 1)
GROWTH = 16  # a part's next run of blocks is a 16th of what it has: parts differ by no more than that


def part_of(part: tuple[int, int], count: int) -> Spans:
    """Those of the numbers 0 .. count - 1 that the i-th of n parts has.

    The numbers are dealt out in rounds, so many in a row to each part. Rounds begin at the same numbers however many there
    are: with more realisations every part keeps what it has, and parts that were extended still fit together.
    """
    i, n = part
    spans, first, each = [], 0, 0
    while first < count:
        size = max(1, each // GROWTH)
        spans.append((first + (i - 1) * size, min(first + i * size, count)))
        first, each = first + n * size, each + size
    return Spans(spans)


class Assignment:
    """The i-th of n parts of a run: its blocks and checks.

    Attributes
    ----------
    blocks : Spans
        Full blocks.
    checks : Spans
        Realisations to measure by both estimators.
    tail : bool
        Whether the last block, which is not full, belongs to it.
    stopping_points : list of int
        Numbers of full blocks after which the run may stop.
    realisations : int
        All of its realisations.
    """

    def __init__(self, config: Config, block_size: int, part: tuple[int, int] = WHOLE):
        total = config.ensemble.realisations
        full, checked = total // block_size, min(config.check.realisations, total)
        self.blocks = part_of(part, full)
        self.checks = part_of(part, checked)
        self.tail = total % block_size > 0 and bool(part_of(part, full + 1) - self.blocks)
        self.stopping_points = stopping_points(config, block_size)
        self.realisations = len(self.blocks) * block_size + self.tail * (total % block_size)
