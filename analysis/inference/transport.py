"""Signal covariances of the models: transport along and across the field, and rivals without a field."""

from dataclasses import dataclass, replace

import numpy as np

from fluxtube.analysis.inference.modes import degrees_and_orders, rotation, turn_covariance
from fluxtube.errors import InputError
from fluxtube.theory.constants import C_KM_S, SPECTRAL_SLOPE
from fluxtube.theory.free_path import Erlang
from fluxtube.theory.kinetic import Steady
from fluxtube.theory.scale_free import ScaleFree

WEIGHTS = {"parallel": (0.0, 0.0), "isotropic": (1.0, 1.0), "cross-field": None}
RIVALS = ("gradient", "dipole-only", "power-law")


@dataclass(frozen=True)
class Point:
    """One set of parameters.

    Attributes
    ----------
    sigma : float
        [km/s]; for rivals the square root of C_2, in the same place.
    gamma, displacement, convection : float
        gamma, eps, eta; `gamma` is the index q of C_l ~ l^-q for the rival "power-law".
    field : (float, float)
        [deg].
    noise : float
        Factor of the noise of the observation.
    """

    sigma: float = 30.0
    gamma: float = 5 / 3
    displacement: float = 1.0
    convection: float = 1.0
    field: tuple[float, float] = (0.0, 90.0)
    noise: float = 1.0


class Transport:
    """Covariance of the multipoles l = 2 .. l_top in equatorial coordinates, dimensionless.

    Parameters
    ----------
    model : {"parallel", "isotropic", "cross-field"}
    l_top : int
    beta, spectral_slope, speed : float
        Transverse fraction, dln f/dln p, v [km/s].
    path : law, optional
        Of free paths, with or without density response (`theory.kinetic`); the fixed one if not given.
    outer_scale : float, optional
        Of von Karman's spectrum, in mean free paths.
    """

    def __init__(
        self, model: str, l_top: int, beta=2 / 3, spectral_slope=SPECTRAL_SLOPE, speed=C_KM_S, path=None, outer_scale=None
    ):
        if model not in WEIGHTS:
            raise InputError(f"model {model!r} is not known; known: {', '.join((*WEIGHTS, *RIVALS))}")
        self.name, self.l_top, self.beta, self.factor = model, l_top, beta, (spectral_slope / speed) ** 2
        self.sign = float(np.sign(spectral_slope))  # of what towards +B comes with a flow along +B
        if model == "parallel" and _nothing_is_left(path):
            raise InputError(
                "density response with exponential free paths leaves no anisotropy of parallel transport: the compression of the "
                "particles cancels the convection; choose other models, or other free paths"
            )
        self.path, self.outer_scale = path, outer_scale
        self.by_order = ScaleFree(l_top, path=path, outer_scale=outer_scale)
        self._turned: tuple = (None, None)
        self._unit: tuple = (None, None)

    def weights(self, point: Point) -> tuple[float, float]:
        """eps and eta."""
        return WEIGHTS[self.name] or (point.displacement, point.convection)

    def about_field(self, point: Point) -> np.ndarray:
        """C^|m|_ll' about the field, (l_top + 1, n_l, n_l)."""
        return self.factor * point.sigma**2 * self.by_order(point.gamma, *self.weights(point), self.beta)

    def covariance(self, point: Point) -> np.ndarray:
        """In equatorial coordinates, (n, n); what sigma multiplies is kept from call to call."""
        shape = (point.gamma, *self.weights(point), None if self.name == "isotropic" else tuple(point.field))
        if self._unit[0] != shape:
            by_order = self.about_field(replace(point, sigma=1.0))
            if self.name == "isotropic":  # the same in any frame
                l, _ = degrees_and_orders(self.l_top)
                self._unit = (shape, np.diag(np.diag(by_order[0])[l - 2]))
            else:
                self._unit = (shape, turn_covariance(by_order, self.blocks(point.field)))
        return point.sigma**2 * self._unit[1]

    def blocks(self, field) -> list[np.ndarray]:
        """Rotation to a direction; the last one is kept."""
        if self._turned[0] != tuple(field):
            self._turned = (tuple(field), rotation(self.l_top, field))
        return self._turned[1]


def _nothing_is_left(path) -> bool:
    """Whether the law answers to no wave along its own wave vector."""
    return isinstance(path, Steady) and path.ends == Erlang(1)


class Rival:
    """Isotropic Gaussian skies of a given shape of C_l, l = 2 .. l_top; `Point.sigma` is the square root of C_2.

    - "gradient": C_l ~ 18/((2l+1)(l+1)(l+2)), a gradient of cosmic rays and Liouville's theorem (Ahlers 2014, PRL 112, 021101);
      sum_l>=1 (2l+1) C_l = 9 C_1 (its check: sum of 1/((l+1)(l+2)) over l >= 1 is 1/2).
    - "power-law": C_l = C_2 (l/2)^-q, q in the place of gamma.
    - "dipole-only": nothing but noise beyond the dipole.
    """

    def __init__(self, model: str, l_top: int):
        if model not in RIVALS:
            raise InputError(f"rival {model!r} is not known; known: {', '.join(RIVALS)}")
        self.name, self.l_top = model, l_top
        self._l = degrees_and_orders(l_top)[0].astype(float)

    def spectrum(self, l, point: Point) -> np.ndarray:
        """C_l."""
        l = np.asarray(l, dtype=float)
        if self.name == "gradient":
            return point.sigma**2 * gradient_shape(l) / gradient_shape(2.0)
        return point.sigma**2 * (l / 2) ** -point.gamma if self.name == "power-law" else np.zeros_like(l)

    def covariance(self, point: Point) -> np.ndarray:
        """(n, n), diagonal."""
        return np.diag(self.spectrum(self._l, point))


def gradient_shape(l) -> np.ndarray:
    """C_l/C_1 = 18/((2l+1)(l+1)(l+2)), (n,).

    Examples
    --------
    >>> gradient_shape(1)
    1.0
    """
    return 18 / ((2 * l + 1) * (l + 1) * (l + 2))


def make(model: str, l_top: int, **physics):
    """`Transport` or `Rival` by its name."""
    return Rival(model, l_top) if model in RIVALS else Transport(model, l_top, **physics)
