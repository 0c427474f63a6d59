"""Draws kinetic-spectrum.png: C_l of Eq. 1, with density response, observed in flight, and by walks that know none of them.

Waves along B for parallel diffusion, so that none is longer than the band's lower end; some minutes on two cores.
"""

from pathlib import Path

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.write import save_figure
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.engine import build_engine
from fluxtube.theory.kinetic import kinetic_law
from fluxtube.theory.models import Model

RUN = """
[turbulence]
spectrum = "{spectrum}"
transverse_fraction = {beta}
band = [0.5, 20.0]
[transport]
model = "{model}"
free_path = "{path}"
density_response = "steady"
[sky]
l_max = 6
nside = 1
[sampling]
estimator = "walks"
particles = {particles}
flow = "{flow}"
"""
MODELS = {
    "parallel": {"spectrum": "slab", "beta": 0, "flow": "line", "particles": 16384, "realisations": 600},
    "isotropic": {"spectrum": "power-law", "beta": "'2/3'", "flow": "modes", "particles": 4096, "realisations": 160},
}
LINES = {
    "Eq. 1": ("none", "end", style.BLUE, "-"),
    "density response": ("steady", "end", style.VERMILION, "-"),
    "in flight": ("none", "in-flight", style.BLUE, ":"),
    "both": ("steady", "in-flight", style.VERMILION, ":"),
}
l = np.arange(2, 7)


def walked(model: str, path: str) -> tuple[np.ndarray, np.ndarray]:
    """C_l and its error from the product of the two halves of the walks of every realisation."""
    settings = dict(MODELS[model])
    count = settings.pop("realisations")
    waves = ["sampling.waves=16"] if model == "isotropic" else []
    engine = build_engine(parse(RUN.format(model=model, path=path, **settings), waves, "figure"))
    products = []
    for first in range(0, count, 40):
        m = engine.particles.measure(first, 40)
        products.append(((m.multipoles + m.difference) * (m.multipoles - m.difference)).sum(axis=1)[:, 2:] / (2 * l + 1))
    products = np.concatenate(products) * engine.unit_anisotropy**2
    return products.mean(axis=0), products.std(axis=0, ddof=1) / np.sqrt(count)


with style.style():
    figure = style.new_figure(7.2, 6.0)
    axes = figure.subplots(2, 2, sharex=True, sharey="row")
    for row, model in zip(axes, MODELS, strict=True):
        for axis, path in zip(row, ("fixed", "exponential"), strict=True):
            settings = {key: value for key, value in MODELS[model].items() if key != "realisations"}
            config = parse(RUN.format(model=model, path=path, **settings), [], "figure")
            for name, (density, observed, colour, dash) in LINES.items():
                law = kinetic_law(path, None, density, observed)
                spectrum = Model.named(model).spectrum(config.build_turbulence(), 10.0, 6, law=law)
                if spectrum.any():
                    axis.semilogy(l, spectrum, dash, color=colour, label=name)
            value, error = walked(model, path)
            print(model, path, (value / error).round(1), value, error)
            axis.errorbar(l, value, error, fmt="o", color="black", ms=4, label="walks, observed at the end")
            axis.set_title(f"{model} diffusion, {path} paths", fontsize="medium")
            if not row[0].get_ylabel():
                row[0].set_ylabel(r"$C_\ell$")
        row[0].legend(fontsize="small")
    for axis in axes[1]:
        axis.set_xlabel(r"degree $\ell$")
    axes[0, 0].set_ylim(2e-10, 4e-7)
    axes[1, 0].set_ylim(2e-9, 1e-6)
    print(save_figure(figure, Path(__file__).with_name("kinetic-spectrum.png")))
