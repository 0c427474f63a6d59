"""What a flow, a transport, a free-path law and an estimator must have: the engine knows nothing else of them."""

from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np

from fluxtube.sim.config import Config
from fluxtube.sim.engine.estimators.measurement import Measurement
from fluxtube.theory.contracts import FreePath

__all__ = ["Estimator", "Flow", "FreePath", "Transport"]


@runtime_checkable
class Flow(Protocol):
    """Draws realisations of the velocity.

    Attributes
    ----------
    block_size : int
        Realisations in a block of a run by quadrature along the field; part of what a file's bits depend on.
    exactly_gaussian : bool
        Whether the flow is Gaussian over realisations: if not, tests of scatter use the measured one.
    vector : bool
        Whether it has `draw(first, count)` -> wave vectors and amplitudes (count, 3, n), which transport across the field needs.
    k_max : float
        Largest wave number: displacements are sampled as finely as it needs [1/length].

    Notes
    -----
    More methods are used where they are there: `response` and `project` of a flow that is linear in fixed normals, `rule` and
    `steps` of one that lives on a grid, and `multiply_adds(config, across)`, the work of a realisation: blocks of a long one
    hold fewer, so that a signal, which takes effect at the end of a block, takes effect within seconds.
    """

    block_size: ClassVar[int]
    exactly_gaussian: ClassVar[bool]
    vector: ClassVar[bool]
    k_max: float

    @classmethod
    def of(cls, config: Config, longest: float, reach: float) -> Self:
        """The flow of a configuration, for mean free paths up to `longest` [pc] and paths up to `reach` of them."""
        ...

    @classmethod
    def check(cls, config: Config) -> list[str]:
        """Warnings; InputError where the configuration cannot be run with this flow."""
        ...

    def increments(self, first: int, count: int, displacement: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Even and odd part in s of u_par(s) - u_par(0), (count, m) each, at `displacement` (m,) >= 0.

        Realisation first + r must come out the same whatever `first` and `count` are: draw it from a stream that is named
        by its number (`streams.generator`).
        """
        ...


class Estimator(Protocol):
    """Turns realisations into multipoles."""

    def measure(self, first: int, count: int) -> Measurement:
        """Multipoles of consecutive realisations."""
        ...


class Transport(Protocol):
    """Which part of the momentum displaces a particle, and which part of the flow convects it."""

    across: bool  # whether the flow must have vectors

    def orders(self, l_max: int) -> np.ndarray:
        """Orders m that the sky has."""
        ...

    def estimators(
        self, flow: Any, mean_free_path: float, l_max: int, unit: float, free_path: Any, dipole: float, **particles: Any
    ) -> "tuple[Estimator, Estimator]":
        """Quadrature and particles."""
        ...

    def waves(self, flow: Any, mean_free_path: float, unit: float) -> Any:
        """The flow as particles see it; None where the velocity along the field is enough."""
        ...
