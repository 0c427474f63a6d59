"""The covariance that theory expects of a run: configuration in, matrix out. The one place where the two meet."""

from collections.abc import Callable
from functools import partial

import numpy as np

from fluxtube.analysis.validation.against import refuse_keys_without_effect
from fluxtube.errors import InputError
from fluxtube.theory import cross_field, parallel


def _parallel(config, l_max: int, l_min: int, orders: np.ndarray) -> np.ndarray:
    """Parallel diffusion: cylindrical symmetry about B leaves m = 0 alone."""
    turbulence = config.build_turbulence()
    path = _free_path(config)
    block = parallel.multipole_covariance(turbulence, config.transport.mean_free_path, l_max, l_min=l_min, free_path=path)
    degrees = np.arange(l_min, l_max + 1)
    # The theory's a_l are taken along p, a run's a_l0 at the arrival direction -p: a sign for every odd degree.
    sign = (-1.0) ** (degrees[:, None] + degrees[None, :])
    return np.where((orders == 0)[:, None, None], sign * block, 0.0)


def _across(displacement: float, convection: float, config, l_max: int, l_min: int, orders: np.ndarray) -> np.ndarray:
    """Displacement and convection across the field: all orders m."""
    return cross_field.multipole_covariance(
        config.build_turbulence(),
        config.transport.mean_free_path,
        displacement,
        convection,
        l_max,
        l_min=l_min,
        orders=orders,
        free_path=_free_path(config),
    )


def _cross_field(config, *where) -> np.ndarray:
    transport = config.transport
    return _across(transport.displacement_perpendicular, transport.convection_perpendicular, config, *where)


def _free_path(config):
    return config.build_free_path()


_MODELS: dict[str, Callable] = {
    "parallel": _parallel,
    "isotropic": partial(_across, 1.0, 1.0),
    "cross-field": _cross_field,
}


def _over_field_directions(model, config, l_max: int, l_min: int, orders: np.ndarray) -> np.ndarray:
    """B in any direction with equal chance: diagonal, the same for every m (Eq. 12)."""
    degrees = np.arange(l_min, l_max + 1)
    every_order = np.arange(-l_max, l_max + 1)
    spectrum = np.einsum("mll->l", model(config, l_max, l_min, every_order)) / (2 * degrees + 1)
    return np.where(degrees >= np.abs(orders)[:, None], spectrum, 0.0)[:, :, None] * np.eye(degrees.size)


def expected_covariance(config, l_max: int, l_min: int = 2, orders=(0,)) -> np.ndarray:
    """Covariance of the multipoles of Delta f / f that theory expects of a configuration.

        <a_lm a_l'm> = (slope / v)^2 <a_l a_l'>,    Eqs. 12-13 taken over the run's own band

    Parameters
    ----------
    config : fluxtube.sim.config.Config
        Turbulence and transport are read from it; nothing else is.
    l_max, l_min : int
        Largest and smallest degree.
    orders : sequence of int, length n_m
        Orders m of the real spherical harmonics in the magnetic frame.

    Returns
    -------
    ndarray, shape (n_m, n, n), n = l_max - l_min + 1
        Dimensionless.

    Raises
    ------
    InputError
        Where no analytic covariance is known for the transport asked for.
    """
    transport = config.transport
    if transport.model not in _MODELS:
        raise InputError(
            f'transport.model = "{transport.model}" has no analytic covariance to compare with; known: {", ".join(_MODELS)}'
        )
    model, orders = _MODELS[transport.model], np.asarray(orders)
    if config.ensemble.field_directions == "random":
        covariance = _over_field_directions(model, config, l_max, l_min, orders)
    else:
        covariance = model(config, l_max, l_min, orders)
    return covariance * (transport.spectral_slope / transport.speed) ** 2


def theory_of(config, against=()):
    """Configuration whose theory a run is held against: its own, or its own with some keys replaced.

    Parameters
    ----------
    config : fluxtube.sim.config.Config
        Configuration of the run.
    against : sequence of str
        ``KEY=VALUE`` replacements, of the sections turbulence and transport.

    Raises
    ------
    InputError
        For an unknown key, an impossible value, or a key that theory does not depend on.
    """
    if not against:
        return config
    changed = config.with_overrides(list(against))
    for override in against:
        section = override.split(".", 1)[0].strip()
        if section not in ("turbulence", "transport"):
            raise InputError(
                f"--against {override}: theory depends on [turbulence] and [transport] only; "
                "for example --against turbulence.gamma=1.6"
            )
    refuse_keys_without_effect(config, tuple(against), expected_covariance)
    return changed
