"""4: transport across the field, a whole realisation: against a grid, NumPy, non-uniform transforms and HEALPix skies."""

import finufft
import healpy
import numpy as np
from floors import floors
from harness import Row, in_turns

from fluxtube.sim.config import load_config
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.estimators import SphereQuadrature
from fluxtube.sim.engine.kernels.multipoles import LANES, NEGLIGIBLE

MODES = 1024
SUMS = 9  # multiply-adds of a wave, degree and order: two of the recurrence, seven of the sums
NORMALS = 6  # and three uniforms, of a wave


def by_numpy(waves, grid, realisation):
    """n.[u(n) - u(0)] on the half grid's directions and their opposites, with one matrix of phases."""
    k, cosine, sine = (part[0] for part in waves.draw(realisation, 1))
    phase = grid.half.T @ k
    odd = np.sum(grid.half.T * ((np.cos(phase) - 1) @ cosine.T), axis=1)
    even = np.sum(grid.half.T * (np.sin(phase) @ sine.T), axis=1)
    return grid.transform(even + odd, even - odd)


def by_nufft(waves, grid, realisation):
    """The same sums by a non-uniform transform of each component from wave vectors to directions."""
    k, cosine, sine = (part[0] for part in waves.draw(realisation, 1))
    return finufft.nufft3d3(*k, cosine - 1j * sine, *grid.half, eps=1e-9, isign=1, nthreads=1)


def by_healpy(power, nside):
    """A Gaussian sky of a given C_l on pixels, and the spectrum seen: what a realisation costs where C_l is known."""
    return healpy.anafast(healpy.synfast(power, nside), lmax=power.size - 1)


def least_seconds(estimator) -> float:
    """Multiply-adds that the sums need, at the speed of a matrix product, and random numbers at that of the bare generator."""
    length = np.linalg.norm(estimator.waves.draw(0, 1)[0][0], axis=0)
    degrees = np.arange(1, estimator.l_max + 1)
    law, pairs = estimator.free_path.law, 0
    for start in range(0, length.size, LANES):
        chunk = length[start : start + LANES]
        largest = np.abs(law.transverse_response(1.0).direct(chunk, estimator.l_max)[1:]).max(axis=1) * degrees
        last = degrees[largest > NEGLIGIBLE][-1]
        pairs += chunk.size * (last + 1) * (last + 2) / 2
    found = floors()
    return SUMS * pairs * found["multiply-add"] + 2 * NORMALS * length.size * found["normal"]


def rows(configuration) -> list[Row]:
    """A row for each end of the band and largest degree."""
    found = []
    for k_max, l_max, nside in ((100, 50, 64), (1000, 50, 64), (300, 200, 128)):
        settings = [
            "transport.model=isotropic", "sampling.flow=modes", f"sampling.modes={MODES}", "check.realisations=0",
            f"turbulence.band=[1e-2, {k_max}]", f"sky.l_max={l_max}", f"sky.nside={nside}",
        ]  # fmt: skip
        ours = build_engine(load_config(configuration, settings)).quadrature
        grid = SphereQuadrature(ours.waves, l_max, ours.free_path, ours.dipole)
        power = (ours.measure(0, 64).multipoles ** 2).mean(axis=0).sum(axis=0) / (2 * np.arange(l_max + 1) + 1)
        contestants = {
            "ours": lambda q=ours: q.measure(0, 8),
            "grid": lambda q=grid: q.measure(0, 1),
            "healpy": lambda c=power, n=nside: by_healpy(c, n),
        }
        if k_max <= 100:  # NumPy's matrices and finufft's grid grow as the square and the cube of k_max
            contestants["numpy"] = lambda q=grid: by_numpy(q.waves, q.grid, 0)
            contestants["finufft"] = lambda q=grid: by_nufft(q.waves, q.grid, 0)
        times = in_turns(contestants, rounds=5)
        own = times.pop("ours") / 8
        names = {"grid": "own grid", "numpy": "NumPy on the grid", "finufft": "finufft", "healpy": "healpy synfast + anafast"}
        asked = 8 if l_max == 50 else 1
        found.append(
            Row(
                "4",
                f"isotropic, multipoles of {MODES} waves, k lambda <= {k_max}, l_max = {l_max}",
                f"{own * 1e3:.2f} ms a realisation",
                f"{asked} x the grid",
                times["grid"] / own >= asked,
                floor=f"{own / least_seconds(ours):.1f} x",
                peers=", ".join(f"{names[name]} {seconds / own:.0f} x" for name, seconds in times.items()),
            )
        )
    return found
