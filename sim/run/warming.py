"""Compilation of every kernel that a run uses, before its clock starts."""

from contextlib import contextmanager

from numba.core import event

from fluxtube.errors import InputError
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
    """The engine, its kernels compiled by a single small realisation of each kind; `say` is called if that is to take seconds."""
    try:
        with heard(say):
            engine = build_engine(config)
            measurement = engine.estimator.measure(0, 1)
            empty_accumulator(config, engine).add(measurement)
            if config.check.realisations or (config.output.skies and measurement.intensity is None):
                engine.quadrature.rehearse()
            if config.check.realisations:
                engine.particles.rehearse()
    except (OverflowError, ZeroDivisionError) as error:
        raise InputError(f"these parameters lead to numbers beyond double precision ({error}); change the scales") from None
    return engine
