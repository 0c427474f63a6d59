"""A free-path law of one's own: some particles scatter soon, the others late, `free_path = "two-scatterers"`.

    fluxtube theory configs/quickstart.toml --plugin examples/plugins/two_scatterers.py --set transport.free_path=two-scatterers
"""

import numpy as np
from pydantic import Field

from fluxtube.sim.config.fields import Number
from fluxtube.sim.config.free_paths import FreePathDensity, register_free_path


@register_free_path("two-scatterers")
class TwoScatterers(FreePathDensity):
    """p(t) = share a e^(-a t) + (1 - share) b e^(-b t), b = a/ratio; brought to mean 1, whatever a is."""

    share: Number = Field(0.5, ge=0, le=1)
    ratio: Number = Field(5.0, ge=1)

    def density(self, t: np.ndarray) -> np.ndarray:
        """p at arrays of t, in any unit of p and t."""
        return self.share * np.exp(-t) + (1 - self.share) / self.ratio * np.exp(-t / self.ratio)
