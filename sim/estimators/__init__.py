"""How a realisation becomes multipoles: exact quadrature or particles, along the field or all over the sphere."""

from fluxtube.sim.estimators.measurement import Measurement
from fluxtube.sim.estimators.momenta import SeveralMomenta
from fluxtube.sim.estimators.particles import ParticleEstimator
from fluxtube.sim.estimators.quadrature import QuadratureEstimator
from fluxtube.sim.estimators.sphere_particles import SphereParticles
from fluxtube.sim.estimators.sphere_quadrature import SphereQuadrature

__all__ = ["Measurement", "ParticleEstimator", "QuadratureEstimator", "SeveralMomenta", "SphereParticles", "SphereQuadrature"]
