"""The example notebooks run from beginning to end, and are kept without output."""

from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))


def read(path):
    nbformat = pytest.importorskip("nbformat")
    return nbformat.read(path, as_version=4)


def test_there_are_notebooks():
    assert len(NOTEBOOKS) == 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_clean(path):
    """No output and no counters: differences stay readable."""
    cells = [cell for cell in read(path).cells if cell.cell_type == "code"]
    assert cells
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path, tmp_path, monkeypatch):
    """Every cell, its assertions included; each figure cell gives a picture."""
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    for name in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):  # nothing is left in the home directory
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    # The inline backend is the notebook's own choice.
    monkeypatch.delenv("MPLBACKEND", raising=False)
    notebook = read(path)
    nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    pictures = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            shown = [output for output in cell.outputs if "image/png" in output.get("data", {})]
            assert bool(shown) == ("_figure(" in cell.source.splitlines()[-1])
            pictures += len(shown)
    assert pictures >= 2
