"""From a configuration to the covariance that theory expects of its run."""

from pathlib import Path

import numpy as np
import pytest
import synthetic_runs as synthetic

import fluxtube
from fluxtube.analysis.configured import theory_of_config
from fluxtube.analysis.validation.expected import expected_covariance, theory_of
from fluxtube.analysis.validation.moments import power
from fluxtube.errors import InputError
from fluxtube.sim.config import Config

# PHYSICS of Zhang & Liu (2025), Fig. 3: gamma = 5/3, beta = 2/3, sigma = 23 km/s, slope -4.7, v = c, no band.
REFERENCE = {2: 3.286443e-08, 5: 1.629710e-09, 10: 2.537365e-10, 30: 1.413917e-11}


def test_reference_spectrum_comes_out_of_the_default_configuration():
    """Slope over speed, sigma at lambda, the 2 l + 1: all of the mapping in four numbers (to the digits they are given)."""
    spectrum = power(expected_covariance(Config(turbulence={"band": None}), 30), np.arange(2, 31))
    for l, value in REFERENCE.items():
        assert spectrum[l - 2] == pytest.approx(value, rel=1e-6)


def test_band_is_that_of_the_run():
    """A band that ends at k lambda = 10 takes l = 30 away (j_l(x) falls as (e x / 2 l)^l) and a tenth of the quadrupole:
    j_2'^2 x^-5/3 ~ cos^2 x x^-11/3 / 2 beyond."""
    whole = expected_covariance(Config(turbulence={"band": (1e-3, 1e3)}), 30)[0]
    cut = expected_covariance(Config(turbulence={"band": (1e-3, 10.0)}), 30)[0]
    assert 0.85 < cut[0, 0] / whole[0, 0] < 0.95
    assert cut[-1, -1] < 1e-6 * whole[-1, -1]


def test_only_m_zero_is_populated_and_parities_do_not_mix():
    """Cylindrical symmetry about B; <a_l a_l'> vanishes for odd l + l'."""
    covariance = expected_covariance(Config(), 12, orders=[-1, 0, 1])
    assert np.all(covariance[[0, 2]] == 0)
    l = np.arange(2, 13)
    assert np.all(covariance[1][(l[:, None] + l) % 2 == 1] == 0)
    assert np.linalg.eigvalsh(covariance[1])[0] > 0


def test_theory_of_another_configuration():
    """--against replaces keys of turbulence and transport."""
    changed = theory_of(Config(), ["turbulence.gamma=1.6", "transport.spectral_slope=-4.5"])
    assert changed.turbulence.gamma == 1.6
    assert changed.transport.spectral_slope == -4.5
    assert theory_of(Config()).turbulence.gamma == pytest.approx(5 / 3)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("turbulence.gama=1.6", "gamma"),
        ("turbulence.gamma=seven", "seven"),
        ("sky.l_max=10", "turbulence"),
        ("gamma", "section.key=value"),
    ],
)
def test_what_cannot_be_held_against(override, words):
    """Unknown keys, impossible values, and keys that theory does not depend on, each named."""
    with pytest.raises(InputError, match=words):
        theory_of(synthetic.config(9), [override])


@pytest.mark.parametrize("section", [{"model": "ballistic"}, {"free_path": "levy"}])
def test_transport_without_theory_is_said_so(section):
    """Whatever the engine learns to do, no theory is made up for it."""
    config = Config().model_copy(update={"transport": Config().transport.model_copy(update=section)})
    with pytest.raises(InputError, match=next(iter(section.values()))):
        expected_covariance(config, 10)


@pytest.mark.parametrize(
    ("keys", "independent"),
    [
        # Exponential paths without a band: C_2, C_8 and C_16 by another quadrature, in units of w(1/lambda)/lambda.
        ({"transport": {"free_path": "exponential"}, "sampling": {"flow": "fbm"}}, {2: 2.837e-2, 8: 1.298e-5, 16: 2.921e-7}),
        ({"sampling": {"flow": "fbm"}}, {2: 7.423e-2, 8: 1.034e-3}),
    ],
)
def test_slope_has_the_theory_of_the_run(keys, independent):
    """`fluxtube slope` had the fixed path's C_l for every law: 2.6 to 12 times too large and the wrong slope."""
    theory = theory_of_config(Config(**keys))
    unit = float(theory.turbulence.spectrum(0.1)) / 10 * theory.factor
    spectrum = theory.spectrum(16, 2) / unit
    for l, value in independent.items():
        assert spectrum[l - 2] == pytest.approx(value, rel=4e-4)


def test_field_aligned_spectra_have_a_slope():
    """Slab: E = (1-beta) w/2, so that C_l is isotropic turbulence's with E(kappa) in proportion."""
    slab = theory_of_config(Config(turbulence={"spectrum": "slab"}))
    bulk = theory_of_config(Config())
    share = 1 - 2 / 3 + 2 / 3 / (5 / 3)
    assert slab.spectrum(9, 2) / bulk.spectrum(9, 2) == pytest.approx(np.full(8, (1 / 3) / (share / (5 / 3 + 2))), rel=1e-12)
    assert slab.steepness == pytest.approx(8 / 3)
    assert theory_of_config(Config(transport={"free_path": "exponential"})).steepness == pytest.approx(5 / 3 + 4)


def test_a_configuration_meets_its_theory_in_one_place():
    """No module of analysis or command line but `configured` makes a law of a configuration or asks a theory of one model."""
    root = Path(fluxtube.__file__).parent
    files = [*(root / "analysis").rglob("*.py"), *root.glob("*.py"), *(root / "commands").glob("*.py")]
    assert len(files) > 60
    words = ("build_free_path(", "kinetic_law(", ".multipole_covariance(", ".angular_power_spectrum(")
    found = {path.name for path in files if any(word in path.read_text() for word in words)}
    assert found == {"configured.py", "fit.py", "options.py"}  # fit and infer have options in place of a configuration
    assert "build_free_path(" not in (root / "commands" / "fit.py").read_text()
