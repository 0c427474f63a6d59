"""Covariance between skies of two mean free paths on one flow, of a power law without end: `scale_free` with two lengths.

The wave y = lambda D_eps k of one path is y lambda'/lambda of the other, in the same direction. Only the integrals over x
change, with r = lambda'/lambda <= 1 and f_l, g_l = j_l', j_l/x or the responses of another law of free paths:

    R_ll' = int x^-gamma f_l(x) f_l'(r x) dx,   T_ll' = int x^-gamma g_l(x) g_l'(r x) dx,
    X_ll' = int x^-gamma f_l(x) g_l'(r x) dx,   X'_ll' = int x^-gamma g_l(x) f_l'(r x) dx.
"""

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory.free_path import Fixed
from fluxtube.theory.panels import place
from fluxtube.theory.scale_free import ORDER, POLE, ScaleFree, _product, _sum_of_products

END = 3000.0  # of x: what is beyond is below 1e-7 of an integral that oscillates, and its start at l/r lies far below
STEP = 1.5  # width of a panel in x, of waves of 2 radians a unit at most
LEAST_RATIO = 1e-2


class ScaleFreePair(ScaleFree):
    """<a_lm(lambda) a_l'm(lambda')> for l = l_min .. l_max and m = 0 .. l_max, without (slope/v)^2.

    Rows are of the longer path lambda, columns of the other, r lambda; sigma = 1 at the longer one.

    Parameters
    ----------
    l_max : int
    ratio : float
        r = lambda'/lambda, LEAST_RATIO to 1.
    l_min : int
    path : law, optional
        Of free paths; the fixed one if not given.

    Examples
    --------
    >>> pair, own = ScaleFreePair(3, 1.0)(5 / 3, 0.5, 0.5), ScaleFree(3)(5 / 3, 0.5, 0.5)
    >>> bool(np.allclose(pair, own, rtol=1e-6, atol=0))
    True
    """

    def __init__(self, l_max: int, ratio: float, l_min: int = 2, path=None):
        super().__init__(l_max, l_min, path)
        if not LEAST_RATIO <= ratio <= 1:
            raise InputError(f"mean free paths of ratio {ratio:g}: a covariance between them needs {LEAST_RATIO:g} to 1")
        edges = np.concatenate([[0.0], 0.5 ** np.arange(30, 0, -1.0), np.arange(1.0, END, STEP)])
        self._x, self._x_weight = (part.ravel() for part in place(edges, ORDER))
        law = path or Fixed()
        self._along_field, self._across_field = (
            tuple(response(length).direct(self._x, l_max)[l_min:] for length in (1.0, ratio))
            for response in (law.response, law.transverse_response)
        )
        self._integrals: tuple = (None, ())  # of the last gamma

    def __call__(self, gamma: float, displacement: float, convection: float, beta: float = 2 / 3) -> np.ndarray:
        """Covariance towards arrival directions, in units of sigma^2 at the longer path: (l_max + 1, n, n) by |m|."""
        if self._integrals[0] != gamma:
            self._integrals = (gamma, self._radial(gamma))
        radial, across, mixed, other = self._integrals[1]
        if displacement < POLE:
            return self._along(gamma, convection, beta, radial, across)
        _, a, b, c, d = self._angles(gamma, displacement, convection, beta)
        total = self._squares(radial, across, a, b, c)
        return total + mixed * _product(self._value, d, self._slope) + other * _product(self._slope, d, self._value)

    def _radial(self, gamma: float) -> tuple[np.ndarray, ...]:
        """R, T, X and X' of the module's text with phase and units, (n, n) each."""
        power = self._x_weight * self._x**-gamma
        f, g = self._along_field, self._across_field
        return tuple(
            _sum_of_products(one, its, power, gamma, self.l)
            for one, its in ((f[0], f[1]), (g[0], g[1]), (f[0], g[1]), (g[0], f[1]))
        )
