"""Figure: both models through an array's view, and how far the pseudo-spectrum lies from the true one."""

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.observations.reference import FIELD_DIRECTION
from fluxtube.analysis.observer.coupling import view_kernels
from fluxtube.analysis.observer.pseudo_spectrum import observe_multipoles, observed_spectra
from fluxtube.analysis.paper.settings import PAPER, Settings
from fluxtube.errors import InputError

SHORT = {"parallel": "PD", "isotropic": "ID"}


def observer_table(view, l_max: int = 50, field_direction=FIELD_DIRECTION, pad: int = 20, settings: Settings = PAPER) -> dict:
    """Columns l, and for both models C_l, pseudo C_l over sky fraction, their ratio; the bias left in the parallel model.

    No monopole and no dipole; degrees up to l_max + pad feed the pseudo-spectrum.
    """
    size = l_max + pad + 1
    further = settings.to(size - 1)
    covariance, spectrum = np.zeros((size, size)), np.zeros(size)
    covariance[2:, 2:] = further.covariance()
    spectrum[2:] = further.spectra()["isotropic"]
    seen = observed_spectra(view, covariance, spectrum, field_direction, pad)
    columns = {"l": seen.l}
    for name in SHORT:
        columns |= {f"{name}_C_l": seen.true[name], f"{name}_seen": seen.seen[name], f"{name}_ratio": seen.ratio(name)}
    return columns | {"anisotropy_bias": seen.anisotropy_bias}


def simulated_view(ensemble, view, field_direction=FIELD_DIRECTION) -> tuple[np.ndarray, np.ndarray]:
    """Mean pseudo-spectrum over sky fraction of the skies that a run keeps one by one, and its standard error, (L,) each.

    Raises
    ------
    InputError
        For a run that keeps none, or of other than parallel transport.
    """
    samples = np.asarray(ensemble.samples_multipoles)
    if len(samples) < 2:
        raise InputError(f"{ensemble.path}: the run keeps {len(samples)} single skies; run with output.multipoles = 1000")
    if samples.shape[1] != 1:
        raise InputError(f"{ensemble.path}: its skies have all orders m; give a run of parallel transport")
    multipoles = samples[:, 0].copy()
    multipoles[:, :2] = 0.0  # as in theory: no monopole, no dipole
    spectra = observe_multipoles(multipoles, view_kernels(view, multipoles.shape[1] - 1), field_direction) / view.sky_fraction
    return spectra.mean(axis=0), spectra.std(axis=0, ddof=1) / np.sqrt(len(spectra))


def observer_figure(table: dict, view, simulated=None):
    """Figure of `observer_table`, with `simulated_view` of a run where given.

    Returns
    -------
    matplotlib.figure.Figure
    """
    l = table["l"]
    with style.style():
        figure = style.new_figure(style.SINGLE_WIDTH, 6.2)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2.2, 1.2))
        for name, short in SHORT.items():
            look = style.model_look(name)
            line = {"linestyle": look.line, "color": look.colour}
            upper.loglog(l, table[f"{name}_C_l"], color=look.colour, linewidth=3.5, alpha=0.3, label=f"{short}, true")
            upper.loglog(l, table[f"{name}_seen"], **line, label=f"{short}, observed / sky fraction")
            lower.semilogx(l, table[f"{name}_ratio"], **line)
        if simulated is not None:
            value, error = (part[2 : l[-1] + 1] for part in simulated)
            dots = {"fmt": "o", "color": style.SIMULATION.colour, "markersize": 3, "elinewidth": 1, "capsize": 1.5, "zorder": 4}
            upper.errorbar(l[: len(value)], value, error, label="PD, simulated skies, observed", **dots)
            true = table["parallel_C_l"][: len(value)]
            lower.errorbar(l[: len(value)], value / true, error / true, **dots)
        lower.axhline(1, color=style.GREY, linewidth=0.8)
        lower.set_ylim(0, max(1.6, 1.1 * max(table["parallel_ratio"].max(), table["isotropic_ratio"].max())))
        lower.set_ylabel("observed / true")
        upper.set_ylabel(r"$C_\ell$  [dimensionless, $(\Delta f/f)^2$]")
        style.degree_axis(lower, 2, l[-1])
        bands = ", ".join(f"{south:.0f}° to {north:.0f}°".replace("-", "−") for south, north in view.bands)
        upper.set_title(
            f"view: {view.name}, declination {bands}, {view.sky_fraction:.0%} of the sky; $m = 0$ lost", fontsize=10.5
        )
        upper.legend(loc="lower left", fontsize=9.5)
    return figure
