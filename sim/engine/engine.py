"""The parts of a run, chosen once from the configuration."""

import math
from dataclasses import dataclass

import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.config import Config
from fluxtube.sim.engine.ages import SteadyPath, path_of
from fluxtube.sim.engine.contracts import Estimator, Flow, Particles, Quadrature
from fluxtube.sim.engine.estimators import SeveralMomenta
from fluxtube.sim.engine.estimators.walks import WalkEstimator, scatterings_needed
from fluxtube.sim.engine.field_directions import RandomFieldDirections
from fluxtube.sim.engine.flows import FLOWS
from fluxtube.sim.engine.flows.requirements import require_band, stretched
from fluxtube.sim.engine.harmonics import real_orders
from fluxtube.sim.engine.sky import rotation_to_sky
from fluxtube.sim.engine.transport import transport

# Realisations a block: few enough for a kernel call well below a second, enough to keep threads busy. The numbers are
# part of what a file's bits depend on.
BLOCK_ACROSS_FIELD = 8
PARTICLE_BLOCK = 16
PARTICLES_A_BLOCK = 2**24
WORK_A_BLOCK = 2**32  # multiply-adds: a few seconds on one core, for a signal takes effect at the end of a block


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
    orders : (n_m,)
        Orders m of the multipoles.
    block_size : int
        Realisations a block.
    unit_anisotropy : float
        (dln f/dln p) sigma/v.
    skies : tuple of Quadrature
        One for each mean free path, the run's own first.
    """

    flow: Flow
    quadrature: Quadrature
    particles: Particles
    estimator: Estimator
    orders: np.ndarray
    block_size: int
    unit_anisotropy: float
    skies: tuple[Quadrature, ...] = ()


def build_engine(config: Config) -> Engine:
    """Flow and estimators of a configuration."""
    sampling, sky, seed = config.sampling, config.sky, config.ensemble.seed
    mean_free_path, unit = config.transport.mean_free_path, config.unit_speed
    unit_anisotropy = config.anisotropy_per_velocity * unit
    law = path_of(config.build_free_path())
    others = config.transport.seen_paths[1:]
    longest = max(config.transport.seen_paths) * stretched(config)
    flow = FLOWS[sampling.flow].of(config, longest, law.reach)
    if not hasattr(flow, "k_max"):
        kind = type(flow).__name__
        raise InputError(f"sampling.flow = {sampling.flow!r}: of() must return a flow with k_max, it returned {kind}")
    by_particles = sampling.by_particles
    model = transport(config.transport)
    turned = config.ensemble.field_directions == "random"

    def estimators(path: float) -> tuple[Quadrature, Particles]:
        """Quadrature and particles of one mean free path."""
        # The first term of Eq. 1 towards n = B: f is larger where grad ln f points to, and one sees what comes from there.
        dipole = path * config.transport.density_gradient / unit_anisotropy if unit_anisotropy else 0.0
        # Two halves of equal size: of an odd number one particle is left out.
        particles = (sampling.particles if by_particles else config.check.particles) // 2 * 2
        sampled = {"nside": sky.nside, "particles": particles, "rotation": rotation_to_sky(sky.frame, sky.field_direction)}
        stratified = by_particles and sampling.directions == "stratified"
        exact, drawn = model.estimators(flow, path, sky.l_max, unit, law, dipole, seed=seed, stratified=stratified, **sampled)
        if sampling.estimator == "walks":
            assert isinstance(law, SteadyPath)  # the configuration asks for the response that they find
            seen = model.estimators(flow, path, sky.l_max, unit, law.observed, dipole, seed=seed, **sampled)[0]
            drawn = WalkEstimator(
                seen, flow, path, model.waves(flow, path, unit), sky.l_max, unit=unit, free_path=law, dipole=dipole, seed=seed,
                scatterings=sampling.scatterings or scatterings_needed(require_band(config)[0], law.ends.law),
                reduction=sampling.reduction == "common",
                exact=(config.transport.speed, config.transport.spectral_slope) if sampling.momentum == "exact" else None,
                **sampled,
            )  # fmt: skip
        if turned:
            return RandomFieldDirections(exact, sky.l_max, seed), RandomFieldDirections(drawn, sky.l_max, seed)
        return exact, drawn

    quadrature, particles = estimators(mean_free_path)
    pairs = [estimators(path) for path in others]
    skies = quadrature, *(pair[0] for pair in pairs)
    if others:
        if by_particles:
            particles = SeveralMomenta(particles, [pair[1] for pair in pairs])
        else:
            quadrature = SeveralMomenta(quadrature, [pair[0] for pair in pairs])
    return Engine(
        flow=flow,
        quadrature=quadrature,
        particles=particles,
        estimator=particles if by_particles else quadrature,
        orders=real_orders(sky.l_max) if turned else model.orders(sky.l_max),
        block_size=_block_size(config),
        unit_anisotropy=unit_anisotropy,
        skies=skies,
    )


def _block_size(config: Config) -> int:
    """Realisations a block."""
    sampling = config.sampling
    if sampling.by_particles:
        return max(1, min(PARTICLE_BLOCK, PARTICLES_A_BLOCK // sampling.particles))
    flow = FLOWS[sampling.flow]
    sums_waves = transport(config.transport).across and not flow.exactly_gaussian
    usual = BLOCK_ACROSS_FIELD if sums_waves else flow.block_size
    work = flow.multiply_adds(config, sums_waves) if hasattr(flow, "multiply_adds") else 1.0
    return usual if usual * work <= WORK_A_BLOCK else max(1, 2 ** math.floor(math.log2(WORK_A_BLOCK / work)))
