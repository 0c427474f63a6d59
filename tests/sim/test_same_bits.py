"""Every part of the engine gives the same bits on one thread and on two, and for a realisation asked for alone."""

import numba
import numpy as np
import pytest

from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.run.communicator import connect
from fluxtube.sim.run.ensemble import run_ensemble

RUN = """
[turbulence]
band = [1e-1, 20.0]
[sky]
l_max = 5
nside = 4
[sampling]
modes = 64
[ensemble]
realisations = 40
[output]
skies = 2
[check]
realisations = 2
particles = 2000
"""
ENDLESS = RUN.replace("band = [1e-1, 20.0]", "").replace("modes = 64", "modes = 400")
PARTICLES = ["sampling.estimator=particles", "sampling.particles=4000"]
CROSS = ["transport.model=cross-field", "transport.displacement_perpendicular=0.3", "transport.convection_perpendicular=0.8"]
SETTINGS = {
    "line, erlang": (RUN, ["transport.free_path=erlang", "transport.free_path_shape=3"]),
    "fbm, exponential": (ENDLESS, ["sampling.flow=fbm", "transport.free_path=exponential"]),
    "isotropic": (RUN, ["sampling.flow=modes", "transport.model=isotropic"]),
    "cross-field, exponential": (
        RUN,
        ["sampling.flow=modes", *CROSS, "transport.free_path=exponential", "turbulence.band=[0.1, 4]"],
    ),
    "rings": (
        RUN.replace("modes = 64\n", ""),
        ["sampling.flow=rings", *CROSS, "turbulence.band=[0.3, 4]", "output.skies=1", "check.realisations=0"],
    ),
    "particles across": (RUN, ["sampling.flow=modes", *CROSS, *PARTICLES, "sampling.directions=stratified"]),
    "particles, exponential": (RUN, [*PARTICLES, "transport.free_path=exponential"]),
    "pitch angle, particles": (RUN, [*PARTICLES, "transport.pitch_angle_dependence=diffusion"]),
    "pitch angle, erlang": (
        RUN,
        ["transport.pitch_angle_dependence=diffusion", "transport.free_path=erlang", "transport.free_path_shape=2"],
    ),
    "momenta, any field": (RUN, ['transport.other_mean_free_paths=["3 pc", "30 pc"]', "ensemble.field_directions=random"]),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_threads_leave_no_trace(name):
    config = parse(*SETTINGS[name], source="test")
    one, two = (run_ensemble(config, connect(), threads=threads, quiet=True) for threads in (1, 2))
    for a, b in zip(one.accumulator.limbs(), two.accumulator.limbs(), strict=True):
        assert np.array_equal(a, b)
    for key, array in one.samples.arrays().items():
        assert np.array_equal(array.view(np.int64), two.samples.arrays()[key].view(np.int64)), key
    other = run_ensemble(config.with_overrides(["ensemble.seed=1"]), connect(), threads=1, quiet=True)
    assert not np.array_equal(one.accumulator.limbs()[0], other.accumulator.limbs()[0])  # control: another seed


@pytest.mark.parametrize("name", SETTINGS)
def test_a_realisation_asked_for_alone(name):
    numba.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))
    estimator = build_engine(parse(*SETTINGS[name], source="test")).estimator
    whole, alone = estimator.measure(3, 5), estimator.measure(6, 1)
    for field in ("multipoles", "difference", "intensity", "momenta"):
        if getattr(whole, field) is not None:
            assert np.array_equal(getattr(whole, field)[3], getattr(alone, field)[0]), field
            assert not np.array_equal(getattr(whole, field)[2], getattr(alone, field)[0])
