"""Error bars of observed points."""

import numpy as np


def error_bars(data: dict) -> np.ndarray | None:
    """Sizes of the errors downward and upward (2, n), zero where none is stated; None without such columns."""
    if data.get("lower") is None and data.get("upper") is None:
        return None
    sides = (data.get(side) for side in ("lower", "upper"))
    return np.array([np.zeros(len(data["l"])) if side is None else np.nan_to_num(side) for side in sides])
