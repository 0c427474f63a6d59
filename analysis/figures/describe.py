"""What a run is, in words: the lines above tables and the titles of figures."""

from fractions import Fraction


def number(value: float) -> str:
    """Short form of a number, simple fractions as such: 5/3, 2/3, 1.6."""
    fraction = Fraction(value).limit_denominator(9)
    if fraction.denominator > 1 and abs(float(fraction) - value) < 1e-12:
        return str(fraction)
    return f"{value:.6g}"


def band(config) -> str:
    """The band of wave numbers, in units of the inverse mean free path."""
    limits = config.turbulence.band
    return "infinite inertial range" if limits is None else f"{limits[0]:g} ≤ kλ ≤ {limits[1]:g}"


def physics(config) -> str:
    """Turbulence and transport, with units."""
    turbulence, transport = config.turbulence, config.transport
    return (
        f"gamma = {number(turbulence.gamma)}, beta = {number(turbulence.transverse_fraction)}, "
        f"sigma = {turbulence.sigma:g} km/s at {transport.mean_free_path:g} pc, {band(config)}, "
        f"{transport.model} diffusion, dlnf/dlnp = {transport.spectral_slope:g}, v = {transport.speed:.9g} km/s"
    )


def sampling(ensemble) -> str:
    """How many realisations, and how they were made."""
    settings = ensemble.config.sampling
    particles = f" of {settings.particles:,} particles" if settings.estimator == "particles" else ""
    flow = f"{settings.modes} random modes" if settings.flow == "modes" else f"flow: {settings.flow}"
    return f"{ensemble.realisations:,} realisations{particles} ({settings.estimator}, {flow})"


def headline(ensemble) -> str:
    """Two lines for a terminal: the file and its physics."""
    return f"{ensemble.path}: {sampling(ensemble)}, l ≤ {max(ensemble.l)}\n{physics(ensemble.config)}"


def title(ensemble) -> str:
    """One line for a figure, in mathtext: gamma, beta, N, band."""
    turbulence = ensemble.config.turbulence
    limits = turbulence.band
    span = (
        "infinite inertial range"
        if limits is None
        else rf"${_power_of_ten(limits[0])} \leq k\lambda \leq {_power_of_ten(limits[1])}$"
    )
    return (
        rf"$\gamma = {number(turbulence.gamma)}$, $\beta = {number(turbulence.transverse_fraction)}$, "
        rf"$N = {thousands(ensemble.realisations)}$, {span}"
    )


def thousands(count: int) -> str:
    """Whole number in groups of three for mathtext."""
    return f"{count:,}".replace(",", r"\,")


def _power_of_ten(value: float) -> str:
    mantissa, exponent = f"{value:.3e}".split("e")
    mantissa, power = float(mantissa), int(exponent)
    if -2 < power < 3:
        return f"{value:g}"
    return rf"10^{{{power}}}" if mantissa == 1 else rf"{mantissa:g} \times 10^{{{power}}}"
