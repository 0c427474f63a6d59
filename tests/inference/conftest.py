"""One observer for the tests of inference."""

import numpy as np
import pytest

from fluxtube.analysis.inference.data import from_table
from fluxtube.analysis.inference.modes import to_table

FIELD = (229.2, 11.4)


@pytest.fixture(scope="session")
def observed():
    """An observation without m = 0, N_l = 3e-10, l = 2 to 6; its values are placeholders to be replaced by draws."""

    def build(l_max=6, level=3e-10, lost=(0,)):
        size = (l_max + 1) ** 2 - 4
        return from_table(to_table(np.ones(size), l_max), np.full(size, level), lost=lost)

    return build
