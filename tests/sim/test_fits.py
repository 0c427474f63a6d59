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
