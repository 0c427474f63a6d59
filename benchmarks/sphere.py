"""4: isotropic transport on a grid for l_max = 50, against NumPy and against non-uniform transforms."""

import finufft
import numpy as np
from harness import Row, in_turns

from fluxtube.sim.config import load_config
from fluxtube.sim.engine.engine import build_engine

MODES = 1024


def by_numpy(waves, grid, realisation):
    """p.[u(p) - u(0)] on the half grid's directions and their opposites, with one matrix of phases."""
    k, cosine, sine = (part[0] for part in waves.draw(realisation, 1))
    phase = grid.half.T @ k
    odd = np.sum(grid.half.T * ((np.cos(phase) - 1) @ cosine.T), axis=1)
    even = np.sum(grid.half.T * (np.sin(phase) @ sine.T), axis=1)
    return grid.transform(even - odd, even + odd)


def by_nufft(transform, waves, grid, realisation):
    """The same sums by a non-uniform transform of each component from wave vectors to directions."""
    k, cosine, sine = (part[0] for part in waves.draw(realisation, 1))
    return transform(k, cosine - 1j * sine, grid.half)


def finufft_type3(k, strengths, directions):
    return finufft.nufft3d3(*k, strengths, *directions, eps=1e-9, isign=1, nthreads=1)


def rows(configuration) -> list[Row]:
    """A row for each end of the band."""
    found = []
    for k_max in (100, 1000):
        settings = [
            "transport.model=isotropic", "sampling.flow=modes", f"sampling.modes={MODES}", "check.realisations=0",
            f"turbulence.band=[1e-2, {k_max}]", "sky.l_max=50", "sky.nside=32",
        ]  # fmt: skip
        engine = build_engine(load_config(configuration, settings))
        quadrature = engine.quadrature
        contestants = {
            "ours": lambda q=quadrature: q.measure(0, 1),
            "numpy": lambda q=quadrature: by_numpy(q.waves, q.grid, 0),
            "finufft": lambda q=quadrature: by_nufft(finufft_type3, q.waves, q.grid, 0),
        }
        if k_max > 100:
            del contestants["finufft"]  # its grid grows as the cube of k_max: tens of gigabytes
        times = in_turns(contestants, rounds=3)
        work = MODES * quadrature.grid.half.shape[1]
        against = "; ".join(f"{times[name] / times['ours']:.0f} x {name}" for name in contestants if name != "ours")
        found.append(
            Row(
                "4",
                f"isotropic, quadrature on {2 * quadrature.grid.half.shape[1]} directions, {MODES} modes, k lambda <= {k_max}",
                f"{times['ours'] * 1e3:.1f} ms a realisation, {times['ours'] / work * 1e9:.2f} ns a mode and pair of "
                f"directions; {against}",
                "10 x NumPy",
                times["numpy"] / times["ours"] >= 10,
            )
        )
    return found
