"""Tests without a model: how much of the power is symmetric about a direction, and even against odd degrees."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve
from scipy.stats import chi2

from fluxtube.analysis.inference.data import SkyData
from fluxtube.analysis.inference.likelihood import SkyLikelihood
from fluxtube.analysis.inference.modes import degrees_and_orders
from fluxtube.analysis.inference.transport import Point
from fluxtube.analysis.observations.wigner import harmonics

SCAN = 16  # rings of directions over a hemisphere


@dataclass(frozen=True)
class Symmetry:
    """Share of the power with m = 0 about a direction, and what isotropic skies give.

    Attributes
    ----------
    l : ndarray (n,)
    share : ndarray (n,)
        Of each degree about the field.
    mean : float
        Over the degrees, each weighed by 2l + 1 (isotropic: about one part in 2l + 1 of each).
    p_value : float
        Rate of isotropic skies with as large a mean about this very direction.
    best_direction : (float, float)
        Where the mean is largest [deg].
    best_mean, best_p_value : float
        There, and the rate of isotropic skies that reach it somewhere: the trials of the scan are in it.
    """

    l: np.ndarray
    share: np.ndarray
    mean: float
    p_value: float
    best_direction: tuple[float, float]
    best_mean: float
    best_p_value: float


@dataclass(frozen=True)
class Parity:
    """Power of even against odd degrees.

    Attributes
    ----------
    ratio : float
        Mean of |a_lm|^2/<|a_lm|^2> over even degrees over that of odd ones, <> of the best isotropic model; NaN, as its
        p_value, where the degrees are all even or all odd.
    p_value : float
        Two-sided, of skies of that model.
    even_is_noise : float
        Probability of as much power in the even degrees if they hold noise alone, as anisotropic pitch-angle scattering
        with an even D(mu) has it; NaN where nothing in the data is free of odd degrees.
    """

    ratio: float
    p_value: float
    even_is_noise: float


def symmetry(data: SkyData, best: Point, field, skies: int = 500, seed: int = 1, **physics) -> Symmetry:
    """Gyrotropy about a direction [deg], on multipoles filtered by the best isotropic model (lost ones are zero).

    Simulated skies go through the same view, noise and filter.
    """
    modes, l = _filtered(data, best, skies, seed, physics)
    mean, share = _means(modes, l, [field])
    directions = _hemisphere(SCAN)
    scan, _ = _means(modes, l, directions)
    top = scan.argmax(axis=1)
    best_mean = scan[np.arange(len(scan)), top]
    rate = lambda values: float((1 + np.sum(values[1:] >= values[0])) / len(values))  # noqa: E731
    return Symmetry(
        np.unique(l), share[0, 0], float(mean[0, 0]), rate(mean[:, 0]), directions[top[0]], float(best_mean[0]), rate(best_mean)
    )


def parity(data: SkyData, best: Point, skies: int = 2000, seed: int = 1, **physics) -> Parity:
    """Even against odd degrees of the data, each whitened by the best isotropic model."""
    modes, l = _filtered(data, best, skies, seed, physics)
    scale = np.maximum(np.sqrt(np.mean(modes[1:] ** 2, axis=0)), 1e-300)
    known = np.mean(modes[1:] ** 2, axis=0) > 1e-12 * np.max(np.mean(modes[1:] ** 2, axis=0))
    power = (modes[:, known] / scale[known]) ** 2
    even = l[known] % 2 == 0
    if even.all() or not even.any():  # no degree, or none that the data hold, to compare with
        return Parity(np.nan, np.nan, _noise_alone(data, best))
    ratio = np.log(power[:, even].mean(axis=1) / power[:, ~even].mean(axis=1))
    p = (1 + np.sum(np.abs(ratio[1:]) >= abs(ratio[0]))) / len(ratio)
    return Parity(float(np.exp(ratio[0])), float(p), _noise_alone(data, best))


def _noise_alone(data: SkyData, best: Point) -> float:
    """chi^2 of the part of the data that even degrees alone reach, against noise."""
    even = degrees_and_orders(data.l_top)[0] % 2 == 0
    response = data.matrix()
    left, singular, _ = np.linalg.svd(response[:, ~even], full_matrices=True)
    rank = int(np.sum(singular > 1e-3 * singular.max(initial=0.0))) if singular.size else 0
    rest = left[:, rank:].T
    if not len(rest):
        return float("nan")  # behind this mask no combination is free of odd degrees
    covariance = rest @ (best.noise * data.noise + data.reading) @ rest.T
    values = rest @ data.values
    return float(chi2(len(values)).sf(values @ np.linalg.solve(covariance, values)))


def _filtered(data, best, skies, seed, physics) -> tuple[np.ndarray, np.ndarray]:
    """Mean multipoles given the data, of the sky and of simulated isotropic ones, (1 + skies, n_a), and their degrees."""
    isotropic = SkyLikelihood(data, "isotropic", **physics)
    drawn = isotropic.draw(best, np.random.default_rng(seed), skies)
    both = isotropic.model.covariance(best) @ data.matrix().T
    solved = cho_solve((isotropic.factor(best), True), np.vstack([data.values, drawn]).T)
    modes = (both @ solved).T
    l, _ = degrees_and_orders(data.l_top)
    inside = (l >= data.l_min) & (l <= data.l_max)
    return modes[:, inside], l[inside]


def _means(modes, l, directions) -> tuple[np.ndarray, np.ndarray]:
    """Weighed mean share (skies, directions) and shares (skies, directions, degrees)."""
    degrees = np.unique(l)
    shares = []
    for degree in degrees:
        part = modes[:, l == degree]
        zonal = part @ _zonal(degree, directions)
        shares.append(zonal**2 / np.sum(part**2, axis=1)[:, None])
    each = np.array(shares).transpose(1, 2, 0)
    weight = 2 * degrees + 1
    return each @ weight / weight.sum(), each


def _zonal(l: int, directions) -> np.ndarray:
    """sqrt(4 pi/(2l+1)) Y_lm of the real orders at directions (ra, dec) [deg], (2l + 1, n): b_l0 of a is a times it."""
    alpha, delta = np.deg2rad(np.array(directions, dtype=float)).T
    table = harmonics(l, np.pi / 2 - delta)[l]  # (l + 1, n)
    rows = [table[0]]
    for m in range(1, l + 1):
        rows += [np.sqrt(2) * table[m] * np.cos(m * alpha), np.sqrt(2) * table[m] * np.sin(m * alpha)]
    return np.sqrt(4 * np.pi / (2 * l + 1)) * np.array(rows)


def _hemisphere(rings: int) -> list[tuple[float, float]]:
    """Directions some 90/rings deg apart over the northern hemisphere; a direction and its opposite have the same share."""
    found = []
    for delta in (np.arange(rings) + 0.5) * 90 / rings:
        count = max(1, round(4 * rings * np.cos(np.deg2rad(delta))))
        found += [(float(alpha), float(delta)) for alpha in 360 / count * np.arange(count)]
    return found
