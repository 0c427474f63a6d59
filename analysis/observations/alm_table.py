"""Tables of multipoles a_lm (l, m, Re, Im) as CSV or ECSV."""

import re
from importlib import resources

import numpy as np

from fluxtube.analysis.observations.fits_columns import FRAMES
from fluxtube.analysis.observations.own_tables import PSEUDO_MULTIPOLES, refuse_pseudo
from fluxtube.errors import InputError
from fluxtube.files import write_table
from fluxtube.tables import Table, read_table

NAMES = {"l": ("l", "ell", "degree"), "m": ("m", "order"), "re": ("re", "real"), "im": ("im", "imag", "imaginary")}
LARGEST_DEGREE = 2000
LARGEST = 0.05  # a relative intensity of several per cent is none of the sky at TeV energies: its unit is another
_COORDSYS = re.compile(r"\bcoord(?:sys|s|inates?)?\s*[=:]\s*['\"]?([a-z0-9]+)")
SYNTHETIC = "synthetic_alm.csv"


def read_alm(path, scale: float = 1.0, instead: str | None = None) -> np.ndarray:
    """Multipoles of a real sky from a table with the columns l, m, re, im.

    Parameters
    ----------
    path : path or Table
        Any table that `fluxtube.tables` reads. Only m >= 0 is needed; rows with m < 0 must agree with a_l-m = (-1)^m a_lm^*.
    scale : float
        What the numbers are in units of: 1e-4 for a table in units of 1e-4.
    instead : str, optional
        What to give in place of a table that says that it is of a masked map; such a table is taken where this is left out.

    Returns
    -------
    complex ndarray (L, L)
        a[l, m], m >= 0; zero for m > l, NaN where the table has no row: what was not measured is unknown. An order that
        the table lacks at every degree is lost: m = 0 where an array took each ring of declination for isotropic.

    Raises
    ------
    InputError
        No such file, missing columns, text for numbers, m beyond l, the same multipole twice or contradicting itself; comments
        that name another frame, or a unit that scale does not give; a unit beside a scale.
    """
    columns = path if isinstance(path, Table) else read_table(path)
    path = columns.path
    _refuse_other_frames(columns)
    _check_units(columns, scale)
    if instead is not None:
        refuse_pseudo(path, columns.remarks, PSEUDO_MULTIPOLES, instead)
    values = {key: columns.column(*names) for key, names in NAMES.items()}
    l, m = (whole_numbers(values[key], key, path) for key in ("l", "m"))
    if np.any(np.abs(m) > l):
        row = int(np.flatnonzero(np.abs(m) > l)[0])
        raise InputError(f"{path}: l = {l[row]}, m = {m[row]}: the order goes from -l to l")
    if not 0 < scale < np.inf:
        raise InputError(f"unit of the multipoles {scale:g}: it must be a finite number above zero, such as 1e-4")
    a = scale * (values["re"] + 1j * values["im"])
    if np.any(np.abs(a) > 10):
        raise InputError(f"{path}: multipoles up to {np.abs(a).max():.3g}, but a relative intensity's are far below 1; unit?")
    flipped = m < 0
    a[flipped] = (-1.0) ** m[flipped] * a[flipped].conj()
    table = np.zeros((l.max() + 1, l.max() + 1), dtype=complex)
    table[np.tril_indices(len(table))] = np.nan
    seen = set()
    for degree, order, value, mirrored in zip(l, np.abs(m), a, flipped, strict=True):
        known = table[degree, order]
        if (degree, order, mirrored) in seen or (np.isfinite(known) and abs(known - value) > 1e-6 * abs(value)):
            raise InputError(f"{path}: the multipole l = {degree}, m = {order} is given twice, or a_l-m contradicts a_lm")
        seen.add((degree, order, mirrored))
        table[degree, order] = value
    if np.any(np.abs(table[:, 0].imag) > 1e-9 * np.nanmax(np.abs(table))):
        raise InputError(f"{path}: a_l0 of a real sky has no imaginary part")
    return table


def _refuse_other_frames(table: Table) -> None:
    """A table that says in its comments that it is in other coordinates than equatorial ones."""
    remarks = [remark.lower() for remark in table.remarks]
    named = [FRAMES.get(match[1].upper(), "") for remark in remarks if (match := _COORDSYS.search(remark))]
    for frame in ("galactic", "ecliptic", "magnetic"):
        word = f"{frame} frame" if frame == "magnetic" else frame
        said = any(word in remark for remark in remarks) and not any("equatorial" in remark for remark in remarks)
        if said or frame in named:
            raise InputError(f"{table.path!r} says that it is in {frame} coordinates; turn it to equatorial ones")


def _check_units(table: Table, scale: float) -> None:
    """Values and their errors state units, or none does; a unit and a scale are not both applied."""
    of_values = [name for key in ("re", "im") if (name := table.has(*NAMES[key])) is not None]
    advice = "give the scale of the multipoles, such as --alm-scale 1e-4"
    stated = table.unit_of_all(*of_values, "re_error", "im_error", advice=advice if scale == 1.0 else None)
    if stated and scale != 1.0 and of_values:
        raise InputError(f"{table.path!r} states the units of its columns; leave the scale {scale:g} (--alm-scale) out")


def write_alm(path, alm, comments=()) -> None:
    """Write a[l, m] as a CSV table that `read_alm` reads to the same bits; unknown multipoles (NaN) are left out."""
    lines = ["l,m,re,im"]
    for l in range(len(alm)):
        known = (m for m in range(l + 1) if np.isfinite(alm[l, m]))
        lines += [f"{l},{m},{float(alm[l, m].real)!r},{float(alm[l, m].imag)!r}" for m in known]
    write_table(path, comments, lines)


def refuse_another_unit(alm, path) -> None:
    """Raise InputError for multipoles a[l, m] that are no relative intensity's."""
    largest = np.nanmax(np.abs(alm), initial=0.0)
    if largest > LARGEST:
        raise InputError(f"{str(path)!r}: multipoles up to {largest:.3g}; in units of 1e-4? then --alm-scale 1e-4")


def lost_orders(alm) -> np.ndarray:
    """Orders m >= 0 that a sky a[l, m] lacks at every degree, (n,)."""
    known = np.isfinite(alm)
    return np.array([m for m in range(len(known)) if not known[m:, m].any()], dtype=int)


def synthetic_alm() -> np.ndarray:
    """The shipped table of a SYNTHETIC sky, a[l, m] to l = 14: no observation, it shows how the chain runs."""
    with resources.as_file(resources.files("fluxtube") / "analysis" / "observations" / "data" / SYNTHETIC) as path:
        return read_alm(path)


def whole_numbers(values, name, path) -> np.ndarray:
    """The values of a column of degrees or orders as int (n,)."""
    if np.any(values != np.round(values)) or (name == "l" and np.any(values < 0)):
        raise InputError(f"{str(path)!r}: {name} must be a whole number, l from 0 on")
    largest = values[np.argmax(np.abs(values))]
    if abs(largest) > LARGEST_DEGREE:
        raise InputError(f"{str(path)!r}: {name} = {largest:g}; {LARGEST_DEGREE} is the largest")
    return values.astype(int)
