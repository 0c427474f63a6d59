"""Files of format 1.0: towards +B they hold the flow at -lambda; here they are turned right.

There the convective anisotropy stands at -n, so that multipoles of odd degree have the other sign, while the diffuse dipole
D n.B, D = lambda (B/B).grad ln f, stands where it should: turned(n) = stored(-n) + 2 D n.B.
"""

from dataclasses import replace

import ducc0
import numpy as np

from fluxtube.sim.engine.sky import rotation_to_sky

MIRRORED = (1, 0)  # the format that did so, and the only one


def turned_right(ensemble):
    """An ensemble of format 1.0 with the flow seen on the side where particles come from.

    What cannot be known is NaN: with a diffuse dipole, moments of degree 1 beyond its mean and second moment; with random
    field directions too, all of degree 1.

    Parameters
    ----------
    ensemble : reader.Ensemble

    Returns
    -------
    reader.Ensemble
    """
    config = ensemble.config
    sign = np.where(ensemble.l % 2, -1.0, 1.0)
    signs = np.outer(sign, sign)
    diffuse = config.transport.mean_free_path * config.transport.density_gradient
    changes = {
        "mean": ensemble.mean * sign,
        "second_moment": ensemble.second_moment * signs,
        "noise": ensemble.noise * signs,
        "samples_multipoles": ensemble.samples_multipoles * sign,
    }
    if ensemble.momenta is not None:
        changes["momenta"] = replace(ensemble.momenta, second_moment=ensemble.momenta.second_moment * signs)
    if ensemble.check is not None:
        check = ensemble.check
        changes["check"] = replace(check, quadrature=check.quadrature * sign, halves=check.halves * sign)
    changes |= _skies(ensemble, diffuse)
    if diffuse:
        changes |= _with_dipole(ensemble, changes, 2 * diffuse * np.sqrt(4 * np.pi / 3))
    return replace(ensemble, **changes)


def _skies(ensemble, diffuse: float) -> dict:
    """Maps at the opposite pixels, and the diffuse dipole put back to its side."""
    sky = ensemble.config.sky
    base = ducc0.healpix.Healpix_Base(sky.nside, "RING")
    centres = base.pix2vec(np.arange(12 * sky.nside**2), nthreads=1)
    opposite = base.vec2pix(-centres, nthreads=1)
    dipole = 2 * diffuse * (centres @ rotation_to_sky(sky.frame, sky.field_direction)[:, 2])
    mean = ensemble.sky_mean[opposite]
    changes = {
        "sky_mean": mean + dipole,
        "sky_mean_square": ensemble.sky_mean_square[opposite] + 2 * dipole * mean + dipole**2,
        "samples_sky": ensemble.samples_sky[:, opposite] + dipole,
    }
    for name in ("sky_hits", "sky_realisations"):
        if getattr(ensemble, name) is not None:
            changes[name] = getattr(ensemble, name)[opposite]
    return changes


def _with_dipole(ensemble, turned: dict, shift: float) -> dict:
    """Multipoles of degree 1 with the diffuse dipole's a_10 moved by `shift`."""
    random = ensemble.config.ensemble.field_directions == "random"
    mean, second, samples = (turned[name].copy() for name in ("mean", "second_moment", "samples_multipoles"))
    square, power, error = ensemble.square_moment.copy(), ensemble.C_l.copy(), ensemble.C_l_error.copy()
    _forget(square, error)
    if random:
        _forget(second)
        mean[:, 1] = samples[:, :, 1] = power[1] = np.nan
    else:
        cross = shift * mean[0]
        second[0, 1, :] += cross
        second[0, :, 1] += cross
        second[0, 1, 1] += shift**2
        mean[0, 1] += shift
        samples[:, 0, 1] += shift
        power[1] = np.einsum("mll->l", second)[1] / 3
    changes = {"mean": mean, "second_moment": second, "samples_multipoles": samples}
    changes |= {"square_moment": square, "C_l": power, "C_l_error": error}
    if "momenta" in turned:
        between = turned["momenta"].second_moment.copy()
        _forget(between)
        changes["momenta"] = replace(turned["momenta"], second_moment=between)
    if "check" in turned:
        check = turned["check"]
        quadrature, halves = check.quadrature.copy(), check.halves.copy()
        quadrature[:, 0, 1] += np.nan if random else shift
        halves[:, :, 0, 1] += np.nan if random else shift
        changes["check"] = replace(check, quadrature=quadrature, halves=halves)
    return changes


def _forget(*arrays: np.ndarray) -> None:
    """Degree 1 of moments (..., L, L) or of errors (L,) is not known."""
    for array in arrays:
        array[..., 1] = np.nan
        if array.ndim > 1:
            array[..., 1, :] = np.nan
