"""1: a vector flow of plane waves at scattered positions, against NumPy and GSTools."""

import numpy as np
from harness import Row, in_turns

from fluxtube.sim.engine.kernels.vector_flow import vector_flow

POSITIONS = 20_000
NUMPY_POSITIONS = 1_000  # its memory is modes * positions; the time a mode and position does not depend on it


def by_numpy(turns, cosine, sine, positions):
    phase = 2 * np.pi * (turns.T @ positions)
    return cosine @ np.cos(phase) + sine @ np.sin(phase)


def by_gstools(turns, cosine, sine, positions):
    """GSTools-Core's sum for incompressible fields: the same wave vectors, one normal number each for cosine and sine."""
    from gstools_core import summate_incompr

    return summate_incompr(2 * np.pi * turns, cosine[0].copy(), sine[0].copy(), positions, 1)


def rows() -> list[Row]:
    """A row for each number of modes and extent."""
    found = []
    for modes in (64, 512, 4096):
        for extent in (100, 5000):
            random = np.random.default_rng(modes)
            turns = random.standard_normal((3, modes))
            turns *= extent / (2 * np.pi) / np.linalg.norm(turns, axis=0)
            cosine, sine = random.standard_normal((2, 3, modes))
            positions, velocity = random.random((3, POSITIONS)), np.empty((3, POSITIONS))
            few = np.ascontiguousarray(positions[:, :NUMPY_POSITIONS])
            times = in_turns(
                {
                    "ours": lambda t=turns, c=cosine, s=sine, p=positions, v=velocity: vector_flow(t, c, s, p, v),
                    "numpy": lambda t=turns, c=cosine, s=sine, p=few: by_numpy(t, c, s, p),
                    "gstools": lambda t=turns, c=cosine, s=sine, p=few: by_gstools(t, c, s, p),
                },
                rounds=5,
            )
            ours = times["ours"] / (modes * POSITIONS) * 1e9
            over = {name: times[name] / (modes * NUMPY_POSITIONS) * 1e9 / ours for name in ("numpy", "gstools")}
            exact = by_numpy(turns, cosine, sine, few)
            error = np.max(np.abs(velocity[:, :NUMPY_POSITIONS] - exact)) / exact.std()
            found.append(
                Row(
                    "1",
                    f"vector flow, {modes} modes, k L = {extent}",
                    f"{ours:.2f} ns a mode and position; error {error:.0e}",
                    "0.7 ns, 1e-11, 25 x, 25 x",
                    ours <= 0.7 and error <= 1e-11 and min(over.values()) >= 25,
                    peers=f"NumPy {over['numpy']:.0f} x, GSTools-Core {over['gstools']:.0f} x",
                )
            )
    return found
