"""The analytic theory: pure functions of numbers and arrays."""

from fluxtube.theory import flow_multipoles, free_path, isotropic, large_l, parallel, sky
from fluxtube.theory.anisotropic import AxialTurbulence
from fluxtube.theory.constants import C_KM_S
from fluxtube.theory.cross_field import CrossFieldTables
from fluxtube.theory.models import Model
from fluxtube.theory.turbulence import Turbulence

__all__ = [
    "C_KM_S", "AxialTurbulence", "CrossFieldTables", "Model", "Turbulence", "flow_multipoles", "free_path", "isotropic",
    "large_l", "parallel", "sky",
]  # fmt: skip
