"""Fig. 2: how a flow that varies along the field becomes an anisotropy. Drawn anew, a picture and no data."""

import numpy as np

from fluxtube.analysis.figures import style


def schematic_figure():
    """Field line, waves along it, the sphere of free paths, and two particles whose starting points are apart.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with style.style():
        figure = style.new_figure(8.4, 4.3)
        axes = figure.subplots()
        axes.set_aspect("equal")
        axes.set_axis_off()
        axes.set_xlim(-2.8, 3.05)
        axes.set_ylim(-1.42, 1.5)
        _tube(axes)
        _flow(axes)
        _sphere(axes)
    return figure


def _arrow(axes, start, end, colour, width=1.6, **settings):
    arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": width, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 13}
    axes.annotate("", end, start, arrowprops=arrow | settings)


def _tube(axes) -> None:
    """The flux tube's two edges, and B."""
    axes.fill_between([-2.6, 2.6], -0.17, 0.17, color=style.BLUE, alpha=0.08, linewidth=0)
    for height in (-0.17, 0.17):
        axes.plot([-2.6, 2.6], [height, height], color=style.BLUE, linewidth=1)
    _arrow(axes, (2.6, 0), (2.88, 0), style.BLUE, 2.0)
    axes.text(2.74, 0.13, r"$\mathbf{B}$", color=style.BLUE, fontsize=14, ha="center")


def _flow(axes) -> None:
    """Velocity along the field: arrows of changing length and sign in the tube, their profile below."""
    x = np.linspace(-2.45, 2.45, 20)
    velocity = _velocity(x)
    for position, value in zip(x, velocity, strict=True):
        if abs(value) > 0.2 and abs(position) > 0.2:
            _arrow(axes, (position - 0.105 * value, 0), (position + 0.105 * value, 0), style.BLUE, 1.3, mutation_scale=8)
    fine = np.linspace(-2.6, 2.6, 400)
    axes.plot(fine, -1.2 + 0.13 * _velocity(fine), color=style.BLUE, linewidth=1.3)
    axes.plot([-2.6, 2.6], [-1.2, -1.2], color=style.GREY, linewidth=0.6, linestyle=":")
    axes.text(-2.6, -1.0, r"$(\mathbf{B}/B)\cdot\mathbf{u}$ along the field", color=style.BLUE, fontsize=10, va="bottom")


def _velocity(x) -> np.ndarray:
    return 0.8 * np.sin(2.3 * x + 0.4) + 0.45 * np.sin(5.3 * x + 1.9) + 0.25 * np.sin(9.7 * x)


def _sphere(axes) -> None:
    """Free paths of length lambda towards the observer O; two of them with 2 pi / l between."""
    angle = np.linspace(0, 2 * np.pi, 200)
    axes.plot(np.cos(angle), np.sin(angle), color=style.GREY, linewidth=1, linestyle="--")
    first, second = np.deg2rad(52), np.deg2rad(24)
    for number, direction in enumerate((first, second), 1):
        point = np.array([np.cos(direction), np.sin(direction)])
        _arrow(axes, point, 0.02 * point, style.VERMILION, 1.7)
        axes.plot(*point, "o", color=style.VERMILION, markersize=5)
        axes.text(*(point * 1.14 + [0.02, 0]), rf"$-\mathbf{{p}}_{number}$", color=style.VERMILION, ha="center", va="center")
        axes.plot([point[0]] * 2, [point[1], 0], color=style.VERMILION, linewidth=0.9, linestyle=":")
        axes.plot(point[0], 0, "o", color=style.VERMILION, markersize=5, markeredgecolor="white", zorder=5)
        axes.plot([point[0]] * 2, [0, -1.2 + 0.13 * _velocity(point[0])], color=style.VERMILION, linewidth=0.6, linestyle=":")
        axes.plot(point[0], -1.2 + 0.13 * _velocity(point[0]), "o", color=style.VERMILION, markersize=4)
    arc = np.linspace(second, first, 30)
    axes.plot(0.55 * np.cos(arc), 0.55 * np.sin(arc), color=style.BLACK, linewidth=1)
    middle = (first + second) / 2
    axes.text(0.68 * np.cos(middle), 0.68 * np.sin(middle), r"$\frac{2\pi}{\ell}$", fontsize=13, ha="center", va="center")
    axes.plot(0, 0, "o", color=style.BLACK, markersize=6, zorder=6)
    axes.text(-0.06, 0.21, "O", fontsize=11, ha="right", va="bottom")
    edge = np.deg2rad(138)
    _arrow(axes, (0, 0), (np.cos(edge), np.sin(edge)), style.GREY, 1.1)
    axes.text(-0.5, 0.58, r"$\lambda$", color=style.GREY, fontsize=13, ha="center")
    axes.annotate(
        "starting points on the field line,\nO + $\\lambda\\mu\\mathbf{B}/B$: the flow there differs",
        (np.cos(second), -0.03),
        (1.12, -0.72),
        fontsize=10,
        color=style.VERMILION,
        ha="left",
        va="center",
        arrowprops={"arrowstyle": "-", "color": style.VERMILION, "linewidth": 0.8},
    )
    axes.text(
        0.0,
        1.32,
        r"$\Delta f/f = \frac{1}{v}\frac{\partial\ln f}{\partial\ln p}\,\mu\,[u_\parallel(\lambda\mu) - u_\parallel(0)]$",
        fontsize=13,
        ha="center",
    )
