"""Whether two runs have the same angular power spectrum.

    d_l = ln C_l(A) - ln C_l(B),    T^2 = d S^-1 d',    T^2 (nu - n + 1)/(nu n) ~ F(n, nu - n + 1)  if they agree

S is the covariance of d, of realisations in pairs where the runs share their flows (nu = kept pairs - 1), and the sum of the
two runs' own where they do not (nu of Nel & van der Merwe 1986, Commun. Stat. Theory Methods, 15, 3719). Hotelling (1931).
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from fluxtube.analysis.pairs import (
    FEWEST,
    Powers,
    can_share,
    correlation_of_powers,
    independent_covariance,
    kept_pairs,
    paired_covariance,
    powers_of,
)
from fluxtube.analysis.validation.validate import degree_ranges, open_ensemble
from fluxtube.sim.config.differences import differences

AGREE, DIFFER, UNDECIDED = "agree", "differ", "undecided"
SURE = 5.0  # standard errors that C_l must lie above zero for its logarithm to be nearly Gaussian
PAIRS_A_NUMBER = 10  # degrees of freedom of S for each number tested, at least
ROUNDING = 1e-9  # relative difference of C_l that is taken for rounding
DEGENERATE = 1e-12  # of a variance: what the sums cannot tell from zero


@dataclass(frozen=True)
class Comparison:
    """Two runs and what was found.

    Attributes
    ----------
    names : (str, str)
    verdict : str
        agree, differ or undecided.
    same_bits : bool
        All results of the two files are equal to the last bit.
    paired : bool
        Errors are of realisations in pairs.
    correlation : float
        Of the power of single realisations, mean over degrees; NaN where it is not known.
    configuration, versions : list of str
        What differs.
    l : (L,)
    C_l : (2, L)
    ratio, error, error_unpaired : (L,)
        C_l(A)/C_l(B) and its errors; NaN where a C_l is not above zero by SURE errors.
    judged : (L,) bool
        Degrees in the test.
    statistic, p_value : float
        T^2 and the probability of a larger one; NaN without a test.
    numbers, freedom : int, float
        n and nu of the law.
    false_alarm : float
    open : list of str
        What could not be judged, and why.
    """

    names: tuple[str, str]
    verdict: str
    same_bits: bool
    paired: bool
    correlation: float
    configuration: list[str]
    versions: list[str]
    l: np.ndarray
    C_l: np.ndarray
    ratio: np.ndarray
    error: np.ndarray
    error_unpaired: np.ndarray
    judged: np.ndarray
    statistic: float
    p_value: float
    numbers: int
    freedom: float
    false_alarm: float
    open: list[str]


def compare(first, second, false_alarm: float = 1e-3) -> Comparison:
    """Compare two runs.

    Parameters
    ----------
    first, second : path or fluxtube.sim.store.reader.Ensemble
    false_alarm : float
        Probability to find that runs of one spectrum differ.

    Raises
    ------
    InputError
        A file cannot be read.
    """
    ensembles = [open_ensemble(run) for run in (first, second)]
    l_max = int(min(ensemble.l.max() for ensemble in ensembles))
    one, other = (powers_of(ensemble, l_max) for ensemble in ensembles)
    paired, missing = can_share(one, other), []
    if paired and kept_pairs(one, other) < FEWEST:
        missing.append(
            f"the runs share their flows, and the multipoles of {kept_pairs(one, other)} realisations are kept in both: "
            f"{FEWEST} are needed for an error (output.multipoles)"
        )
    known = [np.asarray(run.C_l > SURE * run.error) for run in (one, other)]
    judged = known[0] & known[1]
    dark = one.l[~judged]
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = [np.where(judged, 1.0 / run.C_l, np.nan) for run in (one, other)]
        log = np.log(one.C_l * inverse[1])
    unpaired = independent_covariance(one, other, *inverse)
    covariance = paired_covariance(one, other, *inverse) if paired else unpaired
    same = _same_bits(*ensembles)
    d, S = log[judged], covariance[np.ix_(judged, judged)]
    if dark.size:
        missing.append(f"{degree_ranges(dark)}: C_l is not {SURE:g} errors above zero in both runs")
    test = _Test(np.nan, np.nan, 0, np.nan)
    if same or (d.size and np.abs(d).max() < ROUNDING):
        verdict = AGREE
    elif not d.size or not np.isfinite(S).all():
        verdict = UNDECIDED
        if d.size and np.isfinite(d).all() and not (paired and kept_pairs(one, other) < FEWEST):
            missing.append("a file holds no covariance of its C_l: format 1.0, or one realisation")
    else:
        test = hotelling(d, S, _freedom(one, other, inverse, judged, paired))
        verdict = UNDECIDED if np.isnan(test.p_value) else DIFFER if test.p_value < false_alarm else AGREE
        if verdict == UNDECIDED:
            missing.append("too few realisations for a test")
    ratio = np.exp(log)
    own, its = (str(getattr(run, "path", run)) for run in ensembles)
    return Comparison(
        names=(own, its),
        verdict=verdict,
        same_bits=same,
        paired=paired,
        correlation=_mean_correlation(one, other) if paired else np.nan,
        configuration=differences(ensembles[0].config, ensembles[1].config),
        versions=_versions(ensembles[0].provenance, ensembles[1].provenance),
        l=one.l,
        C_l=np.array([one.C_l, other.C_l]),
        ratio=ratio,
        error=ratio * np.sqrt(np.maximum(np.diag(covariance), 0.0)),
        error_unpaired=ratio * np.sqrt(np.diag(unpaired)),
        judged=judged,
        statistic=test.statistic,
        p_value=test.p_value,
        numbers=test.numbers,
        freedom=test.freedom,
        false_alarm=false_alarm,
        open=missing,
    )


@dataclass(frozen=True)
class _Test:
    statistic: float
    p_value: float
    numbers: int
    freedom: float


def hotelling(d: np.ndarray, S: np.ndarray, freedom: float) -> _Test:
    """T^2 of differences d (n,) with a covariance S (n, n) that was estimated with so many degrees of freedom.

    Neighbouring degrees are averaged where there are fewer than PAIRS_A_NUMBER degrees of freedom for each. Differences below
    ROUNDING say nothing.
    """
    most = int(freedom // PAIRS_A_NUMBER) if np.isfinite(freedom) else d.size
    if most < 1:
        return _Test(np.nan, np.nan, 0, freedom)
    groups = np.array_split(np.arange(d.size), min(most, d.size))
    mean = np.array([np.bincount(group, minlength=d.size) / group.size for group in groups])
    d, S = mean @ d, mean @ S @ mean.T
    S = S + np.diag(ROUNDING**2 + DEGENERATE * np.diag(S))
    scale = np.sqrt(np.diag(S))
    d, S = d / scale, S / np.outer(scale, scale)
    n = d.size
    statistic = float(d @ np.linalg.solve(S, d))
    law = stats.f(n, freedom - n + 1)
    return _Test(statistic, float(law.sf(statistic * (freedom - n + 1) / (freedom * n))), n, float(freedom))


def _freedom(one: Powers, other: Powers, inverse, judged: np.ndarray, paired: bool) -> float:
    """Degrees of freedom of S."""
    if paired:
        return kept_pairs(one, other) - 1.0
    parts = [
        (np.outer(scale, scale) * run.covariance)[np.ix_(judged, judged)]
        for run, scale in zip((one, other), inverse, strict=True)
    ]

    def size(S: np.ndarray) -> float:
        return float(np.trace(S @ S) + np.trace(S) ** 2)

    return size(parts[0] + parts[1]) / sum(size(S) / (run.realisations - 1) for S, run in zip(parts, (one, other), strict=True))


def _mean_correlation(one: Powers, other: Powers) -> float:
    correlation = correlation_of_powers(one, other)
    return float(np.nanmean(correlation)) if np.isfinite(correlation).any() else np.nan


def _same_bits(a, b) -> bool:
    names = ("mean", "second_moment", "noise", "square_moment", "C_l", "C_l_error", "sky_mean", "samples_multipoles")
    return a.realisations == b.realisations and all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True) for name in names
    )


def _versions(a: dict, b: dict) -> list[str]:
    """Libraries and revisions that differ."""
    keys = [key for key in {**a, **b} if key.startswith("version_") or key in ("git_revision", "plugins")]
    return [f"{key}: {a.get(key, 'not said')}, {b.get(key, 'not said')}" for key in keys if a.get(key) != b.get(key)]
