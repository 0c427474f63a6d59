"""What reads damaged files: its good inputs, and what is wrong with a result that it gives, "" where nothing is."""

import re
import tomllib
from pathlib import Path

import numpy as np

import fluxtube
from fluxtube.analysis.comparison.compare import compare
from fluxtube.analysis.inference.modes import degrees_and_orders
from fluxtube.analysis.inference.noise import correlated_errors
from fluxtube.analysis.inference.sky_input import View, read_sky
from fluxtube.analysis.measure.maps import read_measured
from fluxtube.analysis.observations.healpix_map import read_map
from fluxtube.analysis.observations.spectrum_table import read_spectrum
from fluxtube.sim.config.load import parse
from fluxtube.tables import read_table

ROOT = Path(__file__).parents[2]


def not_finite(table) -> str:
    """Which column of numbers holds what is none; nothing where all are."""
    for name in table.names:
        try:
            values = table.column(name)
        except fluxtube.InputError:
            continue
        if not np.isfinite(values).all():
            return f"column {name} holds what is not finite"
    return ""


class Csv:
    """Spectra: a row that was read is a row of the file, and no row is left out."""

    text, suffix = True, ".csv"

    def seeds(self, folder: Path) -> list[bytes]:
        rows = "\n".join(f"{l},{3e-8 * (l / 2) ** -2.67:.6e},{1e-9:.1e}" for l in range(2, 14))
        named = f"l,C_l,error\n{rows}\n"
        return [text.encode() for text in (named, rows, rows.replace(",", " "), rows.replace(",", ";"))]

    def read(self, path: Path, content: bytes, seed: bytes) -> str:
        table = read_table(path)
        try:
            whole = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        except UnicodeDecodeError:
            whole = content.decode("latin-1")
        lines = [line for line in re.split("\r\n|\r|\n", whole) if line.strip() and not line.lstrip().startswith("#")]
        whole = [line for line in lines if line.strip(" \t,;\ufeff\u200b\u00a0\u202f")]
        head = 1 if table.names else 0
        if len(table.cells) not in (len(whole) - head, len(whole)):
            return f"{len(table.cells)} rows of {len(whole)} lines"
        return not_finite(table)


class Ecsv(Csv):
    """The same with an ECSV head."""

    suffix = ".ecsv"

    def seeds(self, folder: Path) -> list[bytes]:
        head = (
            "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: l, datatype: int64}\n# - {name: C_l, unit: 1e-8, datatype: float64}\n"
            "# schema: astropy-2.0\n"
        )
        rows = "\n".join(f"{l} {3 * (l / 2) ** -2.67:.6e}" for l in range(2, 14))
        return [f"{head}l C_l\n{rows}\n".encode()]

    def read(self, path: Path, content: bytes, seed: bytes) -> str:
        table = read_table(path)
        return not_finite(table)


class Fits:
    """Maps: where a value is given it is finite, and the map has a HEALPix size."""

    text, suffix = False, ".fits"

    def seeds(self, folder: Path) -> list[bytes]:
        import healpy

        values = np.arange(768, dtype=float) * 1e-4
        values[3] = healpy.UNSEEN
        kept = []
        for name, options in (("ring", {}), ("nested", {"nest": True}), ("partial", {"partial": True})):
            path = folder / f"{name}.fits"
            healpy.write_map(path, values, coord="C", column_units="1", dtype=np.float64, **options)
            kept.append(path.read_bytes())
        return kept

    def read(self, path: Path, content: bytes, seed: bytes) -> str:
        values, seen = read_map(path)
        if values.size != seen.size or values.size % 12:
            return f"a map of {values.size} pixels"
        if not np.isfinite(np.asarray(values)[np.asarray(seen, dtype=bool)]).all():
            return "a seen pixel is not finite"
        return ""


class Hdf5:
    """Ensembles: what is read is what was written, whatever the damage."""

    text, suffix = False, ".h5"

    def seeds(self, folder: Path) -> list[bytes]:
        keys = {"ensemble.realisations": 8, "sky.l_max": 3, "sky.nside": 1, "turbulence.band": [0.1, 20], "output.skies": 1}
        fluxtube.simulate({}, keys).save(folder / "good.h5")
        self.good = fluxtube.load(folder / "good.h5")
        return [(folder / "good.h5").read_bytes()]

    def read(self, path: Path, content: bytes, seed: bytes) -> str:
        read = fluxtube.load(path)
        for name in ("l", "m", "mean", "second_moment", "square_moment", "C_l", "samples_multipoles", "sky_mean_square"):
            if not np.array_equal(getattr(read, name), getattr(self.good, name), equal_nan=True):
                return f"{name} has other numbers"
        if read.config != self.good.config or read.realisations != self.good.realisations:
            return "it has another configuration or number of realisations"
        return ""


class Toml:
    """Configurations: what was read, written and read again is the same, and no key of the file is passed over."""

    text, suffix = True, ".toml"

    def seeds(self, folder: Path) -> list[bytes]:
        return [path.read_bytes() for path in sorted((ROOT / "configs").glob("*.toml"))]

    def read(self, path: Path, content: bytes, seed: bytes) -> str:
        config = fluxtube.configuration(path)
        if parse(config.to_toml(), [], "again") != config:
            return "written and read again it is another"
        tree = tomllib.loads(content.decode("utf-8-sig"))
        resolved = tomllib.loads(config.to_toml())
        for section, keys in tree.items():
            if section not in resolved and keys:
                return f"[{section}] is passed over"
        return ""


class Multipoles:
    """Skies of `infer`, with errors: values and variances are finite, no variance is below zero, none is zero without a word."""

    text, suffix = True, ".csv"

    def seeds(self, folder: Path) -> list[bytes]:
        orders = [(l, m) for l in range(2, 6) for m in range(l + 1)]
        rows = [f"{l},{m},{1e-4 / (l + m):.6e},{2e-4 / (l - m + 1) * (m > 0):.6e}" for l, m in orders]
        signs = [(-1) ** m for _, m in orders]
        mirrored = [
            f"{l},{-m},{sign * 1e-4 / (l + m):.6e},{-sign * 2e-4 / (l - m + 1) * (m > 0):.6e}"
            for sign, (l, m) in zip(signs, orders, strict=True)
        ]
        tables = ["l,m,re,im,re_error,im_error\n" + "\n".join(f"{row},1e-5,2e-5" for row in lines) for lines in (rows, mirrored)]
        return [table.encode() for table in ("l,m,re,im\n" + "\n".join(rows), *tables)]

    def read(self, path: Path, content: bytes, seed: bytes) -> str:
        data = read_sky(path, View(l_max=4, noise=1e-10 if seed.count(b"error") == 0 else None))
        if not np.isfinite(data.values).all():
            return "a value is not finite"
        if not np.isfinite(data.noise).all() or np.linalg.eigvalsh(data.noise)[0] < -1e-9 * np.abs(data.noise).max():
            return "the noise is no covariance"
        return ""


class ErrorCovariance:
    """Covariance of a table's errors: symmetric, finite, no variance below zero, and every row of the file is in it."""

    text, suffix = True, ".csv"

    def seeds(self, folder: Path) -> list[bytes]:
        pairs = [(m, l, k) for m in range(4) for l in range(max(2, m), 5) for k in range(l, 5)]
        return [("m,l,l2,covariance\n" + "".join(f"{m},{l},{k},{4e-10 * 0.3 ** (k - l):.3e}\n" for m, l, k in pairs)).encode()]

    def read(self, path: Path, content: bytes, seed: bytes) -> str:
        size = len(degrees_and_orders(4)[0])
        matrix = correlated_errors(path, 4, np.full(size, 1e-12))
        if not np.isfinite(matrix).all() or not np.array_equal(matrix, matrix.T):
            return "not finite or not symmetric"
        values = read_table(path).column("covariance")
        known = {float(f"{factor * value:.6e}") for value in values for factor in (1.0, 2.0)}
        if any(x not in (0.0, 1e-12) and float(f"{x:.6e}") not in known for x in matrix.ravel()):
            return "a covariance that the file does not hold"
        m, l, l2 = (read_table(path).column(name) for name in ("m", "l", "l2"))
        if np.any((m < 0) | (m > np.minimum(l, l2))):
            return "a row of no multipole is passed over"
        pairs = list(zip(m, np.minimum(l, l2), np.maximum(l, l2), strict=True))
        return "two values of one pair" if len(set(pairs)) < len(set(zip(*zip(*pairs, strict=True), values, strict=True))) else ""


class Spectra:
    """Spectra of `fit` and `paper`, with errors, noise, bins, units: degrees rise, values are finite, no noise is below zero."""

    text, suffix = True, ".csv"

    def seeds(self, folder: Path) -> list[bytes]:
        single = "\n".join(f"{l},{3 * (l / 2) ** -2.67:.6e},{0.1:.1e},{0.2:.1e},0.01" for l in range(2, 14))
        bins = "\n".join(f"{l},{l + 2},{3e-8 * (l / 2) ** -2.67:.6e},{2 * l + 1}" for l in range(2, 20, 3))
        return [f"l,C_l [1e-8],lower_error,upper_error,noise\n{single}\n".encode(),
                f"l_min,l_max,C_l,degrees_of_freedom\n{bins}\n".encode()]  # fmt: skip

    def read(self, path: Path, content: bytes, seed: bytes) -> str:
        spectrum = read_spectrum(path)
        end = spectrum.l if spectrum.last is None else spectrum.last
        if np.any(spectrum.l[1:] <= end[:-1]) or np.any(spectrum.l < 0):
            return "degrees do not rise"
        if not np.isfinite(spectrum.C_l).all() or (spectrum.noise is not None and not np.all(spectrum.noise >= 0)):
            return "a value or a noise is none"
        if any(side is not None and np.any(np.isinf(side) | (side < 0)) for side in (spectrum.lower, spectrum.upper)):
            return "the size of an error is below zero or infinite"
        return ""


class Counts(Fits):
    """Maps of counts for `measure`: values, weights and variances are finite, none of the last two below zero."""

    def seeds(self, folder: Path) -> list[bytes]:
        import healpy

        counts = np.array([np.arange(192) + 1e4, np.full(192, 1e4), np.zeros(192)])
        kept = []
        for name, nest in (("counts", False), ("nested", True)):
            healpy.write_map(folder / f"{name}.fits", counts, coord="C", dtype=np.float64, nest=nest)
            kept.append((folder / f"{name}.fits").read_bytes())
        return kept

    def measured(self, path: Path):
        return read_measured(path, counts=True)

    def read(self, path: Path, content: bytes, seed: bytes) -> str:
        measured = self.measured(path)
        if not all(np.isfinite(part).all() for part in (measured.values, measured.weights, measured.variance)):
            return "values, weights or variances are not finite"
        if np.any(measured.weights < 0) or np.any(measured.variance < 0) or not 0 < measured.weights.max() <= 1:
            return "a weight or a variance below zero, or weights beyond 1"
        return ""


class Weights(Counts):
    """Maps of weights for `measure`."""

    def seeds(self, folder: Path) -> list[bytes]:
        import healpy

        self.map = folder / "map.fits"
        healpy.write_map(self.map, np.arange(192) * 1e-6, coord="C", column_units="1", dtype=np.float64)
        healpy.write_map(folder / "weights.fits", np.linspace(0, 7, 192), coord="C", dtype=np.float64)
        return [(folder / "weights.fits").read_bytes()]

    def measured(self, path: Path):
        return read_measured(self.map, weights=path)


class Compared(Hdf5):
    """Runs for `compare`: one that was damaged and read is the other to the last bit."""

    def read(self, path: Path, content: bytes, seed: bytes) -> str:
        found = compare(path, path.with_name("good.h5"))
        return "" if found.same_bits and not found.configuration else "it differs from what was written"


READERS = {
    "csv": Csv, "ecsv": Ecsv, "fits": Fits, "hdf5": Hdf5, "toml": Toml, "multipoles": Multipoles, "errors": ErrorCovariance,
    "spectra": Spectra, "counts": Counts, "weights": Weights, "compared": Compared,
}  # fmt: skip
