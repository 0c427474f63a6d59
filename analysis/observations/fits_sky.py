"""A run's skies as a HEALPix FITS file, the format that the field's map tools read."""

import tempfile
from pathlib import Path

import numpy as np

from fluxtube.errors import InputError
from fluxtube.files import replace_file, require_replaceable, target_of
from fluxtube.sim.store.reader import Ensemble

HEAD = b"SIMPLE  ="  # of a FITS file: nothing else is replaced by one
COORDINATES = {"equatorial": "C", "magnetic": "MAGNETIC"}  # C is HEALPix's letter for equatorial; it has none for a field's frame


def write_sky(ensemble: Ensemble, path: str | Path, force: bool = False, others=None) -> list[str]:
    """Write mean, mean square and the kept single skies, one column each; pixels without value hold healpy's UNSEEN.

    Parameters
    ----------
    ensemble : Ensemble
    path : path
        FITS file to write.
    force : bool
        Replace an existing FITS file.
    others : dict of str: (npix,), optional
        Further columns: skies of the same realisations at other energies.

    Returns
    -------
    list of str
        Names of the columns.

    Raises
    ------
    InputError
        healpy is not there, the file exists already, it cannot be written; a run with random directions of the field, whose
        skies are about one direction and do not belong to its multipoles.
    """
    try:
        import healpy
    except ImportError:
        raise InputError('FITS needs healpy: pip install "fluxtube[fits]"') from None
    if ensemble.config.ensemble.field_directions != "fixed":
        raise InputError(
            f"{ensemble.path}: its multipoles are about random directions of the field, but its skies stay about one field and "
            'do not belong to them; run with ensemble.field_directions = "fixed" for skies'
        )
    path = Path(path)
    require_replaceable(path, HEAD, HEAD, [ensemble.path])
    if target_of(path).exists() and not force:
        raise InputError(f"{str(path)!r} exists already; give another name, or --force to replace it")
    columns = {"MEAN": ensemble.sky_mean, "MEAN_SQUARE": ensemble.sky_mean_square}
    columns |= {f"SKY_{number}": sky for number, sky in enumerate(ensemble.samples_sky)}
    columns |= others or {}
    maps = [np.where(np.isfinite(sky), sky, healpy.UNSEEN) for sky in columns.values()]
    try:
        with tempfile.TemporaryDirectory() as folder:  # healpy writes to a file of a name alone
            whole = Path(folder) / "sky.fits"
            healpy.write_map(
                whole,
                maps,
                nest=False,
                column_names=list(columns),
                column_units="1",  # Delta f/f and its square have no dimension
                extra_header=_header(ensemble),
                dtype=np.float64,
            )
            replace_file(path, whole.read_bytes())
    except OSError as error:
        raise InputError(f"cannot write {str(path)!r}: {error.strerror or error}") from None
    return list(columns)


def _header(ensemble: Ensemble) -> list[tuple]:
    config = ensemble.config
    alpha, delta = config.sky.field_direction
    return [
        ("COORDSYS", COORDINATES[config.sky.frame], "C: equatorial; MAGNETIC: polar axis along B"),
        ("QUANTITY", "Delta f/f", "relative intensity towards arrival directions"),
        ("ALPHA_B", alpha, "[deg] right ascension of the field"),
        ("DELTA_B", delta, "[deg] declination of the field"),
        ("NREAL", ensemble.realisations, "realisations of the ensemble"),
        ("L_MAX", config.sky.l_max, "largest multipole degree"),
        ("SEED", str(config.ensemble.seed), "seed of the run"),
        ("CONFHASH", config.hash[:16], "SHA-256 of the configuration, its start"),
        ("ORIGIN", "fluxtube", "program that wrote this file"),
    ]
