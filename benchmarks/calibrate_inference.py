"""Calibration of `fluxtube infer` at length: ranks of truths over many skies, with their controls, as a table.

    python benchmarks/calibrate_inference.py [SKIES] [POINTS]

Three views: multipoles without m = 0 and HAWC's and IceCube's noise (l = 2 to 10), a map without its north behind normalised
rings (l = 2 to 6), the same with every parameter free. Each p is that of a Kolmogorov-Smirnov test of uniform ranks.
"""

import sys
import time
from dataclasses import replace

import ducc0
import numpy as np
from scipy.stats import kstest

from fluxtube.analysis.inference.calibration import calibrate
from fluxtube.analysis.inference.maps import from_map
from fluxtube.analysis.inference.parameters import NAMES, Prior
from fluxtube.analysis.inference.sky_input import SHIPPED_BANDS, View, shipped_sky
from fluxtube.analysis.inference.transport import Point

FIELD = (229.2, 11.4)
WEIGHTS = ("displacement_perpendicular", "convection_perpendicular")


def masked(level=5e-9, l_max=6, north=60.0, nside=16):
    """White noise on a map that ends at a declination, rings normalised."""
    base = ducc0.healpix.Healpix_Base(nside, "RING")
    declination = 90 - np.rad2deg(base.pix2ang(np.arange(base.npix()))[:, 0])
    variance = np.full(base.npix(), level * base.npix() / (4 * np.pi))
    variance[declination > north] = np.inf
    return from_map(np.zeros(base.npix()), variance, l_max, rings_lost=True)


def main() -> None:
    """Print the table."""
    skies = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    points = int(sys.argv[2]) if len(sys.argv) > 2 else 4000
    table, south = shipped_sky(View(l_max=10, noise_bands=SHIPPED_BANDS)), masked()
    narrow = {"fixed": Point(field=FIELD), "sigma": (15.0, 60.0)}
    narrower = {"fixed": Point(field=FIELD), "sigma": (20.0, 50.0)}  # the sky knows more there: few points bear a posterior
    cases = [
        ("table, l <= 10", table, "isotropic", Prior(free=("sigma", "gamma"), **narrow)),
        ("table, l <= 10", table, "cross-field", Prior(free=("sigma", "gamma", *WEIGHTS), gamma=(1.4, 2.0), **narrower)),
        ("map, l <= 6", south, "parallel", Prior(free=("sigma", "gamma"), **narrow | {"sigma": (10.0, 200.0)})),
        ("map, l <= 6", south, "isotropic", Prior(free=("sigma", "gamma"), **narrow)),
        ("map, l <= 6", south, "cross-field", Prior(free=("sigma", "gamma", *WEIGHTS, "noise"), **narrow)),
        ("map, B within 10 deg", south, "cross-field", Prior(free=("sigma", *WEIGHTS, "field"), field_error=10.0, **narrow)),
        ("map, B unknown", south, "cross-field", Prior(free=("field",), fixed=Point(30.0, 5 / 3, 0.3, 0.6, FIELD))),
    ]
    print(f"{skies} skies, {points} points of the prior\n")
    print("| view | model | points in a posterior | p by parameter | p of the level | 68 % holds |")
    print("|---|---|---|---|---|---|")
    for name, data, model, prior in cases:
        row(name, data, model, prior, skies, 5 * points if data is table and model == "cross-field" else points)
        if name.startswith("map, l"):
            row(name + ", noise taken for 1/10", data, model, prior, skies, points, replace(data, noise=data.noise / 10))


def row(name, data, model, prior, skies, points, analysed=None) -> None:
    """One line of the table."""
    start = time.perf_counter()
    result = calibrate(data, model, prior, skies, points, seed=11, analysed=analysed)
    short = {"displacement_perpendicular": "eps", "convection_perpendicular": "eta"}
    p = [
        f"{short.get(key, key)} {kstest(result.ranks[:, NAMES.index(key)], 'uniform').pvalue:.2g}" for key in prior.names(model)
    ]
    level, inside = kstest(result.level, "uniform").pvalue, np.mean(result.level < 0.68)
    print(f"| {name} | {model} | {np.median(result.independent):.0f} | {', '.join(p)} | {level:.2g} | {inside:.3f} |", flush=True)
    print(f"{name}, {model}: {time.perf_counter() - start:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
