"""What the machine can do at most, measured at every run: multiply-adds, memory, random numbers, on one thread."""

from functools import cache

import numpy as np
from harness import Row, in_turns

from fluxtube.sim.engine.kernels.gaussian import fill_normal_pairs, fill_uniform_pairs

SIZE = 512  # of square matrices: three of them stay in the second cache
BYTES = 2**28  # copied: far beyond any cache's share of a thread
NORMALS = 2**20


@cache
def floors() -> dict[str, float]:
    """Seconds of a multiply-add in a matrix product, of a byte moved, of a normal of each generator, of a uniform."""
    random = np.random.default_rng(1)
    a, b, c = random.standard_normal((3, SIZE, SIZE))
    source, target = np.zeros(BYTES // 8), np.ones(BYTES // 8)
    one, other = np.empty((2, NORMALS // 2))
    times = in_turns(
        {
            "product": lambda: np.dot(a, b, out=c),
            "copy": lambda: np.copyto(target, source),
            "ours": lambda: fill_normal_pairs(one, other, 1, 1, 1),
            "uniform": lambda: fill_uniform_pairs(one, other, 1, 1, 1),
            "numpy": lambda: random.standard_normal(NORMALS),
        },
        rounds=9,
    )
    return {
        "multiply-add": times["product"] / SIZE**3,
        "byte": times["copy"] / (2 * BYTES),  # read and written
        "normal": times["ours"] / NORMALS,
        "uniform": times["uniform"] / NORMALS,
        "numpy normal": times["numpy"] / NORMALS,
    }


def rows() -> list[Row]:
    """The floors themselves."""
    found = floors()
    return [
        Row("0", f"matrix product of {SIZE} x {SIZE}", f"{1e-9 / found['multiply-add']:.1f} G multiply-adds a second", ""),
        Row("0", f"copy of {BYTES >> 20} MiB", f"{1e-9 / found['byte']:.1f} GB a second, read and written", ""),
        Row(
            "0",
            "standard normals, counter-based",
            f"{found['normal'] * 1e9:.2f} ns each",
            "",
            peers=f"NumPy's generator {found['numpy normal'] / found['normal']:.2f} x",
        ),
    ]
