"""Transport models: the one place where turbulence, free paths and transport meet their covariance and power spectrum.

Displacement lambda (eps p_perp + p_par) and convection by eta u_perp + u_par are ONE family: (eps, eta) = (0, 0) is parallel
diffusion (Zhang & Liu 2025), (1, 1) isotropic diffusion (Zhang & Liu 2024), all else lies in between (docs/cross-field.md).
"""

from dataclasses import dataclass

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory import checks, cross_field, isotropic, parallel
from fluxtube.theory.constants import C_KM_S, SPECTRAL_SLOPE
from fluxtube.theory.free_path import Fixed
from fluxtube.theory.pitch_angle_law import PitchAngleLaw

_FIXED = Fixed()


@dataclass(frozen=True)
class Model:
    """How particles are displaced and convected across the field, relative to along it.

    Parameters
    ----------
    displacement : float
        eps in [0, 1]: weight of the displacement across the field.
    convection : float
        eta in [0, 1]: weight of the convection across the field.

    Examples
    --------
    >>> Model.named("isotropic") == Model(1.0, 1.0), Model(0.5, 0.0).name
    (True, 'cross-field')
    >>> from fluxtube.theory import Turbulence
    >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0)
    >>> [f"{Model.named(name).spectrum(flow, 10.0, 2)[0]:.6e}" for name in ("parallel", "isotropic")]
    ['3.286443e-08', '1.696400e-07']
    """

    displacement: float = 0.0
    convection: float = 0.0

    def __post_init__(self):
        object.__setattr__(self, "displacement", checks.fraction("displacement_perpendicular", self.displacement))
        object.__setattr__(self, "convection", checks.fraction("convection_perpendicular", self.convection))

    @classmethod
    def named(cls, name: str, displacement: float | None = None, convection: float | None = None) -> "Model":
        """ "parallel", "isotropic", or "cross-field" with its two weights.

        Raises
        ------
        InputError
            For an unknown name, or "cross-field" without a weight.
        """
        ends = {"parallel": (0.0, 0.0), "isotropic": (1.0, 1.0)}
        if name in ends:
            return cls(*ends[name])
        if name != "cross-field":
            raise InputError(f"model = {name!r} has no theory; known: parallel, isotropic, cross-field")
        if displacement is None or convection is None:
            raise InputError("model = 'cross-field' needs the weights displacement_perpendicular and convection_perpendicular")
        return cls(displacement, convection)

    @property
    def name(self) -> str:
        """parallel, isotropic or cross-field."""
        return {(0.0, 0.0): "parallel", (1.0, 1.0): "isotropic"}.get((self.displacement, self.convection), "cross-field")

    @property
    def is_parallel(self) -> bool:
        """Whether the flow along the field is all that counts: E(kappa) then suffices."""
        return self.name == "parallel"

    @property
    def is_isotropic(self) -> bool:
        """Whether the sky of isotropic turbulence is statistically isotropic."""
        return self.name == "isotropic"

    def covariance(
        self, turbulence, mean_free_path, l_max, *, l_min=2, law=_FIXED, other_path=None, orders=(0,)
    ) -> np.ndarray:
        """Covariance <a_lm a_l'm> of the convective multipoles [velocity^2], in the frame whose pole is B.

        Parameters
        ----------
        turbulence : Turbulence
            Any; one known by E(kappa) alone for parallel diffusion only.
        mean_free_path : float
            lambda [length].
        l_max, l_min : int
            Range of degrees; l_min may be 0 (1 where the sky is isotropic).
        law : free-path law
            Of `free_path`.
        other_path : float, optional
            lambda' of a second momentum [length]: <a_lm(lambda) a_l'm(lambda')> of one flow, rows lambda, columns lambda'.
        orders : (n_m,) ints
            Orders m of the real spherical harmonics.

        Returns
        -------
        (n_m, n, n) array
            n = l_max - l_min + 1; zero for odd l + l' and for l < |m| [velocity^2].

        Raises
        ------
        InputError
            If an argument is out of range, an integral diverges, or the turbulence does not hold what the model needs.

        Examples
        --------
        >>> from fluxtube.theory import Turbulence
        >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0)
        >>> blocks = Model(0.0, 1.0).covariance(flow, 10.0, 3, orders=[0, 1, 2])
        >>> blocks.shape, [bool(block.any()) for block in blocks]
        ((3, 2, 2), [True, True, False])
        """
        self._require_known(law)
        mean_free_path, other = _paths(mean_free_path, other_path)
        l_max, l_min = checks.degrees(l_max, l_min)
        orders = np.atleast_1d(np.asarray(orders))
        if self.is_isotropic and turbulence.axial is None:
            diagonal = isotropic.angular_power_spectrum(turbulence, mean_free_path, l_max, 1.0, 1.0, l_min, law, other)
            present = np.arange(l_min, l_max + 1) >= np.abs(orders)[:, None]
            return np.where(present, diagonal, 0.0)[:, :, None] * np.eye(diagonal.size)
        if self.displacement > 0.0:
            weights = (self.displacement, self.convection)
            return cross_field.multipole_covariance(
                turbulence, mean_free_path, *weights, l_max, l_min, orders, law, other_mean_free_path=other
            )
        return cross_field.without_displacement(turbulence, mean_free_path, self.convection, l_max, l_min, orders, law, other)

    def spectrum(
        self,
        turbulence,
        mean_free_path,
        l_max,
        *,
        l_min=2,
        law=_FIXED,
        other_path=None,
        spectral_slope=SPECTRAL_SLOPE,
        speed=C_KM_S,
    ) -> np.ndarray:
        """Angular power spectrum C_l of Delta f/f, the mean of the variances over the 2 l + 1 orders.

        Parameters
        ----------
        turbulence, mean_free_path, l_max, l_min, law, other_path
            As in `covariance`.
        spectral_slope : float
            dlnf/dlnp of the phase-space density f [1].
        speed : float
            Particle speed v, in the turbulence's unit of velocity.

        Returns
        -------
        (n,) array
            C_l [1], l = l_min..l_max.

        Raises
        ------
        InputError
            As in `covariance`.

        Examples
        --------
        >>> from fluxtube.theory import Turbulence
        >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0)                            # three fifths, docs/cross-field.md
        >>> ends = [Model(*weights).spectrum(flow, 10.0, 2000, l_min=2000)[0] for weights in ((0, 1), (1, 1))]
        >>> round(float(ends[0] / ends[1]), 4)
        0.6
        """
        self._require_known(law)
        factor = checks.anisotropy_factor(spectral_slope, speed)
        mean_free_path, other = _paths(mean_free_path, other_path)
        l_max, l_min = checks.degrees(l_max, l_min)
        if self.is_isotropic and turbulence.axial is None:
            return factor * isotropic.angular_power_spectrum(turbulence, mean_free_path, l_max, 1.0, 1.0, l_min, law, other)
        if self.is_parallel and other is None:
            return factor * parallel.angular_power_spectrum(turbulence, mean_free_path, l_max, 1.0, 1.0, l_min, law)
        if self.displacement > 0.0:
            weights = (self.displacement, self.convection)
            return factor * cross_field.power(turbulence, mean_free_path, *weights, l_max, l_min, law, other)
        blocks = self.covariance(
            turbulence, mean_free_path, l_max, l_min=l_min, law=law, other_path=other, orders=(0, 1)
        )
        # Real harmonics of m = 1 and m = -1 have the same variance.
        variance = np.einsum("mll->ml", blocks)
        return factor * (variance[0] + 2.0 * variance[1]) / (2.0 * np.arange(l_min, l_max + 1) + 1.0)

    def _require_known(self, law) -> None:
        """InputError for paths that depend on the pitch angle, where particles or the flow leave the field line."""
        if isinstance(law, PitchAngleLaw) and not self.is_parallel:
            law.transverse_response(1.0)

    def steepness(self, turbulence, law=_FIXED) -> float | None:
        """Power n of C_l ~ l^-n far out in the inertial range; None for a spectrum or a law that names none.

        gamma + 1 for the fixed path. Sampled paths smooth the sky: gamma + 4 for longitudinal waves, but only gamma + 2 for
        transverse ones, which are seen wherever particles or the flow leave the field line.

        Parameters
        ----------
        turbulence : Turbulence
            For its index and transverse fraction.
        law : free-path law
            Of `free_path`.

        Examples
        --------
        >>> from fluxtube.theory import Turbulence
        >>> from fluxtube.theory.free_path import Erlang
        >>> flow = Turbulence.power_law(2.0, 23.0, 10.0)
        >>> [Model(*w).steepness(flow, Erlang(1)) for w in ((0, 0), (1, 1))], Model(1, 1).steepness(flow)
        ([6.0, 4.0], 3.0)
        """
        index, steepening = turbulence.inertial_index, getattr(law, "steepening", None)
        if index is None or steepening is None:
            return None
        longitudinal = self.is_parallel or (self.is_isotropic and _purely(turbulence, 0.0))
        return index + steepening[0 if longitudinal else 1]


def _purely(turbulence, fraction: float) -> bool:
    """Whether the transverse fraction is this number at all wave numbers."""
    return not callable(turbulence.transverse_fraction) and turbulence.transverse_fraction == fraction


def _paths(mean_free_path, other_path) -> tuple[float, float | None]:
    mean_free_path = checks.positive("mean_free_path", mean_free_path)
    if other_path is None or float(other_path) == mean_free_path:
        return mean_free_path, None
    return mean_free_path, checks.positive("other_path", other_path)
