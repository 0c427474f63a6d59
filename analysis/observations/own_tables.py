"""Tables of this program that are more, or less, than their columns say: means of many skies, and what lies behind a mask."""

import re

from fluxtube.errors import InputError

PSEUDO_POWER, PSEUDO_MULTIPOLES = "pseudo-power", "pseudo-multipoles"
_SKIES = re.compile(r"\b(\d[\d,]*) realisations\b")


def refuse_pseudo(path, remarks: tuple[str, ...], beginning: str, advice: str) -> None:
    """Raise InputError for a table of `fluxtube measure` that says in its head that it holds the power behind a mask."""
    if any(remark.startswith(beginning) for remark in remarks):
        raise InputError(f"{str(path)!r} says that it holds {beginning} of a masked map; {advice}")


def skies_in_mean(remarks: tuple[str, ...]) -> int | None:
    """Number of realisations that the comments of a table name; None where it names none, or several."""
    numbers = {int(found.replace(",", "")) for remark in remarks for found in _SKIES.findall(remark)}
    return numbers.pop() if len(numbers) == 1 else None
