"""Posteriors of fits: narrow ones are found, wide priors change their volume alone, ends and chains that stand still are said."""

import numpy as np
import pytest

from fluxtube.analysis.fit.fit import compare, fit_spectrum
from fluxtube.analysis.fit.likelihood import ChiSquared
from fluxtube.analysis.fit.posterior import Prior, grid_posterior
from fluxtube.analysis.fit.report import comparison_text, fit_text
from fluxtube.analysis.fit.templates import Templates
from fluxtube.analysis.observations.spectrum_table import Spectrum


@pytest.mark.parametrize("skies", [1000, 100_000, 10_000_000])
def test_a_narrow_posterior_is_found(skies):
    """An exact isotropic spectrum, l = 19..62: best point and evidence of the right model, however narrow the ridge.

    ln evidence by Laplace's formula, whose error falls as 1/skies: the ridge's curvature is known in closed form.
    """
    l = np.arange(19, 63)
    templates, prior = Templates("isotropic", l), Prior()
    C_l = templates.spectrum(6.28, 1.8599)
    posterior = grid_posterior(ChiSquared(templates, C_l, skies), prior)
    assert posterior.best == (pytest.approx(6.28, rel=5e-4), pytest.approx(1.8599, abs=5e-4))
    step = 1e-4
    slope = (np.log(templates.spectrum(1.0, 1.8599 + step)) - np.log(templates.spectrum(1.0, 1.8599 - step))) / (2 * step)
    information = skies * (2 * l + 1) / 2
    matrix = np.array([[4 * information.sum(), 2 * information @ slope], [2 * information @ slope, information @ slope**2]])
    peak = ChiSquared(templates, C_l, skies)(np.log(6.28), 1.8599)
    laplace = peak + np.log(2 * np.pi) - 0.5 * np.log(np.linalg.det(matrix)) - np.log(np.log(1000) * 1.45)
    assert posterior.log_evidence == pytest.approx(laplace, abs=0.02)


@pytest.mark.parametrize("model", ["parallel", "isotropic"])
def test_a_wider_prior_changes_nothing_but_its_volume(model):
    """sigma from 1e-10 to 1e10 km/s: median and evidence are those of 1 to 1000, less the prior's volume."""
    l = np.arange(2, 21)
    data = Spectrum(l, 3e-8 * (l / 2) ** -2.67)
    narrow, wide = (fit_spectrum(data, model, Prior(ends), steps=0) for ends in ((1.0, 1000.0), (1e-10, 1e10)))
    assert wide.sigma[1] == pytest.approx(narrow.sigma[1], rel=2e-3)
    volume = np.log(20 * np.log(10) / np.log(1000))
    assert wide.posterior.log_evidence + volume == pytest.approx(narrow.posterior.log_evidence, abs=0.02)
    assert not any("sigma" in warning for warning in wide.warnings)


def test_the_ends_of_the_prior_are_said():
    """C_l too large for the prior of sigma; a slope that runs into the end of gamma; a chain that cannot have moved."""
    l = np.arange(2, 21)
    units = Spectrum(l, 3.0 * (l / 2) ** -2.67)
    for model in ("parallel", "isotropic"):
        fit = fit_spectrum(units, model, steps=50)
        assert any("sigma = 1000 km/s" in warning for warning in fit.warnings), fit.warnings
        assert "DO NOT QUOTE" in fit_text(fit)
    assert all(row["warnings"] for row in compare(units))
    assert "NO MODEL IS PREFERRED" in comparison_text(compare(units))
    flat = fit_spectrum(Spectrum(l, 3e-8 * (l / 2.0) ** -1.6), "isotropic", steps=0)
    assert any("gamma = 1.05" in warning for warning in flat.warnings)
    good = Spectrum(l, Templates("isotropic", l).spectrum(20.0, 5 / 3))
    assert fit_spectrum(good, "isotropic", steps=0).warnings == []
    short = fit_spectrum(good, "isotropic", steps=1)
    assert any("TOO SHORT" in warning for warning in short.warnings)
    assert short.to_dict()["sampler"]["autocorrelation_steps"] is None
    assert not short.samples.converged
