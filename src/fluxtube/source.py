"""A configuration from whatever a person has: a file, nested dictionaries, or a configuration, with some keys replaced."""

import tomllib
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from fluxtube.errors import InputError
from fluxtube.given import enter_free_path, enter_pitch_angle, enter_turbulence
from fluxtube.sim.config import Config, load_config
from fluxtube.sim.config.load import leave_with_their_choice, read_tables, read_tree, resolve
from fluxtube.sim.config.pitch_angles import PITCH_ANGLES
from fluxtube.theory import Turbulence

Source: TypeAlias = str | PathLike | Mapping | Config


def configuration(
    source: Source, overrides: Mapping | None = None, *, turbulence: Turbulence | None = None, free_path: Any = None,
    pitch_angle: Any = None,
) -> Config:
    """Configuration of a run.

    Parameters
    ----------
    source : path, dict or Config
        A TOML file; or its content as nested dictionaries, ``{"turbulence": {"gamma": 1.6}}``, values as in TOML.
    overrides : dict, optional
        Keys to replace, ``{"ensemble.realisations": 2000, "transport.mean_free_path": "3 pc"}``; None takes a key away.

    turbulence : Turbulence, optional
        Takes the place of [turbulence], as it is: lengths in pc, velocities in km/s, with a band for flows of waves.
    free_path : law or callable, optional
        Takes the place of `transport.free_path`: a law of `theory.free_path`, or a density p(t) of t = path/(mean free path)
        (in any unit; `support` and `breaks` as attributes where it has ends or jumps).
    pitch_angle : PitchAngle or callable, optional
        Takes the place of `transport.pitch_angle_dependence`: an object of `theory.pitch_angle`, or an even function h(mu),
        in any unit (`breaks` as an attribute where it has jumps).

    Returns
    -------
    Config

    Raises
    ------
    InputError
        For an unknown key or an impossible value; the message names it and what to write.

    Examples
    --------
    >>> config = configuration({"turbulence": {"gamma": "3/2", "band": [1e-2, 30]}}, {"sky.l_max": 10})
    >>> config.turbulence.gamma, config.sky.l_max
    (1.5, 10)
    """
    given_objects = any(given is not None for given in (turbulence, free_path, pitch_angle))
    if isinstance(source, Config):
        if not overrides and not given_objects:
            return source
        tree, name = tomllib.loads(source.to_toml()), "the configuration"
    elif isinstance(source, Mapping):
        tree, name = _plain(source), "the configuration"
    elif isinstance(source, (str, PathLike)):
        if not overrides and not given_objects:
            return load_config(Path(source))
        tree, name = read_tree(Path(source)), str(source)
    else:
        raise InputError(f"a configuration is a path, a dictionary or a Config, not {type(source).__name__}")
    given: list[tuple[str, str]] = []
    for key, value in (overrides or {}).items():
        section, dot, entry = str(key).partition(".")
        if not (section and dot and entry) or "." in entry:
            raise InputError(f"{key!r} does not name a key; write section.key, for example 'turbulence.gamma'")
        if not isinstance(tree.setdefault(section, {}), dict):
            raise InputError(f"[{section}] is not a table of the configuration")
        if value is None:
            tree[section].pop(entry, None)
        else:
            tree[section][entry] = _plain(value)
        given.append((section, entry))
    if free_path is not None:
        section = tree.setdefault("transport", {})
        section.pop("free_path_shape", None)
        section |= enter_free_path(free_path)
    if pitch_angle is not None:
        section = tree.setdefault("transport", {})
        for key in PITCH_ANGLES.all_keys():
            section.pop(key, None)
        section |= enter_pitch_angle(pitch_angle)
    if turbulence is not None:
        plain = {key: section for key, section in tree.items() if key != "turbulence"} | {"turbulence": {"band": [1.0, 2.0]}}
        tree["turbulence"] = enter_turbulence(turbulence, resolve(plain, name).transport.mean_free_path)
    read_tables(tree, Path())
    leave_with_their_choice(tree, given)
    return resolve(tree, name)


def _plain(value: Any) -> Any:
    """The same without types of NumPy and astropy, in containers of its own."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if hasattr(value, "unit") and hasattr(value, "to_value"):  # a quantity of astropy, as it is written in TOML
        unit = str(value.unit).replace(" ", "").removeprefix("1")
        numbers = np.asarray(value.value).tolist()
        written = [f"{number!r} {unit}" for number in numbers] if isinstance(numbers, list) else f"{numbers!r} {unit}"
        return written if unit else numbers
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value
