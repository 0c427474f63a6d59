"""From a configuration to the covariance that theory expects of its run."""

import numpy as np
import pytest
import synthetic_runs as synthetic

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
