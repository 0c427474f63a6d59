"""All benchmarks in one go: python benchmarks/run.py [-o benchmarks/results.md]

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

import line_ensemble  # noqa: E402
import numba  # noqa: E402
import particle_sky  # noqa: E402
import sphere  # noqa: E402
import theory  # noqa: E402
import vector_flow  # noqa: E402
import whole_runs  # noqa: E402
from harness import Row  # noqa: E402

from fluxtube.sim.store.provenance import processor  # noqa: E402

HERE = Path(__file__).parent
QUICKSTART = HERE.parent / "configs" / "quickstart.toml"
VERSIONS = ("numpy", "numba", "llvmlite", "scipy", "h5py", "mpi4py", "mpich", "ducc0", "gstools", "gstools-core", "finufft")


def theory_rows() -> list[Row]:
    """10: the theory's own figures."""
    found = []
    for name, call, asked in theory.cases():
        seconds = theory.median_time(call)
        limit = "" if asked is None else f"{asked * 1e3:g} ms"
        found.append(Row("10", name, f"{seconds * 1e3:.3g} ms", limit, None if asked is None else seconds <= asked))
    return found


def report(rows: list[Row]) -> str:
    """The page benchmarks/results.md."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in VERSIONS)
    lines = [
        "# Speed",
        "",
        "Made by `make bench`. Threads pinned to one unless said, contestants in turns, medians; compiling is not counted.",
        "",
        f"- {datetime.now(UTC):%Y-%m-%d}; {processor()}, {os.cpu_count()} cores; load before the start {os.getloadavg()[0]:.2f}",
        f"- Python {platform.python_version()}; {versions}",
        "",
        "| # | work | measured | asked | reached |",
        "|---|---|---|---|---|",
    ]
    marks = {True: "yes", False: "**no**", None: ""}
    lines += [f"| {row.number} | {row.work} | {row.measured} | {row.asked} | {marks[row.reached]} |" for row in rows]
    notes = HERE / "notes.md"
    return "\n".join(lines) + "\n" + ("\n" + notes.read_text() if notes.exists() else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", default=HERE / "results.md")
    args = parser.parse_args()
    numba.set_num_threads(1)
    rows: list[Row] = []
    for part in (
        vector_flow.rows,
        lambda: line_ensemble.rows(QUICKSTART),
        lambda: particle_sky.rows(QUICKSTART),
        lambda: sphere.rows(QUICKSTART),
        lambda: whole_runs.rows(QUICKSTART),
        theory_rows,
    ):
        for row in part():
            print(f"{row.number:>2}  {row.work}: {row.measured}  [asked: {row.asked or '-'}]", flush=True)
            rows.append(row)
    Path(args.output).write_text(report(rows))


if __name__ == "__main__":
    main()
