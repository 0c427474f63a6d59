"""Every public function's docstring holds an example that runs."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import fluxtube.theory

MODULES = sorted(module.name for module in pkgutil.iter_modules(fluxtube.theory.__path__))


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(f"fluxtube.theory.{name}")
    failed, _ = doctest.testmod(module)
    assert failed == 0


def public_functions():
    """Functions of all modules and methods of the turbulence object; checks, and SciPy's functions by name, apart."""
    for name in set(MODULES) - {"checks", "special"}:
        module = importlib.import_module(f"fluxtube.theory.{name}")
        for member, value in inspect.getmembers(module, inspect.isfunction):
            if value.__module__ == module.__name__ and not member.startswith("_"):
                yield f"{name}.{member}", value
    for member, value in inspect.getmembers(fluxtube.theory.Turbulence, inspect.isroutine):
        if not member.startswith("_"):
            yield f"Turbulence.{member}", value


def test_the_public_functions_have_examples():
    functions = dict(public_functions())
    assert len(functions) > 40
    assert [name for name, function in functions.items() if ">>>" not in (inspect.unwrap(function).__doc__ or "")] == []
