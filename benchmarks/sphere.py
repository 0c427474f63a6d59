"""4: transport across the field, a whole realisation: against a grid, NumPy, non-uniform transforms and HEALPix skies."""

import json
import time

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
NORMALS, UNIFORMS = 6, 3  # of a wave: two vector amplitudes, the wave number and a direction


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
    drawn = NORMALS * found["normal"] + UNIFORMS * found["uniform"]
    return SUMS * pairs * found["multiply-add"] + drawn * length.size


def together(configuration, k_max, l_max) -> Row:
    """Several mean free paths on the same waves."""
    settings = settings_of(k_max, l_max, 64)
    one = build_engine(load_config(configuration, settings)).quadrature
    own = load_config(configuration, settings).transport.mean_free_path
    measured = {"1": lambda: one.measure(0, 8)}
    for count in (2, 4, 8):
        paths = [f"{own * factor:.6g} pc" for factor in np.geomspace(0.5, 0.98, count - 1)]
        several = build_engine(load_config(configuration, [*settings, f"transport.other_mean_free_paths={json.dumps(paths)}"]))
        measured[str(count)] = lambda q=several.quadrature: q.measure(0, 8)
    times = in_turns(measured)
    ratios = ", ".join(f"{count}: {times[count] / times['1']:.2f} x" for count in ("2", "4", "8"))
    return Row(
        "4",
        f"isotropic, several mean free paths on {MODES} waves, k lambda <= {k_max}, l_max = {l_max}, over one",
        ratios,
        "little more than 1 x",
        times["8"] / times["1"] <= 1.5,
    )


def fixed_waves(configuration, k_max, l_max) -> Row:
    """The exactly Gaussian flow beside random waves, a realisation each."""
    settings = settings_of(k_max, l_max, 64)
    waves = build_engine(load_config(configuration, settings)).quadrature
    fixed = [part for part in settings if "modes" not in part]
    start = time.process_time()
    rings = build_engine(load_config(configuration, [*fixed, "sampling.flow=rings"])).quadrature
    start = time.process_time() - start
    times = in_turns({"rings": lambda: rings.measure(0, 256), "modes": lambda: waves.measure(0, 8)})
    own = times["rings"] / 256
    normals, sums = (l_max + 1) ** 2, rings.factors.size * 2 - rings.covariances[0].size / 2
    least = normals * floors()["normal"] + sums * floors()["multiply-add"]
    return Row(
        "4",
        f"isotropic, flow `rings`, exactly Gaussian, k lambda <= {k_max}, l_max = {l_max}",
        f"{own * 1e6:.0f} us a realisation, {start:.2f} s once",
        "faster than random waves",
        times["modes"] / 8 > own,
        floor=f"{own / least:.1f} x",
        peers=f"{MODES} random waves {times['modes'] / 8 / own:.0f} x",
    )


def settings_of(k_max, l_max, nside) -> list[str]:
    """Isotropic transport in random waves."""
    return [
        "transport.model=isotropic", "sampling.flow=modes", f"sampling.modes={MODES}", "check.realisations=0",
        f"turbulence.band=[1e-2, {k_max}]", f"sky.l_max={l_max}", f"sky.nside={nside}", "output.skies=0",
    ]  # fmt: skip


def rows(configuration) -> list[Row]:
    """A row for each end of the band and largest degree; several mean free paths; fixed waves."""
    several = [together(configuration, *case) for case in ((100, 50), (300, 200))]
    return [*random_waves(configuration), *several, *(fixed_waves(configuration, *case) for case in ((100, 50), (300, 200)))]


def random_waves(configuration) -> list[Row]:
    """Against a grid, and against others."""
    found = []
    for k_max, l_max, nside in ((100, 50, 64), (1000, 50, 64), (300, 200, 128)):
        ours = build_engine(load_config(configuration, settings_of(k_max, l_max, nside))).quadrature
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
