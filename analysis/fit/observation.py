"""What a measured spectrum is beside its numbers: noise, sky fraction, lost orders, bins or a mixing matrix, correlations."""

from dataclasses import dataclass

import numpy as np

from fluxtube.analysis.observations.spectrum_table import Spectrum
from fluxtube.errors import InputError

NOISE_NODES = 17


@dataclass(frozen=True)
class Observation:
    """How the values of a spectrum come about.

    Attributes
    ----------
    spectrum : Spectrum
    noise : ndarray (k, n)
        N_l that is in each value of C_l; one row, or k rows of equal prior weight where its level is not known.
    subtracted : bool
        Whether noise was subtracted from C_l: its scatter stayed.
    sky_fraction : float
        Observed fraction of the sky; orders are 2l + 1 times it.
    lost_m0 : bool
        Whether m = 0 is lost, so that a degree has 2l orders.
    mixing : ndarray (n, L) or None
        Values are pseudo-power: mean_b = sum_l mixing_bl (C_l), degrees 2 .. L + 1; None for C_l themselves, or bins of them.
    covariance : ndarray (n, n) or None
        Of the values; its correlations are used, variances come from theory.
    """

    spectrum: Spectrum
    noise: np.ndarray
    subtracted: bool = False
    sky_fraction: float = 1.0
    lost_m0: bool = False
    mixing: np.ndarray | None = None
    covariance: np.ndarray | None = None

    @property
    def degrees(self) -> np.ndarray:
        """Degrees of theory that go into the values, (m,)."""
        return self.measured if self.mixing is None else np.arange(2, self.mixing.shape[1] + 2)

    @property
    def measured(self) -> np.ndarray:
        """Degrees of the values themselves, those of all bins together, (k,)."""
        last = self.spectrum.l if self.spectrum.last is None else self.spectrum.last
        return np.unique(np.concatenate([np.arange(a, b + 1) for a, b in zip(self.spectrum.l, last, strict=True)]))

    @property
    def windows(self) -> np.ndarray:
        """Weights (n, m): mean of each value = windows @ C_l of `degrees`."""
        if self.mixing is not None:
            return self.mixing
        l, spectrum = self.degrees, self.spectrum
        last = spectrum.l if spectrum.last is None else spectrum.last
        inside = (l >= spectrum.l[:, None]) & (l <= last[:, None])
        weight = inside * (2.0 * l + 1)
        return weight / weight.sum(axis=1, keepdims=True)

    def orders(self, l) -> np.ndarray:
        """Independent orders of each degree: f_sky (2l + 1), or f_sky 2l; those that the table states for its own degrees."""
        if self.spectrum.orders is not None and not self.spectrum.binned and np.array_equal(l, self.spectrum.l):
            return self.spectrum.orders
        return self.sky_fraction * (2.0 * np.asarray(l) + (0.0 if self.lost_m0 else 1.0))


def make_observation(
    spectrum: Spectrum,
    noise=None,
    noise_subtracted=None,
    sky_fraction: float = 1.0,
    lost_m0: bool = False,
    mixing=None,
    covariance=None,
) -> Observation:
    """Observation of a spectrum, checked.

    Parameters
    ----------
    spectrum : Spectrum
        Its own column of noise is used where neither level is given.
    noise, noise_subtracted : float, (float, float), ndarray (n,), optional
        N_l contained in C_l, or subtracted from it; a pair is a range in which the level is uniform in its logarithm.
    sky_fraction, lost_m0, mixing, covariance
        As in `Observation`.

    Raises
    ------
    InputError
        For what cannot be, and where C_l with its noise is not above zero.
    """
    if noise is not None and noise_subtracted is not None:
        raise InputError("noise is either contained in C_l or was subtracted from it; give one of the two")
    size = len(spectrum.l)
    level = noise if noise is not None else noise_subtracted
    if level is None:
        rows = (np.zeros(size) if spectrum.noise is None else spectrum.noise)[None]
    elif isinstance(level, tuple):
        low, high = level
        if not 0 < low < high < np.inf:
            raise InputError(f"noise from {low:g} to {high:g} is not a range; give LOW:HIGH with 0 < LOW < HIGH")
        rows = np.geomspace(low, high, NOISE_NODES)[:, None] * np.ones(size)
    else:
        rows = (np.asarray(level, dtype=float) * np.ones(size))[None]
    if not (np.all(np.isfinite(rows)) and np.all(rows >= 0)):
        raise InputError("noise must be finite and not below zero")
    if not 0 < sky_fraction <= 1:
        raise InputError(f"sky fraction {sky_fraction:g}: above 0, to 1")
    if mixing is not None:
        mixing = np.asarray(mixing, dtype=float)
        if mixing.ndim != 2 or len(mixing) != size or not np.all(np.isfinite(mixing)):
            raise InputError(f"the mixing matrix has the shape {mixing.shape}; {size} rows are needed, one for each value of C_l")
    if covariance is not None:
        covariance = np.asarray(covariance, dtype=float)
        if covariance.shape != (size, size) or not np.allclose(covariance, covariance.T, rtol=1e-6, atol=0):
            raise InputError(f"the covariance must be symmetric, {size} x {size} for {size} values of C_l")
        if not np.all(np.linalg.eigvalsh(covariance / np.sqrt(np.outer(*[np.abs(np.diagonal(covariance))] * 2))) > 1e-9):
            raise InputError("the covariance is not positive definite")
    observation = Observation(spectrum, rows, noise_subtracted is not None, sky_fraction, lost_m0, mixing, covariance)
    total = spectrum.C_l + (rows.max(axis=0) if observation.subtracted else 0.0)
    if np.any(total <= 0):
        degree = int(spectrum.l[np.flatnonzero(total <= 0)[0]])
        raise InputError(
            f"C_l at l = {degree} is not above zero"
            + (" even with its noise; the noise must be larger" if observation.subtracted else "")
            + ("" if observation.subtracted else "; where noise was subtracted say how much: --noise-subtracted N")
        )
    return observation
