"""A sky from a file, with its view and noise, as the likelihood takes it."""

from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import numpy as np

from fluxtube.analysis.inference import noise
from fluxtube.analysis.inference.data import SkyData, from_table
from fluxtube.analysis.inference.maps import from_map
from fluxtube.analysis.inference.modes import degrees_and_orders
from fluxtube.analysis.inference.window import through_beam, top_hat_window
from fluxtube.analysis.observations.alm_table import LARGEST, lost_orders, read_alm, refuse_another_unit
from fluxtube.errors import InputError
from fluxtube.tables import read_table

L_MAX = 10
FITS = (".fits", ".fit", ".fits.gz", ".fits.fz")
SHIPPED = "hawc-icecube-2019"
SHIPPED_NOISE = 3.1e-10  # N_l on average over the sky, from the flat part of the same map's spectrum (its table's head)
# The same head: 5e-11 south of -40 deg, 3e-10 to 6e-10 north of -25 deg. Three levels with that average over the sphere.
SHIPPED_BANDS = ((-90.0, -40.0, 5e-11), (-40.0, -25.0, 1.7e-10), (-25.0, 90.0, 4.1e-10))
LEAST_WINDOW = 0.05  # below it errors of the window itself decide
LEAST_NOISE = 1e-20  # N_l: a signal of 1e-3 beside it is beyond double precision
SMALLEST = 1e-12  # a relative intensity below it is none that was ever measured


@dataclass(frozen=True)
class View:
    """What was observed, and with what noise.

    Attributes
    ----------
    l_min, l_max : int
    noise : float, optional
        N_l [relative intensity squared].
    noise_bands : tuple of (south, north, N_l)
    noise_map : path, optional
        Standard deviation of each pixel of a map.
    error_covariance : path, optional
        Of a table's reading errors.
    errors : bool
        Whether a table's columns re_error, im_error are used.
    mask : path, optional
    lost_orders : tuple of int
    scale : float
        Unit of the table.
    column : int or str, optional
        Of a FITS map, by number or name; to be given for files of `fluxtube sky`, else 0.
    beam : float
        Full width at half maximum of the instrument's Gaussian point spread [deg]; the noise is that of the data.
    smoothed : float
        Radius of the disc over which the sky was averaged before its multipoles were taken [deg]: values and reading errors
        are divided by its window, the noise is that before the smoothing.
    """

    l_min: int = 2
    l_max: int = L_MAX
    noise: float | None = None
    noise_bands: tuple = ()
    noise_map: str | None = None
    error_covariance: str | None = None
    errors: bool = True
    mask: str | None = None
    lost_orders: tuple[int, ...] = ()
    scale: float = 1.0
    column: int | str | None = None
    beam: float = 0.0
    smoothed: float = 0.0
    warnings: list = field(default_factory=list)

    def __post_init__(self):
        if not 2 <= self.l_min <= self.l_max:
            raise InputError(f"degrees {self.l_min} to {self.l_max}: l_min must be 2 at least and l_max not below it")
        if not 0 <= self.beam <= 90:
            raise InputError(f"beam of {self.beam:g} deg: its full width at half maximum must lie in 0 to 90")
        if self.smoothed and not 0 < self.smoothed <= 90:
            raise InputError(f"smoothing over discs of {self.smoothed:g} deg: the radius must be above 0 and 90 at most")
        if self.smoothed and np.min(top_hat_window(self.l_max, self.smoothed)) < LEAST_WINDOW:
            raise InputError(
                f"discs of {self.smoothed:g} deg leave less than {LEAST_WINDOW:g} of the multipoles up to l = {self.l_max}; "
                "take a smaller --l-max"
            )
        for level in ((self.noise,) if self.noise is not None else ()) + tuple(band[2] for band in self.noise_bands):
            if not LEAST_NOISE <= level < 1:
                raise InputError(
                    f"noise {level:g}: N_l of the relative intensity must lie between {LEAST_NOISE:g} and 1, like 3e-10"
                )
        wrong = [m for m in self.lost_orders if not 0 <= m <= self.l_max]
        if wrong:
            raise InputError(f"lost order {wrong[0]}: orders go from 0 to l_max = {self.l_max}")


def read_sky(path, view: View) -> SkyData:
    """Sky from a table of multipoles or a HEALPix FITS map; `SHIPPED` names the table that comes with the package.

    Raises
    ------
    InputError
        Another frame or unit, missing noise, degrees beyond the sky, a mask that leaves nothing.
    """
    if str(path) == SHIPPED:
        if view.scale != 1.0:
            raise InputError(f"{SHIPPED} is in units of the relative intensity; leave --alm-scale out")
        data = shipped_sky(view)
    else:
        data = _map(path, view) if str(path).lower().endswith(FITS) else _table(path, view)
    return through_beam(data, view.beam) if view.beam else data


def shipped_sky(view: View) -> SkyData:
    """HAWC and IceCube at 10 TeV as measured from the published picture, with its reading errors and noise."""
    folder = resources.files("fluxtube") / "analysis" / "observations" / "data"
    with (
        resources.as_file(folder / "hawc_icecube_2019_alm.csv") as table,
        resources.as_file(folder / "hawc_icecube_2019_alm_covariance.csv") as covariance,
    ):
        plain = view.noise is None and not view.noise_bands
        values = view.__dict__ | {"noise": SHIPPED_NOISE if plain else view.noise, "error_covariance": str(covariance)}
        return _table(table, View(**values), description=SHIPPED)


def _table(path, view: View, description=None) -> SkyData:
    if view.mask or view.noise_map:
        raise InputError(f"{str(path)!r} is a table of multipoles; masks and maps of noise belong to FITS maps")
    if view.column is not None:
        raise InputError(f"{str(path)!r} is a table of multipoles; --column {view.column} belongs to FITS maps")
    table = read_table(path)  # once: it may be a pipe
    alm = read_alm(table, view.scale, "give the map itself and --mask")
    top = len(alm) - 1
    if view.smoothed:
        alm = alm / top_hat_window(top, view.smoothed)[:, None]
    if view.l_max > top:
        advice = f"give --l-max {top} or less" if top >= view.l_min else f"degrees from l = {view.l_min} on are needed"
        raise InputError(f"l_max = {view.l_max} is beyond {str(path)!r}, which ends at l = {top}; {advice}")
    refuse_another_unit(alm[view.l_min : view.l_max + 1], path)
    largest = np.nanmax(np.abs(alm[view.l_min : view.l_max + 1]), initial=0.0)
    if 0 < largest < SMALLEST:
        raise InputError(f"{str(path)!r}: multipoles of {largest:.3g} at most; is --alm-scale right?")
    if not largest > 0:
        raise InputError(f"{str(path)!r}: no multipole of l = {view.l_min} to {view.l_max} is known and other than zero")
    size = len(degrees_and_orders(view.l_max)[0])
    names = table.names
    reading, has_errors = None, "re_error" in names and "im_error" in names
    if not (view.errors or has_errors):
        raise InputError(f"{str(path)!r} has no columns re_error and im_error; leave --no-errors out")
    if view.errors and has_errors:
        reading = np.nan_to_num(noise.errors_of_table(table, view.l_max, view.scale))
    if view.error_covariance:
        diagonal = np.zeros(size) if reading is None else reading
        reading = noise.correlated_errors(view.error_covariance, view.l_max, diagonal, view.scale)
    if view.smoothed and reading is not None:
        window = top_hat_window(view.l_max, view.smoothed)[degrees_and_orders(view.l_max)[0]]
        reading = reading / (window**2 if reading.ndim == 1 else np.outer(window, window))
    level = _level(view)
    if level is None and reading is None:
        raise InputError(f"{str(path)!r} has no noise: give --noise N_l, --noise-bands, or columns re_error and im_error")
    if level is None:
        view.warnings.append("the table's errors were taken for all of the noise; is the noise of the observation in them?")
        level, reading = reading, None
    zero = [m for m in range(1 if not np.any(alm[2:, 0]) else 0) if np.all(np.isfinite(alm[2:, 0]))]
    if zero:
        view.warnings.append("m = 0 is zero at every degree: lost by an array's method? then --lost-orders 0; taken as lost here")
    lost = set(view.lost_orders) | set(zero) | {int(m) for m in lost_orders(alm)}
    return from_table(
        alm, level, reading, l_min=view.l_min, l_max=view.l_max, lost=sorted(lost), description=description or Path(path).name
    )


def _level(view: View):
    if view.noise is not None and view.noise_bands:
        raise InputError("--noise and --noise-bands exclude each other")
    if view.noise_bands:
        return noise.by_declination(view.l_max, view.noise_bands)
    return None if view.noise is None else noise.white(view.l_max, view.noise)


def _map(path, view: View) -> SkyData:
    from fluxtube.analysis.observations.healpix_map import read_map, read_mask
    from fluxtube.analysis.observations.marks import refuse_marks, words_on_zeros
    from fluxtube.analysis.observations.own_columns import chosen_sky

    if view.smoothed:
        raise InputError(
            f"{str(path)!r} is a map: smoothing makes the noise of its pixels correlated, which is not modelled; give the map "
            "as it was before the smoothing, or a table of its multipoles"
        )
    if set(view.lost_orders) - {0}:
        raise InputError(f"lost orders {view.lost_orders} of a map: only 0, the mean along each ring of declination, can be lost")
    if view.error_covariance or not view.errors:
        option = "--error-covariance" if view.error_covariance else "--no-errors"
        raise InputError(f"{str(path)!r} is a map; {option} belongs to tables of multipoles")
    if view.noise_map and (view.noise is not None or view.noise_bands):
        raise InputError("--noise-map excludes --noise and --noise-bands: it says the noise of every pixel")
    column, column_name, words = chosen_sky(path, view.column, "--column")
    view.warnings.extend(words)
    values, seen = read_map(path, view.mask, column)
    view.warnings.extend(read_mask(view.mask).remarks if view.mask else ())
    scaled = values * view.scale
    rms = float(np.sqrt(np.mean(scaled[seen] ** 2)))
    if not rms > 0:
        raise InputError(f"{str(path)!r}: every observed pixel is zero; is it the right column?")
    if rms > LARGEST:
        raise InputError(f"{str(path)!r}: relative intensity of {rms:.3g} rms; is it in another unit? then --alm-scale")
    refuse_marks(scaled[seen], path, "another unit, then --alm-scale", view.noise_map is not None)
    view.warnings.extend(words_on_zeros(scaled[seen]))
    declination = _declinations(len(values))
    density = np.full(len(values), np.nan)
    if view.noise_map:
        deviation, known = read_map(view.noise_map, None)
        if len(deviation) != len(values):
            raise InputError(f"{str(view.noise_map)!r} has {len(deviation)} pixels, {str(path)!r} has {len(values)}")
        if np.any(deviation[known] < 0):
            raise InputError(f"{str(view.noise_map)!r} holds values below zero: a standard deviation of every pixel is needed")
        variance = np.where(known, deviation * view.scale, np.nan) ** 2
    else:
        if view.noise is not None:
            density[:] = view.noise
        for south, north, level in view.noise_bands:
            density[(declination >= south) & (declination <= north)] = level
        if np.all(np.isnan(density)):
            raise InputError(f"{str(path)!r} has no noise: give --noise N_l, --noise-bands or --noise-map")
        variance = density * len(values) / (4 * np.pi)
    if np.any(np.isnan(variance[seen])):
        raise InputError(f"{str(path)!r}: an observed pixel has no noise given")
    variance = np.where(seen, variance, np.inf)
    name = f"{Path(path).name}, column {column_name}"
    return from_map(np.where(seen, scaled, 0.0), variance, view.l_max, view.l_min, 0 in view.lost_orders, description=name)


def _declinations(count: int) -> np.ndarray:
    from ducc0.healpix import Healpix_Base

    base = Healpix_Base(int(np.sqrt(count / 12)), "RING")
    return 90 - np.rad2deg(base.pix2ang(np.arange(count))[:, 0])
