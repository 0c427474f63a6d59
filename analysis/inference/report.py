"""What came out as text, as plain numbers, and as files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fluxtube.analysis.figures.tables import write_csv
from fluxtube.analysis.figures.write import save_figures
from fluxtube.analysis.inference import figures
from fluxtube.analysis.inference.chains import write_arviz, write_getdist
from fluxtube.analysis.inference.data import SkyData
from fluxtube.analysis.inference.parameters import NAMES, UNITS
from fluxtube.analysis.inference.posterior import Posterior
from fluxtube.analysis.inference.predictive import Predictive
from fluxtube.analysis.inference.profile import Plane
from fluxtube.analysis.inference.significance import Gain
from fluxtube.analysis.inference.symmetry import Parity, Symmetry
from fluxtube.analysis.inference.transport import RIVALS
from fluxtube.files import make_directory, write_whole
from fluxtube.plain import as_json, without_nan

OF_RIVALS = {"sigma": "sqrt(C_2)", "gamma": "q of C_l ~ l^-q"}


@dataclass(frozen=True)
class Inference:
    """All results on one sky.

    Attributes
    ----------
    data : SkyData
    posteriors : dict of str to Posterior
    plane : Plane or None
    symmetry : Symmetry
    parity : Parity
    gains : list of Gain
    predictive : Predictive or None
        Of the main model.
    skies : dict of str to ndarray (n_a,)
        Of the main model at its best.
    warnings : list of str
    """

    data: SkyData
    posteriors: dict[str, Posterior]
    plane: Plane | None
    symmetry: Symmetry
    parity: Parity
    gains: list[Gain]
    predictive: Predictive | None
    skies: dict[str, np.ndarray]
    warnings: list[str]

    @property
    def main(self) -> Posterior:
        """Posterior whose parameters are reported."""
        return most_general(self.posteriors)


def most_general(posteriors: dict[str, Posterior]) -> Posterior:
    """Of cross-field transport, which holds the others; without it that of the larger evidence: neither holds the other."""
    if "cross-field" in posteriors:
        return posteriors["cross-field"]
    return max((posteriors[name] for name in ("parallel", "isotropic") if name in posteriors), key=lambda fit: fit.log_evidence)


def to_dict(result: Inference) -> dict:
    """Everything as plain numbers; NaN as null."""
    sym, par = result.symmetry, result.parity
    everything = {
        "model": result.main.model,
        "units": UNITS,
        "parameters": result.main.quantiles(),
        "free": list(result.main.names),
        "models": {
            name: {"parameters": fit.quantiles(), "free": list(fit.names)} for name, fit in result.posteriors.items()
        },
        "log_evidence": {name: fit.log_evidence for name, fit in result.posteriors.items()},
        "log_evidence_error": {name: fit.log_evidence_error for name, fit in result.posteriors.items()},
        "max_log_likelihood": {name: fit.max_log_likelihood for name, fit in result.posteriors.items()},
        "chi_squared": {name: fit.chi_squared for name, fit in result.posteriors.items()},
        "data": {"count": len(result.data.values), "l_min": result.data.l_min, "l_max": result.data.l_max},
        "gyrotropy": {
            "l": sym.l.tolist(),
            "share": sym.share.tolist(),
            "mean": sym.mean,
            "p_value": sym.p_value,
            "best_direction": list(sym.best_direction),
            "best_mean": sym.best_mean,
            "best_p_value": sym.best_p_value,
        },
        "parity": {"even_over_odd": par.ratio, "p_value": par.p_value, "even_is_noise": par.even_is_noise},
        "predictive": None
        if result.predictive is None
        else {
            "l": result.predictive.l.tolist(),
            "observed": result.predictive.observed.tolist(),
            **{key: row.tolist() for key, row in zip(("q16", "q50", "q84"), result.predictive.quantiles, strict=True)},
            "p_value": result.predictive.p_value,
        },
        "gains": [{"over": g.null, "observed": g.observed, "rate": g.rate, "skies": len(g.simulated)} for g in result.gains],
        "warnings": result.warnings,
    }
    return without_nan(everything)


def to_text(result: Inference) -> str:
    """A page for a terminal."""
    main, data = result.main, result.data
    lines = [f"{data.description}: l = {data.l_min} to {data.l_max}, {len(data.values)} data", ""]
    lines += [f"{main.model} transport", *_parameters(main, NAMES)]
    for fit in result.posteriors.values():
        if fit is not main and fit.names:
            lines += ["", fit.model if fit.model in RIVALS else f"{fit.model} transport", *_parameters(fit, fit.names)]
    top = max(fit.log_evidence for fit in result.posteriors.values())
    head = f"  {'model':<14} {'max ln L':>10} {'chi^2':>9} {'ln evidence':>18} {'ln Bayes factor':>16}"
    lines += ["", head]
    for name, fit in result.posteriors.items():
        evidence = f"{fit.log_evidence:.2f} +- {fit.log_evidence_error:.2f}"
        lines.append(
            f"  {name:<14} {fit.max_log_likelihood:10.2f} {fit.chi_squared:9.1f} {evidence:>18} {fit.log_evidence - top:16.2f}"
        )
    for g in result.gains:
        chance = f"as much by chance at a rate of {g.rate:.3g} ({len(g.simulated)} skies)"
        lines.append(f"  cross-field over {g.null}: ln L {g.observed:+.2f}, {chance}")
    sym, par = result.symmetry, result.parity
    lines += [
        "",
        f"  power symmetric about the field: {sym.mean:.3f} of it, p = {sym.p_value:.3g} under isotropy; largest "
        f"{sym.best_mean:.3f} about ({sym.best_direction[0]:.0f}, {sym.best_direction[1]:.0f}) deg, p = {sym.best_p_value:.3g} "
        "with the trials of the scan",
        f"  {_even_and_odd(par)}",
    ]
    if result.predictive is not None:
        lines.append(f"  skies predicted by the {main.model} posterior: p = {result.predictive.p_value:.2g} of chi^2")
    lines += [f"WARNING: {words}" for words in result.warnings]
    return "\n".join(lines)


def _even_and_odd(par: Parity) -> str:
    """The test of parity, or why there is none."""
    if np.isnan(par.ratio):
        compared = "even over odd degrees: not compared, the data hold degrees of one parity alone"
    else:
        compared = f"even over odd degrees: {par.ratio:.2f}, p = {par.p_value:.3g}"
    if np.isnan(par.even_is_noise):
        return f"{compared}; even degrees as noise alone: not tested, nothing in the data is free of odd degrees"
    return f"{compared}; even degrees are noise alone: p = {par.even_is_noise:.3g}"


def _parameters(fit: Posterior, names) -> list[str]:
    """A line for each of these parameters; of rivals sigma stands for the square root of C_2, gamma for the index q."""
    quantiles, lines = fit.quantiles(), []
    for name in names:
        q, label, unit = quantiles[name], name, UNITS[name].replace("1", "")
        if fit.model in RIVALS and name in OF_RIVALS:
            label, unit = OF_RIVALS[name], ""
        spread = f"(68 %: {q['q16']:.4g} to {q['q84']:.4g})" if name in fit.names else "(fixed)"
        lines.append(f"  {label:<28}{q['q50']:9.4g}  {spread} {unit}".rstrip())
    return lines


def write(result: Inference, directory, formats=("png", "pdf")) -> Iterator[Path]:
    """Write summary, chains, figures and the numbers in them."""
    directory = make_directory(directory)
    yield write_whole(directory / "inference.json", as_json(to_dict(result), indent=1) + "\n", like=b"{")
    for name, fit in result.posteriors.items():
        if fit.names:
            yield from write_getdist(fit, directory / f"chain-{name}")
            yield write_arviz(fit, directory / f"chain-{name}.nc")
            yield from save_figures(figures.corner_figure(fit), directory / f"corner-{name}", formats)
    if result.predictive is not None:
        low, middle, high = result.predictive.quantiles
        columns = {"l": result.predictive.l, "observed": result.predictive.observed, "q16": low, "q50": middle, "q84": high}
        yield write_csv(directory / "predictive.csv", columns, ["mean square of the multipoles, and of predicted skies"])
    skies = figures.skies_figure(result.skies, result.data.l_top, result.main.best.field)
    yield from save_figures(skies, directory / "skies", formats)
    if result.plane is not None:
        shape = result.plane.log_likelihood.shape
        columns = {
            "displacement_perpendicular": np.repeat(result.plane.displacement, shape[1]),
            "convection_perpendicular": np.tile(result.plane.convection, shape[0]),
            "log_likelihood": result.plane.log_likelihood.ravel(),
        }
        yield write_csv(directory / "plane.csv", columns, ["ln L maximised over sigma and, where free, gamma"])
        yield from save_figures(figures.plane_figure(result.plane), directory / "plane", formats)
