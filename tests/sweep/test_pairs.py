"""Errors of differences between runs on the same flows: against theory, against a closed form, and with the pairs broken.

False-alarm rates: 1e-4 a test, shared by its degrees (Bonferroni); seeds are fixed.
"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from fluxtube import configuration, simulate
from fluxtube.analysis.comparison.compare import hotelling
from fluxtube.analysis.configured import theory_of_config
from fluxtube.analysis.pairs import Powers, independent_covariance, paired_covariance, powers_of
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.sweep.shared import flows_are_shared

RATE = 1e-4
SMALL = {
    "turbulence": {"band": [1e-2, 40], "sigma": "23 km/s", "sigma_scale": "10 pc"},
    "sky": {"l_max": 8, "nside": 4},
    "sampling": {"nodes": 140},
    "ensemble": {"realisations": 400},
    "output": {"multipoles": 400, "skies": 0},
}
GAMMAS, SEEDS = (1.5, 1.7), 48


def of(gamma, seed, **more):
    return simulate(SMALL, {"turbulence.gamma": gamma, "ensemble.seed": seed, **more}, threads=1)


@pytest.fixture(scope="module")
def pairs():
    """Runs of two gammas on the same flows, for many seeds."""
    return [tuple(powers_of(of(gamma, seed)) for gamma in GAMMAS) for seed in range(SEEDS)]


def log_scores(pairs, error):
    """(measured - theory)/error of ln C_l(1.7)/C_l(1.5), (seeds, L - 2)."""
    theory = [theory_of_config(configuration(SMALL, {"turbulence.gamma": gamma})).spectrum(8) for gamma in GAMMAS]
    expected = np.log(theory[1] / theory[0])
    return np.array([(np.log(b.C_l / a.C_l)[2:] - expected) / error(a, b)[2:] for a, b in pairs])


def paired_error(a, b):
    return np.sqrt(np.diag(paired_covariance(a, b, 1 / a.C_l, 1 / b.C_l)))


def unpaired_error(a, b):
    return np.sqrt(np.diag(independent_covariance(a, b, 1 / a.C_l, 1 / b.C_l)))


def shuffled_error(a, b):
    order = np.random.default_rng(5).permutation(len(b.single))
    return paired_error(a, replace(b, single=b.single[order]))


def within(scores):
    """Whether sums of squared scores are those of standard normal numbers, degree by degree, on both sides."""
    tail = RATE / scores.shape[1] / 2
    low, high = stats.chi2(len(scores)).ppf([tail, 1 - tail])
    return bool(((low < (scores**2).sum(axis=0)) & ((scores**2).sum(axis=0) < high)).all())


def test_paired_errors_are_those_of_the_scatter_about_theory(pairs):
    scores = log_scores(pairs, paired_error)
    assert within(scores)
    assert np.abs(scores.sum(axis=0)).max() / np.sqrt(len(scores)) < stats.norm.isf(RATE / 2 / scores.shape[1])
    assert not within(log_scores(pairs, unpaired_error))  # far too large
    assert not within(log_scores(pairs, shuffled_error))


def test_pairing_gains_what_the_waves_say(pairs):
    """Gaussian a_l of correlation rho: Var(ln C) = (2 + 2 - 4 rho^2)/N, rho of the responses to the shared normal numbers."""
    responses = [build_engine(configuration(SMALL, {"turbulence.gamma": gamma})).quadrature.response for gamma in GAMMAS]
    rho = np.empty(9)
    for part, degrees in ((0, slice(1, None, 2)), (1, slice(0, None, 2))):  # cosines make odd degrees, sines even ones
        a, b = responses[0][part], responses[1][part]
        rho[degrees] = (a * b).sum(axis=0) / np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    expected = np.sqrt(4 * (1 - rho**2) / 400)
    measured = np.sqrt(np.mean([paired_error(a, b) ** 2 for a, b in pairs], axis=0))
    # x - y = (a - b)(a + b) is a product of independent normal numbers, kurtosis 9: its variance has the error sqrt(8/n).
    allowed = stats.norm.isf(RATE / 2 / 9) * np.sqrt(8 / (400 * SEEDS)) / 2
    assert np.abs(measured / expected - 1).max() < allowed + 1 / 400  # and what normalisation by C_l itself leaves
    assert np.sqrt(4 / 400) / expected.max() > 5  # what is gained
    assert np.abs(measured / np.sqrt(4 / 400) - 1).min() > allowed


def test_runs_of_unequal_length(pairs):
    """The longer run contains the shorter: the mean of what both have, and the rest; one run against itself is zero."""
    _, b = pairs[0]
    longer = powers_of(of(1.7, 0, **{"ensemble.realisations": 1600}))
    assert np.array_equal(longer.single, b.single)
    unit = np.ones(9)
    own = paired_covariance(b, b, unit, unit)
    assert np.abs(own).max() < 1e-12 * np.abs(b.covariance).max()
    # Var(m_n - m_N) = Var(p) (1/n - 1/N)
    part = paired_covariance(b, longer, unit, unit)
    assert np.allclose(part, np.cov(b.single, rowvar=False) * (1 / 400 - 1 / 1600), rtol=1e-12, atol=0)
    assert np.allclose(part, paired_covariance(longer, b, unit, unit), rtol=1e-12, atol=0)
    scores = log_scores([(powers_of(of(1.5, seed)), longer_of(seed)) for seed in range(24)], paired_error)
    assert within(scores)


def longer_of(seed):
    return powers_of(of(1.7, seed, **{"ensemble.realisations": 800}))


def along_the_field(ensemble):
    """a_20 of every realisation."""
    return ensemble.samples_multipoles[:, list(ensemble.m).index(0), 2]


@pytest.mark.parametrize(
    ("changes", "shared"),
    [
        ({"turbulence.gamma": 1.4}, True),
        ({"turbulence.sigma": "50 km/s"}, True),
        ({"transport.mean_free_path": "3 pc"}, True),
        ({"turbulence.transverse_fraction": 0}, True),
        ({"transport.free_path": "exponential"}, True),
        ({"turbulence.band": [1e-2, 50]}, False),
        ({"sampling.nodes": 160}, False),
        ({"ensemble.seed": 5}, False),
        ({"turbulence.spectrum": "von-karman", "turbulence.outer_scale": "50 pc"}, False),
    ],
)
def test_which_keys_leave_the_waves_of_the_random_numbers(changes, shared):
    """What is said from the nodes is seen in a_20 of single realisations; 0.21 is 4.2 errors of 400 independent ones."""
    base = configuration(SMALL)
    assert flows_are_shared(base, configuration(SMALL, changes)) is shared
    one, other = (along_the_field(simulate(SMALL, given, threads=1)) for given in ({}, changes))
    correlation = np.corrcoef(one, other)[0, 1]
    if shared:
        assert correlation > 0.8
    if "ensemble.seed" in changes:
        assert abs(correlation) < 0.21


@pytest.mark.parametrize(
    ("changes", "shared"),
    [
        ({"transport.displacement_perpendicular": 0.3}, True),
        ({"transport.convection_perpendicular": 0.9}, True),
        ({"turbulence.gamma": 1.4, "transport.mean_free_path": "3 pc"}, True),
        ({"sampling.waves": 40}, False),
        ({"turbulence.band": [1e-2, 30]}, False),
    ],
)
def test_vector_flows_share_their_waves(changes, shared):
    base = {
        **SMALL, "sampling": {"flow": "modes", "waves": 32}, "ensemble": {"realisations": 300},
        "transport": {"model": "cross-field", "displacement_perpendicular": 0.5, "convection_perpendicular": 0.5},
    }  # fmt: skip
    assert flows_are_shared(configuration(base), configuration(base, changes)) is shared
    one, other = (along_the_field(simulate(base, given, threads=1)) for given in ({}, changes))
    assert not shared or np.corrcoef(one, other)[0, 1] > 0.9


def test_rings_share_their_multipoles():
    """Roots T of the covariances: <a_A a_B> = T_A' T_B for each order, which gives the error of ln C_l in closed form.

    4000 realisations; a variance of products of normal numbers has the error sqrt(8/N) at most, for each of the 7 degrees.
    """
    base = {
        **SMALL, "sampling": {"flow": "rings"}, "ensemble": {"realisations": 4000}, "sky": {"l_max": 6, "nside": 4},
        "transport": {"model": "cross-field", "displacement_perpendicular": 0.5, "convection_perpendicular": 0.5},
        "output": {"multipoles": 4000, "skies": 0},
    }  # fmt: skip
    change = {"transport.displacement_perpendicular": 0.4, "turbulence.gamma": 1.6}
    assert flows_are_shared(configuration(base), configuration(base, change))
    one, other = (powers_of(simulate(base, given, threads=1)) for given in ({}, change))
    own, its = (build_engine(configuration(base, given)).quadrature for given in ({}, change))
    total = np.zeros((3, 7))
    for m in range(7):
        for parity in range(2):
            lowest = m + (m + parity) % 2
            n = len(range(lowest, 7, 2))
            if n:
                start = own.starts[m, parity]
                roots = [each.factors[start : start + n * n].reshape(n, n) for each in (own, its)]
                pairs = ((roots[0], roots[0]), (roots[1], roots[1]), (roots[0], roots[1]))
                for row, (a, b) in zip(total, pairs, strict=True):
                    row[lowest::2] += (2 if m else 1) * 2 * np.diag(a.T @ b) ** 2
    single = (2 * np.arange(7) + 1) ** 2
    unit = build_engine(configuration(base)).unit_anisotropy ** 2
    scales = 1 / one.C_l, 1 / other.C_l
    var_a, var_b, cov = total * unit**2 / single
    expected = np.sqrt((var_a * scales[0] ** 2 + var_b * scales[1] ** 2 - 2 * cov * scales[0] * scales[1]) / 4000)
    measured = np.sqrt(np.diag(paired_covariance(one, other, *scales)))
    allowed = stats.norm.isf(RATE / 14) * np.sqrt(8 / 4000) / 2
    assert np.abs(measured / expected - 1).max() < allowed + 0.03  # and C_l themselves, known to 2 % for one order
    alone = np.sqrt((var_a * scales[0] ** 2 + var_b * scales[1] ** 2) / 4000)
    assert (alone > 5 * expected).all()
    assert np.abs(measured / alone - 1).min() > 0.5


def synthetic(rng, count, rho, noise=0.0, shared_noise=False):
    """Two runs of standard normal multipoles l = 0..2 of one order, correlated, seen by two halves of particles."""
    a = rng.standard_normal((count, 1, 3))
    b = rho * a + np.sqrt(1 - rho**2) * rng.standard_normal(a.shape)
    ends, before = [], None
    for signal in (a, b):
        half = np.sqrt(2 * noise) * rng.standard_normal((2, *a.shape))
        half = before if shared_noise and before is not None else half
        before = half
        halves = signal + half
        mean, difference = halves.mean(axis=0), (halves[0] - halves[1]) / 2
        power = ((mean**2 - difference**2).sum(axis=1)) / (2 * np.arange(3) + 1)
        ends.append(
            SimpleNamespace(
                config=None, realisations=count, l=np.arange(3), C_l=power.mean(axis=0),
                C_l_error=power.std(axis=0, ddof=1) / np.sqrt(count), C_l_covariance=np.cov(power.T) / count,
                noise=np.einsum("rml,rmk->mlk", difference, difference) / count, samples_multipoles=mean,
            )
        )  # fmt: skip
    return ends


def test_shot_noise_is_in_the_error():
    """The kept multipoles hold shot noise once, C_l by halves twice: the error is right, and too large for shared particles."""
    rng, unit, count, trials = np.random.default_rng(11), np.ones(3), 400, 300
    for shared in (False, True):
        scores, short = [], []
        for _ in range(trials):
            one, other = (powers_of(run) for run in synthetic(rng, count, 0.99, noise=1.0, shared_noise=shared))
            covariance = paired_covariance(one, other, unit, unit)
            scores.append((one.C_l - other.C_l) / np.sqrt(np.diag(covariance)))
            bare = [replace(run, excess=0 * run.excess) for run in (one, other)]
            short.append((one.C_l - other.C_l) / np.sqrt(np.diag(paired_covariance(*bare, unit, unit))))
        square = (np.array(scores) ** 2).sum(axis=0)
        low, high = stats.chi2(trials).ppf([RATE / 6, 1 - RATE / 6])
        assert (square < high).all()
        assert (square > low).all() is np.bool_(not shared)
        if not shared:
            assert ((np.array(short) ** 2).sum(axis=0) > high).all()  # the halves' own share forgotten


def powers(x):
    count, n = x.shape
    return Powers(
        config=None, realisations=count, l=np.arange(n), C_l=x.mean(axis=0), error=x.std(axis=0, ddof=1) / np.sqrt(count),
        covariance=np.cov(x.T) / count, single=x, excess=np.zeros((n, n)),
    )  # fmt: skip


def test_the_test_keeps_its_rate():
    """Of 600 pairs of runs of one law 5 % are rejected; at most 7.5 % pass for it, binomial rate 0.004 (1000 realisations each).

    Errors without pairs reject none, which the lower bound refuses (rate 1e-4).
    """
    rng, paired, unpaired = np.random.default_rng(3), [], []
    for _ in range(600):
        a = rng.standard_normal((1000, 10))
        b = 0.95 * a + np.sqrt(1 - 0.95**2) * rng.standard_normal(a.shape)
        one, other = powers(a**2), powers(b**2)
        scales = 1 / one.C_l, 1 / other.C_l
        d = np.log(one.C_l / other.C_l)
        paired.append(hotelling(d, paired_covariance(one, other, *scales), 999).p_value)
        unpaired.append(hotelling(d, independent_covariance(one, other, *scales), 1998).p_value)
    least = stats.binom(600, 0.05).ppf(1e-4)
    assert least <= np.sum(np.array(paired) < 0.05) <= 45
    assert np.sum(np.array(unpaired) < 0.05) < least
