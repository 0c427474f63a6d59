"""The main job end to end, by the commands that a user types: run, validate, and against wrong theories.

False-alarm rates: with the seeds fixed these tests are deterministic; a fresh seed would fail each C_l test (49 degrees at 4
sigma) once in 320 and each likelihood-ratio test once in 1000.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.special import gamma as Gamma

from fluxtube.analysis.validation.wishart import covariance_ratio
from fluxtube.sim.store.reader import read_ensemble

CONFIGS = Path(__file__).parents[2] / "configs"


def fluxtube(*arguments, status=0):
    done = subprocess.run([sys.executable, "-m", "fluxtube", *map(str, arguments)], capture_output=True, text=True, timeout=280)
    assert done.returncode == status, done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def quadrature(tmp_path_factory):
    path = tmp_path_factory.mktemp("quadrature") / "run.h5"
    fluxtube("run", CONFIGS / "quickstart.toml", "-o", path, "--set", "check.realisations=8", "-q")
    return path


@pytest.fixture(scope="module")
def particles(tmp_path_factory):
    path = tmp_path_factory.mktemp("particles") / "run.h5"
    fluxtube(
        "run", CONFIGS / "paper_fig3.toml", "-o", path, "-q", "--set", "turbulence.band=[1e-3,1e3]", "--set", "sampling.modes=512"
    )
    return path


def test_quadrature_ensemble_is_the_theory_over_its_band(quadrature):
    verdict = json.loads(fluxtube("validate", quadrature, "--json"))
    assert verdict["l"] == list(range(2, 51))
    assert np.max(np.abs(verdict["z"])) < 4
    error = np.array(verdict["C_l_error"]) / verdict["C_l_theory"]
    assert np.all((error > 0.008) & (error < 0.012))
    assert verdict["p_value"] > 1e-3
    assert verdict["accepted"] is True


@pytest.mark.parametrize(
    "against", ["turbulence.gamma=1.6166666667", "turbulence.gamma=1.7166666667", "turbulence.sigma=23.5 km/s"]
)
def test_same_ensemble_rejects_a_theory_slightly_wrong(quadrature, against):
    verdict = json.loads(fluxtube("validate", quadrature, "--json", "--against", against, status=1))
    assert verdict["p_value"] < 1e-6
    assert verdict["accepted"] is False


def equation_13(L, K, n, gamma, *, printed):
    """Integral of Eq. 13 over w(1/lambda)/lambda, as the stored text prints it or with the second Gamma corrected."""
    if (L + K + n) % 2:
        return 0.0
    second = (K + L if printed else K - L) + gamma
    return (
        2 * np.pi**2 * np.sqrt((2 * L + 1) * (2 * K + 1)) * np.cos(np.pi * (L - K) / 2) * Gamma(gamma + 1)
        * Gamma((L + K - gamma + 1) / 2)
        / (2 ** (gamma + 1) * (gamma + n))
        / (Gamma((L - K + gamma) / 2 + 1) * Gamma(second / 2 + 1) * Gamma((L + K + gamma + 3) / 2))
    )  # fmt: skip


def equation_10(l_max, gamma, beta, *, printed):
    """<a_l a_l'> for 2 <= l, l' <= l_max by Eqs. 7, 10 and 13, over w(1/lambda)/lambda."""
    L = np.arange(l_max + 2)
    c = np.array(
        [
            [
                equation_13(i, j, 0, gamma, printed=printed) * beta / 2
                + equation_13(i, j, 2, gamma, printed=printed) * (1 - 1.5 * beta)
                for j in L
            ]
            for i in L
        ]
    )
    c /= np.sqrt(np.outer(2 * L + 1, 2 * L + 1))
    l = np.arange(2, l_max + 1)
    up, down = (l + 1)[:, None] * c[l + 1], l[:, None] * c[l - 1]
    both = up + down
    return (both[:, l + 1] * (l + 1) + both[:, l - 1] * l) / np.sqrt(np.outer(2 * l + 1, 2 * l + 1))


def test_equation_13_as_printed_is_rejected_and_corrected_accepted(quadrature):
    """The stored text's second Gamma by the same likelihood-ratio test, where the band's ends are below the noise.

    As printed, Eq. 13 stops being the covariance of anything above a few degrees (it is not positive definite), so it is
    rejected where it still is one.
    """
    ensemble = read_ensemble(quadrature)
    config = ensemble.config
    unit = (config.anisotropy_per_velocity * config.turbulence.sigma) ** 2 * (2 * np.pi) ** (config.turbulence.gamma - 1)

    def smallest_p(l_max, printed):
        theory = unit * equation_10(l_max, config.turbulence.gamma, config.turbulence.transverse_fraction, printed=printed)
        blocks = [
            (ensemble.second_moment[0][l : l_max + 1 : 2, l : l_max + 1 : 2], theory[l - 2 :: 2, l - 2 :: 2]) for l in (2, 3)
        ]
        ratios = [covariance_ratio(*block, ensemble.realisations) for block in blocks]
        return min(stats.chi2.sf(r, len(b) * (len(b) + 1) // 2) for r, (_, b) in zip(ratios, blocks, strict=True))

    assert smallest_p(20, printed=False) > 1e-3
    assert smallest_p(4, printed=True) < 1e-6


def test_particles_ensemble_is_the_theory_over_its_band(particles):
    """300 realisations of a million particles, seen in equatorial coordinates: cross-spectra of the two halves."""
    verdict = json.loads(fluxtube("validate", particles, "--json"))
    assert np.max(np.abs(verdict["z"])) < 4
    assert verdict["accepted"] is True
    ensemble = read_ensemble(particles)
    assert ensemble.sky_hits.sum() == 300 * 1_000_000
    assert ensemble.sky_realisations.max() == 300
    assert not np.isnan(ensemble.sky_mean_square).any()
    noise = np.diag(ensemble.noise[0])[2:] / np.diag(ensemble.second_moment[0])[2:]
    assert 0 < noise.min() < noise.max() < 0.05  # shot noise is measured and small at a million particles


def test_particles_ensemble_rejects_a_wrong_theory(particles):
    verdict = json.loads(fluxtube("validate", particles, "--json", "--against", "turbulence.gamma=2.0", status=1))
    assert verdict["p_value"] < 1e-6
