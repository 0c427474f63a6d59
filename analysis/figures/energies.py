"""Figure: C_l against energy at fixed degrees, and the correlation of skies of different energy."""

import numpy as np

from fluxtube.analysis.energies import correlation, expected_between, names
from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.describe import title
from fluxtube.analysis.validation.validate import open_ensemble

DEGREES = (2, 3, 5, 10, 20, 50)
MARKERS = ("o", "s", "^", "D", "v")


def energies_figure(ensemble, *, heading: str | None = None, narrow: bool = False):
    """Left C_l over energy (or mean free path), right r_l with the first over l: points simulation, lines theory.

    Parameters
    ----------
    ensemble : path or fluxtube.sim.store.reader.Ensemble
        With several energies or mean free paths.
    heading : str, optional
        Takes the place of the title.
    narrow : bool
        For a narrow screen: one panel below the other.

    Returns
    -------
    matplotlib.figure.Figure
    """
    ensemble = open_ensemble(ensemble)
    config, seen, l_max = ensemble.config, ensemble.momenta, int(max(ensemble.l))
    theory = expected_between(config, l_max)
    energies = len(seen.energy) > 0
    x = seen.energy if energies else seen.mean_free_path
    order, measured = np.argsort(x), seen.C_l
    with style.style():
        figure = style.new_figure(*((style.NARROW_WIDTH, 9.0) if narrow else (style.DOUBLE_WIDTH, 4.6)))
        left, right = figure.subplots(*((2, 1) if narrow else (1, 2)))
        degrees = [degree for degree in DEGREES if degree <= l_max]
        for n, (degree, colour) in enumerate(zip(degrees, style.sequence(len(degrees)), strict=True)):
            marker = MARKERS[n % len(MARKERS)]
            own = np.einsum("ppl->pl", measured)[:, degree]
            expected = np.einsum("ppl->pl", theory)[:, degree - 2]
            left.loglog(x[order], expected[order], color=colour, linewidth=1)
            left.loglog(x[order], own[order], marker, color=colour, markersize=4, linestyle="none", label=rf"$\ell = {degree}$")
        left.set_xlabel("energy [TeV]" if energies else "mean free path [pc]")
        left.set_ylabel(r"$C_\ell$  [dimensionless, $(\Delta f/f)^2$]")
        left.set_title(title(ensemble, narrow, all_energies=True) if heading is None else style.plain(heading))
        low, high = left.get_ylim()
        left.set_ylim(low / 6, high)
        left.legend(loc="lower right", ncols=3)
        l, r, first = np.arange(2, l_max + 1), correlation(theory), names(config)[0]
        others = order[order != 0]
        for n, (p, colour) in enumerate(zip(others, style.sequence(len(others)), strict=True)):
            marker = MARKERS[n % len(MARKERS)]
            right.plot(l, r[0, p], color=colour, linewidth=1)
            label = f"{first} and {names(config)[p]}"
            right.plot(l, seen.correlation[0, p, 2:], marker, color=colour, markersize=3, linestyle="none", label=label)
        right.axhline(0, color=style.GREY, linewidth=0.8)
        right.set_ylim(-1.05, 1.05)
        right.set_xlabel(r"multipole degree $\ell$")
        right.set_ylabel(r"$r_\ell = C_\ell(E, E')/\sqrt{C_\ell(E)\, C_\ell(E')}$")
        right.set_title("points: simulation; lines: theory")
        right.legend()
    return figure


def energies_table(ensemble) -> dict:
    """Columns of the figure: the two skies, l, C_l and r_l between them, simulated and expected."""
    config, seen, l_max = ensemble.config, ensemble.momenta, int(max(ensemble.l))
    theory, count = expected_between(config, l_max), len(seen.mean_free_path)
    r, measured, simulated = correlation(theory), seen.C_l, seen.correlation
    pairs = [(p, q) for p in range(count) for q in range(p, count)]
    l = np.arange(2, l_max + 1)

    def column(table: np.ndarray, start: int) -> np.ndarray:
        return np.concatenate([table[p, q, start:] for p, q in pairs])

    columns = {"mean_free_path_pc": np.repeat([seen.mean_free_path[p] for p, _ in pairs], l.size)}
    columns["other_mean_free_path_pc"] = np.repeat([seen.mean_free_path[q] for _, q in pairs], l.size)
    if len(seen.energy):
        columns["energy_TeV"] = np.repeat([seen.energy[p] for p, _ in pairs], l.size)
        columns["other_energy_TeV"] = np.repeat([seen.energy[q] for _, q in pairs], l.size)
    columns |= {"l": np.tile(l, len(pairs)), "C_l": column(measured, 2), "C_l_theory": column(theory, 0)}
    return columns | {"correlation": column(simulated, 2), "correlation_theory": column(r, 0)}
