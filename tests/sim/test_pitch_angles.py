"""Runs whose free paths depend on the pitch angle: wave by wave against the kernel, particles against quadrature, refusals."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import eval_legendre

import fluxtube
from fluxtube.analysis.validation.expected import expected_covariance
from fluxtube.errors import InputError
from fluxtube.sim.config.load import load_config, parse
from fluxtube.sim.config.pitch_angles import PITCH_ANGLES
from fluxtube.sim.engine.ages import path_of
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.feasible import check_runnable
from fluxtube.sim.engine.kernels.interpolation import interpolate_cells
from fluxtube.theory.free_path import Fixed
from fluxtube.theory.pitch_angle import PowerLaw, quasi_linear
from fluxtube.theory.pitch_angle_law import PitchAngleLaw, diffuse_multipoles

RUN = """
[turbulence]
band = [1e-2, 40.0]
[sky]
l_max = 12
nside = 8
[transport]
pitch_angle_dependence = "power"
pitch_angle_exponent = "2/3"
"""
FOLDED = ["transport.pitch_angle_exponent=2.5"]  # mu h(mu) falls again beyond mu0
DIFFUSION = ["transport.pitch_angle_dependence=diffusion"]
TABLE = ["transport.pitch_angle_dependence=diffusion-table", "transport.diffusion_table=[[0, 1], [0.3, 2], [0.6, 0.2]]"]
PARTICLES = ["sampling.estimator=particles", "sampling.particles=200000"]
GRADIENT = "transport.density_gradient=1e-4 /pc"
LAWS = {
    "fixed": [],
    "exponential": ["transport.free_path=exponential"],
    "erlang": ["transport.free_path=erlang", "transport.free_path_shape=4"],
}


def engine_of(*keys):
    return build_engine(parse(RUN, list(keys), "here"))


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("h", [[], FOLDED, DIFFUSION, TABLE, ["transport.pitch_angle_floor=1e-3"]])
def test_every_wave_is_the_kernel(law, h):
    """What a unit normal of every node gives is 4 pi N_l R_l, to 1e-10 of the wave; of sampled paths the tail of 1e-8 is cut."""
    config = parse(RUN, [*LAWS[law], *h], "here")
    engine = build_engine(config)
    flow, (cosine, sine) = engine.flow, engine.quadrature.response
    l = np.arange(13)
    kernel = config.build_free_path().response(10.0)
    table = kernel.direct(flow.wave_numbers, 12)
    table[1] = kernel.less_its_start(table[1], flow.wave_numbers)
    sign = np.where(l % 4 < 1, -1, np.where(l % 4 < 3, 1, -1))
    expected = (sign * np.sqrt(4 * np.pi * (2 * l + 1)))[:, None] * table * flow.scales / config.unit_speed
    seen = np.zeros_like(expected)
    seen[1::2], seen[0::2] = cosine.T, sine.T
    assert np.abs((seen - expected) / flow.scales * config.unit_speed).max() < (1e-10 if law == "fixed" else 3e-7)
    plain = parse(RUN, [*LAWS[law], "transport.pitch_angle_dependence=none"], "here").build_free_path().response(10.0)
    assert np.abs(plain.direct(flow.wave_numbers, 12)[2:] - table[2:]).max() > 1e-2


@pytest.mark.parametrize("keys", [[], FOLDED, DIFFUSION, LAWS["erlang"]])
def test_covariance_without_randomness(keys):
    """Sum over all nodes of what unit normals give against theory: 1e-6 of the two variances' geometric mean with 2000 nodes.

    The flow's own nodes end with the band as 1/nodes^2: with the usual 512 of them 2e-5.
    """
    config = parse(RUN, [*keys, "sampling.nodes=2000"], "here")
    engine = build_engine(config)
    covariance = np.zeros((13, 13))
    for first, part in zip((1, 0), engine.quadrature.response, strict=True):
        covariance[first::2, first::2] = part.T @ part
    theory = expected_covariance(config, 12)[0] / engine.unit_anisotropy**2
    scale = np.sqrt(np.outer(np.diag(theory), np.diag(theory)))
    assert np.abs((covariance[2:, 2:] - theory) / scale).max() < 1e-6
    other = expected_covariance(parse(RUN.split("pitch")[0], keys if keys == LAWS["erlang"] else [], "here"), 12)[0]
    assert np.abs((covariance[2:, 2:] - other / engine.unit_anisotropy**2) / scale).max() > 0.05


def test_nodes_follow_the_longest_displacement(monkeypatch):
    """Of a = -2 particles along B come 5/3 as far: nodes for lambda alone would alias. C_l to 1e-5, else 1e-3 off."""
    keys = ["transport.pitch_angle_exponent=-2", "turbulence.band=[1e-2, 1200]", "sky.l_max=4"]

    config = parse(RUN, keys, "here")
    theory = np.diag(expected_covariance(config, 4)[0]) / build_engine(config).unit_anisotropy**2

    def worst():
        engine = build_engine(config)
        variance = np.zeros(5)
        for first, part in zip((1, 0), engine.quadrature.response, strict=True):
            variance[first::2] = (part**2).sum(axis=0)
        return np.abs(variance[2:] / theory - 1).max()

    assert worst() < 1e-5
    monkeypatch.setattr("fluxtube.sim.engine.flows.requirements.stretched", lambda config: 1.0)
    monkeypatch.setattr("fluxtube.sim.engine.engine.stretched", lambda config: 1.0)
    assert worst() > 1e-3


@pytest.mark.parametrize("keys", [[], FOLDED, LAWS["exponential"], LAWS["erlang"]])
def test_sky_and_multipoles_are_one(keys):
    """The sky of a realisation, projected on Y_l0 by a rule that resolves mu = 0, is the multipoles; with a gradient."""
    engine = engine_of(GRADIENT, "turbulence.band=[1e-2, 10]", *keys)
    u, g = np.polynomial.legendre.leggauss(300)
    mu = np.concatenate([-(0.5 + 0.5 * u) ** 3, (0.5 + 0.5 * u) ** 3])
    weight = np.tile(1.5 * g * (0.5 + 0.5 * u) ** 2, 2)
    sky = engine.quadrature.sky(3, np.column_stack([np.sqrt(1 - mu**2), 0 * mu, mu]))
    l = np.arange(13)
    project = np.array([2 * np.pi * np.sqrt((2 * n + 1) / (4 * np.pi)) * eval_legendre(n, mu) * weight for n in l])
    multipoles = engine.quadrature.measure(3, 1).multipoles[0, 0]
    tolerance = 1e-3 if "free_path" in str(keys) else 2e-5  # 512 paths stand for a law in a sky
    assert project @ sky == pytest.approx(multipoles, abs=tolerance * np.abs(multipoles).max())
    plain = build_engine(parse(RUN.split("pitch")[0], [GRADIENT, "turbulence.band=[1e-2, 10]"], "here")).quadrature
    assert np.abs(plain.measure(3, 1).multipoles[0, 0] - multipoles).max() > 30 * tolerance * np.abs(multipoles).max()


def test_diffuse_multipoles_are_odd_and_added():
    """Mean multipoles of a gradient are those of theory, even degrees zero, to 1e-12; h = 1 has the dipole alone."""
    for law, keys in LAWS.items():
        for h, dependence in (([], PowerLaw(2 / 3, 0.05)), (["transport.pitch_angle_dependence=none"], PowerLaw(0.0))):
            with_it, without = (engine_of(*keys, *h, *extra) for extra in ([GRADIENT], []))
            added = with_it.quadrature.measure(0, 2).multipoles - without.quadrature.measure(0, 2).multipoles
            expected = 1e-3 * diffuse_multipoles(dependence, 12)
            assert added[0, 0] * with_it.unit_anisotropy == pytest.approx(expected, abs=1e-13), law
            assert added[1, 0] * with_it.unit_anisotropy == pytest.approx(expected, abs=1e-13), law
    assert abs(diffuse_multipoles(PowerLaw(2 / 3, 0.05), 3)[3]) > 0.05


@pytest.mark.parametrize("law", LAWS)
def test_particles_find_the_multipoles(law):
    """chi^2 of particles against quadrature with the stated shot noise, degrees 1 to 12 of three flows, a gradient too.

    False-alarm rate 1e-4 a test. The control: the same particles against the multipoles of h = 1.
    """
    keys = [*LAWS[law], GRADIENT, *PARTICLES]
    engine = engine_of(*keys)
    drawn = engine.particles.measure(0, 3).multipoles[:, 0]
    exact = engine.quadrature.measure(0, 3).multipoles[:, 0]
    noise = np.array([engine.quadrature.shot_noise(r, 200_000)[0] for r in range(3)])
    chi2 = ((drawn - exact) ** 2 / noise)[:, 1:]
    assert stats.chi2.sf(chi2.sum(), chi2.size) > 1e-4
    assert stats.chi2.cdf(chi2.sum(), chi2.size) > 1e-4
    plain = engine_of(*keys, "transport.pitch_angle_dependence=none").quadrature.measure(0, 3).multipoles[:, 0]
    assert stats.chi2.sf(((drawn - plain) ** 2 / noise)[:, 1:].sum(), chi2.size) < 1e-12


def test_particles_of_a_realisation():
    """Single particles in Python: their displacement is mu h(mu) lambda t, and their anisotropy that of the sky there."""
    one = fluxtube.Realisation(parse(RUN, [GRADIENT], "here"), 0)
    particles = one.particles(500)
    dependence, mu = PowerLaw(2 / 3, 0.05), particles.pitch_angle_cosine
    assert particles.displacement[:, 2] == pytest.approx(10.0 * dependence.displacement(mu), rel=1e-12)
    directions = np.column_stack([np.sqrt(1 - mu**2), 0 * mu, mu])
    sky = one.engine.unit_anisotropy * one.engine.quadrature.sky(0, directions)
    assert particles.anisotropy == pytest.approx(sky, abs=2e-5 * np.abs(sky).max())


def test_several_mean_free_paths():
    """Each of several is measured as it is alone: nodes of one path are not those of another."""
    both = engine_of('transport.other_mean_free_paths=["3 pc"]')
    momenta = both.estimator.measure(0, 2).momenta
    alone = engine_of('transport.other_mean_free_paths=["3 pc"]').quadrature.others[0].measure(0, 2).multipoles
    assert momenta[:, 1] == pytest.approx(alone, rel=1e-12, abs=1e-14)
    law = both.quadrature.free_path.law
    assert not np.allclose(momenta[:, 0], momenta[:, 1])
    assert law.dependence == PowerLaw(2 / 3, 0.05)


def test_a_function_of_ones_own():
    """Given in Python as h(mu) or as an object: the same numbers as by name, accepted; the control, h = 1, is rejected.

    False-alarm rate of a verdict 1e-3; one seed.
    """
    plain = parse(RUN.split("[transport]")[0], ["ensemble.realisations=2000"], "here")
    ensemble = fluxtube.simulate(plain, pitch_angle=lambda mu: (mu**2 + 0.05**2) ** (-1 / 3))
    named = fluxtube.simulate(parse(RUN, ["ensemble.realisations=2000"], "here"))
    assert ensemble.C_l == pytest.approx(named.C_l, rel=1e-12)
    assert fluxtube.simulate(plain, pitch_angle=PowerLaw(2 / 3, 0.05)).C_l == pytest.approx(named.C_l, rel=1e-15)
    assert ensemble.validate().accepted
    assert ensemble.validate(against=["transport.pitch_angle_dependence=none"]).verdict == "rejected"
    with pytest.raises(InputError, match="a function h"):
        fluxtube.configuration(plain, pitch_angle=3)
    with pytest.raises(InputError, match="must be even"):
        fluxtube.configuration(plain, pitch_angle=lambda mu: 1 + mu / 2)
    with pytest.raises(InputError, match="register_pitch_angle"):
        ensemble.save("nowhere.h5")


def test_waves_in_space_along_the_field():
    """The vector flow measured along the field: particles against quadrature, and no weights across it."""
    keys = ["sampling.flow=modes", "turbulence.band=[1e-1, 20]", "sky.l_max=5"]
    one = fluxtube.Realisation(parse(RUN, keys, "here"), 0)
    particles = one.particles(200)
    mu = particles.pitch_angle_cosine
    sky = one.engine.unit_anisotropy * one.engine.quadrature.sky(0, np.column_stack([np.sqrt(1 - mu**2), 0 * mu, mu]))
    assert particles.anisotropy == pytest.approx(sky, abs=2e-5 * np.abs(sky).max())
    with pytest.raises(InputError, match="no weights across"):
        one.multipoles_of_weights([[0.5, 0.5]])


def test_particles_table_of_displacements():
    """h from the table of the particles' kernel, at cosines near zero too: displacements to 1e-7 of the longest."""
    mu = np.concatenate([np.linspace(0, 1, 20001), np.geomspace(1e-10, 1, 20001)])
    for dependence in (PowerLaw(4.0, 1e-3), quasi_linear(1.2, 1e-3), PowerLaw(-4.0, 0.3)):
        path = path_of(PitchAngleLaw(Fixed(), dependence))
        h = interpolate_cells(path.stretch, 2 * np.sqrt(mu) - 1) * path.longest
        assert np.abs(mu * h - dependence.displacement(mu)).max() < 1e-7 * path.longest
        assert np.abs(mu * h - PowerLaw(0.1, 0.3).displacement(mu)).max() > 1e-2 * path.longest


REFUSED = {
    "across": (["transport.model=isotropic", "sampling.flow=modes"], "along the field alone"),
    "fbm": (["sampling.flow=fbm"], "grid of equal steps"),
    "steady": (["transport.density_response=steady"], "without density response"),
    "flight": (["transport.free_path_observed=in-flight"], "end of a path"),
    "walks": (["sampling.estimator=walks", "transport.density_response=steady"], "without density response"),
    "key of another": (["transport.scattering_index=2"], "scattering_index has no effect"),
    "key of none": (["transport.pitch_angle_dependence=none", "transport.pitch_angle_floor=0.1"], "floor has no effect"),
    "unknown": (["transport.pitch_angle_dependence=steep"], "'none', 'power', 'diffusion', 'diffusion-table'"),
    "far": (["turbulence.band=[1e-2, 1e5]", "sampling.nodes=200000"], "has a theory up to"),
    "exponent": (["transport.pitch_angle_exponent=9"], "pitch_angle_exponent = 9 is out of range"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    keys, words = REFUSED[name]
    text = RUN.replace("band = [1e-2, 40.0]", "") if name == "fbm" else RUN
    with pytest.raises(InputError, match=words) as caught:
        check_runnable(parse(text, keys, "here"))
    assert "\n" not in str(caught.value)


def test_exponent_is_needed():
    with pytest.raises(InputError, match="needs the key pitch_angle_exponent"):
        parse("", ["transport.pitch_angle_dependence=power"], "here")


def test_a_table_beside_the_configuration(tmp_path):
    """By its file name, columns in any order; the resolved configuration holds the rows."""
    (tmp_path / "scattering.csv").write_text("D,mu\n1.0,0.0\n2.0,0.3\n0.2,0.6\n")
    path = tmp_path / "run.toml"
    path.write_text('[transport]\npitch_angle_dependence = "diffusion-table"\ndiffusion_table = "scattering.csv"\n')
    config = load_config(path, [])
    assert config.transport.diffusion_table == ((0.0, 1.0), (0.3, 2.0), (0.6, 0.2))
    assert parse(config.to_toml(), [], "again") == config
    with pytest.raises(InputError, match="rising"):
        parse(config.to_toml(), ["transport.diffusion_table=[[0.5, 1], [0.2, 1]]"], "here")


def test_every_choice_builds():
    needs = {
        "power": ["transport.pitch_angle_exponent=0.5"],
        "diffusion-table": ["transport.diffusion_table=[[0.1, 2.0], [0.8, 0.5]]"],
    }
    for name in PITCH_ANGLES:
        config = parse("", [f"transport.pitch_angle_dependence={name}", *needs.get(name, [])], "here")
        h = config.transport.pitch_angle_dependence_choice.build()
        assert (h is None) == (name == "none")
        assert parse(config.to_toml(), [], "again") == config
