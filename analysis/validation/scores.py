"""Scores of single numbers against theory: every element of the covariance, and every C_l."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from fluxtube.analysis.validation import own_scatter
from fluxtube.analysis.validation.moments import Moments, power
from fluxtube.analysis.validation.outcome import Outcome, look_elsewhere, undefined

LARGEST_MIXING = 3.0  # a sky made of one Gaussian multipole has 2


@dataclass(frozen=True)
class Scores:
    """Measured numbers, what theory expects, its standard error and the difference in standard errors.

    Attributes
    ----------
    value, theory, error, z : ndarray
        z = (value - theory) / error; the error is that of the ensemble's mean if theory holds.
    skewness : ndarray
        Skewness of `value` if theory holds; that of the chi-squared law for a variance.
    dof : ndarray or None
        Degrees of freedom with which a measured error is known (`own_scatter`); None for an error from theory.
    """

    value: np.ndarray
    theory: np.ndarray
    error: np.ndarray
    skewness: np.ndarray
    dof: np.ndarray | None = None

    def at(self, rows: np.ndarray) -> "Scores":
        """The scores at some indices of the first axis."""

        def chosen(part):
            return part if np.ndim(part) == 0 else np.asarray(part)[rows]

        dof = None if self.dof is None else chosen(self.dof)
        return Scores(chosen(self.value), chosen(self.theory), chosen(self.error), chosen(self.skewness), dof)

    @property
    def z(self) -> np.ndarray:
        """Difference from theory in standard errors."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return (self.value - self.theory) / self.error

    @property
    def p_value(self) -> np.ndarray:
        """Two-sided probability under a Pearson III law: exact for C_l of Gaussian multipoles, any N, without noise.

        A score beyond the end of that law, -2 / skewness, shows that the skewness is not the data's: it has that of a normal law.
        """
        if self.dof is not None:
            return own_scatter.probability(self.z, self.skewness, self.dof)
        below = stats.pearson3.cdf(self.z, self.skewness)
        above = stats.pearson3.sf(self.z, self.skewness)
        beyond = 1 + self.skewness * self.z / 2 < 0
        return np.where(beyond, 2 * stats.norm.sf(np.abs(self.z)), np.minimum(1.0, 2 * np.minimum(below, above)))


def covariance_scores(moments: Moments, theory: np.ndarray) -> Scores:
    """Scores of all elements <a_lm a_l'm>, shape (n_m, n, n); NaN where l < |m|.

    With T theory, D the measured noise, M = T + D,

        Gaussian flow:  N var = M_ll M_l'l' + M_ll'^2 + (1 + 2 c) (D_ll D_l'l' + D_ll'^2)
        any other:      N var = M_ll M_l'l' q_ll' - M_ll'^2 + D_ll D_l'l' + D_ll'^2

    c is `noise_mixing`; q = <s_l^2 s_l'^2> / (<s_l^2> <s_l'^2>) is measured (`steadied_ratio`), so that at the right
    theory and without noise the second is (<s_l^2 s_l'^2> - S_ll'^2) / N.
    """
    variance, third = _cumulants(moments, theory)
    error = np.sqrt(variance / moments.count)
    absent = ~np.array([moments.present(order) for order in range(len(moments.m))])
    error[absent[:, :, None] | absent[:, None, :]] = np.nan
    return Scores(moments.signal, theory, error, third / moments.count**2 / error**3)


def spectrum_scores(moments: Moments, theory: np.ndarray) -> Scores:
    """Scores of C_l = sum_m <a_lm^2> / (2 l + 1), shape (n,).

    Of Gaussian samples the orders m are independent, with known cumulants; otherwise the error is that of the realisations' own
    scatter, in which orders that vary together are counted as they do.
    """
    expected, nothing = power(theory, moments.l), ~moments.tested.any(axis=0)  # nothing there can be judged
    if moments.wishart or moments.scatter_unknown:
        variance, third = _cumulants(moments, theory)
        size = 2 * moments.l + 1
        error = np.sqrt(np.einsum("mll->l", variance) / moments.count) / size
        error[nothing] = np.nan
        skewness = np.einsum("mll->l", third) / moments.count**2 / (error * size) ** 3
        return Scores(moments.spectrum, expected, error, skewness)
    scale, shape = spectrum_shape(moments, theory)
    error = np.sqrt(np.diagonal(moments.own_power_covariance)) * scale
    error[nothing] = np.nan
    skewness = 2 * shape * np.divide(error, expected, out=np.zeros_like(error), where=expected > 0)
    kurtosis = own_scatter.kurtosis_of(moments.sample_powers, skewness * np.sqrt(moments.count))
    return Scores(moments.spectrum, expected, error, skewness, own_scatter.freedom(moments.count, kurtosis))


def spectrum_shape(moments: Moments, theory: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What turns the measured scatter of C_l into that at theory, and the skewness of C_l over that of a gamma law, (n,) each.

    With T theory, D the noise and M = T + D the full power, the cross power of two halves has the cumulants 2 (M^2 + D^2) and
    8 (M^3 - D^3), and its skewness is (M^3 - D^3) T / (M^2 + D^2)^2 times that of a gamma law of the same mean and variance.
    """
    noise = power(moments.noise, moments.l)
    whole = power(theory, moments.l) + noise
    measured = np.maximum(moments.spectrum + noise, 0.05 * whole)  # of a run without power the scatter says nothing
    scale = np.divide(whole, measured, out=np.ones_like(whole), where=whole > 0)
    square = np.where(whole > 0, whole**2 + noise**2, 1.0) ** 2
    return scale, (whole**3 - noise**3) * (whole - noise) / square


def largest_score(name: str, scores: Scores, labels: list[str], decides: bool = False) -> Outcome:
    """The most improbable of several scores, with the probability of one such among as many.

    Scores without an error are none. A score or probability that is not a number leaves the verdict open.
    """
    p_value = np.ravel(scores.p_value)
    z = np.ravel(scores.z)
    known = np.flatnonzero(~np.isnan(np.ravel(scores.error)))
    if not known.size:
        return undefined(name, "not defined: none of them can be judged")
    lost = known[~np.isfinite(z[known]) | ~np.isfinite(p_value[known])]
    if lost.size:
        return undefined(name, f"not defined: the score at {labels[lost[0]]} is {z[lost[0]]}", leaves_open=decides)
    worst = known[np.lexsort((-np.abs(z[known]), p_value[known]))[0]]
    corrected = look_elsewhere(float(p_value[worst]), len(known))
    return Outcome(name, float(z[worst]), None, corrected, decides, note=f"at {labels[worst]}, one of {len(known)}")


def largest_covariance_score(moments: Moments, scores: Scores) -> Outcome:
    """The largest score of the covariance, lower triangle and diagonal; for information."""
    rows, columns = np.tril_indices(len(moments.l))
    part = Scores(*(getattr(scores, name)[:, rows, columns] for name in ("value", "theory", "error", "skewness")))
    labels = [
        f"(l, l') = ({moments.l[row]}, {moments.l[column]})" + (f", m = {m}" if len(moments.m) > 1 else "")
        for m in moments.m
        for row, column in zip(rows, columns, strict=True)
    ]
    return largest_score("covariance element, largest |z|", part, labels)


def _cumulants(moments: Moments, theory: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Second and third cumulant of one realisation's product a_l a_l' (cross product of halves), (n_m, n, n)."""
    noise = _pooled_noise(moments, theory)
    whole = theory + noise
    outer, noise_outer = _outer(whole), _outer(noise)
    gaussian = outer + whole**2
    variance = gaussian if moments.gaussian_flow else np.maximum(outer * steadied_ratio(moments) - whole**2, gaussian / 10)
    variance = variance + (1 + 2 * noise_mixing(moments)) * (noise_outer + noise**2)
    # <<(a b)^3>> of a Gaussian pair: 2 c^3 + 6 c v_a v_b; 8 v^3 on the diagonal.
    third = (2 * whole**3 + 6 * whole * outer) - (2 * noise**3 + 6 * noise * noise_outer)
    return variance, third


def steadied_ratio(moments: Moments) -> np.ndarray:
    """Measured <s_l^2 s_l'^2> / (<s_l^2> <s_l'^2>), drawn to its common level as far as its scatter is chance, (n_m, n, n).

    With a few hundred realisations a single fourth moment is so uncertain that dividing by it would fill the tails of
    the scores. The excess over a Gaussian is therefore taken as common + w (own - common), where w = t^2 / (t^2 + 8 / 3N)
    compares the scatter t^2 from degree to degree with that of sampling, 24 / 9N for <s^4> / 3 <s^2>^2 of a Gaussian.
    """
    gaussian = moments.gaussian_ratio
    excess = moments.kurtosis_ratio / gaussian
    steadied = excess.copy()
    for order in range(len(moments.m)):
        rows = np.flatnonzero(moments.present(order))
        if not len(rows):
            continue
        own = np.diagonal(excess[order])[rows]
        pair = np.ix_(rows, rows)
        common = np.sum(moments.kurtosis_ratio[order][pair]) / np.sum(gaussian[order][pair])
        sampling = 8 / (3 * moments.count)
        scatter = max(0.0, np.mean((own - common) ** 2) - sampling)
        weight = scatter / (scatter + sampling)
        steadied[order] = gaussian[order] * (common + weight * (excess[order] - common))
    return steadied


def _pooled_noise(moments: Moments, theory: np.ndarray) -> np.ndarray:
    """Shot noise if theory holds, (n_m, n, n): from the half-differences and, where noise rules, from the rest over theory.

    The two estimates of D_ll, <d^2> and <s^2> - T, are weighted by their inverse variances. The error of
    <s^2> - <d^2> taken from it is then not correlated with that difference itself, which would skew the scores.
    """
    if not moments.sampled:
        return moments.noise
    measured = np.einsum("mll->ml", moments.noise)
    expected = np.einsum("mll->ml", theory)
    rest = np.einsum("mll->ml", moments.full) - expected
    weight = measured**2 / np.maximum(measured**2 + (expected + measured) ** 2, np.finfo(float).tiny)
    pooled = np.maximum((1 - weight) * measured + weight * rest, measured / 4)
    root = np.sqrt(np.divide(pooled, measured, out=np.ones_like(measured), where=measured > 0))
    return moments.noise * root[:, :, None] * root[:, None, :]


def noise_mixing(moments: Moments) -> float:
    """Relative variance of the shot-noise level from sky to sky, at least 0.

    The noise of one realisation is proportional to its mean-square sky, so over the ensemble it is a mixture: with r the
    share of the noise in <s^2>, <s_l^2 s_l'^2> / (<s_l^2> <s_l'^2>) exceeds its Gaussian value by r_l r_l' times this number.
    Fitted to that excess over all pairs of degrees. Where the noise is small it hardly matters, and it is hardly known.
    """
    if not (moments.sampled and moments.gaussian_flow):
        return 0.0
    excess, shares = [], []
    for order in range(len(moments.m)):
        deviation = np.sqrt(np.diagonal(moments.full[order]))
        noise = np.diagonal(moments.noise[order])
        noise_correlation = moments.noise[order] ** 2 / np.maximum(np.outer(noise, noise), np.finfo(float).tiny)
        share = np.outer(noise, noise) / np.outer(deviation, deviation) ** 2
        excess.append(moments.kurtosis_ratio[order] - moments.gaussian_ratio[order])
        shares.append(share * (1 + 2 * noise_correlation))
    over, parts = np.ravel(excess), np.ravel(shares)
    weight = np.sum(parts**2)
    return float(np.clip(np.sum(parts * over) / weight, 0.0, LARGEST_MIXING)) if weight > 0 else 0.0


def _outer(covariance: np.ndarray) -> np.ndarray:
    """Products of variances C_ll C_l'l', (n_m, n, n)."""
    variance = np.einsum("mll->ml", covariance)
    return variance[:, :, None] * variance[:, None, :]
