"""Products of kernels stay on one thread each, so that a machine's cores and settings change no bit."""

import os
import subprocess
import sys

import h5py
import numpy as np
import pytest

WIDE = """
[turbulence]
band = [1e-2, 300]
[sky]
l_max = 100
nside = 128
frame = "equatorial"
[sampling]
modes = 256
[ensemble]
realisations = 256
[check]
realisations = 0
[output]
skies = 0
"""
RUN = """
import contextlib, sys
from fluxtube.cli import main
from fluxtube.sim.engine import single_blas
if sys.argv[2] == "free":
    single_blas._controller = lambda: type("Nothing", (), {"limit": lambda self, **limits: contextlib.nullcontext()})()
sys.exit(main(["run", sys.argv[1], "-o", sys.argv[3], "-q"]))
"""
INSIDE = """
import numpy as np
from threadpoolctl import threadpool_info
from fluxtube.sim.run.threads import kernel_threads

def blas():
    return {pool["filepath"]: pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

with kernel_threads(1):
    from fluxtube.sim.engine.kernels.products import products_in_tiles
    products_in_tiles(np.ones((1, 128, 3)), np.empty((1, 1, 3, 3)), np.empty((1, 1, 3, 3)))
    inside = blas()
print(sorted(inside.values()), sorted(blas().values()))
"""


def child(program, *arguments, threads):
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], env=environment | {"OPENBLAS_NUM_THREADS": str(threads)},
        capture_output=True, text=True, timeout=250,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def sums(path):
    with h5py.File(path) as file:
        return {f"{group}/{name}": part[()] for group in ("multipoles", "spectrum", "sky") for name, part in file[group].items()}


def test_every_blas_that_is_loaded_has_one_thread_inside():
    """NumPy's and scipy's, which kernels load only when they are first used; afterwards both have what they had."""
    inside, after = child(INSIDE, threads=2).split("] [")
    assert set(inside.strip("[")) <= set("1, ")
    if os.cpu_count() > 1:
        assert "2" in after


@pytest.mark.skipif(os.cpu_count() < 2, reason="a product is split over threads where there are several cores")
def test_threads_of_blas_change_no_bit(tmp_path):
    (tmp_path / "c.toml").write_text(WIDE)
    found = {}
    for name, kind, threads in (("one", "single", 1), ("two", "single", 2), ("free", "free", 2)):
        child(RUN, tmp_path / "c.toml", kind, tmp_path / f"{name}.h5", threads=threads)
        found[name] = sums(tmp_path / f"{name}.h5")
    assert {"multipoles/second_moment", "spectrum/C_l_error", "sky/mean"} <= set(found["one"])
    for name, values in found["one"].items():
        np.testing.assert_array_equal(values, found["two"][name])
    # The control: products that are split round another way here.
    assert any((values != found["free"][name]).any() for name, values in found["one"].items())
