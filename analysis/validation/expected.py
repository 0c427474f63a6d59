"""The covariance that theory expects of a run: configuration in, matrix out."""

import numpy as np

from fluxtube.analysis.configured import Configured, theory_of_config
from fluxtube.analysis.diffuse import mean_multipoles
from fluxtube.analysis.validation.against import refuse_keys_without_effect
from fluxtube.errors import InputError


def _over_field_directions(theory: Configured, l_max: int, l_min: int, orders: np.ndarray, diffuse=None) -> np.ndarray:
    """B in any direction with equal chance: diagonal, the same for every m (Eq. 12); `diffuse` a_l0 about B turn with it."""
    degrees = np.arange(l_min, l_max + 1)
    spectrum = theory.spectrum(l_max, l_min)
    if diffuse is not None:
        spectrum = spectrum + diffuse[degrees] ** 2 / (2 * degrees + 1)
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
    theory, orders = theory_of_config(config), np.asarray(orders)
    if config.ensemble.field_directions == "random":
        return _over_field_directions(theory, l_max, l_min, orders, mean_multipoles(config, l_max))
    return theory.covariance(l_max, l_min, orders)


def theory_of(config, against=()):
    """Configuration whose theory a run is compared with: its own, or its own with some keys replaced.

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
