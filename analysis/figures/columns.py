"""The numbers in a run's figures: what the CSV beside each of them holds."""

import numpy as np

from fluxtube.analysis.validation.moments import power
from fluxtube.analysis.validation.spread import degrees_of_freedom, single_sky_band


def spectrum_table(validation) -> dict:
    """Columns of the spectrum's figure: l, C_l, error, theory, z, single-sky interval (68 %), shot noise."""
    spectrum, moments = validation.spectrum, validation.moments
    lower, upper = single_sky_band(spectrum.theory, degrees_of_freedom(validation.theory))
    return {
        "l": moments.l,
        "C_l": spectrum.value,
        "C_l_error": spectrum.error,
        "C_l_theory": spectrum.theory,
        "z": spectrum.z,
        "single_sky_lower": lower,
        "single_sky_upper": upper,
        "shot_noise": power(moments.noise, moments.l),
    }


def correlation_table(validation, order: int = 0) -> dict:
    """Columns of the correlation's figure: l, l', correlation of theory and simulation (theory's deviations), z."""
    l, scores = validation.moments.l, validation.covariance
    deviation = np.sqrt(np.diagonal(scores.theory[order]))
    deviation[deviation == 0] = np.nan  # theory leaves it empty: no correlation
    scale = np.outer(deviation, deviation)
    first, second = np.meshgrid(l, l, indexing="ij")
    return {
        "l": first.ravel(),
        "l_prime": second.ravel(),
        "correlation_theory": (scores.theory[order] / scale).ravel(),
        "correlation": (scores.value[order] / scale).ravel(),
        "z": scores.z[order].ravel(),
    }


def sky_table(ensemble) -> dict:
    """Columns of the skies' figure: pixel (HEALPix RING, in the run's frame), first realisation, mean square."""
    columns = {"pixel": np.arange(len(ensemble.sky_mean_square))}
    if ensemble.samples_sky is not None and len(ensemble.samples_sky):
        columns["first_realisation"] = np.asarray(ensemble.samples_sky[0])
    return columns | {"mean_square": np.asarray(ensemble.sky_mean_square)}
