"""The paper's figures: their numbers against the paper and against runs, their files, and runs that do not belong."""

import numpy as np
import pytest
import synthetic_runs as synthetic

from fluxtube.analysis.observations.alm_table import synthetic_alm
from fluxtube.analysis.observations.pitch_angle import pitch_angle_profile
from fluxtube.analysis.paper import settings
from fluxtube.analysis.paper.correlation import theory_correlation_table
from fluxtube.analysis.paper.mean_square import mean_square_table, simulated_table
from fluxtube.analysis.paper.spectra import spectra_table
from fluxtube.analysis.paper.write import write_paper
from fluxtube.analysis.validation.expected import expected_covariance
from fluxtube.errors import InputError

# Fig. 3: gamma = 5/3, beta = 2/3, slope -4.7, sigma = 23 km/s, v = c.
FIGURE_3 = {2: (3.286443e-08, 1.696400e-07), 10: (2.537365e-10, 1.534149e-09), 30: (1.413917e-11, 8.629610e-11)}
CORRELATION = {(2, 4): -0.04395, (2, 6): -0.2193, (3, 7): -0.3190, (4, 8): -0.3682, (6, 8): 0.0298}


@pytest.fixture(scope="module")
def run():
    """2,000 draws of the theory over a band, l = 2..50."""
    config = synthetic.config(50)
    return synthetic.gaussian_ensemble(8, expected_covariance(config, 50)[0], 2000)


def test_theory_in_the_tables():
    """Reference values of Fig. 3 and of the correlation matrix; beams of parallel diffusion along the field."""
    table = spectra_table({})
    for l, (parallel, isotropic) in FIGURE_3.items():
        assert table["parallel_C_l"][l - 2] == pytest.approx(parallel, rel=1e-6)
        assert table["isotropic_C_l"][l - 2] == pytest.approx(isotropic, rel=1e-6)
    matrix = theory_correlation_table()["correlation_theory"].reshape(49, 49)
    for (l, m), value in CORRELATION.items():
        assert matrix[l - 2, m - 2] == pytest.approx(value, abs=5e-5)
    profile = mean_square_table()
    assert profile["parallel"][0] > 5 * profile["parallel"][90]
    assert np.ptp(profile["isotropic"]) == 0


def test_simulation_lies_on_theory(run):
    """Scores of C_l and of the mean square below 4.5 (false alarm 4e-4 for 49 + 25 numbers); theory 20 % off fails."""
    runs = settings.sort_runs([run])
    table = spectra_table(runs)
    z = (table["parallel_simulated_C_l"] - table["parallel_C_l"]) / table["parallel_simulated_error"]
    assert np.max(np.abs(z)) < 4.5
    profile, points = mean_square_table(), simulated_table(runs)
    expected = np.interp(points["pitch_angle_deg"], profile["pitch_angle_deg"], profile["parallel"])
    z = (points["parallel_simulated"] - expected) / points["parallel_error"]
    assert np.max(np.abs(z)) < 4.5
    assert np.max(np.abs(points["parallel_simulated"] - 1.2 * expected) / points["parallel_error"]) > 4.5


def test_all_files_are_written(run, tmp_path):
    """Four figures as PDF and PNG with their tables; the tables hold what the figures show."""
    spectra = [("somebody", {"l": np.array([2, 3]), "C_l": np.array([1e-7, 1e-8])})]
    paths = list(write_paper(tmp_path / "figures", [run], [("synthetic", synthetic_alm())], spectra))
    for stem in ("figure1-correlation", "figure2-schematic", "figure3-left-spectra", "figure3-right-mean-square"):
        for ending, magic in (("pdf", b"%PDF"), ("png", b"\x89PNG")):
            assert (tmp_path / "figures" / f"{stem}.{ending}").read_bytes().startswith(magic)
    assert all(path.exists() for path in paths)
    table = np.genfromtxt(tmp_path / "figures" / "figure3-right-mean-square.csv", delimiter=",", names=True, skip_header=3)
    expected = pitch_angle_profile(synthetic_alm(), (229.2, 11.4), np.deg2rad(table["pitch_angle_deg"]))
    np.testing.assert_allclose(table["observed_0"], expected, rtol=1e-8)
    assert (tmp_path / "figures" / "figure3-left-observed-0.csv").read_text().startswith("# somebody")


def test_without_runs(tmp_path):
    """Theory alone makes all four."""
    assert len(list(write_paper(tmp_path))) == 11


def test_runs_that_do_not_belong(run):
    """Other parameters, another l_max, two of a kind."""
    other = synthetic.gaussian_ensemble(1, synthetic.covariance(9), 20, sigma="50 km/s")
    with pytest.raises(InputError, match=r"sigma = 50\.0, but the paper's figures have 23"):
        settings.sort_runs([other])
    with pytest.raises(InputError, match="a second run"):
        settings.sort_runs([run, run])
    with pytest.raises(InputError, match=r"l = 2\.\.50"):
        simulated_table({"parallel": synthetic.gaussian_ensemble(1, synthetic.covariance(9), 20)})
