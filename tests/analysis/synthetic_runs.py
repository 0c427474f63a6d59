"""Stand-ins for ensembles: multipoles drawn from a known law, so that every test knows the answer."""

from types import SimpleNamespace

import numpy as np

from fluxtube.sim.config import Config


def covariance(l_max: int, index: float = 1.7, coupling: float = -0.4) -> np.ndarray:
    """A positive-definite covariance for l = 2..l_max, power law on the diagonal, empty for odd l + l'."""
    l = np.arange(2, l_max + 1)
    distance = np.abs(l[:, None] - l[None, :])
    correlation = np.where(distance % 2 == 0, coupling ** (distance // 2), 0.0)
    return correlation * np.outer(l, l) ** (-index / 2)


def gaussian_samples(rng, theory: np.ndarray, count: int) -> np.ndarray:
    """(count, n) Gaussian multipoles."""
    return rng.standard_normal((count, len(theory))) @ np.linalg.cholesky(theory).T


def config(l_max: int, flow: str = "line", estimator: str = "quadrature", **turbulence) -> Config:
    """A configuration; nside small, so that skies are small."""
    return Config(
        turbulence={"band": (1e-3, 1e3), **turbulence},
        sky={"l_max": l_max, "nside": 8},
        sampling={"flow": flow, "estimator": estimator} | ({"particles": 10_000} if estimator == "particles" else {}),
    )


def ensemble(halves, settings: Config, check=None, m=(0,)):
    """An ensemble, with the reader's attributes, of the halves' multipoles (2, N, n_m, n) or (2, N, n), l from 2 on."""
    halves = np.asarray(halves, dtype=float)
    if halves.ndim == 3:
        halves = halves[:, :, None, :]
    # Degrees 0 and 1, which no test may look at, are given absurd values.
    halves = np.concatenate([np.full((*halves.shape[:-1], 2), 1e6), halves], axis=-1)
    mean, difference = halves.mean(0), (halves[0] - halves[1]) / 2
    count, _, degrees = mean.shape
    second = np.einsum("rml,rmk->mlk", mean, mean) / count
    noise = np.einsum("rml,rmk->mlk", difference, difference) / count
    pixels = 12 * settings.sky.nside**2
    power = np.sum(mean**2 - difference**2, axis=1) / (2 * np.arange(degrees) + 1)
    sky = np.outer(np.ones(4), np.linspace(-1e-4, 1e-4, pixels))
    return SimpleNamespace(
        path="synthetic.h5",
        config=settings,
        realisations=count,
        l=np.arange(degrees),
        m=np.asarray(m),
        mean=mean.mean(0),
        second_moment=second - noise,
        noise=noise,
        square_moment=np.einsum("rml,rmk->mlk", mean**2, mean**2) / count,
        sky_mean=np.zeros(pixels),
        sky_mean_square=sky[0] ** 2,
        sky_hits=np.full(pixels, count),
        samples_multipoles=mean[:1000],
        C_l_covariance=np.cov(power.T, ddof=1) / count if count > 1 else np.full((degrees, degrees), np.nan),
        samples_sky=sky,
        check=check,
        momenta=None,
        provenance={},
        timings={},
    )


def gaussian_ensemble(seed: int, theory: np.ndarray, count: int, **settings):
    """An ensemble of `count` quadrature realisations."""
    samples = gaussian_samples(np.random.default_rng(seed), theory, count)
    return ensemble([samples, samples], config(len(theory) + 1, **settings))


def particle_ensemble(seed: int, theory: np.ndarray, noise: np.ndarray, count: int):
    """An ensemble of `count` realisations, seen by two halves with independent shot noise of twice `noise` each."""
    rng = np.random.default_rng(seed)
    signal = gaussian_samples(rng, theory, count)
    halves = [signal + gaussian_samples(rng, 2 * noise, count) for _ in range(2)]
    return ensemble(halves, config(len(theory) + 1, estimator="particles"))
