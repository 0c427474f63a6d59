"""Scattering of one's own: D(mu) of two fields of waves, `pitch_angle_dependence = "two-waves"`.

    fluxtube theory my.toml --plugin examples/plugins/two_waves.py --set transport.pitch_angle_dependence=two-waves
"""

import numpy as np
from pydantic import Field

from fluxtube.sim.config.fields import Number
from fluxtube.sim.config.pitch_angles import PitchAngleDiffusion, register_pitch_angle


@register_pitch_angle("two-waves")
class TwoWaves(PitchAngleDiffusion):
    """D ~ (1 - mu^2) [|mu|^(2/3) + share (1 - mu^2)]: waves along the field, and some that scatter at 90 degrees too."""

    share: Number = Field(0.2, gt=0, le=10)

    def coefficient(self, mu: np.ndarray) -> np.ndarray:
        """D at arrays of mu in (-1, 1), in any unit."""
        return (1 - mu**2) * (np.abs(mu) ** (2 / 3) + self.share * (1 - mu**2))
