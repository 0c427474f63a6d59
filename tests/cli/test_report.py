"""`report`: what the page says, what it escapes, and how a browser shows it."""

import base64
import html
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import h5py
import pytest

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
    """Verdict, three pictures inside the page, tests, configuration, provenance, timings."""
    text = page.read_text()
    for words in (
        "Theory accepted",
        "covariance, whole matrix",
        "mean-square sky",
        "sigma = &quot;23.0 km/s&quot;",
        "ensemble",
        "SHA-256",
        "What each test asks",
        "finds a wrong gamma",
        "Power: with a chance of 90 %",
        "To cite: ",
    ):
        assert words in text
    pictures = [attrs for tag, attrs in tags(text) if tag == "img"]
    assert len(pictures) == 3
    for attrs in pictures:
        head, data = attrs["src"].split(",", 1)
        assert head == "data:image/png;base64"
        assert base64.b64decode(data).startswith(b"\x89PNG")
        assert attrs["alt"]


def test_page_loads_nothing_and_runs_nothing(page):
    """No script, no link to elsewhere, no handler; a policy that forbids them."""
    found = tags(page.read_text())
    assert not {"script", "link", "iframe", "object", "embed"} & {tag for tag, _ in found}
    for _, attrs in found:
        assert not [name for name in attrs if name.startswith("on")]
        assert attrs.get("src", "data:").startswith("data:")
        assert attrs.get("href", "#").startswith("#")
    assert any("default-src 'none'" in attrs.get("content", "") for tag, attrs in found if tag == "meta")


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


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine: the page is not looked at in a browser")
def test_browser_test_can_fail(page, tmp_path):
    """A script in the page is refused by its policy, and the console says so."""
    broken = tmp_path / "broken.html"
    broken.write_text(page.read_text().replace("</body>", "<script>1</script></body>"))
    assert ":CONSOLE" in browse(broken, tmp_path, "1280,900").stderr


PROBE_IN_FRAME = """<!DOCTYPE html><html><body><iframe src="FILE" width="390" height="780" style="border:0"></iframe><script>
addEventListener('load', () => setTimeout(() => { const inner = document.querySelector('iframe').contentDocument.documentElement;
  document.documentElement.setAttribute('data-probe', inner.getAttribute('data-probe')); }, 300));
</script></body></html>"""
