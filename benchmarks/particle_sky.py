"""3: a realisation of a million particles with sky and multipoles, against its random numbers, pixels and scattered sums."""

import numpy as np
from harness import Row, in_turns
from numba import njit, uint64

from fluxtube.sim.config import load_config
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.kernels.gaussian import uniform_pair
from fluxtube.sim.engine.kernels.healpix import ring_pixel

PARTICLES, BATCH = 1_000_000, 256


@njit(error_model="numpy")
def bare_loop(nside, sky):
    """Random direction, pixel, scattered sum, a particle at a time."""
    for i in range(PARTICLES):
        u, v = uniform_pair(uint64(i), uint64(0), uint64(4), uint64(1))
        z = 2.0 * u - 1.0
        sky[ring_pixel(nside, z, 4.0 * v)] += z


@njit(error_model="numpy")
def bare_batches(nside, sky):
    """The same in batches, which compilers turn into vector code: the fastest that we know to write."""
    z, turns, pixel = np.empty(BATCH), np.empty(BATCH), np.empty(BATCH, dtype=np.int64)
    for start in range(0, PARTICLES, BATCH):
        for i in range(BATCH):
            u, v = uniform_pair(uint64(start + i), uint64(0), uint64(4), uint64(1))
            z[i], turns[i] = 2.0 * u - 1.0, v
        for i in range(BATCH):
            pixel[i] = ring_pixel(nside, z[i], 4.0 * turns[i])
        for i in range(BATCH):
            sky[pixel[i]] += z[i]


def rows(configuration) -> list[Row]:
    """A row for each frame."""
    found = []
    for frame in ("magnetic", "equatorial"):
        settings = [
            "sampling.estimator=particles",
            f"sampling.particles={PARTICLES}",
            f"sky.frame={frame}",
            "check.realisations=0",
        ]
        engine = build_engine(load_config(configuration, settings))
        nside = engine.particles.nside
        sky = np.zeros(12 * nside**2)
        times = in_turns(
            {
                "ours": lambda e=engine: e.estimator.measure(0, 4),
                "loop": lambda n=nside, s=sky: bare_loop(n, s),
                "batches": lambda n=nside, s=sky: bare_batches(n, s),
            }
        )
        ours = times["ours"] / 4
        found.append(
            Row(
                "3",
                f"parallel, particles, {PARTICLES} a realisation, nside {nside}, l_max 50, {frame} frame",
                f"{ours / PARTICLES * 1e9:.1f} ns a particle",
                "2.5 x the bare loop",
                ours / times["loop"] <= 2.5,
                floor=f"{ours / times['batches']:.2f} x the bare loop in batches",
                peers=f"bare loop {times['loop'] / ours:.2f} x",
            )
        )
    return found
