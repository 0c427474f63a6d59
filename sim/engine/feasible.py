"""Whether a configuration can be run, said before any work: errors for the impossible, warnings for the doubtful."""

import math
import os

from fluxtube.errors import InputError
from fluxtube.sim.config import Config
from fluxtube.sim.config.flows import MOST
from fluxtube.sim.engine.flows import flow_size, size_needed
from fluxtube.theory.free_path import Erlang

BYTES_PER_PARTICLE_PIXEL = 8 * 2 * 2 * 16  # sum and hits, two halves, a block of 16 realisations
BYTES_PER_ELEMENT = 3 * 2 * 8 * 8  # of a matrix over degrees: three exact sums, and as much again in the making


def check_runnable(config: Config) -> list[str]:
    """Warnings about a run of this configuration.

    Raises
    ------
    InputError
        The run is not possible; the message says what can be.
    """
    _flow_can_carry_the_transport(config)
    _isotropic_part_can_answer(config)
    _spectrum_suits_the_flow(config)
    _something_moves_along_the_field(config)
    _several_momenta_can_be_measured(config)
    if config.sampling.flow == "fbm":
        _grid_resolves_the_degrees(config)
        warnings = []
    else:
        _band_exists(config)
        _nodes_resolve_the_band(config)
        warnings = _band_reaches_the_degrees(config)
    _memory_suffices(config)
    return warnings + _resolution_warnings(config) + _particle_warnings(config)


def _flow_can_carry_the_transport(config: Config) -> None:
    model, flow = config.transport.model, config.sampling.flow
    if model != "parallel" and flow != "modes":
        raise InputError(
            f"transport.model = {model!r} needs the flow across the field, and sampling.flow = {flow!r} is along it alone; "
            'use sampling.flow = "modes"'
        )


def _isotropic_part_can_answer(config: Config) -> None:
    transport, beta = config.transport, config.turbulence.transverse_fraction
    if transport.density_response != "steady":
        return
    along = transport.model == "parallel" or (transport.model == "isotropic" and beta == 0)
    if along and config.build_free_path().ends == Erlang(1):
        raise InputError(
            "transport.density_response = 'steady' with exponential free paths leaves nothing to see: the particles' "
            f"compression cancels the convection for transport.model = {transport.model!r} and transverse_fraction = {beta}; "
            'other free paths or density_response = "none" would do'
        )
    if config.sampling.flow == "fbm":
        raise InputError(
            "transport.density_response = 'steady' does not go with sampling.flow = 'fbm': the isotropic part follows the "
            "longest waves, and a power law without end has none; give a turbulence.band and sampling.flow = \"line\""
        )


def _spectrum_suits_the_flow(config: Config) -> None:
    turbulence, flow = config.turbulence, config.sampling.flow
    if flow == "modes" and not config.build_turbulence().is_isotropic:
        raise InputError(
            f"turbulence.spectrum = {turbulence.spectrum!r} is known along the field alone, and sampling.flow = 'modes' draws "
            'vectors in three dimensions; use sampling.flow = "line"'
        )
    if flow == "fbm" and (turbulence.spectrum != "power-law" or turbulence.band is not None):
        given = f"spectrum = {turbulence.spectrum!r}" if turbulence.band is None else f"band = {list(turbulence.band)}"
        raise InputError(
            f"turbulence.{given} does not go with sampling.flow = 'fbm', a power law without end; leave it out, or "
            'use sampling.flow = "line"'
        )


def _several_momenta_can_be_measured(config: Config) -> None:
    sampling = config.sampling
    if not config.transport.other_mean_free_paths:
        return
    if sampling.estimator != "quadrature":
        raise InputError(
            "transport.other_mean_free_paths are measured by quadrature, and sampling.estimator = 'particles'; "
            'use sampling.estimator = "quadrature"'
        )
    if sampling.flow == "fbm":
        raise InputError(
            "transport.other_mean_free_paths need a flow at any point, and sampling.flow = 'fbm' lives on the grid of one path; "
            'use sampling.flow = "line" with a wide band'
        )


def _grid_resolves_the_degrees(config: Config) -> None:
    needed, steps = size_needed(config), flow_size(config)
    if steps < needed:
        raise InputError(
            f"sampling.grid_steps = {steps} a mean free path cannot resolve sky.l_max = {config.sky.l_max}; "
            f"it needs {needed}, or leave it out"
        )
    if steps > MOST:
        raise InputError(
            f"sky.l_max = {config.sky.l_max} needs {needed} grid steps a mean free path, more than the {MOST} that "
            "sampling.grid_steps may be; a smaller sky.l_max needs fewer"
        )


def _band_exists(config: Config) -> None:
    if config.turbulence.band is None:
        raise InputError(
            f"turbulence.band is missing: the flow {config.sampling.flow!r} is a sum of waves and needs an end on both "
            "sides; for example band = [1e-3, 1e3]"
        )


def _nodes_resolve_the_band(config: Config) -> None:
    if config.sampling.flow != "line":
        return
    band, paths, own = config.turbulence.band, config.transport.other_mean_free_paths, config.transport.mean_free_path
    needed, nodes, longest = size_needed(config), flow_size(config), max([1.0, *(path / own for path in paths)])
    if needed > MOST:
        raise InputError(
            f"turbulence.band up to {band[1]:g} takes {needed} nodes along the field line, more than the {MOST} that "
            "sampling.nodes may be; write a lower end: what lies far above sky.l_max is not seen"
        )
    if nodes < needed:
        raise InputError(
            f"sampling.nodes = {nodes} cannot resolve turbulence.band up to {band[1]:g} along the field line"
            f"{f' of the longest mean free path, {longest:g} times the first' if longest > 1 else ''}; "
            f"it needs {needed}, or leave it out"
        )


def _something_moves_along_the_field(config: Config) -> None:
    turbulence = config.turbulence
    if turbulence.spectrum == "slab" and turbulence.transverse_fraction == 1:
        raise InputError(
            "turbulence.transverse_fraction = 1 with spectrum = 'slab' has no velocity along the field, and nothing is left "
            "to see; choose a smaller one"
        )
    if turbulence.band is not None and turbulence.band[1] < 1:
        raise InputError(
            f"turbulence.band ends at {turbulence.band[1]:g}: waves longer than the mean free path make a dipole and next to "
            "nothing else; use for example [1e-3, 1e3]"
        )


def _band_reaches_the_degrees(config: Config) -> list[str]:
    """A wave number k excites degrees up to about k lambda."""
    k_max, l_max = config.turbulence.band[1], config.sky.l_max
    if k_max >= 2 * l_max:
        return []
    return [
        f"turbulence.band ends at {k_max:g}, below twice sky.l_max = {l_max}: the highest multipoles see little "
        f"turbulence; an end of {20 * l_max} is enough"
    ]


def _memory_suffices(config: Config) -> None:
    present = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    nside, degrees = config.sky.nside, config.sky.l_max + 1
    skies = BYTES_PER_PARTICLE_PIXEL * 12 * nside**2
    if config.sampling.estimator == "particles" and skies > present / 2:
        raise InputError(
            f"sky.nside = {nside} takes {skies / 2**30:.1f} GiB a rank for the particles' skies, more than "
            f"half of this machine's {present / 2**30:.1f} GiB; {nside // 2} would take a quarter of it"
        )
    maps = 8 * 12 * nside**2 * (2 * config.output.skies + 12)  # kept skies twice, pixel centres, moments
    if maps > present / 2:
        raise InputError(
            f"sky.nside = {nside} takes {maps / 2**30:.1f} GiB for the sky's maps, more than half of this machine's "
            f"{present / 2**30:.1f} GiB; {nside // 2} would take a quarter of it"
        )
    _waves_fit(config, present)
    all_orders = config.transport.model != "parallel" or config.ensemble.field_directions == "random"
    orders = 2 * degrees - 1 if all_orders else 1
    momenta = 1 + len(config.transport.other_mean_free_paths)
    matrices = BYTES_PER_ELEMENT * orders * degrees**2 * (1 if momenta == 1 else 1 + momenta**2 / 3)
    if matrices > present / 2:
        largest = math.floor(degrees * (present / 2 / matrices) ** (1 / 3 if all_orders else 1 / 2)) - 1
        raise InputError(
            f"sky.l_max = {config.sky.l_max} takes {matrices / 2**30:.1f} GiB a rank for the covariances of {orders} orders m, "
            f"more than half of this machine's {present / 2**30:.1f} GiB; {largest} fits"
        )


def _waves_fit(config: Config, present: int) -> None:
    """The `line` flow's table of waves at the quadrature's nodes."""
    if config.sampling.flow != "line":
        return
    waves = 4 * 8 * flow_size(config) * (config.turbulence.band[1] / 4 + config.sky.l_max)
    if waves > present / 2:
        raise InputError(
            f"turbulence.band up to {config.turbulence.band[1]:g} with {flow_size(config)} nodes takes "
            f"{waves / 2**30:.1f} GiB a rank for waves at the nodes of the pitch angle, more than half of this machine's "
            f"{present / 2**30:.1f} GiB; an end of {config.turbulence.band[1] * (present / 2 / waves) ** 0.5:.0f} fits"
        )


def _resolution_warnings(config: Config) -> list[str]:
    nside, l_max = config.sky.nside, config.sky.l_max
    if l_max <= 3 * nside - 1:
        return []
    needed = 2 ** math.ceil(math.log2((l_max + 1) / 3))
    return [f"sky.nside = {nside} does not resolve sky.l_max = {l_max} in the sky's maps; {needed} is enough"]


def _particle_warnings(config: Config) -> list[str]:
    if config.sampling.estimator != "particles":
        return []
    particles, pixels = config.sampling.particles, 12 * config.sky.nside**2
    if particles < 2 * pixels:
        return [
            f"sampling.particles = {particles} leaves many of the {pixels} pixels of sky.nside = {config.sky.nside} empty in a "
            f"single sky; {20 * pixels} fill both halves of nearly all"
        ]
    return []
