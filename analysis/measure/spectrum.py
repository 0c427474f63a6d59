"""Angular power spectrum of a map: pseudo-power, noise taken off, the mixing matrix inverted, errors and covariance."""

from dataclasses import dataclass

import numpy as np

from fluxtube.analysis.measure.view import MapView
from fluxtube.errors import InputError
from fluxtube.theory.checks import plain


@dataclass(frozen=True)
class MeasuredSpectrum:
    """C_l of a map.

    Attributes
    ----------
    l : ndarray of int (n,)
        2 .. l_max.
    C_l, error : ndarray (n,)
        Of the sky, noise subtracted, if it is statistically isotropic; error: chance of one such sky and noise, for the power law
        `smooth` that is likeliest. C_l may be below zero.
    covariance : ndarray (n, n)
    pseudo, pseudo_noise : ndarray (n,)
        C~_l as measured, and the noise in it.
    pseudo_covariance : ndarray (n, n)
        Of C~_l for the smooth spectrum and the noise, exact for an isotropic sky.
    orders : ndarray (n,)
        Effective degrees of freedom of C~_l, 2 <C~_l>^2/var C~_l.
    mixing : ndarray (n, N)
        From C_l, l = 2 .. N + 1, to C~_l.
    smooth : ndarray (n,)
    multipoles : ndarray
        Kept pseudo-multipoles, as `view.degrees` has them.
    view : MapView
    """

    l: np.ndarray
    C_l: np.ndarray
    error: np.ndarray
    covariance: np.ndarray
    pseudo: np.ndarray
    pseudo_noise: np.ndarray
    pseudo_covariance: np.ndarray
    orders: np.ndarray
    mixing: np.ndarray
    smooth: np.ndarray
    multipoles: np.ndarray
    view: MapView

    def table(self) -> dict:
        """Columns of the spectrum's table."""
        return {"l": self.l, "C_l": self.C_l, "total_error": self.error, "smooth_C_l": self.smooth}

    def pseudo_table(self) -> dict:
        """Columns of the pseudo-spectrum's table, as `fluxtube fit` takes them."""
        return {"l": self.l, "C_l": self.pseudo, "noise": self.pseudo_noise, "degrees_of_freedom": self.orders}

    def alm(self) -> np.ndarray:
        """Pseudo-multipoles a[l, m] to l_max, NaN for the degrees that were taken out and, with ring means removed, for m = 0."""
        degrees, size = self.view.degrees, self.view.l_max + 1
        zero, half = size, (len(degrees) - size) // 2
        l = degrees[zero : zero + half]
        m = np.concatenate([np.full(size - order, order) for order in range(1, size)])
        alm = np.zeros((size, size), dtype=complex)
        alm[np.arange(size), 0] = self.multipoles[:zero]
        alm[l, m] = (self.multipoles[zero : zero + half] - 1j * self.multipoles[zero + half :]) / np.sqrt(2)
        lower = np.tril(np.ones((size, size), dtype=bool))
        lost = np.zeros_like(lower)
        lost[: 2 if self.view.dipole else 1] = True
        if self.view.ring_means:
            lost[:, 0] = True
        alm[lost & lower] = np.nan
        last = self.l[-1] + 1
        return alm[:last, :last]


def measure_map(values, view: MapView, l_max: int, noise: np.ndarray | None = None) -> MeasuredSpectrum:
    """Measure a map.

    Parameters
    ----------
    values : ndarray (npix,)
        Relative intensity, RING; what it holds where the weights are zero does not count.
    view : MapView
        To a degree beyond l_max: what leaks in from there is solved for and dropped.
    l_max : int
        Last degree that is given.
    noise : ndarray (n, n), optional
        Covariance of the pseudo-multipoles' noise, of `view.noise`.

    Raises
    ------
    InputError
        For values that are not finite where they count, degrees beyond the view's, a sky too small for its spectrum.
    """
    values = np.where(view.weights > 0, plain("map", values, "", masked=np.nan), 0.0)
    if not np.all(np.isfinite(values)):
        raise InputError("the map is not finite where its weight is above zero")
    if not 2 <= l_max <= view.l_max:
        raise InputError(f"l_max = {l_max}: 2 to {view.l_max}")
    multipoles = view.deprojection @ view.multipoles(view.weigh(values))
    noise = np.zeros((len(view.degrees),) * 2) if noise is None else noise
    pseudo, floor = view.power(multipoles), view.pseudo_mean(np.zeros(view.l_max + 1), noise)
    start = 2 if view.dipole else 1
    matrix = view.mixing[start:, start:]
    if np.linalg.cond(matrix) > 1e8:
        raise InputError(
            f"{view.sky_fraction:.1%} of the sky does not determine single degrees; measure to a smaller l_max, or fit the "
            "pseudo-spectrum with its mixing matrix"
        )
    inverse = np.linalg.inv(matrix)
    solved = inverse @ (pseudo - floor)[start:]
    l = np.arange(2, l_max + 1)
    keep = l - start
    smooth = np.zeros(view.l_max + 1)
    if np.count_nonzero(solved[keep] > 0) < 2:
        raise InputError("hardly a degree has power above its noise: nothing to measure; is the noise too large?")
    dipole = max(solved[0], 0.0) if start == 1 else 0.0
    smooth[2:] = _smooth(view, pseudo, floor + dipole * view.mixing[:, 1], l_max)
    if start == 1:
        smooth[1] = max(dipole, smooth[2])
    of_pseudo = view.pseudo_covariance(smooth, noise)
    covariance = (inverse @ of_pseudo[start:, start:] @ inverse.T)[np.ix_(keep, keep)]
    return MeasuredSpectrum(
        l=l,
        C_l=solved[keep],
        error=np.sqrt(np.diagonal(covariance)),
        covariance=covariance,
        pseudo=pseudo[l],
        pseudo_noise=floor[l],
        pseudo_covariance=of_pseudo[np.ix_(l, l)],
        orders=2 * view.pseudo_mean(smooth, noise)[l] ** 2 / np.diagonal(of_pseudo)[l],
        mixing=view.mixing[2 : l_max + 1, 2:],
        smooth=smooth[l],
        multipoles=multipoles,
        view=view,
    )


def _smooth(view: MapView, pseudo: np.ndarray, others: np.ndarray, l_max: int) -> np.ndarray:
    """Power law of l = 2 .. view.l_max, (n,), that makes the pseudo-power of l = 2 .. l_max likeliest.

    With <C~_l> = sum_l' M_ll' A l'^-q + `others`, ln L = -sum_l (2l+1)/2 [ln <C~_l> + C~_l/<C~_l>], that of chi-squared laws. A
    straight line through ln C_l lies below the power: <ln chi-squared_n/n> is about -1/n.
    """
    from scipy.optimize import minimize

    l, degrees = np.arange(2, l_max + 1), np.arange(2, view.l_max + 1)
    mixing, half, found, rest = view.mixing[2 : l_max + 1, 2:], l + 0.5, pseudo[l], others[l]
    unit = max((found - rest).sum(), 1e-3 * found.sum()) / mixing.sum()
    powers = np.column_stack([np.ones(degrees.size), np.log(degrees / np.sqrt(2.0 * l_max))])

    def less(line):
        """-ln L and its gradient by ln A and -q."""
        spectrum = unit * np.exp(powers @ line)
        mean = mixing @ spectrum + rest
        slope = half * (1.0 / mean - found / mean**2)
        return float((half * (np.log(mean) + found / mean)).sum()), (slope @ (mixing * spectrum)) @ powers

    line = minimize(less, np.array([0.0, -2.7]), jac=True, method="L-BFGS-B", bounds=[(-12.0, 12.0), (-8.0, 2.0)]).x
    return unit * np.exp(powers @ line)
