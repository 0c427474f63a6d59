"""The numbers in a run's figures: what the CSV beside each of them holds."""

import numpy as np

from fluxtube.analysis.figures.sky import kept_sky
from fluxtube.analysis.figures.spectrum import shown_degrees
from fluxtube.analysis.validation.moments import power
from fluxtube.analysis.validation.spread import degrees_of_freedom, single_sky_band


def spectrum_table(validation, degrees=None) -> dict:
    """Columns of the spectrum's figure: l, C_l, error, theory, z, single-sky interval (68 %), shot noise."""
    spectrum, moments = validation.spectrum, validation.moments
    lower, upper = single_sky_band(spectrum.theory, degrees_of_freedom(validation.theory))
    shown = shown_degrees(moments.l, degrees)
    columns = {
        "l": moments.l,
        "C_l": spectrum.value,
        "C_l_error": spectrum.error,
        "C_l_theory": spectrum.theory,
        "z": spectrum.z,
        "single_sky_lower": lower,
        "single_sky_upper": upper,
        "shot_noise": power(moments.noise, moments.l),
    }
    return {name: np.asarray(values)[shown] for name, values in columns.items()}


def correlation_table(validation, order: int = 0, degrees=None) -> dict:
    """Columns of the correlation's figure: l, l', correlation of theory and simulation (theory's deviations), z."""
    shown = shown_degrees(validation.moments.l, degrees)
    l, scores, block = validation.moments.l[shown], validation.covariance, np.ix_(shown, shown)
    expected, value, z = (part[order][block] for part in (scores.theory, scores.value, scores.z))
    deviation = np.sqrt(np.diagonal(expected))
    deviation[deviation == 0] = np.nan  # theory leaves it empty: no correlation
    scale = np.outer(deviation, deviation)
    first, second = np.meshgrid(l, l, indexing="ij")
    return {
        "l": first.ravel(),
        "l_prime": second.ravel(),
        "correlation_theory": (expected / scale).ravel(),
        "correlation": (value / scale).ravel(),
        "z": z.ravel(),
    }


def sky_table(ensemble, realisation: int = 0) -> dict:
    """Columns of the skies' figure: pixel (HEALPix RING, in the run's frame), a realisation's sky, mean square."""
    columns = {"pixel": np.arange(len(ensemble.sky_mean_square))}
    sky = kept_sky(ensemble, realisation)
    if sky is not None:
        columns[f"realisation_{realisation}" if realisation else "first_realisation"] = sky
    return columns | {"mean_square": np.asarray(ensemble.sky_mean_square)}
