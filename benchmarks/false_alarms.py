"""False alarms of `fluxtube validate`: how often it rejects the right theory, setting by setting.

    python benchmarks/false_alarms.py                                2,000 ensembles of every setting, some hours on one core
    python benchmarks/false_alarms.py --ensembles 200 line "8 waves"
    python benchmarks/false_alarms.py --seconds 300 walks            as many as five minutes of each setting allow

Ensembles are consecutive realisations of the product's own engine, added up by its own sums and judged by its own tests, in one
process. One row a setting, in the form of the table in docs/validation.md.
"""

import argparse
import time
from types import SimpleNamespace
from typing import cast

import numba
import numpy as np
from scipy import stats

from fluxtube.analysis.diffuse import about_mean
from fluxtube.analysis.validation.expected import expected_covariance
from fluxtube.analysis.validation.moments import select_moments
from fluxtube.analysis.validation.validate import judge
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.estimators import Measurement
from fluxtube.sim.engine.feasible import check_runnable
from fluxtube.sim.run.accumulator import Accumulator
from fluxtube.sim.run.samples import measured_both_ways
from fluxtube.sim.run.state import State
from fluxtube.sim.run.stopping import precise_enough, stopping_points
from fluxtube.sim.store.momenta import Momenta
from fluxtube.sim.store.reader import EstimatorCheck

BASE = """
[sky]
nside = 8
[check]
realisations = 0
"""
SEED = 20261125
USUAL = ["turbulence.band=[1e-2, 30.0]"]  # "KEY=" takes it away
NAMES = ("multipoles", "difference", "momenta", "momenta_difference")
MODES = ["sampling.flow=modes", "sampling.modes=64"]
PARTICLES = ["sampling.estimator=particles", "sampling.particles=2000"]
RANDOM = ["ensemble.field_directions=random"]
ISOTROPIC = ["transport.model=isotropic", "sampling.flow=modes", "sampling.modes=64", "sky.l_max=6"]
CROSS = [
    "transport.model=cross-field", "transport.displacement_perpendicular=0.1", "transport.convection_perpendicular=0.1",
    *MODES, "sky.l_max=6",
]  # fmt: skip

ENERGIES = ["turbulence.sigma_scale=10 pc", 'transport.energies=["1 TeV", "10 TeV", "100 TeV"]']
PITCH = ["transport.pitch_angle_dependence=diffusion", "transport.density_gradient=2e-5 /pc"]
STEADY = ["transport.density_response=steady"]
# Along the field all waves lie along B and are sound waves, so that none is longer than a walk (docs/kinetic.md).
WALKS = [*STEADY, "sampling.estimator=walks", "sky.l_max=4", "turbulence.band=[1, 10]"]
WALKS_ALONG = [*WALKS, "turbulence.spectrum=slab", "turbulence.transverse_fraction=0"]

STOP = ["ensemble.minimum_realisations=50", "output.multipoles=2000"]

# Name -> realisations of an ensemble (at most, where it stops by its precision), and what differs from BASE.
SETTINGS = {
    "line, l_max 20": (50, ["sky.l_max=20"]),
    "line, l_max 20, N = 200": (200, ["sky.l_max=20"]),
    "line, l_max 10, N = 5": (5, ["sky.l_max=10"]),
    "line, exponential paths": (50, ["sky.l_max=8", "transport.free_path=exponential"]),
    "fbm, l_max 10": (50, ["sky.l_max=10", "turbulence.band=", "sampling.flow=fbm"]),
    "line, 20,000 particles": (100, ["sky.l_max=6", "sampling.estimator=particles", "sampling.particles=20000"]),
    "line, 2,000 particles": (50, ["sky.l_max=20", *PARTICLES]),
    "line, 2,000 particles, N = 200": (200, ["sky.l_max=20", *PARTICLES]),
    "8 waves": (100, ["sky.l_max=8", "sampling.flow=modes", "sampling.modes=8"]),
    "64 waves, band to 1.5 l_max": (50, ["sky.l_max=20", *MODES]),
    "64 waves, band to 5 l_max": (50, ["sky.l_max=20", "turbulence.band=[1e-2,100]", *MODES]),
    "512 waves": (100, ["sky.l_max=20", "sampling.flow=modes", "sampling.modes=512"]),
    "random directions, l_max 10": (50, ["sky.l_max=10", *RANDOM]),
    "random directions, l_max 6": (100, ["sky.l_max=6", *RANDOM]),
    "random directions, l_max 8, N = 1000": (1000, ["sky.l_max=8", *RANDOM]),
    "random directions, 64 waves": (100, ["sky.l_max=6", *RANDOM, *MODES]),
    "random directions, 2,000 particles": (100, ["sky.l_max=6", *RANDOM, *PARTICLES]),
    "isotropic, 8 waves": (100, [*ISOTROPIC, "sampling.modes=8"]),
    "isotropic, 64 waves": (50, ISOTROPIC),
    "isotropic, 64 waves, 2,000 particles": (100, [*ISOTROPIC, *PARTICLES]),
    "cross-field 0.1, 64 waves": (100, CROSS),
    "cross-field 0 and 0.5, 64 waves": (
        100,
        [*CROSS, "transport.displacement_perpendicular=0", "transport.convection_perpendicular=0.5"],
    ),
    "line, in flight": (50, ["sky.l_max=10", "transport.free_path_observed=in-flight"]),
    "line, steady": (50, ["sky.l_max=10", *STEADY]),
    "64 waves, isotropic, steady": (50, [*ISOTROPIC, *STEADY]),
    "line, pitch angles with a gradient": (50, ["sky.l_max=10", *PITCH]),
    "line, slab+2d": (50, ["sky.l_max=10", "turbulence.spectrum=slab+2d"]),
    "isotropic, 64 waves, stretched": (50, [*ISOTROPIC, "turbulence.spectrum=stretched", "turbulence.stretch=4"]),
    "line, three energies": (50, ["sky.l_max=10", *ENERGIES]),
    "line, three energies, N = 5": (5, ["sky.l_max=10", *ENERGIES]),
    "isotropic, 64 waves, three energies": (50, [*ISOTROPIC, "turbulence.band=[1e-1, 8]", *ENERGIES]),
    "isotropic, rings": (50, ["transport.model=isotropic", "sampling.flow=rings", "sky.l_max=6"]),
    "line, 2,000 stratified particles": (100, ["sky.l_max=6", *PARTICLES, "sampling.directions=stratified"]),
    "line, 128 particles": (100, ["sky.l_max=6", "sampling.estimator=particles", "sampling.particles=128"]),
    "random directions, l_max 6, 50 kept": (100, ["sky.l_max=6", *RANDOM, "output.multipoles=50"]),
    "line, 16 flows checked with 200 particles": (50, ["sky.l_max=6", "check.realisations=16", "check.particles=200"]),
    "line, 2,000 particles, 16 checked": (50, ["sky.l_max=6", *PARTICLES, "check.realisations=16"]),
    "isotropic, 64 waves, stopped at 8 %": (2000, [*ISOTROPIC, *STOP, "ensemble.target_relative_error=0.08"]),
    "line, 2,000 particles, stopped at 20 %": (2000, ["sky.l_max=6", *PARTICLES, *STOP, "ensemble.target_relative_error=0.2"]),
    "line, 20,000 particles, stopped at 20 %": (
        2000,
        ["sky.l_max=6", *PARTICLES, "sampling.particles=20000", *STOP, "ensemble.target_relative_error=0.2"],
    ),
    "64 walks along the field": (50, [*WALKS_ALONG, "sampling.particles=1024"]),
    "256 walks along the field": (50, [*WALKS_ALONG, "sampling.particles=4096"]),
    "512 walks, none shared": (50, [*WALKS_ALONG, "sampling.particles=512", "sampling.reduction=none"]),
    "64 walks, random directions": (50, [*WALKS_ALONG, *RANDOM, "sampling.particles=1024"]),
    "16 walks, isotropic, 16 waves": (
        50,
        [*WALKS, "transport.model=isotropic", "sampling.flow=modes", "sampling.waves=16", "sampling.particles=256"],
    ),
}


class Ensembles:
    """Ensembles of one setting, one after the other.

    Parameters
    ----------
    settings : list of str
        ``KEY=VALUE``, over BASE.
    count : int
        Realisations of an ensemble.
    seed : int
        Seed of all of them.
    """

    def __init__(self, settings: list[str], count: int, seed: int = SEED):
        keys = {key: value for key, _, value in (setting.partition("=") for setting in (*USUAL, *settings))}
        keys = {key: value for key, value in keys.items() if value} | {"ensemble.seed": seed, "ensemble.realisations": count}
        self.config = parse(BASE, [f"{key}={value}" for key, value in keys.items()], "benchmark")
        check_runnable(self.config)
        self.engine = build_engine(self.config)
        self.first, self.waiting = 0, Measurement(np.empty(0))
        self.looks = [count]
        if self.config.ensemble.target_relative_error is not None:
            self.looks = [number * self.engine.block_size for number in stopping_points(self.config, self.engine.block_size)]

    def next(self) -> SimpleNamespace:
        """The next ensemble, with the attributes of the reader's."""
        for count in self.looks:
            own = self._part(slice(count))
            sums = self._sums(own)
            if precise_enough(self.config, cast(State, SimpleNamespace(sums=lambda sums=sums: sums))):
                break
        ensemble = self._added(own, sums)
        self.waiting = self._part(slice(count, None))
        self.first += count
        return ensemble

    def _part(self, part: slice) -> Measurement:
        """Some of the realisations from `first` on, which are measured where they are not yet."""
        blocks = [self.waiting] if len(self.waiting.multipoles) else []
        while sum(len(block.multipoles) for block in blocks) < (part.stop or 0):
            measured = self.first + sum(len(block.multipoles) for block in blocks)
            blocks.append(self.engine.estimator.measure(measured, self.engine.block_size))
        if len(blocks) > 1 or not len(self.waiting.multipoles):
            self.waiting = Measurement(**{name: _joined([getattr(block, name) for block in blocks]) for name in NAMES})
        return Measurement(**{name: _cut(getattr(self.waiting, name), part) for name in NAMES})

    def _sums(self, measurement: Measurement) -> Accumulator:
        paths = 1 if measurement.momenta is None else measurement.momenta.shape[1]
        sums = Accumulator(*measurement.multipoles.shape[1:], momenta=paths)
        sums.add(measurement)
        return sums

    def _added(self, measurement: Measurement, sums: Accumulator) -> SimpleNamespace:
        degrees = measurement.multipoles.shape[2]
        moments, unit, size = sums.moments(), self.engine.unit_anisotropy, 2 * np.arange(degrees) + 1
        between = sums.momenta()
        return SimpleNamespace(
            path="benchmark",
            config=self.config,
            realisations=sums.count,
            l=np.arange(degrees),
            m=self.engine.orders,
            mean=unit * moments.mean,
            second_moment=unit**2 * moments.second,
            noise=unit**2 * moments.noise,
            square_moment=unit**4 * moments.square,
            samples_multipoles=unit * measurement.multipoles[: self.config.output.multipoles],
            C_l_covariance=unit**4 * moments.power_covariance / np.outer(size, size),
            check=self._checked(sums.count),
            momenta=None if between is None else Momenta(np.array(self.config.transport.seen_paths), unit**2 * between),
        )

    def _checked(self, count: int) -> EstimatorCheck | None:
        """The first flows of an ensemble, measured both ways."""
        checked = min(self.config.check.realisations, count)
        if not checked:
            return None
        both = [measured_both_ways(self.engine, realisation) for realisation in range(self.first, self.first + checked)]
        quadrature, halves, noise = (np.array(part) for part in zip(*both, strict=True))
        section = self.config.sampling if self.config.sampling.by_particles else self.config.check
        unit = self.engine.unit_anisotropy
        return EstimatorCheck(unit * quadrature, unit * halves, unit**2 * noise, section.particles)


def _joined(parts: list[np.ndarray | None]) -> np.ndarray | None:
    """One array of them, where there are any."""
    return None if parts[0] is None else np.concatenate(parts)


def _cut(values: np.ndarray | None, part: slice) -> np.ndarray | None:
    return None if values is None else values[part]


def measure(name: str, number: int, false_alarm: float = 1e-3, seconds: float = np.inf, seed: int = SEED) -> dict:
    """Verdicts on so many ensembles of a setting, or on as many as the time allows.

    Returns
    -------
    dict
        ensembles, rejected, undecided; and, of every deciding test, how often it fell below its share of the false-alarm rate
        and below 5 %.
    """
    count, settings = SETTINGS[name]
    ensembles, theory, start = Ensembles(settings, count, seed), None, time.monotonic()
    found = {"ensembles": 0, "rejected": 0, "undecided": 0, "tests": {}}
    while found["ensembles"] < number and time.monotonic() - start < seconds:
        ensemble = ensembles.next()
        moments = about_mean(select_moments(ensemble), ensemble.config)
        if theory is None:
            theory = expected_covariance(ensemble.config, int(moments.l[-1]), int(moments.l[0]), moments.m)
        verdict = judge(ensemble, moments, theory, false_alarm)
        found["ensembles"] += 1
        for word in ("rejected", "undecided"):
            found[word] += verdict.verdict == word
        tests = [outcome for outcome in verdict.outcomes if outcome.decides and outcome.p_value is not None]
        for outcome in tests:
            low, five = found["tests"].get(outcome.name, (0, 0))
            share = false_alarm / len(tests)
            found["tests"][outcome.name] = (low + (outcome.p_value < share), five + (outcome.p_value < 0.05))
    return found


def row(name: str, found: dict, false_alarm: float = 1e-3) -> str:
    """A line of the table; the last columns are the chance to see as many or more, and what rejected."""
    number, rejected = found["ensembles"], found["rejected"]
    chance = stats.binom.sf(rejected - 1, number, false_alarm)
    tests = ", ".join(f"{test} {low}" for test, (low, _) in found["tests"].items() if low)
    five = ", ".join(f"{100 * five / number:.1f}" for _, five in found["tests"].values())
    return (
        f"| {name} | {SETTINGS[name][0]} | {number} | {rejected} | {100 * rejected / number:.2f} % | {chance:.2g} "
        f"| {found['undecided']} | {tests or '-'} | {five} |"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", nargs="*", help="names of settings, or parts of them [all]")
    parser.add_argument("--ensembles", type=int, default=2000, help="of every setting [%(default)s]")
    parser.add_argument("--seconds", type=float, default=np.inf, help="of every setting, at most")
    parser.add_argument("--seed", type=int, default=SEED, help="[%(default)s]")
    arguments = parser.parse_args()
    numba.set_num_threads(1)
    print("| setting | N | ensembles | rejected | rate | chance | undecided | by which test | p < 5 % of each test [%] |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in SETTINGS:
        if not arguments.settings or any(part in name for part in arguments.settings):
            print(row(name, measure(name, arguments.ensembles, seconds=arguments.seconds, seed=arguments.seed)), flush=True)


if __name__ == "__main__":
    main()
