"""Tables of an angular power spectrum: l and C_l, with errors or noise where they are known; single degrees or bins."""

import re
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from fluxtube.analysis.observations.alm_table import whole_numbers
from fluxtube.errors import InputError
from fluxtube.tables import read_table, unit_factor

DEGREE = ("l", "ell", "degree")
FIRST, LAST = ("l_min", "ell_min", "l_low"), ("l_max", "ell_max", "l_high")
POWER = ("c_l", "cl", "c_ell")
NOISE = ("noise", "n_l", "nl")
ORDERS = ("degrees_of_freedom",)
_LIKE_AN_ERROR = re.compile(
    r"(.*_)?(err(or)?s?|sigma|std(ev|dev)?|unc(ert(ainty)?)?|var(iance)?|plus|minus|err_?(up|down|low|high|lo|hi|plus|minus|[+-]))(_.*)?"
    r"|(d|e|delta|sigma)_?c_?(l|ell)|delta"
)
LARGEST = 4 * np.pi  # C_l of a relative intensity of 1
LEAST = -1e-2  # noise leaves no C_l below it; -1 and -9 stand for what is not known


@dataclass(frozen=True)
class Spectrum:
    """A measured C_l of Delta f/f.

    Attributes
    ----------
    l : ndarray of int (n,)
        Degrees, rising, gaps allowed; of a bin its first one.
    C_l : ndarray (n,)
        May be below zero where noise was subtracted [1].
    lower, upper : ndarray (n,) or None
        Sizes of the errors that the table states; NaN where it states none.
    noise : ndarray (n,) or None
        N_l that the table states; it is in C_l, not subtracted.
    last : ndarray of int (n,) or None
        Last degrees of bins, in which C_l is the mean with the weight 2l + 1; None for single degrees.
    orders : ndarray (n,) or None
        Effective degrees of freedom of each value on an isotropic sky, 2 <C_l>^2/var C_l, where the table states them.
    rows : ndarray of int (n,) or None
        Which row of the table each value stands in: rows of its matrices.
    remarks : tuple of str
        Comments of the table.
    """

    l: np.ndarray
    C_l: np.ndarray
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None
    noise: np.ndarray | None = None
    last: np.ndarray | None = None
    orders: np.ndarray | None = None
    rows: np.ndarray | None = None
    remarks: tuple[str, ...] = ()

    @property
    def binned(self) -> bool:
        """Whether a value stands for more than one degree."""
        return self.last is not None and bool(np.any(self.last > self.l))

    @property
    def centre(self) -> np.ndarray:
        """Where values are drawn, (n,)."""
        return self.l if self.last is None else (self.l + self.last) / 2

    @property
    def error(self) -> np.ndarray | None:
        """Mean of the errors downward and upward, zero where none is stated, (n,); None if the table has no such column."""
        stated = [part for part in (self.lower, self.upper) if part is not None]
        if not stated:
            return None
        known = np.array(stated)
        count = np.isfinite(known).sum(axis=0)
        return np.divide(np.nansum(known, axis=0), count, out=np.zeros(len(self.l)), where=count > 0)

    def columns(self) -> dict:
        """As columns of a table."""
        known = {"l": self.centre, "C_l": self.C_l, "lower": self.lower, "upper": self.upper, "noise": self.noise}
        if self.binned:
            known |= {"l_min": self.l, "l_max": self.last}
        return {name: values for name, values in known.items() if values is not None}

    def between(self, l_min: int, l_max: int) -> "Spectrum":
        """The degrees, or whole bins, from l_min to l_max.

        Raises
        ------
        InputError
            Where there is none.
        """
        end = self.l if self.last is None else self.last
        keep = (self.l >= l_min) & (end <= l_max)
        if not np.any(keep):
            raise InputError(f"no C_l between l = {l_min} and {l_max}; the table goes from {self.l[0]} to {end[-1]}")
        kept: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        chosen: dict[str, Any] = {name: part[keep] if isinstance(part, np.ndarray) else part for name, part in kept.items()}
        return Spectrum(**chosen)


def read_spectrum(path, column: str | None = None) -> Spectrum:
    """Spectrum from a table (`fluxtube.tables`).

    Parameters
    ----------
    path : path
        Columns l and C_l, or l_min, l_max and C_l for bins; noise (N_l, in C_l), and the sizes of the errors, lower and upper
        (lower_error and upper_error are taken for sizes whatever they hold), or error for both, if known. Other columns are
        passed over.
    column : str, optional
        Name of another column to take for C_l, such as isotropic_C_l of `fluxtube theory`.

    Raises
    ------
    InputError
        No such file or column; text for numbers; l twice, or bins that overlap; values that are no relative intensity's;
        lower and upper that look like the ends of intervals about C_l.
    """
    table = read_table(path)
    last = None
    if table.has(*FIRST) and table.has(*LAST):
        first, last = (whole_numbers(table.column(*names), "l", path) for names in (FIRST, LAST))
        if np.any(last < first):
            row = int(np.flatnonzero(last < first)[0])
            raise InputError(f"{str(path)!r}: the bin l = {first[row]} to {last[row]} ends before it begins")
    else:
        first = whole_numbers(table.column(*DEGREE), "l", path)
    order = np.argsort(first, kind="stable")
    end = first if last is None else last
    if np.any(first[order][1:] <= end[order][:-1]):
        raise InputError(f"{str(path)!r}: a degree l is given twice" + ("" if last is None else ", bins overlap"))
    power = POWER if column is None else (column.lower(),)
    C_l = table.column(*power)
    if np.any(C_l < LEAST) and np.min(C_l) >= -LARGEST:
        row = int(np.argmin(C_l))
        what = f"C_l = {C_l[row]:.3g} at l = {first[row]}"
        raise InputError(f"{str(path)!r}: {what} is far below zero; leave out degrees that are not known")
    if np.any(np.abs(C_l) > LARGEST):
        worst = int(np.argmax(np.abs(C_l)))
        raise InputError(
            f"{str(path)!r}: C_l = {C_l[worst]:.3g} at l = {first[worst]}, but C_l of a relative intensity is far below 1; "
            "give the unit of the column, as in C_l [1e-8]"
        )
    sides = [table.has(f"{side}_error", side, "error", "c_l_error") for side in ("lower", "upper")]
    _refuse_other_errors(table, sides, column)
    of_power = [name for name in (table.has(*power), *sides, table.has(*NOISE)) if name is not None]
    table.unit_of_all(*of_power, advice=f"write it there, as in {of_power[0]} [1e-8]")
    errors = [None if name is None else table.column(name, blank=True) for name in sides]
    if any(values is not None and np.isinf(values).any() for values in errors):
        raise InputError(f"{str(path)!r}: the size of an error is infinite; leave its cell empty where it is unknown")
    if sides == ["lower", "upper"] and _ends_of_intervals(C_l, *errors):
        raise InputError(
            f"{str(path)!r}: the columns lower and upper look like the ends of an interval about C_l in every row; "
            "fluxtube takes sizes of errors: give C_l - lower and upper - C_l, in columns lower_error and upper_error"
        )
    for name, values in zip(sides, errors, strict=True):
        _refuse_signs(values, name, path)
    lower, upper = (None if values is None else np.abs(values)[order] for values in errors)
    noise = table.column(*NOISE)[order] if table.has(*NOISE) else None
    if noise is not None and np.any(noise < 0):
        raise InputError(f"{str(path)!r}: the noise is below zero in a row")
    orders = table.column(*ORDERS)[order] if table.has(*ORDERS) else None
    if orders is not None and not np.all((orders > 0) & np.isfinite(orders)):
        raise InputError(f"{str(path)!r}: degrees_of_freedom must be finite and above zero in every row")
    last = None if last is None else last[order]
    return Spectrum(first[order], C_l[order], lower, upper, noise, last, orders, order, table.remarks)


def _refuse_other_errors(table, sides, column) -> None:
    """Refuse errors under a name that is not known: left out, they would make the others too small without a word."""
    known = {*sides, column, *NOISE, "total_error"}  # of `fluxtube measure`: with the scatter of skies, which a fit has itself
    others = [name for name in table.names if _LIKE_AN_ERROR.fullmatch(name) and name not in known]
    if others and column is None:
        raise InputError(
            f"{table.path!r}: is the column {others[0]!r} an error of C_l? name it error (or lower_error and upper_error), "
            "its size in the unit of C_l; else leave it out"
        )
    power = table.has(*(POWER if column is None else (column.lower(),)))
    of_power, *of_errors = (
        "" if name is None else table.units[table.names.index(name)] for name in (power, *sides)
    )
    for name, unit in zip(sides, of_errors, strict=True):
        if unit != of_power and unit_factor(unit, "", f"{table.path!r}, column {name!r}") in (1e-2, 1e-3):
            raise InputError(f"{table.path!r}: the column {name!r} is a share of C_l; give the size of the error, as C_l is")


def _refuse_signs(values, name, path) -> None:
    """Sizes of errors are not below zero, but for a sign of `lower`: -1 and -999 stand for what is not known."""
    limit = LEAST if name in ("lower", "lower_error") else 0.0
    if values is not None and np.any(values < limit):
        raise InputError(
            f"{str(path)!r}: the error {np.nanmin(values):g} in column {name!r} is below zero; "
            "leave the cell empty where it is not known"
        )


def _ends_of_intervals(C_l, lower, upper) -> bool:
    """Whether lower <= C_l <= upper, or the reverse, in every row that has both: sizes of errors do not enclose each C_l.

    Sizes with a sign, all of one column below zero, are no ends; nor are errors of 100 % on both sides.
    """
    both = np.isfinite(lower) & np.isfinite(upper)
    C_l, lower, upper = C_l[both], lower[both], upper[both]
    for low, high in ((lower, upper), (upper, lower)):
        if np.all((low <= C_l) & (C_l <= high)) and np.any(low < high) and np.any(low > 0):
            return True
    return False
