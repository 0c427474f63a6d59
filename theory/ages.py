"""Averages over the AGE of a free path: what a particle observed at a random moment of its flight has behind it.

Of paths with the law p(t) one observed in flight has flown a since its last scattering, with the density

    S(a) = int_a^inf p(t) dt,        int S da = <t> = 1

(the backward recurrence time of renewal theory: Cox 1962, Renewal Theory, section 5.2). By parts, and by the recurrence of j_l',

    <j_l'(x a)>_a = [<j_l(x t)> - delta_l0] / x = [l J_(l-1) - (l+1) J_(l+1)] / (2l+1),        J_l = <j_l(x a)>_a,
    <j_l(x a)/(x a)>_a = [J_(l-1) + J_(l+1)] / (2l+1).

So J_l follows from <j_l(x t)> by recurrence: downwards where J_l falls off with l (x below l), upwards from J_0 elsewhere.
"""

import numpy as np

from fluxtube.theory.bessel import outgoing_amplitude, spherical_bessel
from fluxtube.theory.erlang import erlang_moments
from fluxtube.theory.special import exp1, sici

FEW_STAGES = 20  # up to which Erlang's J_l is summed over the stages


def fixed_ages(x: np.ndarray, l_max: int) -> np.ndarray:
    """J_l = (1/x) int_0^x j_l(y) dy of degrees 0..l_max: ages uniform on (0, 1).

    Examples
    --------
    >>> fixed_ages(np.array([2.0]), 1)[:, 0].round(12).tolist()          # Si(2)/2 and (1 - sin(2)/2)/2
    [0.802706488401, 0.272675643294]
    """

    def moments(near: np.ndarray) -> np.ndarray:
        top = max(l_max, near.max(initial=1.0))
        return spherical_bessel(near, int(top + 15 + 9 * top ** (1 / 3)))

    return _averages(x, l_max, moments, lambda far: spherical_bessel(far, l_max), lambda far: sici(far)[0] / far)


def erlang_ages(x: np.ndarray, l_max: int, k: int) -> np.ndarray:
    """J_l of degrees 0..l_max over the ages of Erlang's law of shape k, S = (1/k) sum of its densities with 1..k stages.

    Examples
    --------
    >>> bool(np.allclose(erlang_ages(np.array([3.0]), 4, 1), erlang_moments(np.array([3.0]), 4, 1)[0]))
    True
    """
    if k <= FEW_STAGES:
        return sum((erlang_moments(x * stages / k, l_max, stages)[0] for stages in range(1, k + 1)), np.zeros(())) / k

    def moments(near: np.ndarray) -> np.ndarray:
        top = near.max(initial=1e-3)
        # <j_l> falls off above l = x (1 + some widths of the law), and as e^(-l asinh(k/x)) further on.
        return erlang_moments(near, int(max(l_max, top * (1 + 12 / np.sqrt(k))) + 25 + 40 / np.arcsinh(k / top)), k)[0]

    def zero(far: np.ndarray) -> np.ndarray:
        y = far / k
        angle, radius, order = np.arctan(y), 0.5 * np.log1p(y * y), np.arange(1, k)[:, None]
        return (angle + (np.sin(order * angle) * np.exp(-order * radius) / order).sum(axis=0)) / (k * y)

    return _averages(x, l_max, moments, lambda far: erlang_moments(far, l_max, k)[0], zero)


def fixed_age_harmonics(x: np.ndarray, l_max: int) -> dict[int, np.ndarray]:
    """J_l of uniform ages as J_l = B_l + Re[A_l e^(i x)], x above l_max: {0: B, 1: A}, both without oscillation.

    B_l = c_l/x with c_l = int_0^inf j_l; A_0 = -(f - i g)/x with the auxiliary functions of the sine integral.

    Examples
    --------
    >>> x = np.array([40.0])
    >>> parts = fixed_age_harmonics(x, 9)
    >>> bool(np.allclose(parts[0] + (parts[1] * np.exp(1j * x)).real, fixed_ages(x, 9), rtol=1e-12))
    True
    """
    steady = _upwards(0.5 * np.pi / x, np.zeros((l_max + 1, x.size)), x, l_max, 1.0)
    # e^(i x) E_1(i x) = g - i f.
    auxiliary = exp1(1j * x) * np.exp(1j * x)
    return {0: steady, 1: _upwards(1j * auxiliary.conj() / x, outgoing_amplitude(x, l_max), x, l_max, 0.0)}


def transverse(ages: np.ndarray) -> np.ndarray:
    """<j_l(x a)/(x a)>_a of degrees 0..l_max from J_l of degrees 0..l_max + 1; zero for l = 0, which is not used.

    Examples
    --------
    >>> x = np.array([1e-4])
    >>> float(transverse(fixed_ages(x, 2))[1, 0].round(6))
    0.333333
    """
    l = np.arange(1, len(ages) - 1)[:, None]
    return np.concatenate([np.zeros_like(ages[:1]), (ages[:-2] + ages[2:]) / (2 * l + 1)])


def _averages(x, l_max, moments_near, moments_far, zero_far):
    """J_l: downwards up to x = l_max, upwards beyond."""
    x = np.asarray(x, dtype=float)
    far = x > max(l_max, 2)
    table = np.empty((l_max + 1, x.size))
    if not far.all():
        near = x[~far]
        table[:, ~far] = _downwards(moments_near(near), near, l_max)
    if far.any():
        table[:, far] = _upwards(zero_far(x[far]), moments_far(x[far]), x[far], l_max, 1.0)
    return table


def _downwards(moments, x, l_max):
    """From <j_l(x t)> of degrees 0 to far beyond x and l_max, where J_l is negligible."""
    table = np.zeros((l_max + 1, x.size))
    upper, here = np.zeros(x.size), np.zeros(x.size)  # J_(l+1), J_l
    with np.errstate(under="ignore"):
        for l in range(len(moments) - 1, 0, -1):
            if l <= l_max:
                table[l] = here
            upper, here = here, ((l + 1) * upper + (2 * l + 1) * moments[l] / x) / l
    table[0] = here
    return table


def _upwards(zero, moments, x, l_max, start):
    """From J_0 and <j_l(x t)>, x above l_max; `start` is the 1 of l = 0, which amplitudes do not have."""
    table = np.empty((max(l_max, 1) + 1, x.size), dtype=np.result_type(zero, moments))
    table[0], table[1] = zero, (start - moments[0]) / x
    for l in range(1, l_max):
        table[l + 1] = (l * table[l - 1] - (2 * l + 1) * moments[l] / x) / (l + 1)
    return table[: l_max + 1]
