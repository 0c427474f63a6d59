"""Reading a configuration: a TOML file or text, and `--set` overrides."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fluxtube.errors import InputError
from fluxtube.files import protect
from fluxtube.sim.config.choices import STORED, Registry
from fluxtube.sim.config.explain import summary
from fluxtube.sim.config.model import Config
from fluxtube.tables import two_columns

LARGEST_TEXT = 50_000_000  # characters: a configuration with a table of a million rows is smaller


def read_tree(path: str | Path) -> dict[str, Any]:
    """The tables of a TOML file, not yet checked, the files that it names read in from beside it.

    Raises
    ------
    InputError
        It cannot be read, or is not TOML.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"no configuration file {str(path)!r}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not a text file; a configuration is TOML in UTF-8") from None
    except OSError as error:
        raise InputError(f"cannot read the configuration {str(path)!r}: {error.strerror}") from None
    tree = _tree(text, str(path))
    read_tables(tree, Path(path).parent)
    return tree


def load_config(path: str | Path, overrides: list[str] | None = None) -> Config:
    """Configuration from a TOML file.

    Parameters
    ----------
    path : path
        The TOML file; files that it names are looked for beside it.
    overrides : list of str, optional
        "section.key=value" each; the value as in TOML, quotes around strings may be left out. Files named here are looked
        for where the command runs.

    Raises
    ------
    InputError
        The file cannot be read, is not TOML, or holds a key or value that is not possible.
    """
    return _overridden(read_tree(path), overrides or [], str(path))


def parse(text: str, overrides: list[str], source: str) -> Config:
    """Configuration from TOML text; `source` names it in messages.

    Raises
    ------
    InputError
        The text is not TOML, or holds a key or value that is not possible.
    """
    return _overridden(_tree(text, source), overrides, source)


def parse_stored(text: object, source: str) -> Config:
    """Configuration from the text in a file that fluxtube wrote: keys without effect, as format 1.0 holds them, are passed over.

    Raises
    ------
    InputError
        The text is not a configuration.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", errors="replace")
    if not isinstance(text, str):
        raise InputError(f"{source}: holds no configuration")
    config = resolve(_tree(text, source), source, {STORED: True})
    return parse(config.to_toml(), [], source)


def _overridden(tree: dict[str, Any], overrides: list[str], source: str) -> Config:
    given = [_set(tree, override) for override in overrides]
    if given:
        read_tables(tree, Path())
    leave_with_their_choice(tree, given)
    return resolve(tree, source)


def resolve(tree: dict[str, Any], source: str, context: dict[str, bool] | None = None) -> Config:
    """Configuration from nested dictionaries of what TOML can hold; `source` names it in messages.

    Raises
    ------
    InputError
        They hold a key or value that is not possible.
    """
    try:
        return Config.model_validate(tree, context=context)
    except ValidationError as error:
        raise InputError(f"{source}: {summary(error, Config)}") from None


def _toml(text: str) -> dict[str, Any]:
    """TOML text as a dictionary; ValueError with one line where it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(str(error)) from None
    except RecursionError:
        raise ValueError("brackets are nested too deeply") from None
    except ValueError:  # what Python says of whole numbers of thousands of digits
        raise ValueError("a number has thousands of digits") from None


def _tree(text: str, source: str) -> dict[str, Any]:
    if len(text) > LARGEST_TEXT:
        raise InputError(f"{source}: {len(text)} characters are too many for a configuration")
    try:
        return _toml(text.removeprefix("\ufeff"))
    except ValueError as error:
        raise InputError(f"{source}: not valid TOML: {error}") from None


def _set(tree: dict[str, Any], override: str) -> tuple[str, str]:
    """Put one "section.key=value" into the tree; which key it was."""
    key, equals, value = override.partition("=")
    names = key.strip().split(".")
    if not equals or not all(names) or len(names) != 2:
        short = override if len(override) <= 80 else f"{override[:80]}..."
        raise InputError(f'{short!r} does not set a key; write section.key=value, for example "turbulence.gamma=1.6"')
    section, name = names
    if not isinstance(tree.setdefault(section, {}), dict):
        raise InputError(f"[{section}] is not a table of the configuration")
    value = value.strip()
    try:
        tree[section][name] = _toml(f"value = {value}")["value"]
    except (ValueError, KeyError):
        tree[section][name] = value
    return section, name


def leave_with_their_choice(tree: dict[str, Any], given: list[tuple[str, str]]) -> None:
    """Where a key that was given makes another choice, the keys of the former choice leave with it.

    So does the other name of a key that was given.
    """
    for section, field in Config.model_fields.items():
        keys, kind = tree.get(section), field.annotation
        for name, registry in getattr(kind, "choices", {}).items():
            if isinstance(keys, dict) and (section, name) in given and keys[name] in registry:
                taken, known = registry.keys_of(keys[name]), registry.all_keys()
                for key in [key for key in keys if key in known and key not in taken and (section, key) not in given]:
                    del keys[key]
            if isinstance(keys, dict):
                for key in _other_names(keys, registry, [key for place, key in given if place == section]):
                    del keys[key]


def _other_names(keys: dict[str, Any], registry: Registry, given: list[str]) -> list[str]:
    """Keys of a table that name the same as one that was given, in any of the registry's choices."""
    others = set()
    for choice in registry:
        names = registry.keys_of(choice)
        same = {names[key] for key in given if key in names}
        others |= {key for key in keys if key in names and names[key] in same and key not in given}
    return sorted(others)


def read_tables(tree: dict[str, Any], folder: Path) -> None:
    """Put the rows of a CSV file in the place of its name: a resolved configuration holds everything itself."""
    for name, key, columns in (("turbulence", "table", ("k", "w")), ("transport", "diffusion_table", ("mu", "d"))):
        section = tree.get(name)
        if isinstance(section, dict) and isinstance(section.get(key), str):
            protect(folder / section[key])
            first, second = two_columns(folder / section[key], names=columns, units=("", ""))
            section[key] = [list(row) for row in zip(first.tolist(), second.tolist(), strict=True)]
