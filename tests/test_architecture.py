"""The arrows between the packages, and what starting the command may cost."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "theory": ("fluxtube.errors", "fluxtube.tables", "fluxtube.theory"),
    "sim": (
        "fluxtube",
        "fluxtube.environment",
        "fluxtube.errors",
        "fluxtube.files",
        "fluxtube.memory_present",
        "fluxtube.plugins",
        "fluxtube.tables",
        "fluxtube.theory",
        "fluxtube.sim",
    ),
    "analysis": (
        "fluxtube.errors",
        "fluxtube.files",
        "fluxtube.memory_present",
        "fluxtube.plain",
        "fluxtube.tables",
        "fluxtube.theory",
        "fluxtube.analysis",
        "fluxtube.sim.store.reader",
        "fluxtube.sim.config",
        "fluxtube.sim.store.contents",
        "fluxtube.sim.store.file_format",
    ),
}
SIM_STACK = ("config", "engine", "run", "store")  # each may import itself and what stands before it; session imports all
HEAVY = {"numba", "h5py", "mpi4py", "matplotlib"}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module == "fluxtube":  # "from fluxtube import sim" is an import of fluxtube.sim
                yield from (f"fluxtube.{alias.name}" for alias in node.names if alias.name != "__version__")
            else:
                yield node.module


def allowed(module, prefixes):
    return any(module == prefix or (module.startswith(prefix + ".") and prefix != "fluxtube") for prefix in prefixes)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_one_way(package):
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules
    for path in modules:
        for module in imports(path):
            assert module.split(".")[0] not in ("sim", "theory", "analysis"), f"{path} would make a second copy of {module}"
            if module.split(".")[0] == "fluxtube":
                assert allowed(module, MAY_IMPORT[package]), f"{path} imports {module}"
            if package == "theory":
                assert module.split(".")[0] not in HEAVY, f"{path} imports {module}"


@pytest.mark.parametrize("layer", SIM_STACK)
def test_simulation_is_a_stack(layer):
    below = SIM_STACK[: SIM_STACK.index(layer) + 1]
    for path in sorted((ROOT / "sim" / layer).rglob("*.py")):
        for module in imports(path):
            if module.startswith("fluxtube.sim"):
                assert module.split(".")[2] in below, f"{path} imports {module}"


def test_arrow_test_can_fail(tmp_path):
    sneaky = tmp_path / "sneaky.py"
    sneaky.write_text("from fluxtube import analysis\n")
    assert not any(allowed(module, MAY_IMPORT["sim"]) for module in imports(sneaky))
    assert not allowed("fluxtube.analysis.figures.style", MAY_IMPORT["sim"])
    assert not allowed("fluxtube.sim.run.ensemble", MAY_IMPORT["analysis"])


def test_kernels_are_compiled_by_our_own_decorator():
    """It keeps machine code in a folder of the user's own; numba's, imported where a kernel stands, would not."""
    kernels = ROOT / "sim" / "engine" / "kernels"
    for path in kernels.glob("*.py"):
        if path.name != "compiling.py":
            assert not re.search(r"from numba import .*\bn?jit\b|numba\.n?jit", path.read_text()), f"{path}: use compiling"


def test_modules_are_small():
    for package in MAY_IMPORT:
        for path in (ROOT / package).rglob("*.py"):
            assert len(path.read_text().splitlines()) <= 400, path


def test_starting_the_command_imports_nothing_heavy():
    code = "import sys; from fluxtube.cli import build_parser; build_parser(); print(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout.split()
    assert not {name.split(".")[0] for name in loaded} & (HEAVY | {"numpy", "scipy", "pydantic"})


def test_nothing_of_this_machine_is_written_down():
    registries = re.compile("py" + r"pi\.org|python" + r"hosted|npm" + r"js\.org")
    for path in subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, timeout=60).stdout.split():
        file = ROOT / path
        if file.is_file() and file.suffix in {".py", ".md", ".toml", ".txt", ".sh", ".sbatch", ".cff", ""}:
            assert not registries.search(file.read_text(errors="ignore")), path
