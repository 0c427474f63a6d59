"""Reading an ensemble file."""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.config import Config
from fluxtube.sim.store.consistency import read_results
from fluxtube.sim.store.header import Header, read_header
from fluxtube.sim.store.mirrored import MIRRORED, turned_right
from fluxtube.sim.store.momenta import Momenta
from fluxtube.sim.store.opening import opened


@dataclass(frozen=True)
class EstimatorCheck:
    """The same flows measured by both estimators.

    Attributes
    ----------
    quadrature : (R, n_m, L)
    halves : (R, 2, n_m, L)
        Multipoles of each half of the particles.
    noise : (R, n_m, L)
        Variance of the mean of the halves about the quadrature's value, given the flow.
    particles : int
        Particles a realisation.
    """

    quadrature: np.ndarray
    halves: np.ndarray
    noise: np.ndarray
    particles: int


@dataclass(frozen=True)
class Ensemble:
    """A finished ensemble, read-only; multipoles of Delta f/f [1] towards arrival directions in the magnetic frame.

    Files of format 1.0 are turned right on reading (`mirrored`); `format_version` says which format the file has.

    Attributes
    ----------
    l, m : (L,), (n_m,)
        Degrees 0 .. l_max, orders of real spherical harmonics (0 alone for parallel transport).
    mean : (n_m, L)
    second_moment, noise, square_moment : (n_m, L, L)
        <a_lm a_l'm> free of shot noise, the shot noise's own, and <s_lm^2 s_l'm^2> of the full sample s = a + noise.
    C_l, C_l_error : (L,)
    C_l_covariance : (L, L) or None
        Covariance of the mean C_l; None in files of format 1.0.
    sky_mean, sky_mean_square : (npix,)
        HEALPix RING, in the frame that the configuration names; NaN where no particle arrived.
    sky_hits, sky_realisations : (npix,) or None
        Particles, and realisations behind the mean square; None for quadrature.
    samples_multipoles : (K, n_m, L)
    samples_sky : (k, npix)
    check : EstimatorCheck or None
    momenta : Momenta or None
    """

    path: Path
    format_version: tuple[int, int]
    config: Config
    realisations: int
    l: np.ndarray
    m: np.ndarray
    mean: np.ndarray
    second_moment: np.ndarray
    noise: np.ndarray
    square_moment: np.ndarray
    C_l: np.ndarray
    C_l_error: np.ndarray
    sky_mean: np.ndarray
    sky_mean_square: np.ndarray
    sky_hits: np.ndarray | None
    sky_realisations: np.ndarray | None
    samples_multipoles: np.ndarray
    samples_sky: np.ndarray
    check: EstimatorCheck | None
    provenance: dict
    timings: dict
    momenta: Momenta | None = None
    C_l_covariance: np.ndarray | None = None


def read_ensemble(path: str | Path) -> Ensemble:
    """Ensemble of a finished run.

    Raises
    ------
    InputError
        No such file, not an ensemble file, not finished, damaged, or of a newer format.
    """
    path = Path(path)
    with opened(path) as file:
        return read_file(file, path)


def read_file(file: h5py.File, path: Path) -> Ensemble:
    """Ensemble in an open file; `path` names it in messages."""
    header = read_header(file, path)
    if header.part is not None:
        i, n = header.part
        raise InputError(f"{str(path)!r} is part {i} of {n} of a run; join them: fluxtube merge PART... -o FILE")
    if not header.complete:
        raise InputError(f"{str(path)!r} was not finished; continue it: fluxtube run ... --resume")
    ensemble = _ensemble(header, read_results(file, header), file, path)
    return turned_right(ensemble) if ensemble.format_version == MIRRORED else ensemble


def _ensemble(header: Header, data: dict[str, np.ndarray], file: h5py.File, path: Path) -> Ensemble:
    config = header.config
    check = momenta = None
    if "check/noise" in data:
        check = EstimatorCheck(
            quadrature=data["check/quadrature"],
            halves=data["check/halves"],
            noise=data["check/noise"],
            particles=config.check.particles if config.sampling.estimator == "quadrature" else config.sampling.particles,
        )
    if "momenta/second_moment" in data:
        momenta = Momenta(data["momenta/mean_free_path"], data["momenta/second_moment"], data.get("momenta/energy", np.empty(0)))
    return Ensemble(
        path=path,
        format_version=header.version,
        config=config,
        realisations=header.realisations,
        l=data["multipoles/degree"],
        m=data["multipoles/order"],
        mean=data["multipoles/mean"],
        second_moment=data["multipoles/second_moment"],
        noise=data["multipoles/noise"],
        square_moment=data["multipoles/square_moment"],
        C_l=data["spectrum/C_l"],
        C_l_error=data["spectrum/C_l_error"],
        sky_mean=data["sky/mean"],
        sky_mean_square=data["sky/mean_square"],
        sky_hits=data.get("sky/hits"),
        sky_realisations=data.get("sky/realisations"),
        samples_multipoles=data["samples/multipoles"],
        samples_sky=data["samples/sky"],
        check=check,
        provenance=plain_attributes(file, "provenance"),
        timings={name: float(value) for name, value in plain_attributes(file, "timings").items()},
        momenta=momenta,
        C_l_covariance=data.get("spectrum/C_l_covariance"),
    )


def plain_attributes(file: h5py.File, group: str) -> dict:
    """Attributes of a group as text and numbers."""
    return {key: _plain(value) for key, value in file[group].attrs.items()} if group in file else {}


def _plain(value):
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, (str, int, float)) else str(value)
