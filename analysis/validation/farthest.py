"""The point of a spectrum that lies farthest from theory, and how often chance puts one of that many points there."""

from dataclasses import dataclass
from math import floor, isfinite, log10

import numpy as np

from fluxtube.analysis.validation.outcome import look_elsewhere
from fluxtube.analysis.validation.scores import Scores


@dataclass(frozen=True)
class Farthest:
    """The C_l that is least probable if theory holds.

    Attributes
    ----------
    l : int
    z : float
        Difference from theory in standard errors.
    points : int
        Points that were looked at.
    p_value : float
        Probability of one point at least as far out (`Scores.p_value`: the tail of C_l's own skew law, not a normal one).
    chance : float
        Probability that the farthest of all points is at least as far out: 1 - (1 - p_value)^points. An upper limit where
        points are correlated.
    """

    l: int
    z: float
    points: int
    p_value: float
    chance: float

    def __str__(self) -> str:
        """One sentence for a caption."""
        of = f"one of {self.points} points" if self.points > 1 else "it"
        where = f"Farthest from theory: l = {self.l}, {self.z:+.1f} sigma"
        return f"{where}. By chance {of} is at least as far out in {how_often(self.chance)}."


def farthest_point(scores: Scores, l: np.ndarray) -> Farthest | None:
    """The least probable point of a spectrum.

    Parameters
    ----------
    scores : Scores
        Of C_l, (n,).
    l : ndarray (n,)
        Degrees.

    Returns
    -------
    Farthest or None
        None where no point can be judged.
    """
    p_values = np.asarray(scores.p_value, dtype=float)
    known = np.isfinite(scores.z) & np.isfinite(p_values)
    if not known.any():
        return None
    # The farther one in standard errors where both probabilities are below the smallest number.
    at = min(np.flatnonzero(known), key=lambda i: (p_values[i], -abs(scores.z[i])))
    points, p_value = int(known.sum()), float(p_values[at])
    return Farthest(int(l[at]), float(scores.z[at]), points, p_value, look_elsewhere(p_value, points))


def how_often(probability: float) -> str:
    """A probability as runs: "62 % of such runs", "1 of 34 such runs", "less than 1 of 10^9 such runs"."""
    if probability > 0.995:
        return "nearly all such runs"
    if probability >= 0.095:
        return f"{100 * probability:.0f} % of such runs"
    inverse = 1 / probability if probability > 0 else float("inf")
    if not isfinite(inverse) or inverse >= 1e9:
        return "less than 1 of 10^9 such runs"
    if inverse >= 1e4:
        return f"about 1 of 10^{floor(log10(inverse) + 0.5)} such runs"
    return f"1 of {float(f'{inverse:.2g}'):.0f} such runs"
