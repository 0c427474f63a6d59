"""Counts of the inputs that were tried, at the end."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from trying import TRIED


@pytest.fixture(scope="session", autouse=True)
def counts():
    """Print them."""
    yield
    print("\nproperties: " + ", ".join(f"{name} {count}" for name, count in sorted(TRIED.items())))
