"""All of an inference on one sky."""

from dataclasses import replace

import numpy as np

from fluxtube.analysis.inference.parameters import Prior
from fluxtube.analysis.inference.posterior import Posterior, Problem, infer
from fluxtube.analysis.inference.predictive import best_skies, predict
from fluxtube.analysis.inference.profile import plane
from fluxtube.analysis.inference.report import Inference, most_general
from fluxtube.analysis.inference.significance import gain
from fluxtube.analysis.inference.sky_input import View, read_sky
from fluxtube.analysis.inference.symmetry import parity, symmetry
from fluxtube.analysis.inference.transport import Point

PLANE_GAMMAS = (1.2, 1.35, 1.5, 1.65, 1.8, 1.95, 2.1, 2.25, 2.4)


def stage_names(models, rivals, skies: int) -> list[str]:
    """What `infer_sky` does, in its order: it says each name when it begins."""
    names = [f"fit of {name}" for name in (*models, *rivals)]
    if "cross-field" in models:
        names.append("weights across the field")
        if skies:
            names += [f"rate over {name}" for name in _nulls(models, rivals)]
    return [*names, "symmetry and parity", "predicted skies"]


def infer_sky(
    sky, view: View, prior: Prior, models=("parallel", "isotropic", "cross-field"), rivals=(), steps=600, live=200, seed=1,
    skies=400, begin=lambda name: None, **physics,
) -> Inference:  # fmt: skip
    """Posteriors and evidence of the models, the plane of the weights, symmetry, parity, and false-alarm rates.

    Parameters
    ----------
    sky : path or SkyData
    view : View
    prior : Prior
    models, rivals : sequence of str
    steps, live, seed : int
        Of the samplers.
    skies : int
        Simulated skies for rates; 0 for none.
    begin : callable
        Called with each of `stage_names` when that stage begins.
    **physics
        beta, spectral_slope, path, outer_scale of `transport.Transport`.
    """
    data = sky if hasattr(sky, "fold") else read_sky(sky, view)
    for name in (*models, *rivals):
        Problem(data, name, prior, **physics).try_once()  # what is refused is refused before minutes of work
    fits = {}
    for name in (*models, *rivals):
        begin(f"fit of {name}")
        fits[name] = infer(data, name, prior, steps, live, seed, **physics)
    whole, gains = None, []
    if "cross-field" in fits:
        begin("weights across the field")
        whole = weights_plane(data, fits["cross-field"], prior, **physics)
        for name in _nulls(models, rivals) if skies else ():
            begin(f"rate over {name}")
            null = _about(fits[name].best, fits["cross-field"])
            gains.append(gain(data, name, null, prior, skies, seed, **physics))
    begin("symmetry and parity")
    isotropic = fits["isotropic"].best if "isotropic" in fits else _isotropic_best(data, prior, live, seed, physics)
    field, main = _field(prior), most_general(fits)
    both = symmetry(data, isotropic, field, seed=seed, **physics), parity(data, isotropic, seed=seed, **physics)
    begin("predicted skies")
    warnings = list(dict.fromkeys([*view.warnings, *(words for fit in fits.values() for words in fit.warnings)]))
    return Inference(
        data,
        fits,
        whole,
        *both,
        gains,
        predict(data, main, seed=seed, **physics),
        best_skies(data, main, seed=seed, **physics),
        warnings,
    )


def weights_plane(data, fit: Posterior, prior: Prior, size: int = 21, **physics):
    """`profile.plane` at the best field and noise of a fit, over nine gammas where gamma is free."""
    return plane(data, fit.best, prior, size, PLANE_GAMMAS if "gamma" in fit.names else None, **physics)


def _nulls(models, rivals) -> list[str]:
    """Models that cross-field transport is compared with on simulated skies."""
    return [name for name in ("isotropic", *rivals) if name in (*models, *rivals)]


def _about(best: Point, fit: Posterior) -> Point:
    """A null model's point with the field of the alternative, which the null does not know."""
    return replace(best, field=fit.best.field)


def _isotropic_best(data, prior, live, seed, physics) -> Point:
    return infer(data, "isotropic", prior, steps=0, live=min(live, 60), seed=seed, **physics).best


def _field(prior: Prior) -> tuple[float, float]:
    """The direction of symmetry to test: that of the prior, not one fitted to the same sky."""
    right_ascension, declination = (float(np.round(angle, 12)) for angle in prior.fixed.field)
    return right_ascension, declination
