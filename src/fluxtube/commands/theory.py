"""`fluxtube theory`: the analytic power spectra and covariance of a configuration."""

import argparse
from pathlib import Path
from typing import Any

COLUMNS = ("l", "C_l", "parallel_C_l", "isotropic_C_l", "parallel_large_l_C_l")

UNITS = {
    "C_l": "1 (power spectrum of Delta f/f, the relative intensity)",
    "a_l_a_l": "(km/s)^2 (covariance of the multipoles of mu (B/B).Delta u over mu of the momentum, Eq. 10)",
    "w_over_lambda": "(km/s)^2 (w(1/lambda)/lambda of the spectrum without its band)",
}


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "theory",
        help="print the analytic power spectra",
        description="Analytic C_l of a configuration's own transport, and of parallel (PD) and isotropic (ID) diffusion. "
        "l = 1 is the convective dipole, where it is finite.",
    )
    parser.add_argument("config", type=Path, metavar="CONFIG", help="TOML configuration")
    parser.add_argument("--l-max", type=int, metavar="N", help="highest degree (default: sky.l_max of the configuration)")
    parser.add_argument("--json", action="store_true", help="print JSON, with the covariance <a_l a_l'>")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE.csv", help="write the table as CSV; an earlier table of that name is replaced"
    )
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="sets", help="override a key")


def main(args: argparse.Namespace) -> int:
    """Compute and print; 0 if all went well."""
    from fluxtube.plain import as_json
    from fluxtube.sim.config import load_config

    config = load_config(args.config, args.sets)
    results = compute(config, config.sky.l_max if args.l_max is None else args.l_max, args.json)
    if args.output is not None:
        _write_csv(args.output, results, args.config)
    if args.json:
        print(as_json(results, indent=1))
    elif args.output is None:
        print(_table(results))
    return 0


def compute(config, l_max: int, with_covariance: bool = True) -> dict:
    """Everything that the command prints, as plain numbers, strings and lists.

    Parameters
    ----------
    config : Config
        The run's configuration.
    l_max : int
        Highest degree, 2 or above.
    with_covariance : bool
        Whether <a_l a_l'> of parallel diffusion is computed too.

    Returns
    -------
    dict
        "l" (from 2), "configured" {"model", "C_l"}, "parallel" {"C_l", "large_l_C_l", "a_l_a_l"}, "isotropic" {"C_l",
        "large_l_C_l"}, "dipole" (C_1 of the three), "w_over_lambda", "units", "model"; where free paths depend on the
        pitch angle "diffuse_a_l", the mean sky of a density gradient from l = 2. A value that is not defined for the
        configuration is None.

    Raises
    ------
    InputError
        If the configuration lies outside of the theory's validity.
    """
    import numpy as np

    from fluxtube.analysis.configured import theory_of_config
    from fluxtube.analysis.diffuse import mean_multipoles
    from fluxtube.theory import checks, large_l
    from fluxtube.theory.models import Model
    from fluxtube.theory.pitch_angle_law import PitchAngleLaw
    from fluxtube.theory.pitch_angle_structure import large_l_ratio

    checks.degree("--l-max", l_max, 2)
    theory = theory_of_config(config)
    turbulence, path = theory.turbulence, theory.mean_free_path
    _memory_suffices(l_max, with_covariance, turbulence.line.closed_squares(path, 2, 2) is not None and theory.law.single)
    particles = {"spectral_slope": theory.spectral_slope, "speed": theory.speed}
    models = {"parallel": Model.named("parallel")}
    if turbulence.is_isotropic:
        models["isotropic"] = Model.named("isotropic")
    results: dict[str, Any] = {
        "l": np.arange(2, l_max + 1).tolist(),
        "configured": {"model": theory.model.name, "C_l": theory.spectrum(l_max).tolist()},
        "parallel": {"C_l": None, "large_l_C_l": None},
        "isotropic": {"C_l": None, "large_l_C_l": None},
        "dipole": {"configured": _dipole(theory), "parallel": None, "isotropic": None},
        "w_over_lambda": float(turbulence.omnidirectional(1.0 / path)) / path if turbulence.is_isotropic else None,
        "units": UNITS,
        "model": _describe(config, theory),
    }
    for name, model in models.items():
        other = theory.other(model)
        results[name]["C_l"], results["dipole"][name] = other.spectrum(l_max).tolist(), _dipole(other)
        law, index = other.law, turbulence.inertial_index
        ratio = 1.0 if law.single else None
        if isinstance(law, PitchAngleLaw) and law.sharp and name == "parallel" and index is not None:
            ratio = large_l_ratio(law.dependence, index)
        if ratio is not None:
            form = {"parallel": large_l.parallel_power_spectrum, "isotropic": large_l.isotropic_power_spectrum}[name]
            results[name]["large_l_C_l"] = (ratio * form(turbulence, path, l_max, **particles)).tolist()
    diffuse = mean_multipoles(config, l_max)
    if diffuse is not None:
        results["diffuse_a_l"] = diffuse[2:].tolist()
    notes = _without_effect(config)
    if "isotropic" in models and theory.law is not theory.other(models["isotropic"]).law:
        notes.append("ID is for the same mean free path in all directions")
    if notes:
        results["notes"] = notes
    if len(config.transport.seen_paths) > 1:
        results["energies"] = _energies(config, l_max)
    if with_covariance:
        block = models["parallel"].covariance(turbulence, path, l_max, law=theory.law)[0]
        results["parallel"]["a_l_a_l"] = block.tolist()
    return results


def _energies(config, l_max: int) -> dict:
    """C_l of every energy, and r_l between them."""
    import numpy as np

    from fluxtube.analysis.energies import correlation, expected_between, names

    between = expected_between(config, l_max)
    return {
        "seen_at": names(config),
        "mean_free_path_pc": list(config.transport.seen_paths),
        "C_l": np.einsum("ppl->pl", between).tolist(),
        "correlation": correlation(between).tolist(),
    }


def _without_effect(config) -> list[str]:
    """What is set and does not change C_l of l = 2 and above."""
    from fluxtube.analysis.diffuse import mean_multipoles

    notes, path = [], config.transport.mean_free_path
    longer = config.with_overrides([f"transport.mean_free_path={2 * path!r} pc"])
    one, other = (_spectrum(each) for each in (config, longer))
    if not any(one):
        return ["C_l is zero at every degree: this flow makes no anisotropy by this transport"]
    if max(abs(a - b) for a, b in zip(one, other, strict=True)) <= 1e-9 * max(one):
        notes.append(
            "C_l does not depend on transport.mean_free_path here: sigma is that at the mean free path and the band in units "
            "of it; turbulence.sigma_scale holds sigma at a length"
        )
    gradient, dependence = config.transport.density_gradient, config.transport.pitch_angle_dependence
    mean = mean_multipoles(config, 3) if gradient and dependence != "none" else None
    if mean is not None:
        notes.append(
            "C_l is the variance: transport.density_gradient adds a mean sky of odd degrees, diffuse_a_l of --json, a_3 = "
            f"{mean[3]:.4g}"
        )
    elif gradient:
        notes.append("C_l of l = 2 and above does not depend on transport.density_gradient: it makes a dipole")
    return notes


def _spectrum(config) -> list[float]:
    from fluxtube.analysis.configured import theory_of_config

    return theory_of_config(config).spectrum(3).tolist()


def _dipole(theory) -> float | None:
    """C_1; None where only a band or an outer scale would make it finite."""
    from fluxtube.errors import InputError

    try:
        return float(theory.spectrum(1, 1)[0])
    except InputError:
        return None


def _memory_suffices(l_max: int, with_covariance: bool, closed: bool) -> None:
    """Raise InputError where the matrices of all degrees would not fit."""
    import os

    from fluxtube.errors import InputError

    # n^2 for a covariance and what makes it; by quadrature 4 nodes a degree and three tables of all degrees over them.
    needed = l_max**2 * (64.0 * with_covariance + 128.0 * (not closed))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > 0.5 * memory:
        affordable = int(l_max * (0.5 * memory / needed) ** 0.5)
        raise InputError(
            f"not enough memory for --l-max {l_max}: {needed / 2**30:.0f} GiB is more than half of this machine's "
            f"{memory / 2**30:.0f} GiB; --l-max {affordable} fits"
        )


def _describe(config, theory) -> dict:
    """The configuration's physics in words and numbers."""
    flow, transport = config.turbulence, config.transport
    return {
        "turbulence": flow.flat(),
        "band_per_pc": None if theory.turbulence.band is None else list(theory.turbulence.band),
        "transport": theory.model.name,
        "displacement_perpendicular": theory.model.displacement,
        "convection_perpendicular": theory.model.convection,
        "free_path": transport.free_path,
        "pitch_angle_dependence": transport.pitch_angle_dependence,
        "free_path_shape": transport.free_path_shape,
        "free_path_observed": transport.free_path_observed,
        "density_response": transport.density_response,
        "mean_free_path_pc": transport.mean_free_path,
        "spectral_slope": transport.spectral_slope,
        "speed_km_s": transport.speed,
    }


def _header(results: dict) -> list[str]:
    model = results["model"]
    units = {"sigma": " km/s", "band": " / mean free path", "outer_scale": " pc", "dissipation_scale": " pc"}
    flow = ", ".join(f"{name} = {_short(value)}{units.get(name, '')}" for name, value in model["turbulence"].items())
    paths = model["free_path"] + ("" if model["free_path_shape"] is None else f", shape {model['free_path_shape']}")
    paths += "" if model["pitch_angle_dependence"] == "none" else f", by pitch angle: {model['pitch_angle_dependence']}"
    paths += ", observed in flight" if model["free_path_observed"] == "in-flight" else ""
    paths += "; the density responds to the flow" if model["density_response"] == "steady" else ""
    return [
        f"turbulence: {flow}",
        f"transport: {model['transport']} (eps = {model['displacement_perpendicular']:g}, "
        f"eta = {model['convection_perpendicular']:g}), mean free path {model['mean_free_path_pc']:g} pc ({paths}), "
        f"dlnf/dlnp = {model['spectral_slope']:g}, v = {model['speed_km_s']:g} km/s",
        "C_l of Delta f/f, dimensionless: of this transport; PD: parallel diffusion (Zhang & Liu 2025, Eq. 11); "
        "ID: isotropic diffusion (Zhang & Liu 2024); large l: of PD (Eq. 14)",
    ]


def _short(value) -> str:
    if isinstance(value, (list, tuple)):
        if len(value) > 2:
            return f"{len(value)} rows"
        return "[" + ", ".join(_short(item) for item in value) + "]"
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def _rows(results: dict):
    parallel, isotropic = results["parallel"], results["isotropic"]
    columns = [results["configured"]["C_l"], parallel["C_l"], isotropic["C_l"], parallel["large_l_C_l"]]
    yield 1, [*results["dipole"].values(), None]
    for i, l in enumerate(results["l"]):
        yield l, [None if column is None else column[i] for column in columns]


def _table(results: dict) -> str:
    lines = [f"# {line}" for line in [*_header(results), *results.get("notes", [])]]
    lines.append(f"{'l':>4}  {results['configured']['model']:>13}  {'PD':>13}  {'ID':>13}  {'large l':>13}")
    for l, values in _rows(results):
        lines.append(f"{l:4d}  " + "  ".join(f"{'-':>13}" if v is None else f"{v:13.6e}" for v in values))
    return "\n".join([*lines, *_energy_lines(results)])


def _energy_lines(results: dict) -> list[str]:
    """C_l at every energy and r_l with the first."""
    if "energies" not in results:
        return []
    energies = results["energies"]
    first, *others = energies["seen_at"]
    head = "".join(f"  {f'C_l {name}':>13}" for name in energies["seen_at"])
    head += "".join(f"  {f'r_l {name}':>11}" for name in others)
    lines = ["", f"# C_l at each energy or mean free path, and correlation r_l with {first}", f"   l{head}"]
    for i, l in enumerate(results["l"]):
        own = "".join(f"  {values[i]:13.6e}" for values in energies["C_l"])
        lines.append(f"{l:4d}{own}" + "".join(f"  {r[i]:11.6f}" for r in energies["correlation"][0][1:]))
    return lines


def _write_csv(path: Path, results: dict, config: Path) -> None:
    from fluxtube.files import write_table

    lines = [",".join(COLUMNS)]
    lines += [f"{l}," + ",".join("" if v is None else repr(v) for v in values) for l, values in _rows(results)]
    write_table(path, _header(results), lines, inputs=[config])
