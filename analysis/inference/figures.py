"""Figures of an inference: corner plot, the plane of the weights, skies, the flow along the field."""

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.corner import SHADES, draw_corner
from fluxtube.analysis.inference.modes import to_table
from fluxtube.analysis.inference.parameters import LABELS, NAMES
from fluxtube.analysis.observations.wigner import harmonics


def corner_figure(posterior):
    """Posterior of the free parameters, a matplotlib Figure."""
    chosen = [column for column, name in enumerate(NAMES) if name in posterior.names]
    samples = posterior.samples()[:, chosen]
    labels = [f"${LABELS[NAMES[column]]}$" for column in chosen]
    with style.style():
        from matplotlib.figure import Figure

        side = 1.6 + 1.9 * len(chosen)
        figure = Figure(figsize=(side, side))
        draw_corner(figure, samples, labels, style.model_look(posterior.model).colour, bins=30)
        figure.suptitle(f"{posterior.model} transport\n{SHADES}", fontsize=10, x=0.98, ha="right")
    return figure


def plane_figure(plane):
    """ln L over eps and eta relative to its top, with lines where it falls by 0.5, 2, 4.5 (one parameter: 1, 2, 3 sigma)."""
    from matplotlib.patheffects import withStroke

    relative = plane.log_likelihood - plane.log_likelihood.max()
    with style.style():
        figure = style.new_figure(style.SINGLE_WIDTH, 5.0)
        axes = figure.subplots()
        mesh = axes.pcolormesh(
            plane.displacement, plane.convection, np.clip(relative, -20, 0).T, cmap=style.POSITIVE, shading="gouraud"
        )
        drops = {"levels": (-4.5, -2, -0.5), "colors": style.BLACK, "linestyles": "-"}
        lines = axes.contour(plane.displacement, plane.convection, relative.T, **drops)
        axes.clabel(lines, fmt="%g")
        i, j = np.unravel_index(np.argmax(relative), relative.shape)
        halo = [withStroke(linewidth=3, foreground="white")]
        top = {"markersize": 12, "markeredgewidth": 2, "path_effects": halo}
        axes.plot(plane.displacement[i], plane.convection[j], "+", color=style.model_look("cross-field").colour, **top)
        for spot, words, ha in (((0, 0), "parallel", "left"), ((1, 1), "isotropic", "right")):
            axes.annotate(words, spot, textcoords="offset points", xytext=(8 if ha == "left" else -8, 6 if ha == "left" else -14),
                          ha=ha, color=style.model_look(words).colour, path_effects=halo)  # fmt: skip
        axes.set_xlabel(r"displacement across the field over that along it, $\epsilon$")
        axes.set_ylabel(r"convection across over along, $\eta$")
        figure.colorbar(mesh, label=r"$\ln L$ below its largest (cut at $-20$)")
    return figure


def skies_figure(skies: dict, l_max: int, field):
    """Skies of multipoles l = 2 .. l_max side by side, Mollweide, right ascension growing to the left, +B marked.

    Parameters
    ----------
    skies : dict of str to ndarray (n_a,)
    l_max : int
    field : (float, float)
        [deg].
    """
    longitude, latitude = np.linspace(-np.pi, np.pi, 181), np.linspace(-np.pi / 2, np.pi / 2, 91)
    values = {name: sky_values(vector, l_max, np.pi - longitude, latitude) for name, vector in skies.items()}
    top = max(np.abs(value).max() for value in values.values()) * 1e4
    with style.style():
        figure = style.new_figure(style.DOUBLE_WIDTH, 2.0 + 2.4 * ((len(skies) + 1) // 2))
        panels = figure.subplots((len(skies) + 1) // 2, 2, subplot_kw={"projection": "mollweide"}, squeeze=False).ravel()
        for axes, (name, value) in zip(panels, values.items(), strict=False):
            mesh = axes.pcolormesh(longitude, latitude, value * 1e4, cmap=style.SIGNED, vmin=-top, vmax=top, rasterized=True)
            axes.plot(np.pi - np.deg2rad(field[0]), np.deg2rad(field[1]), "+", color=style.BLACK, markersize=10)
            axes.set_title(name)
            axes.set_xticks([])
            axes.set_yticks([])
        for axes in panels[len(skies) :]:
            axes.set_visible(False)
        figure.colorbar(mesh, ax=list(panels), orientation="horizontal", shrink=0.5, label=r"$\Delta f/f\ [10^{-4}]$")
    return figure


def sky_values(vector, l_max: int, alpha, delta) -> np.ndarray:
    """Values of real multipoles l = 2 .. l_max on a grid of declinations and right ascensions [rad], (n_delta, n_alpha)."""
    table = to_table(vector, l_max)
    basis = harmonics(l_max, np.pi / 2 - np.asarray(delta))  # (l, m, n_delta)
    by_order = np.einsum("lm,lmd->md", table, basis)
    m = np.arange(l_max + 1)
    both = np.where(m == 0, 1.0, 2.0)[:, None, None] * by_order[:, :, None] * np.exp(1j * m[:, None, None] * np.asarray(alpha))
    return both.sum(axis=0).real


def flow_figure(flow, model: str):
    """The flow along the field given the sky and a model of transport, with its prior, in km/s."""
    colour = style.model_look(model).colour
    with style.style():
        figure = style.new_figure(style.SINGLE_WIDTH, 5.0)
        axes = figure.subplots()
        look = {"linewidth": 0, "alpha": 0.25}
        axes.fill_between(flow.s, -flow.prior, flow.prior, color=style.GREY, label="without the sky, 68 %", **look)
        axes.fill_between(flow.s, flow.lower, flow.upper, color=colour, label=f"given the sky, {model} transport, 68 %", **look)
        axes.plot(flow.s, flow.mean, color=colour, label=f"given the sky, {model} transport, mean")
        for number, line in enumerate(flow.realisations[:3]):
            axes.plot(flow.s, line, color=style.BLACK, linewidth=0.6, label="" if number else "flows that agree with it")
        axes.set_xlabel(r"place along the field from the observer, $s/\lambda$ (towards $+B$)")
        axes.set_ylabel(r"$u_\parallel(s) - u_\parallel(0)$  [km/s]")
        figure.legend(loc="outside lower center")  # the curves fill the axes
    return figure
