"""Which column of a map is one sky: files of `fluxtube sky` hold an ensemble's mean and mean square before its skies."""

from fluxtube.analysis.observations.fits_columns import read_columns
from fluxtube.errors import InputError

MEAN, MEAN_SQUARE = "MEAN", "MEAN_SQUARE"
SHOWN = 4  # names in a message


def column_number(text: str) -> int | str:
    """A column of the command line: its number from 0 on, or its name."""
    return int(text) if text.isdecimal() else text


def chosen_sky(path, field: int | str | None, option: str, ordering: str | None = None) -> tuple[int | str, str, list[str]]:
    """The column that is one sky.

    Parameters
    ----------
    path : path
    field : int, str or None
        None where no column was asked for: the first one, of files other than those of `fluxtube sky`.
    option : str
        That chooses a column, for messages.
    ordering : str, optional
        As in `read_columns`.

    Returns
    -------
    field, name, warnings : int or str, str, list of str

    Raises
    ------
    InputError
        As `read_columns`; the mean square of an ensemble; a file of `fluxtube sky` of which no column was asked for.
    """
    columns = read_columns(path, (0 if field is None else field,), ordering, relative=False)
    name, names = columns.names[0], columns.every_name
    if not {MEAN, MEAN_SQUARE} <= set(names):
        return 0 if field is None else field, name, []
    skies = [other for other in names if other not in (MEAN, MEAN_SQUARE)]
    held = ", ".join(names[: 2 + SHOWN]) + (" ..." if len(names) > 2 + SHOWN else "")
    advice = (
        f"choose a single sky with {option} {skies[0]}"
        if skies
        else "no single sky is among them: run with output.skies = 1 or more, and `fluxtube sky` again"
    )
    if field is None:
        raise InputError(f"{str(path)!r} holds {held}, MEAN and MEAN_SQUARE of an ensemble: {advice}")
    if name == MEAN_SQUARE:
        raise InputError(f"{str(path)!r}: MEAN_SQUARE is the mean of squares over an ensemble and no sky; {advice}")
    words = "the column MEAN is the mean of an ensemble: its power is that of one sky over the number of realisations"
    return field, name, [words] if name == MEAN else []
