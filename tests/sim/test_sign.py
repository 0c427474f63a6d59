"""Towards the arrival direction n one sees the flow where the particle comes from, and the diffuse dipole where there is more."""

from pathlib import Path

import healpy
import numpy as np
import pytest

from fluxtube.errors import InputError
from fluxtube.sim.config import load_config
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.estimators import ParticleEstimator, QuadratureEstimator, SphereParticles, SphereQuadrature
from fluxtube.sim.engine.free_paths import free_path
from fluxtube.sim.store.reader import read_ensemble
from fluxtube.sim.store.resume import load_state
from fluxtube.theory.free_path import law as law_of

OLD = Path(__file__).parent / "format-1.0"
CONFIGS = Path(__file__).parents[2] / "configs"
LAMBDA, NSIDE = 2.0, 8
NORTH = np.array([[0.0, 0.0, 1.0], [0.6, 0.0, 0.8], [0.0, 0.6, -0.8]])


class GivenLine:
    """A flow along the field given by a function of s."""

    k_max = 40.0

    def __init__(self, velocity):
        self.velocity = velocity

    def increments(self, first, count, s):
        ahead, behind = self.velocity(s) - self.velocity(0 * s), self.velocity(-s) - self.velocity(0 * s)
        return np.tile((ahead + behind) / 2, (count, 1)), np.tile((ahead - behind) / 2, (count, 1))


class OneWave:
    """u_z = -cos(x n_z): grows away from the observer on both sides."""

    phase = 3.0

    def draw(self, first, count):
        k, cosine, sine = np.zeros((3, count, 3, 1))
        k[:, 2], cosine[:, 2] = 3.0, -1.0
        return k, cosine, sine


def particle_sky(measurement):
    with np.errstate(invalid="ignore"):
        return measurement.intensity[0].sum(axis=0) / measurement.hits[0].sum(axis=0)


@pytest.mark.parametrize("velocity", [lambda s: 3.0 * s, lambda s: 3.0 * np.maximum(s, 0.0)], ids=["linear", "one-sided"])
def test_a_flow_along_the_field_is_seen_where_it_is(velocity):
    """Delta f/f = mu [u(lambda mu) - u(0)] with mu = n.B: by hand, by quadrature, by particles, in multipoles and maps."""
    quadrature = QuadratureEstimator(GivenLine(velocity), LAMBDA, 40, 1.0)
    mu = NORTH[:, 2]
    expected = mu * velocity(LAMBDA * mu)
    np.testing.assert_allclose(quadrature.sky(0, NORTH), expected, atol=2e-3)  # the table smooths the kink at 0
    a = quadrature.measure(0, 1).multipoles[0, 0]
    l = np.arange(a.size)
    synthesis = np.polynomial.legendre.legval(mu, a * np.sqrt((2 * l + 1) / (4 * np.pi)))
    np.testing.assert_allclose(synthesis, expected, atol=0.02)  # 40 degrees of a kink
    particles = ParticleEstimator(GivenLine(velocity), LAMBDA, 40, NSIDE, 1.0, 400_000, np.eye(3), seed=1)
    seen = particles.measure(0, 1)
    sky, z = particle_sky(seen), np.array(healpy.pix2vec(NSIDE, np.arange(12 * NSIDE**2)))[2]
    np.testing.assert_allclose(sky, z * velocity(LAMBDA * z), atol=0.6)  # width of a pixel: 0.12 in mu, slope below 12
    if velocity(-1.0) == 0:  # the control: the mirrored sky is far off
        assert np.abs(quadrature.sky(0, -NORTH) - expected).max() > 3


@pytest.mark.parametrize("law", ["fixed", "exponential"])
def test_a_vector_flow_is_seen_where_it_is(law):
    """Delta f/f = n_z <1 - cos(3 t n_z)>: positive towards +B."""
    law = free_path(law_of(law))
    quadrature = SphereQuadrature(OneWave(), 20, law)
    mu = NORTH[:, 2]
    mean_cosine = np.cos(3 * mu) if law.shape == 0 else 1 / (1 + 9 * mu**2)
    np.testing.assert_allclose(quadrature.sky(0, NORTH), mu * (1 - mean_cosine), atol=1e-12)
    particles = SphereParticles(OneWave(), 20, NSIDE, law, 0.0, 200_000, np.eye(3), seed=3)
    seen, noise = particles.measure(0, 1), quadrature.shot_noise(0, 200_000)
    z = (seen.multipoles[0] - quadrature.measure(0, 1).multipoles[0])[0] / np.sqrt(noise[0])
    assert np.abs(z).max() < 5  # 21 normal scores: false alarm 1.2e-5
    mirrored = (seen.multipoles[0] * (-1.0) ** np.arange(21) - quadrature.measure(0, 1).multipoles[0])[0] / np.sqrt(noise[0])
    assert np.abs(mirrored).max() > 50
    sky, height = particle_sky(seen), np.array(healpy.pix2vec(NSIDE, np.arange(12 * NSIDE**2)))[2]
    assert np.corrcoef(sky, height)[0, 1] > 0.8


@pytest.mark.parametrize("model", ["parallel", "isotropic"])
def test_more_particles_come_from_where_there_are_more(model):
    """lambda n.B (B/B).grad ln f, whatever the sign of the spectral slope."""
    common = ["ensemble.realisations=1", "sky.l_max=2", "sky.nside=1", f"transport.model={model}", "turbulence.band=[1, 4]"]
    common += ["sampling.flow=modes"] if model == "isotropic" else []
    dipoles = []
    for gradient in ("0 /pc", "1e-3 /pc"):
        config = load_config(CONFIGS / "quickstart.toml", [*common, f"transport.density_gradient={gradient}"])
        engine = build_engine(config)
        dipoles.append(engine.unit_anisotropy * engine.quadrature.measure(0, 1).multipoles[0, 0, 1])
    assert np.diff(dipoles)[0] == pytest.approx(1e-3 * 10.0 * np.sqrt(4 * np.pi / 3), rel=1e-9)


@pytest.mark.parametrize("name", ["gradient", "cross-field", "particles"])
def test_older_files_are_turned_right(name, tmp_path):
    """A file of format 1.0, which holds the mirrored convective sky, reads as a run of today."""
    from fluxtube.cli import main

    old = read_ensemble(OLD / f"{name}.h5")
    assert old.format_version == (1, 0)
    config = tmp_path / "same.toml"
    config.write_text(old.config.to_toml())
    assert main(["run", str(config), "-o", str(tmp_path / "new.h5"), "-q"]) == 0
    new = read_ensemble(tmp_path / "new.h5")
    rms = np.sqrt(np.mean(new.samples_multipoles**2))
    names = ["mean", "samples_multipoles", "second_moment", "noise", "C_l", "sky_mean", "samples_sky", "sky_mean_square"]
    if name == "particles":  # the azimuth of a particle about the field is another one: maps agree in the mean over rings
        names = names[:5]
    for attribute in names:
        mine, its = getattr(new, attribute), getattr(old, attribute)
        np.testing.assert_allclose(its, mine, rtol=1e-9, atol=1e-9 * rms ** (2 if "s" in attribute[:1] and mine.ndim == 3 else 1))
    if name == "gradient":
        assert np.isnan(old.square_moment[0, 1]).all()
        assert np.isnan(old.C_l_error[1])
        assert np.isfinite(old.C_l_error[2:]).all()
        np.testing.assert_allclose(old.check.quadrature, new.check.quadrature, rtol=1e-9, atol=1e-9 * rms)
        np.testing.assert_allclose(old.momenta.second_moment[..., 2:, 2:], new.momenta.second_moment[..., 2:, 2:], rtol=1e-9)
    else:
        np.testing.assert_allclose(old.square_moment, new.square_moment, rtol=1e-9, atol=1e-9 * rms**4)


def test_older_files_are_not_extended():
    config = read_ensemble(OLD / "gradient.h5").config
    with pytest.raises(InputError, match="not extended or merged"):
        load_state(OLD / "gradient.h5", config, build_engine(config))
