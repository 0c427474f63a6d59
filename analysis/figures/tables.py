"""The numbers in a figure as CSV."""

from pathlib import Path

import numpy as np

from fluxtube.files import write_table


def write_csv(path, columns: dict, comments=(), like: bytes | None = None) -> Path:
    """Write columns of equal length under their names; comments come first, behind #.

    Parameters
    ----------
    path : path
    columns : dict of str to sequence (n,)
        Whole numbers are written as such, others with ten digits; NaN as an empty field.
    comments : sequence of str
    like : bytes, optional
        How an earlier table begins that may be replaced; with a comment if not given.

    Raises
    ------
    InputError
        Where the file cannot be written.
    """
    lines = [",".join(columns)]
    texts = [_texts(values) for values in columns.values()]
    lines += [",".join(row) for row in zip(*texts, strict=True)]
    return write_table(path, comments, lines, like=like)


def _texts(values) -> list[str]:
    values = np.asarray(values)
    if values.dtype.kind in "iub":
        return [str(int(value)) for value in values]
    if values.dtype.kind == "U":
        return ['"' + str(value).replace('"', '""') + '"' for value in values]
    return ["" if np.isnan(value) else f"{value:.9e}" for value in values]
