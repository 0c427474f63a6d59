"""Columns of a HEALPix FITS file: pixels in RING order, NaN where nothing was seen, in a known frame and unit."""

import gzip
import io
import stat
import warnings
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fluxtube.errors import InputError
from fluxtube.memory_present import memory_present
from fluxtube.tables import number, unit_factor

LARGEST, LARGEST_UNPACKED = 4 * 2**30, 2**28  # bytes
NSIDE_LIMIT = 8192
MOST_FIELDS = 999  # columns of a table: FITS Standard 4.0 (2018), section 7.3.1
BYTES_A_PIXEL = 64  # of a partial map spread on the sphere, its mask and what is made of both
UNSEEN_FROM = 1e29  # magnitude of what is no number of a sky: HEALPix's UNSEEN is -1.6375e30
EQUATORIAL = ("", "C", "CEL", "CELESTIAL", "Q", "EQ", "EQU", "EQUATORIAL", "ICRS", "FK5", "J2000")
FRAMES = (
    dict.fromkeys(EQUATORIAL, "equatorial")
    | {"MAGNETIC": "magnetic"}
    | dict.fromkeys(("G", "GAL", "GALACTIC"), "galactic")
    | dict.fromkeys(("E", "ECL", "ECLIPTIC"), "ecliptic")
)
FRAME_KEYS = ("COORDSYS", "COORD", "SKYCOORD", "COORDTYP", "COORDTYPE")  # HEALPix's own, healpy's before 1.5, others'
SYSTEMS = ("", "ICRS", "FK5", "J2000")  # of RADESYS: their axes agree to some 0.1 arcsec
FIRST_FK5 = 1984.0  # an EQUINOX before it is one of FK4 (Calabretta & Greisen 2002, section 3.1)
ORDERINGS = {"RING": "RING", "RINGED": "RING", "NESTED": "NESTED", "NEST": "NESTED"}
INSTALL = 'FITS maps need healpy: pip install "fluxtube[fits]"'


@dataclass(frozen=True)
class Columns:
    """Columns of one file.

    Attributes
    ----------
    values : ndarray (n, npix)
        RING; NaN where the file says that a pixel was not seen.
    names, units : tuple of str
        As the file has them.
    frame : str
        "equatorial", "magnetic", "galactic" or "ecliptic".
    header : mapping
        Of the table's extension, then of the file.
    every_name : tuple of str
        Of all maps of the file, those that were not asked for too.
    """

    values: np.ndarray
    names: tuple[str, ...]
    units: tuple[str, ...]
    frame: str
    header: Mapping[str, Any]
    every_name: tuple[str, ...] = ()


def read_columns(path, fields, ordering: str | None = None, relative: bool = True) -> Columns:
    """Read columns of a HEALPix FITS file, whole sky or partial, by number from 0 on or by name.

    Frames: equatorial (COORDSYS C, or none stated), galactic, ecliptic, MAGNETIC. Orderings: RING, NESTED, NEST, in any case;
    a file that states none needs `ordering`. Keywords may stand in the head of the table or of the file. Not seen: HEALPix's
    UNSEEN (all below -1e29), NaN, infinities, and what the keywords BAD_DATA, BLANK and TNULL say of the numbers as they are
    stored, before TSCAL and TZERO. Of several maps in extensions of their own one is read by its column's name. Anything
    else is refused by name.

    Parameters
    ----------
    path : path
        Local file, FITS or gzip of one.
    fields : sequence of int or str
        None for all columns.
    ordering : str, optional
        Of files that do not state it.
    relative : bool
        Whether the unit TUNIT must be that of a relative intensity (1, %, 1e-3, ...), and is applied.

    Raises
    ------
    InputError
        No such file; too large; no HEALPix table; unknown frame, ordering, unit; no such column.
    """
    try:
        from astropy.io import fits
    except ImportError:
        raise InputError(INSTALL) from None
    source, size = _open(path)
    with source, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with fits.open(source, memmap=False, lazy_load_hdus=False) as units:
                table = _healpix_table(units, path, size, fields)
                return _columns(table, ChainMap(table.header, units[0].header), path, fields, ordering, relative)
        except InputError:
            raise
        except MemoryError:
            raise InputError(f"{str(path)!r}: not enough memory for what its header announces") from None
        except Exception as error:  # astropy raises many kinds for a file that is none
            raise InputError(f"cannot read {str(path)!r} as a HEALPix map: {' '.join(str(error).split())[:200]}") from None


def is_seen(values: np.ndarray) -> np.ndarray:
    """Whether a pixel was seen, bool of the same shape: finite, and not HEALPix's UNSEEN (-1.6375e30)."""
    return np.isfinite(values) & (np.abs(values) < UNSEEN_FROM)


def refuse_other_ordering(columns: Columns, ordering: str | None, path) -> None:
    """Raise InputError where an ordering was asked for and the file states another."""
    stated = str(columns.header.get("ORDERING", ordering or "")).strip().upper()
    if ordering is not None and ORDERINGS[ordering.strip().upper()] != ORDERINGS[stated]:
        raise InputError(f"{str(path)!r} states ORDERING = {stated}, and {ordering} was asked for: leave that out")


def _open(path):
    """A stream of the file and its size; only regular local files, unpacked within a limit."""
    path = Path(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"cannot read {str(path)!r} as a HEALPix map: it is not a regular file")
        stream = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r} as a HEALPix map: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"cannot read {str(path)!r} as a HEALPix map: {error}") from None
    start = stream.read(9)
    stream.seek(0)
    if start[:2] == b"\x1f\x8b":
        with stream, gzip.GzipFile(fileobj=stream) as packed:
            try:
                content = packed.read(LARGEST_UNPACKED + 1)
            except (OSError, EOFError) as error:
                raise InputError(f"cannot read {str(path)!r} as a HEALPix map: {error}") from None
        if len(content) > LARGEST_UNPACKED:
            raise InputError(f"{str(path)!r} unpacks to more than {LARGEST_UNPACKED >> 20} MiB; unpack it first")
        return io.BytesIO(content), len(content)
    if start != b"SIMPLE  =":
        stream.close()
        raise InputError(f"cannot read {str(path)!r} as a HEALPix map: it is not a FITS file")
    if status.st_size > LARGEST:
        stream.close()
        raise InputError(f"{str(path)!r} has {status.st_size / 2**30:.1f} GiB; {LARGEST >> 30} GiB are the limit for a map")
    return stream, status.st_size


def _healpix_table(units, path, size, fields):
    """The binary table with HEALPix's keywords; of several the one that has the columns."""
    tables = [unit for unit in units if "TFIELDS" in unit.header]
    maps = [unit for unit in tables if "HEALPIX" in str(unit.header.get("PIXTYPE", "")).upper()]
    maps = maps or [unit for unit in tables if "NSIDE" in unit.header] or tables[:1]
    if not maps:
        raise InputError(f"cannot read {str(path)!r} as a HEALPix map: it holds no binary table")
    table = maps[0] if len(maps) == 1 else _one_of(maps, fields, path)
    fields = table.header["TFIELDS"]  # astropy makes as many columns as it says
    if not isinstance(fields, int) or not 1 <= fields <= MOST_FIELDS:
        what = f"TFIELDS = {str(fields)[:20]}, and a table has 1 to {MOST_FIELDS}"
        raise InputError(f"cannot read {str(path)!r} as a HEALPix map: {what}")
    if table.header["NAXIS1"] * table.header["NAXIS2"] + table.header.get("PCOUNT", 0) > size:
        raise InputError(f"cannot read {str(path)!r} as a HEALPix map: the file is shorter than its header says")
    return table


def _one_of(maps, fields, path):
    """The only one of several tables that has all columns, which must be named."""
    held = [[str(unit.header.get(f"TTYPE{number + 1}", "")).strip() for number in range(MOST_FIELDS)] for unit in maps]
    named = {str(field).strip().upper() for field in fields or () if isinstance(field, str)}
    fitting = [unit for unit, names in zip(maps, held, strict=True) if named and named <= {name.upper() for name in names}]
    if len(fitting) == 1 and len(named) == len(fields):
        return fitting[0]
    shown = "; ".join(", ".join(filter(None, names[:4])) for names in held[:4])
    raise InputError(
        f"{str(path)!r} holds {len(maps)} HEALPix maps in extensions of their own, with the columns {shown}: name a column that "
        "one of them has, or write the one that is meant to a file of its own"
    )


def _frame(header, path) -> str:
    """Frame by all keywords that speak of it; they must agree."""
    said = {key: str(header[key]).strip().upper() for key in FRAME_KEYS if str(header.get(key, "")).strip()}
    for key, word in said.items():
        if word not in FRAMES:
            raise InputError(f"{str(path)!r}: the frame {key} = {word!r} is not known; known: C, G, E, MAGNETIC")
    frames = {FRAMES[word] for word in said.values()} or {"equatorial"}
    if len(frames) > 1:
        raise InputError(f"{str(path)!r} states several frames: {', '.join(f'{key} = {word}' for key, word in said.items())}")
    system = str(header.get("RADESYS", header.get("RADECSYS", ""))).strip().upper()
    equinox = header.get("EQUINOX")
    old = isinstance(equinox, int | float) and equinox < FIRST_FK5
    if frames == {"equatorial"} and (system not in SYSTEMS or old):
        word = f"RADESYS = {system}" if system not in SYSTEMS else f"EQUINOX = {equinox:g}"
        raise InputError(f"{str(path)!r} has {word}: bring it to ICRS or J2000, from which B1950 is 0.6 deg away")
    return frames.pop()


def _columns(table, header, path, fields, ordering, relative) -> Columns:
    names = tuple(str(name) for name in table.columns.names)
    pixels_are = str(header.get("PIXTYPE", "")).strip().upper()
    if pixels_are and "HEALPIX" not in pixels_are:
        raise InputError(f"{str(path)!r} has PIXTYPE = {pixels_are!r}; HEALPIX is needed")
    frame = _frame(header, path)
    if header.get("GRAIN", 1) not in (0, 1):
        raise InputError(f"{str(path)!r} has GRAIN = {header['GRAIN']}, one index for several pixels; write one for each")
    if ordering is not None and str(ordering).strip().upper() not in ORDERINGS:
        raise InputError(f"ordering {ordering!r} is not known; give RING or NESTED")
    stated = str(header.get("ORDERING", ordering or "")).strip().upper()
    if stated not in ORDERINGS:
        raise InputError(
            f"{str(path)!r} has ORDERING = {stated!r}; known: RING, NESTED"
            if stated
            else f"{str(path)!r} does not say its ORDERING; give it: RING or NESTED"
        )
    if len(table.data) == 0:
        raise InputError(f"{str(path)!r} holds a table without rows")
    pixels = next((index for index, name in enumerate(names) if name.strip().upper() in ("PIXEL", "PIX", "PIXEL_INDEX")), None)
    if str(header.get("INDXSCHM", "")).strip().upper() == "EXPLICIT" and pixels is None:
        pixels = 0
    chosen = [index for index in range(len(names)) if index != pixels]
    every_name = tuple(names[index] for index in chosen)
    if fields is not None:
        chosen = [_index(field, chosen, names, path) for field in fields]
    columns = [_values(table, index, path) for index in chosen]
    if pixels is not None:
        columns = [_spread(column, np.ravel(table.data.field(pixels)), header, path) for column in columns]
    nside = round(float(np.sqrt(len(columns[0]) / 12)))
    if 12 * nside**2 != len(columns[0]) or header.get("NSIDE", nside) != nside:
        raise InputError(f"{str(path)!r}: {len(columns[0])} pixels and NSIDE = {header.get('NSIDE')} are not a HEALPix map")
    units = tuple(str(table.columns[index].unit or "") for index in chosen)
    if relative:
        wheres = (f"{str(path)!r}, column {names[index]!r}" for index in chosen)
        columns = [column * unit_factor(unit, "", where) for column, unit, where in zip(columns, units, wheres, strict=True)]
    values = np.array(columns)
    if ORDERINGS[stated] == "NESTED":
        from ducc0.healpix import Healpix_Base

        values = values[:, Healpix_Base(nside, "RING").ring2nest(np.arange(12 * nside**2))]
    return Columns(values, tuple(names[index] for index in chosen), units, frame, header, every_name)


def _index(field, chosen, names, path) -> int:
    """Number of a column in the table, from its number among the maps or its name."""
    if isinstance(field, str):
        matches = [index for index in chosen if names[index].strip().upper() == field.strip().upper()]
        if matches:
            return matches[0]
    elif 0 <= int(field) < len(chosen):
        return chosen[int(field)]
    raise InputError(f"{str(path)!r} has no column {field!r}; it has {', '.join(names[index] for index in chosen)}")


def _values(table, index, path) -> np.ndarray:
    """One column as float64, NaN where its sentinels stand."""
    raw = np.ravel(table.data.field(index))
    if raw.dtype.kind not in "fiub":
        raise InputError(f"{str(path)!r}: column {table.columns.names[index]!r} holds no numbers")
    values = raw.astype(np.float64)
    column = table.columns[index]
    scale, zero = (float(number or default) for number, default in ((column.bscale, 1), (column.bzero, 0)))
    stored = (values - zero) / scale if scale != 1 or zero else values
    unseen = ~(is_seen(values) & is_seen(stored))
    near = 0.25 if column.format.strip("0123456789")[:1] in "BIJK" else 0.0  # whole numbers, scaled forth and back
    for key in ("BAD_DATA", "BLANK", f"TNULL{index + 1}"):
        sentinel = _plain_number(table.header.get(key))
        if sentinel is not None:
            for numbers in (stored, values) if key == "BAD_DATA" else (stored,):
                unseen |= np.isclose(numbers, sentinel, rtol=1e-6, atol=near if numbers is stored else 0)
    return np.where(unseen, np.nan, values)


def _plain_number(value) -> float | None:
    """A keyword's value, also as text, or None where it is no number."""
    if isinstance(value, str):
        return number(value.strip())
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _spread(column, pixels, header, path) -> np.ndarray:
    """A partial map on the whole sphere."""
    nside = header.get("NSIDE")
    if not isinstance(nside, int) or not 0 < nside <= NSIDE_LIMIT:
        raise InputError(f"{str(path)!r}: a partial map with NSIDE = {nside}; a power of two to {NSIDE_LIMIT} is needed")
    needed, present = BYTES_A_PIXEL * 12 * nside**2, memory_present()
    if needed > present:
        raise InputError(
            f"{str(path)!r}: its few pixels of NSIDE = {nside} take {needed / 2**30:.3g} GiB on the whole sphere, and there are "
            f"{present / 2**30:.3g} GiB; degrade the map"
        )
    if pixels.dtype.kind not in "iu" or len(pixels) != len(column) or pixels.min() < 0 or pixels.max() >= 12 * nside**2:
        raise InputError(f"{str(path)!r}: the pixel numbers of a partial map must be whole numbers below 12 NSIDE^2")
    if len(np.unique(pixels)) != len(pixels):
        raise InputError(f"{str(path)!r}: a pixel is given twice")
    whole = np.full(12 * nside**2, np.nan)
    whole[pixels] = column
    return whole
