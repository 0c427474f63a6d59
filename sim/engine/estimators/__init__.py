"""How a realisation becomes multipoles: exact quadrature or particles, along the field or all over the sphere."""

from fluxtube.sim.engine.estimators.momenta import SeveralMomenta
from fluxtube.sim.engine.estimators.particles import ParticleEstimator
from fluxtube.sim.engine.estimators.quadrature import QuadratureEstimator
from fluxtube.sim.engine.estimators.ring_multipoles import RingMultipoles
from fluxtube.sim.engine.estimators.several_weights import SeveralWeights
from fluxtube.sim.engine.estimators.sphere_multipoles import SphereMultipoles
from fluxtube.sim.engine.estimators.sphere_particles import SphereParticles
from fluxtube.sim.engine.estimators.sphere_quadrature import SphereQuadrature
from fluxtube.sim.engine.measurement import Measurement

__all__ = [
    "Measurement",
    "ParticleEstimator",
    "QuadratureEstimator",
    "RingMultipoles",
    "SeveralMomenta",
    "SeveralWeights",
    "SphereMultipoles",
    "SphereParticles",
    "SphereQuadrature",
]
