"""What theory expects of a spectrum, for any sigma and gamma, quickly: tables over gamma, sigma a factor."""

from functools import lru_cache

import numpy as np
from scipy.interpolate import CubicSpline

from fluxtube.errors import InputError
from fluxtube.theory import Turbulence, checks
from fluxtube.theory.constants import C_KM_S, SPECTRAL_SLOPE
from fluxtube.theory.free_path import Fixed
from fluxtube.theory.models import Model

MODELS = ("parallel", "isotropic")
FIXED = Fixed()
GAMMA_RANGE = (1.05, 2.6)
NODES = 63  # the cubic spline of ln C_l over gamma is then good to 1e-7


class Templates:
    """C_l and covariance of a model for an infinite inertial range and a law of free paths.

    The mean free path drops out: sigma is the velocity dispersion at its scale.

    Parameters
    ----------
    model : {"parallel", "isotropic"}
    l : ndarray of int (n,)
        Degrees, rising.
    transverse_fraction, spectral_slope, speed : float
        beta, dln f/dln p, v [km/s].
    law : free-path law
        Of `theory.free_path` or `theory.kinetic`; fixed paths observed at the end, without density response, if not given.

    Raises
    ------
    InputError
        For an unknown model, or degrees below 2.
    """

    def __init__(
        self, model: str, l, transverse_fraction: float = 2 / 3, spectral_slope: float = SPECTRAL_SLOPE,
        speed: float = C_KM_S, law=FIXED,
    ):  # fmt: skip
        if model not in MODELS:
            raise InputError(f"model {model!r} is not known; known: {', '.join(MODELS)}")
        self.model, self.l = model, np.asarray(l, dtype=int)
        if self.l[0] < 2:
            raise InputError(f"theory starts at l = 2, the spectrum has l = {self.l[0]}; use --l-min 2")
        self.transverse_fraction, self.factor = float(transverse_fraction), checks.anisotropy_factor(spectral_slope, speed)
        self.law = law
        gammas, table = _table(model, int(self.l[-1]), self.transverse_fraction, law)
        self._spline = CubicSpline(gammas, table[:, self.l - 2])

    def spectrum(self, sigma, gamma) -> np.ndarray:
        """C_l [1] for arrays of sigma [km/s] and gamma of the same shape s: (*s, n)."""
        sigma = np.asarray(sigma, dtype=float)[..., None]
        return self.factor * sigma**2 * np.exp(self._spline(np.asarray(gamma, dtype=float)))

    def covariance(self, gamma: float) -> np.ndarray:
        """<a_l a_l'> of Delta f/f for parallel diffusion and sigma = 1 km/s, (n, n)."""
        turbulence = Turbulence.power_law(gamma, 1.0, 1.0, transverse_fraction=self.transverse_fraction)
        whole = Model.named("parallel").covariance(turbulence, 1.0, int(self.l[-1]), law=self.law)[0]
        return self.factor * whole[np.ix_(self.l - 2, self.l - 2)]


@lru_cache(maxsize=32)
def _table(model: str, l_max: int, transverse_fraction: float, law) -> tuple[np.ndarray, np.ndarray]:
    """gamma (NODES,) and ln C_l (NODES, l_max - 1) at sigma = 1, slope and speed 1."""
    gammas = np.linspace(*GAMMA_RANGE, NODES)
    flows = (Turbulence.power_law(gamma, 1.0, 1.0, transverse_fraction=transverse_fraction) for gamma in gammas)
    spectra = [Model.named(model).spectrum(flow, 1.0, l_max, law=law, spectral_slope=1.0, speed=1.0) for flow in flows]
    return gammas, np.log(spectra)
