"""Likelihood of a spectrum with noise, partial sky, bins, errors: the laws of sums of squares, never Gaussian errors."""

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import gammaincc, gammaln, logsumexp, ndtri

from fluxtube.analysis.fit.observation import Observation
from fluxtube.analysis.fit.templates import Templates

NODES, VARIANCES = 40, 300  # of the quadrature, and of its tables over the variance


class Noisy:
    """C_l of one sky, or the mean of several, with noise of level N_l.

    With S_l = <C_l> of theory, n orders a degree (f_sky (2l + 1), or f_sky 2l where m = 0 is lost):

        isotropic   C_l / (S_l + N_l) ~ chi^2_n / n
        parallel    n C_l ~ (n S_l + N_l) chi^2_1 + N_l chi^2_(n-1)      one order holds the sky, all hold noise

    The second is a convolution, done by quadrature. Bins, pseudo-power (mixing matrix) and stated errors e of the measurement
    have their exact mean and variance, in a chi-squared law of 2 mean^2 / variance degrees. Degrees are independent, or
    correlated as a given covariance says (a Gaussian copula of these laws); of the parallel model's own correlations between
    degrees nothing is used here. A noise level that is not known is summed over its prior.

    Parameters
    ----------
    templates : Templates
        Of the observation's degrees.
    observation : Observation
    skies : int
        Number of skies that the values are the mean of.
    """

    def __init__(self, templates: Templates, observation: Observation, skies: int = 1):
        self.templates, self.observation, self.skies = templates, observation, skies
        spectrum = observation.spectrum
        self._windows = observation.windows
        self._error = np.zeros(len(spectrum.l)) if spectrum.error is None else spectrum.error
        self._values = [spectrum.C_l + (row if observation.subtracted else 0.0) for row in observation.noise]
        # One degree each, no errors to speak of: the exact law of the parallel model.
        single = observation.mixing is None and not spectrum.binned
        self._exact = (
            templates.model == "parallel"
            and single
            and skies == 1
            and spectrum.orders is None
            and observation.sky_fraction == 1
            and observation.covariance is None
            and bool(np.all(observation.noise > 0))
        )
        pairs = zip(self._values, observation.noise, strict=True) if self._exact else ()
        self._tables = [self._splines(values, noise) for values, noise in pairs]
        covariance = observation.covariance
        if covariance is not None:
            scale = np.sqrt(np.diagonal(covariance))
            correlation = covariance / np.outer(scale, scale)
            self._precision = np.linalg.inv(correlation) - np.eye(len(scale))
            self._half_log_determinant = 0.5 * np.linalg.slogdet(correlation)[1]

    def __call__(self, log_sigma, gamma) -> np.ndarray:
        """ln L for arrays of ln sigma [km/s] and gamma."""
        values = self.by_noise(log_sigma, gamma)
        return logsumexp(values, axis=0) - np.log(len(values))

    def by_noise(self, log_sigma, gamma) -> np.ndarray:
        """ln L for each level of noise, (k, *shape)."""
        signal = self.templates.spectrum(np.exp(np.asarray(log_sigma, dtype=float)), gamma)
        return np.array([self._one(signal, row) for row in range(len(self.observation.noise))])

    def scores(self, log_sigma: float, gamma: float) -> np.ndarray:
        """Normal scores of the values at one point, (n,): standard normal if theory and noise are right."""
        signal = self.templates.spectrum(np.exp(np.array(log_sigma)), np.array(gamma))
        row = int(np.argmax(self.by_noise(np.array(log_sigma), np.array(gamma))))
        mean, half = self._moments(signal, row)
        return -ndtri(np.clip(gammaincc(half, half * self._values[row] / mean), 1e-300, 1 - 1e-16))

    def moments(self, log_sigma: float, gamma: float) -> tuple[np.ndarray, np.ndarray]:
        """Mean of each value, noise included, and half its degrees of freedom at one point, (n,) each."""
        point = np.array(log_sigma), np.array(gamma)
        row = int(np.argmax(self.by_noise(*point)))
        return self._moments(self.templates.spectrum(np.exp(point[0]), point[1]), row)

    def _moments(self, signal, row):
        """Mean of each value and half its degrees of freedom, (*shape, n)."""
        observation, noise = self.observation, self.observation.noise[row]
        l = observation.degrees
        orders = observation.orders(l)
        mean = signal @ self._windows.T + noise
        if observation.mixing is not None:
            # Pseudo-power: as many orders as its own degree has on the observed sky.
            own = observation.orders(observation.spectrum.l)
            signal_part, spread = mean - noise, own
            variance = self._variance(signal_part, noise, spread)
        else:
            at_degree = self._windows.T > 0
            noise_at = np.where(at_degree, noise, 0.0).max(axis=1)  # N of the bin that a degree lies in
            variance = self._variance(signal, noise_at, orders) @ (self._windows**2).T
        variance = variance / self.skies + self._error**2
        return mean, mean**2 / variance

    def _variance(self, signal, noise, orders):
        if self.templates.model == "isotropic":
            return 2 * (signal + noise) ** 2 / orders
        rest = np.maximum(orders - 1, 0)
        return 2 * ((orders * signal + noise) ** 2 + rest * noise**2) / np.maximum(orders, 1.0) ** 2

    def _one(self, signal, row) -> np.ndarray:
        values = self._values[row]
        if np.any(values <= 0):
            return np.full(signal.shape[:-1], -np.inf)
        if self._exact:
            return self._convolved(signal, row)
        mean, half = self._moments(signal, row)
        density = (half - 1) * np.log(values) + half * np.log(half / mean) - half * values / mean - gammaln(half)
        total = density.sum(axis=-1)
        if self.observation.covariance is not None:
            z = -ndtri(np.clip(gammaincc(half, half * values / mean), 1e-300, 1 - 1e-16))
            total = total - 0.5 * np.einsum("...i,ij,...j->...", z, self._precision, z) - self._half_log_determinant
        return total

    def _splines(self, values, noise):
        """For every degree ln of the convolution, without 1/sqrt(2 pi v), over the logarithm of the variance v of the order that
        holds the sky: n C_l = s^2 + w, w the noise of the rest. In s the integrand has no singularity; the range is that where
        the law of w has weight.
        """
        orders = self.observation.orders(self.observation.spectrum.l)
        total = orders * values
        mean, variance = (orders - 1) * noise, 2 * (orders - 1) * noise**2 + (orders * self._error) ** 2
        shape, scale = mean**2 / variance, variance / mean
        deviation = np.sqrt(variance)
        low, high = np.maximum(mean - 9 * deviation, 0), np.minimum(mean + 16 * deviation, total)
        high, low = np.maximum(high, 1e-12 * total), np.minimum(low, 0.999 * total)
        high = np.maximum(high, low + 1e-3 * (total - low))
        start, end = np.sqrt(np.maximum(total - high, 0)), np.sqrt(total - low)
        node, weight = np.polynomial.legendre.leggauss(NODES)
        s = start[:, None] + (end - start)[:, None] * (node + 1) / 2
        w = np.maximum(total[:, None] - s**2, 1e-300)
        shape, scale = shape[:, None], scale[:, None]
        log_density = (shape - 1) * np.log(w) - w / scale - gammaln(shape) - shape * np.log(scale)
        # dy / sqrt(y) is 2 ds; the rule's weights are for a range of 2; n is dx / dC_l.
        log_weight = np.log(weight * (end - start)[:, None] * orders[:, None]) + log_density
        splines = []
        for k in range(len(orders)):
            # The integral depends on the variance of that order alone, and for large variance no more.
            log_variance = np.linspace(np.log(noise[k]), np.log(max(1e5 * total[k], 10 * noise[k])), VARIANCES)
            inner = logsumexp(log_weight[k] - s[k] ** 2 / (2 * np.exp(log_variance)[:, None]), axis=-1)
            splines.append((CubicSpline(log_variance, inner), log_variance[-1]))
        return splines

    def _convolved(self, signal, row) -> np.ndarray:
        orders = self.observation.orders(self.observation.spectrum.l)
        log_variance = np.log(orders * signal + self.observation.noise[row])  # (*shape, n)
        total = -0.5 * np.sum(np.log(2 * np.pi) + log_variance, axis=-1)
        for k, (spline, end) in enumerate(self._tables[row]):
            total += spline(np.minimum(log_variance[..., k], end))
        return total
