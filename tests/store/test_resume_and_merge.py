"""Parts that were extended still fit together; a checkpoint is not taken for what it is not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import fluxtube
from fluxtube.cli import main
from fluxtube.sim.run.assignment import part_of

sys.path.insert(0, str(Path(__file__).parents[1] / "mpi"))
from launching import results


def run(folder, output, *options, realisations=300, status=0):
    arguments = ["run", str(folder / "small.toml"), "-o", str(folder / output), "-q", *options]
    assert main([*arguments, "--set", f"ensemble.realisations={realisations}"]) == status


@pytest.mark.parametrize("count", [0, 1, 2, 5, 40, 1000, 12345])
@pytest.mark.parametrize("parts", [1, 2, 7, 100])
def test_parts_make_the_whole_and_keep_what_they_have(parts, count):
    spans = [part_of((i, parts), count) for i in range(1, parts + 1)]
    assert sorted(number for span in spans for number in span) == list(range(count))
    for span, longer in zip(spans, (part_of((i, parts), count + 777) for i in range(1, parts + 1)), strict=True):
        assert span - longer == span - span
        assert (longer & part_of((1, 1), count)) == span
    lengths = [len(span) for span in spans]
    assert max(lengths) - min(lengths) <= max(1, max(lengths) / 16)
    assert len(spans[0].pairs) <= 16 + 16 * 10


def test_extended_parts_can_be_merged(folder, capfd):
    for realisations in (300, 1000):
        for i in (1, 2, 3):
            run(folder, f"p{i}.h5", "--part", f"{i}/3", "--resume", realisations=realisations)
    parts = [str(folder / f"p{i}.h5") for i in (2, 3, 1)]
    assert main(["merge", *parts, "-o", str(folder / "merged.h5")]) == 0
    run(folder, "once.h5", realisations=1000)
    assert results(folder / "merged.h5") == results(folder / "once.h5")
    run(folder, "p1.h5", "--part", "1/3", "--resume", realisations=1300)
    capfd.readouterr()
    assert main(["merge", *parts, "-o", str(folder / "other.h5")]) == 2
    assert "extend all parts" in capfd.readouterr().err


def test_parts_of_the_same_checks_are_refused(folder, capfd):
    """Parts 1/3 and 2/2 of two blocks and four checks: no block twice, yet one check is."""
    checks = ["--set", "check.realisations=4"]
    for i, n in ((1, 3), (2, 2)):
        run(folder, f"{i}of{n}.h5", "--part", f"{i}/{n}", *checks, realisations=128)
    blocks, checked = ([part_of(part, count) for part in ((1, 3), (2, 2))] for count in (2, 4))
    assert blocks[0]
    assert blocks[1]
    assert not blocks[0] & blocks[1]
    assert checked[0] & checked[1]
    assert main(["merge", str(folder / "1of3.h5"), str(folder / "2of2.h5"), "-o", str(folder / "both.h5")]) == 2
    assert "overlap" in capfd.readouterr().err
    assert not (folder / "both.h5").exists()


@pytest.mark.parametrize(("begun", "continued"), [("1/2", "2/2"), (None, "2/2"), ("2/2", None), ("1/2", "1/3")])
def test_a_checkpoint_of_another_part_is_refused_at_once(folder, capfd, begun, continued):
    run(folder, "x.h5", "--max-time", "0s", *(["--part", begun] if begun else []), status=85)
    content = (folder / "x.h5.checkpoint").read_bytes()
    run(folder, "x.h5", "--resume", *(["--part", continued] if continued else []), status=2)
    assert "part" in capfd.readouterr().err
    assert (folder / "x.h5.checkpoint").read_bytes() == content


def test_an_older_checkpoint_beside_a_finished_output(folder, capfd):
    run(folder, "x.h5", "--max-time", "0s", status=85)
    old = folder / "old"
    shutil.copy(folder / "x.h5.checkpoint", old)
    shutil.copy(folder / "run.h5", folder / "x.h5")
    run(folder, "x.h5", "--resume")
    assert not (folder / "x.h5.checkpoint").exists()  # it said "complete already", and put the place in order
    shutil.copy(old, folder / "x.h5.checkpoint")
    capfd.readouterr()
    longer = ["--resume", "--set", "ensemble.realisations=700"]
    assert main(["run", str(folder / "small.toml"), "-o", str(folder / "x.h5"), *longer]) == 0
    assert " 444 of them now" in capfd.readouterr().out  # 256 of the 300 are full blocks
    run(folder, "once.h5", realisations=700)
    assert results(folder / "x.h5") == results(folder / "once.h5")


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_checkpoint_beside_a_good_output(folder, capfd, damage):
    run(folder, "x.h5", "--resume")
    run(folder, "x.h5", "--resume", "--max-time", "0s", realisations=2000, status=85)
    content = bytearray((folder / "x.h5.checkpoint").read_bytes())
    if damage == "cut":
        del content[len(content) // 2 :]
    else:
        for place in range(len(content) // 3, len(content), 97):
            content[place] ^= 4
    (folder / "x.h5.checkpoint").write_bytes(content)
    capfd.readouterr()
    run(folder, "x.h5", "--resume", realisations=700)
    assert "continuing from" in capfd.readouterr().err
    run(folder, "once.h5", realisations=700)
    assert results(folder / "x.h5") == results(folder / "once.h5")


def test_a_looser_target_is_not_taken_for_the_same_run(folder, capfd):
    target = "ensemble.target_relative_error="
    few = ["--set", "ensemble.minimum_realisations=64", "--set"]
    run(folder, "x.h5", *few, target + "0.1", realisations=3000)
    for changed in ("0.2",):
        run(folder, "x.h5", "--resume", *few, target + changed, realisations=3000, status=2)
        assert "target" in capfd.readouterr().err
    run(folder, "x.h5", "--resume", *few, target + "0.08", realisations=3000)
    run(folder, "fresh.h5", *few, target + "0.08", realisations=3000)
    assert results(folder / "x.h5") == results(folder / "fresh.h5")
    run(folder, "run.h5", "--resume", *few, target + "0.2", realisations=3000, status=2)  # it had no target


def test_kinds_of_processors_are_kept_and_said(folder, capfd, monkeypatch):
    """Parts made where BLAS takes other kernels, a run continued on another kind: a warning, and both kinds in the file."""
    from fluxtube.sim.run import ensemble, state

    def on(kind):
        for module in (ensemble, state):
            monkeypatch.setattr(module, "arithmetic", lambda: kind)

    config, parts = str(folder / "small.toml"), [str(folder / f"part{i}.h5") for i in (1, 2)]
    for number, kind in ((1, "kind A"), (2, "kind B")):
        on(kind)
        assert main(["run", config, "-o", parts[number - 1], "-q", "--part", f"{number}/2"]) == 0
        assert "of different kinds" not in capfd.readouterr().err
    assert main(["merge", *parts, "-o", str(folder / "whole.h5"), "-q"]) == 0
    assert "of different kinds (kind A; kind B)" in capfd.readouterr().err
    assert fluxtube.load(folder / "whole.h5").provenance["arithmetic"] == "kind A; kind B"
    on("kind A")
    longer = ["--set", "ensemble.realisations=600", "-q", "--resume"]
    assert main(["run", config, "-o", str(folder / "whole.h5"), *longer]) == 0
    assert "of different kinds" in capfd.readouterr().err
    assert main(["run", config, "-o", str(folder / "one.h5"), *longer]) == 0  # the control: one kind, nothing to say
    assert "of different kinds" not in capfd.readouterr().err
    assert fluxtube.load(folder / "one.h5").provenance["arithmetic"] == "kind A"


def test_what_the_libraries_see_is_told(monkeypatch):
    """Other BLAS kernels, or another target of LLVM, are another kind."""
    command = [sys.executable, "-c", "from fluxtube.sim.run.arithmetic import arithmetic; print(arithmetic())"]
    seen = []
    for changes in ({}, {"NUMBA_CPU_NAME": "generic"}, {}):
        done = subprocess.run(command, env={**os.environ, **changes}, capture_output=True, text=True, timeout=120, check=True)
        seen.append(done.stdout)
    assert seen[0] == seen[2] != seen[1]
