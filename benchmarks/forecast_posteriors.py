"""Posteriors of `fluxtube infer` over simulated skies beside the errors that `fluxtube forecast` gives: sigma and eps free.

    python benchmarks/forecast_posteriors.py --skies 8

Twenty seconds a sky. docs/forecast.md holds the result.
"""

import argparse
from dataclasses import replace

import numpy as np

from fluxtube import configuration
from fluxtube.analysis.forecast.fisher import derivative, information
from fluxtube.analysis.forecast.sky import ForecastSky, whole_sky
from fluxtube.analysis.inference.likelihood import SkyLikelihood
from fluxtube.analysis.inference.parameters import NAMES, Prior
from fluxtube.analysis.inference.posterior import infer

FREE = ("sigma", "displacement_perpendicular")
EVENTS = 1e11


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skies", metavar="N", type=int, default=8, help="simulated skies [%(default)s]")
    parser.add_argument("--seed", metavar="N", type=int, default=11, help="of the skies [%(default)s]")
    args = parser.parse_args()
    transport = {"model": "cross-field", "displacement_perpendicular": 0.5, "convection_perpendicular": 0.5}
    sky = ForecastSky(configuration({"transport": transport, "sampling": {"flow": "modes"}}), whole_sky(10, rings_lost=True))
    told = information(sky, sky.point, EVENTS, {name: derivative(sky, sky.point, name) for name in FREE})
    data, level = sky.observation.data, 4 * np.pi / EVENTS
    truth = replace(sky.point, noise=level)
    skies = SkyLikelihood(data, "cross-field").draw(truth, np.random.default_rng(args.seed), args.skies)
    observed = replace(data, noise=data.noise * level)
    prior = Prior(free=FREE, fixed=replace(sky.point, noise=1.0), sigma=(5.0, 100.0))
    columns = [NAMES.index(name) for name in FREE]
    widths = []
    for values in skies:
        samples = infer(observed.with_values(values), "cross-field", prior, steps=150, live=60, seed=1).samples()[:, columns]
        widths.append(samples.std(axis=0))
        print("mean", samples.mean(axis=0).round(3), "width", widths[-1].round(3), flush=True)
    print("rms width of the posteriors", np.sqrt(np.mean(np.square(widths), axis=0)).round(4), "forecast", told.error.round(4))


if __name__ == "__main__":
    main()
