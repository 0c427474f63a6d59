"""The comparison of shown and printed outputs notices what it must."""

import pytest
from docs_output import differences, same

PRINTED = "run.h5: 2000 realisations by quadrature in 1.3 s (1540/s)\n   2   1.234e-07   +0.51\n   3   5.678e-08   -1.02\n"


@pytest.mark.parametrize(("shown", "wrong"), [
    ("run.h5: 2000 realisations by quadrature in 77 s (3/s)", []),
    ("2 1.234e-07 +0.51\n...\n3 5.678e-08 -1.02", []),
    ("2 1.244e-07 +0.51", ["2 1.244e-07 +0.51"]),
    ("3 5.678e-08 -1.02\n2 1.234e-07 +0.51", ["2 1.234e-07 +0.51"]),
    ("run.h5: 2001 realisations by quadrature in 1 s (1/s)", ["run.h5: 2001 realisations by quadrature in 1 s (1/s)"]),
    ("theory ACCEPTED", ["theory ACCEPTED"]),
    ("run.h5: 2000 realisations by quadrature ...", []),
    ("run.h5: 3000 realisations by quadrature ...", ["run.h5: 3000 realisations by quadrature ..."]),
])
def test_differences(shown, wrong):
    assert differences(shown, PRINTED, 1e-3) == wrong


def test_tolerance():
    assert same("sigma 24.5 km/s", "sigma 24.6 km/s", 0.01)
    assert not same("sigma 24.5 km/s", "sigma 25.6 km/s", 0.01)
