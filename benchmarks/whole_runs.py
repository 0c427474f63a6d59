"""5 to 9: whole commands, as a user starts them."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np
from harness import Effort, Row

BIN = Path(sys.executable).parent
# What the script pins for its own contestants, a user's commands do not have.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}

ACROSS = 4500  # realisations: 2/5 over so many is 0.94 % on C_2


# The peak that the kernel counts for a child begins with its parent's; that of the program itself is in its own status.
PEAK = """
import re, sys
from fluxtube.cli import main
status = main(sys.argv[1:])
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
sys.exit(status)
"""


def command(*arguments, ranks: int | None = None) -> float:
    """Seconds of a command."""
    launcher = [str(BIN / "mpirun"), "-n", str(ranks)] if ranks else []
    start = time.perf_counter()
    whole = [*launcher, str(BIN / "fluxtube"), *map(str, arguments)]
    subprocess.run(whole, stdout=subprocess.DEVNULL, check=True, env=ENVIRONMENT)
    return time.perf_counter() - start


def peak_memory(*arguments) -> float:
    """Peak memory [MiB] of a command."""
    program = [sys.executable, "-c", PEAK, *map(str, arguments)]
    done = subprocess.run(program, stdout=subprocess.PIPE, text=True, check=True, env=ENVIRONMENT)
    return int(done.stdout.split()[-1]) / 1024


def timings(path: Path) -> dict[str, float]:
    """What a run says of its own time."""
    with h5py.File(path) as file:
        return dict(file["timings"].attrs)


def _largest_error(path: Path) -> float:
    """Largest standard error of a C_l over it, l >= 2."""
    with h5py.File(path) as file:
        return float(np.max(file["spectrum/C_l_error"][2:] / file["spectrum/C_l"][2:]))


def goals(configuration) -> list[Row]:
    """Time to one per cent on every C_l, along the field and in all directions."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run.h5"
        plain = ["-o", out, "-q", "--force", "--threads", 2, "--set", "check.realisations=0"]
        along = ["run", configuration, *plain]
        text, fixed = (configuration.parent / "paper_fig3_isotropic.toml").read_text(), Path(folder) / "rings.toml"
        fixed.write_text("".join(line for line in text.splitlines(keepends=True) if not line.startswith("waves")))
        across = ["run", configuration.parent / "paper_fig3_isotropic.toml", *plain, "--set", "output.skies=0"]
        rings = ["run", fixed, *plain, "--set", "output.skies=0", "--set", "sampling.flow=rings"]
        for run in (along, across, rings):  # compiles, if nothing has yet
            command(*run, "--set", "ensemble.realisations=64")
        realisations = Effort.realisations(ACROSS)
        number = ["--set", f"ensemble.realisations={realisations}"]
        one_per_cent = statistics.median(command(*along) for _ in range(Effort.rounds(5)))
        isotropic = statistics.median(command(*across, *number) for _ in range(Effort.rounds(3)))
        largest = _largest_error(out)
        gaussian = statistics.median(command(*rings, *number) for _ in range(Effort.rounds(3)))
        largest_of_rings = _largest_error(out)
    return [
        Row(
            "5",
            "time to 1 % on every C_l, 20,000 realisations, two threads, warm, whole command",
            f"{one_per_cent:.2f} s",
            "5 s",
            one_per_cent <= 5,
        ),
        Row(
            "5",
            f"time to 1 % on every C_l, isotropic, {realisations} realisations of 1024 waves, two threads, warm, whole command",
            f"{isotropic:.2f} s, largest error {100 * largest:.2f} %",
            "1 %",
            largest <= 0.01,
        ),
        Row(
            "5",
            f"time to 1 % on every C_l, isotropic, {realisations} realisations of `rings`, two threads, warm, whole command",
            f"{gaussian:.2f} s, largest error {100 * largest_of_rings:.2f} %",
            "1 %",
            largest_of_rings <= 0.01,
        ),
    ]


def rows(configuration) -> list[Row]:
    """Scaling, overhead, memory, start."""
    with tempfile.TemporaryDirectory() as folder:
        return _rows(configuration, Path(folder))


def _rows(configuration, folder: Path) -> list[Row]:
    out = folder / "run.h5"
    plain = ["run", configuration, "-o", out, "-q", "--force", "--set", "check.realisations=0"]

    def ensemble_seconds(realisations, **how):
        ranks, threads = how.get("ranks"), how.get("threads", 1)
        command(*plain, "--threads", threads, "--set", f"ensemble.realisations={realisations}", ranks=ranks)
        return timings(out)["ensemble"]

    def median(call, rounds=5):
        return statistics.median(call() for _ in range(Effort.rounds(rounds)))

    command(*plain)  # compiles, if nothing has yet
    long = Effort.realisations(2_000_000)  # seconds of work, beside which starting together does not count
    one, two_ranks, two_threads = [], [], []
    for _ in range(Effort.rounds(3)):  # in turns
        one.append(ensemble_seconds(long))
        two_ranks.append(ensemble_seconds(long, ranks=2))
        two_threads.append(ensemble_seconds(long, threads=2))
    gain_ranks = statistics.median(a / b for a, b in zip(one, two_ranks, strict=True))
    gain_threads = statistics.median(a / b for a, b in zip(one, two_threads, strict=True))
    command(*plain, "--set", f"ensemble.realisations={long}", ranks=2)
    said = timings(out)
    overhead = 1 - said["ensemble"] / (said["total"] - said.get("setup", 0))
    numbers = (10_000, Effort.realisations(1_000_000))
    memory = [peak_memory(*plain, "--threads", 1, "--set", f"ensemble.realisations={n}") for n in numbers]
    helped = median(lambda: command("--help"), 9)
    started = median(lambda: command(*plain, "--set", "ensemble.realisations=64"))
    return [
        Row("6", f"{long} realisations, 2 ranks against 1", f"{gain_ranks:.2f} x", "1.85 x", gain_ranks >= 1.85),
        Row("6", f"{long} realisations, 2 threads against 1", f"{gain_threads:.2f} x", "1.85 x", gain_threads >= 1.85),
        Row(
            "7",
            f"share of reduction, storage and progress, {long} realisations on 2 ranks",
            f"{100 * overhead:.1f} %",
            "3 %",
            overhead <= 0.03,
        ),
        Row(
            "8",
            "peak memory, 1e6 against 1e4 realisations",
            f"{memory[1]:.0f} against {memory[0]:.0f} MiB",
            "5 % more",
            memory[1] <= 1.05 * memory[0],
        ),
        Row("9", "fluxtube --help", f"{helped:.2f} s", "0.4 s", helped <= 0.4),
        Row(
            "9",
            "second start of a run of 64 realisations, whole command",
            f"{started:.2f} s",
            "no compilation",
            _compiles_nothing(plain),
        ),
    ]


def _compiles_nothing(plain) -> bool:
    """Whether a warm run leaves the kernel cache as it was."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**ENVIRONMENT, "NUMBA_CACHE_DIR": cache}
        files = []
        for _ in range(2):
            subprocess.run([str(BIN / "fluxtube"), *map(str, plain)], env=environment, check=True, stdout=subprocess.DEVNULL)
            files.append({path: path.stat().st_mtime_ns for path in Path(cache).rglob("*.nbc")})
        return bool(files[0]) and files[0] == files[1]
