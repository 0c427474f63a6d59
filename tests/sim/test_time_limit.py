"""How long a run may work, of what was asked for and what SLURM leaves."""

import pytest

from fluxtube.sim.run import time_limit


@pytest.mark.parametrize(
    ("asked", "left", "expected"),
    [
        (None, None, None),
        (500.0, None, 500.0),
        (None, 1000.0, 900.0),  # a tenth is kept for the last commit,
        (None, 50.0, 40.0),  # at least 10 s
        (None, 10_000.0, 9880.0),  # and at most 2 min
        (5000.0, 1000.0, 900.0),
        (60.0, 1000.0, 60.0),
        (None, 4.0, 0.0),  # never below zero
    ],
)
def test_the_last_commit_has_its_time(monkeypatch, asked, left, expected):
    monkeypatch.setattr(time_limit, "slurm_seconds_left", lambda: left)
    assert time_limit.time_to_work(asked) == expected
