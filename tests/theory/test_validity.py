"""Outside of its validity every function says so: the quantity, the value, the condition. Never a silent NaN."""

import numpy as np
import pytest

from fluxtube.errors import InputError
from fluxtube.theory import Turbulence, flow_multipoles, isotropic, large_l, parallel, sky

NAN = float("nan")
FLOW = Turbulence.power_law(5 / 3, 23.0, 10.0)

CONSTRUCTION = {
    "gamma NaN": (lambda: Turbulence.power_law(NAN, 23.0, 10.0), "gamma"),
    "gamma text": (lambda: Turbulence.power_law("steep", 23.0, 10.0), "gamma"),
    "sigma zero": (lambda: Turbulence.power_law(1.5, 0.0, 10.0), "sigma = 0.0"),
    "sigma NaN": (lambda: Turbulence.power_law(1.5, NAN, 10.0), "sigma = nan"),
    "scale negative": (lambda: Turbulence.power_law(1.5, 23.0, -1.0), "scale = -1.0"),
    "beta above one": (lambda: Turbulence.power_law(1.5, 23.0, 10.0, 1.2), r"transverse_fraction = 1.2 must lie in \[0, 1\]"),
    "beta NaN": (lambda: Turbulence.power_law(1.5, 23.0, 10.0, NAN), "transverse_fraction = nan"),
    "beta name": (lambda: Turbulence.power_law(1.5, 23.0, 10.0, "sonic"), "acoustic"),
    "band upside down": (lambda: Turbulence.power_law(1.5, 23.0, 10.0, band=(5.0, 1.0)), r"band = \(5.0, 1.0\)"),
    "band NaN": (lambda: Turbulence.power_law(1.5, 23.0, 10.0, band=(NAN, 1.0)), "band"),
    "band of three": (lambda: Turbulence.power_law(1.5, 23.0, 10.0, band=(1, 2, 3)), "two wave numbers"),
    "flat without end": (lambda: Turbulence.power_law(-0.5, 23.0, 10.0), "gamma = -0.5 must satisfy 0 < gamma"),
    "scales crossed": (lambda: Turbulence.von_karman(1.5, 1.0, 1.0, 1.0, 2.0), "dissipation_scale = 2.0 must be smaller"),
    "sigma beneath dissipation": (lambda: Turbulence.von_karman(1.5, 1.0, 1.0, 100.0, 90.0), "no power"),
    "table descends": (lambda: Turbulence.tabulated([2.0, 1.0], [1.0, 1.0]), "ascend"),
    "table negative": (lambda: Turbulence.tabulated([1.0, 2.0], [1.0, -1.0]), "above zero"),
    "table of one": (lambda: Turbulence.tabulated([1.0], [1.0]), "two rows"),
    "table half scaled": (lambda: Turbulence.tabulated([1.0, 2.0], [1.0, 1.0], sigma=2.0), "together"),
    "table misses scale": (lambda: Turbulence.tabulated([1.0, 2.0], [1.0, 1.0], sigma=2.0, scale=1e3), "outside"),
    "no table": (lambda: Turbulence.from_csv("/nowhere/spectrum.csv"), "cannot read"),
}

USE = {
    "path zero": (lambda: parallel.multipole_covariance(FLOW, 0.0, 5), "mean_free_path = 0.0"),
    "path NaN": (lambda: isotropic.angular_power_spectrum(FLOW, NAN, 5), "mean_free_path = nan"),
    "degrees crossed": (lambda: parallel.multipole_covariance(FLOW, 1.0, 5, l_min=6), "l_max = 5"),
    "degree half": (lambda: parallel.multipole_covariance(FLOW, 1.0, 5.5), "l_max = 5.5"),
    "degree negative": (lambda: parallel.multipole_covariance(FLOW, 1.0, 5, l_min=-1), "l_min = -1"),
    "speed zero": (lambda: parallel.angular_power_spectrum(FLOW, 1.0, 5, speed=0.0), "speed = 0.0"),
    "slope NaN": (lambda: parallel.angular_power_spectrum(FLOW, 1.0, 5, spectral_slope=NAN), "spectral_slope = nan"),
    "too steep": (
        lambda: parallel.multipole_covariance(Turbulence.power_law(3.0, 1, 1), 1.0, 5),
        "gamma = 3.0 must satisfy -1 < gamma < 3",
    ),
    "too flat for the dipole": (
        lambda: parallel.multipole_covariance(Turbulence.power_law(0.9, 1, 1), 1.0, 5, l_min=1),
        "gamma = 0.9 must satisfy 1 < gamma < 3",
    ),
    "too steep by quadrature": (
        lambda: parallel.multipole_covariance(Turbulence.power_law(3.1, 1, 1, lambda k: 0.5 + 0 * k), 1.0, 5),
        "too steep",
    ),
    "given line too steep": (
        lambda: parallel.multipole_covariance(Turbulence.field_aligned(lambda k: k**-3.5), 1.0, 5), "too steep",
    ),
    "given line too flat": (
        lambda: parallel.multipole_covariance(Turbulence.field_aligned(lambda k: k**1.5), 1.0, 5),
        "too flat",
    ),
    "line of NaN": (lambda: parallel.multipole_covariance(Turbulence.field_aligned(lambda k: NAN * k), 1.0, 5), "gives nan"),
    "line negative": (
        lambda: parallel.multipole_covariance(Turbulence.field_aligned(lambda k: -np.exp(-k)), 1.0, 5), "gives -",
    ),
    "isotropic from l = 0": (lambda: isotropic.angular_power_spectrum(FLOW, 1.0, 5, l_min=0), "l_min = 0"),
    "isotropic too steep": (lambda: isotropic.angular_power_spectrum(Turbulence.power_law(3.5, 1, 1), 1.0, 5), "gamma = 3.5"),
    "isotropic of slab": (
        lambda: isotropic.angular_power_spectrum(Turbulence.slab(1.5, 1.0, 1.0), 1.0, 5), "field-aligned spectrum alone",
    ),
    "w of slab": (lambda: Turbulence.slab(1.5, 1.0, 1.0).energy_spectrum(1.0), "field-aligned spectrum alone"),
    "beta(k) out of range": (
        lambda: parallel.multipole_covariance(Turbulence.power_law(1.5, 1, 1, lambda k: 2 + 0 * k, (1, 2)), 1.0, 5),
        "must lie in",
    ),
    "Eq. 13 steep": (lambda: flow_multipoles.spectral_kernel_integral(0, 0, 0, 1.0), r"-min\(n, 1\) < gamma < L\+L'\+1"),
    "Eq. 13 flat": (lambda: flow_multipoles.spectral_kernel_integral(1, 1, 0, 0.0), "gamma = 0.0"),
    "Eq. 13 flat, n = 2": (lambda: flow_multipoles.spectral_kernel_integral(1, 1, 2, -1.0), "gamma = -1.0"),
    "Eq. 13 NaN": (lambda: flow_multipoles.spectral_kernel_integral(1, 1, 0, NAN), "gamma = nan"),
    "Eq. 14 of a band": (
        lambda: large_l.velocity_covariance(Turbulence.power_law(1.5, 1, 1, band=(1, 2)), 1.0, 9), "power law without end",
    ),
    "D of a steep law": (lambda: Turbulence.power_law(3.2, 1, 1).structure_function(1.0), "gamma = 3.2"),
    "D at NaN": (lambda: FLOW.structure_function([NAN]), "finite"),
    "cosine": (lambda: sky.total_mean_square_map(FLOW, 1.0, [0.0, 1.1]), r"\[-1, 1\]"),
    "map of no square": (lambda: sky.mean_square_map(np.ones((2, 3)), 0.0), "square"),
    "momentum": (lambda: sky.momentum_scaling(-1.0, 1.5, 1.5), "momentum_ratio"),
    "gradient": (lambda: sky.diffuse_dipole(1.0, NAN), "density_gradient"),
}


@pytest.mark.parametrize("case", [*CONSTRUCTION, *USE])
def test_says_what_is_wrong(case):
    call, message = {**CONSTRUCTION, **USE}[case]
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_input_errors_are_value_errors():
    with pytest.raises(ValueError, match="sigma"):
        Turbulence.power_law(1.5, -1.0, 10.0)


def test_edges_of_validity_are_inside():
    """Just within the limits the numbers are finite and positive."""
    for gamma in (1e-3, 1.0, 2.999):
        assert (np.diag(parallel.multipole_covariance(Turbulence.power_law(gamma, 1, 1), 1.0, 50)) > 0).all()
    for gamma in (1.001, 2.0, 2.999):
        assert (np.diag(parallel.multipole_covariance(Turbulence.power_law(gamma, 1, 1), 1.0, 50, l_min=0)) > 0).all()


@pytest.mark.parametrize("edge", [1e-6, 1e-3, 1.0, 1e3, 1e6])
@pytest.mark.parametrize("l_min", [0, 1, 2])
def test_no_silent_nan_over_twelve_decades(edge, l_min):
    for law in ("fixed", "exponential"):
        flow = Turbulence.power_law(5 / 3, 23.0, 1.0, band=(edge, 1.7 * edge))
        covariance = parallel.multipole_covariance(flow, 1.0, 40, l_min, law)
        assert np.isfinite(covariance).all()
        assert (np.diag(covariance) >= 0).all()
        assert np.isfinite(isotropic.angular_power_spectrum(flow, 1.0, 40, free_path=law)).all()
