"""The steady state and particles observed in flight: kernels, covariances, limits, slopes."""

import json

import numpy as np
import pytest
from scipy.special import beta as beta_function
from scipy.special import eval_legendre, gammaln, spherical_jn

from fluxtube.cli import main
from fluxtube.theory import Turbulence, cross_field, isotropic, mellin, parallel
from fluxtube.theory.free_path import Erlang, Fixed
from fluxtube.theory.kinetic import InFlight, Steady, kinetic_law

# C_l with density response over C_l without, fixed paths, power law without end: by adaptive quadrature to about 1e-6.
RATIOS = {
    1.5: {2: 0.2654242, 3: 0.4470145, 4: 0.7767343, 5: 1.0911937, 8: 0.9865198, 20: 0.9943803},
    5 / 3: {2: 0.2101851, 3: 0.4079462, 4: 0.7558068, 5: 1.0899804, 8: 0.9873821, 20: 0.9942207},
    2.0: {2: 0.1211510, 3: 0.3374434, 4: 0.7127557, 5: 1.0826582, 8: 0.9902815, 20: 0.9940501},
}
LAWS = [Fixed(), Erlang(2), Erlang(3), Erlang(40)]


def spectrum(turbulence, l_max, law):
    return parallel.angular_power_spectrum(turbulence, 1.0, l_max, 1.0, 1.0, free_path=law)


@pytest.mark.parametrize("gamma", RATIOS)
@pytest.mark.parametrize("beta", [0.0, 1.0])
def test_ratios_to_the_paper(unit, gamma, beta):
    """The same for any beta, to 1e-6; the paper's own C_l does not pass."""
    flow = unit(gamma, beta)
    found = spectrum(flow, 20, Steady(Fixed())) / spectrum(flow, 20, Fixed())
    assert found[[l - 2 for l in RATIOS[gamma]]] == pytest.approx(list(RATIOS[gamma].values()), rel=1e-6)


def test_command_prints_the_response(tmp_path, capsys):
    """`fluxtube theory --json`: "parallel" is that of the configuration, response and all."""
    (tmp_path / "run.toml").write_text("[transport]\ndensity_response = 'steady'\n")
    ask = ["theory", str(tmp_path / "run.toml"), "--json", "--l-max", "20"]
    assert main(ask) == 0
    steady = np.array(json.loads(capsys.readouterr().out)["parallel"]["C_l"])
    assert main([*ask, "--set", "transport.density_response=none"]) == 0
    plain = np.array(json.loads(capsys.readouterr().out)["parallel"]["C_l"])
    ratios = RATIOS[5 / 3]
    assert (steady / plain)[[l - 2 for l in ratios]] == pytest.approx(list(ratios.values()), rel=1e-6)


def paths_of(law):
    """Paths and weights that stand for a law."""
    if law == Fixed():
        return np.ones(1), np.ones(1)
    k = law.shape
    u, g = np.polynomial.legendre.leggauss(40)
    edges = np.linspace(0.0, 1.0 + 12.0 / np.sqrt(k) + 30.0 / k, 30)
    half = 0.5 * np.diff(edges)[:, None]
    t = (0.5 * (edges[1:] + edges[:-1])[:, None] + half * u).ravel()
    return t, (half * g).ravel() * np.exp(k * np.log(k) + (k - 1) * np.log(t) - k * t - gammaln(k))


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("x", [0.3, 0.7, 3.0, 20.0])
@pytest.mark.parametrize("in_flight", [False, True])
def test_kernel_is_the_projection_of_the_model(law, x, in_flight):
    """K_l by Legendre projection of < e^(i x t mu) (mu + i R) > over directions and paths, no Bessel function in it."""
    t, p = paths_of(law)
    mu, w = np.polynomial.legendre.leggauss(60 + 2 * int(x * t.max() / 2))  # even: mu = 0 is no node
    arriving = np.exp(1j * x * np.outer(mu, t)) @ p
    ratio = (w @ (mu * arriving) / (2j)).real / (1.0 - (w @ arriving).real / 2)
    seen = arriving
    if in_flight:  # int_0^t e^(i x mu a) da of every path
        seen = np.expm1(1j * x * np.outer(mu, t)) @ p / (1j * x * mu)
    sky = seen * (mu + 1j * ratio)
    observed = InFlight(law) if in_flight else law
    found = Steady(observed).response(1.0).direct(np.array([x]), 8)[:, 0]
    for l in (1, 2, 3, 8):
        assert found[l] == pytest.approx((w * eval_legendre(l, mu) @ sky / 2 / 1j ** (l - 1)).real, abs=1e-12)
    # The monopole is the isotropic part itself at the ends of paths, from which the observer's is taken.
    assert found[0] == pytest.approx((w @ sky / 2 * 1j).real + ratio, abs=1e-11 * abs(ratio))


@pytest.mark.parametrize("law", LAWS)
def test_small_arguments_do_not_cancel(law):
    """K_2 starts as x^3 and keeps its digits; K_l of l >= 3 as [l <t^(l-1)> - 2 <t^l>/<t^2>] x^(l-1)/(2l+1)!!."""

    def moment(n):
        return 1.0 if law == Fixed() else np.exp(gammaln(law.shape + n) - gammaln(law.shape) - n * np.log(law.shape))

    x = np.array([1e-7, 1e-6, 1e-3, 0.4999999, 0.5000001])
    table = Steady(law).response(1.0).direct(x, 4)
    start = moment(4) / moment(2) / 350 - moment(3) / 175
    assert table[2, :2] / x[:2] ** 3 == pytest.approx([start, start], rel=1e-9)
    assert table[2, 2] == pytest.approx(start * 1e-9, rel=1e-5)
    assert table[2, 3] == pytest.approx(table[2, 4], rel=2e-6)  # where the two ways of computing meet
    for l, factorial in ((3, 105.0), (4, 945.0)):
        expected = (l * moment(l - 1) - 2 * moment(l) / moment(2)) / factorial
        assert table[l, 1] / 1e-6 ** (l - 1) == pytest.approx(expected, rel=1e-9)


def test_exponential_paths_leave_nothing_along_the_field(unit):
    """K_l = 0 for l >= 1 at the ends and in flight, any spectrum; across the wave nothing is changed. Control: Erlang(2)."""
    for law in (Steady(Erlang(1)), Steady(InFlight(Erlang(1)))):
        assert not spectrum(unit(), 12, law).any()
        assert not parallel.multipole_covariance(unit(), 1.0, 6, free_path=law).any()
        along, across = (isotropic.angular_power_spectrum(unit(5 / 3, beta), 1.0, 6, free_path=law) for beta in (0.0, 1.0))
        assert not along.any()
        assert across == pytest.approx(isotropic.angular_power_spectrum(unit(5 / 3, 1.0), 1.0, 6, free_path=Erlang(1)), rel=1e-12)
    assert (spectrum(unit(), 12, Steady(Erlang(2))) > 0).all()
    # The limit is smooth: the kernel of a law near the exponential one, as a mixture, is small.
    assert (spectrum(unit(), 4, Steady(Erlang(2))) < 0.3 * spectrum(unit(), 4, Steady(Fixed()))).all()


@pytest.mark.parametrize("law", LAWS)
def test_flux_of_particles_is_the_same_everywhere(law):
    """In flight the dipole of a steady state vanishes for every law and wave; at the ends of paths it does not."""
    x = np.geomspace(1e-3, 50, 40)
    ends = law.velocity_response(1.0)
    one, zero = ends.direct(x, 1)[1], ends.direct(x, 1)[0]
    ages = InFlight(law)
    dipole = ages.response(1.0).direct(x, 1)[1] - one / (1 - zero) * ages.velocity_response(1.0).direct(x, 1)[1]
    assert np.abs(dipole).max() < 1e-9
    assert not Steady(ages).response(1.0).direct(x, 1)[1].any()
    assert np.abs(Steady(law).response(1.0).direct(x, 1)[1]).max() > 0.02


@pytest.mark.parametrize("gamma", [1.2, 5 / 3, 2.5])
def test_in_flight_closed_form(unit, gamma):
    """Fixed paths: int x^(-gamma-2) j_l^2 dx, the Mellin transform."""
    flow = unit(gamma)
    closed = 8 * np.pi * float(flow.line(1.0)) * mellin.squares(gamma + 2, 30, 2)
    assert spectrum(flow, 30, InFlight(Fixed())) == pytest.approx(closed, rel=1e-12)


@pytest.mark.parametrize("law", [Fixed(), Erlang(3), Erlang(30)])
@pytest.mark.parametrize("x", [0.2, 5.0, 40.0])
def test_ages_are_averages_over_the_time_since_the_last_scattering(law, x):
    """All three responses against adaptive quadrature over the density of ages."""
    t, p = paths_of(law)
    u, g = np.polynomial.legendre.leggauss(120)
    age = 0.5 * t[:, None] * (1 + u)
    weight = p[:, None] * 0.5 * t[:, None] * g
    observed = InFlight(law)
    for l in (1, 2, 7, 12):
        for response, function in (
            (observed.response(1.0), spherical_jn(l, x * age, derivative=True)),
            (observed.velocity_response(1.0), spherical_jn(l, x * age)),
            (observed.transverse_response(1.0), spherical_jn(l, x * age) / (x * age)),
        ):
            assert response.direct(np.array([x]), 12)[l, 0] == pytest.approx((weight * function).sum(), abs=2e-14)


@pytest.mark.parametrize("law", [Steady(Fixed()), Steady(InFlight(Fixed())), InFlight(Fixed()), Steady(Erlang(3))])
@pytest.mark.parametrize("l_min", [0, 1, 2])
def test_band_by_dense_quadrature(law, l_min):
    """<a_l a_l'> over a band far into the waves, dipole and all, against 20 nodes a radian of the kernel itself: 1e-8."""
    flow = Turbulence.power_law(5 / 3, 1.0, 1.0, band=(0.05, 600.0))
    x = np.concatenate([np.linspace(0.0, 0.05, 41), np.linspace(0.05, 600.0, 60001)])
    u, g = np.polynomial.legendre.leggauss(4)
    half = 0.5 * np.diff(x)[:, None]
    nodes, weights = ((x[1:] + x[:-1])[:, None] / 2 + half * u).ravel(), (half * g).ravel()
    keep = weights > 0
    nodes, weights = nodes[keep], weights[keep]
    response = law.response(1.0)
    table = np.concatenate([response.direct(part, 6) for part in np.array_split(nodes, 40)], axis=1)[l_min:]
    if l_min <= 1:
        table[1 - l_min] = response.less_its_start(table[1 - l_min], nodes)
    l = np.arange(l_min, 7)
    direct = 2 * (table * (weights * flow.line(nodes))) @ table.T
    norm = np.sqrt(2 * l + 1.0)
    phase = np.array([[(1j ** (a - b)).real for b in l] for a in l])
    direct = 4 * np.pi * norm[:, None] * norm * phase * direct
    direct[(l[:, None] + l) % 2 == 1] = 0.0
    found = parallel.multipole_covariance(flow, 1.0, 6, l_min=l_min, free_path=law)
    scale = np.sqrt(np.outer(np.diag(direct), np.diag(direct))) + 1e-300
    assert np.abs((found - direct) / scale).max() < 1e-8


def test_waves_of_the_kernel_are_the_kernel():
    """K_l = sum_h Re[A_h e^(i h x)] beyond the split; what is left out of R is of the third order in 1/x."""
    x = np.array([260.0, 333.3, 900.7])
    for law in (Steady(Fixed()), Steady(InFlight(Fixed()))):
        response = law.response(1.0)
        direct, waves = response.direct(x, 20), response.harmonics(x, 20)
        off = np.abs(sum((a * np.exp(1j * h * x)).real for h, a in waves.items()) - direct)
        assert off[1:].max() < 1e-10
        assert off[0].max() < 2 / 260**3
        first = (waves[1] * np.exp(1j * x)).real
        assert np.abs(first - direct)[2:].max() > 1e-8  # control: one wave alone is not it
    # R -> -cos(x)/x for large x.
    ratio = spherical_jn(1, x) / (1 - spherical_jn(0, x))
    assert ratio == pytest.approx(-np.cos(x) / x, abs=2 / 260**2)


@pytest.mark.parametrize("gamma", [1.2, 5 / 3, 2.0])
def test_slopes_met_in_flight(unit, gamma):
    """Without the sharp end C_l ~ l^(-gamma-3) along the field and l^(-gamma-2) for waves across; amplitudes derived.

    8 pi E int_L x^(-gamma-3)/(2 sqrt(x^2-L^2)) dx with L = l + 1/2; across, <j_l/(x a)>_a -> sqrt(pi/2) l^(-3/2)/x above x = l.
    """
    flow = unit(gamma)
    l = np.array([100, 200, 400])
    amplitude = 2 * np.pi * float(flow.line(1.0)) * beta_function((gamma + 3) / 2, 0.5)
    for law, within in ((InFlight(Fixed()), 5e-4), (Steady(InFlight(Fixed())), 1e-2)):
        found = spectrum(flow, 400, law)[l - 2]
        assert found == pytest.approx(amplitude * (l + 0.5) ** (-gamma - 3), rel=within)
        assert np.log(found[2] / found[1]) / np.log(2) == pytest.approx(-gamma - 3, abs=0.02)
        across = isotropic.angular_power_spectrum(flow, 1.0, 400, 1.0, 1.0, free_path=law)[l - 2]
        leading = np.pi**2 * float(flow.spectrum(1.0)) * flow.transverse_fraction / (gamma + 1) * (l + 0.5) ** (-gamma - 2)
        assert across == pytest.approx(leading, rel=2.5e-2)
        assert (np.diff(np.abs(across / leading - 1)) < 0).all()
    sharp = spectrum(flow, 400, Steady(Fixed()))
    assert np.log(sharp[398] / sharp[198]) / np.log(2) == pytest.approx(-gamma - 1, abs=0.02)


def test_ratio_to_the_paper_tends_to_one(unit):
    """R j_l against j_l': the difference falls as l^(-3/2), its phase wanders (x = 2 l/sqrt(3), where waves keep step)."""
    flow, l = unit(), np.arange(2, 401)
    off = np.abs(spectrum(flow, 400, Steady(Fixed())) / spectrum(flow, 400, Fixed()) - 1) * l**1.5
    assert off[20:].max() < 4.0
    assert off[300:].max() > 0.5


def test_validity_of_a_power_law_without_end(unit):
    """With density response quadrupole and octupole converge up to gamma = 5, in flight up to 3; the dipole needs a band."""
    steep = Turbulence.power_law(4.5, 1.0, 1.0)
    below, above = (
        Turbulence.power_law(4.5, 1.0, 1.0, band=(low, 1e4)) for low in (1e-4, 1e-5)
    )
    free = spectrum(steep, 4, Steady(Fixed()))
    one, two = (spectrum(flow, 4, Steady(Fixed())) for flow in (below, above))
    # A band has no waves below its end, but E(kappa) is constant there; both tend to the law without end.
    assert two == pytest.approx(free, rel=0.05)
    assert np.abs(two / free - 1).max() < np.abs(one / free - 1).max()
    for gamma, law in ((5.0, Steady(Fixed())), (3.0, Steady(InFlight(Fixed()))), (3.0, Fixed())):
        with pytest.raises(ValueError, match="gamma"):
            spectrum(Turbulence.power_law(gamma, 1.0, 1.0), 4, law)
    with pytest.raises(ValueError, match="dipole"):
        parallel.multipole_covariance(unit(), 1.0, 4, l_min=1, free_path=Steady(Fixed()))


def test_two_mean_free_paths(unit):
    """Equal paths give the covariance; unequal ones the dense sum over kernels of both."""
    flow, law = Turbulence.power_law(5 / 3, 1.0, 1.0, band=(0.1, 900.0)), Steady(Fixed())
    same = parallel.two_path_covariance(flow, 1.0, 1.0, 5, free_path=law)
    assert same == pytest.approx(parallel.multipole_covariance(flow, 1.0, 5, free_path=law), rel=1e-12)
    x, w = np.polynomial.legendre.leggauss(6)
    edges = np.concatenate([np.linspace(0, 0.1, 11), np.linspace(0.1, 900, 9001)])
    half = np.diff(edges)[:, None] / 2
    keep = np.diff(edges) > 0
    nodes = ((edges[1:] + edges[:-1])[:, None] / 2 + half * x)[keep].ravel()
    weights = (half * w)[keep].ravel() * flow.line(nodes)
    one, two = (law.response(path).direct(nodes, 3)[2:] for path in (1.0, 1.7))
    direct = 8 * np.pi * 5 * (one[0] * weights) @ two[0]
    assert parallel.two_path_covariance(flow, 1.0, 1.7, 3, free_path=law)[0, 0] == pytest.approx(direct, rel=1e-8)


@pytest.mark.parametrize("law", [Steady(Fixed()), InFlight(Fixed()), Steady(Erlang(3))])
def test_cross_field_between_its_ends(law):
    """(0, 0) is parallel, (1, 1) isotropic, with and without a band."""
    for band in (None, (1e-2, 40.0)):
        flow = Turbulence.power_law(5 / 3, 1.0, 1.0, band=band)
        for weights, other, within in (((1e-9, 0.0), parallel, 1e-7), ((1.0, 1.0), isotropic, 1e-9)):
            found = cross_field.power(flow, 1.0, *weights, 4, free_path=law)
            expected = other.angular_power_spectrum(flow, 1.0, 4, 1.0, 1.0, free_path=law)
            assert found == pytest.approx(expected, rel=within)


def test_a_law_of_ones_own():
    """Two path lengths with equal chance, from nothing but Bessel functions: the responses of `Steady` and `InFlight` take it."""

    class Two:
        single = False

        def response(self, mean_free_path):
            return Averaged(mean_free_path, lambda l, x: spherical_jn(l, x, derivative=True))

        def transverse_response(self, mean_free_path):
            return Averaged(mean_free_path, lambda l, x: spherical_jn(l, x) / x)

        def velocity_response(self, mean_free_path):
            return Averaged(mean_free_path, spherical_jn)

        def ages(self, x, l_max):
            u, g = np.polynomial.legendre.leggauss(60)
            points = 0.5 * (1 + u)
            return np.array([sum(0.5 * t * (0.5 * g) @ spherical_jn(l, np.outer(points * t, x)) for t in (0.5, 1.5))
                             for l in range(l_max + 1)])  # fmt: skip

    class Averaged:
        def __init__(self, mean_free_path, function):
            self.mean_free_path, self.function = mean_free_path, function

        def frequency_above(self, l_max):
            return np.inf

        def widest_panel(self, kappa, l_max):
            return 4.0 / self.mean_free_path

        def direct(self, kappa, l_max):
            x = kappa * self.mean_free_path
            return np.array([0.5 * (self.function(l, 0.5 * x) + self.function(l, 1.5 * x)) for l in range(l_max + 1)])

    x = np.array([1e-3, 2.0])
    kernel = Steady(Two()).response(1.0).direct(x, 3)
    one, zero = (sum(spherical_jn(l, t * x) for t in (0.5, 1.5)) / 2 for l in (1, 0))
    plain = [sum(spherical_jn(l, t * x, derivative=d) for t in (0.5, 1.5)) / 2 for l, d in ((2, True), (2, False))]
    assert kernel[2, 1] == pytest.approx((plain[0] - one / (1 - zero) * plain[1])[1], rel=1e-12)
    dipole = Steady(InFlight(Two())).response(1.0).direct(x, 2)
    assert not dipole[1].any()
    flow = Turbulence.power_law(5 / 3, 1.0, 1.0, band=(0.1, 20.0))
    assert (spectrum(flow, 4, Steady(Two())) > 0).all()


@pytest.mark.parametrize("words", [("steadier", "end"), ("none", "flight")])
def test_unknown_words_are_refused(words):
    with pytest.raises(ValueError, match="must be"):
        kinetic_law("fixed", None, *words)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("in_flight", [False, True])
@pytest.mark.parametrize("x", [1e-5, 2e-3, 0.03, 0.09, 0.11, 2.0])
def test_dipole_less_a_third_along_and_across(law, in_flight, x):
    """<j_1'> - 1/3 and <j_1/x> - 1/3 at any argument: averages of the power series, which know no Bessel function."""
    t, weight = paths_of(law)
    n = np.arange(1, 40)
    terms = np.cumprod(-(x**2) / (2.0 * n * (2.0 * n + 3.0))) / 3.0  # of j_1(x)/x = 1/3 sum (-x^2)^n / prod 2i (2i + 3)
    moments = t ** (2.0 * n[:, None] + in_flight) @ weight / (2.0 * n + 1.0 if in_flight else 1.0)  # of t, or of ages
    observed = InFlight(law) if in_flight else law
    kappa = np.array([x])
    parts = {"along": (observed.response(1.0), 2 * n + 1), "across": (observed.transverse_response(1.0), 1)}
    for response, factor in parts.values():
        given = response.direct(kappa, 1)[1]
        if x < 1.0 or law == Fixed():  # the series of many stages ends its use beyond
            assert response.less_its_start(given, kappa)[0] == pytest.approx((terms * moments * factor).sum(), rel=1e-8)
        assert response.less_its_start(given, kappa)[0] == pytest.approx(given[0] - 1.0 / 3.0, abs=1e-12)
