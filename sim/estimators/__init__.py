"""How a realisation becomes multipoles: exact quadrature over pitch angles, or particles."""

from fluxtube.sim.estimators.measurement import Measurement
from fluxtube.sim.estimators.particles import ParticleEstimator
from fluxtube.sim.estimators.quadrature import QuadratureEstimator

__all__ = ["Measurement", "ParticleEstimator", "QuadratureEstimator"]
