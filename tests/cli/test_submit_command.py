"""`fluxtube submit` writes a script that the shell understands."""

import subprocess

from fluxtube.cli import main

CONFIG = "[turbulence]\nband = [1e-2, 200]\n"


def test_script_is_shown_and_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a run.toml").write_text(CONFIG)
    arguments = ["submit", "a run.toml", "-o", "run.h5", "--nodes", "3", "--account", "us", "--set", "sky.l_max=20", "--dry-run"]
    assert main(arguments) == 0
    script = (tmp_path / "run.h5.sbatch").read_text()
    assert script in capsys.readouterr().out
    assert "#SBATCH --nodes=3\n" in script
    assert "#SBATCH --account=us\n" in script
    assert "fluxtube run 'a run.toml' -o run.h5 --resume" in script
    assert "--set sky.l_max=20" in script
    assert subprocess.run(["bash", "-n", "run.h5.sbatch"], timeout=10).returncode == 0


def test_a_bad_configuration_is_not_submitted(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.toml").write_text(CONFIG)
    assert main(["submit", "run.toml", "-o", "run.h5", "--set", "sky.l_maxx=20", "--dry-run"]) == 2
    assert "l_maxx" in capsys.readouterr().err
    assert not (tmp_path / "run.h5.sbatch").exists()
