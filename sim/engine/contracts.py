"""What a flow, a transport, a free-path law and an estimator must have: the engine knows nothing else of them."""

from collections.abc import Callable
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np

from fluxtube.sim.config import Config
from fluxtube.sim.engine.measurement import Measurement
from fluxtube.theory.contracts import FreePath

__all__ = ["EnginePath", "Estimator", "Flow", "FreePath", "Particles", "Quadrature", "Transport"]


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


class EnginePath(Protocol):
    """What the engine needs of a law of free paths; `ages.path_of` makes it of the law.

    Attributes
    ----------
    law : FreePath
        The law itself, of theory.
    shape : int
        What kernels know it by: of Erlang's law, 0 for the fixed one; `kernels.free_path` has the others.
    reach : float
        No displacement worth the name is longer [mean free paths].
    mean : float
        Of its paths [mean free paths].
    cumulative : (n,)
        Its distribution, where shape is TABULATED.

    Notes
    -----
    Where they are there, more parts are used: `increments`, its kernel on the sphere, for transport across the field;
    `compression`, where the isotropic part of f responds; `dependence`, `places`, `diffuse`, `stretch`, `path_reach` and
    `longest`, where paths depend on the pitch angle.
    """

    @property
    def law(self) -> Any: ...
    @property
    def shape(self) -> int: ...
    @property
    def reach(self) -> float: ...
    @property
    def mean(self) -> float: ...
    @property
    def cumulative(self) -> np.ndarray: ...

    def rule(self, phase: float, l_max: int) -> tuple[np.ndarray, np.ndarray]:
        """Nodes and weights for displacements, waves of at most `phase` radians a mean free path."""
        ...

    def spread(self, function: Callable[[np.ndarray], np.ndarray], nodes: np.ndarray, weight: np.ndarray, /) -> np.ndarray:
        """Weights at the nodes of the mean over pitch angles and paths, int_0^1 dmu F(mu) <g(mu t)> = sum_i W_i g(s_i)."""
        ...

    @property
    def quantiles(self) -> Callable[[int], np.ndarray]:
        """Paths that stand for equal shares of so many particles."""
        ...

    @property
    def average(self) -> Callable[[np.ndarray], np.ndarray]:
        """<g(mu t)> over the law from a table of g."""
        ...


class Estimator(Protocol):
    """Turns realisations into multipoles."""

    def measure(self, first: int, count: int) -> Measurement:
        """Multipoles of consecutive realisations."""
        ...

    def rehearse(self) -> None:
        """Compile what is needed beside `measure`, or `measure` itself with few particles."""
        ...


class Quadrature(Estimator, Protocol):
    """An estimator without sampling noise, which knows its sky in every direction."""

    @property
    def free_path(self) -> EnginePath: ...
    @property
    def dipole(self) -> float:
        """Diffuse anisotropy along the field, in the unit anisotropy."""
        ...

    def sky(self, realisation: int, arrival: np.ndarray) -> np.ndarray:
        """Anisotropy towards arrival directions (n, 3) in the magnetic frame, (n,)."""
        ...

    def shot_noise(self, realisation: int, particles: int) -> np.ndarray:
        """Variance of each multipole from so many particles with isotropic directions, given the flow, (n_m, L)."""
        ...


class Particles(Estimator, Protocol):
    """An estimator by particles, in two independent halves."""

    @property
    def particles(self) -> int:
        """A realisation."""
        ...

    @property
    def rotation(self) -> np.ndarray:
        """From the magnetic frame to that of the sky, (3, 3)."""
        ...


class Transport(Protocol):
    """Which part of the momentum displaces a particle, and which part of the flow convects it."""

    across: bool  # whether the flow must have vectors

    def orders(self, l_max: int) -> np.ndarray:
        """Orders m that the sky has."""
        ...

    def estimators(
        self, flow: Any, mean_free_path: float, l_max: int, unit: float, free_path: EnginePath, dipole: float, **particles: Any
    ) -> tuple[Quadrature, Particles]:
        """Quadrature and particles."""
        ...

    def waves(self, flow: Any, mean_free_path: float, unit: float) -> Any:
        """The flow as particles see it; None where the velocity along the field is enough."""
        ...
