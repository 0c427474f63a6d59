"""Fig. 3, right: the mean-square sky over the pitch angle, both models (Eq. 16), simulation, observed skies (Eq. 17)."""

import itertools

import numpy as np

from fluxtube.analysis.figures import style
from fluxtube.analysis.observations.pitch_angle import pitch_angle_profile
from fluxtube.analysis.observations.wigner import harmonics
from fluxtube.analysis.paper.settings import L_MIN, PAPER, Settings
from fluxtube.analysis.paper.spectra import SHORT
from fluxtube.analysis.validation.expected import expected_covariance
from fluxtube.analysis.validation.mean_square import mean_square_profile, mean_square_scores
from fluxtube.analysis.validation.moments import select_moments
from fluxtube.analysis.validation.spread import ONE_SIGMA, single_sky_band
from fluxtube.errors import InputError

THETA = np.arange(0.0, 180.5, 1.0)  # degrees
POINTS = np.arange(0.0, 180.5, 7.5)


def mean_square_table(observed=(), settings: Settings = PAPER) -> dict:
    """Columns: pitch angle [deg]; mean square of parallel and isotropic diffusion, l = 2..l_max, with the interval in which
    68 % of single skies lie; Eq. 17 of observed skies.

    Parameters
    ----------
    observed : sequence of (label, alm, field_direction)
        Observed skies, a[l, m] in equatorial coordinates; field direction in degrees.
    settings : Settings
    """
    theta, l = np.deg2rad(THETA), settings.degrees
    spectrum = settings.spectra()["isotropic"]
    columns = {
        "pitch_angle_deg": THETA,
        "parallel": mean_square_profile(settings.covariance()[None], l, [0], theta),
        "isotropic": np.full(len(theta), np.sum((2 * l + 1) * spectrum) / (4 * np.pi)),
    }
    bands = {"parallel": single_sky_band(columns["parallel"], 1.0), "isotropic": isotropic_band(spectrum, l, theta)}
    for name, (lower, upper) in bands.items():
        columns |= {f"{name}_single_sky_lower": lower, f"{name}_single_sky_upper": upper}
    for number, (_, alm, field_direction) in enumerate(observed):
        columns[f"observed_{number}"] = pitch_angle_profile(alm, field_direction, theta)
    return columns


def isotropic_band(spectrum, l, theta, draws: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Interval in which Eq. 17 of 68 % of statistically isotropic skies lies at pitch angles theta, (n,) each.

    The azimuthal mean at theta is sum_m V_m chi^2, of one degree of freedom for m = 0 and two for m > 0, with V_m = sum_l C_l
    Y_lm(theta, 0)^2: one degree at the poles, many at the equator, where two moments are not enough. The quantiles are those
    of fixed draws, good to 1 % of the interval. Of parallel diffusion, m = 0 alone, the law is chi^2 of one degree everywhere.
    """
    variance = np.einsum("l,lmt->mt", spectrum, harmonics(int(l[-1]), theta)[l] ** 2)
    dof = np.where(np.arange(len(variance)) == 0, 1.0, 2.0)
    profiles = np.random.default_rng(1).chisquare(dof, size=(draws, len(dof))) @ variance
    lower, upper = np.quantile(profiles, [(1 - ONE_SIGMA) / 2, (1 + ONE_SIGMA) / 2], axis=0)
    return lower, upper


def simulated_table(runs: dict, settings: Settings = PAPER) -> dict:
    """Columns: pitch angle [deg] and, for each run, mean square and standard error; empty without runs."""
    columns = {"pitch_angle_deg": POINTS} if runs else {}
    for name, ensemble in runs.items():
        if int(ensemble.l[-1]) < settings.l_max:
            raise InputError(f"{ensemble.path}: sky.l_max = {ensemble.l[-1]}, but the figure takes l = {L_MIN}..{settings.l_max}")
        moments = select_moments(ensemble, l_max=settings.l_max)
        theory = expected_covariance(ensemble.config, settings.l_max, L_MIN, moments.m)
        scores = mean_square_scores(moments, theory, np.deg2rad(POINTS))
        columns |= {f"{name}_simulated": scores.value, f"{name}_error": scores.error}
    return columns


def mean_square_figure(table: dict, simulated: dict, labels=(), settings: Settings = PAPER):
    """Figure of both tables; labels name the observed skies.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with style.style():
        figure = style.new_figure(style.SINGLE_WIDTH, 5.2)
        axes = figure.subplots()
        for name, short in SHORT.items():
            look = style.model_look(name)
            band = table[f"{name}_single_sky_lower"], table[f"{name}_single_sky_upper"]
            axes.fill_between(THETA, *band, color=look.colour, alpha=0.13, linewidth=0, label=f"{short}, single skies (68 %)")
            axes.semilogy(THETA, table[name], linestyle=look.line, color=look.colour, label=f"{short}, theory (Eq. 16)", zorder=3)
            if f"{name}_simulated" in simulated:
                dots = style.simulated_points(look, hollow=name == "isotropic")
                axes.errorbar(
                    POINTS, simulated[f"{name}_simulated"], simulated[f"{name}_error"], label=f"{short}, simulation", **dots
                )
        lines = itertools.cycle(("-", "-.", ":", "--"))
        for number, ((label, look), line) in enumerate(zip(style.observations(labels), lines, strict=False)):
            text = f"{style.plain(label)} (Eq. 17)"
            axes.semilogy(
                THETA, table[f"observed_{number}"], linestyle=line, linewidth=1.2, color=look.colour, label=text, zorder=5
            )
        axes.set_xlim(0, 180)
        axes.set_xticks(range(0, 181, 30))
        axes.set_xlabel(r"pitch angle $\vartheta$  [deg]")
        axes.set_ylabel(r"$\langle(\Delta f/f)^2\rangle$,  $\ell \geq 2$  [dimensionless]")
        rows = len(axes.get_legend_handles_labels()[1])
        axes.set_ylim(0.03 * np.min(table["parallel"]), 10 ** (1 + 0.32 * rows) * np.max(table["isotropic"]))
        axes.legend(loc="upper center", fontsize=9)
        axes.set_title(rf"$\ell = 2 \ldots {settings.l_max}$; " + settings.title(), fontsize=9.5)
    return figure
