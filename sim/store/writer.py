"""Writing an ensemble file: in one go, under a temporary name, the commit marker last."""

from pathlib import Path

import h5py
import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.config import Config
from fluxtube.sim.engine.single_blas import single_blas
from fluxtube.sim.engine.sky import pixel_cosines, symmetric_moments
from fluxtube.sim.run.ensemble import Result
from fluxtube.sim.store.atomic import whole_file
from fluxtube.sim.store.consistency import SHAPES, results_digest
from fluxtube.sim.store.dimensions import explain
from fluxtube.sim.store.file_format import DATASETS
from fluxtube.sim.store.header import write_header
from fluxtube.sim.store.momenta import Momenta
from fluxtube.sim.store.state_file import write_state


def write_ensemble(path: Path, config: Config, result: Result, provenance: dict, seconds: dict) -> None:
    """Write the file of a finished run; readers see either the whole of it or what was there before.

    Raises
    ------
    InputError
        The disk is full or the folder is gone.
    """
    try:
        with whole_file(path) as file:
            write_file(file, config, result, provenance, seconds)
    except OSError as error:
        raise InputError(f"cannot write {str(path)!r}: {error.strerror or error}") from None


def write_file(file: h5py.File, config: Config, result: Result, provenance: dict, seconds: dict) -> None:
    """Put a finished run into an open, empty file."""
    write_header(file, config, result.engine.block_size, result.accumulator.count)
    provenance = {**provenance, "arithmetic": "; ".join(sorted(result.state.processors))}
    for group, items in (("provenance", provenance), ("timings", seconds)):
        file.create_group(group).attrs.update(items)
    for name, array in _results(config, result).items():
        meaning, unit = DATASETS[name]
        dataset = file.create_dataset(name, data=array, fletcher32=True if array.size else None)
        dataset.attrs["meaning"], dataset.attrs["unit"] = meaning, unit
    file.attrs["results_digest"] = results_digest({name: file[name][...] for name in SHAPES if name in file})
    explain(file, config)
    write_state(file, result.state)
    file.attrs["complete"] = True  # the commit marker: written last, readers trust nothing without it


@single_blas()
def _results(config: Config, result: Result) -> dict[str, np.ndarray]:
    """All result data sets, in units of Delta f/f."""
    unit = result.engine.unit_anisotropy
    moments = result.accumulator.moments()
    degree = np.arange(config.sky.l_max + 1)
    results = {
        "multipoles/degree": degree,
        "multipoles/order": result.engine.orders,
        "multipoles/mean": unit * moments.mean,
        "multipoles/second_moment": unit**2 * moments.second,
        "multipoles/noise": unit**2 * moments.noise,
        "multipoles/square_moment": unit**4 * moments.square,
        "spectrum/C_l": unit**2 * moments.power / (2 * degree + 1),
        "spectrum/C_l_error": unit**2 * moments.power_error / (2 * degree + 1),
        "spectrum/C_l_covariance": unit**4 * moments.power_covariance / np.outer(2 * degree + 1, 2 * degree + 1),
        "samples/multipoles": unit * result.samples.multipoles,
        "samples/sky": unit * result.samples.skies,
    }
    if result.accumulator.pixels:
        sky = result.accumulator.sky_moments()
        results |= {"sky/mean": unit * sky.mean, "sky/mean_square": unit**2 * sky.mean_square}
        results |= {"sky/hits": sky.hits, "sky/realisations": sky.realisations}
    else:
        cosines = pixel_cosines(config.sky.nside, result.engine.particles.rotation)
        mean, mean_square = symmetric_moments(cosines, result.engine.orders, moments.mean, moments.second)
        results |= {"sky/mean": unit * mean, "sky/mean_square": unit**2 * mean_square}
    between = result.accumulator.momenta()
    if between is not None:
        seen = Momenta(np.array(config.transport.seen_paths), unit**2 * between, np.array(config.transport.seen_energies))
        results |= {"momenta/mean_free_path": seen.mean_free_path, "momenta/second_moment": seen.second_moment}
        if config.transport.energies:
            results |= {"momenta/energy": seen.energy, "momenta/C_l": seen.C_l, "momenta/correlation": seen.correlation}
    if len(result.samples.check_noise):
        results |= {
            "check/quadrature": unit * result.samples.check_quadrature,
            "check/halves": unit * result.samples.check_halves,
            "check/noise": unit**2 * result.samples.check_noise,
        }
    return results
