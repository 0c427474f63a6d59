"""Whether a finished file holds what its configuration says: names, shapes, finite numbers, realisations."""

import hashlib

import h5py
import numpy as np

from fluxtube.sim.config import Config
from fluxtube.sim.store.header import Header, text
from fluxtube.sim.store.mirrored import MIRRORED
from fluxtube.sim.store.opening import read_array, require_numbers
from fluxtube.sim.store.state_file import verify_state

# L degrees, M orders, P pixels, K and k kept realisations, R of the check, Q momenta.
SHAPES = {
    "multipoles/degree": "L",
    "multipoles/order": "M",
    "multipoles/mean": "ML",
    "multipoles/second_moment": "MLL",
    "multipoles/noise": "MLL",
    "multipoles/square_moment": "MLL",
    "momenta/mean_free_path": "Q",
    "momenta/second_moment": "QQMLL",
    "momenta/energy": "Q",
    "momenta/C_l": "QQL",
    "momenta/correlation": "QQL",
    "spectrum/C_l": "L",
    "spectrum/C_l_error": "L",
    "spectrum/C_l_covariance": "LL",
    "sky/mean": "P",
    "sky/mean_square": "P",
    "sky/hits": "P",
    "sky/realisations": "P",
    "samples/multipoles": "KML",
    "samples/sky": "kP",
    "check/quadrature": "RML",
    "check/halves": "R2ML",
    "check/noise": "RML",
}
# NaN where there is no value.
MAY_BE_UNKNOWN = (
    "spectrum/C_l_error", "spectrum/C_l_covariance", "momenta/correlation", "sky/mean", "sky/mean_square", "samples/sky",
)  # fmt: skip


def sizes(config: Config, realisations: int) -> dict[str, int]:
    """What the letters of SHAPES stand for."""
    degrees = config.sky.l_max + 1
    turned = config.transport.model != "parallel" or config.ensemble.field_directions == "random"
    drawn = min(realisations, config.ensemble.realisations)
    return {
        "L": degrees,
        "M": 2 * degrees - 1 if turned else 1,
        "P": 12 * config.sky.nside**2,
        "K": min(config.output.multipoles, drawn),
        "k": min(config.output.skies, drawn),
        "R": min(config.check.realisations, config.ensemble.realisations),
        "Q": len(config.transport.seen_paths),
        "2": 2,
    }


def read_results(file: h5py.File, header: Header) -> dict[str, np.ndarray]:
    """All result data sets of a finished file, by name; those that its configuration does not ask for are left out.

    Raises
    ------
    KeyError, ValueError
        One is missing, or is not what it should be.
    """
    if not header.realisations:
        raise ValueError("it is complete and holds no realisation")
    letters = sizes(header.config, header.realisations)
    results = {}
    for name, shape in SHAPES.items():
        if not _wanted(name, header, letters):
            continue
        array = read_array(file, name, tuple(letters[letter] for letter in shape))
        if name not in MAY_BE_UNKNOWN and not np.isfinite(array).all():
            raise ValueError(f"{name} holds a value that is not finite")
        results[name] = array
    if not np.array_equal(results["multipoles/degree"], np.arange(letters["L"])):
        raise ValueError("multipoles/degree is not 0, 1, 2, ...")
    stated = file.attrs.get("results_digest")
    if stated is not None and text(stated) != results_digest(results):
        raise ValueError("the digest of its results is wrong")
    verify_state(file, header.realisations)
    return results


def results_digest(arrays: dict[str, np.ndarray]) -> str:
    """BLAKE2 over all result data sets: their own checksums can be switched off by a damaged file."""
    digest = hashlib.blake2b(digest_size=32)
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def require_shapes(file: h5py.File, header: Header) -> None:
    """Raise KeyError or ValueError where a finished file lacks a data set, or has one of another shape."""
    letters = sizes(header.config, header.realisations)
    for name, shape in SHAPES.items():
        if _wanted(name, header, letters):
            require_numbers(file, name, tuple(letters[letter] for letter in shape))


def _wanted(name: str, header: Header, letters: dict[str, int]) -> bool:
    if name == "spectrum/C_l_covariance":
        return header.version != MIRRORED  # format 1.0 does not have it
    group = name.partition("/")[0]
    if name in ("sky/hits", "sky/realisations"):
        return header.config.sampling.by_particles
    if name in ("momenta/energy", "momenta/C_l", "momenta/correlation"):
        return letters["Q"] > 1 and bool(header.config.transport.energies)
    return {"momenta": letters["Q"] > 1, "check": letters["R"] > 0}.get(group, True)
