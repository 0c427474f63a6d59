"""Run the examples in the docstrings of all modules, each with its module's names: `python tests/docstrings.py`."""

import doctest
import importlib
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "fluxtube"


def modules_with_examples():
    """Names of the modules whose source holds an example, the links to the packages followed."""
    for top in (SOURCE, *(SOURCE / package for package in ("sim", "theory", "analysis"))):
        for path in sorted(top.rglob("*.py") if top != SOURCE else top.glob("*.py")):
            if ">>>" in path.read_text():
                yield ".".join(("fluxtube", *path.relative_to(SOURCE).with_suffix("").parts))


def main() -> int:
    """Examples that failed."""
    failed = attempted = 0
    for name in modules_with_examples():
        result = doctest.testmod(importlib.import_module(name))
        failed, attempted = failed + result.failed, attempted + result.attempted
    print(f"{attempted} examples in docstrings, {failed} failed")
    return int(failed > 0 or attempted == 0)


if __name__ == "__main__":
    sys.exit(main())
