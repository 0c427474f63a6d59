"""`gallery`: skies against those of `Realisation`, a run against its configuration, files of all kinds, what is refused."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from test_report import BROWSER, PROBE, PROBE_IN_FRAME, browse, tags

import fluxtube
from fluxtube.analysis.figures.gallery import Gallery, gallery_figure
from fluxtube.analysis.figures.mollweide import mollweide_picture, mollweide_xy
from fluxtube.analysis.figures.sky_grid import sky_on_grid
from fluxtube.cli import main

CONFIG = """
[turbulence]
band = [1e-2, 2.0]
[transport]
model = "{model}"
[sky]
l_max = 16
nside = 8
frame = "{frame}"
[sampling]
flow = "modes"
waves = 64
[ensemble]
realisations = 12
seed = 3
[output]
multipoles = 5
[check]
realisations = 0
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A configuration, and a run of it that keeps the multipoles of five realisations."""
    folder = tmp_path_factory.mktemp("gallery")
    (folder / "config.toml").write_text(CONFIG.format(model="isotropic", frame="equatorial"))
    assert main(["run", str(folder / "config.toml"), "-o", str(folder / "run.h5"), "-q", "--threads", "1"]) == 0
    return folder


@pytest.mark.parametrize("model", ["parallel", "isotropic"])
@pytest.mark.parametrize("frame", ["magnetic", "equatorial"])
def test_sky_of_multipoles_is_that_of_the_flow(model, frame, tmp_path):
    """Multipoles summed on the grid against the anisotropy in each direction, without multipoles: waves of k lambda <= 2.

    Degrees above 16 are below 1e-9 of the sky there; the wrong frame is off by more than a tenth.
    """
    (tmp_path / "config.toml").write_text(CONFIG.format(model=model, frame=frame))
    realisation = fluxtube.Realisation(tmp_path / "config.toml", 4)
    sky, m = realisation.config.sky, realisation.engine.orders
    grid = sky_on_grid(realisation.multipoles(), m, frame, sky.field_direction, 16, (12, 24))
    latitude, longitude = np.meshgrid(np.deg2rad(82.5 - 15 * np.arange(12)), np.deg2rad(7.5 + 15 * np.arange(24)), indexing="ij")
    directions = [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)]
    expected = realisation.sky(np.stack(directions, axis=-1).reshape(-1, 3)).reshape(grid.shape)
    np.testing.assert_allclose(grid, expected, atol=1e-7 * np.abs(expected).max())
    other = sky_on_grid(
        realisation.multipoles(), m, {"magnetic": "equatorial"}.get(frame, "magnetic"), sky.field_direction, 16, (12, 24)
    )
    assert np.abs(other - expected).max() > 0.1 * np.abs(expected).max()


def test_mollweide_picture_of_a_grid():
    """Each cell's centre is drawn where the forward projection puts it; the corners are empty."""
    grid = np.arange(12 * 24.0).reshape(12, 24)
    picture = mollweide_picture(grid, 800)
    latitude, longitude = np.meshgrid(np.deg2rad(82.5 - 15 * np.arange(12)), np.deg2rad(7.5 + 15 * np.arange(24)), indexing="ij")
    x, y = mollweide_xy(longitude, latitude)
    drawn = picture[((y + 1) / 2 * 400).astype(int), ((x + 2) / 4 * 800).astype(int)]
    np.testing.assert_array_equal(drawn, grid)
    assert np.isnan(picture[0, 0])


def test_skies_of_a_run_are_those_of_its_configuration(place, tmp_path):
    """Kept ones and those beyond, to the last digit; C_l are the sums of the multipoles."""
    options = ["-n", "4", "--first", "3", "--l-max", "10"]
    assert main(["gallery", str(place / "run.h5"), *options, "-o", str(tmp_path / "run.svg")]) == 0
    assert main(["gallery", str(place / "config.toml"), *options, "-o", str(tmp_path / "config.svg")]) == 0
    assert (tmp_path / "run.csv").read_bytes() == (tmp_path / "config.csv").read_bytes()
    assert (tmp_path / "run.svg").read_bytes() == (tmp_path / "config.svg").read_bytes()
    table = np.genfromtxt(tmp_path / "run.csv", delimiter=",", names=True, skip_header=1)
    assert list(table["realisation"]) == [3, 4, 5, 6]
    assert len(table.dtype.names) == 1 + 9
    for row in (0, 3):
        multipoles = fluxtube.Realisation(place / "config.toml", 3 + row).multipoles()
        assert table["C_7"][row] == pytest.approx(np.sum(multipoles[:, 7] ** 2) / 15, rel=1e-9)


def test_what_the_page_of_skies_shows(place):
    """Numbers and C_l above each sky, one scale of colours for all, thin lines with theory's mean in the model's colour."""
    ensemble = fluxtube.load(place / "run.h5")
    gallery = Gallery(ensemble.config, np.arange(5), ensemble.samples, ensemble.m, (2, 16))
    figure = gallery_figure(gallery, "mine")
    skies = [axes for axes in figure.subfigs[0].axes if axes.get_title()]
    assert [axes.get_title().splitlines()[0] for axes in skies] == [f"realisation {n}" for n in range(5)]
    assert len({axes.images[0].get_clim() for axes in skies}) == 1
    end = skies[0].images[0].get_clim()[1]
    assert np.mean(np.abs(gallery.grids) <= end * 1e-4) == pytest.approx(0.995, abs=1e-3)
    spectra = figure.subfigs[1].axes[0]
    thin = [line for line in spectra.lines if line.get_linewidth() < 1]
    np.testing.assert_allclose([line.get_ydata() for line in thin], gallery.C_l)
    mean = next(line for line in spectra.lines if "mean of theory" in line.get_label())
    np.testing.assert_allclose(mean.get_ydata(), ensemble.theory().C_l)
    scaled = re.search(r"\$: ([\d.]+), .*10\^\{(-\d+)\}", skies[2].get_title())
    assert float(scaled.group(1)) * 10.0 ** int(scaled.group(2)) == pytest.approx(
        gallery.C_l[2, 0], abs=0.006 * 10.0 ** int(scaled.group(2))
    )


def test_files_of_all_kinds(place, tmp_path):
    """A picture, a page without script that loads nothing, a movie of as many frames; each with its table."""
    for name in ("a.png", "b.pdf", "c.html", "d.gif"):
        words = ["gallery", str(place / "run.h5"), "-n", "3", "-o", str(tmp_path / name)]
        title = ["--title", "A <b> & $x"]
        if name == "d.gif":
            assert main([*words, *title]) == 2
            assert not (tmp_path / name).exists()
            title = []
        assert main([*words, *title]) == 0
        assert (tmp_path / name).with_suffix(".csv").read_text().count("\n") == 5
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "b.pdf").read_bytes().startswith(b"%PDF")
    frames = Image.open(io.BytesIO((tmp_path / "d.gif").read_bytes()))
    assert frames.n_frames == 3
    text = (tmp_path / "c.html").read_text()
    assert "<h1>A &lt;b&gt; &amp; $x</h1>" in text
    found = tags(text)
    assert len([tag for tag, _ in found if tag == "img"]) == 3 + 1
    assert not {"script", "link", "iframe"} & {tag for tag, _ in found}
    assert all(attrs.get("src", "data:").startswith("data:") for _, attrs in found)
    assert main(["gallery", str(place / "run.h5"), "-n", "2", "-o", str(tmp_path / "c.html")]) == 0  # its own page is replaced


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine: the page is not looked at in a browser")
def test_page_in_a_browser(place, tmp_path):
    """On a screen of 390 px nothing scrolls sideways and every sky is as wide as the screen."""
    assert main(["gallery", str(place / "run.h5"), "-n", "3", "-o", str(tmp_path / "page.html")]) == 0
    text = (tmp_path / "page.html").read_text().replace("default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'")
    (tmp_path / "probed.html").write_text(text.replace("</body>", PROBE + "</body>"))
    frame = tmp_path / "frame.html"
    frame.write_text(PROBE_IN_FRAME.replace("FILE", (tmp_path / "probed.html").as_uri()))
    done = browse(frame, tmp_path, "500,800", "--allow-file-access-from-files", "--disable-web-security")
    probe = json.loads(re.search('data-probe="(.*?)"', done.stdout).group(1).replace("&quot;", '"'))
    assert probe["page"] <= probe["width"] == 390
    assert probe["wider"] == []
    assert all(decoded and width > 300 for decoded, width, _ in probe["images"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-n", "0"], "from 1 to 200"),
        (["-n", "1000"], "from 1 to 200"),
        (["--first", "-1"], "--first -1"),
        (["--l-min", "17"], "the skies end at l = 16"),
        (["--l-min", "9", "--l-max", "8"], "the skies end at l = 8"),
        (["--l-max", "17"], "sky.l_max = 16"),
        (["--l-max", "1"], "--l-max 1"),
        (["-o", "skies.mp4"], ".html, .gif"),
        (["-o", "skies"], ".html, .gif"),
        (["--set", "sky.l_max=20"], "belongs to a configuration"),
    ],
)
def test_refused_in_one_line(place, options, words, capsys, tmp_path, monkeypatch):
    """Status 2, one line, nothing written."""
    monkeypatch.chdir(tmp_path)
    assert main(["gallery", str(place / "run.h5"), *options]) == 2
    message = capsys.readouterr().err
    assert message.startswith("fluxtube: error: ")
    assert message.count("\n") == 1
    assert words in message
    assert not list(tmp_path.iterdir())


def test_nothing_else_is_replaced(place, capsys, tmp_path):
    """Not the source, not a stranger's page, not a folder."""
    (tmp_path / "page.html").write_text("mine")
    for output in (tmp_path / "page.html", tmp_path):
        assert main(["gallery", str(place / "config.toml"), "-n", "1", "-o", str(output)]) == 2
    assert (tmp_path / "page.html").read_text() == "mine"
    for source in ("missing.h5", str(tmp_path / "page.html")):
        assert main(["gallery", source, "-n", "1", "-o", str(tmp_path / "x.png")]) == 2
        assert capsys.readouterr().err.startswith("fluxtube: error: ")
