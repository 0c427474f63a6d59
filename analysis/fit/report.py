"""A fit as text, and all its files."""

import json
from collections.abc import Iterator
from pathlib import Path

from fluxtube.analysis.figures.tables import write_csv
from fluxtube.analysis.figures.write import make_directory, save_figure
from fluxtube.analysis.fit.figures import corner_figure, fit_figure, fit_table
from fluxtube.analysis.fit.fit import Fit
from fluxtube.files import write_whole


def fit_text(fit: Fit) -> str:
    """A few lines for a terminal."""
    degrees, sigma, gamma = fit.spectrum.l, fit.sigma, fit.gamma
    best_sigma, best_gamma = fit.posterior.best
    lines = [
        f"{fit.templates.model} diffusion, l = {degrees[0]} to {degrees[-1]} ({len(degrees)} degrees), "
        + ("one sky" if fit.skies == 1 else f"mean of {fit.skies} skies"),
        f"  sigma  {sigma[1]:8.2f} km/s   (68 %: {sigma[0]:.2f} to {sigma[2]:.2f}; best {best_sigma:.2f})",
    ]
    if fit.prior.free_gamma:
        lines.append(f"  gamma  {gamma[1]:8.3f}        (68 %: {gamma[0]:.3f} to {gamma[2]:.3f}; best {best_gamma:.3f})")
    else:
        lines.append(f"  gamma  {gamma[1]:8.3f}        (fixed)")
    lines.append(f"  ln evidence {fit.posterior.log_evidence:.2f}, prior uniform in ln sigma and gamma: " + _prior(fit.prior))
    if fit.samples is not None:
        samples = fit.samples
        lines.append(
            f"  sampler: {len(samples.sigma):,} samples, {samples.effective:.0f} independent, acceptance {samples.acceptance:.2f}"
            + ("" if samples.converged else "; TOO SHORT, ask for more --steps")
        )
    return "\n".join(lines)


def comparison_text(rows: list[dict]) -> str:
    """Table of `compare`."""
    lines = ["", f"  {'model':<10} {'gamma':<18} {'sigma km/s':>10} {'ln evidence':>12} {'ln Bayes factor':>16}"]
    names = {5 / 3: "5/3 Kolmogorov", 3 / 2: "3/2 Kraichnan", "free": "free"}
    for row in rows:
        lines.append(
            f"  {row['model']:<10} {names[row['gamma']]:<18} {row['sigma_km_s']:10.2f} {row['log_evidence']:12.2f} "
            f"{row['log_bayes_factor']:16.2f}"
        )
    return "\n".join(lines)


def write_fit(fits, directory, comparison=None, label: str = "data") -> Iterator[Path]:
    """Write spectrum and corner figures (PDF, PNG), their CSV tables, the samples and a JSON summary."""
    directory = make_directory(directory)
    figure = fit_figure(fits, label)
    for ending in ("pdf", "png"):
        yield save_figure(figure, directory / f"spectrum.{ending}")
    for fit in fits:
        name = fit.templates.model
        yield write_csv(directory / f"spectrum-{name}.csv", fit_table(fit), fit_text(fit).splitlines())
        if fit.samples is not None:
            corner = corner_figure(fit)
            for ending in ("pdf", "png"):
                yield save_figure(corner, directory / f"corner-{name}.{ending}")
            columns = {"sigma_km_s": fit.samples.sigma, "gamma": fit.samples.gamma}
            yield write_csv(directory / f"samples-{name}.csv", columns, fit_text(fit).splitlines())
    yield write_whole(directory / "fit.json", json.dumps(fit_dict(fits, comparison), indent=1) + "\n", like=b"{")


def fit_dict(fits, comparison=None) -> dict:
    """Everything as plain numbers."""
    result = {"fits": [fit.to_dict() for fit in fits]}
    return result if comparison is None else result | {"comparison": comparison}


def _prior(prior) -> str:
    gamma = f"gamma {prior.gamma[0]:g} to {prior.gamma[1]:g}" if prior.free_gamma else f"gamma = {prior.gamma[0]:.4g}"
    return f"sigma {prior.sigma[0]:g} to {prior.sigma[1]:g} km/s, {gamma}"
