"""The flow of fixed waves on rings: its covariance against theory without randomness, Gaussian, the same flow in full."""

import numpy as np
import pytest

import fluxtube
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.estimators import SphereQuadrature
from fluxtube.sim.engine.feasible import check_runnable
from fluxtube.sim.engine.flows import ring_nodes
from fluxtube.theory.models import Model

RUN = """
[turbulence]
band = [1e-1, 40.0]
[transport]
model = "cross-field"
displacement_perpendicular = 0.4
convection_perpendicular = 0.7
[sky]
l_max = 16
nside = 8
[sampling]
flow = "rings"
[output]
skies = 0
[check]
realisations = 0
"""
SMALL = ["turbulence.band=[0.3, 6]", "sky.l_max=5"]
ISOTROPIC = ["transport.model=isotropic"]


def engine_of(*settings):
    return build_engine(parse(RUN, list(settings), "test"))


def departure(estimator, config) -> float:
    """Largest difference from theory's covariance, over the standard deviations of the two degrees."""
    l_max, transport = estimator.l_max, config.transport
    orders = np.arange(l_max + 1)
    expected = Model(*transport.model_choice.weights()).covariance(
        config.build_turbulence(), transport.mean_free_path, l_max, l_min=1, law=config.build_free_path(), orders=orders
    )
    seen = estimator.covariances[:, 1:, 1:] * config.unit_speed**2
    size = np.sqrt(np.einsum("mll->ml", expected).max(axis=0))
    return np.abs((seen - expected) / size[:, None] / size).max()


@pytest.mark.parametrize(
    "settings",
    [
        [],
        ISOTROPIC,
        ["transport.displacement_perpendicular=0"],
        ["transport.displacement_perpendicular=0.1", "transport.convection_perpendicular=0"],
        ["transport.displacement_perpendicular=1", "transport.convection_perpendicular=0.3"],
        ["transport.free_path=exponential"],
        ["turbulence.outer_scale=30 pc", "turbulence.spectrum=von-karman", *ISOTROPIC],
        ["turbulence.transverse_fraction=1", "turbulence.gamma=2.5"],
    ],
)
def test_covariance_is_that_of_theory(settings):
    """1e-9 of the variances, every order: two quadratures that have nothing but the spectrum and the law in common.

    Control: another spectral index by 1e-5 is seen.
    """
    config = parse(RUN, settings, "test")
    assert departure(build_engine(config).quadrature, config) < 1e-9
    other = parse(RUN, [*settings, f"turbulence.gamma={float(config.turbulence.gamma) + 1e-5}"], "test")
    assert departure(build_engine(other).quadrature, config) > 1e-7


def test_too_few_nodes_are_seen(monkeypatch):
    """The control of the above: panels five times as wide, and half of the cosines."""
    config = parse(RUN, ISOTROPIC, "test")
    monkeypatch.setattr(ring_nodes, "WIDTH", 5 * ring_nodes.WIDTH)
    assert departure(build_engine(config).quadrature, config) > 1e-6
    monkeypatch.undo()
    estimator = build_engine(config).quadrature
    estimator.flow.__init__(estimator.flow.turbulence, estimator.waves.mean_free_path, 1.0, 1.0, 6, 0)
    estimator.__init__(estimator.waves, estimator.l_max, estimator.free_path)
    assert departure(estimator, config) > 1e-6


@pytest.mark.parametrize(
    "settings", [[], ISOTROPIC, ["transport.free_path=exponential", "transport.displacement_perpendicular=0"]]
)
def test_the_flow_in_full_has_the_multipoles_and_the_covariance(settings):
    """Waves drawn in full, through the kernel of random waves and through a grid, give the multipoles that were drawn directly.

    A vector of multipoles d, turned into amplitudes by their covariance with the multipoles, gives C d in that kernel: the
    covariance is that of these waves. Control: freely drawn waves have other multipoles.
    """
    estimator = engine_of(*SMALL, *settings, "transport.density_gradient=1e-5 /pc").quadrature
    drawn, expected = estimator.waves.draw(3, 1), estimator.measure(3, 1).multipoles[0]
    scale = np.sqrt((expected**2).mean(axis=0))
    diffuse = estimator._diffuse(estimator.dipole)
    seen = estimator.of_waves(*drawn)[0]
    seen[0, 1] += diffuse
    assert np.abs((seen - expected) / scale).max() < 1e-7
    grid = SphereQuadrature(estimator.waves, estimator.l_max, estimator.free_path, estimator.dipole).measure(3, 1).multipoles[0]
    assert np.abs((grid - expected) / scale).max() < 1e-6
    estimator.flow.seen = None
    assert np.abs((estimator.of_waves(*estimator.waves.draw(3, 1))[0] - expected) / scale).max() > 0.1
    some = np.random.default_rng(2).standard_normal(expected.shape)
    for part, place in ((0, 1), (1, 0)):  # cosines make odd degrees, sines even ones
        d = some.copy()
        d[:, part::2] = 0.0
        amplitudes = (estimator._adjoint(d) * estimator.waves.weigh_amplitudes)[None]
        pair = (amplitudes, 0 * amplitudes) if place else (0 * amplitudes, amplitudes)
        given = estimator.of_waves(drawn[0], *pair)[0]
        wanted = np.array([estimator.covariances[abs(m)] @ row for m, row in zip(estimator.orders, d, strict=True)])
        present = np.arange(estimator.l_max + 1) >= np.abs(estimator.orders)[:, None]
        assert np.abs(given - wanted)[present].max() < 1e-11 * np.abs(wanted).max()


def test_amplitudes_given_the_multipoles_are_as_if_drawn_freely():
    """The variance of the amplitudes of 200 flows: false alarm 1e-5; control: amplitudes 3 % larger."""
    estimator = engine_of("turbulence.band=[0.5, 3]", "sky.l_max=2", *ISOTROPIC).quadrature
    flow, count = estimator.flow, 200
    _, cosine, sine = flow.draw(0, count)
    across, along = flow.variances()
    expected = count * 2 * flow.azimuths.size * (2 * across + along)  # over azimuths and realisations
    power = (cosine**2 + sine**2).sum(axis=(0, 1)).reshape(flow.k.size, flow.nu.size, -1).sum(axis=2) / expected
    weight = expected / expected.sum()
    mean = (power * weight).sum()
    variance = 2 * count * 2 * flow.azimuths.size * (2 * across**2 + along**2)  # of a sum of squares of normals
    error = np.sqrt(variance.sum()) / expected.sum()
    assert abs(mean - 1) < 4.4 * error
    assert abs(1.03**2 * mean - 1) > 4.4 * error


def whitened(estimator, multipoles) -> np.ndarray:
    """Sum of squares of independent standard normals, a number for each realisation, order and parity; and their count."""
    squares, numbers = [], []
    for row, m in enumerate(np.abs(estimator.orders)):
        for parity in range(2):
            lowest = m + (m + parity) % 2
            if lowest <= estimator.l_max:
                part = multipoles[:, row, lowest::2]
                squares.append(np.einsum("ri,ij,rj->r", part, estimator.inverses[m, parity], part))
                numbers.append(part.shape[1])
    return np.array(squares), np.array(numbers)


def test_multipoles_are_gaussian_with_their_covariance():
    """20,000 realisations: chi^2 of all blocks, correlation of blocks, kurtosis; false alarm 1e-5 each.

    Controls: `modes` of 64 waves have an excess kurtosis; a factor 1.01 is seen.
    """
    estimator = engine_of("turbulence.band=[1e-1, 12]", "sky.l_max=6").quadrature
    count = 20_000
    multipoles = estimator.measure(0, count).multipoles
    squares, numbers = whitened(estimator, multipoles)
    z = (squares.sum() - count * numbers.sum()) / np.sqrt(2 * count * numbers.sum())
    assert abs(z) < 4.4
    assert (1.02 * squares.sum() - count * numbers.sum()) / np.sqrt(2 * count * numbers.sum()) > 4.4
    flat = multipoles.reshape(count, -1)
    flat = flat[:, flat.std(axis=0) > 0]
    standard = (flat - flat.mean(axis=0)) / flat.std(axis=0)
    excess = (standard**4).mean(axis=0) - 3
    # Degrees of one order are correlated: up to twice the variance.
    assert abs(excess.mean()) < 4.4 * np.sqrt(2 * 24 / (count * excess.size))
    rows = multipoles[:, :, [2, 3, 4]].reshape(count, -1)
    rows = rows[:, rows.std(axis=0) > 0]
    correlation = np.corrcoef(rows.T)
    order = np.repeat(np.arange(13), 3)[multipoles[:, :, [2, 3, 4]].reshape(count, -1).std(axis=0) > 0]
    apart = order[:, None] != order
    assert np.abs(correlation[apart]).max() * np.sqrt(count) < 5.2  # some 600 pairs
    few = engine_of("turbulence.band=[1e-1, 12]", "sky.l_max=6", "sampling.flow=modes", "sampling.modes=64").quadrature
    waves = few.measure(0, 2000).multipoles.reshape(2000, -1)
    waves = waves[:, waves.std(axis=0) > 0]
    assert (((waves / waves.std(axis=0)) ** 4).mean(axis=0) - 3).mean() > 0.1


def test_bits_depend_on_nothing_but_the_realisation():
    """Any first realisation, any number at once; a degree that no wave reaches is zero."""
    estimator = engine_of(*SMALL).quadrature
    whole = estimator.measure(0, 37).multipoles
    assert np.array_equal(estimator.measure(20, 5).multipoles, whole[20:25])
    assert not np.array_equal(whole[20], whole[21])
    present = np.arange(estimator.l_max + 1) >= np.abs(estimator.orders)[:, None]
    assert not whole[:, ~present].any()
    assert whole[:, present].all()


def test_a_run_and_its_skies(tmp_path):
    """A run with skies and a check by particles: kept skies are those of the multipoles; theory accepts (false alarm 1e-3)."""
    settings = [*SMALL, "sky.nside=16", "ensemble.realisations=3000", "output.skies=1"]
    settings += ["check.realisations=1", "check.particles=2000"]
    ensemble = fluxtube.simulate(parse(RUN, settings, "test"), threads=1)
    assert ensemble.validate().accepted
    realisation = fluxtube.Realisation(parse(RUN, settings, "test"), 0)
    directions = np.array([[0.0, 0.6, 0.8], [1.0, 0.0, 0.0]])
    free_path = realisation.config.transport.mean_free_path * directions * [0.4, 0.4, 1.0]
    change = realisation.velocity(free_path) - realisation.velocity(np.zeros((1, 3)))
    seen = realisation.config.anisotropy_per_velocity * np.einsum("ni,ni->n", directions * [0.7, 0.7, 1.0], change)
    assert np.allclose(realisation.sky(directions), seen, rtol=1e-9)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (["transport.model=parallel"], "line"),
        (['transport.other_mean_free_paths=["3 pc"]'], "one mean free path"),
        (["sampling.estimator=particles"], "particles"),
        (["turbulence.spectrum=slab+2d"], "isotropic turbulence alone"),
        (["sky.l_max=120", "turbulence.band=[1e-2, 2000]", "output.skies=1"], "skies"),
    ],
)
def test_what_it_does_not_do_is_refused(settings, says):
    with pytest.raises(fluxtube.InputError, match=says):
        check_runnable(parse(RUN, settings, "test"))
