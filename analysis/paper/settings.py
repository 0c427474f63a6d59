"""What the paper's figures show: the one set of parameters, and whether a run was made with it."""

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory import Turbulence
from fluxtube.theory.constants import C_KM_S
from fluxtube.theory.models import Model

GAMMA, BETA, SIGMA, SLOPE, SPEED = 5 / 3, 2 / 3, 23.0, -4.7, C_KM_S  # Figs. 1 and 3
L_MIN, L_MAX = 2, 50
DEGREES = np.arange(L_MIN, L_MAX + 1)
RELATIVE = "relative to the isotropic background"


def turbulence() -> Turbulence:
    """The figures' turbulence; its scale is the mean free path, 1, which drops out."""
    return Turbulence.power_law(GAMMA, SIGMA, 1.0, transverse_fraction=BETA)


def covariance() -> np.ndarray:
    """<a_l a_l'> of parallel diffusion, l = 2..50 [(km/s)^2]."""
    return Model.named("parallel").covariance(turbulence(), 1.0, L_MAX, l_min=L_MIN)[0]


def spectra() -> dict[str, np.ndarray]:
    """C_l of both models, l = 2..50."""
    return {
        name: Model.named(name).spectrum(turbulence(), 1.0, L_MAX, l_min=L_MIN, spectral_slope=SLOPE, speed=SPEED)
        for name in ("parallel", "isotropic")
    }


def sort_runs(ensembles) -> dict:
    """Ensembles by their transport's model, "parallel" and "isotropic".

    Raises
    ------
    InputError
        For a run that the paper's figures do not show: other parameters, another model, two runs of one model.
    """
    sorted_runs = {}
    for ensemble in ensembles:
        config = ensemble.config
        model, flow, transport = config.transport.model, config.turbulence, config.transport
        if model not in ("parallel", "isotropic"):
            raise InputError(f"{ensemble.path}: the paper's figures show no {model} transport; parallel or isotropic would do")
        wanted = {
            "turbulence.spectrum": (flow.spectrum, "power-law"),
            "turbulence.gamma": (flow.gamma, GAMMA),
            "turbulence.transverse_fraction": (flow.transverse_fraction, BETA),
            "turbulence.sigma": (flow.sigma, SIGMA),
            "transport.spectral_slope": (transport.spectral_slope, SLOPE),
            "transport.speed": (transport.speed, SPEED),
            "transport.free_path": (transport.free_path, "fixed"),
            "ensemble.field_directions": (config.ensemble.field_directions, "fixed"),
        }
        for key, (value, needed) in wanted.items():
            if value != needed if isinstance(needed, str) else abs(value - needed) > 1e-9 * abs(needed):
                raise InputError(f"{ensemble.path}: {key} = {value}, but the paper's figures have {needed}")
        if model in sorted_runs:
            raise InputError(f"{ensemble.path}: a second run of {model} transport; give one of each model")
        sorted_runs[model] = ensemble
    return sorted_runs
