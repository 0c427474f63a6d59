"""What a run tells the world outside of its memory: the contract of a keeper of states, and one that keeps nothing."""

from typing import Protocol

from fluxtube.sim.run.state import State


class Keeper(Protocol):
    """Keeps the state of an unfinished run now and then.

    Attributes
    ----------
    cost : float
        Seconds that the last keeping took.
    """

    cost: float

    def due(self) -> bool:
        """Whether it is time for a commit."""
        ...

    def keep(self, state: State, started: float) -> None:
        """Keep what was committed in a commit that started then (monotonic clock)."""
        ...


class NoKeeper:
    """Keeps nothing: for runs in memory."""

    cost = 0.0

    def due(self) -> bool:
        """Never."""
        return False

    def keep(self, state: State, started: float) -> None:
        """Nothing to do."""
