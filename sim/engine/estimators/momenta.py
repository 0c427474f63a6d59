"""Several momenta in one flow: skies of particles with other mean free paths, measured beside the run's own."""

from dataclasses import replace

import numpy as np

from fluxtube.sim.engine.estimators.measurement import Measurement
from fluxtube.sim.engine.estimators.sphere_multipoles import SphereMultipoles


class SeveralMomenta:
    """An estimator that measures every realisation with other mean free paths too, of particles with the same directions.

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
        own, *others = (estimator.measure(first, count) for estimator in (self.estimator, *self.others))
        skies = np.stack([own.multipoles, *(other.multipoles for other in others)], axis=1)
        if own.difference is None:
            return replace(own, momenta=skies)
        noise = np.stack([own.difference, *(other.difference for other in others)], axis=1)
        return replace(own, momenta=skies, momenta_difference=noise)
