"""What the sky of HAWC and IceCube at 10 TeV says of the transport: every number and figure of docs/observed-sky.md.

    python examples/observed_sky.py [DIRECTORY]

The data are the multipoles that come with the package, measured from the published picture of Abeysekara et al. (2019).
Tables are printed as Markdown, figures and chains written to DIRECTORY [runs/observed-sky]. Several minutes on one core.
"""

import sys
from dataclasses import replace
from pathlib import Path

import ducc0
import numpy as np

from fluxtube.analysis.figures.write import save_figure
from fluxtube.analysis.inference import figures
from fluxtube.analysis.inference.flow import infer_flow
from fluxtube.analysis.inference.likelihood import SkyLikelihood
from fluxtube.analysis.inference.modes import degrees_and_orders, to_table, to_vector
from fluxtube.analysis.inference.parameters import Prior
from fluxtube.analysis.inference.posterior import infer
from fluxtube.analysis.inference.profile import cross_field_best, grid_posterior, model_best
from fluxtube.analysis.inference.report import to_text, write
from fluxtube.analysis.inference.run import infer_sky
from fluxtube.analysis.inference.sky_input import SHIPPED, SHIPPED_BANDS, SHIPPED_NOISE, View, read_sky
from fluxtube.analysis.inference.symmetry import parity, symmetry
from fluxtube.analysis.inference.transport import Point
from fluxtube.analysis.inference.window import top_hat_window
from fluxtube.files import make_directory
from fluxtube.theory.free_path import Erlang, Fixed
from fluxtube.theory.kinetic import InFlight, Steady

FIELD, ERRORS = (229.2, 11.4), (3.5, 3.0)  # Abeysekara et al. 2019, ApJ 871, 96, boundary fit [deg]
GAMMA = 5 / 3
FREE = ("sigma", "displacement_perpendicular", "convection_perpendicular")
AXIS = np.linspace(0, 1, 21)
GAMMAS = (1.3, 1.5, GAMMA, 1.85, 2.0, 2.2, 2.4)
PATCH, BAR = (55.0, -7.0), 2e-3  # where the picture is beyond its colour bar, and the bar's end
TOP_HAT = 5.05  # radius of the map's smoothing [deg], divided out of the table


def prior(**changes) -> Prior:
    """sigma, eps and eta free; everything else at its reference."""
    settings = {"free": FREE, "fixed": Point(gamma=GAMMA, field=FIELD)} | changes
    return Prior(**settings)


def variant(name, data, point, gammas=(GAMMA,), **physics) -> None:
    """One row: ln L over isotropic diffusion at some eps (best over sigma and eta), and flat-prior limits of eps and eta."""
    sky, setting = data.values[None], prior()
    best = cross_field_best(data, point, setting, AXIS, gammas, sky, **physics)[:, :, 0]
    isotropic = model_best(data, "isotropic", point, setting, sky, gammas, **physics)[0]
    gain = best.max(axis=1) - isotropic
    weight = grid_posterior(data, point, setting, AXIS, gammas, **physics)
    i, j = np.unravel_index(np.argmax(best), best.shape)
    eps, eta = (quantiles(weight.sum(axis=axis), share) for axis, share in ((1, (0.05,)), (0, (0.025, 0.975))))
    eta_zero = best[:, 0].max() - best.max()
    numbers = [f"{gain[np.argmin(np.abs(AXIS - e))]:.1f}" for e in (0.0, 0.1, 0.2, 0.35, 0.5, 0.75)]
    top = f"{gain.max():.1f} at ({AXIS[i]:.2f}, {AXIS[j]:.2f})"
    limits = f"{eta_zero:.1f}", f"{eps[0]:.2f}", f"{eta[0]:.2f} to {eta[1]:.2f}"
    table_row(name, len(data.values), f"{best[0, 0] - isotropic:.0f}", *numbers, top, *limits)


def table_row(*cells) -> None:
    """A line of a Markdown table."""
    print("|", " | ".join(str(cell) for cell in cells), "|", flush=True)


def table_head(*cells) -> None:
    """Its first two lines, after an empty one."""
    print()
    table_row(*cells)
    table_row(*("---" for _ in cells))


def quantiles(density, shares) -> np.ndarray:
    """Quantiles of a density at the nodes of `AXIS`, by the trapezoidal rule."""
    cumulative = np.concatenate([[0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
    return np.interp(shares, cumulative / cumulative[-1], AXIS)


def pixels(data_table, l_max: int, nside: int = 64):
    """Values of multipoles on a HEALPix map, and declination and right ascension of its pixels [deg]."""
    base = ducc0.healpix.Healpix_Base(nside, "RING")
    l, m = np.tril_indices(l_max + 1)
    order = np.lexsort((l, m))
    alm = data_table[l[order], m[order]][None]
    values = ducc0.sht.synthesis(alm=alm, lmax=l_max, spin=0, **base.sht_info())[0]
    theta, phi = base.pix2ang(np.arange(base.npix())).T
    return values, 90 - np.rad2deg(theta), np.rad2deg(phi)


def clipped(l_max: int = 20):
    """The table if the bar's ends were taken for values: smoothed as the map, cut, rings normalised, smoothing divided out."""
    vector, window = shipped_vector(l_max), top_hat_window(l_max, TOP_HAT)
    l, m = degrees_and_orders(l_max, 0)
    smooth = to_table(vector * window[l], l_max, 0)
    values, _, _ = pixels(smooth, l_max)
    base = ducc0.healpix.Healpix_Base(64, "RING")
    cut = np.clip(values, -BAR, BAR)[None]
    alm = ducc0.sht.adjoint_synthesis(map=cut - values[None], lmax=l_max, spin=0, **base.sht_info())[0] * 4 * np.pi / base.npix()
    change, table = np.zeros((l_max + 1, l_max + 1), dtype=complex), smooth.copy()
    degree, order = np.tril_indices(l_max + 1)
    by_order = np.lexsort((degree, order))
    change[degree[by_order], order[by_order]] = alm
    table += change
    return to_vector(table, l_max, 0) / window[l] * (m != 0)


def shipped_vector(l_max: int, l_min: int = 0) -> np.ndarray:
    """Multipoles of the shipped table, zero where it has none."""
    from importlib import resources

    from fluxtube.analysis.observations.alm_table import read_alm

    folder = resources.files("fluxtube") / "analysis" / "observations" / "data"
    with resources.as_file(folder / "hawc_icecube_2019_alm.csv") as path:
        return np.nan_to_num(to_vector(read_alm(path), l_max, l_min))


def without_patch(l_max: int):
    """The sky as a map, the patch beyond the bar (15 deg about its middle) and the unread north masked; white noise."""
    from fluxtube.analysis.inference.maps import from_map

    values, declination, alpha = pixels(to_table(shipped_vector(20), 20, 0), 20)
    # The table holds the noise of l <= 20 alone; the rest of a white map's noise is added, which makes pixels independent.
    white = np.random.default_rng(1).standard_normal(len(values)) * np.sqrt(SHIPPED_NOISE * len(values) / (4 * np.pi))
    base = ducc0.healpix.Healpix_Base(64, "RING")
    alm = ducc0.sht.adjoint_synthesis(map=white[None], lmax=20, spin=0, **base.sht_info()) * 4 * np.pi / len(values)
    white -= ducc0.sht.synthesis(alm=alm, lmax=20, spin=0, **base.sht_info())[0]
    unit = np.array([np.cos(np.deg2rad(declination)) * np.cos(np.deg2rad(alpha - PATCH[0])), np.sin(np.deg2rad(declination))])
    near = unit[0] * np.cos(np.deg2rad(PATCH[1])) + unit[1] * np.sin(np.deg2rad(PATCH[1])) > np.cos(np.deg2rad(15.0))
    variance = np.where(near | (declination > 66), np.inf, SHIPPED_NOISE * len(values) / (4 * np.pi))
    return from_map(values + white, variance, l_max, rings_lost=True, pad=20 - l_max, description="patch and north masked")


def robustness() -> None:
    """The table of variants."""
    point, reference = Point(gamma=GAMMA, field=FIELD), read_sky(SHIPPED, View())
    at = ("parallel", "eps = 0", "0.1", "0.2", "0.35", "0.5", "0.75", "best at (eps, eta)", "eta = 0")
    table_head("variant", "data", *at, "eps above", "eta")
    variant("reference", reference, point)
    for low, high in ((2, 8), (2, 14), (3, 10), (4, 10)):
        variant(f"l = {low} to {high}", read_sky(SHIPPED, View(l_min=low, l_max=high)), point)
    for gamma in (1.5, 2.0):
        variant(f"gamma = {gamma}", reference, replace(point, gamma=gamma), (gamma,))
    variant("gamma free, 1.3 to 2.4", reference, point, GAMMAS)
    for factor in (0.5, 2.0):
        variant(f"noise times {factor:g}", reference, replace(point, noise=factor))
    variant("noise by declination", read_sky(SHIPPED, View(noise_bands=SHIPPED_BANDS)), point)
    for shift in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        field = (FIELD[0] + shift[0] * ERRORS[0], FIELD[1] + shift[1] * ERRORS[1])
        variant(f"B at ({field[0]:.1f}, {field[1]:.1f})", reference, replace(point, field=field))
    for beta in (0.0, 1.0):
        variant(f"beta = {beta:g}", reference, point, beta=beta)
    variant("reading errors times 3", replace(reference, reading=9 * reference.reading), point)
    window = top_hat_window(10, TOP_HAT)[degrees_and_orders(10)[0]][reference.response]
    variant("smoothing left in", reference.with_values(reference.values * window), point)
    cut = clipped()[4:][: len(degrees_and_orders(10)[0])][reference.response]
    variant("patch cut at the bar", reference.with_values(cut), point)
    variant("patch and north masked", without_patch(10), point)
    variant("steady density, fixed paths", reference, point, path=Steady(Fixed()))
    variant("exponential paths", reference, point, path=Erlang(1))
    variant("steady density, Erlang(4) paths", reference, point, path=Steady(Erlang(4)))
    variant("fixed paths observed in flight", reference, point, path=InFlight(Fixed()))
    variant("the same, steady density", reference, point, path=Steady(InFlight(Fixed())))
    for outer in (10.0, 3.0, 1.0):
        variant(f"outer scale of {outer:g} mean free paths", reference, point, outer_scale=outer)


def steady_response(directory: Path) -> None:
    """The whole inference again where the isotropic part of f responds to the flow."""
    law, setting = Steady(Fixed()), prior()
    result = infer_sky(SHIPPED, View(), setting, steps=600, skies=0, path=law)
    print("\nWith density response:\n```\n" + to_text(result) + "\n```")
    save_figure(figures.plane_figure(result.plane), directory / "plane-steady.png")
    flow = infer_flow(result.data, result.posteriors["cross-field"], path=law)
    ends = ", ".join(f"{s:+.0f}: {flow.mean[i]:.0f} ({flow.lower[i]:.0f} to {flow.upper[i]:.0f})" for i, s in ((0, -1), (-1, 1)))
    print(f"flow u_par(s) - u_par(0) at s [mean free paths], km/s: {ends}")


def calibration(skies: int = 400) -> None:
    """How often chance does what the sky does."""
    data, setting, axis = read_sky(SHIPPED, View()), prior(), np.linspace(0, 1, 11)
    point, low = Point(gamma=GAMMA, field=FIELD), axis <= 0.2 + 1e-9
    sky = cross_field_best(data, point, setting, axis, (GAMMA,), data.values[None])[:, :, 0]
    isotropic = model_best(data, "isotropic", point, setting, data.values[None])[0]
    gain, gap = sky.max() - isotropic, sky.max() - sky[low].max()
    print(f"\n{skies} skies for each truth; on the sky: gain over isotropic {gain:.2f}, gap of eps <= 0.2 {gap:.2f}")
    table_head("truth (eps, eta), sigma", "gain as large", "gap as large")
    for weights, sigma in (((1.0, 1.0), 25.2), ((0.2, 0.75), 36.0), ((0.35, 0.5), 42.0), ((0.6, 0.5), 38.0)):
        truth = Point(sigma, GAMMA, *weights, FIELD)
        drawn = SkyLikelihood(data, "cross-field").draw(truth, np.random.default_rng(5), skies)
        table = cross_field_best(data, point, setting, axis, (GAMMA,), drawn)
        best = table.max(axis=(0, 1))
        gains = best - model_best(data, "isotropic", point, setting, drawn)
        gaps = best - table[low].max(axis=(0, 1))
        table_row(f"{weights}, {sigma:g} km/s", f"{np.sum(gains >= gain)} of {skies}", f"{np.sum(gaps >= gap)} of {skies}")


def axes_of_symmetry() -> None:
    """How special the field's direction is: the same gain about random axes."""
    data, setting, axis = read_sky(SHIPPED, View()), prior(), np.linspace(0, 1, 6)
    rng = np.random.default_rng(7)
    gains = []
    for field in [FIELD, *((float(rng.uniform(0, 360)), float(np.rad2deg(np.arcsin(rng.uniform(-1, 1))))) for _ in range(200))]:
        point = Point(gamma=GAMMA, field=field)
        best = cross_field_best(data, point, setting, axis, (GAMMA,), data.values[None])[:, :, 0]
        gains.append((best.max(), best[axis <= 0.2].max(), field))
    top = max(gains)
    share = np.mean([gain[0] >= gains[0][0] for gain in gains[1:]])
    print(f"\nrandom axes with at least the likelihood of B: {share:.3f} of 200; ", end="")
    print(f"best ({top[2][0]:.0f}, {top[2][1]:.0f}) deg, ln L {top[0] - gains[0][0]:+.1f} of that at B; ", end="")
    print(f"eps <= 0.2 about its own best axis: {max(gain[1] for gain in gains) - top[0]:.1f}")
    ranges = ((2, 10), (2, 8), (3, 10), (2, 14))
    cases = {f"l = {low} to {high}": read_sky(SHIPPED, View(l_min=low, l_max=high)) for low, high in ranges}
    cases["patch and north masked"] = without_patch(10)
    head = ("share about B", "p", "largest share", "about (ra, dec)", "p with the scan", "even over odd", "p", "even is noise")
    table_head("degrees", *head)
    for name, sky in cases.items():
        isotropic = infer(sky, "isotropic", setting, steps=0, live=60).best
        sym, par = symmetry(sky, isotropic, FIELD, skies=5000), parity(sky, isotropic, skies=5000)
        where = f"({sym.best_direction[0]:.0f}, {sym.best_direction[1]:.0f})"
        even = f"{par.ratio:.2f}", f"{par.p_value:.2g}", f"{par.even_is_noise:.2g}"
        table_row(name, f"{sym.mean:.3f}", f"{sym.p_value:.2g}", f"{sym.best_mean:.3f}", where, f"{sym.best_p_value:.2g}", *even)
        if sky is cases["l = 2 to 10"]:
            shares = ", ".join(f"{share:.2f}" for share in sym.share)
    print(f"\ngyrotropic share of l = 2 .. 10 about B: {shares}")


def free_fields(seed: int = 3) -> None:
    """Posterior with B free within its error, and over the hemisphere; gamma and noise free too."""
    data = read_sky(SHIPPED, View())
    head = ("sigma [km/s]", "gamma", "eps", "eta", "ra of B [deg]", "dec of B [deg]", "noise", "eps above", "ln evidence")
    table_head("free beside sigma, eps, eta", *head)
    cases = {
        "nothing": prior(),
        "gamma, noise": prior(free=(*FREE, "gamma", "noise")),
        "B within 3.3 deg": prior(free=(*FREE, "field"), field_error=3.3),
        "B, any direction": prior(free=(*FREE, "field")),
    }
    for name, setting in cases.items():
        fit = infer(data, "cross-field", setting, steps=600, live=200, seed=seed)
        numbers = [f"{q['q50']:.3g} ({q['q16']:.3g} to {q['q84']:.3g})" for q in fit.quantiles().values()]
        eps = np.quantile(fit.samples()[:, 2], 0.05)
        evidence = f"{fit.log_evidence:.1f} +- {fit.log_evidence_error:.1f}"
        table_row(name, *numbers, f"{eps:.2f}", evidence)
        for words in fit.warnings:
            print(f"<!-- {name}: {words} -->")


def main() -> None:
    """Everything."""
    directory = make_directory(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("runs") / "observed-sky")
    result = infer_sky(SHIPPED, View(), prior(), rivals=("gradient", "dipole-only", "power-law"), steps=600)
    print("```\n" + to_text(result) + "\n```")
    list(write(result, directory))
    flow = infer_flow(result.data, result.posteriors["cross-field"])
    save_figure(figures.flow_figure(flow, "cross-field"), directory / "flow.png")
    observed = np.zeros((result.data.l_top + 1) ** 2 - 4)
    observed[result.data.response] = result.data.values
    skies = {"measured, m = 0 unknown": observed, "mean given the data": flow.sky_mean}
    skies |= {"a sky that agrees with the data": flow.skies[0], "another": flow.skies[1]}
    save_figure(figures.skies_figure(skies, result.data.l_top, FIELD), directory / "skies.png")
    steady_response(directory)
    robustness()
    calibration()
    axes_of_symmetry()
    free_fields()


if __name__ == "__main__":
    main()
