"""Files that stand for a reader's own in README and docs, and smaller versions of the shipped configurations."""

import re
import shutil
from pathlib import Path

import numpy as np

from fluxtube.analysis.observations.observed import hawc_icecube_2019

ROOT = Path(__file__).parents[2]
# Realisations in the copies that pages are run with; shipped numbers are for figures, these for seconds.
REALISATIONS = {
    "quickstart": 2000, "cluster": 4096, "kinetic": 20, "cross_field": 40, "paper_fig1": 1000, "paper_fig3": 1000,
    "paper_fig3_isotropic": 50, "energies": 200, "anisotropic": 100, "observed_sky": 20, "sweep": 200, "pitch_angle": 2000,
}  # fmt: skip


def lay_out(folder: Path) -> None:
    """configs/, examples/, slurm/ and the reader's own files."""
    for name in ("examples", "slurm"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "configs").mkdir()
    for path in (ROOT / "configs").glob("*.toml"):
        few = f"realisations = {REALISATIONS.get(path.stem, 100)}"
        small = re.sub(r"(?m)^realisations = [\d_e]+", few, path.read_text(), count=1)
        (folder / "configs" / path.name).write_text(small.replace("particles = 1_000_000", "particles = 100_000"))
    _spectrum(folder / "observed.csv")
    _spectrum(folder / "points.csv")
    _multipoles(folder / "sky.csv")
    _multipoles(folder / "table3.csv", unit=1e-4)
    _maps(folder)


def _spectrum(path: Path) -> None:
    """C_l of an isotropic sky: chi-squared about a power law."""
    l = np.arange(2, 31)
    scatter = np.random.default_rng(3).chisquare(2 * l + 1) / (2 * l + 1)
    table = np.column_stack([l, 2e-7 * (l / 2.0) ** -2.67 * scatter + 3e-10])
    np.savetxt(path, table, delimiter=",", header="l,C_l", comments="", fmt=["%d", "%.6e"])


def _multipoles(path: Path, unit: float = 1.0) -> None:
    """The shipped sky, as a table of the reader's own."""
    alm = hawc_icecube_2019().alm
    rows = [(l, m, alm[l, m].real / unit, alm[l, m].imag / unit) for l in range(1, 15) for m in range(1, l + 1)]
    np.savetxt(path, rows, delimiter=",", header="l,m,re,im", comments="", fmt=["%d", "%d", "%.6e", "%.6e"])


def _maps(folder: Path) -> None:
    """A sky of nside 16 with white noise, its mask and the deviation of its noise."""
    import healpy

    generator, nside = np.random.default_rng(5), 16
    pixels = 12 * nside**2
    l = np.arange(0, 3 * nside)
    spectrum = np.where(l > 0, 2e-7 * (np.maximum(l, 1) / 2.0) ** -2.67, 0.0)
    alm = [np.sqrt(c / (1 if m == 0 else 2)) * (generator.normal() + (1j * generator.normal() if m else 0))
           for m in range(3 * nside) for c in spectrum[m:]]  # fmt: skip
    noise = np.sqrt(3e-10 * pixels / (4 * np.pi))
    values = healpy.alm2map(np.array(alm), nside) + noise * generator.normal(size=pixels)
    declination = 90 - np.degrees(healpy.pix2ang(nside, np.arange(pixels))[0])
    mask, deviation = (np.abs(declination) < 60) * 1.0, np.full(pixels, noise)
    for name, one in {"sky.fits": values, "map.fits": values, "mask.fits": mask, "deviation.fits": deviation}.items():
        healpy.write_map(str(folder / name), one, dtype=np.float64, coord="C", overwrite=True)
