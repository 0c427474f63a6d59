"""Skies of quadrature runs: the kept ones are those of the kept multipoles, mean and mean square those of all realisations."""

import healpy
import numpy as np
import pytest

import fluxtube

L_MAX, NSIDE = 6, 32
COMMON = {
    "turbulence.band": [1e-2, 12], "sky.l_max": L_MAX, "sky.nside": NSIDE, "check.realisations": 0, "output.skies": 2,
    "ensemble.realisations": 12, "output.multipoles": 12,
}  # fmt: skip
RUNS = {
    "fixed": {},
    "exponential": {"transport.free_path": "exponential"},
    "erlang and gradient": {
        "transport.free_path": "erlang", "transport.free_path_shape": 3, "transport.density_gradient": "2e-5 /pc",
    },
    "cross-field": {
        "transport.model": "cross-field", "transport.displacement_perpendicular": 0.6,
        "transport.convection_perpendicular": 0.8, "sampling.flow": "modes", "sampling.modes": 64,
    },
}  # fmt: skip


def simulated(name):
    return fluxtube.simulate({}, COMMON | RUNS[name])


def complex_alm(real):
    """HEALPix coefficients of real ones (n_m, L), a_lm = (x_m - i x_-m)/sqrt(2), written out order by order."""
    alm = np.zeros(healpy.Alm.getsize(L_MAX), dtype=complex)
    for l in range(L_MAX + 1):
        alm[healpy.Alm.getidx(L_MAX, l, 0)] = real[0, l]
        for m in range(1, l + 1) if len(real) > 1 else ():
            alm[healpy.Alm.getidx(L_MAX, l, m)] = (real[2 * m - 1, l] - 1j * real[2 * m, l]) / np.sqrt(2)
    return alm


def ring_means(sky):
    """Mean over the azimuth, in every pixel."""
    z = np.round(healpy.pix2vec(NSIDE, np.arange(sky.size))[2], 12)
    _, ring = np.unique(z, return_inverse=True)
    return (np.bincount(ring, sky) / np.bincount(ring))[ring]


@pytest.mark.parametrize("name", RUNS)
def test_kept_skies_are_those_of_the_kept_multipoles(name):
    """By healpy's transform; the sky's wave numbers end at k lambda = 12, far below what nside = 32 resolves.

    A sampled free path is averaged over 512 paths in skies: good to 4e-3 of the rms; fixed ones to 1e-5.
    """
    ensemble = simulated(name)
    rms = np.sqrt(np.mean(ensemble.samples**2))
    for k, sky in enumerate(ensemble.samples_sky):
        fine = healpy.map2alm(sky, lmax=2 * NSIDE, iter=10, pol=False)  # all that the sky holds, so that nothing leaks
        back = np.array([fine[healpy.Alm.getidx(2 * NSIDE, l, m)] for m in range(L_MAX + 1) for l in range(m, L_MAX + 1)])
        error = np.abs(back - complex_alm(ensemble.samples[k])).max()
        assert error < (4e-3 if "free_path" in "".join(RUNS[name]) else 1e-5) * rms, k
        another = np.abs(back - complex_alm(ensemble.samples[k + 1])).max()
        assert another > 0.3 * rms  # the control: the next realisation's sky is another one


@pytest.mark.parametrize("name", RUNS)
def test_mean_and_mean_square_are_those_of_all_realisations(name):
    """Maps of all realisations made from their multipoles by healpy, averaged, and averaged over rings: to rounding."""
    ensemble = simulated(name)
    maps = np.array([healpy.alm2map(complex_alm(real), NSIDE, lmax=L_MAX, pixwin=False) for real in ensemble.samples])
    mean, square = ring_means(maps.mean(axis=0)), ring_means(np.mean(maps**2, axis=0))
    # Orders m != 0 are taken to be independent of each other: a finite ensemble's ring mean has no cross terms either, since
    # cos(m phi) cos(m' phi) has the mean zero over the evenly spaced pixels of a ring while m + m' is below their number.
    inside = np.abs(healpy.pix2vec(NSIDE, np.arange(mean.size))[2]) < 0.99
    np.testing.assert_allclose(ensemble.sky_mean[inside], mean[inside], atol=1e-9 * np.sqrt(square.max()))
    np.testing.assert_allclose(ensemble.sky_mean_square[inside], square[inside], rtol=1e-9)
