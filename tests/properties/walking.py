"""A command in a folder of its own, and all that came out of it: status, screen, files."""

import contextlib
import hashlib
import io
import os
import re
import shlex
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import fluxtube
from fluxtube.cli import main
from fluxtube.sim import rehearsal
from fluxtube.sim.store.reader import read_ensemble

SEEN_OF_ARTISTS = (
    "get_text", "get_data", "get_array", "get_xlim", "get_ylim", "get_size_inches", "get_facecolor", "get_segments",
)  # fmt: skip
TIMES = re.compile(
    r"[\d,.]+/s|\d+(\.\d+)?(e[-+]\d+)? ?(ms|s|min|h|MB|GB|MiB|GiB|KiB|kB)\b|\d+:\d\d(:\d\d)?|\d{4}-\d\d-\d\d[T ][\d:.+Z]*"
)
HEADS = {"png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-1.4\n", "svg": b"<?xml version='1.0'?><svg/>", "webp": b"RIFF    WEBP"}
ARRAYS = ("l", "m", "mean", "second_moment", "noise", "C_l", "C_l_error", "sky_mean", "sky_mean_square", "samples_multipoles",
          "samples_sky")  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What a command left."""

    status: int
    out: str
    err: str
    files: tuple[tuple[str, str], ...]

    @property
    def seen(self):
        """All but warnings and progress."""
        return self.status, self.out, self.files

    @property
    def refused(self) -> bool:
        """With status 2."""
        return self.status == 2


def drawn_quickly(monkeypatch) -> None:
    """Pictures as a list of what is on them, in place of pixels; movies, which are read again, as they are."""
    real = Figure.savefig

    def savefig(figure, file, **options):
        if "dpi" in options and options.get("format") == "png":
            return real(figure, file, **options)
        lines = [repr(sorted((name, str(value)) for name, value in options.items()))]
        for artist in figure.findobj():
            for name in SEEN_OF_ARTISTS:
                if hasattr(artist, name):
                    with contextlib.suppress(Exception):
                        lines.append(repr(getattr(artist, name)()))
        file.write(HEADS[options["format"]] + re.sub(r" at 0x\w+", "", "\n".join(lines)).encode())

    monkeypatch.setattr(Figure, "savefig", savefig)


def timed_once(monkeypatch) -> None:
    """The cost of a block is measured once for each configuration, so that two estimates can be compared."""
    real, known = rehearsal.rehearse, {}

    def rehearse(config, threads, part):
        key = config.hash, threads, part
        if key not in known:
            known[key] = real(config, threads, part)
        return known[key]

    monkeypatch.setattr(rehearsal, "rehearse", rehearse)


def _content(path: Path, folder: str) -> str:
    data = path.read_bytes()
    if path.suffix == ".h5" and data:
        try:
            run = read_ensemble(path)
        except fluxtube.InputError as error:  # a part, or a run that is not finished
            return str(error)
        parts = [np.ascontiguousarray(getattr(run, name)).tobytes() for name in ARRAYS if getattr(run, name) is not None]
        data = b"".join([*parts, run.config.to_toml().encode()])
    elif path.suffix in (".fits", ".gz"):
        data = data[2880:]  # without the date
    else:
        data = TIMES.sub("T", data.decode("latin-1").replace(folder, "")).encode()
    return hashlib.sha256(data).hexdigest()[:12]


def carried_out(command: list[str], before: list[str] | None = None) -> Outcome:
    """Status, screen and files of a command line in an empty folder."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            if before:
                with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                    assert main(before) == 0
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                try:
                    status = main(command)
                except SystemExit as leaving:  # of argparse
                    status = leaving.code
            files = sorted(path for path in Path(".").rglob("*") if path.is_file() and not path.name.startswith("."))
            contents = tuple((str(path), _content(path, folder)) for path in files)
        finally:
            os.chdir(here)
    screen = TIMES.sub("T", out.getvalue().replace(folder, "").replace(os.path.realpath(folder), ""))
    return Outcome(status, screen, err.getvalue().replace(folder, ""), contents)


class Walk:
    """Command lines with files for their names in braces; each is carried out once."""

    def __init__(self, files: dict[str, str]):
        self.files = files
        self.done = cache(self._done)

    def _done(self, words: tuple[str, ...], before: str | None) -> Outcome:
        first = None if before is None else shlex.split(before.format(**self.files))
        return carried_out([word.format(**self.files) for word in words], first)

    def __call__(self, command: str, base: str, options=(), before: str | None = None) -> Outcome:
        return self.done((command, *shlex.split(base), *options), before)


def input_files(folder: Path) -> dict[str, str]:
    """Small inputs of all kinds."""
    import healpy
    from astropy.io import fits

    small = {
        "turbulence.band": [0.1, 20], "sky.l_max": 5, "sky.nside": 4, "ensemble.realisations": 60, "check.realisations": 0,
        "output.multipoles": 60, "output.skies": 2,
    }  # fmt: skip
    across = {"transport.model": "cross-field", "transport.displacement_perpendicular": 0.5,
              "transport.convection_perpendicular": 0.5, "sampling.flow": "modes"}  # fmt: skip
    energies = across | {"turbulence.sigma_scale": "10 pc", "transport.energies": ["10 TeV", "100 TeV"]}
    made = {"toml": small, "steep_toml": small | {"turbulence.gamma": 1.9}, "cross": small | across, "energies": small | energies}
    files = {}
    for name, keys in made.items():
        files[name] = str(folder / f"{name}.toml")
        Path(files[name]).write_text(fluxtube.configuration({}, keys).to_toml())
    for name, keys in {"run": small, "steep": small | {"turbulence.gamma": 1.7}}.items():
        files[name] = str(folder / f"{name}.h5")
        fluxtube.simulate({}, keys, threads=1).save(files[name])
    for i in (1, 2):
        files[f"part{i}"] = str(folder / f"part{i}.h5")
        assert main(["run", files["toml"], "-o", files[f"part{i}"], "--part", f"{i}/2", "-q"]) == 0
    tables(folder, files)
    rng = np.random.default_rng(3)
    maps = {"map": rng.normal(size=(2, 3072)) * 1e-4, "mask": np.arange(3072) > 400.0, "mask2": np.arange(3072) > 900.0,
            "weights": np.linspace(1, 2, 3072), "weights2": np.linspace(2, 1, 3072), "deviation": np.full(3072, 2e-4),
            "deviation2": np.full(3072, 3e-4), "galactic": rng.normal(size=3072) * 1e-4,
            "counts": np.array([rng.poisson(1e6, 3072), np.full(3072, 1e6), np.zeros(3072)], dtype=float)}  # fmt: skip
    for name, values in maps.items():
        files[name] = str(folder / f"{name}.fits")
        frame = "G" if name == "galactic" else "C"
        healpy.write_map(files[name], np.asarray(values, dtype=float), coord=frame, column_units="1", dtype=np.float64)
    files["unordered"] = str(folder / "unordered.fits")
    with fits.open(files["map"]) as opened:
        del opened[1].header["ORDERING"]
        opened.writeto(files["unordered"])
    return files


def tables(folder: Path, files: dict[str, str]) -> None:
    """Multipoles with and without errors, spectra, matrices."""
    rng = np.random.default_rng(5)
    orders = [(l, m) for l in range(2, 7) for m in range(l + 1)]
    alm = [f"{l},{m},{rng.normal() * 1e-4:.6e},{rng.normal() * 1e-4 * (m > 0):.6e}" for l, m in orders]
    l = np.arange(2, 12)
    C_l = 3e-8 * (l / 2.0) ** -2.67 * rng.chisquare(2 * l + 1) / (2 * l + 1)
    spectrum = "".join(f"{a},{c:.6e},{1.5 * c:.6e}\n" for a, c in zip(l, C_l, strict=True))
    covariance = np.diag(C_l**2) + 0.3 * np.outer(C_l, C_l)

    def square(matrix) -> str:
        return "\n".join(",".join(f"{x:.6e}" for x in row) for row in matrix) + "\n"

    def errors(size: float) -> str:
        return "m,l,l2,covariance\n" + "".join(f"{m},{l},{l},{size:.3e}\n" for l, m in orders)

    texts = {
        "alm": "l,m,re,im\n" + "\n".join(alm) + "\n",
        "alm_errors": "l,m,re,im,re_error,im_error\n" + "\n".join(f"{row},1e-5,1e-5" for row in alm) + "\n",
        "alm_covariance": errors(4e-10),
        "alm_covariance2": errors(9e-10),
        "spectrum": f"l,C_l,other\n{spectrum}",
        "spectrum2": "l,C_l\n" + "".join(f"{a},{2 * c:.6e}\n" for a, c in zip(l, C_l, strict=True)),
        "matrix": square(covariance / covariance.max()),
        "matrix2": square(np.diag(C_l**2) / covariance.max()),
        "mixing": square(np.eye(len(l)) + 0.1 * np.eye(len(l), k=1)),
    }
    for name, text in texts.items():
        files[name] = str(folder / f"{name}.csv")
        Path(files[name]).write_text(text)
