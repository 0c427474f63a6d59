"""What flows ask of a configuration."""

from fluxtube.errors import InputError
from fluxtube.sim.config import Config


def longest_path(config: Config) -> float:
    """Longest mean free path over the run's own, by how much further particles of some pitch angle come than that."""
    own = config.transport.mean_free_path
    return max(1.0, *(path / own for path in config.transport.seen_paths)) * stretched(config)


def stretched(config: Config) -> float:
    """Longest displacement along the field over the mean free path, where paths depend on the pitch angle; 1 or above."""
    dependence = config.transport.pitch_angle_dependence_choice.build()
    return 1.0 if dependence is None else max(1.0, dependence.longest)


def require_band(config: Config) -> tuple[float, float]:
    """The band k lambda that a sum of waves needs; InputError without one."""
    if config.turbulence.band is None:
        raise InputError(
            f"turbulence.band is missing: the flow {config.sampling.flow!r} is a sum of waves and needs an end on both "
            "sides; for example band = [1e-3, 1e3]"
        )
    return config.turbulence.band


def band_warnings(config: Config) -> list[str]:
    """A warning where the band ends early: a wave number k excites degrees up to about k lambda."""
    k_max, l_max = require_band(config)[1], config.sky.l_max
    if k_max >= 2 * l_max:
        return []
    return [
        f"turbulence.band ends at {k_max:g}, below twice sky.l_max = {l_max}: the highest multipoles see little "
        f"turbulence; an end of {20 * l_max} is enough"
    ]
