"""Probabilities from the realisations' own scatter, where the skies are not Gaussian or shot noise follows them.

A mean of N realisations has the standard error s / sqrt(N), s from the realisations themselves. Three things part its score from
a normal one, and each is taken into account:

- Power is never negative, so that its mean is skew, and sample mean and sample error are large together. The error is therefore
  taken as it would be at theory's mean, s times (theory / measured): exact for laws that differ by a factor alone.
- The skewness left is removed by the transformation of Wilson & Hilferty (1931) to a normal score,
  (6/g) [cbrt(1 + g z/2) - 1] + g/6. For the mean of powers g = 2 error / mean, that of a gamma law.
- The error is measured. The variance of a sample variance is (k - 1) s^4 / N with k the kurtosis, that of a chi-squared variable
  of 2 N / (k - 1) degrees of freedom, so that the score follows Student's law with as many. k itself is measured, and of few
  skies too small: it is taken not below that of a gamma law, 3 + 3/2 skewness^2, and half of the degrees of freedom are given
  away.

Measured on settings of all kinds by benchmarks/false_alarms.py; docs/validation.md has the numbers.

Reference: Wilson, E. B. & Hilferty, M. M. 1931, Proc. Natl. Acad. Sci., 17, 684.
"""

import numpy as np
from scipy import stats

FEWEST = 50  # realisations that tell how they scatter
GIVEN_AWAY = 0.5


def normal_score(z: np.ndarray, skewness: np.ndarray) -> np.ndarray:
    """Normal score of a standardised number of some skewness (Wilson & Hilferty), monotonic; the score itself for none."""
    g = np.where(np.abs(skewness) < 1e-6, 1e-6, skewness)
    return 6 / g * (np.cbrt(np.maximum(1 + g * z / 2, 0.0)) - 1) + g / 6


def freedom(count: int, kurtosis: np.ndarray) -> np.ndarray:
    """Degrees of freedom of Student's law, from the kurtosis of one realisation; at least one."""
    return np.clip(GIVEN_AWAY * 2 * count / np.maximum(kurtosis - 1, 1e-9), 1.0, GIVEN_AWAY * (count - 1))


def kurtosis_of(samples: np.ndarray, skewness: np.ndarray | float = 0.0) -> np.ndarray:
    """<x^4> / <x^2>^2 about the mean of samples (K, ...), not below that of a gamma law of the given skewness."""
    x = samples - samples.mean(axis=0)
    square = np.mean(x**2, axis=0)
    measured = np.divide(np.mean(x**4, axis=0), square**2, out=np.full(square.shape, 3.0), where=square > 0)
    return np.maximum(measured, 3 + 1.5 * np.asarray(skewness) ** 2)


def probability(z: np.ndarray, skewness: np.ndarray, dof: np.ndarray) -> np.ndarray:
    """Two-sided probability of a score of this skewness whose error is known with `dof` degrees of freedom."""
    return 2 * stats.t.sf(np.abs(normal_score(z, skewness)), dof)
