"""The measured moments that the tests need, cut out of an ensemble: degrees from 2 on."""

from dataclasses import dataclass

import numpy as np

from fluxtube.errors import InputError

GAUSSIAN_FLOWS = ("line", "fbm")
FEWEST_SAMPLES = 50


@dataclass(frozen=True)
class Moments:
    """Moments of the multipoles a_lm of Delta f / f, degrees l_min..l_max.

    Attributes
    ----------
    count : int
        Number of realisations N; the mean is known to vanish, so N degrees of freedom.
    l : ndarray (n,), m : ndarray (n_m,)
        Degrees and orders.
    mean : ndarray (n_m, n)
        <a_lm>.
    signal : ndarray (n_m, n, n)
        <a_lm a_l'm> without shot-noise bias: the cross moment of the two halves of the particles.
    noise : ndarray (n_m, n, n)
        Second moment of half the difference of the halves; zero for quadrature.
    square : ndarray (n_m, n, n)
        <s_l^2 s_l'^2>, with s the mean of the two halves.
    gaussian_flow : bool
        Whether the multipoles without shot noise are Gaussian by construction.
    sampled : bool
        Whether particles were sampled, so that shot noise is there.
    order_coupling : ndarray (n,)
        kappa_l, cov(a_lm^2, a_lm'^2) = kappa_l <a_lm^2> <a_lm'^2> on the average over m != m'; 0 for a Gaussian flow.
    """

    count: int
    l: np.ndarray
    m: np.ndarray
    mean: np.ndarray
    signal: np.ndarray
    noise: np.ndarray
    square: np.ndarray
    gaussian_flow: bool
    sampled: bool
    order_coupling: np.ndarray

    @property
    def full(self) -> np.ndarray:
        """<s s^T> of the full sample: signal and shot noise, (n_m, n, n)."""
        return self.signal + self.noise

    @property
    def gaussian(self) -> bool:
        """Whether the multipoles follow the Gaussian law exactly (shot noise is a mixture: its level follows the sky)."""
        return self.gaussian_flow and not self.sampled

    @property
    def gaussian_ratio(self) -> np.ndarray:
        """1 + 2 rho_ll'^2, what `kurtosis_ratio` is for a Gaussian, (n_m, n, n); without the bias 1/N of a measured rho^2."""
        squared = _ratio(self.full**2, np.einsum("mll->ml", self.full))
        return 1 + 2 * (self.count * squared - 1) / max(self.count - 1, 1)

    @property
    def kurtosis_ratio(self) -> np.ndarray:
        """<s_l^2 s_l'^2> / (<s_l^2> <s_l'^2>), (n_m, n, n): 1 + 2 rho^2 for a Gaussian, up to 3 on the diagonal."""
        ratio = _ratio(self.square, np.einsum("mll->ml", self.full))
        # The sample value of 3 is 3 N / (N + 2) in the mean, its denominator being measured too.
        diagonal = np.arange(len(self.l))
        ratio[:, diagonal, diagonal] *= (self.count + 2) / self.count
        return ratio

    @property
    def spectrum(self) -> np.ndarray:
        """C_l = sum_m <a_lm^2> / (2 l + 1), (n,)."""
        return power(self.signal, self.l)

    def present(self, order: int) -> np.ndarray:
        """Mask (n,) of the degrees that have a harmonic of the order at index `order`."""
        return self.l >= abs(self.m[order])


def _ratio(product: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Elements (n_m, n, n) over the products of two variances (n_m, n); 0 where a degree has no harmonic of the order."""
    outer = variance[:, :, None] * variance[:, None, :]
    return np.divide(product, outer, out=np.zeros_like(product), where=outer > 0)


def power(covariance: np.ndarray, l: np.ndarray) -> np.ndarray:
    """Angular power spectrum C_l = sum_m <a_lm^2> / (2 l + 1) of covariances of shape (n_m, n, n)."""
    return np.einsum("mll->l", covariance) / (2 * np.asarray(l) + 1)


def select_moments(ensemble, l_min: int = 2) -> Moments:
    """Moments of an ensemble for the degrees that the theory of convection anisotropies speaks of.

    Parameters
    ----------
    ensemble : fluxtube.sim.store.reader.Ensemble
        Or anything with its attributes.
    l_min : int
        The monopole is none of the anisotropy and the dipole holds the mean flow: both are left out.

    Raises
    ------
    InputError
        For a run without such degrees or without realisations.
    """
    l = np.asarray(ensemble.l)
    keep = np.flatnonzero(l >= l_min)
    if not len(keep):
        raise InputError(f"the run ends at l = {l.max()}: nothing to test from l = {l_min} on")
    if ensemble.realisations < 1:
        raise InputError("the run holds no realisation: nothing to test")
    block = np.ix_(np.arange(len(ensemble.m)), keep, keep)
    # Turned about by random field directions, Gaussian multipoles become a mixture.
    gaussian = ensemble.config.sampling.flow in GAUSSIAN_FLOWS and ensemble.config.ensemble.field_directions == "fixed"
    return Moments(
        count=int(ensemble.realisations),
        l=l[keep],
        m=np.asarray(ensemble.m),
        mean=np.asarray(ensemble.mean)[:, keep],
        signal=np.asarray(ensemble.second_moment)[block],
        noise=np.asarray(ensemble.noise)[block],
        square=np.asarray(ensemble.square_moment)[block],
        gaussian_flow=gaussian,
        sampled=ensemble.config.sampling.estimator == "particles",
        order_coupling=np.zeros(len(keep)) if gaussian else order_coupling(np.asarray(ensemble.samples_multipoles)[..., keep]),
    )


def order_coupling(samples: np.ndarray) -> np.ndarray:
    """How the squares of different orders of one degree vary together, from single realisations, (K, n_m, n) -> (n,).

    A sum of few waves makes skies that are loud or quiet as a whole: C_l = sum_m a_lm^2 / (2l+1) then varies by more than its
    orders would one by one. kappa_l = [var(sum_m a^2) - sum_m var(a^2)] / [(sum_m <a^2>)^2 - sum_m <a^2>^2], averaged over five
    degrees to steady it; 0 for one order or fewer than `FEWEST_SAMPLES` realisations.
    """
    count, orders, degrees = samples.shape
    if orders == 1 or count < FEWEST_SAMPLES:
        return np.zeros(degrees)
    square = samples**2
    mean = square.mean(axis=0)
    excess = square.sum(axis=1).var(axis=0, ddof=1) - square.var(axis=0, ddof=1).sum(axis=0)
    pairs = mean.sum(axis=0) ** 2 - np.sum(mean**2, axis=0)
    raw = np.divide(excess, pairs, out=np.zeros(degrees), where=pairs > 0)
    window = np.ones(5)
    steadied = np.convolve(raw, window, "same") / np.convolve(np.ones(degrees), window, "same")
    return np.maximum(steadied, 0.0)
