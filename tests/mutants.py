"""Mutants: small mistakes put into a copy of the code, each of which a named test must notice (`make test-mutants`).

A test that passes on a mutant looks away. Every entry says what is wrong with the mutant, where, and which test is to fail.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("sim", "theory", "analysis", "src", "tests", "configs", "pyproject.toml")


@dataclass(frozen=True)
class Mutant:
    """What is changed where, and the test that must fail."""

    wrong: str
    file: str
    old: str
    new: str
    test: str


MUTANTS = [
    Mutant(
        "a kept sky is that of the next realisation", "sim/run/samples.py",
        "self.engine.quadrature.sky(first + r,", "self.engine.quadrature.sky(first + r + 1,",
        "tests/sim/test_skies.py -k kept",
    ),
    Mutant(
        "a sky of sampled paths ignores their law", "sim/engine/estimators/quadrature.py",
        "interpolate_all(self.free_path.average(table), places", "interpolate_all(table, places",
        "tests/sim/test_skies.py -k kept",
    ),
    Mutant(
        "the mean-square map counts m != 0 twice", "sim/engine/sky.py",
        "square += np.einsum(\"li,lk,ki->i\"", "square += 2 * np.einsum(\"li,lk,ki->i\"",
        "tests/sim/test_skies.py -k mean_square",
    ),
    Mutant(
        "the mean sky lacks its unit", "sim/store/writer.py",
        "results |= {\"sky/mean\": unit * mean,", "results |= {\"sky/mean\": mean,",
        "tests/sim/test_skies.py -k mean_square",
    ),
    Mutant(
        "the mean square of a quadrature run is doubled", "sim/store/writer.py",
        "\"sky/mean_square\": unit**2 * mean_square}", "\"sky/mean_square\": 2 * unit**2 * mean_square}",
        "tests/sim/test_skies.py -k mean_square",
    ),
    Mutant(
        "shot noise: half of the cross term with the dipole", "sim/engine/estimators/quadrature.py",
        "mean_of(1, 2 * s * (ahead + behind))", "mean_of(1, s * (ahead + behind))",
        "tests/sim/test_shot_noise.py",
    ),
    Mutant(
        "particles: the diffuse dipole forgets the path", "sim/engine/kernels/particles.py",
        "+ dipole * t)", "+ dipole)",
        "tests/sim/test_shot_noise.py",
    ),
    Mutant(
        "a free path is not cut at the table's end", "sim/engine/kernels/free_path.py",
        "return min(reach, total / shape) if shape > 0 else 1.0", "return total / shape if shape > 0 else 1.0",
        "tests/sim/test_shot_noise.py -k path",
    ),
    Mutant(
        "the time for the last commit is added to SLURM's limit", "sim/run/time_limit.py",
        "limits.append(left - min(", "limits.append(left + min(",
        "tests/sim/test_time_limit.py",
    ),
    Mutant(
        "a coefficient of the arctangent is 3 % off", "sim/engine/kernels/elementary.py",
        "-0.01056826053314365,", "-0.01025,",
        "tests/sim/test_gaussian.py -k 'azimuth or arctangent'",
    ),
    Mutant(
        "the engine imports the analysis", "sim/engine/streams.py",
        "from enum import IntEnum\n", "from enum import IntEnum\n\nfrom fluxtube import analysis\n",
        "tests/test_architecture.py -k one_way",
    ),
    Mutant(
        "the far side of the flow is seen", "sim/engine/estimators/quadrature.py",
        "        mu = arrival[:, 2]\n", "        mu = -arrival[:, 2]\n",
        "tests/sim/test_sign.py -k along",
    ),
    Mutant(
        "a run may be 50 % off the paper's parameters", "analysis/paper/settings.py",
        "abs(value - needed) <= 1e-9 * abs(needed)", "abs(value - needed) <= 0.5 * abs(needed)",
        "tests/analysis/test_paper.py -k slightly_off",
    ),
    Mutant(
        "parts that hold the same checks are joined", "sim/store/merge.py",
        "(blocks or held[one][1] & held[other][1] or", "(blocks or",
        "tests/store/test_resume_and_merge.py -k same_checks",
    ),
    Mutant(
        "the digest of a state is not looked at", "sim/store/state_file.py",
        "if text(group.attrs[\"digest\"]) != digest.hexdigest():", "if digest.hexdigest() == \"\":",
        "tests/store/test_crafted_files.py -k damaged_state",
    ),
    Mutant(
        "half of the nodes that a band needs are let through", "sim/engine/flows/line.py",
        "        if nodes < needed:\n", "        if nodes < needed / 2:\n",
        "tests/sim/test_checks.py -k impossible",
    ),
    Mutant(
        "the mean-square sky counts degrees 2 l + 1 times", "analysis/validation/mean_square.py",
        "np.array([((-1.0) ** l)[:, None]", "np.array([((2 * l + 1) * (-1.0) ** l)[:, None]",
        "tests/analysis/test_mean_square.py -k 'equation_16 or flat'",
    ),
    Mutant(
        "the isotropic part answers with the wrong sign", "theory/kinetic_response.py",
        "table = self.along.direct(kappa, l_max) - ratio * average", "table = self.along.direct(kappa, l_max) + ratio * average",
        "tests/theory/test_kinetic.py",
    ),
    Mutant(
        "a path that depends on the pitch angle is not normalised by kappa", "theory/pitch_angle.py",
        "total = 3.0 * float(", "total = 2.0 * float(",
        "tests/theory/test_pitch_angle.py",
    ),
    Mutant(
        "rings: half of the power across a wave is lost", "sim/engine/flows/rings.py",
        "return power * self.beta[:, None] / 2,", "return power * self.beta[:, None] / 4,",
        "tests/sim/test_rings.py",
    ),
    Mutant(
        "a walk gains momentum with the wrong sign", "sim/engine/kernels/walks.py",
        "                change = mu - after\n", "                change = after - mu\n",
        "tests/sim/test_walks.py",
    ),
    Mutant(
        "the errors of a table are left out of the likelihood", "analysis/inference/likelihood.py",
        "point.noise * self.data.noise + self.data.reading", "point.noise * self.data.noise",
        "tests/inference/test_sky_likelihood.py",
    ),
    Mutant(
        "a forecast's noise forgets the sphere's area", "analysis/forecast/sky.py",
        "level = 4.0 * np.pi * self.observation.sky_fraction", "level = self.observation.sky_fraction",
        "tests/forecast/test_fisher.py",
    ),
    Mutant(
        "a p-value that is no number accepts", "analysis/validation/outcome.py",
        "(\"leaves_open\", self.decides)", "(\"leaves_open\", False)",
        "tests/analysis/test_undecided.py",
    ),
    Mutant(
        "the several tests of a verdict share no false-alarm rate", "analysis/validation/outcome.py",
        "return min(1.0, len(values) * min(values))", "return min(1.0, min(values))",
        "tests/analysis/test_false_alarm.py",
    ),
    Mutant(
        "a long realisation has blocks as large as a short one's", "sim/engine/engine.py",
        "return usual if usual * work <= WORK_A_BLOCK else", "return usual if usual * work <= 1e9 * WORK_A_BLOCK else",
        "tests/sim/test_block_size.py",
    ),
]  # fmt: skip


def apply(mutant: Mutant, folder: Path) -> None:
    """Put the mistake into the code in a folder.

    Raises
    ------
    ValueError
        There is not one place for it: the code has moved on.
    """
    place = folder / mutant.file
    text = place.read_text()
    if text.count(mutant.old) != 1:
        raise ValueError(f"{mutant.wrong}: {mutant.file} has {text.count(mutant.old)} places to change, not one")
    place.write_text(text.replace(mutant.old, mutant.new))


def killed(mutant: Mutant, folder: Path) -> bool:
    """Whether the named test fails on the mutant; it passes on the code as it is (that is what `make test` says)."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copyfile(source, target)
    apply(mutant, folder)
    words = shlex.split(mutant.test)
    environment = os.environ | {"PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *words],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise SystemExit(f"{mutant.wrong}: {mutant.test} could not be run\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 1


def main() -> int:
    """Try all mutants, or those whose description holds a word."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("word", nargs="?", default="", help="only mutants whose description holds this")
    word = parser.parse_args().word
    chosen = [mutant for mutant in MUTANTS if word in mutant.wrong]
    survivors = 0
    for mutant in chosen:
        with tempfile.TemporaryDirectory() as folder:
            dead = killed(mutant, Path(folder))
        survivors += not dead
        print(f"{'killed  ' if dead else 'SURVIVED'}  {mutant.wrong}  [{mutant.test}]", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} mutants were noticed")
    return int(survivors > 0 or not chosen)


if __name__ == "__main__":
    sys.exit(main())
