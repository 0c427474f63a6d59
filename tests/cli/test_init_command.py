"""`fluxtube init`: every configuration it writes loads, and nothing is overwritten without a word."""

import pytest

from fluxtube.cli import main
from fluxtube.commands.init import NAMES
from fluxtube.sim.config import load_config
from fluxtube.sim.engine.feasible import check_runnable


@pytest.mark.parametrize("name", NAMES)
def test_every_configuration_can_be_run(name, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["init", name]) == 0
    assert f"fluxtube run {name}.toml -o {name}.h5" in capsys.readouterr().out
    check_runnable(load_config(f"{name}.toml"))
    text = (tmp_path / f"{name}.toml").read_text()
    assert "configs/" not in text  # the comments name the file that was written
    assert text.count("#") > 5


def test_nothing_is_overwritten(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "quickstart.toml").write_text("mine")
    assert main(["init"]) == 2
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "quickstart.toml").read_text() == "mine"
    assert main(["init", "--force"]) == 0
    assert main(["init", "-o", "other.toml"]) == 0


def test_an_unknown_name_is_refused(capsys):
    with pytest.raises(SystemExit) as status:
        main(["init", "nothing"])
    assert status.value.code == 2
    assert "quickstart" in capsys.readouterr().err
