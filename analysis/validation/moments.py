"""The measured moments that the tests need, cut out of an ensemble: degrees from 2 on."""

from dataclasses import dataclass

import numpy as np

from fluxtube.analysis.validation.own_scatter import FEWEST
from fluxtube.errors import InputError

MOST_NOISE = 0.03  # share of shot noise in <s^2> below which samples count as Gaussian
LAST_BIT = 2.0**-160  # of the sums over realisations, in units of the unit anisotropy: docs/output-format.md, group `exact`


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
    tested : ndarray of bool (n_m, n)
        Multipoles that can be judged; at first all that are, l >= |m|.
    regular : ndarray of bool (n_m, n)
        Those of them whose expected covariance is not singular to working precision: the tests of the whole matrix take these.
    largest : float
        Largest variance of any multipole of the run, degrees 0 and 1 included: the scale of its rounding.
    least_square : float
        Fourth moments below it were cut by the sums' last bit.
    turned : bool
        Whether the field points anywhere: the orders of one degree are then one number, rotated.
    power_covariance : ndarray (n, n) or None
        Covariance of the mean C_l, from the realisations' own scatter.
    samples : ndarray (K, n_m, n)
        Multipoles of the kept realisations, with their shot noise.
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
    turned: bool
    power_covariance: np.ndarray | None
    samples: np.ndarray
    tested: np.ndarray
    regular: np.ndarray
    largest: float
    least_square: float

    @property
    def full(self) -> np.ndarray:
        """<s s^T> of the full sample: signal and shot noise, (n_m, n, n)."""
        return self.signal + self.noise

    @property
    def gaussian(self) -> bool:
        """Whether the multipoles follow the Gaussian law exactly (shot noise is a mixture: its level follows the sky)."""
        return self.gaussian_flow and not self.sampled

    @property
    def wishart(self) -> bool:
        """Whether the laws of Gaussian samples hold: a Gaussian flow about a field at rest, with negligible shot noise."""
        if not (self.gaussian_flow and self.sampled):
            return self.gaussian_flow
        noise, full = (np.einsum("mll->ml", part)[self.tested] for part in (self.noise, self.full))
        return bool(np.all(noise <= MOST_NOISE * full))

    @property
    def why_not_wishart(self) -> str:
        """The reason why the laws of Gaussian samples do not hold."""
        if self.turned:
            return "random field directions: the orders of one degree are one number, rotated"
        return "shot noise follows the sky" if self.gaussian_flow else "the flow is not Gaussian by construction"

    @property
    def sample_powers(self) -> np.ndarray:
        """C_l of every kept realisation, with its shot noise, (K, n)."""
        return np.einsum("rml,ml->rl", self.samples**2, self.tested.astype(float)) / (2 * self.l + 1)

    @property
    def scatter_unknown(self) -> str:
        """Why the realisations' own scatter is not known, where it is needed; empty where it is known or not needed."""
        if self.wishart:
            return ""
        if len(self.samples) < FEWEST:
            return (
                f"{len(self.samples)} kept realisations of {self.count}, at least {FEWEST} tell how skies scatter that are not "
                "Gaussian (ensemble.realisations, output.multipoles)"
            )
        degrees = self.tested.any(axis=0)
        if self.power_covariance is None or not np.all(np.isfinite(self.power_covariance[np.ix_(degrees, degrees)])):
            return "the file does not hold the covariance of C_l to enough digits"
        return ""

    @property
    def own_power_covariance(self) -> np.ndarray:
        """`power_covariance` of a run whose scatter is known, (n, n)."""
        if self.power_covariance is None:
            raise InputError(f"the scatter of C_l is not known: {self.scatter_unknown}")
        return self.power_covariance

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
    def fourth_known(self) -> np.ndarray:
        """Multipoles whose fourth moment the run's sums hold to a thousandth, (n_m, n)."""
        return np.einsum("mll->ml", self.square) > self.least_square

    @property
    def spectrum(self) -> np.ndarray:
        """C_l = sum_m <a_lm^2> / (2 l + 1), (n,)."""
        return power(self.signal, self.l)

    def present(self, order: int) -> np.ndarray:
        """Mask (n,) of the degrees whose harmonic of the order at index `order` can be judged."""
        return self.tested[order]

    def invertible(self, order: int) -> np.ndarray:
        """Mask (n,) of those whose covariance can be inverted as well."""
        return self.tested[order] & self.regular[order]


def _ratio(product: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Elements (n_m, n, n) over the products of two variances (n_m, n); 0 where a degree has no harmonic of the order."""
    outer = variance[:, :, None] * variance[:, None, :]
    return np.divide(product, outer, out=np.zeros_like(product), where=outer > 0)


def power(covariance: np.ndarray, l: np.ndarray) -> np.ndarray:
    """Angular power spectrum C_l = sum_m <a_lm^2> / (2 l + 1) of covariances of shape (n_m, n, n)."""
    return np.einsum("mll->l", covariance) / (2 * np.asarray(l) + 1)


def select_moments(ensemble, *, l_min: int = 2, l_max: int | None = None) -> Moments:
    """Moments of an ensemble for the degrees that the theory of convection anisotropies speaks of.

    Parameters
    ----------
    ensemble : fluxtube.sim.store.reader.Ensemble
        Or anything with its attributes.
    l_min : int
        The monopole is none of the anisotropy and the dipole holds the mean flow: both are left out.
    l_max : int, optional
        Largest degree; the run's last if not given.

    Raises
    ------
    InputError
        For a run without such degrees or without realisations, or with something that is not a number among its moments.
    """
    l, m = np.asarray(ensemble.l), np.asarray(ensemble.m)
    if l_max is not None and not l_min <= l_max <= l.max():
        raise InputError(f"largest degree to judge = {l_max}: the run has {l_min} to {l.max()}")
    keep = np.flatnonzero((l >= l_min) & (l <= (l.max() if l_max is None else l_max)))
    if not len(keep):
        raise InputError(f"the run ends at l = {l.max()}: nothing to test from l = {l_min} on")
    if ensemble.realisations < 1:
        raise InputError("the run holds no realisation: nothing to test")
    for name in ("mean", "second_moment", "noise", "square_moment", "samples_multipoles"):
        _require_numbers(ensemble, name, keep)
    block = np.ix_(np.arange(len(m)), keep, keep)
    full = np.asarray(ensemble.second_moment) + np.asarray(ensemble.noise)
    # Turned about by random field directions, Gaussian multipoles become a mixture.
    gaussian = ensemble.config.sampling.flow_choice.exactly_gaussian and ensemble.config.ensemble.field_directions == "fixed"
    return Moments(
        count=int(ensemble.realisations),
        l=l[keep],
        m=m,
        mean=np.asarray(ensemble.mean)[:, keep],
        signal=np.asarray(ensemble.second_moment)[block],
        noise=np.asarray(ensemble.noise)[block],
        square=np.asarray(ensemble.square_moment)[block],
        gaussian_flow=gaussian,
        sampled=ensemble.config.sampling.by_particles,
        tested=(present := l[keep] >= np.abs(m)[:, None]),
        regular=present,
        least_square=1024 * LAST_BIT * (ensemble.config.anisotropy_per_velocity * ensemble.config.unit_speed) ** 4,
        largest=float(np.nanmax(np.einsum("mll->ml", full))),
        turned=ensemble.config.ensemble.field_directions == "random",
        power_covariance=_power_covariance(ensemble, keep),
        samples=np.asarray(ensemble.samples_multipoles)[..., keep],
    )


def _require_numbers(ensemble, name: str, keep: np.ndarray) -> None:
    """InputError where a data set of the multipoles holds NaN or infinity at the degrees to test."""
    values = np.asarray(getattr(ensemble, name))[..., keep]
    if name in ("second_moment", "noise", "square_moment"):
        values = values[:, keep]
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        group = "samples/multipoles" if name == "samples_multipoles" else f"multipoles/{name}"
        raise InputError(
            f"{str(ensemble.path)!r}: {group} holds {values[tuple(bad[0])]} at l = {ensemble.l[keep[bad[0][-1]]]} "
            f"({len(bad)} such values): the file is damaged; run it again"
        )


def _power_covariance(ensemble, keep: np.ndarray) -> np.ndarray | None:
    """Covariance of the mean C_l; of an older file by quadrature from the kept realisations, else None."""
    if ensemble.C_l_covariance is not None:
        return np.asarray(ensemble.C_l_covariance)[np.ix_(keep, keep)]
    samples = np.asarray(ensemble.samples_multipoles)[..., keep]
    if ensemble.config.sampling.by_particles or len(samples) < FEWEST:
        return None
    single = np.sum(samples**2, axis=1) / (2 * np.asarray(ensemble.l)[keep] + 1)
    return np.atleast_2d(np.cov(single.T)) / ensemble.realisations
