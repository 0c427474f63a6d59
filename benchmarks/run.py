"""All benchmarks in one go: python benchmarks/run.py [-o benchmarks/results.md] [--quick]

Threads are pinned to one unless a row says otherwise; contestants take turns; figures are medians. Compiling is not counted.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import argparse  # noqa: E402
import importlib.metadata  # noqa: E402
import platform  # noqa: E402
from datetime import UTC, datetime  # noqa: E402
from pathlib import Path  # noqa: E402

import floors  # noqa: E402
import line_ensemble  # noqa: E402
import masked_map  # noqa: E402
import numba  # noqa: E402
import particle_sky  # noqa: E402
import sphere  # noqa: E402
import theory  # noqa: E402
import vector_flow  # noqa: E402
import walks  # noqa: E402
import whole_runs  # noqa: E402
from harness import Effort, Row  # noqa: E402
from llvmlite.binding import get_host_cpu_name  # noqa: E402

from fluxtube.sim.store.provenance import processor  # noqa: E402

HERE = Path(__file__).parent
QUICKSTART = HERE.parent / "configs" / "quickstart.toml"
VERSIONS = (
    "numpy", "numba", "llvmlite", "scipy", "h5py", "mpi4py", "mpich", "ducc0", "gstools", "gstools-core", "finufft", "healpy",
)  # fmt: skip


HEADING, NOTES = "## Machine: ", "## How to read it"
INTRODUCTION = """# Speed

Made by `make bench`, a section for each machine that ran it. Threads pinned to one unless said, contestants in turns, medians of
processor time; compiling is not counted. Floors are measured in the same run (rows 0). Each part is in a file of its own.
"""
LOAD = os.getloadavg()[0]


def theory_rows() -> list[Row]:
    """10: the theory's own figures."""
    found = []
    for name, call, asked in theory.cases():
        seconds = theory.median_time(call)
        limit = "" if asked is None else f"{asked * 1e3:g} ms"
        found.append(Row("10", name, f"{seconds * 1e3:.3g} ms", limit, None if asked is None else seconds <= asked))
    return found


def section(rows: list[Row]) -> str:
    """What this machine did."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in VERSIONS)
    lines = [
        f"{HEADING}{processor()} ({get_host_cpu_name()}), {os.cpu_count()} cores",
        "",
        f"- {datetime.now(UTC):%Y-%m-%d}; load before the start {LOAD:.2f}",
        f"- Python {platform.python_version()}; {versions}",
        "",
        "| # | work | measured | over the floor | peers over ours | asked | reached |",
        "|---|---|---|---|---|---|---|",
    ]
    marks = {True: "yes", False: "**no**", None: ""}
    for row in rows:
        cells = (row.number, row.work, row.measured, row.floor, row.peers, row.asked, marks[row.reached])
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def sections(page: str) -> dict[str, str]:
    """Sections of other machines on an earlier page, by their first line."""
    parts = [HEADING + part for part in page.split(NOTES)[0].split(HEADING)[1:]]
    return {part.splitlines()[0]: part.rstrip("\n") + "\n" for part in parts}


def report(here: str, earlier: str) -> str:
    """The page benchmarks/results.md: this machine's section new, those of others kept, then the notes."""
    machines = {**sections(earlier), here.splitlines()[0]: here}
    notes = HERE / "notes.md"
    return "\n".join([INTRODUCTION, *machines.values(), notes.read_text() if notes.exists() else ""])


PARTS = {
    "floors": floors.rows,
    "flow": vector_flow.rows,
    "line": lambda: line_ensemble.rows(QUICKSTART),
    "particles": lambda: particle_sky.rows(QUICKSTART),
    "sphere": lambda: sphere.rows(QUICKSTART),
    "maps": masked_map.rows,
    "goals": lambda: whole_runs.goals(QUICKSTART),
    "runs": lambda: whole_runs.rows(QUICKSTART),
    "theory": theory_rows,
    "walks": walks.rows,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", help="page to write [results.md beside this file; with --quick none]")
    parser.add_argument("--quick", action="store_true", help="measure each thing once and briefly: whether everything runs")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts of this machine's section")
    args = parser.parse_args()
    Effort.quick = args.quick
    numba.set_num_threads(1)
    rows: list[Row] = []
    for name in args.only:
        for row in PARTS[name]():
            said = "; ".join(text for text in (row.measured, row.floor and f"floor {row.floor}", row.peers) if text)
            print(f"{row.number:>2}  {row.work}: {said}  [asked: {row.asked or '-'}]", flush=True)
            rows.append(row)
    if args.quick and args.output is None:
        return
    page = Path(args.output or HERE / "results.md")
    page.write_text(report(section(rows), page.read_text() if page.exists() else ""))


if __name__ == "__main__":
    main()
