"""False alarms of `fluxtube validate`: how often it rejects the right theory, setting by setting.

    python benchmarks/false_alarms.py                                2,000 ensembles of every setting, half an hour to an hour
    python benchmarks/false_alarms.py --ensembles 200 line "few waves"

Ensembles are consecutive realisations of the product's own engine, added up by its own sums and judged by its own tests, in one
process. One row a setting, in the form of the table in docs/validation.md.
"""

import argparse
import time
from types import SimpleNamespace

import numba
import numpy as np
from scipy import stats

from fluxtube.analysis.validation.expected import expected_covariance
from fluxtube.analysis.validation.moments import select_moments
from fluxtube.analysis.validation.validate import judge
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.estimators import Measurement
from fluxtube.sim.run.accumulator import Accumulator

BASE = """
[turbulence]
band = [1e-2, 30.0]
[sky]
nside = 8
[check]
realisations = 0
"""
MODES = ["sampling.flow=modes", "sampling.modes=64"]
PARTICLES = ["sampling.estimator=particles", "sampling.particles=2000"]
RANDOM = ["ensemble.field_directions=random"]
ISOTROPIC = ["transport.model=isotropic", "sampling.flow=modes", "sampling.modes=64", "sky.l_max=6"]
CROSS = [
    "transport.model=cross-field", "transport.displacement_perpendicular=0.1", "transport.convection_perpendicular=0.1",
    *MODES, "sky.l_max=6",
]  # fmt: skip

# Name -> realisations of an ensemble, and what differs from BASE.
SETTINGS = {
    "line, l_max 20": (50, ["sky.l_max=20"]),
    "line, l_max 20, N = 200": (200, ["sky.l_max=20"]),
    "line, l_max 10, N = 5": (5, ["sky.l_max=10"]),
    "line, exponential paths": (50, ["sky.l_max=8", "transport.free_path=exponential"]),
    "fbm, l_max 10": (50, ["sky.l_max=10", "sampling.flow=fbm", "sampling.modes=256"]),
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

    def __init__(self, settings: list[str], count: int, seed: int = 20261125):
        self.count = count
        keys = {key: value for key, _, value in (setting.partition("=") for setting in settings)}
        self.config = parse(BASE, [*(f"{k}={v}" for k, v in keys.items()), f"ensemble.seed={seed}"], "benchmark")
        self.engine = build_engine(self.config)
        self.first = 0
        self.waiting: list[Measurement] = []

    def next(self) -> SimpleNamespace:
        """The next ensemble, with the attributes of the reader's."""
        while sum(len(block.multipoles) for block in self.waiting) < self.count:
            self.waiting.append(self.engine.estimator.measure(self.first, self.engine.block_size))
            self.first += self.engine.block_size
        multipoles = np.concatenate([block.multipoles for block in self.waiting])
        difference = None
        if self.waiting[0].difference is not None:
            difference = np.concatenate([block.difference for block in self.waiting])
        self.waiting = [Measurement(multipoles[self.count :], None if difference is None else difference[self.count :])]
        return self._added(Measurement(multipoles[: self.count], None if difference is None else difference[: self.count]))

    def _added(self, measurement: Measurement) -> SimpleNamespace:
        orders, degrees = measurement.multipoles.shape[1:]
        accumulator = Accumulator(orders, degrees)
        accumulator.add(measurement)
        moments, unit, size = accumulator.moments(), self.engine.unit_anisotropy, 2 * np.arange(degrees) + 1
        return SimpleNamespace(
            path="benchmark",
            config=self.config,
            realisations=self.count,
            l=np.arange(degrees),
            m=self.engine.orders,
            mean=unit * moments.mean,
            second_moment=unit**2 * moments.second,
            noise=unit**2 * moments.noise,
            square_moment=unit**4 * moments.square,
            samples_multipoles=unit * measurement.multipoles[: self.config.output.multipoles],
            C_l_covariance=unit**4 * moments.power_covariance / np.outer(size, size),
            check=None,
        )


def measure(name: str, number: int, false_alarm: float = 1e-3, seconds: float = np.inf) -> dict:
    """Verdicts on so many ensembles of a setting, or on as many as the time allows.

    Returns
    -------
    dict
        ensembles, rejected, undecided; and, of every deciding test, how often it fell below its share of the false-alarm rate
        and below 5 %.
    """
    count, settings = SETTINGS[name]
    ensembles, theory, start = Ensembles(settings, count), None, time.monotonic()
    found = {"ensembles": 0, "rejected": 0, "undecided": 0, "tests": {}}
    while found["ensembles"] < number and time.monotonic() - start < seconds:
        ensemble = ensembles.next()
        moments = select_moments(ensemble)
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
    arguments = parser.parse_args()
    numba.set_num_threads(1)
    print("| setting | N | ensembles | rejected | rate | chance | undecided | by which test | p < 5 % of each test [%] |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in SETTINGS:
        if not arguments.settings or any(part in name for part in arguments.settings):
            print(row(name, measure(name, arguments.ensembles, seconds=arguments.seconds)), flush=True)


if __name__ == "__main__":
    main()
