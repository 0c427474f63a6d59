"""What an ensemble file says of itself, read and checked in one place."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.config import Config
from fluxtube.sim.config.load import parse_stored
from fluxtube.sim.store.file_format import FORMAT, FORMAT_MAJOR, FORMAT_MINOR, SIGN, require_format

LONGEST_CONFIGURATION = 2**24  # characters; tables of spectra are part of it
MOST_REALISATIONS = 2**53
# What the digest of the header covers; all of it stands in the file's attributes.
COVERED = ("format", "format_version", "sign", "realisations", "block_size", "configuration", "configuration_hash", "part")
DIGEST = "header_digest"
WITH_DIGEST = (1, 2)  # the first format that has it


@dataclass(frozen=True)
class Header:
    """Attributes of a file.

    Attributes
    ----------
    version : (int, int)
    toml, config
        The configuration as text and as an object.
    realisations, block_size : int
    complete : bool
    part : (int, int) or None
        (i, n) in the file of the i-th of n parts.
    """

    version: tuple[int, int]
    toml: str
    config: Config
    realisations: int
    block_size: int
    complete: bool
    part: tuple[int, int] | None



def read_header(file: h5py.File, path: Path) -> Header:
    """Header of an open file.

    Raises
    ------
    InputError
        Not an ensemble, of a newer format, or with a header that was changed after it was written.
    KeyError, TypeError, ValueError
        It is damaged; `opening.opened` makes an InputError of it.
    """
    version = require_format(file, path)
    attributes = file.attrs
    toml = text(attributes["configuration"])
    if len(toml) > LONGEST_CONFIGURATION:
        raise ValueError("its configuration has no end")
    if DIGEST in attributes or version >= WITH_DIGEST:
        if text(attributes[DIGEST]) != header_digest(file):
            raise InputError(f"{str(path)!r} is damaged: its header was changed after it was written")
    realisations, block_size = whole(attributes, "realisations", MOST_REALISATIONS), whole(attributes, "block_size", 2**31)
    config = parse_stored(toml, source=str(path))
    if realisations > config.ensemble.realisations:
        raise ValueError(f"it has {realisations} realisations, more than the {config.ensemble.realisations} of its configuration")
    return Header(version, toml, config, realisations, block_size, flag(attributes, "complete"), _part(attributes))


def write_header(
    file: h5py.File, config: Config, block_size: int, realisations: int, part: tuple[int, int] | None = None
) -> None:
    """What every file says of itself; `complete` is set last, by whoever has written all the rest."""
    file.attrs["format"] = FORMAT
    file.attrs["format_version"] = [FORMAT_MAJOR, FORMAT_MINOR]
    file.attrs["sign"] = SIGN
    file.attrs["complete"] = False
    file.attrs["realisations"] = realisations
    file.attrs["block_size"] = block_size
    file.attrs["configuration"] = config.to_toml()
    file.attrs["configuration_hash"] = config.hash
    if part is not None:
        file.attrs["part"] = part
    file.attrs[DIGEST] = header_digest(file)


def header_digest(file: h5py.File) -> str:
    """BLAKE2 over the attributes that it covers."""
    digest = hashlib.blake2b(digest_size=32)
    for name in COVERED:
        if name in file.attrs:
            value = file.attrs[name]
            value = np.atleast_1d(value).tolist() if not isinstance(value, (str, bytes)) else text(value)
            digest.update(f"{name}={value!r}\n".encode("utf-8", "backslashreplace"))
    return digest.hexdigest()


def text(value) -> str:
    """A string attribute."""
    if isinstance(value, bytes):
        return value.decode()
    if not isinstance(value, str):
        raise TypeError(f"an attribute holds {type(value).__name__}, not text")
    return value


def whole(attributes, name: str, most: int, least: int = 0) -> int:
    """A whole number in an attribute."""
    value = np.asarray(attributes[name])
    if value.shape != () or value.dtype.kind not in "iu" or not least <= int(value) <= most:
        raise ValueError(f"its attribute {name} is not a whole number from {least} to {most}")
    return int(value)


def flag(attributes, name: str) -> bool:
    """A truth value in an attribute; what is none is no truth."""
    value = np.asarray(attributes.get(name, False))
    if value.shape != () or value.dtype.kind not in "biu" or int(value) not in (0, 1):
        raise ValueError(f"its attribute {name} is neither true nor false")
    return bool(value)


def _part(attributes) -> tuple[int, int] | None:
    if "part" not in attributes:
        return None
    value = np.asarray(attributes["part"])
    if value.shape != (2,) or value.dtype.kind not in "iu" or not 1 <= value[0] <= value[1]:
        raise ValueError("its attribute part does not name a part of a run")
    return int(value[0]), int(value[1])
