"""An ensemble simulated in memory."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py

from fluxtube.ensemble import Ensemble
from fluxtube.sim.engine.feasible import check_runnable
from fluxtube.sim.run.communicator import SerialCommunicator
from fluxtube.sim.run.ensemble import run_ensemble
from fluxtube.sim.run.log import LOG
from fluxtube.sim.run.threads import threads_per_rank
from fluxtube.sim.store.provenance import provenance
from fluxtube.sim.store.reader import read_file
from fluxtube.sim.store.writer import write_file
from fluxtube.source import Source, configuration
from fluxtube.theory import Turbulence


def simulate(
    config: Source, overrides: Mapping | None = None, *, turbulence: Turbulence | None = None, free_path: Any = None,
    pitch_angle: Any = None, threads: int | None = None, progress: bool = False,
) -> Ensemble:  # fmt: skip
    """Simulate an ensemble in memory; the numbers have the same bits as those of `fluxtube run`.

    Parameters
    ----------
    config : path, dict or Config
        What to simulate, as `configuration` takes it.
    overrides : dict, optional
        Keys to replace, ``{"ensemble.realisations": 2000}``.
    turbulence, free_path, pitch_angle : optional
        Objects of your own in place of the configuration's, as `configuration` takes them.
    threads : int, optional
        Threads to use; all cores of the process if not given.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Ensemble
        `Ensemble.save` writes it as `fluxtube run` would.

    Raises
    ------
    InputError
        The configuration is not possible, or too large for this machine.
    """
    resolved = configuration(config, overrides, turbulence=turbulence, free_path=free_path, pitch_angle=pitch_angle)
    for warning in check_runnable(resolved):
        LOG.warning(warning)
    start = time.perf_counter()
    communicator = SerialCommunicator()
    threads = threads_per_rank(1, threads)
    result = run_ensemble(resolved, communicator, threads, quiet=not progress)
    origin, seconds = provenance(communicator, threads), {**result.seconds, "total": time.perf_counter() - start}
    with h5py.File("ensemble in memory", "w", driver="core", backing_store=False) as file:
        write_file(file, resolved, result, origin, seconds)
        return Ensemble.of(read_file(file, Path("ensemble in memory")), result)
