"""Another theory than a run's own, by keys that theory depends on: a key that changes nothing is refused, not passed over."""

from collections.abc import Callable

import numpy as np

from fluxtube.analysis.diffuse import mean_multipoles
from fluxtube.analysis.energies import expected_between
from fluxtube.errors import InputError
from fluxtube.sim.config import Config

DEGREES = 6  # up to which two theories are compared
SAME = 1e-9  # relative difference that counts as none
NEVER = ("density_gradient",)  # the diffuse dipole is of degree 1


def refuse_keys_without_effect(config: Config, against: tuple[str, ...], covariance: Callable[..., np.ndarray]) -> None:
    """Raise InputError for a key of `against` that leaves the theory of a run as it is.

    Parameters
    ----------
    config : Config
        The run's own.
    against : sequence of str
        ``KEY=VALUE`` each.
    covariance : callable
        (config, l_max, l_min, orders) -> (n_m, n, n).
    """
    changed = config.with_overrides(list(against))
    orders = (0,) if config.transport.model == changed.transport.model == "parallel" else (0, 1)
    several = len(config.transport.seen_paths) > 1

    def numbers(other: Config) -> np.ndarray:
        between = expected_between(other, DEGREES).ravel() if several else np.empty(0)
        diffuse = mean_multipoles(other, DEGREES)
        mean = np.zeros(DEGREES - 1) if diffuse is None else diffuse[2:]
        return np.concatenate([covariance(other, DEGREES, 2, orders).ravel(), between, mean])

    theory = numbers(changed)
    for override in against:
        try:
            without = config.with_overrides([other for other in against if other != override])
        except InputError:  # the others need this key
            continue
        if without.flat() == changed.flat():  # it has that value already
            continue
        before = numbers(without)
        if before.shape == theory.shape and np.allclose(before, theory, rtol=SAME, atol=0.0):
            name = override.split("=", 1)[0].strip()
            raise InputError(f"--against {override}: C_l does not depend on {name} here; it depends on {_on_what(changed, name)}")


def _on_what(config: Config, name: str) -> str:
    keys = [f"{section}.{key}" for section in ("turbulence", "transport") for key in config.flat()[section] if key not in NEVER]
    return ", ".join(key for key in keys if key != name)
