"""environment.yml, Dockerfile and Apptainer recipe: the same libraries as pyproject.toml, and a structure that builds.

Where hadolint or Apptainer are there, they are asked too.
"""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONTAINERS = ROOT / "containers"
# conda-forge has leaner packages of the same libraries: without windows for figures, without documentation.
CONDA_NAMES = {"matplotlib": "matplotlib-base", "astropy": "astropy-base"}
INSTRUCTIONS = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "ENTRYPOINT", "CMD"}
SECTIONS = {"files", "post", "environment", "runscript", "test", "labels", "help"}


def requirements(*extras: str) -> dict[str, str]:
    """Name and lower bound of the libraries of fluxtube and of some extras."""
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in PROJECT["optional-dependencies"][extra])]
    pairs = [re.fullmatch(r"([\w-]+)(?:>=([\d.]+))?", line) for line in lines]
    return {match[1]: match[2] or "" for match in pairs}


def test_conda_has_the_libraries_of_pip():
    """Every library of the extra `all`, by its name in conda-forge, with the same lower bound; no host is named."""
    text = (ROOT / "environment.yml").read_text()
    environment = yaml.safe_load(text)
    given = dict(([*line.split(" >="), ""])[:2] for line in environment["dependencies"])
    assert given.pop("python") == f"{PROJECT['requires-python'].removeprefix('>=')},<3.15"
    assert {given.pop("pip"), given.pop("setuptools")} == {"", "77"}
    wanted = requirements("mpi", "fits", "inference")
    assert given == {CONDA_NAMES.get(name, name): bound for name, bound in wanted.items()}
    assert environment["channels"] == ["conda-forge"]
    assert "://" not in text


def dockerfile() -> list[tuple[str, str]]:
    """Instructions with their arguments, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", (CONTAINERS / "Dockerfile").read_text())
    return [tuple(line.split(maxsplit=1)) for line in text.split("\n") if line.strip() and not line.startswith("#")]


def recipe() -> dict[str, list[str]]:
    """Sections of the Apptainer recipe; "" is its head."""
    sections, name = {"": []}, ""
    for line in (CONTAINERS / "fluxtube.def").read_text().split("\n"):
        if line.startswith("%"):
            name = line[1:].strip()
            assert name not in sections
            sections[name] = []
        elif line.strip() and not line.startswith("#"):
            sections[name].append(line)
    return sections


def test_structure_of_the_dockerfile():
    instructions = dockerfile()
    assert {name for name, _ in instructions} <= INSTRUCTIONS
    assert instructions[0][0] == "FROM"
    images = [arguments.split()[0] for name, arguments in instructions if name == "FROM"]
    assert all(re.fullmatch(r"python:3\.1[1-4]-slim", image) for image in images)  # a named version, never the latest
    last = dict(instructions)
    assert last["USER"].isdigit()
    assert last["USER"] != "0"
    assert last["ENTRYPOINT"] == '["fluxtube"]'
    for name, arguments in instructions:
        if name == "RUN":
            assert subprocess.run(["bash", "-n"], input=arguments, text=True, timeout=20).returncode == 0
            assert "pip install" not in arguments or "--no-cache-dir" in arguments
    assert "://" not in (CONTAINERS / "Dockerfile").read_text()


def test_what_an_image_does_not_take():
    """The build sends the folder: neither history nor environments nor results."""
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".venv", "runs", "**/*.h5"} <= set(ignored)
    assert not {"src", "sim", "theory", "analysis", "configs", "constraints.txt", "README.md", "LICENSE"} & set(ignored)


def test_structure_of_the_apptainer_recipe():
    sections = recipe()
    assert set(sections) - {""} == SECTIONS
    head = dict(line.split(": ", 1) for line in sections[""])
    assert head["Bootstrap"] == "docker"
    assert head["From"] == dockerfile()[0][1].split()[0]  # the image of the Dockerfile
    for name in ("post", "environment", "runscript", "test"):
        assert subprocess.run(["bash", "-n"], input="\n".join(sections[name]), text=True, timeout=20).returncode == 0
    assert sections["runscript"] == ['    exec fluxtube "$@"']
    assert "://" not in (CONTAINERS / "fluxtube.def").read_text()


def test_both_install_the_same():
    command = re.compile(r"pip install .*$")
    (docker,) = [command.search(arguments)[0] for name, arguments in dockerfile() if name == "RUN" and "pip" in arguments]
    (apptainer,) = [command.search(line)[0] for line in recipe()["post"] if "pip" in line]
    assert docker == apptainer == 'pip install --no-cache-dir --constraint constraints.txt ".[all]"'


def test_every_python_is_named():
    """Classifiers, Makefile and environment speak of the same versions."""
    named = {c.rsplit(" ", 1)[1] for c in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", c)}
    tried = re.search(r"for p in python3 ((?:python3\.\d+ ?)+);", (ROOT / "Makefile").read_text())[1].split()
    assert named == {name.removeprefix("python") for name in tried} == {"3.11", "3.12", "3.13", "3.14"}


@pytest.mark.skipif(not shutil.which("hadolint"), reason="hadolint is not here")
def test_hadolint():
    done = subprocess.run(["hadolint", str(CONTAINERS / "Dockerfile")], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("apptainer"), reason="Apptainer is not here")
def test_apptainer_builds(tmp_path):
    """With its own %test; needs the base image, hence a network."""
    image = tmp_path / "fluxtube.sif"
    done = subprocess.run(
        ["apptainer", "build", "--fakeroot", str(image), "containers/fluxtube.def"], cwd=ROOT, capture_output=True, text=True,
        timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
