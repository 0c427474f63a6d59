"""Spectra of maps: the matrix of a view against loops over rings, Wigner 3j symbols and simulated skies; the command."""

import json

import numpy as np
import pytest

healpy = pytest.importorskip("healpy")
from astropy.io import fits  # noqa: E402

from fluxtube.analysis.fit.noisy import Noisy  # noqa: E402
from fluxtube.analysis.fit.observation import make_observation  # noqa: E402
from fluxtube.analysis.fit.templates import Templates  # noqa: E402
from fluxtube.analysis.measure.maps import MeasuredMap, read_measured  # noqa: E402
from fluxtube.analysis.measure.spectrum import measure_map  # noqa: E402
from fluxtube.analysis.measure.view import MapView  # noqa: E402
from fluxtube.analysis.observations.alm_table import lost_orders, read_alm  # noqa: E402
from fluxtube.analysis.observations.spectrum_table import read_spectrum  # noqa: E402
from fluxtube.analysis.observer.coupling import mixing_matrix, view_kernels  # noqa: E402
from fluxtube.analysis.observer.field_of_view import FieldOfView  # noqa: E402
from fluxtube.cli import main  # noqa: E402
from fluxtube.errors import InputError  # noqa: E402

NSIDE, L = 16, 12
NPIX = 12 * NSIDE**2
COLATITUDE, LONGITUDE = healpy.pix2ang(NSIDE, np.arange(NPIX))
SEEN = (np.abs(COLATITUDE - 1.4) < 1.0) & ~((np.abs(LONGITUDE - 1.0) < 0.3) & (COLATITUDE < 1.2))
WEIGHTS = SEEN * (1 + 0.5 * np.cos(LONGITUDE))


@pytest.fixture(scope="module")
def view():
    return MapView(WEIGHTS, ring_means=True, dipole=True, l_max=L)


def loops(values):
    """Weighted, ring means out, dipole fitted and out, one ring and one column after the other; pseudo C_l by healpy."""

    def treat(sky):
        sky = sky.copy()
        for colatitude in np.unique(np.round(COLATITUDE, 9)):
            ring = (np.abs(COLATITUDE - colatitude) < 1e-8) & SEEN
            if ring.any():
                sky[ring] -= np.average(sky[ring], weights=WEIGHTS[ring])
        return np.where(SEEN, sky, 0.0)

    x, y, z = healpy.pix2vec(NSIDE, np.arange(NPIX))
    templates = np.array([treat(template) for template in (np.ones(NPIX), x, y, z)])[1:3]  # the others are lost
    sky = treat(values)
    matrix = templates * WEIGHTS @ templates.T
    sky = sky - np.linalg.solve(matrix, templates * WEIGHTS @ sky) @ templates
    alm = healpy.map2alm(WEIGHTS * sky, lmax=L, iter=0)
    return healpy.alm2cl(alm)


def isotropic_map(rng, power):
    l, m = healpy.Alm.getlm(len(power) - 1)
    alm = (rng.standard_normal(len(l)) + 1j * rng.standard_normal(len(l))) / np.sqrt(2)
    alm[m == 0] = np.sqrt(2) * alm[m == 0].real
    return healpy.alm2map(alm * np.sqrt(power[l]), NSIDE, lmax=len(power) - 1)


def test_the_view_is_what_loops_over_rings_do(view):
    """Pseudo-power of a sky of degrees to L and of white noise: matrix against loops to 1e-9; without ring means another."""
    rng = np.random.default_rng(1)
    for values in (isotropic_map(rng, np.ones(L + 1)), rng.standard_normal(NPIX)):
        power = view.power(view.deprojection @ view.multipoles(view.weigh(values)))
        np.testing.assert_allclose(power[2:], loops(values)[2:], rtol=1e-8)
        assert np.all(power[:2] < 1e-12 * power[2])
        other = MapView(WEIGHTS, ring_means=False, dipole=False, l_max=L)
        assert np.max(np.abs(other.power(other.multipoles(other.weigh(values)))[2:] / power[2:] - 1)) > 0.1
    multipoles = rng.standard_normal(len(view.degrees))
    through = view.response @ multipoles
    direct = view.deprojection @ view.multipoles(view.weigh(view.map_of(multipoles)))
    np.testing.assert_allclose(through, direct, atol=1e-10)


def test_a_plain_mask_mixes_as_wigner_symbols_say():
    """M_ll' = (2l'+1)/(4 pi) sum_L (2L+1) W_L (l l' L; 0 0 0)^2 (Hivon et al. 2002); the squared symbol is an integral over
    three Legendre polynomials. To 1e-3 of the largest element: pixels of nside 16."""
    smooth = np.clip(healpy.smoothing(WEIGHTS, fwhm=0.5), 0, None)
    plain = MapView(smooth, ring_means=False, dipole=False, l_max=L)
    power = healpy.anafast(smooth, lmax=2 * L, iter=10)
    node, weight = np.polynomial.legendre.leggauss(3 * L)
    legendre = np.polynomial.legendre.legvander(node, 2 * L)
    symbols = 0.5 * np.einsum("x,xl,xk,xL->lkL", weight, legendre[:, : L + 1], legendre[:, : L + 1], legendre)
    degree = 2 * np.arange(2 * L + 1) + 1
    expected = np.einsum("lkL,L->lk", symbols, degree * power) * degree[: L + 1] / (4 * np.pi)
    np.testing.assert_allclose(plain.mixing, expected, atol=1e-3 * expected.max())
    rings = MapView(smooth, ring_means=True, dipole=False, l_max=L)  # the control: ring means change the matrix
    assert np.max(np.abs(rings.mixing - expected)[2:, 2:]) > 0.02 * expected.max()


def test_a_band_of_declination_mixes_as_its_kernels_say():
    """Ring means out of a band: the exact kernels of `observer.coupling`, to the pixels at the band's edges (1/nside)."""
    band = FieldOfView(((-30.0, 64.0),))
    weights = band.sees(90 - np.rad2deg(COLATITUDE)).astype(float)
    own = MapView(weights, ring_means=True, dipole=False, l_max=L).mixing
    exact = mixing_matrix(view_kernels(band, L))
    np.testing.assert_allclose(own[2:, 2:], exact[2:, 2:], atol=0.04 * exact.max())
    np.testing.assert_allclose(own[2:, 2:].sum(1), exact[2:, 2:].sum(1), rtol=0.05)


def test_mean_and_covariance_are_those_of_simulated_skies(view):
    """500 isotropic skies with noise that differs from pixel to pixel: mean of C~_l (4.5 standard errors, 11 numbers), and the
    whole covariance by z of its elements in the Wishart approximation (5.5; C~_l of low l is skew). Without noise, or with
    independent degrees of f_sky (2l + 1) orders, it fails."""
    rng = np.random.default_rng(5)
    power = np.r_[0, 0, 1e-7 * np.arange(2.0, L + 1) ** -2.5]
    variance = 2e-8 * (1 + 0.8 * np.sin(LONGITUDE))
    noise = view.noise(variance)
    expected, covariance = view.pseudo_mean(power, noise)[2:], view.pseudo_covariance(power, noise)[2:, 2:]
    count = 500
    skies = np.empty((count, L - 1))
    for row in skies:
        values = isotropic_map(rng, power) + np.sqrt(variance) * rng.standard_normal(NPIX)
        row[:] = view.power(view.deprojection @ view.multipoles(view.weigh(values)))[2:]
    deviation = np.sqrt(np.diagonal(covariance))
    z = (skies.mean(0) - expected) / deviation * np.sqrt(count)
    assert np.max(np.abs(z)) < 4.5, z
    assert np.max(np.abs((skies.mean(0) - view.pseudo_mean(power, 0 * noise)[2:]) / deviation * np.sqrt(count))) > 10
    found = np.cov(skies.T)
    error = np.sqrt((covariance**2 + np.outer(deviation, deviation) ** 2) / count)
    assert np.max(np.abs(found - covariance) / error) < 5.5
    simple = 2 * expected**2 / (view.sky_fraction * (2 * np.arange(2, L + 1) + 1))
    assert np.max(np.abs(np.diagonal(found) - simple) / np.diagonal(error)) > 5.5
    assert np.max(np.abs((found - np.diag(np.diagonal(covariance))) / error)) > 5.5


def test_the_deconvolved_spectrum_is_unbiased(view):
    """Mean of the C_l of 100 skies: true ones to 4.5 standard errors; stated errors to a third on average. The dipole, 1e-3,
    does not leak; kept, it does."""
    rng = np.random.default_rng(8)
    power = np.r_[0, 0, 1e-7 * np.arange(2.0, L + 1) ** -2.5]
    x = healpy.pix2vec(NSIDE, np.arange(NPIX))[0]
    noise, found, errors = view.noise(9e-10), [], []
    for _ in range(100):
        values = isotropic_map(rng, power) + 3e-5 * rng.standard_normal(NPIX) + 1e-3 * x
        measured = measure_map(values, view, 8, noise)
        found.append(measured.C_l)
        errors.append(measured.error)
    found = np.array(found)
    z = (found.mean(0) - power[2:9]) / found.std(0, ddof=1) * np.sqrt(len(found))
    assert np.max(np.abs(z)) < 4.5, z
    np.testing.assert_allclose(np.mean(errors, axis=0) / found.std(0, ddof=1), 1, atol=0.4)
    blind = view.power(view.multipoles(view.weigh(values)))
    assert blind[2] > 3 * view.power(view.deprojection @ view.multipoles(view.weigh(values)))[2]


def test_stated_errors_are_as_large_as_the_scatter(view):
    """150 skies of a power law: stated errors over the scatter of C_l, l = 3 .. 8, are 1 on average, and so is the power law over
    the true one (both within 0.1, some 3 standard errors). A straight line through ln C_l, which lies too low, fails at both."""
    rng = np.random.default_rng(17)
    power = np.r_[0, 0, 1e-7 * np.arange(2.0, L + 1) ** -2.5]
    l, noise, found, errors, level, lines = np.arange(3, 9), view.noise(9e-10), [], [], [], []
    for _ in range(150):
        measured = measure_map(isotropic_map(rng, power) + 3e-5 * rng.standard_normal(NPIX), view, 8, noise)
        found.append(measured.C_l[1:])
        errors.append(measured.error[1:])
        level.append(measured.smooth[1:] / power[l])
        positive = np.maximum(measured.C_l, 0.1 * np.median(measured.C_l))
        lines.append(np.exp(np.polyval(np.polyfit(np.log(measured.l), np.log(positive), 1), np.log(l))) / power[l])
    scatter, lines = np.std(found, axis=0, ddof=1), np.array(lines)
    assert np.mean(np.mean(errors, axis=0) / scatter) == pytest.approx(1.0, abs=0.1)
    assert np.mean(level) == pytest.approx(1.0, abs=0.1)
    assert np.mean(lines) < 0.9
    assert np.mean(np.mean(errors * lines / np.array(level), axis=0) / scatter) < 0.9


def test_degrading_keeps_means_and_noise():
    """A constant stays, variances of means fall with the number of pixels, and unseen pixels are no data."""
    weights = np.where(np.arange(NPIX) % 5 == 0, 0.0, 1.0)
    fine = MeasuredMap(np.where(weights > 0, 0.5, np.nan), weights, np.full(NPIX, 4.0))
    coarse = fine.degraded(4)
    assert len(coarse.values) == 192
    np.testing.assert_allclose(coarse.values[coarse.weights > 0], 0.5)
    np.testing.assert_allclose(coarse.variance, 4 / (16 * coarse.weights), rtol=1e-12)


def write(path, columns, **head):
    table = fits.BinTableHDU.from_columns([fits.Column(name, "D", array=values) for name, values in columns.items()])
    for key, value in ({"PIXTYPE": "HEALPIX", "NSIDE": NSIDE, "ORDERING": "RING", "COORDSYS": "C"} | head).items():
        table.header[key] = value
    table.writeto(path, overwrite=True)
    return str(path)


def test_the_command_measures_and_fit_takes_it(tmp_path, capsys):
    """Map, mask and noise in; tables that are read back to the same meaning; `fit` of the pseudo-spectrum finds the truth."""
    rng = np.random.default_rng(3)
    from fluxtube.theory import Turbulence, isotropic

    power = np.zeros(2 * L + 1)
    power[2:] = isotropic.angular_power_spectrum(Turbulence.power_law(5 / 3, 30.0, 1.0), 1.0, 2 * L)
    values = isotropic_map(rng, power) + np.sqrt(1e-10 * NPIX / (4 * np.pi)) * rng.standard_normal(NPIX)
    values[~SEEN] = healpy.UNSEEN
    sky = write(tmp_path / "sky.fits", {"T": values})
    out = tmp_path / "out"
    assert main(["measure", sky, "--noise", "1e-10", "--l-max", "8", "--pad", "4", "-o", str(out)]) == 0
    names = {path.name for path in out.iterdir()}
    assert names >= {"spectrum.csv", "pseudo.csv", "covariance.csv", "mixing.csv", "alm.csv", "spectrum.png", "correlation.pdf"}
    from fluxtube.tables import read_table

    table = read_table(out / "spectrum.csv")
    z = (table.column("c_l") - power[2:9]) / table.column("total_error")
    assert np.max(np.abs(z)) < 5  # C_l of low l are skew
    covariance = read_table(out / "covariance.csv").matrix()
    np.testing.assert_allclose(np.sqrt(np.diagonal(covariance)), table.column("total_error"), rtol=1e-8)
    assert lost_orders(read_alm(out / "alm.csv")).tolist() == [0]
    capsys.readouterr()
    arguments = ["fit", str(out / "pseudo.csv"), "--mixing-matrix", str(out / "mixing.csv"), "--m0-lost", "--gamma", "5/3"]
    fraction = (out / "pseudo.csv").read_text().split("--sky-fraction ")[1].split()[0]
    assert main([*arguments, "--sky-fraction", fraction, "--model", "isotropic", "--steps", "200", "--json"]) == 0
    fit = json.loads(capsys.readouterr().out)["fits"][0]["sigma_km_s"]
    assert abs(np.log(fit["median"] / 30)) < 3.5 * np.log(fit["upper"] / fit["lower"]) / 2
    assert main([*arguments, "--covariance", str(out / "pseudo-covariance.csv"), "--model", "isotropic", "--json"]) == 0
    correlated = json.loads(capsys.readouterr().out)["fits"][0]["sigma_km_s"]
    assert abs(np.log(correlated["median"] / 30)) < 3.5 * np.log(correlated["upper"] / correlated["lower"]) / 2
    assert correlated["upper"] / correlated["lower"] != pytest.approx(fit["upper"] / fit["lower"], rel=1e-6)
    # The likelihood has the exact degrees of freedom of the view, 2 <C_l>^2/var C_l, and not 2 l of the sky fraction.
    spectrum = read_spectrum(out / "pseudo.csv")
    variance = np.diagonal(read_table(out / "pseudo-covariance.csv").matrix())
    mixing = read_table(out / "mixing.csv").matrix()
    observation = make_observation(spectrum, sky_fraction=float(fraction), lost_m0=True, mixing=mixing)
    _, half = Noisy(Templates("isotropic", observation.degrees), observation).moments(np.log(30.0), 5 / 3)
    np.testing.assert_allclose(2 * half, spectrum.orders)
    smooth = spectrum.noise + mixing[:, : len(table.column("l"))] @ table.column("smooth_c_l")
    found = (2 * smooth**2 / variance)[:4]  # further up, power from beyond l_max leaks in
    np.testing.assert_allclose(spectrum.orders[:4], found, rtol=0.01)
    assert np.max(np.abs(spectrum.orders / (float(fraction) * 2 * spectrum.l) - 1)) > 0.05


def test_counts_of_three_columns(tmp_path):
    """Data, background and relative intensity as IceCube writes them: the intensity and its noise are those of the counts."""
    rng = np.random.default_rng(1)
    background = np.where(SEEN, 1e6, 0.0)
    data = rng.poisson(background).astype(float)
    path = write(tmp_path / "counts.fits", {"data": data, "background": background, "relative": np.zeros(NPIX)})
    counted = read_measured(path, counts=True)
    np.testing.assert_array_equal(counted.weights > 0, SEEN)
    np.testing.assert_allclose(counted.values[SEEN], data[SEEN] / 1e6 - 1, rtol=1e-12)
    scatter = np.mean(counted.values[SEEN] ** 2 / counted.variance[SEEN])
    assert abs(scatter - 1) < 4.5 * np.sqrt(2 / SEEN.sum())


def test_a_background_that_is_no_count(tmp_path):
    """data/background^2 beyond double precision would be an infinite noise of a pixel that counts."""
    background = np.where(SEEN, 1e6, 0.0)
    background[np.flatnonzero(SEEN)[0]] = 1e-312
    path = write(tmp_path / "counts.fits", {"data": background, "background": background, "relative": np.zeros(NPIX)})
    with pytest.raises(InputError, match="goes down to 1e-312"):
        read_measured(path, counts=True)


def test_what_cannot_be_measured(tmp_path, capsys):
    """Each with one line and status 2."""
    sky = write(tmp_path / "sky.fits", {"T": np.ones(NPIX)})
    small = write(tmp_path / "small.fits", {"T": (COLATITUDE < 0.2).astype(float)})
    empty = write(tmp_path / "empty.fits", {"T": np.zeros(NPIX)})
    for extra in (
        ["--mask", small, "--l-max", "8", "--pad", "0"],
        ["--mask", empty],
        ["--noise=-1"],
        ["--l-max", "1"],
        ["--l-max", "40"],
        ["--field", "5"],
        ["--counts"],
        ["--weights", str(tmp_path / "none.fits")],
    ):
        assert main(["measure", sky, *extra, "-o", str(tmp_path / "out")]) == 2, extra
        error = capsys.readouterr().err
        assert error.startswith("fluxtube: error: ")
        assert error.count("\n") == 1
    with pytest.raises(InputError, match="above zero somewhere"):
        MapView(np.zeros(NPIX), True, True, 8)
