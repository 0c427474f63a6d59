"""The same flows seen by particles of several mean free paths, or energies."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Momenta:
    """The same flows seen by particles of several mean free paths.

    Attributes
    ----------
    mean_free_path : (P,)
        [pc], the run's own first.
    second_moment : (P, P, n_m, L, L)
        <a_lm(p) a_l'm(p')>, free of shot noise.
    energy : (P,)
        [TeV], the reference first; empty where the configuration names mean free paths.
    """

    mean_free_path: np.ndarray
    second_moment: np.ndarray
    energy: np.ndarray = field(default_factory=lambda: np.empty(0))

    @property
    def C_l(self) -> np.ndarray:
        """C_l(p, p') = sum_m <a_lm(p) a_lm(p')>/(2l + 1), (P, P, L)."""
        degree = np.arange(self.second_moment.shape[-1])
        return np.einsum("pqmll->pql", self.second_moment) / (2 * degree + 1)

    @property
    def correlation(self) -> np.ndarray:
        """r_l(p, p') = C_l(p, p')/sqrt(C_l(p) C_l(p')), (P, P, L); NaN where a C_l is not above zero."""
        power = self.C_l
        own = np.einsum("ppl->pl", power)
        with np.errstate(invalid="ignore", divide="ignore"):
            scale = np.sqrt(np.where(own > 0, own, np.nan))
            return power / (scale[:, None] * scale[None])
