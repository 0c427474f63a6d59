"""Functions of one's own, asked: their mistakes are said in the words of who wrote them, and not found far from their place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fluxtube.errors import InputError
from fluxtube.plugins import file_of, line_of, words_of
from fluxtube.sim.config.choices import Choice, Registry


@dataclass(frozen=True)
class Answers:
    """A method f(x) of a choice as a function of arrays that can be pickled; equal where choice and method are.

    Attributes
    ----------
    function : callable
        f, a method of the choice.
    whose : str
        What the choice is called, "spectrum 'mine' of mine.py".
    argument : str
        Name of the argument.
    constant : bool
        Whether a single number counts as the same for all.
    """

    function: Callable[[np.ndarray], Any]
    whose: str
    argument: str
    constant: bool = False

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """f(x), of the shape of x.

        Raises
        ------
        InputError
            The function raises, or returns something else than numbers of the shape of x.
        """
        name = f"{getattr(self.function, '__name__', 'it')}({self.argument})"
        try:
            given = self.function(x)
        except (InputError, MemoryError):
            raise
        except (Exception, SystemExit) as error:
            place = line_of(error, file_of(type(getattr(self.function, "__self__", None))))
            raise InputError(f"{self.whose}{place}: {name} fails: {words_of(error)}") from error
        try:
            values = np.asarray(given)
            numbers = values.dtype.kind in "biuf"
        except ValueError:  # rows of several lengths
            numbers = False
        if not numbers or (values.shape != np.shape(x) and not (self.constant and values.shape == ())):
            what = type(given).__name__
            if isinstance(given, np.ndarray):
                what = f"an array of shape {given.shape} of type {given.dtype} for {np.shape(x)}"
            raise InputError(
                f"{self.whose}: {name} must return an array of numbers of the shape of {self.argument}, it returned {what}"
            )
        return np.broadcast_to(values.astype(float, copy=False), np.shape(x))


def answers(
    function: Callable[[np.ndarray], Any], kind: str, registry: Registry[Any], choice: Choice, argument: str,
    constant: bool = False,
) -> Answers:  # fmt: skip
    """A method of a choice that is checked when it is asked; `kind` says what the registry holds."""
    name, file = registry.name_of(type(choice)), file_of(type(choice))
    return Answers(function, f"{kind} {name!r}{f' of {file}' if file else ''}", argument, constant)
