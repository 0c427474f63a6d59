"""Draws energies.png: pseudo-power against energy as IceCube sees it, theory through the same view, and r_l between energies."""

from pathlib import Path

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.write import save_figure
from fluxtube.analysis.observations.observed import dipoles, icecube_12yr_pseudo_spectrum
from fluxtube.analysis.observations.wigner import harmonics
from fluxtube.analysis.observer.pseudo_spectrum import expected_isotropic
from fluxtube.theory import Turbulence
from fluxtube.theory.models import Model

DEGREES, TOP = (2, 4, 6, 11, 20), 60
SIGMA, SCALE, SLOPE = 23.0, 10.0, 1 / 3  # km/s at 10 pc; lambda = 10 pc (E/10 TeV)^(1/3)
NORTH = -25.0  # edge of the view, head of the table [deg]
# The published power is weighted by the background, whose course with zenith is not published with it. cos(zenith) gives the
# l = 1 power at 13 TeV from the dipole; no weight and cos^2 stand for what is not known.
POWERS = (1, 0, 2)
ISOTROPIC = Model.named("isotropic")


def path(energy):
    """Mean free path [pc]."""
    return 10.0 * (energy / 10.0) ** SLOPE


def kernels_of(power):
    """K[m, l, l'] of the view with the weight cos(zenith)^power, |sin delta| at the pole; rings without mean."""
    node, weight = np.polynomial.legendre.leggauss(4 * TOP)
    low, high = -1.0, np.sin(np.deg2rad(NORTH))
    cosine = low + (high - low) * (node + 1) / 2
    table = harmonics(TOP, np.arccos(cosine))
    kernels = np.pi * (high - low) * np.einsum("lmt,kmt,t->mlk", table, table, weight * np.abs(cosine) ** power)
    kernels[0] = 0.0
    return kernels


def leakage(kernels, amplitude):
    """C~_l of a dipole of this horizontal amplitude alone: |a_11|^2 = 2 pi/3 d^2."""
    l = np.arange(len(kernels))
    return 2 * kernels[1, :, 1] ** 2 * 2 * np.pi / 3 * amplitude**2 / (2 * l + 1)


def main():
    flow, kernels = Turbulence.power_law(5 / 3, SIGMA, SCALE), [kernels_of(power) for power in POWERS]
    table, ours = icecube_12yr_pseudo_spectrum(), dipoles()
    icecube = np.array(ours.text("experiment")) == "IceCube 12 yr"
    energy, amplitude = ours.column("energy_tev")[icecube], ours.column("amplitude")[icecube]
    seen = []
    for one in energy:
        spectrum = np.concatenate([[0, 0], ISOTROPIC.spectrum(flow, path(one), TOP)])
        seen.append(expected_isotropic(spectrum, kernels[0]))
    leaked = np.array([[leakage(k, d) for d in amplitude] for k in kernels])
    seen = np.array(seen)
    with style.style():
        figure = style.new_figure(style.DOUBLE_WIDTH, 4.8)
        left, right = figure.subplots(1, 2)
        for l, colour in zip(DEGREES, style.sequence(len(DEGREES)), strict=True):
            rows = table["l"] == l
            left.loglog(table["energy_TeV"][rows], table["C_l"][rows], "o", color=colour, markersize=4, label=rf"$\ell = {l}$")
            left.loglog(energy, seen[:, l], color=colour, linewidth=1.2)
            ends = leaked[:, :, l].min(axis=0), leaked[:, :, l].max(axis=0)
            left.fill_between(energy, *ends, color=colour, alpha=0.15, linewidth=0)
        left.set_ylim(1e-12, 1e-6)
        left.set_xlabel("energy [TeV]")
        left.set_ylabel(r"pseudo-power $\tilde C_\ell$ south of $-25^\circ$")
        left.set_title("points: IceCube; lines: isotropic diffusion;\nbands: leakage of the dipole alone", fontsize=9)
        left.legend(loc="lower right", ncols=3, fontsize=8)
        first = energy[0]
        for l, colour in zip((2, 3, 5, 10), style.sequence(4), strict=True):
            for name, line in (("parallel", "-"), ("isotropic", "--")):
                model = Model.named(name)
                own = model.spectrum(flow, path(first), l, l_min=l)[0]
                r = [
                    model.spectrum(flow, path(first), l, l_min=l, other_path=path(e))[0]
                    / np.sqrt(own * model.spectrum(flow, path(e), l, l_min=l)[0])
                    for e in energy
                ]
                right.semilogx(energy, r, line, color=colour, label=rf"$\ell = {l}$" if line == "-" else None)
        right.axhline(0, color=style.GREY, linewidth=0.8)
        right.set_xlabel("energy [TeV]")
        right.set_ylabel(rf"$r_\ell$ with the sky at {first:g} TeV")
        right.set_title("solid: parallel; dashed: isotropic diffusion", fontsize=9)
        right.legend()
    print(save_figure(figure, Path(__file__).with_name("energies.png")))
    print("E [TeV]", energy.astype(int).tolist())
    for l in DEGREES:
        rows = table["l"] == l
        points = dict(zip(table["energy_TeV"][rows], table["C_l"][rows], strict=True))
        near = [points.get(e, points.get({1500.0: 1510.0, 5300.0: 5320.0}.get(e), np.nan)) for e in energy]
        shown = {"leakage": leaked[0], "least": leaked.min(axis=0), "most": leaked.max(axis=0), "theory": seen}
        for name, value in shown.items():
            print(f"l = {l}, {name} over points:", (value[:, l] / near).round(2).tolist())


if __name__ == "__main__":
    main()
