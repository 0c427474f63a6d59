"""Random numbers: the generator against published vectors and big-integer arithmetic, the normals against their law."""

import math

import mpmath
import numpy as np
import pytest
from numba import njit, uint64
from scipy import stats

from fluxtube.sim.engine.kernels.elementary import ARCTANGENT, COSINE, SINE, TAN_PI_8, azimuth_turns, cos_sin_turns, log_positive
from fluxtube.sim.engine.kernels.gaussian import fill_normal_pairs, fill_uniform_pairs
from fluxtube.sim.engine.kernels.philox import philox


@njit
def words(counter, key):
    return philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1])


# Known answers of Philox4x32-10 published with the Random123 library of Salmon et al. (2011).
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_known_answers(counter, key, answer):
    assert words(np.array(counter, dtype=np.uint64), np.array(key, dtype=np.uint64)) == answer


def test_against_big_integers():
    def slow(c, k):
        c, k = list(c), list(k)
        for _ in range(10):
            p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [(p1 >> 32) ^ c[1] ^ k[0], p1 % 2**32, (p0 >> 32) ^ c[3] ^ k[1], p0 % 2**32]
            k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
        return tuple(c)

    random = np.random.default_rng(5)
    for _ in range(200):
        counter, key = random.integers(0, 2**32, 4, dtype=np.uint64), random.integers(0, 2**32, 2, dtype=np.uint64)
        assert words(counter, key) == slow([int(v) for v in counter], [int(v) for v in key])


def test_elementary_functions_to_rounding():
    @njit
    def both(x):
        out = np.empty((3, x.size))
        for i in range(x.size):
            out[0, i] = log_positive(x[i])
            out[1, i], out[2, i] = cos_sin_turns(x[i])
        return out

    random = np.random.default_rng(1)
    x = np.concatenate([random.random(2000), 10.0 ** random.uniform(-15, 3, 2000), 1 - 10.0 ** random.uniform(-15, -1, 500)])
    log, cosine, sine = both(x)
    for value, l, c, s in zip(x, log, cosine, sine, strict=True):
        exact = mpmath.mpf(value)
        assert l == pytest.approx(float(mpmath.log(exact)), rel=4e-16, abs=1e-300)
        assert c == pytest.approx(float(mpmath.cospi(2 * exact)), abs=2e-15)
        assert s == pytest.approx(float(mpmath.sinpi(2 * exact)), abs=2e-15)


def test_azimuth_is_right_to_rounding():
    """In all eight octants, near their edges, and for the axes, against 40 digits."""

    @njit
    def azimuths(x, y):
        out = np.empty(x.size)
        for i in range(x.size):
            out[i] = azimuth_turns(x[i], y[i])
        return out

    random = np.random.default_rng(3)
    angle = np.concatenate([random.random(3000), np.arange(16) / 16 + 1e-9, np.arange(1, 16) / 16 - 1e-9, np.arange(8) / 8])
    x, y = np.cos(2 * np.pi * angle), np.sin(2 * np.pi * angle)
    for a, b, turn in zip(x, y, azimuths(x, y), strict=True):
        exact = mpmath.atan2(mpmath.mpf(b), mpmath.mpf(a)) / (2 * mpmath.pi) % 1
        assert abs(turn - exact) < 3e-16
    assert azimuths(np.array([1.0, 0.0, -1.0, 0.0]), np.array([0.0, 1.0, 0.0, -1.0])).tolist() == [0.0, 0.25, 0.5, 0.75]


@pytest.mark.parametrize(
    ("coefficients", "function", "end"),
    [
        (COSINE, lambda s: mpmath.cospi(2 * s), 0.25),
        (SINE, lambda s: mpmath.sinpi(2 * s) / s, 0.25),
        (ARCTANGENT, lambda t: mpmath.atan(t) / (2 * mpmath.pi * t), TAN_PI_8**2),
    ],
    ids=["cosine", "sine", "arctangent"],
)
def test_polynomials_interpolate_in_chebyshev_nodes(coefficients, function, end):
    """The coefficients, made anew in 40 digits: nodes in z = s^2 over [0, 1/4], in z = t^2 over [0, tan^2(pi/8)]."""
    with mpmath.workdps(40):
        n = len(coefficients)
        nodes = [(1 + mpmath.cos(mpmath.pi * (2 * i + 1) / (2 * n))) * mpmath.mpf(end) / 2 for i in range(n)]
        powers = mpmath.matrix([[z**j for j in range(n)] for z in nodes])
        exact = mpmath.lu_solve(powers, mpmath.matrix([function(mpmath.sqrt(z)) for z in nodes]))
        assert coefficients == tuple(float(value) for value in exact)


def draw(fill, realisations, size, seed=7, purpose=1):
    out = np.empty((realisations, 2, size))
    for r in range(realisations):
        fill(out[r, 0], out[r, 1], r, purpose, seed)
    return out


def test_normals_follow_their_law():
    """Kolmogorov-Smirnov, mean, variance, kurtosis, serial products: 5 tests at 1e-4 each; the seed is fixed."""
    x = draw(fill_normal_pairs, 300, 1000)
    n = x.size
    assert stats.kstest(x.ravel(), "norm").pvalue > 1e-4
    limit = stats.norm.isf(0.5e-4)
    assert abs(x.mean()) * math.sqrt(n) < limit
    assert abs(x.var() - 1) * math.sqrt(n / 2) < limit
    assert abs((x**4).mean() - 3) * math.sqrt(n / 96) < limit
    for a, b in ((x[:, 0], x[:, 1]), (x[:-1], x[1:]), (x[..., :-1], x[..., 1:])):
        assert abs((a * b).mean()) * math.sqrt(a.size) < limit


def test_law_test_rejects_a_wrong_law():
    """Negative control: uniforms of the same variance, and normals 1 % too wide, fail the test above."""
    uniform = (draw(fill_uniform_pairs, 300, 1000) - 0.5) * math.sqrt(12)
    assert stats.kstest(uniform.ravel(), "norm").pvalue < 1e-4
    wide = 1.01 * draw(fill_normal_pairs, 300, 1000)
    assert abs(wide.var() - 1) * math.sqrt(wide.size / 2) > stats.norm.isf(0.5e-4)


def test_uniforms_are_open_and_flat():
    u = draw(fill_uniform_pairs, 100, 1000)
    assert 0 < u.min() < u.max() < 1
    assert stats.kstest(u.ravel(), "uniform").pvalue > 1e-4


def test_streams_are_named_by_seed_purpose_and_realisation():
    reference = draw(fill_normal_pairs, 3, 50)
    assert np.array_equal(reference[:, :, :20], draw(fill_normal_pairs, 3, 20))  # a longer draw begins with the shorter
    one = np.empty((2, 50))
    fill_normal_pairs(one[0], one[1], 2, 1, 7)
    assert np.array_equal(one, reference[2])
    others = [
        draw(fill_normal_pairs, 3, 50, seed=8),
        draw(fill_normal_pairs, 3, 50, purpose=2),
        draw(fill_normal_pairs, 4, 50)[1:],
    ]
    for other in others:
        assert not np.any(other == reference)


def test_large_seeds_and_realisations_are_distinct():
    seen = set()
    for seed in (0, 2**32, 2**63, 2**64 - 1):
        for realisation in (0, 2**32, 2**40 - 1):
            out = np.empty((2, 1))
            fill_normal_pairs(out[0], out[1], uint64(realisation), uint64(1), uint64(seed))
            seen.add(float(out[0, 0]))
    assert len(seen) == 12
