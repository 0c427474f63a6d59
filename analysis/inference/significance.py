"""False-alarm rates by simulation: how often one model's skies give another's gain in likelihood."""

from dataclasses import dataclass

import numpy as np

from fluxtube.analysis.inference.data import SkyData
from fluxtube.analysis.inference.likelihood import SkyLikelihood
from fluxtube.analysis.inference.parameters import Prior
from fluxtube.analysis.inference.profile import cross_field_best, model_best
from fluxtube.analysis.inference.transport import Point

AXIS = np.linspace(0, 1, 9)


@dataclass(frozen=True)
class Gain:
    """ln L of cross-field transport over another model, both at their best, on the sky and on skies of that model.

    Attributes
    ----------
    null : str
    observed : float
    simulated : ndarray (n,)
    """

    null: str
    observed: float
    simulated: np.ndarray

    @property
    def rate(self) -> float:
        """Share of simulated skies with as large a gain, the observed one counted: never below 1/(n + 1)."""
        return float((1 + np.sum(self.simulated >= self.observed)) / (len(self.simulated) + 1))


def gain(data: SkyData, null: str, best: Point, prior: Prior, skies: int = 400, seed: int = 1, **physics) -> Gain:
    """How much better cross-field transport describes the sky than `null`, and how often it does so by chance.

    Skies are drawn from `null` at its best point; gamma, the field and the noise stay there, sigma, eps and eta are fitted
    anew on a 9 x 9 grid of weights.
    """
    rng = np.random.default_rng(seed)
    drawn = SkyLikelihood(data, null, **physics).draw(best, rng, skies)
    values = np.vstack([data.values, drawn])
    gamma = best.gamma if null != "power-law" else prior.fixed.gamma
    point = Point(1.0, gamma, 1.0, 1.0, best.field, best.noise)
    whole = cross_field_best(data, point, prior, AXIS, (gamma,), values, **physics).max(axis=(0, 1))
    gains = whole - model_best(data, null, point, prior, values, **physics)
    return Gain(null, float(gains[0]), gains[1:])
