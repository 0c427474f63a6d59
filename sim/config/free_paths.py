"""The laws of the free path that `transport.free_path` may name."""

from typing import Any

from pydantic import Field

from fluxtube.sim.config.choices import Choice, Registry
from fluxtube.sim.config.fields import Whole
from fluxtube.theory.free_path import Erlang, Fixed


class FreePathChoice(Choice):
    """A law of t = path/(mean free path)."""

    def build(self) -> Any:
        """The law, one object for theory and engine."""
        raise TypeError(f"{type(self).__name__} has no build()")



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
