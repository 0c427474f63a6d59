"""Tables, maps, Wigner functions, and Eq. 17 against a brute-force mean around the field and against Eq. 16."""

import numpy as np
import pytest
from scipy.special import sph_harm_y

from fluxtube.analysis.observations import observed, reference
from fluxtube.analysis.observations.alm_table import lost_orders, read_alm, synthetic_alm, write_alm
from fluxtube.analysis.observations.pitch_angle import magnetic_sky, pitch_angle_profile, spectrum_of
from fluxtube.analysis.observations.synthetic import SHIPPED, draw_parallel_sky
from fluxtube.analysis.observations.wigner import to_equatorial, to_magnetic, zonal_weights
from fluxtube.errors import InputError
from fluxtube.theory import Turbulence, parallel
from fluxtube.theory.sky import mean_square_map

FIELD = (229.2, 11.4)
THETA = np.linspace(0, np.pi, 9)


def random_sky(seed, l_max):
    rng = np.random.default_rng(seed)
    alm = np.tril(rng.standard_normal((l_max + 1,) * 2) + 1j * rng.standard_normal((l_max + 1,) * 2))
    alm[:, 0] = alm[:, 0].real
    return alm


def values_at(alm, directions, l_min=0):
    """The sky's value towards unit vectors (3, n), harmonic by harmonic."""
    theta, phi = np.arccos(np.clip(directions[2], -1, 1)), np.arctan2(directions[1], directions[0])
    total = np.zeros(directions.shape[1])
    for l in range(l_min, len(alm)):
        for m in range(l + 1):
            total += (1 if m == 0 else 2) * np.real(alm[l, m] * sph_harm_y(l, m, theta, phi))
    return total


def rotation(field):
    """Columns: the axes of the magnetic frame in equatorial coordinates, R_z(alpha) R_y(pi/2 - delta)."""
    alpha, theta = np.deg2rad(field[0]), np.pi / 2 - np.deg2rad(field[1])
    about_z = [[np.cos(alpha), -np.sin(alpha), 0], [np.sin(alpha), np.cos(alpha), 0], [0, 0, 1]]
    about_y = [[np.cos(theta), 0, np.sin(theta)], [0, 1, 0], [-np.sin(theta), 0, np.cos(theta)]]
    return np.array(about_z) @ np.array(about_y)


def brute_force(alm, field, l_min=2):
    """Mean over 128 azimuths (exact for l <= 31) of the squared sky at arrival directions -p/p."""
    phi = 2 * np.pi * np.arange(128) / 128
    profile = []
    for theta in THETA:
        momentum = np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.full(128, np.cos(theta))])
        profile.append(np.mean(values_at(alm, -rotation(field) @ momentum, l_min) ** 2))
    return np.array(profile)


@pytest.mark.parametrize("field", [FIELD, (0.0, 90.0), (13.0, -77.0)])
def test_equation_17_is_the_mean_around_the_field(field):
    """To 1e-10; a wrong sign of odd degrees, or another field, is far off."""
    alm = random_sky(3, 14)
    expected = brute_force(alm, field)
    np.testing.assert_allclose(pitch_angle_profile(alm, field, THETA), expected, rtol=1e-10)
    signless = alm * ((-1.0) ** np.arange(15))[:, None]
    assert np.max(np.abs(pitch_angle_profile(signless, field, THETA) / expected - 1)) > 0.1
    assert np.max(np.abs(pitch_angle_profile(alm, (field[0] + 30, field[1] - 20), THETA) / expected - 1)) > 0.1


def test_equation_16_is_the_expectation_of_equation_17():
    """400 skies of the parallel model, z below 4.5 at 9 angles (Gaussian limit: false alarm 1e-4); sigma 20 % off must fail.

    The mean of Eq. 17 is exactly Eq. 16 of the skies' own covariance, in which the frame of observation drops out.
    """
    count, l_max = 400, 14
    skies = [draw_parallel_sky(seed, 23.0, l_max) for seed in range(count)]
    mean = np.mean([pitch_angle_profile(alm, FIELD, THETA) for alm in skies], axis=0)
    magnetic = np.array([to_magnetic(alm, FIELD)[2:, 0].real for alm in skies])
    own = mean_square_map(magnetic.T @ magnetic / count, -np.cos(THETA), spectral_slope=1, speed=1)  # arrival: -mu
    np.testing.assert_allclose(mean, own, rtol=1e-10)
    covariance = parallel.multipole_covariance(Turbulence.power_law(5 / 3, 23.0, 1.0), 1.0, l_max)
    expected = mean_square_map(covariance, np.cos(THETA))
    z = (mean / expected - 1) / np.sqrt(2 / count)
    assert np.max(np.abs(z)) < 4.5
    assert np.max(np.abs((mean / (expected * 1.2**2) - 1) / np.sqrt(2 / count))) > 4.5


def test_wigner_functions():
    """d^1 and d^2 in closed form, unitarity, and back and forth between the frames; values are the same seen from both."""
    angle = 0.7
    cosine, sine = np.cos(angle), np.sin(angle)
    dipole = np.zeros((3, 3), dtype=complex)
    dipole[1, 1] = 1.0  # about a field of right ascension 0: d^1_11 b_11 - d^1_1-1 b_11^*
    turned = to_equatorial(dipole, (0.0, 90 - np.rad2deg(angle)))
    assert turned[1, 1] == pytest.approx((1 + cosine) / 2 - (1 - cosine) / 2, abs=1e-14)
    assert turned[1, 0] == pytest.approx(2 * sine / np.sqrt(2), abs=1e-14)
    weights = zonal_weights(40, angle)
    assert weights[:2, 1] == pytest.approx([cosine, -sine / np.sqrt(2)], abs=1e-14)
    assert weights[2, 2] == pytest.approx(np.sqrt(6) / 4 * sine**2, abs=1e-14)
    np.testing.assert_allclose(weights[0] ** 2 + 2 * (weights[1:] ** 2).sum(axis=0), 1, rtol=1e-12)
    alm = random_sky(5, 12)
    turned = to_magnetic(alm, FIELD)
    np.testing.assert_allclose(to_equatorial(turned, FIELD), alm, atol=1e-12)
    np.testing.assert_allclose(spectrum_of(turned), spectrum_of(alm), rtol=1e-12)
    directions = np.random.default_rng(0).standard_normal((3, 20))
    directions /= np.linalg.norm(directions, axis=0)
    np.testing.assert_allclose(values_at(turned, directions), values_at(alm, rotation(FIELD) @ directions), atol=1e-11)


def test_a_magnetic_sky_depends_on_the_pitch_angle_alone():
    """For m = 0 about the field, Eq. 17 is the square of the sky itself; at theta = 0 particles arrive from -B."""
    alm = magnetic_sky([0, 0, 1.0, 0.5])
    theta = np.array([0.0, 1.0])
    arrival = np.pi - theta
    value = np.real(sph_harm_y(2, 0, arrival, 0) + 0.5 * sph_harm_y(3, 0, arrival, 0))
    np.testing.assert_allclose(pitch_angle_profile(to_equatorial(alm, FIELD), FIELD, theta), value**2, rtol=1e-12)


def test_the_shipped_table_is_what_it_says():
    """Its head says that it is synthetic; its numbers are those of the stated draw, to the digits written."""
    np.testing.assert_allclose(synthetic_alm()[1:], draw_parallel_sky(**SHIPPED)[1:], rtol=2e-6, atol=1e-15)
    from importlib import resources

    text = (resources.files("fluxtube") / "analysis/observations/data/synthetic_alm.csv").read_text()
    assert text.startswith("# SYNTHETIC SKY, NO OBSERVATION")


def test_published_numbers_carry_their_source():
    """Dipole and field of Abeysekara et al. (2019)."""
    assert (reference.DIPOLE_0H.value, reference.DIPOLE_6H.value, reference.DIPOLE_NORTH.value) == (9.16e-4, 7.25e-4, -3.97e-4)
    assert (reference.DIPOLE_NORTH.lower, reference.DIPOLE_NORTH.upper) == (2.0e-4, 1.0e-4)
    assert reference.FIELD_DIRECTION == (229.2, 11.4)
    assert "ApJ 871, 96" in reference.DIPOLE_0H.source


def test_tables_in_three_dresses(tmp_path):
    """CSV, ECSV with blanks, and both signs of m, in units of 1e-4."""
    alm = 0.1 * random_sky(1, 4)
    write_alm(tmp_path / "a.csv", alm, ["a remark"])
    np.testing.assert_array_equal(read_alm(tmp_path / "a.csv"), alm)
    numbers = {(l, m): 1e4 * alm[l, m] for l in range(1, 5) for m in range(l + 1)}
    numbers |= {(l, -m): (-1) ** m * value.conj() for (l, m), value in numbers.items() if m}
    rows = [f"{l} {m} {value.real} {value.imag}" for (l, m), value in numbers.items()]
    head = "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: l, datatype: int64}\nell m re im\n"
    (tmp_path / "a.ecsv").write_text(head + "\n".join(rows))
    alm[0] = np.nan  # not in that table: unknown
    np.testing.assert_allclose(read_alm(tmp_path / "a.ecsv", scale=1e-4), np.tril(alm), rtol=1e-12)


def test_what_a_table_lacks_is_unknown(tmp_path):
    """m = 0 lost at every degree: C_l is the mean over the 2l orders that are there, and the table goes round as it is."""
    alm = 1e-4 * random_sky(4, 6)
    alm[0] = alm[:, 0] = np.nan
    alm = np.tril(alm)
    write_alm(tmp_path / "a.csv", alm)
    found = read_alm(tmp_path / "a.csv")
    np.testing.assert_array_equal(found, alm)
    assert lost_orders(found).tolist() == [0]
    l = np.arange(1, 7)
    expected = 2 * np.nansum(np.abs(alm[1:, 1:]) ** 2, axis=1) / (2 * l)
    np.testing.assert_allclose(spectrum_of(found)[1:], expected, rtol=1e-14)
    assert np.isnan(spectrum_of(found)[0])
    zeros = np.where(np.isfinite(alm), alm, 0)  # the wrong reading: zero power in m = 0
    np.testing.assert_allclose(spectrum_of(zeros)[1:], expected * 2 * l / (2 * l + 1), rtol=1e-14)
    np.testing.assert_allclose(pitch_angle_profile(found, FIELD, THETA), pitch_angle_profile(zeros, FIELD, THETA), rtol=1e-14)
    with pytest.raises(InputError, match="no multipole"):
        pitch_angle_profile(found[:3, :3], FIELD, THETA, l_min=0, l_max=0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no table"),
        ("l,m,re\n1,0,1\n", "no column 'im'"),
        ("l,m,re,im\n1,0,x,0\n", "not a number"),
        ("l,m,re,im\n1,0,nan,0\n", "not a finite number"),
        ("l,m,re,im\n1,2,1,0\n", "from -l to l"),
        ("l,m,re,im\n1,0,1,0\n1,0,1,0\n", "given twice"),
        ("l,m,re,im\n1,1,1,0\n1,-1,1,0\n", "contradicts"),
        ("l,m,re,im\n1,0,1,0.5\n", "no imaginary part"),
        ("l,m,re,im\n1.5,0,1,0\n", "whole number"),
        ("l,m,re,im\n5000,0,1,0\n", "2000 is the largest"),
        ("l,m,re,im\n1,0,100,0\n", "far below 1"),
        ("1,0,1,0\n2,0,1,0\n", "no line with the names"),
        ("l,m,re,im\n1,0,1\n", "3 columns"),
    ],
)
def test_tables_that_cannot_be(tmp_path, text, message):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_alm(tmp_path / "a.csv")


def test_maps(tmp_path):
    """A map with mask and UNSEEN pixels goes round; multipoles of the whole sky come back; other frames are refused."""
    healpy = pytest.importorskip("healpy")
    from fluxtube.analysis.observations.healpix_map import map_alm, read_map

    nside, alm = 16, random_sky(2, 8)
    directions = np.array(healpy.pix2vec(nside, np.arange(12 * nside**2)))
    sky = values_at(alm, directions)
    healpy.write_map(str(tmp_path / "sky.fits"), sky, coord="C", dtype=np.float64)
    values, seen = read_map(tmp_path / "sky.fits")
    assert seen.all()
    np.testing.assert_allclose(map_alm(values, 8), alm, atol=1e-3)
    sky[:100] = healpy.UNSEEN
    healpy.write_map(str(tmp_path / "cut.fits"), sky, coord="C", dtype=np.float64)
    healpy.write_map(str(tmp_path / "mask.fits"), (directions[2] > 0).astype(float), dtype=np.float64)
    values, seen = read_map(tmp_path / "cut.fits", tmp_path / "mask.fits")
    np.testing.assert_array_equal(seen, (directions[2] > 0) & (np.arange(len(sky)) >= 100))
    assert np.all(np.isnan(values[~seen]))  # the map carries its mask with it
    healpy.write_map(str(tmp_path / "galactic.fits"), sky, coord="G", dtype=np.float64)
    (tmp_path / "text.fits").write_text("no FITS")
    for name, message in (("galactic.fits", "galactic"), ("text.fits", "cannot read"), ("missing.fits", "cannot read")):
        with pytest.raises(InputError, match=message):
            read_map(tmp_path / name)
    healpy.write_map(str(tmp_path / "coarse.fits"), np.ones(12), dtype=np.float64)
    with pytest.raises(InputError, match="must be equal"):
        read_map(tmp_path / "sky.fits", tmp_path / "coarse.fits")


def test_the_shipped_sky_holds_the_published_dipole():
    """Relative intensity towards 0 h and 6 h: -sqrt(3/2 pi) Re a_11 and sqrt(3/2 pi) Im a_11; printed +- 0.04e-4 and read
    to 0.015e-4. An (a_11, a_1-1) of the other sign of m, or a sky mirrored in azimuth, has the other sign at 6 h."""
    sky = observed.hawc_icecube_2019()
    factor = np.sqrt(3 / (2 * np.pi))
    east = values_at(np.nan_to_num(sky.alm[:2, :2]), np.eye(3)[:, :2], l_min=1)
    found_east = (-factor * sky.alm[1, 1].real, factor * sky.alm[1, 1].imag)
    for found, printed in zip(found_east, (reference.DIPOLE_0H, reference.DIPOLE_6H), strict=True):
        assert abs(found - printed.value) < 2 * np.hypot(printed.lower, 0.015e-4)
    np.testing.assert_allclose(east, found_east, rtol=1e-12)


def test_the_shipped_sky_says_what_it_lacks():
    """m = 0 is lost, not zero; C_l are over 2l orders; errors and noise are beside them, and files say what they are not."""
    sky = observed.hawc_icecube_2019()
    assert lost_orders(sky.alm).tolist() == [0]
    assert np.all(np.isnan(sky.alm[:, 0]))
    own = spectrum_of(sky.alm)[1:]
    excess = sky.spectrum.C_l / own - 1  # power of the unseen cap, from the posterior variance: up to a few per cent
    assert np.all((excess > -0.005) & (excess < 0.05))
    zeros = np.where(np.isfinite(sky.alm), sky.alm, 0)  # the wrong reading, zero for lost: a third of the dipole's C_l away
    assert sky.spectrum.C_l[0] / spectrum_of(zeros)[1] > 1.4
    assert np.all(sky.spectrum.noise == 3.1e-10)
    assert np.all(sky.spectrum.error > 0)
    covariance = observed.hawc_icecube_2019_covariance()
    for m, matrix in covariance.items():
        np.testing.assert_array_equal(matrix, matrix.T)
        assert np.all(np.linalg.eigvalsh(matrix) > 0)
        stated = sky.alm_error[m:15, m].real
        np.testing.assert_allclose(np.sqrt(np.diagonal(matrix)), stated, rtol=0.3)  # that one has 1.5e-6 added
    from importlib import resources

    folder = resources.files("fluxtube") / "analysis/observations/data"
    for name in ("alm", "alm_covariance", "spectrum"):
        assert "MEASURED FROM THE PUBLISHED PICTURE" in (folder / f"hawc_icecube_2019_{name}.csv").read_text()
    assert "NOT THE COLLABORATION'S TABLE" in (folder / "icecube_12yr_pseudo_spectrum.csv").read_text()


def test_the_other_shipped_tables():
    """Numbers as their files have them; Tibet's harmonic is that of the file's head, 8.58e-4 at 22.1 deg."""
    tibet = observed.tibet_15tev()
    angle = np.deg2rad(tibet["ra_deg"])
    first = np.mean(tibet["relative_intensity"] * np.exp(1j * angle)) * 2
    assert abs(first) == pytest.approx(8.58e-4, rel=2e-3)
    assert np.rad2deg(np.angle(first)) == pytest.approx(22.1, abs=0.1)
    pseudo = observed.icecube_12yr_pseudo_spectrum(13.0)
    assert pseudo["l"].tolist() == [1, 2, 3, 4, 6, 11, 20]
    assert len(observed.icecube_12yr_pseudo_spectrum()["l"]) == 61
    table = observed.dipoles()
    assert {status.split(" ")[0] for status in table.text("status")} >= {"text", "digitised"}
    assert np.all(table.column("amplitude") < 3e-3)
