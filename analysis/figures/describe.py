"""What a run is, in words: the lines above tables and the titles of figures."""

import re

from fluxtube.sim.config import words
from fluxtube.sim.config.words import band, number

__all__ = ["band", "headline", "number", "physics", "sampling", "thousands", "title"]


def physics(config) -> str:
    """Turbulence and transport, with units: all that the numbers depend on."""
    transport = config.transport
    gradient = f", density gradient {transport.density_gradient:g} /pc" if transport.density_gradient else ""
    return (
        f"{words.spectrum(config)}, {words.strength(config)}, {band(config)}, {words.transport(config)}, "
        f"{words.free_path(config)}, dlnf/dlnp = {transport.spectral_slope:g}, v = {transport.speed:.9g} km/s{gradient}"
    )


def sampling(ensemble) -> str:
    """How many realisations, and how they were made."""
    settings = ensemble.config.sampling
    particles = f" of {settings.particles:,} particles" if settings.by_particles else ""
    size = settings.flow_choice.size
    flow = f"flow: {settings.flow}" if size is None else f"flow: {settings.flow}, {settings.flow_choice.size_key} = {size}"
    return f"{ensemble.realisations:,} realisations{particles} ({settings.estimator}, {flow})"


def headline(ensemble) -> str:
    """Two lines for a terminal: the file and its physics."""
    return f"{ensemble.path}: {sampling(ensemble)}, l ≤ {max(ensemble.l)}\n{physics(ensemble.config)}"


def title(ensemble, narrow: bool = False, all_energies: bool = False) -> str:
    """Two lines for a figure, in mathtext: spectrum and free paths; transport, N, band. Shorter lines for a narrow one.

    Of several energies the run's own is named, unless the figure shows all of them.
    """
    transport = ensemble.config.transport
    energy = f", {transport.reference_energy:g} TeV" if transport.energies and not all_energies else ""
    parts = _groups(ensemble.config, rf"{energy}, $N = {thousands(ensemble.realisations)}$")
    if not narrow:
        return "\n".join("; ".join(line) for line in parts)
    return "\n".join(wrapped("; ".join(line).split(", "), 44) for line in parts)


def wrapped(pieces, width: int) -> str:
    """Pieces with commas between, in lines of about so many letters; what mathtext hides is not counted."""
    lines = [""]
    for n, piece in enumerate(pieces):
        piece = piece + ("," if n < len(pieces) - 1 else "")
        seen = len(re.sub(r"\\[a-zA-Z]+", "x", f"{lines[-1]} {piece}").translate(str.maketrans("", "", "${}^_")))
        if lines[-1] and seen > width:
            lines.append(piece)
        else:
            lines[-1] = f"{lines[-1]} {piece}".strip()
    return "\n".join(lines)


def subject(config) -> str:
    """Two lines for a figure, in mathtext: what a configuration simulates."""
    energy = f", {config.transport.reference_energy:g} TeV" if config.transport.energies else ""
    return "\n".join("; ".join(line) for line in _groups(config, energy))


def _groups(config, count: str) -> list[list[str]]:
    """What a title says, in two groups: spectrum and particles; transport, count, band."""
    limits = config.turbulence.band
    span = (
        "infinite inertial range"
        if limits is None
        else rf"${_power_of_ten(limits[0])} \leq k\lambda \leq {_power_of_ten(limits[1])}$"
    )
    transport = config.transport
    first = [", ".join([config.turbulence.spectrum, *_symbols(config.turbulence.spectrum_choice)])]
    paths = [f"{transport.free_path} free paths", *_symbols(transport.free_path_choice)] if transport.free_path != "fixed" else []
    if transport.pitch_angle_dependence != "none":
        paths += [f"paths by pitch angle: {transport.pitch_angle_dependence}", *_symbols(transport.pitch_angle_dependence_choice)]
    paths += ["particles observed in flight"] if transport.free_path_observed == "in-flight" else []
    paths += ["the density responds to the flow"] if transport.density_response == "steady" else []
    if paths:
        first.append(", ".join(paths))
    weights = ", ".join([f"{transport.model} diffusion", *_symbols(transport.model_choice)])
    by = {"particles": ", by particles", "walks": ", by walks"}.get(config.sampling.estimator, "")
    return [first, [f"{weights}{count}{by}, {span}"]]


MATHTEXT = {
    "gamma": r"\gamma",
    "transverse_fraction": r"\beta",
    "displacement_perpendicular": r"\epsilon",
    "convection_perpendicular": r"\eta",
    "outer_scale": r"L",
    "dissipation_scale": r"\ell_d",
    "free_path_shape": r"k",
    "pitch_angle_exponent": r"a",
    "pitch_angle_floor": r"\mu_0",
    "scattering_index": r"q",
    "scattering_floor": r"H",
}


def _symbols(choice) -> list[str]:
    """Keys of a choice as symbols; tables and keys without a symbol by name."""
    shown = []
    for key, field in type(choice).model_fields.items():
        value, extra = getattr(choice, key), field.json_schema_extra or {}
        if value is None or isinstance(value, tuple):
            continue
        text = number(value) if isinstance(value, float) else str(value)
        unit = rf"\,\mathrm{{{extra['unit']}}}" if "unit" in extra else ""
        shown.append(rf"${MATHTEXT[key]} = {text}{unit}$" if key in MATHTEXT else f"{key.replace('_', ' ')} {text}")
    return shown


def thousands(count: int) -> str:
    """Whole number in groups of three for mathtext."""
    return f"{count:,}".replace(",", r"\,")


def _power_of_ten(value: float) -> str:
    digits, exponent = f"{value:.3e}".split("e")
    mantissa, power = float(digits), int(exponent)
    if -2 < power < 3:
        return f"{value:g}"
    return rf"10^{{{power}}}" if mantissa == 1 else rf"{mantissa:g} \times 10^{{{power}}}"
