"""What is wrong with a configuration, in one line that a person can act on: the key, the value, what to write."""

import difflib
import typing

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fluxtube.sim.config.choices import Section
from fluxtube.sim.config.units import shown

MOST_PROBLEMS_SHOWN = 5
SIGNS = {
    "greater_than": ("gt", ">"),
    "greater_than_equal": ("ge", ">="),
    "less_than": ("lt", "<"),
    "less_than_equal": ("le", "<="),
}
EXAMPLES = {
    "turbulence.band": "must be a pair, for example [1e-3, 1e3]",
    "sky.field_direction": "must be a pair, for example [229.2, 11.4]",
    "turbulence.table": "must be rows [k * mean_free_path, w], two or more, or the name of a CSV file with columns k and w",
    "transport.other_mean_free_paths": 'must be a list, for example ["3 pc", "30 pc"], of at most 16',
    "transport.energies": 'must be a list, for example ["1 TeV", "10 TeV"], of at most 16',
    "ensemble.target_degrees": "must be a list, for example [2, 3, 4]",
}
SHAPES = {"tuple_type", "missing", "too_long", "too_short", "list_type"}


def summary(error: ValidationError, config: type[Section]) -> str:
    """One line for all problems that pydantic found with a configuration of this class, the first few of many."""
    problems = [explain(item, config) for item in error.errors(include_url=False)]
    first = problems[:MOST_PROBLEMS_SHOWN]
    if len(problems) > len(first):
        first.append(f"and {len(problems) - len(first)} more")
    return "; ".join(first)


def explain(item: ErrorDetails, config: type[Section]) -> str:
    """One line for one problem."""
    location = [str(part) for part in item["loc"]]
    name = ".".join(part for part in location if not part.isdigit())
    kind, value, context = item["type"], item["input"], item.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(location, config)
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return f"{name} must be a table: write [{name}] and its keys below"
    if kind == "literal_error":
        return f"{name} = {shown(value)} is not possible; it must be {context['expected']}"
    if kind == "no_choice":
        return f"{name}{context['text']}"
    if kind in ("no_effect", "twice", "needed"):
        return f"{name}.{context['text']}" if name else context["text"]
    if kind == "value_error":
        reason = str(context["error"])
        return f"{name}: {reason}" if name else reason
    if kind in SIGNS:
        bound, sign = SIGNS[kind]
        unit = _unit(location, config)
        given, end = _apart(value, context[bound])
        given = given if isinstance(value, str) else f"{given}{unit}"
        return f"{name} = {given} is out of range; it must be {sign} {end}{unit}"
    if kind in SHAPES:
        return f"{name} = {shown(value)} {EXAMPLES.get(name, 'does not have the required form')}"
    return f"{name} = {shown(value)}: {item['msg']}"


def _apart(value, end) -> tuple[str, str]:
    """A value and the end of its range, with as many digits as tell them apart."""
    if isinstance(value, str) or abs(value) > 1e300:
        return shown(value), f"{end:g}"
    short = f"{value:g}", f"{end:g}"
    told = short[0] != short[1] or (value == end and not isinstance(value, int))
    return short if told else (shown(value), shown(end))


def _section(name: str, config: type[Section]) -> type[Section] | None:
    field = config.model_fields.get(name)
    return typing.cast("type[Section]", field.annotation) if field else None


def _known_keys(config: type[Section]) -> dict[str, list[str]]:
    """Keys of each section."""
    return {name: list(section.known_keys()) for name in config.model_fields if (section := _section(name, config))}


def _unit(location: list[str], config: type[Section]) -> str:
    """ " km/s" for a key that holds a speed, and so on; nothing for a number without a dimension."""
    section = _section(location[0], config) if len(location) > 1 else None
    field = section.known_keys().get(location[1]) if section else None
    extra = field.json_schema_extra if field else None
    return f" {extra['unit']}" if isinstance(extra, dict) and "unit" in extra else ""


def _unknown_key(location: list[str], config: type[Section]) -> str:
    """Name an unknown key, where it stands, and the nearest known one."""
    name, where = location[-1], ".".join(location[:-1])
    section = _section(location[0], config) if len(location) > 1 else None
    known = list(section.known_keys() if section else config.model_fields)
    place = f"in [{where}]" if where else "at the top"
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if not where and "." in name:
        table, _, key = name.partition(".")
        return (
            f"unknown key {name[:60]!r} at the top; write a table, [{table[:30]}] in a file or "
            f"{{{table[:30]!r}: {{{key[:30]!r}: ...}}}} in Python, where names with dots belong to the second argument, overrides"
        )
    elsewhere = [] if near else [f"{s}.{name}" for s, keys in _known_keys(config).items() if name in keys]
    if near:
        hint = f"did you mean {near[0]!r}?"
    elif elsewhere:
        hint = f"it belongs to {' or '.join(elsewhere)}"
    else:
        hint = f"known are {', '.join(known)}"
    return f"unknown key {name[:60]!r} {place}; {hint}"
