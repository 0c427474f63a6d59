"""One of several: a key of a section names a choice, and the choice brings keys of its own.

`spectrum = "von-karman"` stands beside `outer_scale = "100 pc"` in one flat table of the TOML file; inside, the keys of
the choice are one object (`turbulence.spectrum_choice`), which builds what it stands for.
"""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from fluxtube.errors import InputError

STORED = "stored"  # in the context of a validation: keys without effect are dropped, as an earlier layout wrote all


class Choice(BaseModel):
    """What one of several has for keys; `build` makes the thing."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    other_names: ClassVar[dict[str, str]] = {}  # a name that is taken too -> the key


C = TypeVar("C", bound=Choice)


class Registry(Generic[C]):
    """The choices that a key has, by name.

    Parameters
    ----------
    key : str
        "section.key" that names the choice.
    base : type
        What a choice must be derived from.
    """

    def __init__(self, key: str, base: type[C]):
        self.key, self.base = key, base
        self._choices: dict[str, type[C]] = {}
        self._unlisted: set[str] = set()

    def register(self, name: str, listed: bool = True) -> Callable[[type[C]], type[C]]:
        """Decorator that enters a class under a name; one that is not listed can be used, but is not offered to others.

        Raises
        ------
        InputError
            The name is taken, or the class is none of this kind.
        """

        def enter(choice: type[C]) -> type[C]:
            known = self._choices.get(name)
            if known is not None and (known.__module__, known.__qualname__) != (choice.__module__, choice.__qualname__):
                raise InputError(f"{self.key} = {name!r} is there already; give another name")
            if not (isinstance(choice, type) and issubclass(choice, self.base)):
                raise InputError(f"{self.key} = {name!r} must be a class derived from {self.base.__name__}")
            self._choices[name] = choice
            if not listed:
                self._unlisted.add(name)
            return choice

        return enter

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._choices

    def __getitem__(self, name: str) -> type[C]:
        return self._choices[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._choices if name not in self._unlisted)

    def name_of(self, choice: type) -> str:
        """The name that a class was entered under; its own if under none."""
        return next((name for name, one in self._choices.items() if one is choice), choice.__name__)

    def keys_of(self, name: str) -> dict[str, str]:
        """Each key that a choice takes, and the name under which it is held."""
        choice = self._choices[name]
        return {key: key for key in choice.model_fields} | dict(choice.other_names)

    def all_keys(self) -> dict[str, list[str]]:
        """Each key of any choice, and the choices that have it."""
        owners: dict[str, list[str]] = {}
        for name in self:
            for key in self.keys_of(name):
                owners.setdefault(key, []).append(name)
        return owners


class Section(BaseModel):
    """A table of the configuration: no unknown keys, no change after loading.

    For each entry `key: registry` of `choices` a section has two fields: `key`, the name, and `key_choice`, its object. Keys
    of the chosen one can be read from the section; those of the others are None, for they have no effect.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    choices: ClassVar[dict[str, Registry[Any]]] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any, info: ValidationInfo) -> Any:
        """Put the flat keys of each choice into its object."""
        if not isinstance(value, dict):
            return value
        tree = dict(value)
        for key, registry in cls.choices.items():
            if f"{key}_choice" not in tree:
                _gather_choice(tree, key, registry, tree.setdefault(key, cls.model_fields[key].default), info)
        return tree

    @model_validator(mode="after")
    def _all_keys_have_an_effect(self, info: ValidationInfo) -> Self:
        for key, reason in self.without_effect().items():
            if key in self.model_fields_set and not _is_stored(info):
                raise PydanticCustomError("no_effect", "{text}", {"text": f"{key} {reason}"})
        return self

    def without_effect(self) -> dict[str, str]:
        """Keys that the others of this section leave without effect, and why."""
        return {}

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            for key, registry in type(self).choices.items():
                choice = self.__dict__.get(f"{key}_choice")
                if choice is not None and name in type(choice).model_fields:
                    return getattr(choice, name)
                if name in registry.all_keys():
                    return None
        return super().__getattr__(name)  # type: ignore[misc]

    def entries(self) -> Iterator[tuple[str, Any, FieldInfo]]:
        """Key, value and field of everything that is set and has an effect, as it stands in a flat table."""
        unused = self.without_effect()
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if isinstance(value, Choice):
                yield from ((key, getattr(value, key), inner) for key, inner in type(value).model_fields.items()
                            if getattr(value, key) is not None)  # fmt: skip
            elif value is not None and name not in unused:
                yield name, value, field

    def flat(self) -> dict[str, Any]:
        """The same as a dictionary."""
        return {key: value for key, value, _ in self.entries()}

    @classmethod
    def known_keys(cls) -> dict[str, FieldInfo]:
        """All keys that the section has under any choice."""
        keys = {name: field for name, field in cls.model_fields.items() if not name.endswith("_choice")}
        for registry in cls.choices.values():
            for name in registry:
                keys |= {key: registry[name].model_fields[own] for key, own in registry.keys_of(name).items()}
        return keys


def _is_stored(info: ValidationInfo) -> bool:
    return bool(info.context and info.context.get(STORED))


def _gather_choice(tree: dict, key: str, registry: Registry, name: object, info: ValidationInfo) -> None:
    """Take the keys of one choice out of a flat table and put its object in."""
    if name not in registry:
        raise PydanticCustomError("no_choice", "{text}", {"text": _no_choice(key, name, registry)})
    names, owners, taken = registry.keys_of(str(name)), registry.all_keys(), {}
    others = [given for given in tree if given in owners and given not in names]
    if others and not _is_stored(info):
        raise PydanticCustomError("no_effect", "{text}", {"text": _no_effect(others, key, str(name), registry, tree)})
    for other in others:
        del tree[other]
    for given in [given for given in tree if given in names]:
        own = names[given]
        if own in taken:
            both = " and ".join(other for other in names if names[other] == own)
            raise PydanticCustomError("twice", "{text}", {"text": f"{both} are one key; give one of them"})
        taken[own] = tree.pop(given)
    for own, field in registry[str(name)].model_fields.items():
        if field.is_required() and own not in taken:
            raise PydanticCustomError("needed", "{text}", {"text": f"{key} = {name!r} needs the key {own}"})
    tree[f"{key}_choice"] = registry[str(name)].model_validate(taken, context=info.context)


def _no_choice(key: str, name: object, registry: Registry) -> str:
    known = ", ".join(repr(one) for one in registry)
    return f".{key} = {str(name)[:60]!r} is not possible; it must be one of {known}, or come from a file by --plugin"


def _no_effect(others: list[str], key: str, name: str, registry: Registry, tree: dict) -> str:
    owners = registry.all_keys()
    whose = " or ".join(repr(one) for one in owners[others[0]])
    own = [one for one in registry.keys_of(name) if one not in registry[name].other_names]
    with_effect = f"; {key} = {name!r} takes {', '.join(own)}" if own else f"; {key} = {name!r} has no keys of its own"
    has = "has" if len(others) == 1 else "have"
    return f"{', '.join(others)} {has} no effect with {key} = {name!r} (only with {whose}): leave it out{with_effect}"
