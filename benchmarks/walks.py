"""11: a scattering of a walk along the field, against its random numbers and look-ups in the table of the flow."""

from pathlib import Path

import numpy as np
from harness import Row, in_turns
from numba import njit, uint64

from fluxtube.sim.config import load_config
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.estimators.table import increment_table
from fluxtube.sim.engine.kernels.gaussian import uniform_pair
from fluxtube.sim.engine.kernels.interpolation import interpolate, interpolation_cells
from fluxtube.sim.engine.kernels.walks import walk_tails

WALKS = 2048
CONFIGURATION = Path(__file__).parent.parent / "configs" / "kinetic.toml"


@njit(error_model="numpy")
def floor(cells, steps, look_ups):
    """A pair of uniforms and so many look-ups each step, near each other as those of a group are.

    They range over the whole table, where those of a walk stay near its middle most of the time.
    """
    total = np.zeros(look_ups)
    for i in range(steps):
        u, v = uniform_pair(uint64(i), uint64(0), uint64(8), uint64(1))
        for j in range(look_ups):
            total[j] += interpolate(cells, 0.9 * (2.0 * u - 1.0) + 0.003 * j) * v
    return total.sum()


def rows() -> list[Row]:
    """Single walks, and walks that sixteen directions and the mirror image share."""
    engine = build_engine(load_config(CONFIGURATION, []))
    ours = engine.particles
    cells = interpolation_cells(increment_table(ours.flow, ours.mean_free_path, 0, 1, ours.reach)[0])
    found = []
    for group, mirrored in ((1, False), (ours.group, True)):
        start, look_ups = np.random.default_rng(1).uniform(-1, 1, (WALKS, group)), group * (2 if mirrored else 1)
        tail, steps = np.empty(start.shape), WALKS * ours.scatterings
        times = in_turns(
            {
                "ours": lambda s=start, m=mirrored, t=tail: walk_tails(
                    0, 1, 8, 9, 0, cells, ours.reach, s, m, ours.scatterings, *ours.whole, t
                ),
                "floor": lambda n=look_ups, k=steps: floor(cells, k, n),
            }
        )
        each = times["ours"] / steps * 1e9
        found.append(
            Row(
                "11",
                f"walks along the field, {group} direction{'s, mirrored' if mirrored else ''}, {ours.scatterings} scatterings",
                f"{each:.3g} ns a scattering, {each / look_ups:.2g} ns a look-up; {times['ours'] / times['floor']:.2f} x its "
                "random numbers and look-ups",
                "",
            )
        )
    return found


if __name__ == "__main__":
    import numba

    numba.set_num_threads(1)
    for row in rows():
        print(row.work, row.measured, sep=": ")
