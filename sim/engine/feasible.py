"""Whether a configuration can be run, said before any work: errors for the impossible, warnings for the doubtful."""

import math

from fluxtube.errors import InputError
from fluxtube.memory_present import memory_present
from fluxtube.sim.config import Config
from fluxtube.sim.config.transports import weights_of
from fluxtube.sim.engine.ages import SteadyPath, path_of
from fluxtube.sim.engine.estimators.walks import scatterings_needed
from fluxtube.sim.engine.flows import FLOWS
from fluxtube.sim.engine.flows.requirements import require_band
from fluxtube.sim.engine.memory import memory_needed
from fluxtube.sim.engine.transport import transport
from fluxtube.theory.constants import SPECTRAL_SLOPE
from fluxtube.theory.free_path import Erlang
from fluxtube.theory.pitch_angle_law import LARGEST, PitchAngleLaw

BYTES_PER_PARTICLE_PIXEL = 8 * 2 * 2 * 16  # sum and hits, two halves, a block of 16 realisations
LARGEST_DIPOLE = 5e3  # over the convective anisotropy: a_10^4 = (4 pi/3)^2 5000^4, of 1024 realisations, is 1.1e19 < 2^64
BYTES_PER_ELEMENT = 768  # of a matrix over degrees: three exact sums of 56 bytes, three times, and the output in the making
SHARE = 0.6  # of the memory, for the matrices alone


def check_runnable(config: Config, ranks_on_node: int = 1) -> list[str]:
    """Warnings about a run of this configuration with so many ranks on the node.

    Raises
    ------
    InputError
        The run is not possible; the message says what can be.
    """
    _flow_can_carry_the_transport(config)
    _paths_may_depend_on_the_pitch_angle(config)
    _isotropic_part_can_answer(config)
    _walks_can_be_followed(config)
    _something_moves_along_the_field(config)
    _several_momenta_can_be_measured(config)
    warnings = FLOWS[config.sampling.flow].check(config)
    if not isinstance(warnings, list):
        kind = type(warnings).__name__
        raise InputError(f"sampling.flow = {config.sampling.flow!r}: check() must return a list of warnings, it returned {kind}")
    _memory_suffices(config)
    _all_of_it_fits(config, ranks_on_node)
    _dipole_can_be_summed(config)
    return warnings + _slope_warnings(config) + _resolution_warnings(config) + _particle_warnings(config) + _walk_warnings(config)


def _flow_can_carry_the_transport(config: Config) -> None:
    model, flow = config.transport.model, config.sampling.flow
    if transport(config.transport).across and not FLOWS[flow].vector:
        raise InputError(
            f"transport.model = {model!r} needs the flow across the field, and sampling.flow = {flow!r} is along it alone; "
            'use sampling.flow = "modes"'
        )


def _paths_may_depend_on_the_pitch_angle(config: Config) -> None:
    section = config.transport
    name = f"transport.pitch_angle_dependence = {section.pitch_angle_dependence!r}"
    if section.pitch_angle_dependence == "none":
        return
    if section.model != "parallel":
        raise InputError(
            f"{name} is known along the field alone: across it the displacement lambda(mu) n knows the direction of B, and "
            f'transport.model = {section.model!r} is not that; use transport.model = "parallel"'
        )
    if config.sampling.flow == "fbm":
        raise InputError(
            f"{name} needs a flow at any point, and sampling.flow = 'fbm' lives on a grid of equal steps; give a turbulence.band "
            'and sampling.flow = "line"'
        )
    law = config.build_free_path()  # InputError where particles are observed in flight, or density responds to the flow
    end, most = config.turbulence.band[1] if config.turbulence.band else 0.0, math.inf
    if isinstance(law, PitchAngleLaw) and law.sharp:
        most = LARGEST / law.dependence.longest
    if end > most:
        raise InputError(
            f"{name} with fixed free paths has a theory up to {most:.3g} of wave number times mean free path, and "
            f"turbulence.band ends at {end:g}; write a lower end, or another law of the free path"
        )


def _isotropic_part_can_answer(config: Config) -> None:
    transport, beta = config.transport, config.turbulence.transverse_fraction
    if transport.density_response != "steady":
        return
    along = transport.model == "parallel" or (transport.model == "isotropic" and beta == 0)
    if along and getattr(config.build_free_path(), "ends", None) == Erlang(1) and config.sampling.estimator != "walks":
        raise InputError(
            "transport.density_response = 'steady' with exponential free paths leaves no anisotropy: the particles' "
            f"compression cancels the convection for transport.model = {transport.model!r} and transverse_fraction = {beta}; "
            'use other free paths or density_response = "none"'
        )
    if config.sampling.flow == "fbm":
        raise InputError(
            "transport.density_response = 'steady' cannot be combined with sampling.flow = 'fbm': the isotropic part follows the "
            "longest waves, and a power law without end has none; give a turbulence.band and sampling.flow = \"line\""
        )


def _walks_can_be_followed(config: Config) -> None:
    sampling, transport = config.sampling, config.transport
    if sampling.estimator != "walks":
        return
    if transport.density_response != "steady":
        raise InputError(
            "sampling.estimator = 'walks' follows particles through all their scatterings, which is a steady state; "
            'set transport.density_response = "steady"'
        )
    if config.check.realisations:
        raise InputError("check.realisations compares single paths and not walks; leave it out with sampling.estimator = 'walks'")
    if sampling.momentum == "exact" and (transport.model != "parallel" or sampling.reduction != "none"):
        raise InputError(
            "sampling.momentum = 'exact' is followed along the field and without reduction of the variance; set "
            'transport.model = "parallel" and sampling.reduction = "none"'
        )


def _several_momenta_can_be_measured(config: Config) -> None:
    sampling = config.sampling
    if len(config.transport.seen_paths) > 1 and sampling.estimator not in ("quadrature", "particles"):
        key = "energies" if config.transport.energies else "other_mean_free_paths"
        raise InputError(
            f"transport.{key} are measured by quadrature and by particles, and sampling.estimator = {sampling.estimator!r}; "
            'use sampling.estimator = "quadrature"'
        )


def _something_moves_along_the_field(config: Config) -> None:
    turbulence = config.turbulence
    if turbulence.spectrum == "slab" and turbulence.transverse_fraction == 1:
        raise InputError(
            "turbulence.transverse_fraction = 1 with spectrum = 'slab' has no velocity along the field, and gives no "
            "anisotropy; choose a smaller one"
        )
    if turbulence.alfvenic_share == 1 and weights_of(config.transport.model_choice)[1] == 0:
        raise InputError(
            "turbulence.alfvenic_share = 1 moves the fluid across the field alone, and this transport convects along it: nothing "
            "is left to see; choose a smaller share, or a convection_perpendicular above 0"
        )
    if turbulence.band is not None and turbulence.band[1] < 1:
        raise InputError(
            f"turbulence.band ends at {turbulence.band[1]:g}: waves longer than the mean free path give almost nothing "
            "but a dipole; use for example [1e-3, 1e3]"
        )


def _memory_suffices(config: Config) -> None:
    present = memory_present()
    nside, degrees = config.sky.nside, config.sky.l_max + 1
    skies = BYTES_PER_PARTICLE_PIXEL * 12 * nside**2
    if config.sampling.by_particles and skies > present / 2:
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
    all_orders = transport(config.transport).across or config.ensemble.field_directions == "random"
    orders = 2 * degrees - 1 if all_orders else 1
    momenta = len(config.transport.seen_paths)
    matrices = BYTES_PER_ELEMENT * orders * degrees**2 * (1 if momenta == 1 else 1 + momenta**2 / 3)
    if matrices > SHARE * present:
        largest = math.floor(degrees * (SHARE * present / matrices) ** (1 / 3 if all_orders else 1 / 2)) - 1
        raise InputError(
            f"sky.l_max = {config.sky.l_max} takes {matrices / 2**30:.1f} GiB a rank for the covariances of {orders} orders m, "
            f"too much for this machine's {present / 2**30:.1f} GiB; {largest} fits"
        )


def _all_of_it_fits(config: Config, ranks_on_node: int) -> None:
    needed, present = memory_needed(config), memory_present()
    total = sum(needed.values()) * ranks_on_node
    if total > 0.9 * present:
        largest = max(needed, key=lambda part: needed[part])
        ranks = f" of each of {ranks_on_node} ranks on this node" if ranks_on_node > 1 else ""
        raise InputError(
            f"this run takes about {total / 2**30:.1f} GiB, and there are {present / 2**30:.1f} GiB; the most, "
            f"{needed[largest] / 2**30:.2g} GiB{ranks}, is of {largest}: ask for less of it{' or fewer ranks' if ranks else ''}"
        )


def _dipole_can_be_summed(config: Config) -> None:
    """Sums of fourth powers end at 2^64 in units of the convective anisotropy."""
    convective = abs(config.anisotropy_per_velocity) * config.unit_speed
    diffuse = config.transport.mean_free_path * abs(config.transport.density_gradient)
    if convective and diffuse > LARGEST_DIPOLE * convective:
        raise InputError(
            f"transport.density_gradient makes a dipole of {diffuse:.3g}, {diffuse / convective:.2g} times the convective "
            f"anisotropy (dln f/dln p) sigma/v = {convective:.3g}; up to {LARGEST_DIPOLE:g} times can be summed"
        )


def _slope_warnings(config: Config) -> list[str]:
    slope = config.transport.spectral_slope
    return [f"transport.spectral_slope = {slope:g} is above zero; cosmic rays have about {SPECTRAL_SLOPE}"] if slope > 0 else []


def _resolution_warnings(config: Config) -> list[str]:
    nside, l_max = config.sky.nside, config.sky.l_max
    if l_max <= 3 * nside - 1:
        return []
    needed = 2 ** math.ceil(math.log2((l_max + 1) / 3))
    return [f"sky.nside = {nside} does not resolve sky.l_max = {l_max} in the sky's maps; {needed} is enough"]


def _particle_warnings(config: Config) -> list[str]:
    if not config.sampling.by_particles:
        return []
    particles, pixels = config.sampling.particles, 12 * config.sky.nside**2
    if particles < 2 * pixels:
        return [
            f"sampling.particles = {particles} leaves many of the {pixels} pixels of sky.nside = {config.sky.nside} empty in a "
            f"single sky; {20 * pixels} fill both halves of nearly all"
        ]
    return []


def _walk_warnings(config: Config) -> list[str]:
    """Walks that end before the longest wave averages out; waves oblique to B are longer along it than the band says."""
    if config.sampling.estimator != "walks":
        return []
    given, warnings, law = config.sampling.scatterings, [], path_of(config.build_free_path())
    assert isinstance(law, SteadyPath)  # `_walks_can_be_followed`
    needed = scatterings_needed(require_band(config)[0], law.ends.law)
    if given is not None and given < needed:
        warnings.append(
            f"sampling.scatterings = {given} ends walks before the longest wave of turbulence.band averages out: theory is that "
            f"of longer walks, and `fluxtube validate` may reject it; {needed} leave a hundredth, as without the key"
        )
    if config.transport.model == "isotropic" or not config.build_turbulence().knows_vectors:
        return warnings
    return [
        *warnings,
        "sampling.estimator = 'walks' along the field in waves of all directions: those across B are longer than any walk, and "
        "the first degrees miss a part of the isotropic part's answer; turbulence.spectrum = \"slab\" has waves along B alone"
    ]
