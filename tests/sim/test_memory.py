"""What a run is said to take, against what it takes; and what is known of the limits."""

import os
import subprocess
import sys

import pytest

from fluxtube import memory_present as limits
from fluxtube.cli import main
from fluxtube.errors import InputError
from fluxtube.memory_present import memory_present
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.feasible import check_runnable
from fluxtube.sim.engine.memory import file_bytes, memory_needed

BASE = """
[turbulence]
band = [1e-2, 400]
[sky]
l_max = 10
nside = 8
[ensemble]
realisations = 2000
[check]
realisations = 0
"""
PEAK = """\
import re, sys
from pathlib import Path
from fluxtube.cli import main
status = main(sys.argv[1:])
# Not getrusage: a process inherits the peak of the one that started it.
print(status, 1024 * int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]))
"""


@pytest.mark.parametrize(
    "settings",
    [
        ["output.multipoles=20000", "ensemble.realisations=20000", "sky.l_max=150"],
        ["sampling.estimator=particles", "sampling.particles=1e5", "sky.nside=128", "ensemble.realisations=16"],
        ["sky.nside=256", "output.skies=12", "ensemble.realisations=1024"],
    ],
)
def test_a_run_takes_no_more_than_it_is_said_to(tmp_path, settings):
    """And not much less: an estimate of ten times as much would refuse runs that are possible."""
    (tmp_path / "c.toml").write_text(BASE)
    sets = [part for setting in settings for part in ("--set", setting)]
    done = subprocess.run(
        [sys.executable, "-c", PEAK, "run", tmp_path / "c.toml", "-o", tmp_path / "r.h5", "-q", *sets],
        capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    status, peak = (int(word) for word in done.stdout.split())
    assert status == 0, done.stderr
    config = parse(BASE, settings, "here")
    needed = sum(memory_needed(config).values())
    assert peak < needed < 2 * peak
    written = os.path.getsize(tmp_path / "r.h5")
    assert written / 2 < file_bytes(config) < 3 * written


def test_what_does_not_fit_is_refused_by_the_key_that_asks_for_it(monkeypatch):
    isotropic = ["transport.model=isotropic", "sampling.flow=modes", "sky.l_max=150", "ensemble.realisations=1e5"]
    for more in ("output.multipoles=1e5", "check.realisations=1e4"):
        with pytest.raises(InputError, match=r"GiB.*check\.realisations"):
            check_runnable(parse(BASE, [*isotropic, more], "here"))
    monkeypatch.setattr("fluxtube.sim.engine.feasible.memory_present", lambda: 2**32)
    with pytest.raises(InputError, match=r"sampling\.flow"):
        check_runnable(parse(BASE, ["sampling.flow=modes", "sampling.waves=1e6"], "here"))
    small = parse(BASE, [], "here")
    check_runnable(small, 10)
    with pytest.raises(InputError, match="each of 100 ranks"):
        check_runnable(small, 100)


def test_a_dipole_that_cannot_be_summed_is_refused_at_the_start():
    with pytest.raises(InputError, match="can be summed"):
        check_runnable(parse(BASE, ["transport.density_gradient=1 /pc"], "here"))
    check_runnable(parse(BASE, ["transport.density_gradient=0.15 /pc"], "here"))


def test_the_largest_dipole_can_be_summed(tmp_path):
    (tmp_path / "c.toml").write_text(BASE)
    gradient = "transport.density_gradient=0.18 /pc"
    with pytest.raises(InputError):
        check_runnable(parse(BASE, ["transport.density_gradient=0.181 /pc"], "here"))
    assert main(["run", str(tmp_path / "c.toml"), "-o", str(tmp_path / "r.h5"), "-q", "--set", gradient]) == 0


def test_limits_of_slurm_and_control_groups(tmp_path, monkeypatch):
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    monkeypatch.setattr(limits, "_control_groups", lambda: [])
    assert memory_present() <= machine
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "500")
    assert memory_present() == 500 * 2**20
    monkeypatch.delenv("SLURM_MEM_PER_NODE")
    monkeypatch.setenv("SLURM_MEM_PER_CPU", "100")
    monkeypatch.setenv("SLURM_CPUS_ON_NODE", "3")
    assert memory_present() == 300 * 2**20
    monkeypatch.undo()
    monkeypatch.setattr(limits, "CGROUP", tmp_path)
    monkeypatch.setattr(limits.Path, "read_text", fake_groups(tmp_path, limits.Path.read_text))
    assert limits._control_groups() == [3 * 2**30]


def fake_groups(root, read_text):
    """Version 2: a limit in the group above, none in the process's own."""
    above = root / "job"
    (above / "step").mkdir(parents=True)
    (above / "memory.max").write_text(f"{3 * 2**30}\n")
    (above / "step" / "memory.max").write_text("max\n")

    def read(path, *how, **more):
        return "0::/job/step\n" if str(path) == "/proc/self/cgroup" else read_text(path, *how, **more)

    return read


def test_a_rehearsal_says_what_a_run_costs(tmp_path, capfd):
    (tmp_path / "c.toml").write_text(BASE)
    options = ["--dry-run", "--threads", "1", "--ranks", "2", "--set", "ensemble.realisations=30000"]
    assert main(["run", str(tmp_path / "c.toml"), *options]) == 0
    said = dict(line.split(maxsplit=1) for line in capfd.readouterr().out.splitlines())
    assert list(said) == ["checks", "work", "time", "memory", "file", "ranks", "stopping"]
    assert said["work"].startswith("30,000 realisations, 30 blocks of 1,024")
    assert "on 2 ranks" in said["time"]
    assert said["ranks"].startswith("up to 3 ")
    assert os.listdir(tmp_path) == ["c.toml"]
    for wrong in ([], ["-o", str(tmp_path / "r.h5"), "--ranks", "2"]):
        assert main(["run", str(tmp_path / "c.toml"), *wrong]) == 2
