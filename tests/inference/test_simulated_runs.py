"""Skies that `fluxtube run` simulates, waves and particles' paths and all, give back the transport that they were made with."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2

from fluxtube import simulate
from fluxtube.analysis.inference.data import from_table
from fluxtube.analysis.inference.likelihood import SkyLikelihood, log_density
from fluxtube.analysis.inference.modes import degrees_and_orders, to_table
from fluxtube.analysis.inference.transport import Point
from fluxtube.theory.free_path import Fixed
from fluxtube.theory.kinetic import Steady

L_MAX, SKIES, LEVEL = 5, 120, 1e-10
POLE = (0.0, 90.0)  # B: the frame of the field is that of the table


def simulated(eps, eta, **transport):
    """Multipoles l = 2 .. L_MAX of the skies of a run, with noise, (SKIES, n)."""
    ensemble = simulate(
        {
            "turbulence": {"gamma": "5/3", "sigma": "30 km/s", "band": [1e-3, 30.0]},
            "transport": {"model": "cross-field", "displacement_perpendicular": eps, "convection_perpendicular": eta} | transport,
            "sky": {"l_max": L_MAX, "nside": 2, "frame": "magnetic"},
            "sampling": {"flow": "modes", "waves": 256},
            "ensemble": {"realisations": SKIES, "seed": 5},
            "output": {"multipoles": SKIES, "skies": 0},
            "check": {"realisations": 0},
        },
        threads=1,
    )
    l, m = degrees_and_orders(L_MAX)
    where = {int(order): i for i, order in enumerate(ensemble.m)}
    skies = ensemble.samples_multipoles[:, [where[int(order)] for order in m], l]
    return skies + np.sqrt(LEVEL) * np.random.default_rng(3).standard_normal(skies.shape)


@pytest.mark.parametrize(("weights", "path"), [((0.35, 0.5), None), ((0.3, 0.1), Steady(Fixed()))])
def test_transport_of_simulated_skies_is_recovered(weights, path):
    """ln L of 120 skies at the truth is below its largest by less than chi^2 of 3 at 1e-4; other transport is far below."""
    skies = simulated(*weights, **({} if path is None else {"density_response": "steady"}))
    size = len(degrees_and_orders(L_MAX)[0])
    data = from_table(to_table(np.ones(size), L_MAX), np.full(size, LEVEL))
    likelihood = SkyLikelihood(data, "cross-field", path=path)

    def value(sigma, eps, eta, of=likelihood):
        return float(log_density(of.factor(Point(sigma, 5 / 3, eps, eta, POLE)), skies).sum())

    def negative(x):
        return -value(np.exp(x[0]), *x[1:])

    bounds = [(2.0, 5.0), (1e-3, 1.0), (0.0, 1.0)]
    best = minimize(negative, [3.3, 0.5, 0.6], method="Nelder-Mead", bounds=bounds, options={"maxfev": 300, "xatol": 1e-3})
    truth = value(30.0, *weights)
    assert -best.fun - truth < chi2.isf(1e-4, 3) / 2
    assert best.x[1:] == pytest.approx(weights, abs=0.1)
    sigmas = np.geomspace(15, 60, 25)
    for wrong in ((1.0, 1.0), (0.05, 0.05), weights[::-1]):
        assert max(value(sigma, *wrong) for sigma in sigmas) < truth - 30
    if path is not None:
        assert max(value(sigma, *weights, SkyLikelihood(data, "cross-field")) for sigma in sigmas) < truth - 10
