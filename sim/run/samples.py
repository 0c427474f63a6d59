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
        both = measured_both_ways(self.engine, realisation)
        self.check_quadrature[realisation], self.check_halves[realisation], self.check_noise[realisation] = both


def measured_both_ways(engine: Engine, realisation: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Multipoles by quadrature (n_m, L), those of the particles' halves (2, n_m, L), and the noise of their mean (n_m, L)."""
    quadrature = engine.quadrature.measure(realisation, 1).multipoles[0]
    particles = engine.particles.measure(realisation, 1)
    assert particles.difference is not None  # of two halves
    mean, difference = particles.multipoles[0], particles.difference[0]
    halves = np.stack([mean + difference, mean - difference])
    return quadrature, halves, engine.quadrature.shot_noise(realisation, engine.particles.particles)
