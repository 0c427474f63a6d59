"""A configuration's physics in words: one place for headlines, titles, tables and reports."""

from fractions import Fraction
from typing import Any

from pydantic import BaseModel

SYMBOLS = {
    "transverse_fraction": "beta",
    "displacement_perpendicular": "eps",
    "convection_perpendicular": "eta",
    "outer_scale": "outer scale",
    "dissipation_scale": "dissipation scale",
    "free_path_shape": "shape",
    "pitch_angle_exponent": "a",
    "pitch_angle_floor": "mu0",
    "scattering_index": "q",
    "scattering_floor": "H",
}


def number(value: float) -> str:
    """Short form of a number, simple fractions as such: 5/3, 2/3, 1.6."""
    fraction = Fraction(value).limit_denominator(9)
    if fraction.denominator > 1 and abs(float(fraction) - value) < 1e-12:
        return str(fraction)
    return f"{value:.6g}"


def keys_in_words(choice: BaseModel) -> str:
    """The keys of a choice: "gamma = 5/3, beta = 2/3, outer scale = 100 pc"; nothing where it has none."""
    parts = []
    for key, field in type(choice).model_fields.items():
        value, extra = getattr(choice, key), field.json_schema_extra
        if value is not None and key != "normalisation":  # said with sigma
            unit = f" {extra['unit']}" if isinstance(extra, dict) and "unit" in extra else ""
            parts.append(f"{len(value)} rows" if isinstance(value, tuple) else f"{SYMBOLS.get(key, key)} = {_value(value)}{unit}")
    return ", ".join(parts)


def _value(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)


def band(config) -> str:
    """The band of wave numbers, in units of the inverse mean free path."""
    limits = config.turbulence.band
    return "infinite inertial range" if limits is None else f"{limits[0]:g} ≤ kλ ≤ {limits[1]:g}"


def spectrum(config) -> str:
    """Name and keys of the spectrum."""
    section = config.turbulence
    keys = keys_in_words(section.spectrum_choice)
    return f"{section.spectrum} spectrum{f', {keys}' if keys else ''}"


def strength(config) -> str:
    """The velocity dispersion and where it holds."""
    section = config.turbulence
    return "w as tabulated" if section.sigma is None else f"sigma = {section.sigma:g} km/s at {config.sigma_scale:g} pc"


def transport(config) -> str:
    """Name and weights of the transport."""
    section = config.transport
    keys = keys_in_words(section.model_choice)
    return f"{section.model} diffusion{f' ({keys})' if keys else ''}"


def free_path(config) -> str:
    """The mean free path and its law."""
    section = config.transport
    at = f" at {section.reference_energy:g} TeV, ~ E^{number(section.energy_exponent)}" if section.energies else ""
    keys = keys_in_words(section.free_path_choice)
    met = ", observed in flight" if section.free_path_observed == "in-flight" else ""
    density = ", the density responds to the flow" if section.density_response == "steady" else ""
    words = f"{section.free_path} free paths{f' ({keys})' if keys else ''} of {section.mean_free_path:g} pc"
    return f"{words}{at}{_angle(section)}{met}{density}"


def _angle(section) -> str:
    """How free paths depend on the pitch angle, where they do."""
    if section.pitch_angle_dependence == "none":
        return ""
    keys = keys_in_words(section.pitch_angle_dependence_choice)
    return f", dependent on the pitch angle by {section.pitch_angle_dependence}{f' ({keys})' if keys else ''}"
