"""Counts of the inputs that were tried, at the end, of all processes that ran tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from trying import TRIED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    """Add what another process tried."""
    TRIED.update(getattr(node, "workeroutput", {}).get("tried", {}))


def pytest_sessionfinish(session):
    """Send what this process tried to the one that started it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tried"] = dict(TRIED)


def pytest_terminal_summary(terminalreporter):
    """Print them."""
    counts = ", ".join(f"{name} {count}" for name, count in sorted(TRIED.items()))
    terminalreporter.write_line(f"inputs tried: {counts or 'none'}")
