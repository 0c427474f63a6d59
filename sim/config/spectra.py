"""The turbulence object of a configuration's section."""

from fluxtube.theory import Turbulence


def build_turbulence(section, scale: float) -> Turbulence:
    """The one turbulence object, lengths in pc and velocities in km/s; `scale` is the mean free path [pc]."""
    return SPECTRA[section.spectrum](section, scale)


def _band(section, scale: float) -> tuple[float, float] | None:
    return None if section.band is None else tuple(k / scale for k in section.band)


def _isotropic(section, scale: float) -> dict:
    return {
        "sigma": section.sigma,
        "scale": scale,
        "transverse_fraction": section.transverse_fraction,
        "band": _band(section, scale),
    }


def _power_law(section, scale):
    return Turbulence.power_law(gamma=section.gamma, **_isotropic(section, scale))


def _von_karman(section, scale):
    lengths = {"outer_scale": section.outer_scale, "dissipation_scale": section.dissipation_scale}
    return Turbulence.von_karman(section.gamma, **lengths, **_isotropic(section, scale))


def _table(section, scale):
    k, w = zip(*section.table, strict=True)
    return Turbulence.tabulated([value / scale for value in k], w, **_isotropic(section, scale))


def _slab(section, scale):
    return Turbulence.slab(section.gamma, **_isotropic(section, scale))


def _goldreich_sridhar(section, scale):
    return Turbulence.goldreich_sridhar(section.sigma, scale, _band(section, scale))


SPECTRA = {
    "power-law": _power_law,
    "von-karman": _von_karman,
    "table": _table,
    "slab": _slab,
    "goldreich-sridhar": _goldreich_sridhar,
}
