"""Transports, free paths and field directions, simulated and held against theory as a user would.

Every verdict shares a false-alarm rate of 1e-3 over its tests (`fluxtube validate`), a test with its own numbers says its own;
seeds are fixed, so that nothing here is left to chance. Each has a theory that must be rejected.
"""

import healpy
import numpy as np
import pytest
from scipy import stats

from fluxtube.analysis.validation.validate import validate
from fluxtube.cli import main
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.store.reader import read_ensemble
from fluxtube.theory import isotropic, parallel
from fluxtube.theory.sky import total_mean_square_map

RUN = """
[turbulence]
band = [1e-2, 30.0]
[sky]
l_max = 8
nside = 16
[ensemble]
realisations = 1500
seed = 4
[output]
skies = 0
"""
VECTORS = ["sampling.flow=modes", "sampling.modes=256"]
CROSS = ["transport.model=cross-field", "transport.displacement_perpendicular=0.4", "transport.convection_perpendicular=0.7"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Ensembles by their settings, each run once."""
    folder, done = tmp_path_factory.mktemp("runs"), {}
    (folder / "run.toml").write_text(RUN)

    def simulate(*settings):
        if settings not in done:
            path = folder / f"{len(done)}.h5"
            sets = [word for setting in settings for word in ("--set", setting)]
            assert main(["run", str(folder / "run.toml"), "-o", str(path), "-q", *sets]) == 0
            done[settings] = read_ensemble(path)
        return done[settings]

    return simulate


def test_isotropic_transport(run):
    """Diagonal, equal for all m, A_l right: by the likelihood-ratio test, and C_l against another formula, 7 scores at 1e-4."""
    ensemble = run("transport.model=isotropic", *VECTORS)
    assert ensemble.second_moment.shape == (17, 9, 9)
    assert validate(ensemble).accepted
    assert not validate(ensemble, ["turbulence.gamma=1.9"]).accepted
    assert not validate(ensemble, CROSS).accepted
    expected = isotropic.angular_power_spectrum(ensemble.config.build_turbulence(), 10.0, 8)
    z = (ensemble.C_l[2:] - expected) / ensemble.C_l_error[2:]
    assert np.abs(z).max() < stats.norm.isf(0.5e-4 / 7)
    for l in (2, 5, 8):  # the 2 l + 1 orders have one variance: chi^2 at 1e-4, from the measured fourth moments
        present = np.abs(ensemble.m) <= l
        value, fourth = ensemble.second_moment[present, l, l], ensemble.square_moment[present, l, l]
        error = np.sqrt((fourth - value**2) / ensemble.realisations)
        assert np.sum(((value - expected[l - 2]) / error) ** 2) < stats.chi2.isf(1e-4, 2 * l + 1)


def test_cross_field_in_between(run):
    """eps = 0.4, eta = 0.7 against the exact covariance of all orders; both ends of the model are rejected."""
    ensemble = run(*CROSS, *VECTORS)
    assert validate(ensemble).accepted
    with_weights = "transport.displacement_perpendicular={}", "transport.convection_perpendicular={}"
    for other in ((1.0, 1.0), (0.4, 1.0), (1.0, 0.7)):
        assert not validate(ensemble, [key.format(value) for key, value in zip(with_weights, other, strict=True)]).accepted


def test_cross_field_at_its_ends():
    """(1, 1) is isotropic to the bit; (0, 0) is parallel on the same flows to rounding, and no other order is left."""

    def engine(*settings):
        return build_engine(parse(RUN, [*VECTORS, *settings], "test"))

    def crossed(eps, eta):
        return (
            engine(CROSS[0], f"transport.displacement_perpendicular={eps}", f"transport.convection_perpendicular={eta}")
            .quadrature.measure(0, 4)
            .multipoles
        )

    along = engine().quadrature.measure(0, 4).multipoles[:, 0]
    crossed_0 = crossed(0.0, 0.0)
    assert np.allclose(crossed_0[:, 0], along, rtol=0, atol=1e-11 * np.abs(along).max())
    assert np.abs(crossed_0[:, 1:]).max() < 1e-12 * np.abs(along).max()
    assert np.array_equal(crossed(1.0, 1.0), engine("transport.model=isotropic").quadrature.measure(0, 4).multipoles)
    assert not np.allclose(crossed(0.1, 0.0)[:, 0], along, atol=1e-3 * np.abs(along).max())


@pytest.mark.parametrize("flow", ["line", "modes"])
def test_flows_with_a_band(run, flow):
    """Every flow against theory over its own band by the same test, and a wrong index rejected; `fbm` follows."""
    sets = [f"sampling.flow={flow}", "sampling.modes=512", "sky.l_max=12", "ensemble.realisations=3000"]
    ensemble = run(*sets, "turbulence.band=[1e-2,1e2]")
    assert validate(ensemble).accepted
    assert not validate(ensemble, ["turbulence.gamma=1.5"]).accepted


def test_fbm_is_the_theory_without_end(tmp_path):
    """<a_l a_l'> of Eqs. 10 and 13 as they stand, without a band; a band's own theory is rejected where it ends too early."""
    text = RUN.replace("band = [1e-2, 30.0]", "").replace("l_max = 8", "l_max = 12")
    (tmp_path / "fbm.toml").write_text(
        text + "\n[sampling]\nflow = 'fbm'\nmodes = 1024\n[check]\nrealisations = 6\nparticles = 20000\n"
    )
    assert main(["run", str(tmp_path / "fbm.toml"), "-o", str(tmp_path / "fbm.h5"), "-q"]) == 0
    ensemble = read_ensemble(tmp_path / "fbm.h5")
    verdict = validate(ensemble)
    assert verdict.accepted
    assert verdict.check is not None  # particles saw the same lines
    assert not validate(ensemble, ["turbulence.band=[1e-2, 8.0]"]).accepted
    assert not validate(ensemble, ["turbulence.gamma=1.5"]).accepted


def test_line_and_modes_agree_element_by_element(run):
    """Two-sample scores of all <a_l a_l'>, largest of 66 at a false-alarm rate of 1e-4; control: lines of another index."""
    common = ["sky.l_max=12", "ensemble.realisations=3000", "turbulence.band=[1e-2,1e2]"]
    one, other = (run(f"sampling.flow={flow}", "sampling.modes=512", *common) for flow in ("line", "modes"))
    steeper = run("sampling.flow=line", "sampling.modes=512", *common, "turbulence.gamma=1.5", "ensemble.seed=5")

    def largest(a, b):
        rows = np.tril_indices(11)

        def element(e):
            value = e.second_moment[0, 2:, 2:][rows]
            return value, (e.square_moment[0, 2:, 2:][rows] - value**2) / e.realisations

        (x, vx), (y, vy) = element(a), element(b)
        return np.abs((x - y) / np.sqrt(vx + vy)).max()

    assert largest(one, other) < stats.norm.isf(0.5e-4 / 66) < largest(other, steeper)


@pytest.mark.parametrize("path", [["exponential"], ["erlang", "transport.free_path_shape=4"]])
def test_free_path_laws_reproduce_their_own_theory(run, path):
    """Quadrature and, of the same flows, particles that draw their own paths; Eq. 13 with its one path is rejected."""
    ensemble = run(f"transport.free_path={path[0]}", *path[1:], "check.realisations=6", "check.particles=50000")
    verdict = validate(ensemble)
    assert verdict.accepted
    assert verdict.check is not None
    config = ensemble.config
    scale = (config.transport.spectral_slope / config.transport.speed) ** 2
    fixed = scale * np.diag(parallel.multipole_covariance(config.build_turbulence(), 10.0, 8))
    error = np.sqrt((ensemble.square_moment[0] - ensemble.second_moment[0] ** 2) / ensemble.realisations)[
        range(2, 9), range(2, 9)
    ]
    z = (ensemble.second_moment[0, range(2, 9), range(2, 9)] - fixed) / error
    assert np.abs(z).max() > 10


def test_random_field_directions_leave_a_diagonal(run):
    """Eq. 12: the turned ensemble is diagonal in l and the same for every m; the field at rest is not.

    Elements with l = l' and without, each at a false-alarm rate of 1e-4, from the measured fourth moments.
    """
    turned = run("ensemble.field_directions=random", "ensemble.realisations=3000", "sampling.modes=512")
    at_rest = run("ensemble.realisations=3000", "sampling.modes=512")
    assert validate(turned).accepted
    assert turned.second_moment.shape == (17, 9, 9)
    present = np.arange(9) >= np.abs(turned.m)[:, None]
    expected = np.where(present, at_rest.C_l, 0.0)[:, :, None] * np.eye(9)  # the same flows: A_l to Monte Carlo precision
    variance = (turned.square_moment - turned.second_moment**2) / turned.realisations
    rows, columns = np.tril_indices(9, -1)
    keep = np.minimum(rows, columns) >= 2
    rows, columns = rows[keep], columns[keep]
    seen = present[:, rows] & present[:, columns]
    off = (turned.second_moment[:, rows, columns] / np.sqrt(np.maximum(variance[:, rows, columns], 1e-300)))[seen]
    assert np.abs(off).max() < stats.norm.isf(0.5e-4 / off.size)
    same = (turned.second_moment - expected)[:, range(2, 9), range(2, 9)] / np.sqrt(np.maximum(variance, 1e-300))[
        :, range(2, 9), range(2, 9)
    ]
    assert np.abs(same[present[:, 2:]]).max() < stats.norm.isf(0.5e-4 / present[:, 2:].sum())
    at_rest_off = at_rest.second_moment[0, rows, columns] / np.sqrt(
        (at_rest.square_moment - at_rest.second_moment**2)[0, rows, columns] / at_rest.realisations
    )
    assert np.abs(at_rest_off).max() > stats.norm.isf(0.5e-4 / off.size)  # control: (2, 6), (4, 8) ... are there


def test_mean_square_sky_pixel_by_pixel(run):
    """Eq. 16 in all its multipoles, mu^2 D(lambda mu), in every ring of a particle run.

    A ring's pixels see one number of each realisation (the sky is symmetric about B), so rings are tested: 31 scores, largest
    at 1e-4, with the scatter of a Gaussian's square, sqrt(2/N), and the pixels' shot noise from the scatter along the ring.
    Theory is averaged over the pixels' own area, by 64 smaller ones each. Controls: gamma = 2.2, sigma off by a fifth.
    """
    ensemble = run("sampling.estimator=particles", "sampling.particles=20000", "sky.nside=8", "ensemble.realisations=400")
    config = ensemble.config
    mu = np.round(healpy.pix2vec(8, np.arange(768))[2], 12)
    smaller = np.arange(768 * 64).reshape(768, 64)[healpy.ring2nest(8, np.arange(768))]
    inside = healpy.pix2vec(64, smaller, nest=True)[2]

    def largest(turbulence):
        scores = []
        for value in np.unique(mu[np.abs(mu) > 0.1]):
            ring = ensemble.sky_mean_square[mu == value]
            within = np.unique(np.abs(inside[mu == value]).round(12), return_counts=True)
            exact = np.average(
                total_mean_square_map(turbulence, 10.0, within[0], config.transport.spectral_slope, config.transport.speed),
                weights=within[1],
            )
            error = np.hypot(exact * np.sqrt(2 / 400), ring.std() / np.sqrt(ring.size))
            scores.append((ring.mean() - exact) / error)
        return np.abs(scores).max()

    assert largest(config.build_turbulence()) < stats.norm.isf(0.5e-4 / 31)
    for wrong in ("turbulence.gamma=2.2", "turbulence.sigma=18.4 km/s"):
        assert largest(parse(RUN, [wrong], "test").build_turbulence()) > stats.norm.isf(0.5e-4 / 31)


def test_diffuse_dipole_is_added_to_the_dipole_alone():
    """Delta f/f = -lambda mu (B/B).grad ln f towards the momentum: a_10 shifts by the standard amount, no other multipole."""
    plain, sloped = (
        build_engine(parse(RUN, ["sampling.modes=512", *extra], "test"))
        for extra in ([], ["transport.density_gradient=2e-5 /pc"])
    )
    a, b = (engine.unit_anisotropy * engine.quadrature.measure(0, 3).multipoles for engine in (plain, sloped))
    shift = np.zeros(9)
    shift[1] = 10.0 * 2e-5 * np.sqrt(4 * np.pi / 3)  # arrival is from -p: towards +B where f falls along B
    assert np.allclose(b - a, shift, rtol=0, atol=1e-15)
    arrival = np.array([[0, 0, 1.0], [0, 0, -1.0], [1.0, 0, 0]])
    difference = sloped.unit_anisotropy * (sloped.quadrature.sky(0, arrival) - plain.quadrature.sky(0, arrival))
    assert difference == pytest.approx([2e-4, -2e-4, 0], abs=1e-12)
