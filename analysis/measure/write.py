"""A measurement's tables and figures."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.tables import write_csv
from fluxtube.analysis.figures.write import save_figures
from fluxtube.analysis.measure.spectrum import MeasuredSpectrum
from fluxtube.analysis.observations.alm_table import write_alm
from fluxtube.analysis.paper.settings import Settings
from fluxtube.files import make_directory


def head(measured: MeasuredSpectrum, name: str) -> list[str]:
    """What was done, as lines of a table's head."""
    view = measured.view
    done = ["monopole and dipole fitted and removed" if view.dipole else "dipole kept"]
    done += ["ring means removed, m = 0 lost"] if view.ring_means else []
    return [f"{name}: {view.sky_fraction:.4f} of the sky (effective), {', '.join(done)}"]


def write_measurement(
    measured: MeasuredSpectrum, directory, name: str, theory: Settings | None = None, formats=("pdf", "png")
) -> Iterator[Path]:
    """Write spectrum, pseudo-spectrum, covariance, mixing matrix, multipoles and two figures; give each path."""
    directory, first = make_directory(directory), head(measured, name)
    chance = "total_error: cosmic variance of smooth_C_l, isotropic and Gaussian, and noise; exact, correlated: covariance.csv"
    yield write_csv(directory / "spectrum.csv", measured.table(), [*first, "C_l of the sky, noise subtracted", chance])
    options = f"--mixing-matrix mixing.csv --covariance pseudo-covariance.csv --sky-fraction {measured.view.sky_fraction:.4f}" + (
        " --m0-lost" if measured.view.ring_means else ""
    )
    forward = f"pseudo-power, not divided by the sky fraction, noise contained; fluxtube fit pseudo.csv {options}"
    yield write_csv(directory / "pseudo.csv", measured.pseudo_table(), [*first, forward])
    names = [f"l{l}" for l in measured.l]
    columns = dict(zip(names, measured.pseudo_covariance.T, strict=True))
    yield write_csv(directory / "pseudo-covariance.csv", columns, [*first, "covariance of C_l, rows as in pseudo.csv"])
    columns = dict(zip(names, measured.covariance.T, strict=True))
    yield write_csv(directory / "covariance.csv", columns, [*first, "covariance of C_l, rows as in spectrum.csv"])
    size = measured.mixing.shape[1]
    columns = {f"l{l}": measured.mixing[:, l - 2] for l in range(2, size + 2)}
    yield write_csv(directory / "mixing.csv", columns, [*first, "<pseudo C_l> = sum_l' M_ll' C_l', rows as in pseudo.csv"])
    path = directory / "alm.csv"
    whole = bool(np.all(measured.view.weights == measured.view.weights[0]))
    remark = f"{'' if whole else 'pseudo-'}multipoles of the weighted map, equatorial; orders that the view loses are left out"
    write_alm(path, measured.alm(), [*first, remark])
    yield path
    for figure, stem in ((spectrum_figure(measured, name, theory), "spectrum"), (correlation_figure(measured), "correlation")):
        yield from save_figures(figure, directory / stem, formats)


def spectrum_figure(measured: MeasuredSpectrum, name: str, theory: Settings | None = None):
    """C_l with total errors, upper limits where it is not above them, and both models for orientation."""
    l, C_l, error = measured.l, measured.C_l, measured.error
    theory = (theory or Settings()).to(int(l[-1]))
    with style.style():
        figure = style.new_figure(style.SINGLE_WIDTH, 4.8)
        axes = figure.subplots()
        for model, spectrum in theory.spectra().items():
            look = style.model_look(model)
            line = {"linestyle": look.line, "color": look.colour, "linewidth": 1.2}
            axes.plot(theory.degrees, spectrum, **line, label=f"{model} diffusion")
        shown = C_l > 0
        data = style.OBSERVATION
        dots = {"fmt": data.marker, "color": data.colour, "markersize": 4, "elinewidth": 1}
        axes.errorbar(l[shown], C_l[shown], error[shown], **dots, label=style.plain(name))
        if not np.all(shown):
            limit = np.maximum(C_l, 0) + 2 * error
            axes.plot(
                l[~shown],
                limit[~shown],
                "v",
                color=data.colour,
                markersize=5,
                fillstyle="none",
                label="below zero: two errors above",
            )
        axes.set_yscale("log")
        top = np.max(np.where(shown, C_l, 2 * error))
        axes.set_ylim(1e-2 * np.min(np.where(shown, C_l, 2 * error)), 10 * top)
        style.degree_axis(axes, 2, l[-1])
        axes.set_ylabel(r"$C_\ell$  [dimensionless, $(\Delta f/f)^2$]")
        axes.set_title(f"{measured.view.sky_fraction:.0%} of the sky; models: " + theory.title(), fontsize=9.5)
        axes.legend(loc="lower left", fontsize=9)
    return figure


def correlation_figure(measured: MeasuredSpectrum):
    """Correlation of the measured C_l."""
    with style.style():
        figure = style.new_figure(style.SINGLE_WIDTH, 5.4)
        axes = figure.subplots()
        correlation = measured.covariance / np.outer(measured.error, measured.error)
        extent = (measured.l[0] - 0.5, measured.l[-1] + 0.5) * 2
        look = {"vmin": -1, "vmax": 1, "cmap": style.SIGNED, "interpolation": "nearest"}
        image = axes.imshow(correlation, origin="lower", extent=extent, **look)
        axes.set_xlabel(r"$\ell'$")
        axes.set_ylabel(r"$\ell$")
        figure.colorbar(image, ax=axes, label=r"correlation of $C_\ell$ and $C_{\ell'}$")
    return figure
