"""FITS maps: every frame, ordering, unit and sentinel that is known gives the same sky, everything else is refused by name."""

import gzip
import os
import subprocess
import sys

import numpy as np
import pytest

healpy = pytest.importorskip("healpy")
from astropy.io import fits  # noqa: E402

from fluxtube.analysis.inference.sky_input import View, read_sky  # noqa: E402
from fluxtube.analysis.measure.maps import read_measured  # noqa: E402
from fluxtube.analysis.observations import fits_columns  # noqa: E402
from fluxtube.analysis.observations.healpix_map import alm_map, map_alm, read_map, read_mask, ring_numbers  # noqa: E402
from fluxtube.analysis.observations.pitch_angle import magnetic_sky, pitch_angle_profile  # noqa: E402
from fluxtube.analysis.observations.wigner import to_equatorial  # noqa: E402
from fluxtube.analysis.observer.field_of_view import FieldOfView  # noqa: E402
from fluxtube.analysis.observer.sky_map import observe_map  # noqa: E402
from fluxtube.errors import InputError  # noqa: E402

NSIDE = 16
NPIX = 12 * NSIDE**2
SKY = 1e-3 * np.random.default_rng(0).standard_normal(NPIX)
FULL = FieldOfView(((-90.0, 90.0),))


def write(path, sky=SKY, head=(), unit=None, ordering="RING", names=("T",), dtype="D", extra=()):
    """A HEALPix file with exactly these keywords."""
    columns = [fits.Column(name, dtype, unit, array=sky) for name in names]
    table = fits.BinTableHDU.from_columns([*extra, *columns])
    keys = {"PIXTYPE": "HEALPIX", "NSIDE": NSIDE} | ({"ORDERING": ordering} if ordering else {}) | dict(head)
    for key, value in keys.items():
        table.header[key] = value
    table.writeto(path, overwrite=True)
    return path


@pytest.mark.parametrize("ordering", ["RING", "ring", "NESTED", "NEST", "nested", "Nest "])
def test_orderings(tmp_path, ordering):
    nested = ordering.strip().upper().startswith("NEST")
    sky = healpy.reorder(SKY, r2n=True) if nested else SKY
    path = write(tmp_path / "a.fits", sky, ordering=ordering)
    np.testing.assert_array_equal(read_map(path)[0], SKY)


def test_a_missing_ordering_is_asked_for(tmp_path):
    path = write(tmp_path / "a.fits", healpy.reorder(SKY, r2n=True), ordering=None)
    with pytest.raises(InputError, match="does not say its ORDERING"):
        read_map(path)
    np.testing.assert_array_equal(read_map(path, ordering="nested")[0], SKY)
    with pytest.raises(InputError, match="ORDERING = 'NUNIQ'"):
        read_map(write(path, ordering="NUNIQ"))


@pytest.mark.parametrize(("unit", "factor"), [("1e-4", 1e-4), ("1E-3", 1e-3), ("%", 1e-2), ("1", 1), (None, 1), ("10^-4", 1e-4)])
def test_units(tmp_path, unit, factor):
    path = write(tmp_path / "a.fits", SKY / factor, unit=unit)
    np.testing.assert_allclose(read_map(path)[0], SKY, rtol=1e-14)


@pytest.mark.parametrize("unit", ["K", "mK_CMB", "counts", "sigma", "-1", "-1e-4", "0"])
def test_other_units_are_refused_by_name(tmp_path, unit):
    with pytest.raises(InputError, match=f"the unit '{unit}'"):
        read_map(write(tmp_path / "a.fits", unit=unit))


@pytest.mark.parametrize("sentinel", [healpy.UNSEEN, np.float32(healpy.UNSEEN), np.nan, np.inf, -32768.0, -1e30])
def test_sentinels_are_not_data(tmp_path, sentinel):
    """A constant sky of which half is unseen has no ring that differs from its mean."""
    sky = np.full(NPIX, 0.25)
    unseen = np.arange(NPIX) % 3 == 0
    sky[unseen] = sentinel
    values, seen = read_map(write(tmp_path / "a.fits", sky, head={"BAD_DATA": -32768.0}))
    np.testing.assert_array_equal(seen, ~unseen)
    np.testing.assert_array_equal(np.isnan(values), unseen)
    observed = observe_map(values, FULL)
    assert np.nanmax(np.abs(observed)) < 1e-15
    np.testing.assert_array_equal(np.isnan(observed), unseen)
    wrong = observe_map(np.where(seen, values, 0.0), FULL)  # the control: zeros taken for data
    assert np.nanmax(np.abs(wrong)) > 0.05
    np.testing.assert_allclose(observe_map(np.full(NPIX, 0.25), FULL, seen)[seen], 0, atol=1e-15)


@pytest.mark.parametrize("sentinel", [healpy.UNSEEN, np.float32(healpy.UNSEEN), np.nan])
def test_unseen_pixels_of_an_array_are_not_data(sentinel):
    """What `healpy.read_map` gives, without a mask beside it: as if NaN stood there, and as healpy does it."""
    unseen = np.arange(NPIX) % 3 == 0
    values = np.where(unseen, sentinel, 0.25)
    observed = observe_map(values, FULL)
    np.testing.assert_array_equal(np.isnan(observed), unseen)
    assert np.nanmax(np.abs(observed)) < 1e-15
    l, m = healpy.Alm.getlm(8)
    expected = healpy.map2alm(np.where(unseen, 0.0, 0.25), lmax=8, iter=3)
    np.testing.assert_allclose(map_alm(values, 8)[l, m], expected, rtol=0, atol=1e-12)
    with pytest.raises(InputError, match="they must be equal"):
        observe_map(values, FULL, np.ones(5, dtype=bool))


def test_other_pixels_are_refused_by_name(tmp_path):
    with pytest.raises(InputError, match="PIXTYPE = 'CAR'"):
        read_map(write(tmp_path / "a.fits", head={"PIXTYPE": "CAR"}))


def test_integers_with_a_null_and_scales(tmp_path):
    """Whole numbers with TNULL and TSCAL: the unit of a stored map."""
    stored = np.where(np.arange(NPIX) % 5 == 0, -99, np.arange(NPIX) % 7).astype(np.int16)
    path = write(tmp_path / "a.fits", stored, head={"TNULL1": -99}, dtype="I")
    values, seen = read_map(path)
    np.testing.assert_array_equal(seen, stored != -99)
    np.testing.assert_array_equal(values[seen], stored[seen])


def test_marks_written_as_text_or_of_unsigned_numbers(tmp_path):
    """BAD_DATA = '-999.0'; TNULL of an unsigned column is its stored number, below zero, where the map has 0."""
    stored = np.where(np.arange(NPIX) % 5 == 0, -999.0, 1e-3)
    values, seen = read_map(write(tmp_path / "a.fits", stored, head={"BAD_DATA": "-999.0"}))
    np.testing.assert_array_equal(seen, stored > 0)
    counts = np.where(np.arange(NPIX) % 5 == 0, 0, 7).astype(np.uint16)
    column = fits.Column("T", "I", bzero=32768, array=counts)
    values, seen = read_map(write(tmp_path / "b.fits", extra=[column], names=(), head={"TNULL1": -32768}))
    np.testing.assert_array_equal(seen, counts > 0)
    assert np.all(values[seen] == 7)


def test_partial_maps(tmp_path):
    """Pixel numbers and values, explicit indices, any order."""
    pixels = np.random.default_rng(1).permutation(NPIX)[:500]
    path = write(
        tmp_path / "a.fits",
        SKY[pixels],
        head={"INDXSCHM": "EXPLICIT", "OBJECT": "PARTIAL"},
        extra=[fits.Column("PIXEL", "J", array=pixels)],
    )
    values, seen = read_map(path)
    assert seen.sum() == 500
    np.testing.assert_array_equal(values[pixels], SKY[pixels])
    for bad in (np.r_[pixels[:-1], NPIX], np.r_[pixels[:-1], pixels[0]]):
        with pytest.raises(InputError, match="pixel"):
            read_map(write(path, SKY[pixels], head={"INDXSCHM": "EXPLICIT"}, extra=[fits.Column("PIXEL", "J", array=bad)]))


def test_a_partial_map_that_the_memory_does_not_hold_is_refused(tmp_path, monkeypatch):
    """A head of 80 bytes may speak of 805 million pixels."""
    monkeypatch.setattr("fluxtube.analysis.observations.fits_columns.memory_present", lambda: 2**30)
    pixels = [fits.Column("PIXEL", "J", array=np.arange(500))]
    large = write(tmp_path / "a.fits", SKY[:500], head={"INDXSCHM": "EXPLICIT", "NSIDE": 8192}, extra=pixels)
    with pytest.raises(InputError, match="NSIDE = 8192 take 48 GiB on the whole sphere, and there are 1 GiB; degrade"):
        read_map(large)
    assert read_map(write(large, SKY[:500], head={"INDXSCHM": "EXPLICIT"}, extra=pixels))[1].sum() == 500


@pytest.mark.parametrize("key", ["TFIELDS", "NAXIS", "PCOUNT", "NAXIS1"])
def test_numbers_of_a_head_are_not_allocated(tmp_path, key):
    """A head that claims thousands of millions of columns, axes or bytes is refused before anything is made of them."""
    path = write(tmp_path / "a.fits")
    content = path.read_bytes()
    start = content.index(f"{key:8}=".encode(), 2880)  # of the table
    claim = f"{key:8}= {4 * 10**9:20}".encode()
    path.write_bytes(content[:start] + claim + content[start + len(claim) :])
    program = "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30,) * 2); from fluxtube.cli import main"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}; sys.exit(main(['measure', sys.argv[1], '-o', sys.argv[1] + '.d']))", str(path)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert "memory" not in done.stderr


def test_big_endian_single_precision_and_vector_cells(tmp_path):
    healpy.write_map(str(tmp_path / "a.fits"), SKY, dtype=np.float32, coord="C", overwrite=True)
    np.testing.assert_allclose(read_map(tmp_path / "a.fits")[0], SKY, rtol=1e-6)
    healpy.write_map(str(tmp_path / "b.fits"), [SKY, 2 * SKY], dtype=np.float64, coord="C", column_names=["A", "B"], nest=False)
    both, seen = read_map(tmp_path / "b.fits", field=(0, "b"))
    assert both.shape == seen.shape == (2, NPIX)
    np.testing.assert_array_equal(both[1], 2 * SKY)
    for field in (2, -1, "C"):
        with pytest.raises(InputError, match="no column"):
            read_map(tmp_path / "b.fits", field=field)


def band_limited(l_max=8):
    rng = np.random.default_rng(5)
    alm = np.tril(rng.standard_normal((l_max + 1,) * 2) + 1j * rng.standard_normal((l_max + 1,) * 2))
    alm[:, 0] = alm[:, 0].real
    return alm


def test_frames(tmp_path):
    """The same sky from the frame of the field, galactic (turned on request), equatorial; unknown ones are refused by name."""
    field = (229.2, 11.4)
    multipoles = np.r_[0, 0, np.random.default_rng(2).standard_normal(7)] * 1e-3
    magnetic, alm = magnetic_sky(multipoles), to_equatorial(magnetic_sky(multipoles), field)
    head = {"COORDSYS": "MAGNETIC", "ALPHA_B": field[0], "DELTA_B": field[1]}
    path = write(tmp_path / "a.fits", alm_map(magnetic, NSIDE), head=head)
    values, seen = read_map(path)
    expected = alm_map(alm, NSIDE)
    np.testing.assert_allclose(values, expected, atol=1e-3 * np.abs(expected).max())  # 3e-4: the quadrature of nside 16
    theta = np.linspace(0, np.pi, 5)
    profile = pitch_angle_profile(map_alm(values, 8), field, theta)
    np.testing.assert_allclose(profile, pitch_angle_profile(alm, field, theta), rtol=2e-3)
    as_written = pitch_angle_profile(magnetic, field, theta)  # the control: the frame passed over
    assert np.max(np.abs(as_written / profile - 1)) > 0.3
    np.testing.assert_array_equal(read_map(path, frame=None)[0], alm_map(magnetic, NSIDE))
    holed = np.where(np.arange(NPIX) < 200, np.nan, alm_map(magnetic, NSIDE))  # a hole about +B, turned by its neighbours
    values, seen = read_map(write(path, holed, head=head))
    assert 0 < (~seen).sum() < 400
    assert np.max(np.abs(values - expected)[seen]) < 0.05 * np.abs(expected).max()
    galactic = healpy.Rotator(coord=["C", "G"]).rotate_map_alms(alm_map(band_limited(), NSIDE), lmax=8)
    path = write(tmp_path / "g.fits", galactic, head={"COORDSYS": "GALACTIC"})
    with pytest.raises(InputError, match="galactic"):
        read_map(path)
    back = read_map(path, turn=True)[0]
    assert np.std(back - alm_map(band_limited(), NSIDE)) < 0.03 * np.std(back)
    with pytest.raises(InputError, match="'SUPERGAL' is not known"):
        read_map(write(path, head={"COORDSYS": "SUPERGAL"}))
    with pytest.raises(InputError, match="ALPHA_B"):
        read_map(write(path, head={"COORDSYS": "MAGNETIC"}))


def test_multipoles_beyond_the_map_are_refused():
    alm = band_limited()
    np.testing.assert_allclose(map_alm(alm_map(alm, NSIDE), 8), alm, atol=1e-4)
    map_alm(SKY, 3 * NSIDE - 1)
    for l_max in (3 * NSIDE, -1):
        with pytest.raises(InputError, match="multipoles from 0 to 47"):
            map_alm(SKY, l_max)
    with pytest.raises(InputError, match="not a HEALPix map"):
        map_alm(SKY[:-1], 4)


def test_rings():
    colatitude = healpy.pix2ang(NSIDE, np.arange(NPIX))[0]
    for ring in range(4 * NSIDE - 1):
        assert np.ptp(colatitude[ring_numbers(NSIDE) == ring]) < 1e-12
    assert len(np.unique(np.round(colatitude, 9))) == 4 * NSIDE - 1


def test_only_local_files_of_a_sensible_size(tmp_path, monkeypatch):
    """No network, no device, no bomb, no header that promises more than there is; each with one line."""
    good = write(tmp_path / "good.fits")
    packed = tmp_path / "a.fits.gz"
    packed.write_bytes(gzip.compress(good.read_bytes()))
    np.testing.assert_array_equal(read_map(packed)[0], SKY)
    cut = tmp_path / "cut.fits"
    cut.write_bytes(good.read_bytes()[:9000])
    bad = {"http://localhost:1/a.fits": "No such", "/dev/zero": "a regular file", tmp_path: "a regular file", cut: "shorter"}
    (tmp_path / "text.fits").write_text("l,C_l\n")
    fits.PrimaryHDU(np.ones((4, 4))).writeto(tmp_path / "image.fits")
    bad |= {tmp_path / "text.fits": "a FITS file", tmp_path / "image.fits": "no binary table", tmp_path / "none.fits": "No such"}
    bad |= {write(tmp_path / "nside.fits", head={"NSIDE": 17}): "NSIDE = 17"}
    (tmp_path / "bad.gz").write_bytes(b"\x1f\x8bnothing of the kind")
    bad |= {tmp_path / "bad.gz": "cannot read"}
    for path, message in bad.items():
        with pytest.raises(InputError, match=message) as caught:
            read_map(path)
        assert "\n" not in str(caught.value)
    monkeypatch.setattr(fits_columns, "LARGEST_UNPACKED", 10_000)
    with pytest.raises(InputError, match="unpacks to more than"):
        read_map(packed)
    large = tmp_path / "large.fits"
    large.write_bytes(good.read_bytes())
    os.truncate(large, fits_columns.LARGEST + 1)
    with pytest.raises(InputError, match="GiB are the limit"):
        read_map(large)


def test_masks_belong_to_their_map(tmp_path):
    path, mask = write(tmp_path / "a.fits"), write(tmp_path / "m.fits", np.arange(NPIX) % 2, ordering="RING", unit="bool")
    np.testing.assert_array_equal(read_map(path, mask)[1], np.arange(NPIX) % 2 == 1)
    with pytest.raises(InputError, match="galactic coordinates"):
        read_map(path, write(mask, np.ones(NPIX), head={"COORDSYS": "G"}))
    with pytest.raises(InputError, match="no pixel of the sky"):
        read_map(path, write(mask, np.zeros(NPIX)))
    with pytest.raises(InputError, match="holds -1: a mask must not be below zero"):
        read_map(path, write(mask, np.where(np.arange(NPIX) % 2, 1.0, -1.0)))


@pytest.mark.parametrize(
    ("values", "said"), [((0, 1), ""), ((healpy.UNSEEN, 1), ""), ((0, 1e28), "1e+28"), ((0, 0.5, 1), "0.5 to 1")]
)
def test_a_mask_that_looks_like_weights_is_said(tmp_path, values, said):
    """Above zero is observed; what the values are counts for nothing, and that is said where they are not 1."""
    stored = np.array(values, dtype=float)[np.arange(NPIX) % len(values)]
    mask = read_mask(write(tmp_path / "m.fits", stored, unit="hits"))
    np.testing.assert_array_equal(mask.seen, stored > 0)
    assert [said in remark for remark in mask.remarks] == ([True] if said else [])


@pytest.mark.parametrize(("dtype", "zero"), [("I", 0.0), ("J", 2e-4), ("E", 0.0)])
@pytest.mark.parametrize("key", ["TNULL1", "BAD_DATA", "BLANK"])
def test_sentinels_are_those_of_the_stored_numbers(tmp_path, key, dtype, zero):
    """TSCAL makes -0.0327 of -32768: marks are stored numbers, the sky stands behind the scale (FITS Standard 4.0, 7.3.2)."""
    stored = np.random.default_rng(3).integers(-9000, 9000, NPIX)
    unseen = np.arange(NPIX) % 7 == 0
    stored[unseen] = -32768
    head = {"TSCAL1": 1e-6, "TZERO1": zero, key: -32768}
    values, seen = read_map(write(tmp_path / "a.fits", stored, head=head, dtype=dtype))
    np.testing.assert_array_equal(seen, ~unseen)
    np.testing.assert_allclose(values[seen], 1e-6 * stored[seen] + zero, rtol=1e-6, atol=1e-12)
    del head[key]  # the control: nothing marks the pixels
    assert read_map(write(tmp_path / "a.fits", stored, head=head, dtype=dtype))[1].all()


@pytest.mark.parametrize(
    "head",
    [
        {"RADESYS": "FK4"}, {"EQUINOX": 1950.0}, {"COORDSYS": "C", "RADECSYS": "FK4-NO-E"}, {"SKYCOORD": "Galactic"},
        {"COORD": "G"}, {"COORDSYS": "C", "COORD": "G"}, {"SKYCOORD": "supergalactic"}, {"GRAIN": 4},
    ],
)  # fmt: skip
def test_other_words_for_frames_and_pixels_are_not_passed_over(tmp_path, head):
    with pytest.raises(InputError, match=r"FK4|EQUINOX = 1950|galactic|several frames|SUPERGALACTIC|GRAIN = 4"):
        read_map(write(tmp_path / "a.fits", head=head))
    read_map(write(tmp_path / "a.fits", head={"RADESYS": "FK5", "EQUINOX": 2000.0, "COORD": "C", "GRAIN": 1}))


def test_what_the_head_of_the_file_says_counts_too(tmp_path):
    """Frame and ordering beside the table, in the first head."""
    path = write(tmp_path / "a.fits", healpy.reorder(SKY, r2n=True), ordering=None)
    with fits.open(path, mode="update") as units:
        units[0].header["ORDERING"] = "NESTED"
    np.testing.assert_array_equal(read_map(path)[0], SKY)
    with fits.open(path, mode="update") as units:
        units[0].header["COORDSYS"] = "G"
    with pytest.raises(InputError, match="galactic"):
        read_map(path)


def test_of_several_maps_one_is_named(tmp_path):
    """The first of several extensions was taken for all that there is."""
    write(tmp_path / "both.fits", np.ones(NPIX))
    with fits.open(write(tmp_path / "a.fits", names=("SIGNAL",))) as one, fits.open(tmp_path / "both.fits", "append") as both:
        both.append(one[1].copy())
    np.testing.assert_array_equal(read_map(tmp_path / "both.fits", field="signal")[0], SKY)
    for field in (0, 1, "NOISE"):
        with pytest.raises(InputError, match="2 HEALPix maps in extensions of their own, with the columns T; SIGNAL"):
            read_map(tmp_path / "both.fits", field=field)


@pytest.mark.parametrize("mark", [-9999.0, -1.0, 1e20, healpy.UNSEEN * 1e-4])
def test_marks_that_no_header_declares_are_no_sky(tmp_path, mark):
    """A pixel of -1 among thousandths is no measured intensity; by `measure` it was, by `infer` where the rms stayed small."""
    for many in (1, 800):
        path = write(tmp_path / "a.fits", np.where(np.arange(NPIX) < many, mark, SKY))
        with pytest.raises(InputError, match=r"mark of unobserved pixels"):
            read_measured(path)
        with pytest.raises(InputError, match=r"mark of unobserved pixels|another unit"):
            read_sky(path, View(noise=1e-10, l_max=3))
    mask = write(tmp_path / "m.fits", (np.arange(NPIX) >= many).astype(float))
    assert read_measured(path, mask=mask).values.min() > -0.01


def test_zeros_are_said_and_skies_are_not_refused(tmp_path):
    view = View(noise=1e-10, l_max=3)
    read_sky(write(tmp_path / "a.fits", np.where(np.arange(NPIX) < 800, 0.0, SKY)), view)
    assert len(view.warnings) == 1
    assert view.warnings[0].startswith("800 of 3072 observed pixels are exactly 0")
    strong = 1e-4 * SKY / SKY.std() + 5e-3 * np.cos(healpy.pix2ang(NSIDE, np.arange(NPIX))[0])  # a dipole fifty times the rest
    view = View(noise=1e-10, l_max=3)
    read_sky(write(tmp_path / "a.fits", strong), view)
    read_measured(tmp_path / "a.fits")
    assert view.warnings == []
    with pytest.raises(InputError, match="TUNIT"):  # in units of 1e-4, which the file does not say
        read_measured(write(tmp_path / "a.fits", 1e4 * SKY))
