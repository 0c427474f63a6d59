"""Blocks of realisations: the unit of work, of storage and of restart."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """Realisations first, first + 1, ..., first + count - 1."""

    index: int
    first: int
    count: int


def block_count(realisations: int, size: int) -> int:
    """Number of blocks that hold so many realisations."""
    return -(-realisations // size)


def block(index: int, realisations: int, size: int) -> Block:
    """The block of that index; the last one may be shorter."""
    first = index * size
    return Block(index, first, min(size, realisations - first))
