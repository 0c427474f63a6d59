"""What the tests on several ranks share."""

import os

import pytest
from launching import MPIRUN, SMALL


def pytest_collection_modifyitems(items):
    """Tests that start ranks need the mpirun of this environment; where CI runs, its absence is a failure."""
    if not MPIRUN.exists() and os.environ.get("CI") != "true":
        for item in items:
            if item.get_closest_marker("mpi"):
                item.add_marker(pytest.mark.skip(reason=f"there is no {MPIRUN}: install the extra 'mpi'"))


@pytest.fixture
def config(tmp_path):
    """A small configuration."""
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path
