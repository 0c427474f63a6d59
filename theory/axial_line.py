"""What axially symmetric turbulence looks like along a field line: E(kappa) of one velocity component, by quadrature over k."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fluxtube.theory.line_spectra import Line
from fluxtube.theory.panels import legendre_rule, place

#: Numbers in an array that is held at once.
AT_ONCE = 1_000_000

#: Panels towards k = |kappa|, where k is along the field, halve down to this many powers of two.
HALVINGS = 22


@dataclass(frozen=True)
class AxialLine(Line):
    """E(kappa) of the component of u along the field, or of one across it.

    E(kappa) = 1/2 int_|kappa|^inf dk/k sum_p w_p(k, nu) g_p(nu),   nu = kappa/k,   p = Alfvenic, pseudo-Alfvenic, compressive

    along: g = 0, 1 - nu^2, nu^2; across: g = 1/2, nu^2/2, (1 - nu^2)/2.

    Parameters
    ----------
    powers : callable
        (k, nu) -> w_p, (3, ...).
    band : (k_min, k_max)
        Where w is kept [1/length].
    breaks_of_k, jumps : tuples of float
        Where w_p is not smooth, in k and in nu.
    along : bool
    """

    powers: Callable
    band: tuple[float, float]
    breaks_of_k: tuple[float, ...]
    jumps: tuple[float, ...]
    along: bool

    smooth_at_zero = True  # from the right, and only kappa > 0 is integrated

    @property
    def support(self) -> tuple[float, float]:
        """Zero to the band's upper end."""
        return 0.0, self.band[1]

    @property
    def breaks(self) -> tuple[float, ...]:
        """Ends of the band and breaks of w, and where they pass a jump in nu."""
        inner = [k for k in self.breaks_of_k if self.band[0] < k < self.band[1]]
        marks = [*self.band, *inner]
        return tuple(sorted({*marks, *(k * nu for k in marks for nu in self.jumps)}))

    def __call__(self, kappa):
        """E(kappa) [velocity^2 length]."""
        kappa = np.abs(np.asarray(kappa, dtype=float))
        flat, result = kappa.ravel(), np.zeros(kappa.size)
        inside = np.flatnonzero(flat < self.band[1])
        if inside.size:
            low, high = self.band
            doublings = 1 + int(np.ceil(np.log2(high / max(flat[inside].min(), low))))
            size = (doublings + HALVINGS + len(self.jumps) + len(self.breaks_of_k) + 2) * 24 * 3
            for part in np.array_split(inside, 1 + inside.size * size // AT_ONCE):
                if part.size:
                    result[part] = self._integrals(flat[part], doublings)
        return result.reshape(kappa.shape)

    def _integrals(self, kappa, doublings):
        low, high = self.band
        start = np.maximum(kappa, low)
        ends = [
            start[:, None] * 2.0 ** np.arange(doublings + 1),
            kappa[:, None] * (1.0 + 2.0 ** -np.arange(1.0, HALVINGS + 1)),
            kappa[:, None] / np.array([*self.jumps, 1.0]),
            np.broadcast_to(np.array([*self.breaks_of_k, high]), (kappa.size, len(self.breaks_of_k) + 1)),
        ]
        edges = np.sort(np.clip(np.concatenate(ends, axis=1), start[:, None], high), axis=1)
        u, g, _ = legendre_rule(24)
        half = 0.5 * np.diff(edges, axis=1)[:, :, None]
        k = 0.5 * (edges[:, 1:] + edges[:, :-1])[:, :, None] + half * u
        nu = np.minimum(kappa[:, None, None] / k, 1.0)
        square, across = nu * nu, (1.0 - nu) * (1.0 + nu)
        alfvenic, pseudo, compressive = self.powers(k, nu)
        if self.along:
            seen = pseudo * across + compressive * square
        else:
            seen = 0.5 * (alfvenic + pseudo * square + compressive * across)
        return 0.5 * (half * g * seen / k).sum(axis=(1, 2))


def directions_rule(cosines) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights over nu in (0, 1) on panels that end at `cosines`, (n,) each.

    >>> nu, weight = directions_rule((0.25,))
    >>> nu.shape, round(float((weight * nu).sum()), 12)
    ((48,), 0.5)
    """
    nu, weight = place(np.array(sorted({0.0, *cosines, 1.0})))
    return nu.ravel(), weight.ravel()
