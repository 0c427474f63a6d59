"""The parts of a run, chosen once from the configuration."""

from dataclasses import dataclass

from fluxtube.sim.config import Config
from fluxtube.sim.estimators import ParticleEstimator, QuadratureEstimator
from fluxtube.sim.flows import FLOWS
from fluxtube.sim.sky import rotation_to_sky

# Realisations a block: few enough for a kernel call well below a second, enough to keep threads busy. The numbers are
# part of what a file's bits depend on.
BLOCK_SIZES = {("quadrature", "line"): 1024, ("quadrature", "modes"): 64, ("particles", "line"): 16, ("particles", "modes"): 16}


@dataclass(frozen=True)
class Engine:
    """A flow and the two ways to measure it; anisotropies come out over `unit_anisotropy`.

    Attributes
    ----------
    flow : Flow
        Draws realisations.
    quadrature, particles : estimators
        Of the same flow.
    estimator : estimator
        The one that the run is made with.
    block_size : int
        Realisations a block.
    unit_anisotropy : float
        (dln f/dln p) sigma/v.
    """

    flow: object
    quadrature: QuadratureEstimator
    particles: ParticleEstimator
    estimator: object
    block_size: int
    unit_anisotropy: float


def build_engine(config: Config) -> Engine:
    """Flow and estimators of a configuration."""
    sampling, sky, seed = config.sampling, config.sky, config.ensemble.seed
    mean_free_path, unit = config.transport.mean_free_path, config.turbulence.sigma
    flow = FLOWS[sampling.flow](config.build_turbulence(), mean_free_path, sampling.modes, seed)
    by_particles = sampling.estimator == "particles"
    particles = ParticleEstimator(
        flow=flow,
        mean_free_path=mean_free_path,
        l_max=sky.l_max,
        nside=sky.nside,
        unit=unit,
        particles=sampling.particles if by_particles else config.check.particles,
        rotation=rotation_to_sky(sky.frame, sky.field_direction),
        seed=seed,
    )
    quadrature = QuadratureEstimator(flow, mean_free_path, sky.l_max, unit)
    return Engine(
        flow=flow,
        quadrature=quadrature,
        particles=particles,
        estimator=particles if by_particles else quadrature,
        block_size=BLOCK_SIZES[sampling.estimator, sampling.flow],
        unit_anisotropy=config.anisotropy_per_velocity * unit,
    )
