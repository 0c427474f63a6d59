"""Particles: pixel numbers, interpolation, and agreement with quadrature within the known shot noise."""

import ducc0
import healpy
import numpy as np
import pytest
from numba import njit
from scipy import stats

from fluxtube.sim.engine.estimators import ParticleEstimator, QuadratureEstimator
from fluxtube.sim.engine.estimators.particles import increment_table
from fluxtube.sim.engine.flows import LineFlow
from fluxtube.sim.engine.kernels.healpix import ring_pixel
from fluxtube.sim.engine.kernels.interpolation import interpolate_all
from fluxtube.sim.engine.sky import pixel_cosines, rotation_to_sky
from fluxtube.theory import Turbulence

MEAN_FREE_PATH, L_MAX, PARTICLES = 10.0, 50, 200_000


def flow(seed=9):
    turbulence = Turbulence.power_law(5 / 3, 23.0, MEAN_FREE_PATH, 2 / 3, (1e-4, 1e2))
    return LineFlow(turbulence, MEAN_FREE_PATH, 512, seed)


def estimators(rotation=None, nside=16):
    rotation = np.eye(3) if rotation is None else rotation
    particles = ParticleEstimator(flow(), MEAN_FREE_PATH, L_MAX, nside, 23.0, PARTICLES, rotation, seed=9)
    return QuadratureEstimator(flow(), MEAN_FREE_PATH, L_MAX, 23.0), particles


@pytest.mark.parametrize("nside", [1, 2, 8, 64, 1024])
def test_pixels_agree_with_ducc0_and_healpy(nside):
    @njit
    def pixels(z, turns):
        out = np.empty(z.size, dtype=np.int64)
        for i in range(z.size):
            out[i] = ring_pixel(nside, z[i], 4.0 * turns[i])
        return out

    random = np.random.default_rng(nside)
    z, turns = random.uniform(-1, 1, 100_000), random.random(100_000)
    z[:4], turns[:4] = [1.0, -1.0, 2 / 3, -2 / 3], [0.3, 0.9, 0.0, 0.5]
    ours = pixels(z, turns)
    assert 0 <= ours.min() <= ours.max() < 12 * nside**2
    directions = np.column_stack([np.arccos(z), 2 * np.pi * turns])
    theirs = ducc0.healpix.Healpix_Base(nside, "RING").ang2pix(directions)
    # A direction on the edge of two pixels may fall to either: fewer than 1e-4 of random ones do, by rounding.
    assert np.count_nonzero(ours[4:] != theirs[4:]) <= 10
    assert np.count_nonzero(ours[4:] != healpy.ang2pix(nside, directions[4:, 0], directions[4:, 1])) <= 10


def test_interpolation_is_below_the_stated_error():
    mu = np.random.default_rng(2).uniform(-1, 1, 500)
    mu[:2] = -1, 1
    even, odd = flow().increments(0, 1, MEAN_FREE_PATH * np.abs(mu))
    exact = np.where(mu < 0, even - odd, even + odd)[0]
    table = increment_table(flow(), MEAN_FREE_PATH, 0, 1)[0]
    rms = np.sqrt(np.mean(exact**2))
    assert np.max(np.abs(interpolate_all(table, mu) - exact)) < 1e-6 * rms


def test_particles_agree_with_quadrature_within_shot_noise():
    """chi^2 over 12 realisations and 51 degrees, and over the two halves, at a false-alarm rate of 1e-4 each; fixed seed."""
    quadrature, particles = estimators()
    count = 12
    exact, sampled = quadrature.measure(0, count).multipoles, particles.measure(0, count)
    noise = np.array([quadrature.shot_noise(r, PARTICLES) for r in range(count)])
    z = (sampled.multipoles - exact) / np.sqrt(noise)
    # Multipoles of one sky share particles, so the chi^2 of a degree over realisations is what has a known law.
    limit = stats.chi2.isf(0.5e-4 / (L_MAX + 1), count), stats.chi2.isf(1 - 0.5e-4 / (L_MAX + 1), count)
    chi2 = (z**2).sum(axis=(0, 1))
    assert chi2.max() < limit[0]
    assert chi2.min() > limit[1]
    differences = ((sampled.difference**2) / noise).sum(axis=(0, 1))
    assert limit[1] < differences.min() <= differences.max() < limit[0]
    shifted = particles.measure(1, count)  # negative control: other realisations
    assert (((shifted.multipoles - exact) / np.sqrt(noise)) ** 2).sum(axis=(0, 1)).max() > limit[0]


@pytest.mark.parametrize("frame", ["magnetic", "equatorial"])
def test_sky_is_the_flow_seen_from_inside(frame):
    """Pixel means against the exact anisotropy at the pixels' pitch angles: chi^2 at a false-alarm rate of 1e-4; fixed seed.

    The expected scatter of a pixel's mean is bounded by the anisotropy's spread within it, measured from the particles'
    own counts: with nside 4 and smooth turbulence both are far below the signal, so correlation is what is asked for.
    """
    rotation = rotation_to_sky(frame, (229.2, 11.4))
    turbulence = Turbulence.power_law(2.9, 23.0, MEAN_FREE_PATH, 2 / 3, (1e-2, 1.0))
    smooth = LineFlow(turbulence, MEAN_FREE_PATH, 512, seed=1)
    estimator = ParticleEstimator(smooth, MEAN_FREE_PATH, 10, 32, 23.0, 2_000_000, rotation, seed=1)
    seen = estimator.measure(0, 1)
    sky = seen.intensity[0].sum(axis=0) / seen.hits[0].sum(axis=0)
    mu = pixel_cosines(32, rotation)
    exact = mu * interpolate_all(increment_table(smooth, MEAN_FREE_PATH, 0, 1)[0], mu) / 23.0
    assert np.corrcoef(sky, exact)[0, 1] > 0.999
    assert np.sqrt(np.mean((sky - exact) ** 2)) < 0.02 * np.sqrt(np.mean(exact**2))
    assert np.corrcoef(sky, exact[::-1])[0, 1] < 0.9  # negative control: the sky upside down


def test_hits_are_poisson():
    """chi^2 of the counts in all pixels and both halves, two-sided false-alarm rate 1e-4; fixed seed."""
    hits = estimators()[1].measure(0, 2).hits
    expected = PARTICLES / 2 / hits.shape[-1]
    chi2 = np.sum((hits - expected) ** 2) / expected
    dof = hits.size - 4  # each half's total is fixed
    assert stats.chi2.ppf(0.5e-4, dof) < chi2 < stats.chi2.isf(0.5e-4, dof)


def test_multipoles_are_those_of_the_sky():
    """a_l0 of a fine pixelised sky of the same particles by healpy, within the pixel window; the sign convention is healpy's."""
    turbulence = Turbulence.power_law(2.5, 23.0, MEAN_FREE_PATH, 2 / 3, (1e-3, 1.0))
    smooth = LineFlow(turbulence, MEAN_FREE_PATH, 512, seed=2)
    estimator = ParticleEstimator(smooth, MEAN_FREE_PATH, 6, 32, 23.0, 4_000_000, np.eye(3), seed=2)
    seen = estimator.measure(0, 1)
    sky = seen.intensity[0].sum(axis=0) / seen.hits[0].sum(axis=0)
    by_healpy = healpy.map2alm(sky, lmax=6, iter=3).real[:7]  # m = 0 comes first
    ours = seen.multipoles[0, 0]
    assert np.allclose(by_healpy, ours, rtol=0, atol=0.01 * np.abs(ours).max())
    assert not np.allclose(by_healpy, ours * (-1.0) ** np.arange(7), rtol=0, atol=0.1 * np.abs(ours).max())
