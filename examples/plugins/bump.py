"""A spectrum of one's own: a power law with a bump, `spectrum = "bump"`, keys gamma, transverse_fraction, bump_at, bump_height.

    fluxtube run configs/quickstart.toml -o bump.h5 --plugin examples/plugins/bump.py --set turbulence.spectrum=bump
    fluxtube validate bump.h5 --plugin examples/plugins/bump.py
"""

import numpy as np
from pydantic import Field

from fluxtube.sim.config.fields import Number
from fluxtube.sim.config.spectra import IsotropicSpectrum, register_spectrum


@register_spectrum("bump")
class Bump(IsotropicSpectrum):
    """w(k) ~ k^-gamma {1 + height exp[-ln^2(k lambda/at)]}, x = k lambda."""

    gamma: Number = Field(5 / 3, gt=0, lt=3)
    bump_at: Number = Field(10.0, gt=0)
    bump_height: Number = Field(3.0, ge=0)

    def w(self, x: np.ndarray) -> np.ndarray:
        """In any unit: it is scaled to sigma."""
        return x**-self.gamma * (1 + self.bump_height * np.exp(-np.log(x / self.bump_at) ** 2))
