"""Sets of whole numbers as a few spans: which blocks are done, which are missing."""

from collections.abc import Iterable, Iterator

import numpy as np


class Spans:
    """A set of whole numbers, kept as sorted spans first .. stop - 1 that neither overlap nor touch.

    Parameters
    ----------
    pairs : iterable of (int, int)
        first and stop of each span, in any order; empty ones are dropped.
    """

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()):
        self.pairs: list[tuple[int, int]] = []
        for first, stop in sorted((int(first), int(stop)) for first, stop in pairs):
            if stop <= first:
                continue
            if self.pairs and first <= self.pairs[-1][1]:
                first, last_stop = self.pairs.pop()
                stop = max(stop, last_stop)
            self.pairs.append((first, stop))

    def __len__(self) -> int:
        return sum(stop - first for first, stop in self.pairs)

    def __iter__(self) -> Iterator[int]:
        for first, stop in self.pairs:
            yield from range(first, stop)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spans) and self.pairs == other.pairs

    def __or__(self, other: "Spans") -> "Spans":
        return Spans(self.pairs + other.pairs)

    def __and__(self, other: "Spans") -> "Spans":
        return Spans((max(a, c), min(b, d)) for a, b in self.pairs for c, d in other.pairs)

    def __sub__(self, other: "Spans") -> "Spans":
        rest = self
        for first, stop in other.pairs:
            rest = Spans(piece for a, b in rest.pairs for piece in ((a, min(b, first)), (max(a, stop), b)))
        return rest

    def update(self, other: "Spans") -> None:
        """Add another set to this one."""
        self.pairs = (self | other).pairs

    def head(self, count: int) -> "Spans":
        """The lowest `count` numbers."""
        kept = []
        for first, stop in self.pairs:
            kept.append((first, min(stop, first + count)))
            count -= kept[-1][1] - first
            if not count:
                break
        return Spans(kept)

    def dealt(self, rank: int, size: int) -> Iterator[int]:
        """Every size-th number, beginning with the rank-th."""
        skip = rank
        for first, stop in self.pairs:
            taken = range(first + skip, stop, size)
            yield from taken
            skip += len(taken) * size - (stop - first)

    def array(self) -> np.ndarray:
        """The spans, (n, 2) integers."""
        return np.array(self.pairs, dtype=np.int64).reshape(-1, 2)

    def __str__(self) -> str:
        return ", ".join(str(first) if stop == first + 1 else f"{first}-{stop - 1}" for first, stop in self.pairs) or "none"
