"""Single realisations that are kept beside the ensemble: multipoles, skies, and both estimators' word on the same flow."""

from functools import cached_property

import numpy as np

from fluxtube.sim.config import Config
from fluxtube.sim.engine.engine import Engine
from fluxtube.sim.engine.estimators import Measurement
from fluxtube.sim.engine.sky import pixel_directions


class Samples:
    """The first few realisations; each is filled in by the rank that has it, the others hold zeros.

    Attributes
    ----------
    multipoles : (K, n_m, L)
    skies : (k, npix)
        Intensity in each pixel: at its centre, or the mean of the particles in it (NaN without any).
    check_quadrature : (R, n_m, L)
    check_halves : (R, 2, n_m, L)
    check_noise : (R, n_m, L)
        Variance of the particles' full-sample multipoles about the quadrature's, given the flow.
    """

    def __init__(self, config: Config, engine: Engine):
        self.config, self.engine = config, engine
        count = config.ensemble.realisations
        shape, pixels = (engine.orders.size, config.sky.l_max + 1), 12 * config.sky.nside**2
        self.multipoles = np.zeros((min(config.output.multipoles, count), *shape))
        self.skies = np.zeros((min(config.output.skies, count), pixels))
        checked = min(config.check.realisations, count)
        self.check_quadrature, self.check_noise = np.zeros((2, checked, *shape))
        self.check_halves = np.zeros((checked, 2, *shape))

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays, by name."""
        names = ("multipoles", "skies", "check_quadrature", "check_halves", "check_noise")
        return {name: getattr(self, name) for name in names}

    def keep(self, first: int, measurement: Measurement) -> None:
        """Keep what belongs to the first realisations from a block's measurement."""
        kept = max(0, min(len(measurement.multipoles), len(self.multipoles) - first))
        self.multipoles[first : first + kept] = measurement.multipoles[:kept]
        for r in range(max(0, min(len(measurement.multipoles), len(self.skies) - first))):
            if measurement.intensity is None or measurement.hits is None:
                self.skies[first + r] = self.engine.quadrature.sky(first + r, self._pixels)
            else:
                hits = measurement.hits[r].sum(axis=0)
                with np.errstate(invalid="ignore", divide="ignore"):
                    self.skies[first + r] = measurement.intensity[r].sum(axis=0) / hits

    @cached_property
    def _pixels(self) -> np.ndarray:
        """Arrival directions of the pixels' centres in the magnetic frame, (npix, 3)."""
        return pixel_directions(self.config.sky.nside, self.engine.particles.rotation)

    def check(self, realisation: int) -> None:
        """Measure one realisation both ways."""
        quadrature = self.engine.quadrature.measure(realisation, 1).multipoles[0]
        particles = self.engine.particles.measure(realisation, 1)
        assert particles.difference is not None  # of two halves
        self.check_quadrature[realisation] = quadrature
        self.check_halves[realisation, 0] = particles.multipoles[0] + particles.difference[0]
        self.check_halves[realisation, 1] = particles.multipoles[0] - particles.difference[0]
        self.check_noise[realisation] = self.engine.quadrature.shot_noise(realisation, self.engine.particles.particles)
