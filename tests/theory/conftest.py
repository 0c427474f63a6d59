"""Shared: turbulence with w(1/lambda)/lambda = 1 at lambda = 1."""

import numpy as np
import pytest

from fluxtube.theory import Turbulence


@pytest.fixture
def unit():
    """Power law of gamma, beta and band in units of w(1/lambda)/lambda."""

    def build(gamma=5 / 3, beta=2 / 3, band=None):
        return Turbulence.power_law(gamma, (2 * np.pi) ** (0.5 * (1 - gamma)), 1.0, beta, band)

    return build
