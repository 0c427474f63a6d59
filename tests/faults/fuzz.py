"""Thousands of damaged and odd inputs for every reader: tables (CSV, ECSV), maps (FITS), ensembles (HDF5), configurations (TOML).

What counts as well: an InputError of one line, or a result that means what the file says. Anything else (another
exception, a value that the file does not hold, a row that is left out without a word) is a fault, printed with its seed.

    python tests/faults/fuzz.py [--count 5000] [--seed 1] [--reader csv]
"""

import argparse
import random
import re
import shutil
import sys
import tempfile
import tomllib
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

import fluxtube
from fluxtube.analysis.observations.healpix_map import read_map
from fluxtube.sim.config import Config
from fluxtube.sim.config.load import parse
from fluxtube.tables import read_table

ROOT = Path(__file__).parents[2]
WORDS = [
    b"nan", b"inf", b"-inf", b"1e400", b"-1e-400", b"1D-8", b"1,5", b"", b" ", b"\t", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf",
    b"NA", "٣".encode(), "½".encode(), b"0x10", b"1_000", b"1e3000000", b"9" * 400, b"[" * 60, b"'", b'"', b"#", b"=", b"True",
    b"-", b";", b"\r",
]  # fmt: skip


def configuration_words() -> list[bytes]:
    """Names of all sections, keys and choices that a configuration has, and lines that set a key to the name of a choice."""
    words = []
    for section, field in Config.model_fields.items():
        words.append(f"[{section}]".encode())
        for key in field.annotation.known_keys():
            words += [key.encode(), f"{key} = 1".encode(), f'{key} = "1 pc"'.encode()]
        for key, registry in getattr(field.annotation, "choices", {}).items():
            words += [f'"{name}"'.encode() for name in registry] + [f'{key} = "{name}"'.encode() for name in registry]
    return words


def swapped(content: bytes, draw: random.Random, names: list[bytes]) -> bytes:
    """A line more, or another name of a key or a choice in the place of one that is there."""
    lines = content.split(b"\n")
    here = draw.randrange(len(lines))
    if draw.random() < 0.5 or b"=" not in lines[here]:
        lines.insert(here, draw.choice([name for name in names if b" = " in name]))
    else:
        key, _, value = lines[here].partition(b"=")
        lines[here] = draw.choice([b"%s=%s" % (draw.choice(names), value), b"%s= %s" % (key, draw.choice(names))])
    return b"\n".join(lines)


def damaged(content: bytes, draw: random.Random, text: bool) -> bytes:
    """The content with one to four accidents."""
    data = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        kind = draw.randrange(7 if text else 4)
        here = draw.randrange(len(data) + 1)
        if kind == 0 and data:
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        elif kind == 1:
            data[here : here + draw.choice([1, 3, 40, 400])] = b""
        elif kind == 2:
            data[here:here] = draw.choice(WORDS)
        elif kind == 3:
            size = draw.choice([1, 8, 80])
            data[here : here + size] = bytes(draw.randrange(256) for _ in range(min(size, len(data) - here)))
        else:
            _damage_lines(data, draw, kind)
    return bytes(data)


def _damage_lines(data: bytearray, draw: random.Random, kind: int) -> None:
    """Replace a cell, swap two lines, or repeat one."""
    lines = bytes(data).split(b"\n")
    i, j = draw.randrange(len(lines)), draw.randrange(len(lines))
    if kind == 4:
        cells = lines[i].split(b",") if b"," in lines[i] else lines[i].split(b"=")
        cells[draw.randrange(len(cells))] = draw.choice(WORDS)
        lines[i] = (b"," if b"," in lines[i] else b"=").join(cells)
    elif kind == 5:
        lines[i], lines[j] = lines[j], lines[i]
    else:
        lines.insert(i, lines[j])
    data[:] = b"\n".join(lines)


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


READERS = {"csv": Csv, "ecsv": Ecsv, "fits": Fits, "hdf5": Hdf5, "toml": Toml}


def fuzz(name: str, count: int, seed: int) -> tuple[Counter, list[str]]:
    """Tries of one reader, and its faults."""
    reader, counts, faults = READERS[name](), Counter(), []
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seeds = reader.seeds(Path(folder))
        path = Path(folder) / f"tried{reader.suffix}"
        names = configuration_words() if name == "toml" else []
        for i in range(count):
            draw = random.Random(f"{name} {seed} {i}")
            good = seeds[i % len(seeds)]
            content = damaged(good, draw, reader.text)
            if names and draw.random() < 0.5:
                content = swapped(good if draw.random() < 0.5 else content, draw, names)
            path.write_bytes(content)
            try:
                fault = reader.read(path, content, good)
                counts["accepted"] += 1
            except fluxtube.InputError as error:
                counts["refused"] += 1
                fault = "a message of several lines" if "\n" in str(error) else ""
            except RecursionError as error:
                fault = f"RecursionError: {error}"
            except Exception as error:
                fault = f"{type(error).__name__}: {str(error).splitlines()[:1]}"
            if fault:
                faults.append(f"{name}, seed {seed}, try {i}: {fault}")
                shutil.copyfile(path, Path(tempfile.gettempdir()) / f"fuzz-{name}-{seed}-{i}{reader.suffix}")
    return counts, faults


def main(argv: list[str] | None = None) -> int:
    """0 where every input ended well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=5000, help="inputs for each reader [%(default)s]")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reader", choices=READERS, action="append", help="only this one; repeatable")
    args = parser.parse_args(argv)
    failed = 0
    for name in args.reader or READERS:
        counts, faults = fuzz(name, args.count, args.seed)
        ends = f"{counts['accepted']} accepted, {counts['refused']} refused, {len(faults)} faults"
        print(f"{name}: {args.count} inputs, {ends}", flush=True)
        for fault in faults[:10]:
            print(f"  {fault}", flush=True)
        failed += len(faults)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
