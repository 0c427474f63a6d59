"""Two runs that saw the same flows: errors of what differs between their spectra, from realisations in pairs.

    p_rl = sum_m a_lm^2/(2 l + 1) of realisation r,      C_l = <p_l>,
    Var(x_A - x_B) = [Var(x_A) + Var(x_B) - 2 Cov(x_A, x_B)]/N,     x = p/C for ln C_l,  x = p for C_l

The covariance comes from the multipoles of single realisations that a file keeps (`output.multipoles`), C_l from all of them.
With particles the kept multipoles hold shot noise s = a + n, while C_l comes from the product of two halves. What the halves
add to the variance, 2 sum_m N_m,ll'^2/(2 l + 1)^2 (Isserlis), is put to each run as if it were its own: where the runs
share particles too, the true error is smaller.
"""

from dataclasses import dataclass

import numpy as np

from fluxtube.analysis.validation.validate import open_ensemble
from fluxtube.sim.config import Config

FEWEST = 30  # kept realisations from which an error is taken: its own error is then 13 % for normal numbers, 30 % for C_0


@dataclass(frozen=True)
class Powers:
    """The angular power of a run, as a whole and of its kept realisations.

    Attributes
    ----------
    config : Config
    realisations : int
    l : (L,)
    C_l, error : (L,)
    covariance : (L, L)
        Of the means C_l.
    single : (K, L)
        p_l of the kept realisations.
    excess : (L, L)
        What shot noise adds to the covariance of one realisation's power beyond that of `single`.
    """

    config: Config
    realisations: int
    l: np.ndarray
    C_l: np.ndarray
    error: np.ndarray
    covariance: np.ndarray
    single: np.ndarray
    excess: np.ndarray


def powers_of(run, l_max: int | None = None) -> Powers:
    """The powers of a run up to l_max; the file's large arrays are let go.

    Parameters
    ----------
    run : path or Ensemble
    l_max : int, optional
    """
    ensemble = open_ensemble(run)
    l = ensemble.l if l_max is None else ensemble.l[ensemble.l <= l_max]
    n, width = l.size, 2.0 * l + 1.0
    covariance = ensemble.C_l_covariance
    if covariance is None:  # format 1.0
        covariance = np.full((ensemble.l.size, ensemble.l.size), np.nan)
    noise = ensemble.noise[:, :n, :n]
    return Powers(
        config=ensemble.config,
        realisations=ensemble.realisations,
        l=l,
        C_l=ensemble.C_l[:n],
        error=ensemble.C_l_error[:n],
        covariance=covariance[:n, :n],
        single=np.einsum("rml,rml->rl", ensemble.samples_multipoles[..., :n], ensemble.samples_multipoles[..., :n]) / width,
        excess=2.0 * np.einsum("mlk,mlk->lk", noise, noise) / np.outer(width, width),
    )


def can_share(one: Powers, other: Powers) -> bool:
    """Whether realisation r of one run may be of the same flow as that of the other: they are then taken in pairs.

    Pairs are right whether or not the flows are in truth the same: if they are not, their covariance comes out near zero.
    """
    a, b = one.config, other.config
    return (
        a.ensemble.seed == b.ensemble.seed
        and a.sampling.flow == b.sampling.flow
        and a.ensemble.field_directions == b.ensemble.field_directions
    )


def kept_pairs(one: Powers, other: Powers) -> int:
    """Realisations that both runs keep."""
    return min(len(one.single), len(other.single))


def independent_covariance(one: Powers, other: Powers, scale_one, scale_other) -> np.ndarray:
    """Covariance of scale_A C_A - scale_B C_B, (L, L), of runs without a flow in common."""
    return np.outer(scale_one, scale_one) * one.covariance + np.outer(scale_other, scale_other) * other.covariance


def paired_covariance(one: Powers, other: Powers, scale_one, scale_other) -> np.ndarray:
    """Covariance of scale_A C_A - scale_B C_B, (L, L), of runs on the same flows.

    Where one has more realisations, N > n, it is the weighted mean of those that both have and of the rest:
    [Var(x_A - (n/N) x_B)]/n + [(N - n)/N^2] Var(x_B).

    NaN where fewer than FEWEST pairs are kept.
    """
    if one.realisations > other.realisations:
        one, other, scale_one, scale_other = other, one, scale_other, scale_one
    kept, n, more = kept_pairs(one, other), one.realisations, other.realisations
    if kept < FEWEST:
        return np.full((one.l.size, one.l.size), np.nan)
    share = n / more
    x, y = scale_one * one.single[:kept], scale_other * other.single[:kept]
    result = _covariance(x - share * y) / n + (1.0 - share) / more * _covariance(y)
    shot = np.outer(scale_one, scale_one) * one.excess / n + np.outer(scale_other, scale_other) * other.excess / more
    return result + shot


def _covariance(x: np.ndarray) -> np.ndarray:
    """Of the columns of x (K, L); one column too."""
    return np.atleast_2d(np.cov(x, rowvar=False))


def correlation_of_powers(one: Powers, other: Powers) -> np.ndarray:
    """Correlation of p_l between the runs over the kept realisations, (L,); NaN for fewer than FEWEST or none that vary."""
    kept = kept_pairs(one, other)
    if kept < FEWEST:
        return np.full(one.l.size, np.nan)
    x, y = (run.single[:kept] - run.single[:kept].mean(axis=0) for run in (one, other))
    norm = np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))
    return np.divide((x * y).sum(axis=0), norm, out=np.full(norm.shape, np.nan), where=norm > 0)
