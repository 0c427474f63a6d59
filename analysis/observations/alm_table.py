"""Tables of multipoles a_lm (l, m, Re, Im) as CSV or ECSV."""

import csv
from importlib import resources
from pathlib import Path

import numpy as np

from fluxtube.errors import InputError

NAMES = {"l": ("l", "ell", "degree"), "m": ("m", "order"), "re": ("re", "real"), "im": ("im", "imag")}
SYNTHETIC = "synthetic_alm.csv"


def read_alm(path, scale: float = 1.0) -> np.ndarray:
    """Multipoles of a real sky from a table with the columns l, m, re, im.

    Parameters
    ----------
    path : path
        CSV, or ECSV (Astropy Proposal for Enhancement 6): lines that begin with # are comments, columns are parted by
        commas or blanks. Only m >= 0 is needed; rows with m < 0 must agree with a_l-m = (-1)^m a_lm^*.
    scale : float
        What the numbers are in units of: 1e-4 for a table in units of 1e-4.

    Returns
    -------
    complex ndarray (L, L)
        a[l, m], m >= 0; zero where the table has no row.

    Raises
    ------
    InputError
        No such file, missing columns, text for numbers, m beyond l, the same multipole twice or contradicting itself.
    """
    rows, columns = read_table(path)
    values = {key: numbers(rows, columns, names, path) for key, names in NAMES.items()}
    l, m = (whole_numbers(values[key], key, path) for key in ("l", "m"))
    if np.any(np.abs(m) > l):
        row = int(np.flatnonzero(np.abs(m) > l)[0])
        raise InputError(f"{path}: l = {l[row]}, m = {m[row]}: the order goes from -l to l")
    a = scale * (values["re"] + 1j * values["im"])
    flipped = m < 0
    a[flipped] = (-1.0) ** m[flipped] * a[flipped].conj()
    table = np.full((l.max() + 1, l.max() + 1), np.nan + 0j)
    seen = set()
    for degree, order, value, mirrored in zip(l, np.abs(m), a, flipped, strict=True):
        known = table[degree, order]
        if (degree, order, mirrored) in seen or (np.isfinite(known) and abs(known - value) > 1e-6 * abs(value)):
            raise InputError(f"{path}: the multipole l = {degree}, m = {order} is given twice, or a_l-m contradicts a_lm")
        seen.add((degree, order, mirrored))
        table[degree, order] = value
    if np.any(np.abs(table[:, 0].imag) > 1e-9 * np.nanmax(np.abs(table))):
        raise InputError(f"{path}: a_l0 of a real sky has no imaginary part")
    return np.nan_to_num(table)


def write_alm(path, alm, comments=()) -> None:
    """Write a[l, m] as a CSV table that `read_alm` reads."""
    lines = [f"# {comment}" for comment in comments] + ["l,m,re,im"]
    for l in range(1, len(alm)):
        lines += [f"{l},{m},{alm[l, m].real:.6e},{alm[l, m].imag:.6e}" for m in range(l + 1)]
    Path(path).write_text("\n".join(lines) + "\n")


def synthetic_alm() -> np.ndarray:
    """The shipped table of a SYNTHETIC sky, a[l, m] to l = 14: no observation, it shows how the chain runs."""
    with resources.as_file(resources.files("fluxtube") / "analysis" / "observations" / "data" / SYNTHETIC) as path:
        return read_alm(path)


def read_table(path) -> tuple[list[list[str]], list[str]]:
    """Rows and lower-case column names of a table in CSV or ECSV."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{str(path)!r} is not a text file; a CSV or ECSV table would do") from None
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) < 2:
        raise InputError(f"{str(path)!r} holds no table: a line with the names of the columns and one row at least would do")
    split = next(csv.reader([lines[0]])) if "," in lines[0] else lines[0].split()
    rows = list(csv.reader(lines[1:])) if "," in lines[0] else [line.split() for line in lines[1:]]
    for row in rows:
        if len(row) != len(split):
            raise InputError(f"{str(path)!r}: the row {' '.join(row)!r} has {len(row)} columns, its head has {len(split)}")
    return rows, [name.strip().lower() for name in split]


def numbers(rows, columns, names, path) -> np.ndarray:
    """Column of the first of several names that the table has, as finite numbers (n,)."""
    name = next((known for known in names if known in columns), None)
    if name is None:
        raise InputError(f"{str(path)!r} has no column {names[0]!r}; it has {', '.join(columns)}")
    try:
        values = np.array([float(row[columns.index(name)]) for row in rows])
    except ValueError as error:
        raise InputError(f"{str(path)!r}, column {name!r}: {error}") from None
    if not np.all(np.isfinite(values)):
        raise InputError(f"{str(path)!r}, column {name!r}: a value is not a finite number")
    return values


def whole_numbers(values, name, path) -> np.ndarray:
    """The values of a column of degrees or orders as int (n,)."""
    if np.any(values != np.round(values)) or (name == "l" and np.any(values < 0)) or np.any(np.abs(values) > 5000):
        raise InputError(f"{str(path)!r}: {name} must be a whole number, l from 0 on")
    return values.astype(int)
