"""Fits know the law of free paths, density response and flight."""

import numpy as np
import pytest

from fluxtube.analysis.fit.fit import fit_spectrum
from fluxtube.analysis.fit.posterior import Prior
from fluxtube.analysis.fit.templates import Templates
from fluxtube.analysis.observations.spectrum_table import read_spectrum
from fluxtube.cli import main
from fluxtube.theory import Turbulence
from fluxtube.theory.kinetic import kinetic_law
from fluxtube.theory.models import Model


@pytest.mark.parametrize("words", [("steady", "end"), ("none", "in-flight"), ("steady", "in-flight")])
@pytest.mark.parametrize("model", ["parallel", "isotropic"])
def test_templates_are_the_theory(words, model):
    """At gamma = 1.777, between the nodes of the table; control: Eq. 1."""
    law, l = kinetic_law("fixed", None, *words), np.arange(2, 9)
    flow = Turbulence.power_law(1.777, 30.0, 1.0)
    expected = Model.named(model).spectrum(flow, 1.0, 8, law=law)
    assert Templates(model, l, law=law).spectrum(30.0, 1.777) == pytest.approx(expected, rel=1e-6)
    assert Templates(model, l).spectrum(30.0, 1.777) != pytest.approx(expected, rel=1e-2)


def test_fit_finds_sigma_with_the_law_it_was_made_with(tmp_path):
    """The mean of 1000 skies with density response: sigma to three standard errors with the law, far off without."""
    law, l = kinetic_law("fixed", None, "steady", "end"), np.arange(2, 7)
    C_l = Model.named("isotropic").spectrum(Turbulence.power_law(5 / 3, 23.0, 1.0, 0.3), 1.0, 6, law=law)
    (tmp_path / "spectrum.csv").write_text("l,C_l\n" + "".join(f"{a},{b!r}\n" for a, b in zip(l, C_l.tolist(), strict=True)))
    spectrum, prior = read_spectrum(tmp_path / "spectrum.csv", None), Prior((1, 1000), (5 / 3, 5 / 3))
    low, middle, high = fit_spectrum(spectrum, "isotropic", prior, 1000, steps=0, transverse_fraction=0.3, law=law).sigma
    assert abs(middle - 23.0) < 3 * (high - low) / 2
    plain = fit_spectrum(spectrum, "isotropic", prior, 1000, steps=0, transverse_fraction=0.3).sigma[1]
    assert abs(plain - 23.0) > 10 * (high - low) / 2
    ask = ["fit", str(tmp_path / "spectrum.csv"), "--model", "isotropic", "--gamma", "5/3", "--steps", "50", "--density-response"]
    assert main([*ask, "steady", "--skies", "1000", "--json"]) == 0
