"""`report`: what the page says, what it escapes, and how a browser shows it."""

import base64
import hashlib
import html
import itertools
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import h5py
import numpy as np
import pytest

import fluxtube
import fluxtube.analysis.validation as validation_package
from fluxtube.analysis.report import citation
from fluxtube.analysis.report.build import build_report
from fluxtube.analysis.validation.meanings import MEANINGS
from fluxtube.analysis.validation.validate import validate
from fluxtube.cli import main

CONFIG = """
[turbulence]
band = [1e-3, 1e3]
[sky]
l_max = 12
nside = 8
[ensemble]
realisations = 500
seed = 7
"""
BROWSER = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
EVIL = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">&\"'"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --enable-logging=stderr --virtual-time-budget=3000"
).split()
# Measures the page and leaves the numbers in an attribute; only ever added to a copy.
PROBE = """<script>addEventListener('load', () => {
  const images = [...document.images].map(i =>
    [i.complete && i.naturalWidth > 0, i.getBoundingClientRect().width, i.alt.length > 0]);
  const text = [...document.querySelectorAll('p,td,h1,h2')].filter(e => e.offsetParent);
  document.documentElement.setAttribute('data-probe', JSON.stringify({images, width: innerWidth,
    wider: [...document.querySelectorAll('body *')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0
      && getComputedStyle(e).display !== 'inline' && innerWidth < 800).map(e => e.tagName + '.' + e.className),
    page: document.documentElement.scrollWidth, smallest: Math.min(...text.map(e => parseFloat(getComputedStyle(e).fontSize)))}));
});</script>"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run whose file holds hostile text."""
    directory = tmp_path_factory.mktemp("run")
    (directory / "config.toml").write_text(CONFIG)
    path = directory / "run <b>&.h5"
    assert main(["run", str(directory / "config.toml"), "-o", str(path), "-q", "--threads", "1"]) == 0
    with h5py.File(path, "r+") as file:
        file["provenance"].attrs["host"] = EVIL
        file["sky/mean"].attrs["meaning"] = EVIL
    return path


@pytest.fixture(scope="module")
def page(run):
    """The report."""
    output = run.parent / "report.html"
    assert main(["report", str(run), "-o", str(output)]) == 0
    return output


class Tags(HTMLParser):
    """All tags with their attributes, in order."""

    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def tags(text):
    parser = Tags()
    parser.feed(text)
    return parser.tags


def test_page_says_everything(page):
    """Verdict, three pictures inside the page, tests, configuration, provenance, timings; each picture wide and narrow."""
    text = page.read_text()
    for words in (
        "Theory accepted",
        "covariance, whole matrix",
        "mean-square sky",
        "sigma = &quot;23.0 km/s&quot;",
        "ensemble",
        "SHA-256",
        "(Finds a wrong gamma.)",
        "Power: with a chance of 90 %",
        "How to cite",
        "Farthest from theory: l = ",
        "By chance one of 11 points is at least as far out in ",
    ):
        assert words in text
    pictures = [attrs for tag, attrs in tags(text) if tag == "img"]
    narrow = [attrs for tag, attrs in tags(text) if tag == "source"]
    assert len(pictures) == len(narrow) == 3
    for attrs in pictures:
        assert attrs["alt"]
    for address in [*(attrs["src"] for attrs in pictures), *(attrs["srcset"] for attrs in narrow)]:
        head, data = address.split(",", 1)
        assert head == "data:image/webp;base64"
        assert base64.b64decode(data)[8:12] == b"WEBP"
    assert len(text) < 2e6


def test_page_leaves_out_what_does_not_apply(run, page, tmp_path):
    """A run by quadrature speaks of no shot noise or halves of particles; one by particles does. Each test says what it asks."""
    text = page.read_text()
    assert "Shot noise is removed" not in text
    assert "halves" not in text[: text.index('<section id="provenance">')]  # there the data sets of the check are listed
    assert 'href="#energies"' not in text
    validation = validate(str(run))
    for outcome in validation.outcomes:
        assert outcome.p_value is None or html.escape(MEANINGS[outcome.name], quote=True) in text
        assert MEANINGS[outcome.name].count("?") == 1
    sampled = tmp_path / "sampled.h5"
    keys = {"sampling.estimator": "particles", "sampling.particles": 2000, "ensemble.realisations": 60, "check.realisations": 0}
    fluxtube.simulate(run.parent / "config.toml", keys, threads=1).save(sampled)
    assert "Shot noise is removed by the cross moments of two halves" in build_report(sampled)


def test_every_test_has_a_meaning():
    """All names that an outcome can have, those of runs of several energies, of orders and of emptiness too."""
    names = set()
    for path in Path(validation_package.__path__[0]).glob("*.py"):
        names |= set(re.findall(r'^(?:    )?(?:NAME|name) = "([^"]+)"', path.read_text(), re.M))
    assert len(names) >= 7
    assert names <= set(MEANINGS)


def test_report_of_several_energies(tmp_path):
    """Its own section, and the test between energies with what it asks."""
    keys = {"transport": {"energies": ["3 TeV", "10 TeV"], "reference_energy": "10 TeV", "energy_exponent": 0.5}}
    settings = {"turbulence": {"band": [1e-2, 1e2], "sigma_scale": "10 pc"}, "sky": {"l_max": 6, "nside": 4}, **keys}
    settings |= {"ensemble": {"realisations": 60}, "check": {"realisations": 0}}
    fluxtube.simulate(settings, threads=1).save(tmp_path / "energies.h5")
    text = build_report(tmp_path / "energies.h5")
    assert 'href="#energies"' in text
    assert "vary together as theory says" in text


def test_citation_is_that_of_the_file_at_the_root(page):
    """Title, authors and paper of CITATION.cff stand in the report, the version is that of the run."""
    cff = (Path(__file__).parents[2] / "CITATION.cff").read_text()
    titles = re.findall(r'title: "(.*)"', cff)
    assert [citation.SOFTWARE["title"], citation.PAPER["title"]] == titles
    assert re.search(r'- name: "(.*)"', cff).group(1) == citation.SOFTWARE["authors"]
    names = zip(re.findall(r"family-names: (\w+)", cff), re.findall(r"given-names: (\w+)", cff), strict=True)
    assert tuple(names) == citation.PAPER["authors"]
    assert int(re.search(r"year: (\d+)", cff).group(1)) == citation.PAPER["year"]
    text = page.read_text()
    for title in titles:
        assert f"<cite>{html.escape(title)}</cite>" in text
    assert f"version {fluxtube.__version__}</li>" in text


def test_page_loads_nothing_and_runs_one_script(page):
    """No link to elsewhere, no handler; one script, and a policy that forbids any other by its digest."""
    text = page.read_text()
    found = tags(text)
    assert not {"link", "iframe", "object", "embed"} & {tag for tag, _ in found}
    assert [attrs for tag, attrs in found if tag == "script"] == [{}]
    for _, attrs in found:
        assert not [name for name in attrs if name.startswith("on")]
        assert attrs.get("src", "data:").startswith("data:")
        assert attrs.get("srcset", "data:").startswith("data:")
        assert attrs.get("href", "#").startswith("#")
    policy = next(attrs["content"] for tag, attrs in found if "default-src 'none'" in attrs.get("content", ""))
    code = re.search("<script>(.*?)</script>", text, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    assert policy.endswith(f"script-src 'sha256-{digest}'")
    assert "unsafe-eval" not in policy
    assert not re.search(r"fetch|XMLHttpRequest|import\(|WebSocket|https?:", code)


def test_text_of_the_file_is_escaped(page):
    """Hostile provenance and file name appear as text, never as tags."""
    text = page.read_text()
    assert EVIL not in text
    assert text.count(html.escape(EVIL, quote=True)) == 2
    assert "<b>" not in text


def test_rejected_theory_is_said(run, tmp_path):
    """Held against another theory."""
    assert main(["report", str(run), "-o", str(tmp_path / "r.html"), "--against", "turbulence.sigma=40 km/s"]) == 0
    assert "REJECTED" in (tmp_path / "r.html").read_text()


@pytest.mark.parametrize(
    "arguments", [["missing.h5"], ["RUN", "-o", "/dev/null/report.html"], ["RUN", "--against", "sky.nside=4"]]
)
def test_impossible_arguments(run, arguments, capsys, tmp_path):
    """Exit status 2 and one line."""
    arguments = [str(run) if argument == "RUN" else argument for argument in arguments]
    assert main(["report", *arguments]) == 2
    assert capsys.readouterr().err.startswith("fluxtube: error: ")


def browse(page, tmp_path, size, *more):
    """Standard output and error of a headless browser with an empty profile."""
    profile = tmp_path / "profile"
    profile.mkdir(exist_ok=True)
    command = [BROWSER, *FLAGS, f"--user-data-dir={profile}", f"--window-size={size}", *more, "--dump-dom", page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=90)


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine: the page is not looked at in a browser")
@pytest.mark.parametrize("size", ["1280,900", "500,800"])
def test_in_a_browser(page, tmp_path, size):
    """No console message; every picture decoded and visible; no sideways scrolling of the page; text of 13 px and more.

    Chromium's window is 500 px wide at least; the narrow one holds the page in a frame of 390 px, a phone's width.
    """
    done = browse(page, tmp_path, size)
    assert "Provenance and timings" in done.stdout, done.stderr
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    assert not console, console
    assert "owned" not in re.search("<title>(.*?)</title>", done.stdout).group(1)

    text = page.read_text().replace("default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'")
    probed = tmp_path / "probed.html"
    probed.write_text(text.replace("</body>", PROBE + "</body>"))
    seen = probed
    if size.startswith("500"):
        seen = tmp_path / "frame.html"
        answer = PROBE_IN_FRAME.replace("FILE", probed.as_uri())
        seen.write_text(answer)
    done = browse(seen, tmp_path, size, "--allow-file-access-from-files", "--disable-web-security")
    found = re.search('data-probe="(.*?)"', done.stdout)
    assert found, done.stderr
    probe = json.loads(html.unescape(found.group(1)))
    assert probe["width"] == (390 if size.startswith("500") else 1280)
    assert len(probe["images"]) == 3
    for decoded, width, described in probe["images"]:
        assert decoded
        assert width > 300
        assert described
    assert probe["page"] <= probe["width"]
    assert probe["smallest"] >= 13
    assert probe["wider"] == []  # nothing scrolls sideways inside the page either


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine: the page is not looked at in a browser")
def test_browser_test_can_fail(page, tmp_path):
    """A script in the page is refused by its policy, and the console says so."""
    broken = tmp_path / "broken.html"
    broken.write_text(page.read_text().replace("</body>", "<script>1</script></body>"))
    assert ":CONSOLE" in browse(broken, tmp_path, "1280,900").stderr


# Drives the globe and leaves what came of it in an attribute; only ever added to a copy.
DRIVE = """<script>addEventListener('load', async () => {
  const rest = () => new Promise(done => setTimeout(done, 120));
  const figure = document.getElementById('globe'), canvas = figure.querySelector('canvas');
  const value = figure.querySelector('.value');
  const pixels = () => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const state = () => [canvas.toDataURL(), value.textContent];
  const box = canvas.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
  const send = (name, dx, dy, type) => (name === 'pointerdown' || name === 'pointermove' && dx !== null ? canvas : window)
    .dispatchEvent(new PointerEvent(name, {clientX: x + dx, clientY: y + dy, pointerType: type, bubbles: true}));
  const colours = () => new Set(new Uint32Array(pixels().data.buffer));
  const seen = {hidden: figure.hidden, colours: colours().size, states: [state()]};
  send('pointermove', 0, 0, 'mouse'); await rest(); seen.states.push(state());
  send('pointerdown', 0, 0, 'mouse'); send('pointermove', 60, 20, 'mouse'); send('pointerup', 60, 20, 'mouse'); await rest();
  seen.states.push(state());
  send('pointerdown', 0, 0, 'touch'); send('pointermove', -40, -90, 'touch'); send('pointerup', -40, -90, 'touch'); await rest();
  seen.states.push(state());
  canvas.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowUp', bubbles: true})); await rest(); seen.states.push(state());
  const sky = figure.querySelector('[name=sky]'), degrees = figure.querySelector('[name=degrees]');
  seen.skies = sky.options.length; seen.cuts = [...degrees.options].map(o => o.text);
  sky.value = 1; sky.dispatchEvent(new Event('change')); await rest(); seen.states.push(state());
  degrees.value = 0; degrees.dispatchEvent(new Event('change')); await rest(); seen.states.push(state());
  seen.states = seen.states.map(([picture, text]) => [picture.length, picture.slice(-4000), text]);
  seen.loaded = performance.getEntriesByType('resource').map(e => e.name).filter(name => !name.startsWith('data:'));
  document.documentElement.setAttribute('data-probe', JSON.stringify(seen));
});</script>"""


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine: the page is not looked at in a browser")
def test_globe_turns_in_a_browser(page, run, tmp_path):
    """Drawn, turned by mouse, touch and keys, other skies and degrees; nothing is loaded; the value shown is that of the sky.

    The value at the place that the page names is computed anew from the file's multipoles by numpy's Legendre series.
    """
    text = page.read_text().replace("default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'")
    driven = tmp_path / "driven.html"
    driven.write_text(text.replace("</body>", DRIVE + "</body>"))
    done = browse(driven, tmp_path, "1280,5000")
    found = re.search('data-probe="(.*?)"', done.stdout)
    assert found, done.stderr
    seen = json.loads(html.unescape(found.group(1)))
    assert seen["hidden"] is False
    assert seen["colours"] > 100
    assert seen["skies"] == 6
    assert seen["cuts"] == ["l ≤ 3", "l ≤ 10", "l ≤ 12"]
    assert seen["loaded"] == []
    states = seen["states"]
    assert states[0][:2] == states[1][:2]  # the pointer alone turns nothing
    for before, after in itertools.pairwise(states[1:]):
        assert before != after
    said = re.fullmatch(r"longitude (\d+)°, latitude (−?\d+)°: Δf/f = (−?[\d.]+)\s×\s1e(-?\d+)", states[-1][2])
    mu = np.sin(np.deg2rad(float(said.group(2).replace("−", "-"))))
    a = fluxtube.load(run).samples[1, 0, :4]
    largest = np.max(
        np.abs(np.polynomial.legendre.legval(np.linspace(-1, 1, 999), a * np.sqrt((2 * np.arange(4) + 1) / (4 * np.pi))))
    )
    value = np.polynomial.legendre.legval(mu, a * np.sqrt((2 * np.arange(4) + 1) / (4 * np.pi)))
    number = float(said.group(3).replace("−", "-")) * 10.0 ** int(said.group(4))
    assert abs(number - value) < 0.03 * largest  # a place in whole degrees, 127 steps, two digits


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine: the page is not looked at in a browser")
def test_without_scripts_the_still_picture_stays(page, tmp_path):
    """The policy of the page refuses a script that was changed: the globe stays hidden, the picture of the sky does not."""
    broken = tmp_path / "broken.html"
    broken.write_text(page.read_text().replace('"use strict";', '"use strict"; '))
    text = browse(broken, tmp_path, "1280,900").stdout
    assert re.search('<figure id="globe" hidden', text)
    assert "First simulated sky and mean-square sky" in text


PROBE_IN_FRAME = """<!DOCTYPE html><html><body><iframe src="FILE" width="390" height="780" style="border:0"></iframe><script>
addEventListener('load', () => setTimeout(() => { const inner = document.querySelector('iframe').contentDocument.documentElement;
  document.documentElement.setAttribute('data-probe', inner.getAttribute('data-probe')); }, 300));
</script></body></html>"""
