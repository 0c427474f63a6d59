"""Several momenta in one flow: skies of particles with other mean free paths, measured beside the run's own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from fluxtube.sim.engine.contracts import Estimator, Particles, Quadrature
from fluxtube.sim.engine.estimators.sphere_multipoles import SphereMultipoles
from fluxtube.sim.engine.measurement import Measurement


class SeveralMomenta:
    """An estimator that measures every realisation with other mean free paths too, of particles with the same directions.

    Parameters
    ----------
    estimator : estimator
        Of the run's own mean free path.
    others : list of estimators
        Of the same flow, one for each other mean free path.
    """

    def __init__(self, estimator: Quadrature | Particles, others: Sequence[Estimator]):
        self.estimator, self.others = estimator, others
        if isinstance(estimator, SphereMultipoles):
            estimator.join(cast(list[SphereMultipoles], others))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.estimator, name)

    def measure(self, first: int, count: int) -> Measurement:
        """Multipoles of consecutive realisations, and at every momentum."""
        if isinstance(self.estimator, SphereMultipoles):
            skies = self.estimator.measure_together(first, count)
            return Measurement(np.ascontiguousarray(skies[:, 0]), momenta=skies)
        seen = [estimator.measure(first, count) for estimator in (self.estimator, *self.others)]
        skies = np.stack([one.multipoles for one in seen], axis=1)
        own = seen[0]
        if own.difference is None:
            return replace(own, momenta=skies)
        noise = np.stack([cast(np.ndarray, one.difference) for one in seen], axis=1)
        return replace(own, momenta=skies, momenta_difference=noise)
