"""Whether a configuration can be run, said before any work: errors for the impossible, warnings for the doubtful."""

import os

from fluxtube.errors import InputError
from fluxtube.sim.config.model import Config
from fluxtube.sim.flows.nodes import nodes_needed

BYTES_PER_PARTICLE_PIXEL = 8 * 2 * 2 * 16  # sum and hits, two halves, a block of 16 realisations


def check_runnable(config: Config) -> list[str]:
    """Warnings about a run of this configuration.

    Raises
    ------
    InputError
        The run is not possible; the message says the number that would do.
    """
    _band_exists(config)
    _modes_resolve_the_band(config)
    _memory_suffices(config)
    warnings = []
    k_max, l_max = config.turbulence.band[1], config.sky.l_max
    if k_max < 2 * l_max:
        warnings.append(
            f"turbulence.band ends at {k_max:g}, below twice sky.l_max = {l_max}: the highest multipoles see little "
            f"turbulence; an end of {20 * l_max} would do"
        )
    return warnings + _particle_warnings(config)


def _band_exists(config: Config) -> None:
    if config.turbulence.band is None:
        raise InputError(
            f"turbulence.band is missing: the flow {config.sampling.flow!r} is a sum of waves and needs an end on both "
            "sides; band = [1e-3, 1e3] would do"
        )


def _modes_resolve_the_band(config: Config) -> None:
    sampling, band = config.sampling, config.turbulence.band
    needed = nodes_needed(*band)
    if sampling.flow == "line" and sampling.modes < needed:
        raise InputError(
            f"sampling.modes = {sampling.modes} cannot resolve turbulence.band up to {band[1]:g} along the field line; "
            f"{needed} would do"
        )


def _memory_suffices(config: Config) -> None:
    if config.sampling.estimator != "particles":
        return
    needed = BYTES_PER_PARTICLE_PIXEL * 12 * config.sky.nside**2
    present = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > present / 2:
        raise InputError(
            f"sky.nside = {config.sky.nside} takes {needed / 2**30:.1f} GiB a rank for the particles' skies, more than "
            f"half of this machine's {present / 2**30:.1f} GiB; {config.sky.nside // 2} would take a quarter of it"
        )


def _particle_warnings(config: Config) -> list[str]:
    if config.sampling.estimator != "particles":
        return []
    particles, pixels = config.sampling.particles, 12 * config.sky.nside**2
    if particles < 2 * pixels:
        return [
            f"sampling.particles = {particles} leave many of the {pixels} pixels of sky.nside = {config.sky.nside} empty in a "
            f"single sky; {20 * pixels} would fill both halves of nearly all"
        ]
    return []
