"""FITS skies, read back by healpy and astropy."""

import healpy
import numpy as np
import pytest
from astropy.io import fits

from fluxtube.cli import main
from fluxtube.sim.store.reader import read_ensemble

SMALL = """
[turbulence]
band = [1e-2, 1e2]
[sky]
l_max = 8
nside = 16
frame = "FRAME"
[ensemble]
realisations = 60
[output]
skies = 2
"""


@pytest.fixture(scope="module", params=["equatorial", "magnetic"])
def written(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "small.toml").write_text(SMALL.replace("FRAME", request.param))
    assert main(["run", str(folder / "small.toml"), "-o", str(folder / "run.h5"), "-q"]) == 0
    assert main(["sky", str(folder / "run.h5"), "-o", str(folder / "sky.fits")]) == 0
    return request.param, folder


def test_header_and_values(written):
    frame, folder = written
    maps, header = healpy.read_map(folder / "sky.fits", field=None, h=True)
    header, run = dict(header), read_ensemble(folder / "run.h5")
    assert (header["ORDERING"], header["NSIDE"], header["PIXTYPE"]) == ("RING", 16, "HEALPIX")
    assert header["COORDSYS"] == {"equatorial": "C", "magnetic": "MAGNETIC"}[frame]
    assert [header[f"TTYPE{n}"] for n in (1, 2, 3, 4)] == ["MEAN", "MEAN_SQUARE", "SKY_0", "SKY_1"]
    assert header["TUNIT1"] == "1"
    assert np.array_equal(maps[1], run.sky_mean_square)
    assert np.array_equal(maps[3], run.samples_sky[1])
    with fits.open(folder / "sky.fits") as opened:
        opened.verify("exception")


def test_pattern_lies_about_the_field(written):
    """A sky of parallel transport is a function of the angle to B alone: sums over rings about alpha_B, delta_B vary little.

    Negative control: about a direction 40 degrees away they do not.
    """
    frame, folder = written
    sky = healpy.read_map(folder / "sky.fits", field=2)
    poles = {"equatorial": (229.2, 11.4), "magnetic": (0.0, 90.0)}[frame]

    def scatter(right_ascension, declination):
        axis = healpy.ang2vec(right_ascension, declination, lonlat=True)
        cosine = np.array(healpy.pix2vec(16, np.arange(sky.size))).T @ axis
        order = np.argsort(cosine)
        return np.mean(np.diff(sky[order]) ** 2) / np.var(sky)

    assert scatter(*poles) < 0.05
    assert scatter(poles[0], poles[1] - 40) > 0.3


def test_existing_files_are_kept(written, capsys):
    _, folder = written
    assert main(["sky", str(folder / "run.h5"), "-o", str(folder / "sky.fits")]) == 2
    assert "--force" in capsys.readouterr().err
    assert main(["sky", str(folder / "run.h5"), "-o", str(folder / "sky.fits"), "--force"]) == 0


def test_own_maps_are_read_back_to_the_same_meaning(written):
    """Whatever the frame of the file, `read_map` gives the equatorial sky, and Eq. 17 about B that of the run's multipoles.

    The control, as if COORDSYS were not read, is another sky.
    """
    from fluxtube.analysis.observations.healpix_map import map_alm, read_map
    from fluxtube.analysis.observations.pitch_angle import magnetic_sky, pitch_angle_profile

    frame, folder = written
    values, seen = read_map(folder / "sky.fits", field="SKY_0")
    assert seen.all()
    run = read_ensemble(folder / "run.h5")
    theta, field = np.linspace(0, np.pi, 7), (229.2, 11.4)
    expected = pitch_angle_profile(magnetic_sky(run.samples_multipoles[0, 0]), (0.0, 90.0), theta, l_max=6)
    found = pitch_angle_profile(map_alm(values, 6), field, theta)
    np.testing.assert_allclose(found, expected, rtol=0.1, atol=0.02 * expected.max())  # pixels of 4 degrees
    if frame == "magnetic":
        raw, _ = read_map(folder / "sky.fits", field="SKY_0", frame=None)
        np.testing.assert_array_equal(raw, run.samples_sky[0])
        assert np.max(np.abs(pitch_angle_profile(map_alm(raw, 6), field, theta) / expected - 1)) > 0.5


def test_sign_of_negative_orders(tmp_path):
    """docs/conventions.md: a_lm = (x_lm - i x_l-m)/sqrt(2); with +sqrt(2) Im for m < 0 the sky would be mirrored."""
    from fluxtube.analysis.observations.healpix_map import map_alm

    (tmp_path / "a.toml").write_text(SMALL.replace("FRAME", "magnetic"))
    settings = ["transport.model=isotropic", "sampling.flow=modes", "sampling.modes=64", "ensemble.realisations=4"]
    arguments = [word for text in settings for word in ("--set", text)]
    assert main(["run", str(tmp_path / "a.toml"), "-o", str(tmp_path / "a.h5"), "-q", *arguments]) == 0
    run = read_ensemble(tmp_path / "a.h5")
    of_map = map_alm(run.samples_sky[0], 8)
    names, values = run.m.tolist(), run.samples_multipoles[0]
    scale = np.abs(of_map[2:5]).max()
    for m in (1, 2):
        kept = values[names.index(m), m:5] - 1j * values[names.index(-m), m:5]
        np.testing.assert_allclose(of_map[m:5, m], kept / np.sqrt(2), atol=0.15 * scale)
        assert np.max(np.abs(of_map[m:5, m] - kept.conj() / np.sqrt(2))) > 0.4 * scale


def test_skies_about_random_directions_are_not_written(tmp_path, capsys):
    (tmp_path / "a.toml").write_text(SMALL.replace("FRAME", "magnetic"))
    arguments = ["--set", "ensemble.field_directions=random", "--set", "ensemble.realisations=4"]
    assert main(["run", str(tmp_path / "a.toml"), "-o", str(tmp_path / "a.h5"), "-q", *arguments]) == 0
    assert main(["sky", str(tmp_path / "a.h5"), "-o", str(tmp_path / "a.fits")]) == 2
    assert "random directions" in capsys.readouterr().err


def test_one_sky_is_chosen(written, tmp_path, capsys):
    """`measure`, `infer` and `flow` name the columns of a file of `fluxtube sky`, and take none of them unasked.

    Control: the named sky is measured, and its power is not that of the mean, which is far below.
    """
    _, folder = written
    sky, run = str(folder / "sky.fits"), read_ensemble(folder / "run.h5")
    end = {"measure": ["-o", str(tmp_path / "out"), "--l-max", "4", "--format", "png"], "infer": ["--noise", "1e-10"]}
    end["flow"] = end["infer"]
    held = "holds MEAN, MEAN_SQUARE, SKY_0, SKY_1, MEAN and MEAN_SQUARE of an ensemble: choose a single sky with"
    for command, option in (("measure", "--field"), ("infer", "--column"), ("flow", "--column")):
        for chosen, words in (
            ([], f"{held} {option} SKY_0"),
            ([option, "MEAN_SQUARE"], "no sky"),
            ([option, "1"], "no sky"),
            ([option, "SKY_2"], "no column 'SKY_2'"),
        ):
            assert main([command, sky, *chosen, *end[command]]) == 2, (command, chosen)
            error = capsys.readouterr().err
            assert words in error
            assert error.count("\n") == 1
    power = {}
    for name in ("MEAN", "SKY_1", "3"):
        assert main(["measure", sky, "--field", name, *end["measure"]]) == 0
        text = capsys.readouterr().out
        assert f"sky, column {'SKY_1' if name == '3' else name}: " in text
        assert ("WARNING: the column MEAN" in text) == (name == "MEAN")
        power[name] = text.split("its noise\n")[1].split()[1]
    assert power["3"] == power["SKY_1"] != power["MEAN"]
    assert float(power["MEAN"]) < 0.5 * float(power["SKY_1"])
    assert len(run.samples_sky) == 2


def test_infer_takes_a_named_sky(written):
    """Multipoles of the column by name are those of the same column by number; the mean has a warning."""
    from fluxtube.analysis.inference.sky_input import View, read_sky

    _, folder = written
    named, numbered, mean = (View(l_max=4, noise=1e-12, column=column) for column in ("SKY_0", 2, "MEAN"))
    skies = [read_sky(folder / "sky.fits", view) for view in (named, numbered, mean)]
    np.testing.assert_array_equal(skies[0].values, skies[1].values)
    assert skies[0].description == "sky.fits, column SKY_0"
    assert not named.warnings
    assert "mean of an ensemble" in mean.warnings[0]
    assert np.mean(skies[2].values**2) < np.mean(skies[0].values**2)
