"""Skies of one flow at several energies, tested against theory."""

import numpy as np

from fluxtube.analysis.energies import correlation, expected_between, names
from fluxtube.analysis.validation import wishart
from fluxtube.analysis.validation.moments import Moments
from fluxtube.analysis.validation.outcome import Outcome, as_json, undefined
from fluxtube.errors import InputError

NAME = "between energies, worst degree"


def energy_test(ensemble, config, moments: Moments) -> Outcome | None:
    """The covariance of a_l0 between the energies against theory, degree by degree; None for one energy.

    For each degree the likelihood ratio of the (P, P) covariance, which for Gaussian multipoles of m = 0 has a known law
    (`wishart`). The smallest p-value counts times the number of degrees.
    """
    if getattr(ensemble, "momenta", None) is None:
        return None
    if len(config.transport.seen_paths) != len(ensemble.momenta.mean_free_path):
        raise InputError("theory must have as many energies as the run")
    if moments.sampled or not moments.wishart or len(moments.m) > 1:
        return undefined(NAME, "not defined: the scatter between energies is known for Gaussian skies of m = 0 by quadrature")
    l, paths = moments.l[moments.tested[0]], len(ensemble.momenta.mean_free_path)
    if moments.count <= paths or l.size == 0:
        return undefined(NAME, f"not defined: {moments.count} realisations of {paths} energies")
    theory = expected_between(config, int(l[-1]), 2) * (2 * np.arange(2, l[-1] + 1) + 1)
    mean, variance = wishart.covariance_ratio_moments(moments.count, paths)
    found = []
    for degree in l:
        sample = ensemble.momenta.second_moment[:, :, 0, degree, degree]
        try:
            statistic = wishart.covariance_ratio(sample, theory[:, :, degree - 2], moments.count)
        except np.linalg.LinAlgError:
            continue  # energies so near one another that their skies are one to working precision
        found.append((wishart.gamma_tail(statistic, mean, variance), statistic, degree))
    if not found:
        return undefined(NAME, "not defined: the skies of all energies are equal to double precision")
    p_value, statistic, degree = min(found)
    dof = paths * (paths + 1) // 2
    return Outcome(NAME, float(statistic * dof / mean), dof, min(1.0, p_value * len(found)), True, f"l = {degree}")


def energy_dict(ensemble, config) -> dict:
    """C_l(p, p') and r_l(p, p') of l = 2 and above, simulated and expected, for JSON."""
    theory, seen = expected_between(config, int(max(ensemble.l))), ensemble.momenta
    return as_json({
        "seen_at": names(config),
        "mean_free_path_pc": seen.mean_free_path,
        "C_l": seen.C_l[..., 2:],
        "C_l_theory": theory,
        "correlation": seen.correlation[..., 2:],
        "correlation_theory": correlation(theory),
    })


def energy_table(ensemble, config, degrees=(2, 3, 5, 10, 20, 50)) -> list[str]:
    """C_l of every energy and its correlation with the first, simulated and expected, at a few degrees."""
    seen = ensemble.momenta
    l = [degree for degree in degrees if degree <= max(ensemble.l)]
    theory = expected_between(config, max(l), 2)
    expected, measured, r = correlation(theory), seen.C_l, seen.correlation
    first, *others = names(config)
    lines = [f"   l  {'particles':>10}   C_l simulated      C_l theory   r_l with {first}: simulated      theory"]
    for degree in l:
        for p, name in enumerate([first, *others]):
            lines.append(
                f"{degree:4d}  {name:>10}  {measured[p, p, degree]:14.6e}  {theory[p, p, degree - 2]:14.6e}"
                f"  {r[0, p, degree]:26.5f}  {expected[0, p, degree - 2]:10.5f}"
            )
    return lines
