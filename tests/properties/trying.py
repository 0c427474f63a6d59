"""How many inputs are tried: a few in `make test`, FLUXTUBE_EXAMPLES times as many in `make test-faults`; always the same."""

import os
from collections import Counter

from hypothesis import HealthCheck, settings

FACTOR = int(os.environ.get("FLUXTUBE_EXAMPLES", "1"))
TRIED: Counter = Counter()


def tries(number: int) -> settings:
    """Settings of a test with so many inputs."""
    return settings(
        max_examples=number * FACTOR, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
