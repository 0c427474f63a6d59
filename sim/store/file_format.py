"""Names in an ensemble file; docs/output-format.md is the page for readers."""

from pathlib import Path

import h5py
import numpy as np

from fluxtube.errors import InputError

FORMAT = "fluxtube-ensemble"
FORMAT_MAJOR, FORMAT_MINOR = 1, 2  # a reader takes any minor version of its own major one
SIGN = "towards the arrival direction n: Delta f/f = (dln f/dln p)/v n.B [u_par(lambda n.B) - u_par(0)], B a unit vector"

# Data set -> (meaning, unit).
DATASETS = {
    "multipoles/degree": ("degrees l = 0 .. l_max", ""),
    "multipoles/order": ("orders m of the real spherical harmonics", ""),
    "multipoles/mean": ("<a_lm>, (m, l)", "1"),
    "multipoles/second_moment": ("<a_lm a_l'm>, (m, l, l'), free of shot noise", "1"),
    "multipoles/noise": ("second moment of the shot noise of a_lm, (m, l, l')", "1"),
    "multipoles/square_moment": ("<a_lm^2 a_l'm^2> of the full sample, (m, l, l')", "1"),
    "momenta/mean_free_path": ("mean free paths of the particles in every flow, the run's own first", "pc"),
    "momenta/second_moment": ("<a_lm(p) a_l'm(p')> between momenta, (p, p', m, l, l')", "1"),
    "momenta/energy": ("energies of the particles in every flow, the reference first", "TeV"),
    "momenta/C_l": ("C_l(E, E'), mean of a_lm(E) a_lm(E') over m, (p, p', l)", "1"),
    "momenta/correlation": ("r_l = C_l(E, E')/sqrt(C_l(E) C_l(E')), (p, p', l)", "1"),
    "spectrum/C_l": ("angular power spectrum of Delta f/f", "1"),
    "spectrum/C_l_error": ("its standard error, from the scatter of the realisations", "1"),
    "spectrum/C_l_covariance": ("covariance of the mean C_l, (l, l'), from the scatter of the realisations", "1"),
    "sky/mean": ("ensemble mean of Delta f/f, HEALPix RING", "1"),
    "sky/mean_square": ("ensemble mean square of Delta f/f, HEALPix RING, free of shot noise", "1"),
    "sky/hits": ("particles that arrived in each pixel, all realisations", ""),
    "sky/realisations": ("realisations that count in each pixel's mean square", ""),
    "samples/multipoles": ("a_lm of the first realisations, (realisation, m, l)", "1"),
    "samples/sky": ("Delta f/f of the first realisations, (realisation, pixel)", "1"),
    "check/quadrature": ("a_lm by quadrature, (realisation, m, l)", "1"),
    "check/halves": ("a_lm by the two halves of the particles, (realisation, half, m, l)", "1"),
    "check/noise": ("variance of the particles' a_lm about the quadrature's, given the flow", "1"),
}


def require_format(file: h5py.File, path: Path) -> tuple[int, int]:
    """The format's version; InputError unless this fluxtube can read it."""
    name = file.attrs.get("format")
    if not isinstance(name, (str, bytes)) or name not in (FORMAT, FORMAT.encode()):
        raise InputError(f"{str(path)!r} is an HDF5 file, but not an ensemble that fluxtube wrote")
    version = np.asarray(file.attrs["format_version"])
    if version.shape != (2,) or version.dtype.kind not in "iu" or (version < 0).any():
        raise ValueError("its format_version is not two whole numbers")
    major, minor = (int(part) for part in version)
    if major > FORMAT_MAJOR:
        raise InputError(
            f"{str(path)!r} has format {major}.{minor}; this fluxtube reads {FORMAT_MAJOR}.{FORMAT_MINOR} "
            "and older: use a newer one"
        )
    return major, minor
