"""A shown output against a printed one: lines in order, numbers within a tolerance, times and machines aside."""

import re

ROUNDING = 1e-3  # of a number with four digits
NUMBER = re.compile(r"[+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
# Seconds, rates, versions of the day: they differ from machine to machine.
CHANGING = re.compile(
    r"\d[\d.,]* ?(?:ms|s|min|h|us)\b(?! of)|[\d.,]+(?:e[+-]?\d+)?/s|\d{4}-\d\d-\d\d[T ][\d:.+]*|[0-9a-f]{16,}|/[\w.-]+/[\w./-]*/"
)


def _plain(line: str) -> str:
    return re.sub(r"\s+", " ", CHANGING.sub("~", line)).strip()


def same(shown: str, printed: str, tolerance: float) -> bool:
    """Whether a printed line has the words of a shown one, up to `...` at its end, and its numbers within the tolerance."""
    shown, printed = _plain(shown), _plain(printed)
    words, printed_words = NUMBER.sub("#", shown), NUMBER.sub("#", printed)
    if words.endswith("..."):
        words = words.removesuffix("...").rstrip()
        printed_words = printed_words[: len(words)]
    if words != printed_words:
        return False
    pairs = zip(NUMBER.findall(shown), NUMBER.findall(printed), strict=False)  # the shown line may be a beginning
    return all(_equal(a.replace(",", ""), b.replace(",", ""), tolerance) for a, b in pairs)


def _equal(shown: str, printed: str, tolerance: float) -> bool:
    """Whole numbers are counts: equal, unless the page allows for more than rounding."""
    if tolerance <= ROUNDING and shown.lstrip("+-").isdigit():
        return shown == printed
    a, b = float(shown), float(printed)
    return abs(a - b) <= tolerance * max(abs(a), abs(b))


def differences(shown: str, printed: str, tolerance: float) -> list[str]:
    """Lines of a shown output that are not printed in this order; a line `...` stands for any lines."""
    left, missing = printed.split("\n"), []
    for line in shown.strip("\n").split("\n"):
        if line.strip() in ("", "..."):
            continue
        place = next((i for i, candidate in enumerate(left) if same(line, candidate, tolerance)), None)
        if place is None:
            missing.append(line)
        else:
            left = left[place + 1 :]
    return missing
