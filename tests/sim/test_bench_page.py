"""The page of benchmarks keeps what other machines did."""

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_a_new_run_replaces_its_own_section_alone(monkeypatch):
    """Two machines, the first measured again; the notes stay at the end, once."""
    pytest.importorskip("finufft")
    pytest.importorskip("gstools_core")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")  # the script sets them for itself
    import run

    page = run.report(f"{run.HEADING}one\n\nold\n", "")
    page = run.report(f"{run.HEADING}two\n\nother\n", page)
    page = run.report(f"{run.HEADING}one\n\nnew\n", page)
    assert page.count(run.HEADING) == 2
    assert page.count(run.NOTES) == 1
    assert "old" not in page.split(run.NOTES)[0]
    assert page.index("new") < page.index("other") < page.index(run.NOTES)
    kept = run.sections((BENCHMARKS / "results.md").read_text())
    assert all(section.count("| 4 |") >= 2 for section in kept.values())
    assert kept
    sys.modules.pop("run", None)
