"""Named axes and attributes, so that a file explains itself: HDF5's dimension scales, which netCDF readers and xarray know."""

import h5py
import numpy as np

from fluxtube.sim.config import Config
from fluxtube.sim.store.consistency import SHAPES

# Letter of SHAPES -> names of its axes; the second one where an array has two of a kind.
AXES = {
    "L": ("degree", "degree_other"),
    "M": ("order",),
    "P": ("pixel",),
    "K": ("realisation",),
    "k": ("sky_realisation",),
    "R": ("checked_realisation",),
    "2": ("half",),
    "Q": ("momentum", "momentum_other"),
}
VALUES = {"L": "multipoles/degree", "M": "multipoles/order", "Q": "momenta/mean_free_path"}  # coordinates along an axis
NO_VALUES = "This is a netCDF dimension but not a netCDF variable. {:9d}"  # netCDF's own words for an axis without coordinates
NORMALISATION = (
    "orthonormal real spherical harmonics: Y_l0, sqrt(2) Re Y_lm for m > 0, sqrt(2) Im Y_l|m| for m < 0, "
    "Condon-Shortley phase; complex a_lm = (x_m - i x_-m)/sqrt(2)"
)


def axes(name: str) -> tuple[str, ...]:
    """Names of the axes of a data set."""
    seen: dict[str, int] = {}
    names = []
    for letter in SHAPES[name]:
        names.append(AXES[letter][seen.get(letter, 0)])
        seen[letter] = seen.get(letter, 0) + 1
    return tuple(names)


def explain(file: h5py.File, config: Config) -> None:
    """Name the axes of all result data sets and say what frame, order and normalisation their numbers have."""
    scales: dict[str, h5py.Dataset] = {}
    for name, letters in SHAPES.items():
        if name not in file:
            continue
        for i, (axis, letter) in enumerate(zip(axes(name), letters, strict=True)):
            if axis not in scales:
                scales[axis] = _scale(file, axis, letter, file[name].shape[i])
            file[name].dims[i].attach_scale(scales[axis])
            file[name].dims[i].label = axis
    frame = "at rest, the field anywhere" if config.ensemble.field_directions == "random" else "magnetic: polar axis along B"
    for name in ("multipoles", "samples"):
        file[name].attrs["frame"], file[name].attrs["normalisation"] = frame, NORMALISATION
        file[name].attrs["sign"] = file.attrs["sign"]
    for name in ("sky/mean", "sky/mean_square", "sky/hits", "sky/realisations", "samples/sky"):
        if name in file:
            attributes = file[name].attrs
            attributes["ordering"], attributes["nside"] = "RING", config.sky.nside
            attributes["frame"] = "C" if config.sky.frame == "equatorial" else "magnetic: polar axis along B"
            attributes["field_direction"] = np.array(config.sky.field_direction)
            attributes["field_direction_unit"] = "deg (right ascension, declination)"


def _scale(file: h5py.File, axis: str, letter: str, size: int) -> h5py.Dataset:
    """The data set that gives an axis its name and, where it has some, its coordinates."""
    if letter in VALUES:
        scale = file.create_dataset(axis, data=file[VALUES[letter]][...])
        scale.attrs["meaning"], scale.attrs["unit"] = (file[VALUES[letter]].attrs[key] for key in ("meaning", "unit"))
        scale.make_scale(axis)
    else:
        scale = file.create_dataset(axis, shape=(size,), dtype="f4")  # never written: it takes no room
        scale.make_scale(NO_VALUES.format(size))
    return scale
