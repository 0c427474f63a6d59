"""The caption about the farthest point: its probability against simulated runs, and its words."""

import numpy as np
import pytest

from fluxtube.analysis.validation.expected import expected_covariance
from fluxtube.analysis.validation.farthest import farthest_point, how_often
from fluxtube.analysis.validation.scores import Scores
from fluxtube.sim.config import Config

N, RUNS, L = 40, 4000, np.arange(2, 21)


def scores_of(C_l, theory, skewness):
    return Scores(C_l, theory, np.sqrt(2 / N) * theory, skewness)


@pytest.fixture(scope="module")
def spectra():
    """C_l of 4000 runs of 40 skies of parallel diffusion, with the correlations of theory, and theory's C_l."""
    covariance = expected_covariance(Config(turbulence={"band": (1e-3, 1e3)}, sky={"l_max": 20}), 20)[0]
    rng = np.random.default_rng(11)
    half = np.linalg.cholesky(covariance)
    skies = [np.mean((rng.standard_normal((N, len(L))) @ half.T) ** 2, axis=0) for _ in range(RUNS)]
    return np.array(skies) / (2 * L + 1), np.diagonal(covariance) / (2 * L + 1)


def chances(spectra, skewness):
    C_l, theory = spectra
    return np.array([farthest_point(scores_of(row, theory, np.full(len(L), skewness)), L).chance for row in C_l])


def test_chance_is_the_share_of_runs(spectra):
    """Of 4000 runs as many have a farthest point as rare as the caption says, at three levels.

    Binomial errors, 4.5 sigma (false alarm 1e-5 in all); correlations between degrees may only make it rarer, by a tenth.
    """
    found = chances(spectra, np.sqrt(8 / N))
    for level in (0.02, 0.1, 0.4):
        share = np.mean(found <= level)
        error = np.sqrt(level * (1 - level) / RUNS)
        assert 0.9 * level - 4.5 * error < share < level + 4.5 * error


def test_normal_tails_would_be_wrong(spectra):
    """The same with normal tails in place of C_l's own finds runs of 1 in 50 far too often: the test can fail."""
    assert np.mean(chances(spectra, 1e-9) <= 0.02) > 0.04


def test_the_least_probable_point_counts_not_the_largest_score():
    """3.0 sigma up is likelier than 2.9 down where C_l is skew; points that cannot be judged do not count."""
    theory = np.ones(4)
    scores = scores_of(1 + np.sqrt(2 / N) * np.array([3.0, -2.9, 0.1, np.nan]), theory, np.full(4, np.sqrt(8 / N)))
    far = farthest_point(scores, np.array([2, 3, 4, 5]))
    assert (far.l, far.points) == (3, 3)
    assert far.chance == pytest.approx(1 - (1 - scores.p_value[1]) ** 3)
    assert "l = 3, -2.9 sigma. By chance one of 3 points" in str(far)
    assert farthest_point(scores_of(np.full(4, np.nan), theory, np.zeros(4)), L[:4]) is None


def test_how_often_in_words():
    """Percent where often, one of so many runs where rare, an order of magnitude where very rare."""
    said = [how_often(p) for p in (1.0, 0.62, 0.1, 1 / 23.2, 1 / 1234, 2e-6, 1e-12, 0.0)]
    runs = ["nearly all", "62 % of", "10 % of", "1 of 23", "1 of 1200", "about 1 of 10^6", "less than 1 of 10^9"]
    assert said == [f"{words} such runs" for words in [*runs, "less than 1 of 10^9"]]
