"""Several momenta in one flow: skies of particles with other mean free paths, measured beside the run's own."""

from dataclasses import replace

import numpy as np

from fluxtube.sim.engine.estimators.measurement import Measurement
from fluxtube.sim.engine.estimators.sphere_multipoles import SphereMultipoles


class SeveralMomenta:
    """An estimator that measures every realisation with other mean free paths too.

    Parameters
    ----------
    estimator : estimator
        Of the run's own mean free path.
    others : list of estimators
        Of the same flow, one for each other mean free path.
    """

    def __init__(self, estimator, others):
        self.estimator, self.others = estimator, others
        if isinstance(estimator, SphereMultipoles):
            estimator.join(others)

    def __getattr__(self, name):
        return getattr(self.estimator, name)

    def measure(self, first: int, count: int) -> Measurement:
        """Multipoles of consecutive realisations, and at every momentum."""
        if isinstance(self.estimator, SphereMultipoles):
            skies = self.estimator.measure_together(first, count)
            return Measurement(np.ascontiguousarray(skies[:, 0]), momenta=skies)
        own = self.estimator.measure(first, count)
        skies = [own.multipoles, *(other.measure(first, count).multipoles for other in self.others)]
        return replace(own, momenta=np.stack(skies, axis=1))
