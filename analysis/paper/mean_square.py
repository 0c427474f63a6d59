"""Fig. 3, right: the mean-square sky over the pitch angle, both models (Eq. 16), simulation, observed skies (Eq. 17)."""

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.observations.pitch_angle import pitch_angle_profile
from fluxtube.analysis.paper import settings
from fluxtube.analysis.paper.spectra import LOOK
from fluxtube.analysis.validation.expected import expected_covariance
from fluxtube.analysis.validation.mean_square import mean_square_profile, mean_square_scores
from fluxtube.analysis.validation.moments import select_moments
from fluxtube.errors import InputError
from fluxtube.theory import checks

THETA = np.arange(0.0, 180.5, 1.0)  # degrees
POINTS = np.arange(0.0, 180.5, 7.5)


def mean_square_table(observed=()) -> dict:
    """Columns: pitch angle [deg], mean square of parallel and isotropic diffusion, l = 2..50, and of observed skies.

    Parameters
    ----------
    observed : sequence of (label, alm, field_direction)
        Observed skies, a[l, m] in equatorial coordinates; field direction in degrees.
    """
    theta, l = np.deg2rad(THETA), settings.DEGREES
    factor = checks.anisotropy_factor(settings.SLOPE, settings.SPEED)
    columns = {
        "pitch_angle_deg": THETA,
        "parallel": mean_square_profile(factor * settings.covariance()[None], l, [0], theta),
        "isotropic": np.full(len(theta), np.sum((2 * l + 1) * settings.spectra()["isotropic"]) / (4 * np.pi)),
    }
    for number, (_, alm, field_direction) in enumerate(observed):
        columns[f"observed_{number}"] = pitch_angle_profile(alm, field_direction, theta)
    return columns


def simulated_table(runs: dict) -> dict:
    """Columns: pitch angle [deg] and, for each run, mean square and standard error; empty without runs."""
    columns = {"pitch_angle_deg": POINTS} if runs else {}
    for name, ensemble in runs.items():
        moments = select_moments(ensemble)
        if moments.l[-1] != settings.L_MAX:
            raise InputError(
                f"{ensemble.path}: sky.l_max = {moments.l[-1]}, but the paper's Fig. 3 takes l = 2..{settings.L_MAX}"
            )
        theory = expected_covariance(ensemble.config, settings.L_MAX, settings.L_MIN, moments.m)
        scores = mean_square_scores(moments, theory, np.deg2rad(POINTS))
        columns |= {f"{name}_simulated": scores.value, f"{name}_error": scores.error}
    return columns


def mean_square_figure(table: dict, simulated: dict, labels=()):
    """Figure of both tables; labels name the observed skies.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with style.style():
        figure = style.new_figure(style.SINGLE_WIDTH, 5.2)
        axes = figure.subplots()
        for name, (colour, line, marker, short) in LOOK.items():
            axes.semilogy(THETA, table[name], line, color=colour, label=f"{short}, theory (Eq. 16)", zorder=3)
            if f"{name}_simulated" in simulated:
                dots = {"fmt": marker, "color": style.BLACK, "markersize": 3.4, "elinewidth": 1, "capsize": 1.8, "zorder": 4}
                dots |= {"markerfacecolor": "white"} if name == "isotropic" else {}
                axes.errorbar(
                    POINTS, simulated[f"{name}_simulated"], simulated[f"{name}_error"], label=f"{short}, simulation", **dots
                )
        for number, (label, look) in enumerate(zip(labels, ("-", "-.", ":"), strict=False)):
            axes.semilogy(
                THETA, table[f"observed_{number}"], linestyle=look, linewidth=1.2, color=style.GREEN, label=f"{label} (Eq. 17)"
            )
        axes.set_xlim(0, 180)
        axes.set_xticks(range(0, 181, 30))
        axes.set_xlabel(r"pitch angle $\vartheta$  [deg]")
        axes.set_ylabel(r"$\langle(\Delta f/f)^2\rangle$,  $\ell \geq 2$  [dimensionless]")
        axes.set_ylim(0.12 * np.min(table["parallel"]), 80 * np.max(table["isotropic"]))
        axes.legend(loc="upper center")
        axes.set_title(rf"$\ell = 2 \ldots 50$, $\sigma = {settings.SIGMA:g}$ km/s, $\gamma = 5/3$, $\beta = 2/3$")
    return figure
