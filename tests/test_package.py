"""What is installed: one version everywhere, configurations and data inside the wheel and the source distribution."""

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import fluxtube

ROOT = Path(__file__).parents[1]


def test_there_is_one_version():
    cited = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)[1]
    assert cited == fluxtube.__version__
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text()


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    """Wheel and source distribution, built from the files under version control."""
    folder = tmp_path_factory.mktemp("dist")
    source = folder / "source"
    source.mkdir()
    subprocess.run(f"git ls-files -z | xargs -0 cp -d --parents -t {source}", shell=True, cwd=ROOT, check=True, timeout=60)
    for kind in ("wheel", "sdist"):
        code = f"from setuptools import build_meta; import sys; build_meta.build_{kind}(sys.argv[1])"
        subprocess.run([sys.executable, "-c", code, str(folder)], cwd=source, capture_output=True, check=True, timeout=240)
    return next(folder.glob("*.whl")), next(folder.glob("*.tar.gz"))


def test_the_wheel_holds_what_it_needs(distributions):
    names = zipfile.ZipFile(distributions[0]).namelist()
    for name in (
        "fluxtube/py.typed", "fluxtube/configs/quickstart.toml", "fluxtube/sim/session.py", "fluxtube/theory/parallel.py",
        "fluxtube/analysis/validation/validate.py", "fluxtube/analysis/observations/data/synthetic_alm.csv",
    ):  # fmt: skip
        assert name in names
    assert f"-{fluxtube.__version__}-" in distributions[0].name


def test_the_source_distribution_can_be_worked_with(distributions):
    names = {name.split("/", 1)[-1] for name in tarfile.open(distributions[1]).getnames()}
    for name in (
        "configs/quickstart.toml", "slurm/job.sbatch", "examples/theory_and_simulation.ipynb", "docs/physics.md",
        "tests/theory/test_limits.py", "Makefile", "constraints.txt", "CHANGELOG.md", "CITATION.cff",
    ):  # fmt: skip
        assert name in names
