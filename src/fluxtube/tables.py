"""Tables of numbers that others wrote: CSV, semicolons, tabs, blanks, ECSV; what cannot be read for sure is refused by name."""

import csv
import math
import re
from dataclasses import dataclass

import numpy as np

from fluxtube.dialects import BREAKS, NUMBER, part, parted, refuse_groups, refuse_quoted_groups, text_of, with_points
from fluxtube.errors import InputError

DIMENSIONLESS = {
    "": 1.0, "1": 1.0, "-": 1.0, "none": 1.0, "dimensionless": 1.0, "unitless": 1.0, "relative intensity": 1.0,
    "%": 1e-2, "percent": 1e-2, "‰": 1e-3, "per mille": 1e-3, "permille": 1e-3, "ppm": 1e-6,
}  # fmt: skip
_STARTS_LIKE_A_NUMBER = re.compile(r"[+-]?[.,]?\d|[+-]?(?:nan|inf|infinity)$|n/?a$", re.IGNORECASE)
_POWER_OF_TEN = re.compile(r"(?:1\s*[x*]\s*)?10(?:\^|\*\*)\{?([+-]?\d+)\}?")
_NAME_AND_UNIT = re.compile(r"(.+?)\s*[\[(]\s*(.*?)\s*[\])]")
_ARGUMENT = re.compile(r"[^\s(\[]+(\((?:\|?mu\|?|k|kappa|x|l|ell|a_?l_?m|k ?[*·]? ?lambda)\))", re.IGNORECASE)  # w(k), Re(a_lm)
_ALSO = {"k": ("k", "kappa", "k_lambda", "k*lambda", "k lambda", "wavenumber", "wave number", "x")}
_OTHER_SCALE = re.compile(r"(?:log|ln|lg)(?:\d|[\s_(]|$)|lambda$|wave_?length|period|scale$")
# Of Python; of TeX and MATLAB, Fortran, C, but for what may be a row of which one digit is damaged.
_REMARK = re.compile(r"#|(?:%|!|//)[%!/\s]*+(?![+-]?[.,]?\d|[,;])")
_SPREADSHEET = re.compile(r'"?sep=.?"?', re.IGNORECASE)  # which separator, in the first line
_NAME = re.compile(r"[^\s,;\[(]+(?:\s*[\[(][^\])]*[\])])?")
_SUPERSCRIPT = "\u207b\u2070\u00b9\u00b2\u00b3\u2074-\u2079"
_STATED_UNIT = re.compile(
    r"\b(?:units?|scaled?|multiplied)\b\s*(?:of|by|in|is|are|[:=])?\s*[\[(]?\s*"
    r"((?:1(?:\.0*)?)?e[+-]?\d+|(?:1\s*[x*]\s*)?10(?:(?:\^|\*\*)\{?[+-]?\d+|[" + _SUPERSCRIPT + "]+)"
    r"|%|per ?cent|per ?mille|ppm)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Table:
    """Columns of a file.

    Attributes
    ----------
    path : str
    names : tuple of str
        Lower case; empty where the file names no columns.
    cells : tuple of tuple of str
        Rows; numbers as Python writes them.
    units : tuple of str
        Of the columns, empty where the file states none.
    remarks : tuple of str
        Comments, as they stand after their #.
    """

    path: str
    names: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    units: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    def has(self, *names: str) -> str | None:
        """The first of several names that the table has, or None."""
        return next((name for name in names if name in self.names), None)

    def column(self, *names: str, unit: str = "", blank: bool = False) -> np.ndarray:
        """Numbers (n,) of the first of several names that the table has, in a unit.

        Parameters
        ----------
        *names : str
            Lower case.
        unit : str
            What the numbers shall be in; a column that states no unit is taken as it is.
        blank : bool
            Whether a cell may be empty or not finite: NaN.

        Raises
        ------
        InputError
            No such column, or two of one name; text, or no finite number, in a cell; a unit that cannot be converted.
        """
        name = self.has(*names)
        if name is None:
            if not self.names:
                first = " ".join(self.cells[0])
                raise InputError(
                    f"{self.path!r} has no line with the names of its columns (the first line is {first!r}); "
                    f"write one above the numbers, with a column {names[0]!r}"
                )
            raise InputError(f"{self.path!r} has no column {names[0]!r}; it has {', '.join(self.names)}")
        if self.names.count(name) > 1:
            raise InputError(f"{self.path!r} has two columns {name!r}; give each its own name")
        return self._numbers(self.names.index(name), name, unit, blank)

    def matrix(self) -> np.ndarray:
        """All cells as finite numbers, (rows, columns)."""
        names = self.names or tuple(f"number {index + 1}" for index in range(len(self.cells[0])))
        return np.column_stack([self._numbers(index, name, "", False) for index, name in enumerate(names)])

    def text(self, *names: str) -> list[str]:
        """Cells of the first of several names that the table has, as they are written."""
        name = self.has(*names)
        if name is None:
            raise InputError(f"{self.path!r} has no column {names[0]!r}; it has {', '.join(self.names)}")
        return [cells[self.names.index(name)] for cells in self.cells]

    def unit_of_all(self, *names: str, advice: str | None) -> bool:
        """Whether the columns of these names that the table has state units: all of them or none.

        Parameters
        ----------
        *names : str
            Lower case.
        advice : str or None
            What to do where a comment states a unit and no column does; None where that is known from elsewhere.

        Raises
        ------
        InputError
            Where some state one and others do not; where none does and a comment states a power of ten.
        """
        present = [index for index, name in enumerate(self.names) if name in names]
        bare = [self.names[index] for index in present if not self.units[index]]
        if bare and len(bare) < len(present):
            stated = next(index for index in present if self.units[index])
            raise InputError(
                f"{self.path!r}: the column {self.names[stated]!r} states the unit {self.units[stated]!r}, "
                f"{bare[0]!r} states none; give each its unit, 1 where it has none"
            )
        if bare and advice is not None:
            self.refuse_unit_in_remarks(bare[0], advice)
        return not bare

    def refuse_unit_in_remarks(self, name: str, advice: str) -> None:
        """Raise InputError where a comment states a unit of numbers: of which column, and whether applied, is not known."""
        for remark in self.remarks:
            if _STATED_UNIT.search(remark):
                shown = " ".join(remark.split())[:80]
                raise InputError(f"{self.path!r}: its comment {shown!r} states a unit, the column {name!r} none; {advice}")

    def _numbers(self, index: int, name: str, unit: str, blank: bool) -> np.ndarray:
        values = np.empty(len(self.cells))
        for row, cells in enumerate(self.cells):
            value = number(cells[index])
            if value is None and not (blank and cells[index].lower() in ("", "-", "--", "na", "n/a", "none", "null", "...")):
                shown = cells[index] if len(cells[index]) <= 40 else cells[index][:40] + "..."
                raise InputError(f"{self.path!r}, column {name!r}: {shown!r} in row {row + 1} is not a number")
            values[row] = math.nan if value is None else value
        if not blank and not np.all(np.isfinite(values)):
            row = int(np.flatnonzero(~np.isfinite(values))[0])
            raise InputError(f"{self.path!r}, column {name!r}: {self.cells[row][index]} in row {row + 1} is not a finite number")
        return values * unit_factor(self.units[index], unit, f"{self.path!r}, column {name!r}")


def number(cell: str) -> float | None:
    """A cell as a number: 1.5, 1.5e-8, Fortran's 1.5D-8 and 1.5-100, nan, inf; None for anything else."""
    cell = cell.replace("\u2212", "-")  # the minus sign of typeset tables
    match = NUMBER.fullmatch(cell)
    if match:
        return float(match[1] + "e" + (match[2] or match[3] or "0"))
    return float(cell) if re.fullmatch(r"[+-]?(nan|inf|infinity)", cell, re.IGNORECASE) else None


def unit_factor(stated: str, wanted: str, where: str) -> float:
    """What numbers in the stated unit are multiplied with to be in the wanted one; a missing unit is the wanted one.

    Raises
    ------
    InputError
        For a unit that is not known, or of another kind.
    """
    plain = stated.strip().strip("[]()").lower()
    if not plain or stated == wanted:
        return 1.0
    power = _POWER_OF_TEN.fullmatch(plain)
    factor = DIMENSIONLESS.get(plain) or number(f"1e{power[1]}" if power else plain)
    if not wanted and factor is not None and 0 < factor < math.inf:
        return factor
    try:
        from astropy import units
    except ImportError:
        units = None
    if units is not None:
        try:
            factor = float(units.Unit(stated).to(units.Unit(wanted)))
            if 0 < factor < math.inf:  # astropy takes "-1" for a unit
                return factor
        except (ValueError, TypeError, units.UnitConversionError):
            pass
    needed = f"it must be one of {wanted!r}" if wanted else "a number such as 1e-4, %, or none"
    raise InputError(f"{where}: the unit {stated!r} cannot be used here; {needed}")


def read_table(path) -> Table:
    """Read a table.

    Comments begin with # (whole lines also with %, ! or //, where no number follows). Columns are parted by semicolons, tabs,
    commas or blanks: the first of these that gives all rows the same number of cells. A comma inside of a cell is a decimal
    comma, which needs one of the other separators; a file that has decimal commas and decimal points is refused. The first
    row holds the names of the columns if none of its cells looks like a number; else the comment right above it does, if it
    has as many words as there are columns (as `numpy.savetxt` writes). A name may carry its unit, as in "C_l [1e-8]", and its
    argument, as in "w(k)", which is left out. ECSV, with its units, is read by astropy.

    Raises
    ------
    InputError
        No such file, too large, no text; no rows; rows of unequal length; both kinds of decimal sign.
    """
    lines = re.split("\r\n|\r|\n", text_of(path))
    head = [line for line in lines if line.startswith("#")]
    start = next((index for index, line in enumerate(lines) if re.match(r"\s*#\s*%ECSV", line)), None)
    if start is not None and any(re.search(r"\bunit\b", line) for line in head):
        return _ecsv(lines[start:], str(path))  # without units ECSV is a table like others
    comment, above = "", ""
    remarks: list[str] = []
    rows: list[str] = []
    for line in lines:
        text = line.strip(BREAKS)
        if _REMARK.match(text):
            comment = text.lstrip("#%!/").strip(BREAKS)
            remarks.append(comment)
        elif not rows and _SPREADSHEET.fullmatch(text):
            continue
        elif text:
            if not rows:
                above = comment
            rows.append(text.split("#")[0].rstrip(BREAKS))
    if not rows:
        raise InputError(f"{str(path)!r} holds no table: a line with the names of the columns, and rows of numbers, are needed")
    unclosed = next((row for row in rows if row.count('"') % 2), None)
    if unclosed is not None:
        raise InputError(f"{str(path)!r}: a quotation mark is not closed in {unclosed[:80]!r}")
    try:
        cells = parted(rows)
        refuse_quoted_groups(rows, cells, str(path))
    except csv.Error as error:
        raise InputError(f"{str(path)!r}: {error}") from None
    names: tuple[str, ...] = ()
    if not any(_STARTS_LIKE_A_NUMBER.match(cell) for cell in cells[0]):
        names = tuple(cells.pop(0))
        if not cells:
            raise InputError(f"{str(path)!r} holds the names of columns but no rows")
    width = len(names) or len(cells[0])
    for row in cells:
        if len(row) != width:
            raise InputError(f"{str(path)!r}: the row {' '.join(row)[:80]!r} has {len(row)} columns, the first line has {width}")
    if not names:
        parted_by_comma = part(above, ";") if ";" in above else above.replace(",", " ").split()
        for words in (parted_by_comma, above.split(), _NAME.findall(above)):
            if len(words) == width and len(set(words)) == width and not any(map(_STARTS_LIKE_A_NUMBER.match, words)):
                names = tuple(words)
                break
    names = tuple(_without_argument(name) for name in names)
    with_units = [_NAME_AND_UNIT.fullmatch(name) for name in names]
    units = tuple(match[2] if match else "" for match in with_units) or ("",) * width
    names = tuple((match[1] if match else name).strip().lower() for match, name in zip(with_units, names, strict=True))
    refuse_groups(cells, str(path))
    return Table(str(path), names, with_points(cells, str(path)), units, tuple(remarks))


def two_columns(path, names=("k", "w"), units=("", "")) -> tuple[np.ndarray, np.ndarray]:
    """Two columns of numbers, such as k and w(k): by their names; of a table of two columns one name, or none, is enough.

    Without names a table must have two columns: 1,5,2,5 may be two numbers with decimal commas.

    Parameters
    ----------
    path : path
    names, units : (str, str)

    Returns
    -------
    first, second : ndarray (n,)

    Raises
    ------
    InputError
        As `read_table` and `Table.column`; more columns than two, or fewer, of which the names do not tell the two; columns
        that are named as something else, a logarithm or a wavelength.
    """
    table = read_table(path)
    width = len(table.cells[0])
    if width < 2 or (not table.names and width > 2):
        raise InputError(
            f"{str(path)!r} has {width} columns" + ("" if table.names else " without names") + "; two are needed, "
            f"or a first line that names {names[0]!r} and {names[1]!r}"
        )
    if not any(table.units):
        table.refuse_unit_in_remarks(names[0], f"write it in the name of its column, as in {names[0]} [1e-3]")
    if all(name in table.names for name in names):
        return table.column(names[0], unit=units[0]), table.column(names[1], unit=units[1])
    if width > 2:
        raise InputError(
            f"{str(path)!r} has the columns {', '.join(table.names)}; name {names[0]!r} and {names[1]!r} among them, so that no "
            "other is taken for these"
        )
    other = next((name for name in table.names if _OTHER_SCALE.match(name) and name not in names), None)
    if other is not None:
        raise InputError(f"{str(path)!r} has a column {other!r}, which is not {names[0]!r} or {names[1]!r} itself; give those")
    shown = table.names or names
    swapped = shown[1] in _ALSO.get(names[0], names[:1]) or shown[0] == names[1]  # the named one says where the other stands
    first, second = (1, 0) if swapped else (0, 1)
    return table._numbers(first, shown[first], units[0], False), table._numbers(second, shown[second], units[1], False)


def _without_argument(name: str) -> str:
    """w(k) is w, Re(a_lm) is Re: what stands behind a name at once is no unit where it is an argument."""
    argument = _ARGUMENT.match(name)
    return name if argument is None else name.replace(argument[1], "", 1)


def _ecsv(lines: list[str], path: str) -> Table:
    """A table in ECSV (Astropy Proposal for Enhancement 6)."""
    try:
        from astropy.table import Table as Astropy
    except ImportError:
        raise InputError('tables in ECSV need astropy: pip install "fluxtube[fits]"') from None
    try:
        table = Astropy.read(lines, format="ascii.ecsv")
    except Exception as error:  # astropy and its YAML reader raise many kinds
        raise InputError(f"{path!r} is not a table in ECSV: {' '.join(str(error).split())[:200]}") from None
    if not len(table):
        raise InputError(f"{path!r} holds the names of columns but no rows")
    columns = [["" if value is np.ma.masked else str(value) for value in table[name]] for name in table.colnames]
    units = tuple("" if table[name].unit is None else table[name].unit.to_string() for name in table.colnames)
    names = tuple(name.strip().lower() for name in table.colnames)
    remarks = tuple(str(line) for line in table.meta.get("comments", ()))
    return Table(path, names, tuple(zip(*columns, strict=True)), units, remarks)
