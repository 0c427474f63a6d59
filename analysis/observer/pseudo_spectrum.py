"""Pseudo-spectra: of one sky, and what to expect of both models."""

from dataclasses import dataclass

import numpy as np

from fluxtube.analysis.observations.pitch_angle import magnetic_sky, spectrum_of
from fluxtube.analysis.observations.reference import FIELD_DIRECTION
from fluxtube.analysis.observations.wigner import to_equatorial, zonal_weights
from fluxtube.analysis.observer.coupling import mixing_matrix, view_kernels


def observe(alm, kernels: np.ndarray) -> np.ndarray:
    """Multipoles of a sky as a ground array sees it: cut to its view, rings of declination normalised.

    Parameters
    ----------
    alm : complex ndarray (L, L)
        a[l, m], m >= 0, equatorial coordinates.
    kernels : ndarray (L, L, L)
        Of `view_kernels`.

    Returns
    -------
    complex ndarray (L, L)
    """
    return np.einsum("mlk,km->lm", kernels, alm)


def observe_multipoles(multipoles, kernels: np.ndarray, field_direction=FIELD_DIRECTION) -> np.ndarray:
    """Pseudo-spectrum of skies of parallel transport from their a_l0 about the field: (n, L) -> (n, L).

    Parameters
    ----------
    multipoles : ndarray (n, L)
        Towards arrival directions in the magnetic frame, l = 0 .. L - 1, as an ensemble's `samples_multipoles[:, 0]`.
    kernels : ndarray (L, L, L)
    field_direction : (float, float)
        Right ascension and declination of +B [deg].
    """
    turned = to_equatorial(magnetic_sky(np.ones(len(kernels))), field_direction)  # a_lm of a unit a_l0
    seen = np.einsum("mlk,km,nk->nlm", kernels, turned, np.asarray(multipoles))
    return np.array([spectrum_of(sky) for sky in seen])


def expected_isotropic(spectrum, kernels: np.ndarray) -> np.ndarray:
    """<C~_l> of a statistically isotropic sky of the given C_l, (L,): the mixing matrix at work."""
    return mixing_matrix(kernels) @ np.asarray(spectrum)


def expected_parallel(covariance, kernels: np.ndarray, field_direction=FIELD_DIRECTION) -> np.ndarray:
    """<C~_l> of parallel diffusion, (L,).

        <C~_l> = 1/(2l+1) sum_m sum_l'l'' K^m_ll' d^l'_m0 T_l'l'' d^l''_m0 K^m_ll''

    with T the covariance of a_l0 about the field and d^l_m0 at the colatitude of B: it depends on where the field points to.

    Parameters
    ----------
    covariance : ndarray (L, L)
        <a_l0 a_l'0> of Delta f/f towards arrival directions, l = 0 .. L - 1.
    kernels : ndarray (L, L, L)
    field_direction : (float, float)
        Only the declination matters [deg].
    """
    size = len(kernels)
    colatitude = np.pi / 2 - np.deg2rad(field_direction[1])
    coupled = kernels * zonal_weights(size - 1, colatitude)[:, None, :]
    power = np.einsum("mlj,jk,mlk->ml", coupled, np.asarray(covariance), coupled)
    return (power[0] + 2 * power[1:].sum(0)) / (2 * np.arange(size) + 1)


@dataclass(frozen=True)
class ObservedSpectra:
    """What an array sees of both models, degrees 2 to l_max.

    Attributes
    ----------
    l : ndarray of int (n,)
    true : dict of str to ndarray (n,)
        C_l of "parallel" and "isotropic".
    seen : dict of str to ndarray (n,)
        <C~_l> divided by the sky fraction.
    """

    l: np.ndarray
    true: dict[str, np.ndarray]
    seen: dict[str, np.ndarray]

    def ratio(self, model: str) -> np.ndarray:
        """<C~_l> / (f_sky C_l): 1 if the spectrum came through unharmed."""
        return self.seen[model] / self.true[model]

    @property
    def anisotropy_bias(self) -> np.ndarray:
        """What is left wrong in the parallel model by a correction made for isotropic skies: ratio over ratio."""
        return self.ratio("parallel") / self.ratio("isotropic")


def observed_spectra(view, covariance, isotropic_spectrum, field_direction=FIELD_DIRECTION, pad: int = 20) -> ObservedSpectra:
    """Both models through one view.

    Parameters
    ----------
    view : FieldOfView
    covariance : ndarray (L, L)
        Of parallel diffusion, l = 0 .. L - 1, the dipole as the user has it (0 leaves it out).
    isotropic_spectrum : ndarray (L,)
        C_l of isotropic diffusion.
    field_direction : (float, float)
        [deg].
    pad : int
        Degrees at the end that are dropped: power from beyond L that leaks into them is missing.
    """
    size = len(covariance)
    kernels = view_kernels(view, size - 1)
    keep = slice(2, size - pad)
    l = np.arange(size)
    seen = {
        "parallel": expected_parallel(covariance, kernels, field_direction) / view.sky_fraction,
        "isotropic": expected_isotropic(isotropic_spectrum, kernels) / view.sky_fraction,
    }
    true = {"parallel": np.diagonal(covariance) / (2 * l + 1), "isotropic": np.asarray(isotropic_spectrum)}
    return ObservedSpectra(l[keep], {k: v[keep] for k, v in true.items()}, {k: v[keep] for k, v in seen.items()})
