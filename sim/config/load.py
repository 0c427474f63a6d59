"""Reading a configuration: TOML, `--set` overrides, and messages that a person can act on."""

import difflib
import tomllib
from pathlib import Path

from pydantic import BaseModel, ValidationError

from fluxtube.errors import InputError
from fluxtube.sim.config.model import Config

MOST_PROBLEMS_SHOWN = 5
PAIRS = {"sky.field_direction": "[229.2, 11.4]"}


def read_tree(path: str | Path) -> dict:
    """The tables of a TOML file, not yet checked; InputError where it cannot be read or is not TOML."""
    return _tree(_text(path), str(path))


def load_config(path: str | Path, overrides: list[str] | None = None) -> Config:
    """Configuration from a TOML file.

    Parameters
    ----------
    path : path
        The TOML file.
    overrides : list of str, optional
        "section.key=value" each; the value as in TOML, quotes around strings may be left out.

    Raises
    ------
    InputError
        The file cannot be read, is not TOML, or holds a key or value that is not possible.
    """
    return parse(_text(path), overrides or [], source=str(path))


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"no configuration file {str(path)!r}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not a text file; a configuration is TOML in UTF-8") from None
    except OSError as error:
        raise InputError(f"cannot read the configuration {str(path)!r}: {error.strerror}") from None


def parse(text: str, overrides: list[str], source: str) -> Config:
    """Configuration from TOML text; `source` names it in messages."""
    tree = _tree(text, source)
    for override in overrides:
        _set(tree, override)
    return resolve(tree, source)


def _tree(text: str, source: str) -> dict:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{source}: not valid TOML: {error}") from None


def resolve(tree: dict, source: str) -> Config:
    """Configuration from nested dictionaries of what TOML can hold; `source` names it in messages."""
    try:
        return Config.model_validate(tree)
    except ValidationError as error:
        problems = [_explain(item) for item in error.errors()]
        shown = problems[:MOST_PROBLEMS_SHOWN]
        if len(problems) > len(shown):
            shown.append(f"and {len(problems) - len(shown)} more")
        raise InputError(f"{source}: " + "; ".join(shown)) from None


def _set(tree: dict, override: str) -> None:
    """Put one "section.key=value" into the tree."""
    key, equals, value = override.partition("=")
    names = key.strip().split(".")
    if not equals or not all(names) or len(names) != 2:
        raise InputError(f'{override!r} does not set a key; write section.key=value, for example "turbulence.gamma=1.6"')
    section, name = names
    if not isinstance(tree.setdefault(section, {}), dict):
        raise InputError(f"[{section}] is not a table of the configuration")
    value = value.strip()
    try:
        tree[section][name] = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        tree[section][name] = value


def _explain(item: dict) -> str:
    """One line for one problem that pydantic found: the key, the value, what would do."""
    location = [str(part) for part in item["loc"]]
    name = ".".join(part for part in location if not part.isdigit())
    kind, value, context = item["type"], item["input"], item.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(location)
    if kind in ("model_type", "model_attributes_type"):
        return f"{name} must be a table: write [{name}] and its keys below"
    if kind == "literal_error":
        return f"{name} = {value!r} is not possible; it must be {context['expected']}"
    if kind == "value_error":
        reason = str(context["error"])
        return f"{name}: {reason}" if name else reason
    signs = {
        "greater_than": ("gt", ">"),
        "greater_than_equal": ("ge", ">="),
        "less_than": ("lt", "<"),
        "less_than_equal": ("le", "<="),
    }
    if kind in signs:
        bound, sign = signs[kind]
        unit = _unit(location)
        given = repr(value) if isinstance(value, str) else f"{value:g}{unit}"
        return f"{name} = {given} is out of range; it must be {sign} {context[bound]:g}{unit}"
    if kind == "tuple_type" or kind in ("missing", "too_long"):
        return f"{name} = {value!r} must be a pair, for example {PAIRS.get(name, '[1e-3, 1e3]')}"
    return f"{name} = {value!r}: {item['msg']}"


def _unit(location: list[str]) -> str:
    """ " km/s" for a key that holds a speed, and so on; nothing for a number without a dimension."""
    field = Config.model_fields[location[0]].annotation.model_fields[location[1]] if len(location) > 1 else None
    unit = (field.json_schema_extra or {}).get("unit") if field else None
    return f" {unit}" if unit else ""


def _unknown_key(location: list[str]) -> str:
    """Name an unknown key, where it stands, and the nearest known one."""
    model: type[BaseModel] = Config
    for part in location[:-1]:
        model = model.model_fields[part].annotation
    name, where = location[-1], ".".join(location[:-1])
    known = list(model.model_fields)
    place = f"in [{where}]" if where else "at the top"
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    elsewhere = [] if near else [f"{s}.{name}" for s, f in Config.model_fields.items() if name in f.annotation.model_fields]
    if near:
        hint = f"did you mean {near[0]!r}?"
    elif elsewhere:
        hint = f"it belongs to {' or '.join(elsewhere)}"
    else:
        hint = f"known are {', '.join(known)}"
    return f"unknown key {name!r} {place}; {hint}"
