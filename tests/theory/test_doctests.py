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


def test_the_public_functions_have_examples():
    for name in ("parallel", "isotropic", "large_l", "flow_multipoles", "sky", "structure", "mellin", "free_path"):
        module = importlib.import_module(f"fluxtube.theory.{name}")
        for member, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not member.startswith("_") and member not in WITHOUT:
                assert ">>>" in (function.__doc__ or ""), f"{name}.{member}"


#: Helpers shared between modules.
WITHOUT = {"require_convergence", "with_phases"}
