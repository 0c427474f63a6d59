"""Against the 40-digit values of make_reference_values.py, made by other formulas and other methods."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from fluxtube.theory import Turbulence, flow_multipoles, isotropic, parallel

VALUES = json.loads(Path(__file__).with_name("reference_values.json").read_text())
CLOSED_FORM = 1e-10  # relative
QUADRATURE = 1e-8  # relative; of the geometric mean of the variances where the element is far smaller than that


def number(text):
    return float(Fraction(text)) if "/" in text else float(text)


def test_the_table_is_whole():
    assert {key: len(rows) for key, rows in VALUES.items()} == {
        "power_law": 19 * 5 * 4,
        "banded": 7 * 6,
        "printed": 4,
        "isotropic": 9,
        "von_karman": 8,
        "dissipation": 4,
    }


@pytest.mark.parametrize("gamma", ["1.2", "1.5", "5/3", "2", "2.5"])
@pytest.mark.parametrize("beta", ["0", "1/3", "2/3", "1"])
def test_power_law_covariance(unit, gamma, beta):
    covariance = parallel.multipole_covariance(unit(number(gamma), number(beta)), 1.0, 200)
    rows = [row for row in VALUES["power_law"] if row[2:4] == [gamma, beta]]
    found = [covariance[l - 2, m - 2] for l, m, *_ in rows]
    assert found == pytest.approx([float(row[-1]) for row in rows], rel=CLOSED_FORM, abs=0.0)


@pytest.mark.parametrize("gamma", ["1.2", "1.5", "5/3", "2", "2.5"])
def test_power_law_by_quadrature_over_the_line_spectrum(unit, gamma):
    """The second route knows nothing of Mellin transforms."""
    turbulence = unit(number(gamma), 2 / 3)
    covariance = parallel.two_path_covariance(turbulence, 1.0, 1.0, 200)
    for l, m, _, _, value in (row for row in VALUES["power_law"] if row[2:4] == [gamma, "2/3"]):
        scale = np.sqrt(covariance[l - 2, l - 2] * covariance[m - 2, m - 2])
        assert covariance[l - 2, m - 2] == pytest.approx(float(value), rel=1e-10, abs=1e-12 * scale)


def test_corrected_equation_13_and_not_the_printed_one():
    for L, M, n, gamma, value in VALUES["printed"]:
        assert flow_multipoles.spectral_kernel_integral(L, M, n, number(gamma)) == pytest.approx(float(value), rel=1e-12)
        assert as_printed(L, M, n, number(gamma)) != pytest.approx(float(value), rel=0.3)


def as_printed(L, M, n, gamma):
    """Eq. (13) with the second Gamma of its denominator as the stored text has it."""
    from scipy.special import gamma as G

    top = np.pi**2 * np.sqrt((2 * L + 1) * (2 * M + 1)) * (-1) ** ((L - M) // 2) * 2 * G(gamma + 1) * G((L + M - gamma + 1) / 2)
    low = 2 ** (gamma + 1) * (gamma + n) * G((L - M + gamma) / 2 + 1) * G((M + L + gamma) / 2 + 1) * G((L + M + gamma + 3) / 2)
    return top / low


def test_the_printed_form_gives_the_documented_wrong_values():
    assert as_printed(1, 1, 0, 5 / 3) == pytest.approx(2.529683, rel=1e-6)
    assert as_printed(2, 4, 2, 5 / 3) == pytest.approx(-0.015175, rel=1e-4)


@pytest.mark.parametrize("case", sorted({tuple(row[2:6]) for row in VALUES["banded"]}))
def test_banded_covariance(case):
    gamma, beta, low, high = map(number, case)
    turbulence = Turbulence.power_law(gamma, (2 * np.pi) ** (0.5 * (1 - gamma)), 1.0, beta, (low, high))
    covariance = parallel.multipole_covariance(turbulence, 1.0, 200)
    for l, m, *_, value in (row for row in VALUES["banded"] if tuple(row[2:6]) == case):
        value = float(value)
        if abs(value) < 1e-300:
            assert abs(covariance[l - 2, m - 2]) < 1e-290
            continue
        scale = np.sqrt(covariance[l - 2, l - 2]) * np.sqrt(covariance[m - 2, m - 2])
        assert covariance[l - 2, m - 2] == pytest.approx(value, rel=QUADRATURE, abs=1e-10 * scale), (l, m)


def test_isotropic_diffusion(unit):
    for l, gamma, beta, value in VALUES["isotropic"]:
        turbulence = unit(number(gamma), number(beta))
        found = isotropic.angular_power_spectrum(turbulence, 1.0, l, 1.0, 1.0)[-1]
        assert found == pytest.approx(float(value), rel=CLOSED_FORM)


def test_outer_scale():
    for l, m, gamma, beta, outer, value in VALUES["von_karman"]:
        turbulence = Turbulence.von_karman(number(gamma), np.sqrt(2 * np.pi), 1.0, number(outer), None, number(beta))
        found = parallel.multipole_covariance(turbulence, 1.0, 30)[l - 2, m - 2]
        assert found == pytest.approx(float(value), rel=QUADRATURE, abs=0.0)


def test_outer_scale_and_dissipation():
    for l, m, gamma, beta, outer, inner, value in VALUES["dissipation"]:
        sizes = (number(outer), number(inner))
        turbulence = Turbulence.von_karman(number(gamma), np.sqrt(2 * np.pi), 1.0, *sizes, number(beta))
        found = parallel.multipole_covariance(turbulence, 1.0, 30)[l - 2, m - 2]
        assert found == pytest.approx(float(value), rel=QUADRATURE, abs=0.0)
