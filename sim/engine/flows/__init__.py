"""Random Gaussian flows with the spectrum of Eq. 6: what a realisation is, and its velocity along the field line."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.config import flows as keys
from fluxtube.sim.engine.contracts import Flow
from fluxtube.sim.engine.flows.fbm import FbmFlow
from fluxtube.sim.engine.flows.line import LineFlow
from fluxtube.sim.engine.flows.modes import ModesFlow
from fluxtube.sim.engine.flows.rings import RingsFlow

# mypy checks here that the built-in classes keep the contract.
FLOWS: dict[str, type[Flow]] = {"line": LineFlow, "modes": ModesFlow, "fbm": FbmFlow, "rings": RingsFlow}
PARTS = ("block_size", "exactly_gaussian", "vector", "of", "check", "increments")

__all__ = ["FLOWS", "FbmFlow", "LineFlow", "ModesFlow", "RingsFlow", "register_flow"]


def register_flow(name: str, choice: type[keys.FlowChoice] | None = None) -> Callable[[type[Flow]], type[Flow]]:
    """Decorator that enters a flow under a name of `sampling.flow`.

    Parameters
    ----------
    name : str
    choice : class derived from FlowChoice, optional
        Its keys in the section [sampling]; none if not given.

    Raises
    ------
    InputError
        The name is taken, or a part of the contract (`contracts.Flow`) is missing.
    """

    def enter(flow: type[Flow]) -> type[Flow]:
        missing = [part for part in PARTS if not hasattr(flow, part)]
        if missing:
            raise InputError(f"sampling.flow = {name!r}: {flow.__name__} has no {', '.join(missing)}")
        without_keys = keys.GaussianFlowChoice if flow.exactly_gaussian else keys.FlowChoice
        keys.FLOWS.register(name)(choice or without_keys)
        flow.increments = _checked(name, flow.increments)  # type: ignore[method-assign]
        FLOWS[name] = flow
        return flow

    return enter


def _checked(name: str, increments: Callable[..., Any]) -> Callable[..., Any]:
    """The same method, which refuses what is no pair of arrays of the shape (count, m)."""

    @wraps(increments)
    def checked(self: Any, first: int, count: int, displacement: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        given, shape = increments(self, first, count, displacement), (count, np.size(displacement))
        pair = isinstance(given, (tuple, list)) and len(given) == 2
        if not pair or any(getattr(part, "shape", None) != shape or part.dtype.kind not in "biuf" for part in given):
            parts = [str(getattr(part, "shape", type(part).__name__)) for part in given] if pair else [type(given).__name__]
            shapes = " and ".join(parts)
            raise InputError(
                f"sampling.flow = {name!r}: increments() must return two arrays of numbers of shape {shape}, it returned {shapes}"
            )
        return given[0], given[1]

    return checked
