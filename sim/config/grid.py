"""A grid of configurations: the Cartesian product of the values that numbers of the configuration take."""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fluxtube.errors import InputError
from fluxtube.sim.config.load import load_config
from fluxtube.sim.config.model import Config

SECTIONS = ("turbulence", "transport", "sampling")
MOST_POINTS = 10_000
DIGITS = 10  # of a number in the name of a file


@dataclass(frozen=True)
class Parameter:
    """A number of the configuration that takes several values.

    Attributes
    ----------
    key : str
        "section.key".
    unit : str
        Of `values`; "" for numbers.
    values : tuple of float
        Ascending, in the base unit (pc, km/s).
    texts : tuple of str
        The same as they were written.
    """

    key: str
    unit: str
    values: tuple[float, ...]
    texts: tuple[str, ...]

    @property
    def name(self) -> str:
        """The key without its section."""
        return self.key.split(".")[1]

    @property
    def column(self) -> str:
        """Name of a column of a table."""
        return f"{self.name}_{self.unit.replace('/', '_per_').lstrip('_')}" if self.unit else self.name


@dataclass(frozen=True)
class Point:
    """One place of a grid.

    Attributes
    ----------
    place : tuple of int
        Which value of each parameter.
    name : str
        Stem of the name of its file, "gamma=1.5_sigma=23".
    overrides : tuple of str
        "section.key=value" each, of all that was set.
    config : Config
    """

    place: tuple[int, ...]
    name: str
    overrides: tuple[str, ...]
    config: Config

    @property
    def file(self) -> str:
        """Name of its run file."""
        return f"{self.name}.h5"


@dataclass(frozen=True)
class Grid:
    """Parameters and all points, the last parameter running fastest."""

    parameters: tuple[Parameter, ...]
    points: tuple[Point, ...]

    def at(self, place: tuple[int, ...]) -> Point:
        """The point at a place."""
        return self.points[self.number(place)]

    def number(self, place: tuple[int, ...]) -> int:
        """Number of the point at a place."""
        number = 0
        for index, parameter in zip(place, self.parameters, strict=True):
            number = number * len(parameter.values) + index
        return number

    def neighbours(self, along: int) -> list[tuple[int, int]]:
        """Numbers of all pairs of points that differ by one step of one parameter."""
        pairs = []
        for number, point in enumerate(self.points):
            if point.place[along] + 1 < len(self.parameters[along].values):
                place = tuple(index + (n == along) for n, index in enumerate(point.place))
                pairs.append((number, self.number(place)))
        return pairs

    def value(self, number: int, along: int) -> float:
        """Value of a parameter at a point."""
        return self.parameters[along].values[self.points[number].place[along]]


def read_grid(path: str | Path, sets: list[str]) -> Grid:
    """The grid of a configuration file and of "section.key=value,value,..." each.

    Raises
    ------
    InputError
        No key has two values; a key with several is not a number, is unknown, or stands twice; a configuration is not possible.
    """
    given = [_parted(text) for text in sets]
    keys = [key for key, _ in given]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise InputError(f"--set {twice} is given twice; write all its values in one: --set {twice}=VALUE,VALUE")
    fixed = [f"{key}={values[0]}" for key, values in given if len(values) == 1]
    several = [(key, values) for key, values in given if len(values) > 1]
    if not several:
        raise InputError(
            "a grid of one point is a run: use fluxtube run, or give a key several values, "
            'for example --set "turbulence.gamma=1.4,1.5,5/3"'
        )
    count = 1
    for _, values in several:
        count *= len(values)
    if count > MOST_POINTS:
        raise InputError(f"the grid has {count} points, more than {MOST_POINTS}; give fewer values")
    parameters = tuple(_parameter(path, fixed, several, key, values) for key, values in several)
    points = []
    for place in itertools.product(*(range(len(parameter.values)) for parameter in parameters)):
        chosen = [f"{one.key}={one.texts[index]}" for one, index in zip(parameters, place, strict=True)]
        parts = (f"{one.name}={one.values[index]:.{DIGITS}g}" for one, index in zip(parameters, place, strict=True))
        points.append(Point(place, "_".join(parts), (*fixed, *chosen), load_config(path, [*fixed, *chosen])))
    return Grid(parameters, tuple(points))


def _parted(text: str) -> tuple[str, list[str]]:
    """Key and values of "key=value,value"; commas in brackets and in quotes part nothing."""
    key, equals, rest = text.partition("=")
    if not equals:
        short = text if len(text) <= 80 else f"{text[:80]}..."
        raise InputError(f'{short!r} does not set a key; write section.key=value, for example "turbulence.gamma=1.4,1.5,5/3"')
    values, depth, quote = [""], 0, ""
    for letter in rest:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "[{":
            depth += 1
        elif letter in "]}":
            depth -= 1
        if letter == "," and not depth and not quote:
            values.append("")
        else:
            values[-1] += letter
    values = [value.strip() for value in values]
    if len(values) > 1 and not all(values):
        raise InputError(f"--set {key}: a value between the commas of {rest[:60]!r} is empty")
    return key.strip(), values


def _parameter(path, fixed: list[str], several: list, key: str, values: list[str]) -> Parameter:
    """A key and its values as numbers, others at their first."""
    section = key.split(".")[0]
    others = [f"{other}={its[0]}" for other, its in several if other != key]
    configs = [load_config(path, [*fixed, *others, f"{key}={value}"]) for value in values]
    if section not in SECTIONS:
        raise InputError(f"--set {key}: a grid runs over numbers of [{'], ['.join(SECTIONS)}]; other keys take one value")
    numbers, unit = [], ""
    for config, text in zip(configs, values, strict=True):
        value, unit = _number(config, key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InputError(
                f"--set {key}: {text!r} is not a number, and a grid has derivatives by its parameters; "
                "make one sweep for each value, and compare their runs with fluxtube compare"
            )
        numbers.append(float(value))
    order = sorted(range(len(numbers)), key=numbers.__getitem__)
    ascending = [numbers[n] for n in order]
    for low, high in itertools.pairwise(ascending):
        if f"{low:.{DIGITS}g}" == f"{high:.{DIGITS}g}":
            raise InputError(f"--set {key}: {low!r} and {high!r} are the same value to {DIGITS} digits; give each one once")
    return Parameter(key, unit, tuple(ascending), tuple(values[n] for n in order))


def _number(config: Config, key: str) -> tuple[Any, str]:
    """What a key holds, under whichever of its names, and its unit."""
    section_name, name = key.split(".")
    section = getattr(config, section_name)
    for choice, registry in type(section).choices.items():
        name = registry.keys_of(getattr(section, choice)).get(name, name)
    for own, value, field in section.entries():
        if own == name:
            extra = field.json_schema_extra
            return value, str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    return None, ""
