"""Draws pitch-angle.png: C_l and the diffuse multipoles where free paths depend on the pitch angle, theory and runs; a minute."""

from pathlib import Path

import numpy as np

import fluxtube
from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.write import save_figure
from fluxtube.theory import Turbulence, parallel
from fluxtube.theory.free_path import Fixed
from fluxtube.theory.pitch_angle import PowerLaw, quasi_linear
from fluxtube.theory.pitch_angle_law import PitchAngleLaw, diffuse_multipoles
from fluxtube.theory.pitch_angle_structure import large_l_ratio

GAMMA, L_MAX, PATH = 5 / 3, 40, 10.0
LAWS = {
    r"power, $a = -1$": (PowerLaw(-1.0), {"pitch_angle_dependence": "power", "pitch_angle_exponent": -1}, style.VERMILION, "s"),
    r"power, $a = 2/3$": (PowerLaw(2 / 3), {"pitch_angle_dependence": "power", "pitch_angle_exponent": 2 / 3}, style.BLUE, "o"),
    r"diffusion, $q = 5/3$": (quasi_linear(), {"pitch_angle_dependence": "diffusion"}, style.GREEN, "^"),
}
RUN = {
    "turbulence": {"gamma": GAMMA, "band": [1e-3, 3000.0]},
    "sky": {"l_max": L_MAX, "nside": 16},
    "ensemble": {"realisations": 20_000},
    "output": {"skies": 0},
}
GRADIENT = "2e-5 /pc"
l = np.arange(2, L_MAX + 1)
endless = Turbulence.power_law(GAMMA, 23.0, PATH)
paper = parallel.angular_power_spectrum(endless, PATH, L_MAX)

with style.style():
    figure = style.new_figure(style.DOUBLE_WIDTH, 4.2)
    left, middle, right = figure.subplots(1, 3)
    mu = np.linspace(0.0, 1.0, 501)
    left.plot(mu, mu, color=style.BLACK, label="the paper, $h = 1$")
    for name, (dependence, keys, colour, marker) in LAWS.items():
        left.plot(mu, dependence.displacement(mu), color=colour, label=name)
        law = PitchAngleLaw(Fixed(), dependence)
        middle.plot(l, parallel.angular_power_spectrum(endless, PATH, L_MAX, free_path=law) / paper, color=colour)
        middle.axhline(large_l_ratio(dependence, GAMMA), color=colour, linestyle=":", linewidth=1)
        ensemble = fluxtube.simulate(RUN | {"transport": {**keys, "density_gradient": GRADIENT}})
        verdict = ensemble.validate()
        print(name, verdict.verdict, f"p = {verdict.combined_p_value:.3g}")
        shown = np.isin(l, [2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 40])
        value, error = verdict.spectrum.value / paper, verdict.spectrum.error / paper
        middle.errorbar(l[shown], value[shown], error[shown], fmt=marker, color=colour, ms=4)
        odd = np.arange(1, 16, 2)
        exact = diffuse_multipoles(dependence, 15)[odd] * PATH * 2e-5
        scatter = np.sqrt(np.diag(ensemble.second_moment[0])[odd] / ensemble.realisations)
        right.semilogy(odd, np.abs(exact), color=colour)
        right.errorbar(odd, np.abs(ensemble.mean[0, odd]), scatter, fmt=marker, color=colour, ms=4)
        z = (ensemble.mean[0, odd] - exact) / scatter
        print(name, "largest |z| of the mean, odd degrees:", np.abs(z).max().round(2))
    left.set_xlabel(r"$\mu$")
    left.set_ylabel(r"displacement $\mu\,h(\mu)$ over $\lambda$")
    left.legend(fontsize="small")
    middle.axhline(1.0, color=style.BLACK)
    style.degree_axis(middle, 2, L_MAX)
    middle.set_ylabel(r"$C_\ell$ over that of $h = 1$")
    right.set_xlabel(r"odd degree $\ell$")
    right.set_ylabel(r"$|a_\ell|$ of the diffuse anisotropy")
    right.set_ylim(1e-7, 1e-3)
    print(save_figure(figure, Path(__file__).with_name("pitch-angle.png")))
