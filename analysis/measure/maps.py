"""Maps for a measurement: relative intensity, weights and noise of each pixel, from files, at a resolution that is needed."""

from dataclasses import dataclass

import numpy as np

from fluxtube.analysis.observations.fits_columns import FRAME_KEYS, read_columns, refuse_other_ordering
from fluxtube.analysis.observations.healpix_map import load_healpy, nside_of, read_map
from fluxtube.analysis.observations.marks import refuse_marks
from fluxtube.errors import InputError

OTHER_UNIT = "state the unit in the header, TUNIT = 1e-4 for example"


@dataclass(frozen=True)
class MeasuredMap:
    """What is measured, RING, equatorial coordinates.

    Attributes
    ----------
    values, weights, variance : ndarray (npix,)
        Relative intensity; weights, 0 where nothing was seen; noise variance of a pixel.
    """

    values: np.ndarray
    weights: np.ndarray
    variance: np.ndarray

    def degraded(self, nside: int) -> "MeasuredMap":
        """At a lower resolution: weighted means of pixels, the mean of their weights, the variance of those means."""
        own = nside_of(self.values)
        if own <= nside:
            return self
        healpy = load_healpy()
        ratio = (own // nside) ** 2

        def total(values):
            nested = healpy.reorder(values, r2n=True).reshape(-1, ratio).sum(axis=1)
            return healpy.reorder(nested, n2r=True)

        weight = total(self.weights)
        divisor = np.where(weight > 0, weight, 1.0)
        values = total(self.weights * np.where(self.weights > 0, self.values, 0.0)) / divisor
        variance = total(self.weights**2 * np.where(self.weights > 0, self.variance, 0.0)) / divisor**2
        return MeasuredMap(values, weight / ratio, variance)


def read_measured(
    path, field=0, mask=None, weights=None, noise: float = 0.0, counts: bool = False, ordering=None, turn: bool = False
) -> MeasuredMap:
    """A map from files.

    Parameters
    ----------
    path : path
        HEALPix FITS: a column of relative intensity, or with `counts` IceCube's three columns data, background, relative
        intensity, of which the first two are used.
    mask, weights : path, optional
        Seen where positive; weights of the pixels.
    noise : float
        N_l of white noise; with `counts` 0 stands for that of the counts, data / background^2 for each pixel.
    counts, ordering, turn
        See above, and `read_map`.

    Raises
    ------
    InputError
        As `read_map` and `refuse_marks`; counts below zero; unequal resolutions; what cannot be a relative intensity.
    """
    if counts:
        columns = read_columns(path, (0, 1), ordering, relative=False)
        if columns.frame != "equatorial":
            raise InputError(f"{str(path)!r} is in {columns.frame} coordinates; counts are taken in equatorial ones only")
        refuse_other_ordering(columns, ordering, path)
        frame = columns.frame
        data, background = columns.values
        seen = np.isfinite(data) & np.isfinite(background) & (background > 0)
        if not np.any(seen) or np.any(data[seen] < 0):
            raise InputError(f"{str(path)!r}: its first two columns are not counts of data and background")
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            values = np.where(seen, data / np.where(seen, background, 1.0) - 1, np.nan)
            variance = np.where(seen, data / np.where(seen, background, 1.0) ** 2, 0.0)
        if not np.all(np.isfinite(values[seen]) & np.isfinite(variance[seen])):
            least = np.min(background[seen])
            raise InputError(f"{str(path)!r}: its second column goes down to {least:.3g}, which is no count of background")
    else:
        frame = read_columns(path, (field,), ordering).frame
        before = mask if mask is not None and _frame_of(mask, path, frame, ordering) != "equatorial" else None
        values, _ = read_map(path, before, field, ordering=ordering, turn=turn)
        mask = None if before is not None else mask  # it was turned with its map
        variance = np.zeros(len(values))
    if noise:
        variance = np.full(len(values), noise * len(values) / (4 * np.pi))
    weight = np.isfinite(values).astype(float)
    for extra, positive in ((mask, True), (weights, False)):
        if extra is None:
            continue
        if _frame_of(extra, path, frame, ordering) != "equatorial":
            raise InputError(f"{str(extra)!r} must be in equatorial coordinates, as {str(path)!r} is when it is measured")
        column = np.nan_to_num(read_columns(extra, (0,), ordering, relative=False).values[0])
        if len(column) != len(values):
            raise InputError(f"{str(extra)!r} has {len(column)} pixels, {str(path)!r} has {len(values)}: they must be equal")
        if np.any(column < 0):
            raise InputError(f"{str(extra)!r}: mask and weights must not be below zero")
        weight = weight * (column > 0 if positive else column / max(column.max(), 1e-300))
    if not np.any(weight > 0):
        raise InputError("mask and weights leave no pixel")
    if not counts:
        seen = values[weight > 0]
        refuse_marks(seen, path, OTHER_UNIT, weights is not None)
        if weights is None and np.std(seen) > 1:
            raise InputError(f"{str(path)!r}: a relative intensity of {np.std(seen):.3g} rms is none; {OTHER_UNIT}")
    return MeasuredMap(np.where(weight > 0, values, 0.0), weight, variance)


def _frame_of(extra, path, frame: str, ordering) -> str:
    """Frame of a mask or of weights for a map; one that states none is in the frame of an equatorial map."""
    columns = read_columns(extra, (0,), ordering, relative=False)
    if frame != "equatorial" and not any(str(columns.header.get(key, "")).strip() for key in FRAME_KEYS):
        raise InputError(f"{str(extra)!r} does not state its coordinates (COORDSYS), and {str(path)!r} is in {frame} ones")
    if columns.frame not in ("equatorial", frame):
        raise InputError(f"{str(extra)!r} is in {columns.frame} coordinates, {str(path)!r} in {frame} ones")
    return columns.frame
