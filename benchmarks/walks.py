"""11: a scattering of a walk along the field, against its random numbers and look-ups in the table of the flow."""

from pathlib import Path

import numpy as np
from harness import Row, in_turns
from numba import njit, prange, uint64

from fluxtube.sim.config import load_config
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.estimators.table import increment_table
from fluxtube.sim.engine.kernels.gaussian import uniform_pair
from fluxtube.sim.engine.kernels.interpolation import interpolation_cells
from fluxtube.sim.engine.kernels.walks import velocity_at, walk_tails

WALKS = 2048
CONFIGURATION = Path(__file__).parent.parent / "configs" / "kinetic.toml"


@njit(parallel=True, error_model="numpy")
def floor(cells, reach, away, start, mirrored, total):
    """A pair of uniforms each step, and the look-ups of its group where walks of the same kind have been: nothing else.

    `away` holds real walks, so that the floor finds the table in the caches as walks do; compiled as they are.
    """
    for task in prange((start.shape[0] + 31) // 32):
        for w in range(32 * task, min(start.shape[0], 32 * task + 32)):
            row = w % away.shape[0]
            for j in range(start.shape[1]):
                total[w, j] = 0.0
            for i in range(away.shape[1]):
                u, _ = uniform_pair(uint64(w * away.shape[1] + i), uint64(0), uint64(8), uint64(1))
                at = away[row, i]
                if mirrored:
                    for j in range(start.shape[1]):
                        ahead = velocity_at(cells, start[w, j] + at, reach)
                        total[w, j] += u * (ahead - velocity_at(cells, start[w, j] - at, reach))
                else:
                    for j in range(start.shape[1]):
                        total[w, j] += u * velocity_at(cells, start[w, j] + at, reach)


def walked(walks: int, scatterings: int) -> np.ndarray:
    """Places of walks with fixed paths [mean free paths], (walks, scatterings)."""
    return np.cumsum(np.random.default_rng(2).uniform(-1, 1, (walks, scatterings)), axis=1)


def rows() -> list[Row]:
    """Single walks, and walks that sixteen directions and the mirror image share."""
    engine = build_engine(load_config(CONFIGURATION, []))
    ours = engine.particles
    cells = interpolation_cells(increment_table(ours.flow, ours.mean_free_path, 0, 1, ours.reach)[0])
    found = []
    for group, mirrored in ((1, False), (ours.group, True)):
        start, look_ups = np.random.default_rng(1).uniform(-1, 1, (WALKS, group)), group * (2 if mirrored else 1)
        tail, steps = np.empty(start.shape), WALKS * ours.scatterings
        away, alone = walked(64, ours.scatterings), np.empty(start.shape)
        times = in_turns(
            {
                "ours": lambda s=start, m=mirrored, t=tail: walk_tails(
                    0, 8, 9, 1, 0, cells, ours.reach, s, m, ours.scatterings, *ours.whole, t
                ),
                "floor": lambda a=away, s=start, m=mirrored, t=alone: floor(cells, ours.reach, a, s, m, t),
            }
        )
        each = times["ours"] / steps * 1e9
        found.append(
            Row(
                "11",
                f"walks along the field, {group} direction{'s, mirrored' if mirrored else ''}, {ours.scatterings} scatterings",
                f"{each:.3g} ns a scattering, {each / look_ups:.2g} ns a look-up; {times['ours'] / times['floor']:.2f} x its "
                f"random numbers and look-ups alone ({times['floor'] / steps * 1e9:.3g} ns)",
                "",
            )
        )
    return found


if __name__ == "__main__":
    import numba

    numba.set_num_threads(1)
    for row in rows():
        print(row.work, row.measured, sep=": ")
