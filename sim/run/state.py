"""How far a run is: exact sums, single realisations, and which blocks they hold."""

import copy

import numpy as np

from fluxtube.sim.config import Config
from fluxtube.sim.engine.engine import Engine
from fluxtube.sim.run.accumulator import Accumulator
from fluxtube.sim.run.arithmetic import arithmetic
from fluxtube.sim.run.blocks import Block, block
from fluxtube.sim.run.samples import Samples
from fluxtube.sim.run.spans import Spans


def empty_accumulator(config: Config, engine: Engine) -> Accumulator:
    """Sums of no realisation yet."""
    pixels = 12 * config.sky.nside**2 if engine.estimator is engine.particles else 0
    momenta = len(config.transport.seen_paths)
    return Accumulator(orders=engine.orders.size, degrees=config.sky.l_max + 1, pixels=pixels, momenta=momenta)


class State:
    """What a run has done; every rank has its own share, and the root's grows to the whole at each commit.

    The last block, where the realisations do not fill it, stands apart, so that a longer run can put the full one in its place.

    Attributes
    ----------
    whole : Accumulator
        Sums over full blocks.
    tail : Accumulator or None
        Sums over the last block where it is not full; on the root.
    samples : Samples
    blocks : Spans
        Full blocks that are done, on whatever rank.
    checks : Spans
        Realisations measured by both estimators.
    processors : set of str
        Kinds of processors that made them, as far as it is known.
    """

    def __init__(self, config: Config, engine: Engine):
        self.config, self.engine = config, engine
        self.whole = empty_accumulator(config, engine)
        self.tail: Accumulator | None = None
        self.samples = Samples(config, engine)
        self.blocks, self.checks = Spans(), Spans()
        self.processors: set[str] = set()

    @property
    def realisations(self) -> int:
        """Realisations done, on whatever rank."""
        return len(self.blocks) * self.engine.block_size + (self.tail.count if self.tail else 0)

    def do_block(self, index: int) -> None:
        """Draw, measure and add a full block."""
        size = self.engine.block_size
        self._add(Block(index, index * size, size), self.whole)

    def do_tail(self) -> None:
        """Draw, measure and add the last block, which is not full."""
        size, total = self.engine.block_size, self.config.ensemble.realisations
        self.tail = empty_accumulator(self.config, self.engine)
        self._add(block(total // size, total, size), self.tail)

    def _add(self, here: Block, sums: Accumulator) -> None:
        self.processors.add(arithmetic())
        measurement = self.engine.estimator.measure(here.first, here.count)
        sums.add(measurement)
        self.samples.keep(here.first, measurement)

    def commit(self, communicator) -> None:
        """Bring everything to the root: integers add exactly in any order, and each sample is not zero on one rank alone."""
        count = np.array([self.whole.count], dtype=np.int64)
        for array in [count, *self.whole.limbs(), *(sample.view(np.int64) for sample in self.samples.arrays().values())]:
            communicator.sum_to_root(array)
            if communicator.rank:
                array[...] = 0
        self.whole.count = int(count[0])

    def absorb(self, other: "State") -> None:
        """Add what another run of the same configuration did; it must have done other blocks."""
        for mine, its in zip(self.whole.limbs(), other.whole.limbs(), strict=True):
            mine += its
        for name, array in self.samples.arrays().items():
            its = other.samples.arrays()[name][: len(array)]
            array.view(np.int64)[: len(its)] += its.view(np.int64)
        self.whole.count += other.whole.count
        self.tail = self.tail or other.tail
        self.processors |= other.processors
        self.blocks, self.checks = self.blocks | other.blocks, self.checks | other.checks

    def kept_samples(self) -> Samples:
        """The samples, without room for realisations that were not drawn."""
        kept = copy.copy(self.samples)
        kept.multipoles, kept.skies = (array[: self.realisations] for array in (kept.multipoles, kept.skies))
        return kept

    def sums(self) -> Accumulator:
        """Sums over all realisations that are done."""
        total = empty_accumulator(self.config, self.engine)
        for part in (self.whole, self.tail):
            if part is not None:
                total.count += part.count
                for mine, its in zip(total.limbs(), part.limbs(), strict=True):
                    mine += its
        return total
