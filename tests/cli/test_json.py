"""JSON of commands: what every reader of JSON takes (RFC 8259 has no word for NaN and infinity)."""

import importlib
import inspect
import json
import math

import pytest

from fluxtube.cli import build_parser, main
from fluxtube.plain import as_json


def refused(word: str):
    raise ValueError(word)


def strict(text: str):
    return json.loads(text, parse_constant=refused)


def test_what_is_not_known_is_null():
    value = {"a": [1.5, math.nan, {"b": -math.inf}], "c": 0.1 + 0.2, "d": "NaN", "e": None, "f": 2**53}
    assert strict(as_json(value)) == {"a": [1.5, None, {"b": None}], "c": 0.1 + 0.2, "d": "NaN", "e": None, "f": 2**53}
    with pytest.raises(ValueError, match="NaN"):
        strict(json.dumps(value))


def test_all_commands_write_it():
    """Those that the parser gives an option --json: by this function, and no other."""
    names = [name for name, parser in build_parser()._commands().items() if "--json" in parser._option_string_actions]
    assert len(names) >= 9
    for name in names:
        source = inspect.getsource(importlib.import_module(f"fluxtube.commands.{name}"))
        assert "as_json(" in source, name
        assert "json.dumps" not in source, name


def test_a_number_that_theory_does_not_have(monkeypatch, tmp_path, capsys):
    import fluxtube.commands.theory as command

    (tmp_path / "c.toml").write_text("[turbulence]\nband = [1e-2, 30]\n[sky]\nl_max = 3\n")
    compute = command.compute
    monkeypatch.setattr(command, "compute", lambda *given: compute(*given) | {"w_over_lambda": math.nan})
    assert main(["theory", str(tmp_path / "c.toml"), "--json"]) == 0
    assert strict(capsys.readouterr().out)["w_over_lambda"] is None
