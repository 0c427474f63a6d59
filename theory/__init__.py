"""The analytic theory: pure functions of numbers and arrays."""

from fluxtube.theory import flow_multipoles, free_path, isotropic, large_l, parallel, sky
from fluxtube.theory.constants import C_KM_S
from fluxtube.theory.turbulence import Turbulence

__all__ = ["C_KM_S", "Turbulence", "flow_multipoles", "free_path", "isotropic", "large_l", "parallel", "sky"]
