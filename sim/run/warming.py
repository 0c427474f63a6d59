"""Compilation of every kernel that a run uses: those of blocks before its clock starts, those of checks before the first."""

from contextlib import contextmanager

from numba.core import event

from fluxtube.errors import InputError
from fluxtube.plugins import fault_of_plugin
from fluxtube.sim.config import Config
from fluxtube.sim.engine.engine import Engine, build_engine
from fluxtube.sim.run.state import empty_accumulator


class _Once(event.Listener):
    """Calls a function at the first compilation that it hears of."""

    def __init__(self, say):
        self._say = say

    def on_start(self, event) -> None:
        """A compilation starts: the machine code was not in the cache."""
        say, self._say = self._say, lambda: None
        say()

    def on_end(self, event) -> None:
        """Nothing to say."""


@contextmanager
def heard(say):
    """Call `say` once if something is compiled in the block; what is found in the cache is not."""
    with event.install_listener("numba:compile", _Once(say)):
        yield


def warm_engine(config: Config, say) -> Engine:
    """The engine, its kernels compiled by a single small realisation; `say` is called if that is to take seconds."""
    with heard(say), _numbers_within_reach():
        engine = build_engine(config)
        measurement = engine.estimator.measure(0, 1)
        empty_accumulator(config, engine).add(measurement)
        if config.output.skies and measurement.intensity is None:
            engine.quadrature.rehearse()
    return engine


def warm_checks(config: Config, engine: Engine, say) -> None:
    """Compile what the comparison of the two estimators needs besides, if it is asked for: most of it particles' kernels."""
    if config.check.realisations:
        with heard(say), _numbers_within_reach():
            engine.quadrature.rehearse()
            engine.particles.rehearse()


@contextmanager
def _numbers_within_reach():
    try:
        yield
    except (OverflowError, ZeroDivisionError) as error:
        if fault_of_plugin(error):
            raise  # its own, and said so
        raise InputError(f"these parameters lead to numbers beyond double precision ({error}); change the scales") from None
