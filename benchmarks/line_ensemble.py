"""2: multipoles of the `line` flow by quadrature, against the bare arithmetic and a realisation at a time in NumPy."""

import numpy as np
from harness import Row, in_turns
from numba import njit

from fluxtube.sim.config import load_config
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.kernels.gaussian import fill_normal_pairs

REALISATIONS, TILE = 10_240, 64


@njit
def draw_only(count, cosine, sine):
    for r in range(count):
        fill_normal_pairs(cosine[r % TILE], sine[r % TILE], r, 1, 1)


def rows(configuration) -> list[Row]:
    """One row."""
    config = load_config(configuration)
    engine = build_engine(config)
    quadrature, flow = engine.quadrature, engine.flow
    nodes = flow.scales.size
    cosine, sine = np.empty((2, TILE, nodes))
    normals = np.random.default_rng(0).standard_normal((TILE, nodes))
    responses = [np.ascontiguousarray(part) for part in quadrature.response]

    def multiply_only():
        for _ in range(REALISATIONS // TILE):
            for response in responses:
                normals @ response

    # The same job as one writes it with NumPy: draw, sum the waves at the quadrature's nodes, project.
    random = np.random.default_rng(1)

    def one_by_one():
        for _ in range(10):
            a, b = flow.scales * random.standard_normal((2, nodes))
            phase = np.outer(quadrature.displacement, flow.wave_numbers)
            even, odd = (np.cos(phase) - 1) @ a, np.sin(phase) @ b
            quadrature.of_even @ even, quadrature.of_odd @ odd

    times = in_turns(
        {
            "ours": lambda: engine.estimator.measure(0, REALISATIONS),
            "normals": lambda: draw_only(REALISATIONS, cosine, sine),
            "products": multiply_only,
            "numpy": one_by_one,
        }
    )
    ours = times["ours"] / REALISATIONS
    floor = (times["normals"] + times["products"]) / REALISATIONS
    gain = times["numpy"] / 10 / ours
    return [
        Row(
            "2",
            f"parallel, quadrature, line flow of {nodes} nodes, l_max = {config.sky.l_max}",
            f"{ours * 1e6:.2f} us a realisation",
            "2 x the floor, 100 x",
            ours / floor <= 2 and gain >= 100,
            floor=f"{ours / floor:.2f} x",
            peers=f"NumPy one by one {gain:.0f} x",
        )
    ]
