"""A fit as text, and all its files."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fluxtube.analysis.figures.tables import write_csv
from fluxtube.analysis.figures.write import save_figures
from fluxtube.analysis.fit.figures import corner_figure, fit_figure, fit_table
from fluxtube.analysis.fit.fit import Fit
from fluxtube.analysis.fit.posterior import Prior
from fluxtube.analysis.fit.sampler import WALKERS, PosteriorSamples
from fluxtube.files import make_directory, write_whole
from fluxtube.plain import as_json


def fit_text(fit: Fit) -> str:
    """A few lines for a terminal; with warnings no number stands without them."""
    degrees, sigma, gamma = fit.observation.measured, fit.sigma, fit.gamma
    best_sigma, best_gamma = fit.posterior.best
    lines = [
        f"{fit.templates.model} diffusion, l = {degrees[0]} to {degrees[-1]} ({len(degrees)} degrees), "
        + ("one sky" if fit.skies == 1 else f"mean of {fit.skies} skies"),
    ]
    lines += [f"  DO NOT QUOTE: {warning}" for warning in fit.warnings]
    lines.append(f"  sigma  {sigma[1]:8.2f} km/s   (68 %: {sigma[0]:.2f} to {sigma[2]:.2f}; best {best_sigma:.2f})")
    if fit.prior.free_gamma:
        lines.append(f"  gamma  {gamma[1]:8.3f}        (68 %: {gamma[0]:.3f} to {gamma[2]:.3f}; best {best_gamma:.3f})")
    else:
        lines.append(f"  gamma  {gamma[1]:8.3f}        (fixed)")
    lines += _observation_lines(fit)
    lines.append(f"  ln evidence {fit.posterior.log_evidence:.2f}, prior uniform in ln sigma and gamma: " + _prior(fit.prior))
    if fit.samples is not None:
        samples = fit.samples
        lines.append(
            f"  sampler: {len(samples.sigma):,} samples, {samples.effective:.0f} independent, acceptance {samples.acceptance:.2f}"
            + ("" if samples.converged else "; TOO SHORT, ask for more --steps")
        )
    return "\n".join(lines)


def _comments(fit: Fit) -> list[str]:
    """The text as the head of a table, warnings in its first line."""
    first, *rest = fit_text(fit).splitlines()
    marked = [line.strip() for line in rest if line.startswith("  DO NOT QUOTE")]
    return ["; ".join([first, *marked]), *(line for line in rest if line.strip() not in marked)]


def _observation_lines(fit: Fit) -> list[str]:
    """Noise, errors, sky: only what is there."""
    observation, parts = fit.observation, []
    if np.any(observation.noise):
        low, high = observation.noise.min(), observation.noise.max()
        where = "subtracted from C_l" if observation.subtracted else "contained in C_l"
        parts.append(f"noise {low:.3g}" + (f" to {high:.3g}" if high > low else "") + f" {where}")
    if fit.noise_level is not None:
        lower, median, upper = fit.noise_level
        parts.append(f"noise level {median:.3g} (68 %: {lower:.3g} to {upper:.3g})")
    if fit.spectrum.error is not None:
        parts.append("the table's errors added")
    if observation.sky_fraction < 1 or observation.lost_m0:
        parts.append(f"{observation.sky_fraction:.0%} of the sky" + (", m = 0 lost" if observation.lost_m0 else ""))
    return ["  " + "; ".join(parts)] if parts else []


def comparison_text(rows: list[dict]) -> str:
    """Table of `compare`, and what it does not say."""
    lines = ["", f"  {'model':<10} {'gamma':<18} {'sigma km/s':>10} {'ln evidence':>12} {'ln Bayes factor':>16}"]
    names = {5 / 3: "5/3 Kolmogorov", 3 / 2: "3/2 Kraichnan", "free": "free"}
    for row in rows:
        shown = [row["sigma_km_s"], row["log_evidence"], row["log_bayes_factor"]]
        texts = ["-" if value is None else f"{value:.2f}" for value in shown]
        mark = " !" if row["warnings"] else ""
        lines.append(f"  {row['model']:<10} {names[row['gamma']]:<18} {texts[0]:>10} {texts[1]:>12} {texts[2]:>16}{mark}")
    reasons = list(dict.fromkeys(warning for row in rows for warning in row["warnings"]))
    if reasons:
        # A row whose gamma alone runs into its prior is still compared under that prior.
        fatal = bool(rows[0]["warnings"]) or any("gamma is not determined" not in reason for reason in reasons)
        head = "NO MODEL IS PREFERRED by a table with these warnings:" if fatal else "of these rows:"
        lines += [f"  !  {head}", *(f"     {reason}" for reason in reasons)]
    lines += [
        "  Between parallel and isotropic diffusion the scatter of C_l decides, not its mean: noise, a cut sky or transport",
        "  across the field that the fit does not know would decide too. The sky's own multipoles say more than its C_l.",
    ]
    return "\n".join(lines)


def write_fit(fits, directory, comparison=None, label: str = "data", formats=("pdf", "png")) -> Iterator[Path]:
    """Write spectrum and corner figures, their CSV tables, the samples and a JSON summary."""
    directory = make_directory(directory)
    yield from save_figures(fit_figure(fits, label), directory / "spectrum", formats)
    for fit in fits:
        name = fit.templates.model
        yield write_csv(directory / f"spectrum-{name}.csv", fit_table(fit), _comments(fit))
        if fit.samples is not None:
            yield from save_figures(corner_figure(fit), directory / f"corner-{name}", formats)
            number = np.arange(len(fit.samples.sigma))
            columns = {"sigma_km_s": fit.samples.sigma, "gamma": fit.samples.gamma}
            columns |= {"chain": number % WALKERS, "draw": number // WALKERS}
            yield write_csv(directory / f"samples-{name}.csv", columns, _comments(fit))
            for ending, text in getdist_files(fit.samples, fit.prior).items():
                yield write_whole(directory / f"chain-{name}{ending}", text)
    yield write_whole(directory / "fit.json", as_json(fit_dict(fits, comparison), indent=1) + "\n", like=b"{")


def getdist_files(samples: PosteriorSamples, prior: Prior) -> dict[str, str]:
    """A chain in GetDist's text format, by the endings of its files: weight, -ln likelihood, sigma, gamma."""
    free = prior.free_gamma
    columns = [-samples.log_likelihood, samples.sigma, samples.gamma][: 3 if free else 2]
    rows = "\n".join(" ".join(["1", *(f"{value:.9e}" for value in row)]) for row in zip(*columns, strict=True))
    names = ["sigma \\sigma\\,[\\mathrm{km/s}]", "gamma \\gamma"][: len(columns) - 1]
    limits = {"sigma": prior.sigma, "gamma": prior.gamma}
    ranges = [f"{name} {low:.9g} {high:.9g}" for name, (low, high) in limits.items()]
    return {
        ".txt": rows + "\n",
        ".paramnames": "\n".join(names) + "\n",
        ".ranges": "\n".join(ranges[: len(columns) - 1]) + "\n",
    }


def fit_dict(fits, comparison=None) -> dict:
    """Everything as plain numbers."""
    result = {"fits": [fit.to_dict() for fit in fits]}
    return result if comparison is None else result | {"comparison": comparison}


def _prior(prior) -> str:
    gamma = f"gamma {prior.gamma[0]:g} to {prior.gamma[1]:g}" if prior.free_gamma else f"gamma = {prior.gamma[0]:.4g}"
    return f"sigma {prior.sigma[0]:g} to {prior.sigma[1]:g} km/s, {gamma}"
