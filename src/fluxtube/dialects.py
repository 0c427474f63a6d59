"""Dialects of tables: encodings, separators, decimal signs; what may be meant in two ways is refused."""

import csv
import re
import stat
from itertools import pairwise
from pathlib import Path

from fluxtube.errors import InputError

LARGEST = 64 * 2**20  # bytes
# Digits with a point; an exponent's letter may be Fortran's D or Q, and Fortran leaves it out before three digits.
NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:[eEdDqQ]([+-]?\d+)|([+-]\d{3}))?")
_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eEdDqQ][+-]?\d+)?")
_LOOKS_DECIMAL = re.compile(r"[+-]?\d*[.,]?\d+(?:[eEdDqQ][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+")
_THOUSANDS, _BEHIND_THEM = re.compile(r"[+-]?[1-9]\d{0,2}"), re.compile(r"0\d\d(?:[.,]\d*)?")
BREAKS = "\ufeff\u200b \t\u00a0\u202f"


def text_of(path) -> str:
    """Text of a file of any of the usual encodings."""
    path = Path(path)
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise InputError(f"{str(path)!r} is not a file; give a table")
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r}: {error.strerror}") from None
    except ValueError as error:  # a name with a null character
        raise InputError(f"cannot read {str(path)!r}: {error}") from None
    if len(data) > LARGEST:
        raise InputError(f"{str(path)!r} is larger than {LARGEST >> 20} MiB: too large for a table of numbers")
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # comments in a language of western Europe; numbers are the same in it
    if re.search(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]", text):
        raise InputError(f"{str(path)!r} is not a text file; a table as CSV or ECSV is needed")
    return text


def parted(rows: list[str]) -> list[list[str]]:
    """Rows parted by the first separator that gives all of them the same number of cells, two at least."""
    for delimiter in (";", "\t", ",", None):
        cells = [part(row, delimiter) for row in rows]
        glued = (cell for row in cells for cell in row if " " in cell and all(map(_LOOKS_DECIMAL.fullmatch, cell.split())))
        if len(cells[0]) > 1 and len({len(row) for row in cells}) == 1 and not any(glued):
            return cells
    delimiter = next((known for known in ";\t," if known in rows[0]), None)
    return [part(row, delimiter) for row in rows]


def part(row: str, delimiter: str | None) -> list[str]:
    """Cells of one row; None for blanks."""
    if delimiter is None and '"' not in row:
        return row.split()
    cells = next(csv.reader([row], delimiter=delimiter or " ", skipinitialspace=True), [])
    return [cell.strip(BREAKS) for cell in cells if delimiter or cell]


def refuse_quoted_groups(rows, cells, path: str) -> None:
    """Refuse "1,234" between commas: a comma that parts columns is no decimal sign, and may set thousands apart."""
    grouped = next((cell for row in cells for cell in row if _GROUPED.fullmatch(cell)), None)
    if grouped is not None and any(f'"{grouped}"' in row for row in rows):
        plain, point = grouped.replace(",", ""), grouped.replace(",", ".", 1)
        raise InputError(f"{path!r}: \"{grouped}\" may be {plain} or {point}; write one of them")


def refuse_groups(cells, path: str) -> None:
    """Refuse 1 000.9 where a blank parts columns: a number with its thousands apart looks like two of them."""
    for row in cells:
        for first, second in pairwise(row):
            if _THOUSANDS.fullmatch(first) and _BEHIND_THEM.fullmatch(second):
                raise InputError(
                    f"{path!r}: '{first} {second}' may be one number, its thousands set apart, or two; write {first}{second}, or "
                    "the second number without its zeros in front"
                )


def with_points(cells, path: str) -> tuple[tuple[str, ...], ...]:
    """Decimal commas turned to points."""
    with_comma = next((cell for row in cells for cell in row if _COMMA.fullmatch(cell)), None)
    if with_comma is None:
        return tuple(map(tuple, cells))
    with_point = next((cell for row in cells for cell in row if "." in cell and NUMBER.fullmatch(cell)), None)
    if with_point is not None:
        raise InputError(f"{path!r} has decimal commas ({with_comma}) and decimal points ({with_point}); use one of them")
    return tuple(tuple(cell.replace(",", ".") if _COMMA.fullmatch(cell) else cell for cell in row) for row in cells)
