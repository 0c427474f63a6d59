"""Nothing in a name or an option reaches the shell as a command; the parts of an array are joined by whoever comes last."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fluxtube.cli import main

CONFIG = """
[turbulence]
band = [1e-2, 30]
[sky]
l_max = 5
nside = 2
[ensemble]
realisations = 3000
[check]
realisations = 0
"""
ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.toml").write_text(CONFIG)
    return tmp_path


@pytest.mark.parametrize(
    "options",
    [
        ["--time", "banana"], ["--time", "1\ntouch pwned"], ["--time", "1; touch pwned"], ["--time", "²"],
        ["--mpi", "pmi2 true; touch pwned;"], ["--mpi", "$(touch pwned)"], ["--partition", "a b"], ["--partition", "a\nb"],
        ["--account", "x\n#SBATCH --uid=0"], ["--qos", "`id`"], ["--constraint", "a b"], ["--mem", "lots"], ["--mem", "1G;"],
        ["--module", "x; touch pwned"], ["--setup", "true\ntouch pwned"], ["--nodes", "0"], ["--array", "-1"],
        ["--time", "1:00"], ["--time", "4"], ["--time", "0-0:4:59"], ["--time", "٣0"], ["-o", "run.toml"],
        ["--set", "sky.l_max=5\n"], ["-o", "a\ntouch pwned\nb.h5"], ["-o", "a\rb"], ["-o", "a\x1b[31m"],
    ],
)  # fmt: skip
def test_what_a_shell_would_read_otherwise_is_refused(folder, capfd, options):
    assert main(["submit", "run.toml", "-o", "run.h5", *options, "--dry-run"]) == 2
    assert capfd.readouterr().err.count("\n") == 1
    assert sorted(os.listdir(folder)) == ["run.toml"]


@pytest.mark.parametrize("script", ["run.toml", "run.h5", "notes"])
def test_a_script_replaces_nothing_but_a_script(folder, script):
    (folder / "run.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    (folder / "notes").write_text("mine")
    before = (folder / script).read_bytes()
    assert main(["submit", "run.toml", "-o", "x.h5", "--script", script, "--dry-run"]) == 2
    assert (folder / script).read_bytes() == before
    for _ in range(2):
        assert main(["submit", "run.toml", "-o", "x.h5", "--dry-run"]) == 0


def test_a_python_without_the_command_beside_it_is_named_itself(folder, monkeypatch):
    python = folder / "python"
    python.symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(python))
    assert main(["submit", "run.toml", "-o", "x.h5", "--dry-run"]) == 0
    script = (folder / "x.h5.sbatch").read_text()
    assert f"{python} -m fluxtube run run.toml -o x.h5" in script
    assert "export PATH" not in script


STUB = """\
#!/bin/bash
# srun, as far as these scripts know it: starts what stands behind its options.
while [[ "$1" == -* ]]; do shift; done
exec "$@"
"""


@pytest.fixture
def stubs(folder):
    (folder / "bin").mkdir()
    for name, text in (("srun", STUB), ("module", "#!/bin/bash\n"), ("scontrol", '#!/bin/bash\necho "$@" >> requeued\n')):
        (folder / "bin" / name).write_text(text)
        os.chmod(folder / "bin" / name, stat.S_IRWXU)
    return {**os.environ, "PATH": f"{folder / 'bin'}:{BIN}:{os.environ['PATH']}", "SLURM_SUBMIT_DIR": str(folder)}


def bash(script, variables, **changes):
    return subprocess.run(["bash", script], env=variables | changes, capture_output=True, text=True, timeout=120)


NAMES = ["my run.h5", "a'b.h5", "$(touch pwned).h5", "a;touch pwned.h5", "-x.h5"]


@pytest.mark.parametrize("name", NAMES)
def test_any_printable_name_is_a_name(folder, stubs, name):
    """The run is at its end at once: only the words that fluxtube is given are of interest."""
    (folder / "bin" / "fluxtube").write_text('#!/bin/bash\nprintf "%s\\n" "$@" > words\n')
    os.chmod(folder / "bin" / "fluxtube", stat.S_IRWXU)
    arguments = ["submit", "run.toml", f"--output={name}", "--script", "s.sbatch", "--set", "ensemble.seed=7", "--dry-run"]
    assert main([*arguments, "--qos", "long", "--mem", "4G", "--constraint", "a&b", "--module", "mpi/mpich-4.2"]) == 0
    script = (folder / "s.sbatch").read_text()
    for line in ("--qos=long", "--mem=4G", "--constraint=a&b"):
        assert f"#SBATCH {line}\n" in script
    text = "\n".join(line for line in script.splitlines() if not line.startswith("export PATH"))
    (folder / "s.sbatch").write_text(text)
    done = bash("s.sbatch", stubs)
    assert done.returncode == 0, done.stderr
    assert (folder / "words").read_text().split("\n")[:4] == ["run", "run.toml", "-o", "./-x.h5" if name == "-x.h5" else name]
    assert not (folder / "pwned").exists()
    head = next(line for line in script.splitlines() if "job-name" in line)
    assert set(head.partition("=")[2]) <= set("abcdefghijklmnopqrstuvwxyz._-"), head


def array(folder, script, stubs, task, extra=()):
    return subprocess.run(
        ["bash", script, *extra], capture_output=True, text=True, timeout=120,
        env=stubs | {"SLURM_ARRAY_TASK_COUNT": "2", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_ID": str(task),
                     "SLURM_ARRAY_JOB_ID": "7", "SLURM_JOB_ID": "9"},
    )  # fmt: skip


@pytest.mark.parametrize("which", ["shipped", "submitted"])
def test_an_array_is_joined_in_spite_of_what_a_killed_task_left(folder, stubs, which):
    (folder / "run.h5.merging").mkdir()  # of an earlier version
    if which == "shipped":
        shutil.copy(ROOT / "slurm" / "array.sbatch", folder / "array.sbatch")
        script, extra = "array.sbatch", ("run.toml", "run.h5", "-q")
    else:
        assert main(["submit", "run.toml", "-o", "run.h5", "--array", "2", "--dry-run"]) == 0
        script, extra = "run.h5.sbatch", ()
    for task, joined in ((2, False), (1, True), (2, True)):
        done = array(folder, script, stubs, task, extra)
        assert done.returncode == 0, done.stderr
        assert (folder / "run.h5").exists() == joined
    assert main(["validate", "run.h5"]) == 0
