"""Figures: the projection against healpy, what is on the axes, files written and refused."""

import healpy
import matplotlib
import numpy as np
import pytest
import synthetic_runs as synthetic

from fluxtube.analysis.figures.correlation import correlation_figure
from fluxtube.analysis.figures.describe import number, title
from fluxtube.analysis.figures.mollweide import mollweide_pixels, mollweide_xy
from fluxtube.analysis.figures.sky import sky_figure
from fluxtube.analysis.figures.spectrum import spectrum_figure
from fluxtube.analysis.figures.write import write_figures
from fluxtube.analysis.validation.expected import expected_covariance
from fluxtube.analysis.validation.spread import degrees_of_freedom, single_sky_band
from fluxtube.analysis.validation.validate import validate
from fluxtube.errors import InputError


@pytest.fixture(scope="module")
def ensemble():
    """300 draws of the analytic covariance, l = 2..20."""
    return synthetic.gaussian_ensemble(1, expected_covariance(synthetic.config(20), 20)[0], 300)


def test_mollweide_pixels_lie_where_their_centres_are_drawn():
    """Forward and inverse projection, the latter through healpy's pixel centres: within two pixels' size."""
    nside, width = 16, 400
    pixels = mollweide_pixels(nside, width)
    colatitude, longitude = healpy.pix2ang(nside, np.arange(12 * nside**2))
    x, y = mollweide_xy(longitude, np.pi / 2 - colatitude)
    column = np.clip(((x + 2) / 4 * width).astype(int), 0, width - 1)
    row = np.clip(((y + 1) / 2 * width / 2).astype(int), 0, width // 2 - 1)
    drawn = pixels[row, column]
    seen = drawn >= 0
    assert seen.mean() > 0.97  # those cut at the rim
    vectors = np.array(healpy.pix2vec(nside, np.arange(12 * nside**2)))
    distance = np.arccos(np.clip(np.sum(vectors[:, seen] * vectors[:, drawn[seen]], axis=0), -1, 1))
    assert np.max(distance) < 2 * healpy.nside2resol(nside)


def test_mollweide_is_equal_area_with_longitude_to_the_left():
    """Every pixel of the sphere gets the same share of the ellipse; the northern, eastern quarter is up and left."""
    pixels = mollweide_pixels(2, 2000)
    counts = np.bincount(pixels[pixels >= 0], minlength=48)
    np.testing.assert_allclose(counts / counts.sum(), 1 / 48, rtol=0.01)
    colatitude, longitude = healpy.pix2ang(2, pixels[750, 500])
    assert colatitude < np.pi / 2
    assert 0 < longitude < np.pi
    assert np.sum(pixels < 0) / pixels.size == pytest.approx(1 - np.pi / 4, rel=1e-2)


def test_spectrum_shows_the_data_and_theory(ensemble):
    """The numbers on the axes are those of the validation; units and gamma, beta, N, band are said."""
    validation = validate(ensemble)
    figure = spectrum_figure(ensemble, validation)
    upper, lower = figure.axes
    points = next(line for line in upper.lines if line.get_marker() == "o")
    np.testing.assert_allclose(points.get_ydata(), validation.spectrum.value)
    np.testing.assert_allclose(lower.lines[-1].get_ydata(), validation.spectrum.z)
    assert "300" in upper.get_title()
    assert "5/3" in upper.get_title()
    assert "sigma" in lower.get_ylabel()


def test_correlation_shows_theory_simulation_and_difference(ensemble):
    """Unit diagonal in theory; the third panel holds z."""
    validation = validate(ensemble)
    figure = correlation_figure(ensemble, validation)
    images = [axes.images[0].get_array() for axes in figure.axes[:3]]
    np.testing.assert_allclose(np.diagonal(images[0]), 1)
    np.testing.assert_allclose(np.diagonal(images[1]), validation.spectrum.value / validation.spectrum.theory)
    np.testing.assert_allclose(images[2], validation.covariance.z[0])


def test_figures_leave_the_readers_settings_alone(ensemble):
    """No pyplot, no rcParams changed, no figure registered."""
    before = dict(matplotlib.rcParams)
    sky_figure(ensemble)
    assert dict(matplotlib.rcParams) == before


def test_sky_with_empty_pixels(ensemble):
    """NaN stays empty and is said in the title."""
    holes = synthetic.gaussian_ensemble(1, synthetic.covariance(9), 20)
    holes.samples_sky = holes.samples_sky.copy()
    holes.samples_sky[0, :192] = np.nan
    assert "25.0% of the pixels empty" in sky_figure(holes).axes[0].get_title()
    holes.samples_sky = holes.samples_sky[:0]
    assert len(sky_figure(holes).axes) == 2  # mean square and its colour bar


@pytest.mark.parametrize(("file_format", "magic"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_files_are_written(ensemble, tmp_path, file_format, magic):
    """Three pictures of the right kind, each with its table; a stranger in the directory stays."""
    (tmp_path / "notes.txt").write_text("mine")
    paths = list(write_figures(ensemble, tmp_path, file_format))
    assert [path.stem for path in paths] == ["spectrum", "spectrum", "correlation", "correlation", "sky", "sky"]
    assert all(path.read_bytes().startswith(magic) for path in paths[::2])
    validation = validate(ensemble)
    table = np.genfromtxt(tmp_path / "spectrum.csv", delimiter=",", names=True, comments="#", skip_header=2)
    np.testing.assert_allclose(table["C_l"], validation.spectrum.value, rtol=1e-9)
    np.testing.assert_allclose(table["z"], validation.spectrum.z, rtol=1e-6)
    assert len(np.loadtxt(tmp_path / "correlation.csv", delimiter=",", skiprows=3)) == 19**2
    assert len(np.loadtxt(tmp_path / "sky.csv", delimiter=",", skiprows=3)) == 768
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_directory_that_cannot_be(ensemble, tmp_path):
    """A file in the way is an input error."""
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="choose another"):
        list(write_figures(ensemble, tmp_path / "file"))


def test_numbers_in_words(ensemble):
    """Fractions as such, decimals short."""
    assert [number(5 / 3), number(2 / 3), number(1.6), number(1.0), number(1.7166667)] == ["5/3", "2/3", "8/5", "1", "1.71667"]
    assert r"10^{-3} \leq k\lambda \leq 10^{3}" in title(ensemble).replace("$", "")


def test_single_sky_band():
    """Chi-squared quantiles: 68 % of 20,000 skies lie inside, for one degree of freedom and for 2 l + 1 (5 sigma: 0.0165)."""
    rng = np.random.default_rng(6)
    for dof in (1, 11):
        lower, upper = single_sky_band(np.array([2.0]), dof)
        skies = 2.0 * np.mean(rng.standard_normal((20_000, dof)) ** 2, axis=1)
        assert np.mean((skies > lower) & (skies < upper)) == pytest.approx(0.6827, abs=0.0165)
    orders = np.array([np.diag([1.0, 2.0]), np.diag([1.0, 0.0]), np.diag([1.0, 0.0])])
    np.testing.assert_allclose(degrees_of_freedom(orders), [3, 1])
