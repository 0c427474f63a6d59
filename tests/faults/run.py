"""Faults against `fluxtube run`: ranks killed at random moments, disks full, folders gone, files damaged.

    python tests/faults/run.py [--kills 25] [--seed 1]

After every fault the run continues with --resume, on another number of ranks, and must end in the bits of a run that nothing
disturbed; where it cannot go on it must say so in a line and leave with status 2, what was there before intact. Exit status
1 where one did not. The counts are printed at the end.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py

sys.path.insert(0, str(Path(__file__).parents[1] / "mpi"))
from launching import environment, finish, launch, results, start

UNFINISHED = 85
CONFIG = """
[turbulence]
band = [1e-2, 40]
[sky]
l_max = 40
nside = 16
[sampling]
flow = "modes"
modes = 64
[ensemble]
realisations = {realisations}
[check]
realisations = 3
particles = 1000
[output]
multipoles = 100
skies = 2
"""

LIMITED = """\
import resource, sys
from fluxtube.cli import main
from fluxtube.sim.run.communicator import connect
connect()  # MPI wants files of its own
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(main())
"""


class Faults:
    """A folder, a run to disturb, its undisturbed results, and what was survived so far."""

    def __init__(self, folder: Path, seed: int):
        self.folder, self.random = folder, random.Random(seed)
        self.config = folder / "run.toml"
        self.config.write_text(CONFIG.format(realisations=20_000))
        self.kills = self.killed_writing = self.injected = 0
        began = time.monotonic()
        self.command("run", self.config, "-o", folder / "one.h5", ranks=2)
        self.duration = time.monotonic() - began
        self.expected = results(folder / "one.h5")

    def command(self, *arguments, ranks: int = 0, status: int = 0):
        """Run a command to its end, which has to be the given status, without a traceback."""
        outcome = launch(ranks, *arguments, timeout=120)
        assert outcome.status == status, f"{arguments}: status {outcome.status}\n{outcome.err}"
        assert "Traceback" not in outcome.err, outcome.err
        if status == 2:
            assert outcome.err.count("fluxtube: error:") == 1, outcome.err
        return outcome

    def ends_well(self, output: Path, ranks: int) -> None:
        """The run goes on to the expected bits and leaves nothing behind."""
        self.command("run", self.config, "-o", output, "--resume", ranks=ranks)
        assert results(output) == self.expected, f"{output} differs"
        left = sorted(path.name for path in output.parent.iterdir() if output.name in path.name and path != output)
        assert not left, f"left behind: {left}"
        output.unlink()

    def kill(self) -> None:
        """Kill -9 one process, or all, at a random moment of a run that writes all the time."""
        output = self.folder / "killed.h5"
        while True:
            process = start(
                self.random.choice((1, 2, 3)), "run", self.config, "-o", output, "--resume", "--checkpoint-every", "0"
            )
            time.sleep(self.random.uniform(0.3, 1.0) * self.duration)
            ranks = [
                pid for pid in descendants(process.pid) if "fluxtube" in command_line(pid) and "mpirun" not in command_line(pid)
            ]
            if self.random.random() < 0.5:
                wait_for_writing(output)
            if process.poll() is None and ranks:
                break
            finish(process)
            output.unlink(missing_ok=True)  # it was done before: begin anew
        for pid in ranks if self.random.random() < 0.5 else [self.random.choice(ranks)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        ended = time.monotonic()
        status = finish(process, timeout=20).status
        assert time.monotonic() - ended < 5, "the others went on"
        if status == 0:  # it had finished all but its exit
            output.unlink()
            return
        self.kills += 1
        self.killed_writing += being_written(output)  # what the dead left half-written

    def survive_kills(self, count: int) -> None:
        """Several kills in a row on one output, then to the end, again and again."""
        while self.kills < count:
            before = self.kills
            for _ in range(self.random.choice((1, 2, 3))):
                if self.kills < count:
                    self.kill()
            self.ends_well(self.folder / "killed.h5", self.random.choice((1, 2, 3)))
            print(f"  {before + 1}-{self.kills} of {count} kills survived", flush=True)


def being_written(output: Path) -> bool:
    """Whether a file of that output is half-written."""
    return any(output.parent.glob(f".{output.name}*.partial-*"))


def wait_for_writing(output: Path, seconds: float = 1.0) -> None:
    """Wait for the moment in which a checkpoint is being written."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not being_written(output):
        pass


def descendants(leader: int) -> list[int]:
    """Processes below `leader`, children first."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.split()
    parents = {int(pid): int(parent) for pid, parent in zip(listed[::2], listed[1::2], strict=True)}
    found = [leader]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def command_line(pid: int) -> str:
    """What a process was started with; "" where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def checkpoint_of(faults: Faults, output: Path) -> Path:
    """A checkpoint somewhere in the middle of the run."""
    faults.command("run", faults.config, "-o", output, "--max-time", "0.3s", status=UNFINISHED)
    return output.with_name(f"{output.name}.checkpoint")


def full_disk(faults: Faults) -> None:
    """A file-size limit, as a full disk: at the end, at a checkpoint, and with an earlier result in place."""
    output = faults.folder / "full.h5"
    for limit in (1, 40, 200):  # KiB
        done = subprocess.run(
            [sys.executable, "-c", LIMITED, str(1024 * limit), "run", faults.config, "-o", output, "--resume",
             "--checkpoint-every", "0", "--set", "ensemble.realisations=3000"],
            capture_output=True, text=True, timeout=60, env=environment(),
        )  # fmt: skip
        assert done.returncode == 2, (limit, done.returncode, done.stderr)
        assert "cannot write" in done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        assert not output.exists()
        faults.injected += 1
    checkpoint = output.with_name("full.h5.checkpoint")
    checkpoint.unlink(missing_ok=True)
    faults.ends_well(output, 2)


def small_file_system(faults: Faults) -> None:
    """A file system that is full, where one can be mounted."""
    mount = faults.folder / "small"
    mount.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", mount], capture_output=True).returncode:
        print("  no small file system could be mounted: left out", flush=True)
        return
    try:
        outcome = faults.command("run", faults.config, "-o", mount / "run.h5", ranks=2, status=2)
        assert "No space left" in outcome.err or "cannot write" in outcome.err
        assert not (mount / "run.h5").exists()
        assert [path.name for path in mount.iterdir() if "partial" in path.name] == []
        faults.injected += 1
    finally:
        subprocess.run(["umount", mount], check=True)


def vanishing_folder(faults: Faults) -> None:
    """The output's folder is taken away in the middle of the run."""
    folder = faults.folder / "gone"
    folder.mkdir()
    process = start(2, "run", faults.config, "-o", folder / "run.h5", "--checkpoint-every", "0")
    while not (folder / "run.h5.checkpoint").exists():
        time.sleep(0.02)
    folder.rename(faults.folder / "moved")
    outcome = finish(process)
    assert outcome.status == 2, outcome
    assert "cannot write" in outcome.err
    assert "Traceback" not in outcome.err
    (faults.folder / "moved").rename(folder)
    faults.injected += 1
    faults.ends_well(folder / "run.h5", 3)  # from the last checkpoint before


def forbidden_folders(faults: Faults) -> None:
    """Folders that are read-only, missing, or not folders."""
    (faults.folder / "file").write_text("")
    places = [
        faults.folder / "missing" / "run.h5",
        faults.folder / "file" / "run.h5",
        faults.folder,
        Path("/proc/run.h5"),
        Path("/sys/run.h5"),
    ]
    locked = faults.folder / "read-only"
    locked.mkdir()
    locked.chmod(0o555)
    if os.getuid():  # root may write anywhere
        places.append(locked / "run.h5")
    for place in places:
        faults.command("run", faults.config, "-o", place, ranks=faults.random.choice((0, 2)), status=2)
        faults.injected += 1


def damaged_files(faults: Faults, flips: int) -> None:
    """Checkpoints and outputs cut short, overwritten, foreign, or of a newer format; each either refused or harmless."""
    output = faults.folder / "damaged.h5"
    checkpoint = checkpoint_of(faults, output)
    good = checkpoint.read_bytes()
    refused = 0

    def try_resume(content: bytes, what: str, must_fail: bool) -> None:
        nonlocal refused
        checkpoint.write_bytes(content)
        outcome = launch(0, "run", faults.config, "-o", output, "--resume", timeout=60)
        assert outcome.status in ((2,) if must_fail else (0, 2)), f"{what}: status {outcome.status}\n{outcome.err}"
        assert "Traceback" not in outcome.err, f"{what}: {outcome.err}"
        if outcome.status == 2:
            refused += 1
            assert checkpoint.read_bytes() == content, f"{what}: changed though refused"
        else:
            assert results(output) == faults.expected, f"{what}: accepted and wrong"
            output.unlink()
        faults.injected += 1

    try_resume(b"", "empty", True)
    try_resume(b"not HDF5" * 1000, "not HDF5", True)
    for share in (0.1, 0.5, 0.95):
        try_resume(good[: int(share * len(good))], f"cut to {share}", True)
    for _ in range(flips):
        place, bit = faults.random.randrange(len(good)), faults.random.randrange(8)
        content = bytearray(good)
        content[place] ^= 1 << bit
        try_resume(bytes(content), f"bit {bit} of byte {place} turned", False)
    with h5py.File(checkpoint, "w") as file:
        file["something"] = 1.0
    try_resume(checkpoint.read_bytes(), "foreign", True)
    checkpoint.write_bytes(good)
    with h5py.File(checkpoint, "r+") as file:
        file.attrs["format_version"] = [99, 0]
    try_resume(checkpoint.read_bytes(), "newer format", True)
    print(f"  {refused} damaged files refused, the others harmless", flush=True)
    checkpoint.write_bytes(good)
    faults.ends_well(output, 3)


def main() -> int:
    """Inject all faults."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--flips", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        faults = Faults(Path(folder), args.seed)
        for fault in (forbidden_folders, full_disk, small_file_system, vanishing_folder):
            fault(faults)
            print(f"ok: {fault.__name__}", flush=True)
        damaged_files(faults, args.flips)
        print("ok: damaged_files", flush=True)
        faults.survive_kills(args.kills)
    print(
        f"test-faults: {faults.kills} kills survived ({faults.killed_writing} of them while writing), "
        f"{faults.injected} other faults injected; every resumed run bitwise that of an undisturbed one"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
