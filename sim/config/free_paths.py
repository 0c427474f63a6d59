"""The laws of the free path that `transport.free_path` may name."""

import math
from functools import lru_cache
from typing import ClassVar

import numpy as np
from pydantic import Field

from fluxtube.errors import InputError
from fluxtube.sim.config.answers import answers
from fluxtube.sim.config.choices import Choice, Registry
from fluxtube.sim.config.fields import Whole
from fluxtube.theory.contracts import FreePath
from fluxtube.theory.free_path import Erlang, Fixed
from fluxtube.theory.path_density import PathDensity


class FreePathChoice(Choice):
    """A law of t = path/(mean free path)."""

    def build(self) -> FreePath:
        """The law, one object for theory and engine."""
        raise InputError(f"{type(self).__name__} has no build()")



class FreePathDensity(FreePathChoice):
    """A law given by its density: derive from it and define `density`; it is brought to integral and mean 1.

    Attributes
    ----------
    support : (t_low, t_high)
        Where p(t) is not zero, in the unit of `density`; t_high may be infinite.
    breaks : tuple of float
        Where p or its derivatives jump.
    """

    support: ClassVar[tuple[float, float]] = (0.0, math.inf)
    breaks: ClassVar[tuple[float, ...]] = ()

    def density(self, t: np.ndarray) -> np.ndarray:
        """p at arrays of t > 0, in any unit of p and t."""
        raise InputError(f"{type(self).__name__} has no density(t)")

    def build(self) -> PathDensity:
        """The law."""
        return _law_of(self)


@lru_cache(maxsize=8)
def _law_of(choice: FreePathDensity) -> PathDensity:
    """Kept, with its tables: a run and its theory ask for it again and again."""
    density = answers(choice.density, "free-path law", FREE_PATHS, choice, "t", constant=True)  # uniform on its support
    return PathDensity(density, choice.support, choice.breaks, type(choice).__name__)


FREE_PATHS: Registry[FreePathChoice] = Registry("transport.free_path", FreePathChoice)
register_free_path = FREE_PATHS.register


@register_free_path("fixed")
class FixedChoice(FreePathChoice):
    """One path for all particles, the paper's law."""

    def build(self) -> Fixed:
        """The law."""
        return Fixed()


@register_free_path("erlang")
class ErlangChoice(FreePathChoice):
    """The mean of `free_path_shape` exponential paths."""

    free_path_shape: Whole = Field(ge=1, le=1000)

    def build(self) -> Erlang:
        """The law."""
        return Erlang(self.free_path_shape)



@register_free_path("exponential")
class ExponentialChoice(FreePathChoice):
    """Exponential paths."""

    def build(self) -> Erlang:
        """The law."""
        return Erlang(1)
