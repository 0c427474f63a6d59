"""Eq. 17: the mean square of an observed sky around the magnetic field, over the pitch angle."""

import numpy as np
from ducc0.sht import alm2leg

from fluxtube.analysis.observations.wigner import to_magnetic
from fluxtube.errors import InputError
from fluxtube.theory.checks import plain


def pitch_angle_profile(alm, field_direction, theta, *, l_min: int = 2, l_max: int | None = None) -> np.ndarray:
    """Azimuthal mean of the squared relative intensity about B (Eq. 17 of Zhang & Liu 2025).

        <I^2>_phi(theta) = sum_m'' | sum_l (-1)^l b_lm'' Y_lm''(theta, 0) |^2,    b_lm'' = sum_m a_lm D^l*_mm''

    The double sum of Eq. 17 factorises like this if the first Wigner D has degree l and the second degree l' (the
    paper's print has l in both). (-1)^l turns arrival directions into pitch angles of the momentum.

    Parameters
    ----------
    alm : complex ndarray (L, L)
        a[l, m], m >= 0, equatorial coordinates, arrival directions; unknown ones (NaN) are left out of the sums, so that
        a sky whose m = 0 are lost gives the profile of what is left.
    field_direction : (float, float)
        Right ascension and declination of +B [deg].
    theta : array_like
        Pitch angle of the momentum, 0 along +B [rad].
    l_min, l_max : int
        Degrees used; to the end of the table where l_max is not given.

    Returns
    -------
    ndarray, shape of theta
        The square of alm's unit.

    Raises
    ------
    InputError
        For degrees that the table does not have.
    """
    alm = np.asarray(alm, dtype=complex)
    l_max = len(alm) - 1 if l_max is None else int(l_max)
    if not 0 <= l_min <= l_max < len(alm):
        raise InputError(f"degrees {l_min} to {l_max} are not in a table of degrees 0 to {len(alm) - 1}")
    theta = plain("theta", theta, "rad").astype(float)
    alm = alm[: l_max + 1, : l_max + 1]
    if not np.any(np.isfinite(alm[l_min:, :]) & (alm[l_min:, :] != 0)):
        raise InputError(f"the sky holds no multipole of l = {l_min} to {l_max}")
    turned = to_magnetic(np.where(np.isfinite(alm), alm, 0), field_direction)
    turned[:l_min] = 0
    turned *= ((-1.0) ** np.arange(l_max + 1))[:, None]
    l, m = np.tril_indices(l_max + 1)
    order = np.lexsort((l, m))
    packed = np.ascontiguousarray(turned[l[order], m[order]])[None]
    orders = alm2leg(alm=packed, lmax=l_max, theta=np.ascontiguousarray(theta.ravel()))[0]  # sum_l b_lm Y_lm(theta, 0)
    weight = np.full(l_max + 1, 2.0)  # m'' and -m'' give the same
    weight[0] = 1.0
    return (np.abs(orders) ** 2 @ weight).reshape(theta.shape)


def spectrum_of(alm) -> np.ndarray:
    """C_l of a real sky from the orders that it has, (L,): the mean of |a_lm|^2 over the known m of -l .. l.

    With all orders that is sum_m |a_lm|^2 / (2l + 1); with m = 0 lost (NaN) the sum over m != 0 divided by 2l. NaN for a
    degree without known orders.
    """
    alm = np.asarray(alm)
    weight = np.tril(np.isfinite(alm)) * np.where(np.arange(alm.shape[-1]) == 0, 1.0, 2.0)
    count = weight.sum(axis=1)
    total = np.sum(weight * np.abs(np.where(np.isfinite(alm), alm, 0)) ** 2, axis=1)
    return np.divide(total, count, out=np.full(len(alm), np.nan), where=count > 0)


def magnetic_sky(multipoles) -> np.ndarray:
    """a[l, m] of a sky that is symmetric about the field, from its a_l0 (L,)."""
    alm = np.zeros((len(multipoles),) * 2, dtype=complex)
    alm[:, 0] = multipoles
    return alm
