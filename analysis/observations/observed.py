"""Observed skies that are shipped: numbers MEASURED FROM PUBLISHED PICTURES or printed in public notebooks.

None of them is a collaboration's table, and none is a data release: the heads of the files say where each number is from and
what it is not. A user's own table always takes their place.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources

import numpy as np

from fluxtube.analysis.observations.alm_table import read_alm
from fluxtube.analysis.observations.reference import FIELD_DIRECTION
from fluxtube.analysis.observations.spectrum_table import Spectrum, read_spectrum
from fluxtube.tables import Table, read_table

HAWC_ICECUBE = "hawc_icecube_2019"
SOURCE_2019 = "Abeysekara et al. 2019, ApJ 871, 96, measured from the published picture"
SOURCE_2025 = "Abbasi et al. 2025, ApJ 981, 182, measured from the published picture"


@dataclass(frozen=True)
class ObservedSky:
    """A sky of relative intensity, equatorial coordinates, arrival directions.

    Attributes
    ----------
    label, source : str
        For legends, and for the head of whatever is made from it.
    alm : complex ndarray (L, L)
        a[l, m], m >= 0; NaN where nothing is known: the monopole, and m = 0, which the method loses.
    alm_error : complex ndarray (L, L)
        Standard errors of real and imaginary part, of the measurement alone: the noise of the observation is not in them.
    spectrum : Spectrum
        C_l over the 2l orders that are known; noise not subtracted, given beside it.
    field_direction : (float, float)
        Right ascension and declination of +B that goes with it [deg].
    """

    label: str
    source: str
    alm: np.ndarray
    alm_error: np.ndarray
    spectrum: Spectrum
    field_direction: tuple[float, float]


def hawc_icecube_2019() -> ObservedSky:
    """The sky at 10 TeV of HAWC and IceCube, l = 1 to 20, as measured from the published map."""
    with _file(f"{HAWC_ICECUBE}_alm.csv") as path:
        alm, table = read_alm(path), read_table(path)
    with _file(f"{HAWC_ICECUBE}_spectrum.csv") as path:
        spectrum = read_spectrum(path)
    errors = np.full(alm.shape, np.nan + 0j)
    l, m = (table.column(name).astype(int) for name in ("l", "m"))
    errors[l, m] = table.column("re_error") + 1j * table.column("im_error")
    return ObservedSky("HAWC + IceCube 2019, 10 TeV, from the figure", SOURCE_2019, alm, errors, spectrum, FIELD_DIRECTION)


def hawc_icecube_2019_covariance() -> dict[int, np.ndarray]:
    """Covariance of the errors of `hawc_icecube_2019`, by order m = 1 .. 14: (15 - m, 15 - m), degrees m .. 14, of re and of im.

    Orders, and real and imaginary parts, are independent. The noise of the observation is not in it.
    """
    with _file(f"{HAWC_ICECUBE}_alm_covariance.csv") as path:
        table = read_table(path)
    m, first, second = (table.column(name).astype(int) for name in ("m", "l", "l2"))
    matrices = {order: np.full((15 - order,) * 2, np.nan) for order in range(1, 15)}
    for order, row, column, value in zip(m, first, second, table.column("covariance"), strict=True):
        matrices[order][row - order, column - order] = matrices[order][column - order, row - order] = value
    return matrices


def icecube_12yr_pseudo_spectrum(energy: float | None = None) -> dict[str, np.ndarray]:
    """Pseudo-power of IceCube's sky against energy: columns energy_TeV, l, C_l, lower, upper (NaN where not legible).

    Relative intensity weighted by the background, NOT divided by the sky fraction; at l <= 4 most of it is the dipole's
    leakage: not a C_l of the whole sky.

    Parameters
    ----------
    energy : float, optional
        One of the nine energies [TeV].
    """
    with _file("icecube_12yr_pseudo_spectrum.csv") as path:
        table = read_table(path)
    columns = {name: table.column(name.lower(), blank=True) for name in ("energy_TeV", "l", "C_l", "lower", "upper")}
    keep = np.ones(len(columns["l"]), dtype=bool) if energy is None else columns["energy_TeV"] == energy
    return {name: values[keep] for name, values in columns.items()}


def dipoles() -> Table:
    """Amplitude and phase of the horizontal dipole against energy, several experiments; see the file's head for each status."""
    with _file("dipoles.csv") as path:
        return read_table(path)


def tibet_15tev() -> dict[str, np.ndarray]:
    """Tibet's relative intensity in 18 bins of right ascension, a projection over its declinations; publication inferred."""
    with _file("tibet_15tev_ra.csv") as path:
        table = read_table(path)
    return {name: table.column(name) for name in ("ra_deg", "relative_intensity", "error")}


@contextmanager
def _file(name: str):
    with resources.as_file(resources.files("fluxtube") / "analysis" / "observations" / "data" / name) as path:
        yield path
