"""Radial integrals of the multipoles where the power law has an outer scale: a table in gamma and in the scale as a wave sees it.

With von Karman's spectrum (`theory.spectra`) a wave that is seen as y = lambda D_eps k, |y| = s |k| lambda, has

    w(k) = (1 + 1/L^2)^p (1 + a^2/x^2)^-p times the power law without end,      x = |y|, a = 2 pi s/L, p = (gamma + 4)/2,

L the outer scale in mean free paths. R, T and X of `theory.scale_free` so become functions of a. They are analytic in gamma,
and in ln a within pi/2 of the real axis (where x^2 + a^2 vanishes), so that Chebyshev series in both converge geometrically.
"""

import numpy as np

from fluxtube.errors import InputError

GAMMAS, SCALES = 20, 72  # nodes of the series
GAMMA_ENDS = (1.0, 3.0)
SMALLEST = 1e-4  # s at the lower end of the table
FURTHEST = 1e4  # mean free paths, beyond which a power law without end is meant


class OuterScale:
    """R, T and X of a law of free paths under an outer scale.

    Parameters
    ----------
    outer : float
        L in mean free paths, 0.1 to 1e4.
    x, weight : (n,) arrays
        Nodes of the rule over x.
    along, side : (n_l, n) arrays
        The responses f_l and g_l at the nodes.
    """

    def __init__(self, outer: float, x: np.ndarray, weight: np.ndarray, along: np.ndarray, side: np.ndarray):
        if not 0.1 <= outer <= FURTHEST:
            raise InputError(
                f"outer scale of {outer:g} mean free paths: it must lie in 0.1 to {FURTHEST:g}; leave it out for a power law "
                "without end"
            )
        self.outer, size = float(outer), len(along)
        self._ends = np.log(2.0 * np.pi / outer * np.array([SMALLEST, 1.0]))
        scales = np.exp(_nodes(SCALES, *self._ends))
        even = np.subtract.outer(np.arange(size), np.arange(size)) % 2 == 0
        pairs = ((along, along), (side, side), (along, side))
        products = np.concatenate([(one[:, None] * other)[even] for one, other in pairs])
        knee = np.log1p((scales[:, None] / x) ** 2)
        series = np.zeros((GAMMAS, SCALES, 3, size, size))
        for row, gamma in zip(series, _nodes(GAMMAS, *GAMMA_ENDS), strict=True):
            table = (np.exp(-0.5 * (gamma + 4.0) * knee) * (weight * x**-gamma)) @ products.T
            row[:, :, even] = table.reshape(SCALES, 3, -1)
        series = np.tensordot(_transform(GAMMAS), series, axes=1)
        self._series = np.tensordot(_transform(SCALES), series, axes=(1, 1)).transpose(1, 0, 2, 3, 4)

    def __call__(self, gamma: float, s: np.ndarray) -> np.ndarray:
        """R, T, X for w(2 pi/lambda) = lambda/2 pi but for (2 pi)^(gamma-1), (3, n, n_l, n_l), at each s in (0, 1]."""
        at = np.clip(np.log(2.0 * np.pi / self.outer * np.maximum(s, SMALLEST)), *self._ends)
        values = np.tensordot(_chebyshev(np.array([gamma]), GAMMAS, *GAMMA_ENDS)[0], self._series, axes=1)
        table = np.tensordot(_chebyshev(at, SCALES, *self._ends), values, axes=1)
        return (1.0 + self.outer**-2.0) ** (0.5 * (gamma + 4.0)) * table.transpose(1, 0, 2, 3)


def _nodes(count: int, low: float, high: float) -> np.ndarray:
    return 0.5 * (low + high) + 0.5 * (high - low) * np.cos(np.pi * (np.arange(count) + 0.5) / count)


def _transform(count: int) -> np.ndarray:
    """Coefficients of the Chebyshev series from values at `_nodes`, (count, count)."""
    matrix = 2.0 / count * np.cos(np.outer(np.arange(count), np.pi * (np.arange(count) + 0.5) / count))
    matrix[0] /= 2.0
    return matrix


def _chebyshev(at: np.ndarray, count: int, low: float, high: float) -> np.ndarray:
    return np.polynomial.chebyshev.chebvander((2.0 * at - low - high) / (high - low), count - 1)
