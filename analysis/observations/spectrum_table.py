"""Tables of an angular power spectrum: l and C_l, with errors or noise where they are known."""

from dataclasses import dataclass

import numpy as np

from fluxtube.analysis.observations.alm_table import numbers, read_table, whole_numbers
from fluxtube.errors import InputError

DEGREE = ("l", "ell", "degree")
POWER = ("c_l", "cl", "c_ell")


@dataclass(frozen=True)
class Spectrum:
    """A measured C_l of Delta f/f.

    Attributes
    ----------
    l : ndarray of int (n,)
        Rising, gaps allowed.
    C_l : ndarray (n,)
        Above zero [1].
    lower, upper : ndarray (n,) or None
        Sizes of the errors that the table states; drawn, not fitted (the likelihood knows the spread).
    """

    l: np.ndarray
    C_l: np.ndarray
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None

    def columns(self) -> dict:
        """As columns of a table."""
        known = {"l": self.l, "C_l": self.C_l, "lower": self.lower, "upper": self.upper}
        return {name: values for name, values in known.items() if values is not None}

    def between(self, l_min: int, l_max: int) -> "Spectrum":
        """The degrees from l_min to l_max.

        Raises
        ------
        InputError
            Where there is none.
        """
        keep = (self.l >= l_min) & (self.l <= l_max)
        if not np.any(keep):
            raise InputError(f"no C_l between l = {l_min} and {l_max}; the table goes from {self.l[0]} to {self.l[-1]}")
        parts = (None if part is None else part[keep] for part in (self.lower, self.upper))
        return Spectrum(self.l[keep], self.C_l[keep], *parts)


def read_spectrum(path, column: str | None = None) -> Spectrum:
    """Spectrum from a CSV or ECSV table.

    Parameters
    ----------
    path : path
        Columns l and C_l; lower and upper (or error, for both) if known. Other columns are passed over.
    column : str, optional
        Name of another column to take for C_l, such as isotropic_C_l of `fluxtube theory`.

    Raises
    ------
    InputError
        No such file or column; text for numbers; l twice; C_l not above zero.
    """
    rows, names = read_table(path)
    l = whole_numbers(numbers(rows, names, DEGREE, path), "l", path)
    C_l = numbers(rows, names, POWER if column is None else (column.lower(),), path)
    order = np.argsort(l)
    if np.any(np.diff(l[order]) == 0):
        raise InputError(f"{str(path)!r}: a degree l is given twice")
    if np.any(C_l <= 0):
        degree = int(l[np.flatnonzero(C_l <= 0)[0]])
        raise InputError(f"{str(path)!r}: C_l at l = {degree} is not above zero; leave out degrees where noise was all")
    errors = [None, None]
    for index, name in enumerate(("lower", "upper")):
        found = next((known for known in (name, "error", "c_l_error") if known in names), None)
        if found is not None:
            errors[index] = np.abs(numbers(rows, names, (found,), path))[order]
    return Spectrum(l[order], C_l[order], *errors)
