"""Several mean free paths on one flow: skies at different energies, correlated as theory says.

False-alarm rate 1e-4 for the largest score of all elements; seeds are fixed.
"""

import numpy as np
import pytest
from scipy import stats

from fluxtube.cli import main
from fluxtube.errors import InputError
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.feasible import check_runnable
from fluxtube.sim.store.reader import read_ensemble
from fluxtube.theory import parallel

RUN = """
[turbulence]
band = [1e-2, 60.0]
[transport]
other_mean_free_paths = ["3 pc", "25 pc"]
[sky]
l_max = 6
nside = 16
[ensemble]
realisations = 4000
[output]
skies = 0
"""


@pytest.fixture(scope="module", params=["line", "modes"])
def ensemble(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "run.toml").write_text(RUN)
    assert (
        main(["run", str(folder / "run.toml"), "-o", str(folder / "run.h5"), "-q", "--set", f"sampling.flow={request.param}"])
        == 0
    )
    return read_ensemble(folder / "run.h5")


def scores(ensemble, other):
    """<a_l(10 pc) a_l'(lambda')> against theory in standard errors, sqrt((C_ll C'_l'l' + X_ll'^2)/N), arrival directions."""
    config, n = ensemble.config, list(ensemble.momenta.mean_free_path).index(other)
    turbulence, sign = config.build_turbulence(), np.outer(*(2 * [(-1.0) ** np.arange(2, 7)]))
    unit = config.anisotropy_per_velocity**2
    own, its = (unit * parallel.multipole_covariance(turbulence, path, 6) for path in (10.0, other))
    expected = unit * sign * parallel.two_path_covariance(turbulence, 10.0, other, 6)
    error = np.sqrt((np.outer(np.diag(own), np.diag(its)) + expected**2) / ensemble.realisations)
    return (ensemble.momenta.second_moment[0, n, 0, 2:, 2:] - expected) / error, expected / np.sqrt(
        np.outer(np.diag(own), np.diag(its))
    )


@pytest.mark.parametrize("other", [10.0, 3.0, 25.0])
def test_momenta_are_correlated_as_theory_says(ensemble, other):
    z, correlation = scores(ensemble, other)
    assert np.abs(z).max() < stats.norm.isf(0.5e-4 / z.size)
    assert np.abs(correlation * np.sqrt(ensemble.realisations)).max() > 6  # independent flows would be seen


def test_the_own_momentum_is_the_run_itself(ensemble):
    assert np.allclose(ensemble.momenta.second_moment[0, 0], ensemble.second_moment, rtol=1e-12)
    second = ensemble.momenta.second_moment
    assert np.allclose(second, second.transpose(1, 0, 2, 4, 3), rtol=1e-9)
    assert list(ensemble.momenta.mean_free_path) == [10.0, 3.0, 25.0]
    assert parse(ensemble.config.to_toml(), [], "again") == ensemble.config


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("sampling.modes=40", "2.5 times"),
        ("transport.other_mean_free_paths=[3]", "no unit"),
    ],
)
def test_what_cannot_be_run(setting, words):
    with pytest.raises(InputError, match=words):
        check_runnable(parse(RUN, [setting], "here"))
